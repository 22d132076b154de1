/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "commands/command.h"

/*
 * Sends what is due and reports the outcome: the body of `send`, which `scan --send` uses too.
 */

/** How to go about it. */
typedef struct {
    gboolean now;  /* probe at once where the gate waits for a time (not for the user) */
    gboolean wait; /* stay until nothing waits for a time */
} PfSendOptions;

/**
 * Sends until nothing is due or the gate is shut, and prints a line for each entry. SIGINT and SIGTERM end it in order.
 *
 * Returns: FALSE with an error set when entries are left: a PF_EXIT_STATUS without a message, since why they wait has
 * been said, of status 75, or 77 when they wait for a login; or when the queue failed.
 */
gboolean pf_send_run(PfApp *app, PfQueue *queue, PfSendOptions options, GError **error);
