/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What several arrivals of one path have to do with each other. A podcatcher and the watcher may report one download,
 * each of what it knows; a tagger may rewrite a file; and a podcatcher may give the next episode the same name
 * ("latest.mp3"). Taking the first two for the last pays an episode twice; taking the last for one of the first two
 * loses a flattr without a word.
 *
 * Whether two items are one episode is another question, which base/episode.h answers: here are words that tellers said
 * of one path, of which any may be missing, and no payee.
 *
 * Errors are PF_DATABASE_ERRORs. As with PfQueue: what writes is called in a transaction;
 * one thread.
 */
#pragma once

#include "feed/store.h"
#include "queue/arrival.h"

/**
 * Whether an arrival means the same as one of the same path that was matched. Pure.
 *
 * When both were told of the same bytes (size and ctime), it does unless its words say otherwise: it names another
 * feed, enclosure, GUID or title than the teller of the matched one and its item. When nobody knows which file it was
 * told of, because that was not there, it does if it was told of no later and each of its words is one of those. Of
 * other bytes it does not: it is judged for itself, and shown if nothing is found. What was refused was no episode: the
 * file that it was to be has come.
 *
 * @item: what @matched is; NULL when only its payment link is known
 */
gboolean pf_duplicates_is_same(const PfArrival *arrival, const PfArrival *matched, const PfKnownItem *item);

/** Settles the other arrivals of a matched one's path that mean the same, with its entry. */
gboolean pf_duplicates_settle(PfQueue *queue, const PfArrival *matched, const PfKnownItem *item, GError **error);

/**
 * Notes which file an arrival is, and finds what was paid for it under another name, to which it is linked still. An
 * arrival whose teller says what it is needs no such guess. Looks at files, so not to be called in a transaction.
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
