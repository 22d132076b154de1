/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The database takes in what hooks have told: the files of hook_file.h. Whoever opens the queue does that first,
 * service or command; several may do it at once.
 */
#pragma once

#include "queue/hook_file.h"

/**
 * Takes such files into the queue as new arrivals, the earliest first, in one transaction, and removes them once that
 * is committed. A file that is damaged, or is none of ours, gets ".bad" added to its name and is in nobody's way.
 *
 * @most: how many files, at the most
 * @taken: (out): how many were taken; also set for PF_HOOK_FILE_ERROR_DAMAGED
 * @more: (out): whether there were more of them
 *
 * Returns: FALSE with a PF_HOOK_FILE_ERROR or, nothing having been taken, a PF_DATABASE_ERROR set. Not to be called
 * between pf_queue_begin() and pf_queue_end(). In the queue's thread.
 */
gboolean pf_hook_inbox_take(PfQueue *queue, const char *state_dir, guint most, guint *taken, gboolean *more,
                            GError **error);
