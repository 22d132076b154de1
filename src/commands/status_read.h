/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `podflattr status` tells, read from the store and from what the service says of itself.
 */
#pragma once

#include "commands/command.h"
#include "daemon/daemon_state.h"
#include <jansson.h>

/** Times are seconds since the epoch. */
typedef struct {
    gint64 sender;         /* process that holds the sender's lock, or 0 */
    PfDaemonState *daemon; /* the service; NULL when none runs */
    PfGate gate;
    gint64 next; /* when something is sent next; 0: nothing waits for a time */
    gint64 counts[PF_ENTRY_STATES];
    gint64 unmatched; /* files without an episode */
    gint64 refused;   /* those of them that are no media */
    PfRateLimit limit;
    gint64 feeds;      /* that are known */
    GPtrArray *faults; /* of char *: what is wrong with each feed that fails */
} PfStatus;

/** Reads it all. @status: (out): free with pf_status_clear(). Returns FALSE with @error set when the store fails. */
gboolean pf_status_read(const PfApp *app, PfStatus *status, GError **error);
void pf_status_clear(PfStatus *status);

/** Returns: (transfer full): the object of `status --format=json`. */
json_t *pf_status_to_json(const PfStatus *status);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PfStatus, pf_status_clear)
