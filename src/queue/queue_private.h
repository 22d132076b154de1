/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the modules of the queue (queue*.c) share: its struct, and how rows become entries. Private to them.
 */
#pragma once

#include "queue/queue.h"

struct PfQueue {
    PfDatabase *database;
};

/** The columns of an entry, in the order in which pf_queue_read_row() expects them. */
#define PF_QUEUE_COLUMNS                                                                                               \
    "id, key, period, url, state, reason, attempts, own_faults, next_attempt, doubt, feed, guid, title, file, source," \
    " created, updated, thing_id, thing_link, thing_title, priority, counted, checked,"                                \
    " sent_as, enclosure, published"

/** Makes an entry of a row of PF_QUEUE_COLUMNS. Returns: (transfer full). */
PfEntry *pf_queue_read_row(sqlite3_stmt *row);

/** Adds a row to an entry's story. @now: seconds since the epoch. */
gboolean pf_queue_add_event(PfQueue *queue, gint64 entry, const char *what, PfEntryState state, const char *reason,
                            const char *answer, gint64 now, GError **error);

/**
 * Finds the entry that a draft would double, by the rule of pf_queue_add().
 *
 * @id: (out): 0 when there is none
 */
gboolean pf_queue_find_same(PfQueue *queue, const PfEntry *draft, gint64 *id, GError **error);

/** Hands a failure on. Returns whether there was none, so that functions can end with it. Consumes *@failure. */
gboolean pf_queue_finish(GError **failure, GError **error);
