/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks at the queue's database without changing it, not even its schema: is the file sound, do its records belong
 * together, are the counts right? Reads the whole file.
 */
#pragma once

#include "base/database.h"

/** So many complaints of SQLite are kept; more say nothing more. */
#define PF_QUEUE_CHECK_MAX_DAMAGES 10

typedef struct {
    gboolean exists;     /* FALSE: there is no database yet, which is no fault */
    GPtrArray *damages;  /* of char *: what SQLite complains of; empty when the file is sound */
    gboolean miscounted; /* the kept counts are not what counting gives */
    gint64 entries;
    gint64 unknown; /* entries held since nobody knows whether they were paid */
    gint64 newest;  /* when an entry last changed, seconds since the epoch; 0 for never */
} PfQueueHealth;

/**
 * Checks the database of a state folder.
 *
 * @busy_ms: how long to wait for other programs, milliseconds
 *
 * Returns: (transfer full): how it is. A damaged file is a finding, no error; NULL with a PF_DATABASE_ERROR set when it
 * cannot be looked at. Any thread.
 */
PfQueueHealth *pf_queue_check(const char *state_dir, int busy_ms, GError **error);
void pf_queue_health_free(PfQueueHealth *health);

/** Counts the entries anew. For a sound database whose counts are wrong. Errors are PF_DATABASE_ERRORs. */
gboolean pf_queue_recount(const char *state_dir, int busy_ms, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfQueueHealth, pf_queue_health_free)
