/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The database takes in what hooks have told: the files of hook_file.h. Whoever opens the queue does that first,
 * service or command; several may do it at once. One thread.
 */
#pragma once

#include "queue/spool.h"

/** The files that were there when they were listed, the earliest first. */
typedef struct PfHookInbox PfHookInbox;

/**
 * Lists what hooks have told. Files that hooks, killed as they wrote, left unfinished a day ago are removed.
 *
 * Returns: (transfer full): the list, maybe empty; NULL with a PF_HOOK_FILE_ERROR set.
 */
PfHookInbox *pf_hook_inbox_open(const char *state_dir, GError **error);
void pf_hook_inbox_free(PfHookInbox *inbox);

/** Whether the list is at its end. */
gboolean pf_hook_inbox_is_done(const PfHookInbox *inbox);

/**
 * Takes the next files of the list into the queue as new arrivals, in one transaction, and removes them once that is
 * committed. What is no file of a hook's gets ".bad" added to its name and is in nobody's way; what cannot be read or
 * removed now stays. Both are logged.
 *
 * @most: how many files, at the most
 * @taken: (out): how many were taken
 * @left: (out): whether one stays, for another try later
 *
 * Returns: FALSE with a PF_DATABASE_ERROR set, nothing having been taken: then the list is where it was. Not to be
 * called between pf_queue_begin() and pf_queue_end().
 */
gboolean pf_hook_inbox_take(PfHookInbox *inbox, PfQueue *queue, guint most, guint *taken, gboolean *left,
                            GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfHookInbox, pf_hook_inbox_free)
