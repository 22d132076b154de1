/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One look at a known feed: what it says goes to the store while it comes in, and how the look went decides when there
 * is another. The main thread's, as the store is.
 */
#pragma once

#include "feed/fetch.h"
#include "feed/store.h"

typedef struct {
    PfFeedStore *feeds;
    PfKnownFeed *feed;
    GPtrArray *items; /* of PfKnownItem, not yet written */
    guint taken;      /* items that came, written or not */
    char *version;    /* of a feed file: what it looked like; NULL for others */
    gpointer data;    /* the caller's */
} PfVisit;

/** @feeds: must outlive it. @feed_taken: (transfer full). Returns: (transfer full). */
PfVisit *pf_visit_new(PfFeedStore *feeds, PfKnownFeed *feed_taken, gpointer data);
void pf_visit_free(PfVisit *visit);

/** Takes an item; some are written together. A PfItemFunc: @visit is a PfVisit. */
gboolean pf_visit_take_item(const PfFeed *feed, PfItem *item, gpointer visit, GError **error);

/** Writes the items that came last. Returns: FALSE with a PF_DATABASE_ERROR set. */
gboolean pf_visit_write_items(PfVisit *visit, const PfFeed *feed, GError **error);

/**
 * Looks whether the answer is what was asked for: a page or a list in the place of what was a feed makes @reply one of
 * a failure. It may be a hotel's, and its payment link the hotel's.
 *
 * @reply: of PF_FEED_FETCHED
 *
 * Returns: FALSE with a PF_DATABASE_ERROR set.
 */
gboolean pf_visit_judge(PfVisit *visit, PfFeedReply *reply, GError **error);

/**
 * Takes what a feed that was read to its end says of itself, and its last items; of a list of feeds, what it names.
 *
 * @reply: its etag and last_modified are taken out of it; a file's version becomes its etag
 *
 * Returns: FALSE with a PF_DATABASE_ERROR set.
 */
gboolean pf_visit_take_channel(PfVisit *visit, PfFeedReply *reply, GError **error);

/**
 * Notes in the feed how it went, and when it is due again; nothing is written.
 *
 * @reply: its moved_to is taken out of it
 * @interval: seconds between two looks, @now: seconds since the epoch
 */
void pf_visit_note_outcome(PfVisit *visit, PfFeedReply *reply, gint64 interval, gint64 now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfVisit, pf_visit_free)
