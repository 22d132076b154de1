/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "commands/command.h"

/*
 * Sends what is due and tells how it went: the body of `send`, which `scan --send` uses too.
 */

/** How to go about it. */
typedef struct {
    gboolean now;  /* probe at once where the gate waits for a time (not for the user) */
    gboolean wait; /* stay until nothing waits for a time */
} PfSendOptions;

/**
 * Sends until nothing is due or the gate is shut, and prints a line for each entry. SIGINT and SIGTERM end it in order.
 *
 * Returns: the exit status: 0 when no entry is left waiting, 75 when some wait, 77 when they wait for a login; with
 * @error set when the queue itself failed.
 */
int pf_send_run(PfApp *app, PfQueue *queue, PfSendOptions options, GError **error);
