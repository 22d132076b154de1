/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takes entries over from another queue without doubling any.
 *
 * What is here already (by the rule of pf_queue_add()) stays as it is, unless the other queue got further with it. From
 * the least to the most: waiting (held or queued), owed, perhaps paid (sending, or waiting with a doubt), failed,
 * dropped, owned, flattred. So a flattr that was paid anywhere is paid, a decision against one is kept, what is held
 * here stays held, and no doubt is forgotten. An entry that is on its way from here at this moment is left to its
 * answer.
 */
#pragma once

#include "queue/queue.h"

typedef enum {
    PF_IMPORT_ADDED,    /* is new here */
    PF_IMPORT_ADVANCED, /* was here, and the other queue had got further */
    PF_IMPORT_KEPT,     /* was here, and stays as it was */
    PF_IMPORT_RESULTS,  /* how many there are */
    PF_IMPORT_FAILED,   /* none of these: there was an error */
} PfImportResult;

/**
 * Takes one entry over, in a transaction. An entry that was `sending` in the
 * other queue is queued with its doubt noted: it may have been paid there.
 *
 * @entry: all but its id and its month (see pf_settled_entry_import()) is taken; key, url and a state are needed; its
 * id becomes the one that it has here
 * @history: of PfEvent *; becomes the entry's, followed by an event "imported"
 * @now: seconds since the epoch
 *
 * Returns: what became of it; PF_IMPORT_FAILED with a PF_DATABASE_ERROR set. In the queue's thread.
 */
PfImportResult pf_queue_import(PfQueue *queue, PfEntry *entry, const GPtrArray *history, gint64 now, GError **error);

/** How far an entry has got: the higher wins. Pure; any thread. */
int pf_queue_import_rank(const PfEntry *entry);
