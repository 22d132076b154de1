/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the service does about arrivals, once and to its end: for `podflattr send`, where no service runs.
 */
#pragma once

#include "config/app.h"
#include "queue/queue.h"

/**
 * Finds the items behind the arrivals that are due, asking feeds where that is needed, and submits them. Blocks; runs
 * the thread's default main context. The caller holds the sender's lock.
 *
 * @done: (out): FALSE when SIGINT or SIGTERM ended it early; what is left is due the next time
 *
 * Returns: FALSE with @error set when a store failed.
 */
gboolean pf_catch_up(const PfApp *app, PfQueue *queue, gboolean *done, GError **error);
