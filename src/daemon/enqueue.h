/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lets an arrival into the queue once it is known which item is behind it, and writes down what became of it.
 */
#pragma once

#include "daemon/classify.h"
#include "feed/store.h"
#include "queue/arrival.h"
#include "queue/submit.h"

/*
 * What several arrivals of one path have to do with each other. A podcatcher and the watcher may report one download,
 * each of what it knows; a tagger may rewrite a file; and a podcatcher may give the next episode the same name
 * ("latest.mp3"). Taking the first two for the last pays an episode twice; taking the last for one of the first two
 * loses a flattr without a word.
 *
 * Whether two items are one episode is another question, which base/episode.h answers: here are details that were
 * reported of one path, of which any may be missing, and no payee.
 *
 * Errors are PF_DATABASE_ERRORs. As with PfQueue: what writes is called in a transaction;
 * one thread.
 */

/**
 * Whether an arrival means the same as one of the same path that was matched. Pure.
 *
 * When both are about the same bytes (size and ctime), it does unless its details differ: it names another feed,
 * enclosure, GUID or title than the report of the matched one and its item. When it is not known which file it was
 * about, because that was not there, it does if it was reported no later and each of its details is one of those. When
 * it is about other bytes it does not: it is decided for itself, and shown if nothing is found. What was refused was no
 * episode: the file that was meant has come since.
 *
 * @item: what @matched is; NULL when only its payment link is known
 */
gboolean pf_duplicates_is_same(const PfArrival *arrival, const PfArrival *matched, const PfKnownItem *item);

/** Settles the other arrivals of a matched one's path that mean the same, with its entry. */
gboolean pf_duplicates_settle(PfQueue *queue, const PfArrival *matched, const PfKnownItem *item, GError **error);

/**
 * Notes which file an arrival is, and finds what was paid for it under another name, to which it is linked still. An
 * arrival whose report says what it is needs no such guess. Looks at files, so not to be called in a transaction.
 *
 * @arrival: its device and inode are set
 * @entry: (out): what was paid; 0 when there is no such
 */
gboolean pf_duplicates_find_link(PfQueue *queue, PfArrival *arrival, gint64 *entry, GError **error);

/**
 * Finds what was paid for a file by the podcatcher's own payment link before it was rewritten: the feed, which could
 * not be asked then, may name another link. It is so when the arrival has no words of its own, and what the podcatcher
 * said of the file that was at its path last does not speak against the item.
 *
 * @item: what the arrival was found to be
 * @entry: (out): what was paid; 0 when there is no such
 */
gboolean pf_duplicates_find_paid(PfQueue *queue, const PfArrival *arrival, const PfKnownItem *item, gint64 *entry,
                                 GError **error);

/**
 * Submits what an arrival was matched with, if it is to be paid, and writes the classification into the arrival and the
 * store. To be called in a transaction: entry and arrival change together or not at all.
 *
 * @now: seconds since the epoch
 * @submitted: (out): what became of it; all zero when nothing was submitted
 */
gboolean pf_enqueue_arrival(PfQueue *queue, const PfConfig *config, PfArrival *arrival,
                            const PfClassification *classification, gint64 now, PfSubmitted *submitted, GError **error);

/** What is submitted. All lent. */
typedef struct {
    const PfArrival *arrival;
    PfSource source;         /* who says so: the arrival's, or PF_SOURCE_ADD when the user has named the item */
    const PfKnownItem *item; /* NULL for the payment link that came with the arrival */
    gint64 now;              /* seconds since the epoch */
} PfEnqueueing;

/**
 * Submits an item for an arrival. To be called in a transaction.
 *
 * @submitted: (out): what became of it
 */
gboolean pf_enqueue_item(PfQueue *queue, const PfConfig *config, const PfEnqueueing *what, PfSubmitted *submitted,
                         GError **error);

/**
 * Notes that the folder of an arrival, unless it is a watched one itself, has files of the item's show; nothing without
 * an item. To be called in a transaction.
 *
 * @files: how many, see pf_arrival_note_folder()
 */
gboolean pf_enqueue_note_folder(PfQueue *queue, const PfConfig *config, const PfEnqueueing *what, gint64 files,
                                GError **error);
