/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The feeds that are known, with their items, in a database of its own (feeds.db). It is a cache: what is in it can be
 * fetched again, so a file of another version or a damaged one is set aside and a new one made. Apart from the queue so
 * that a big feed being written never keeps those waiting who work on that.
 *
 * Errors are PF_DATABASE_ERRORs. One thread per PfFeedStore. Functions that write do so in a transaction of their own.
 */
#pragma once

#include "base/database.h"
#include "feed/item.h"
#include "feed/show.h"

typedef struct PfFeedStore PfFeedStore;

/**
 * Opens the store, making it when missing. A file of another version, or a damaged one, is renamed to feeds.db.old
 * (replacing an earlier one) and a new one begun, with a message. Damage that shows only later is an error
 * (PF_DATABASE_ERROR_CORRUPT), and the file is set aside when the store is closed.
 *
 * @state_dir: is made when missing
 * @busy_ms: how long a call waits for another program, milliseconds
 *
 * Returns: (transfer full); NULL with @error set.
 */
PfFeedStore *pf_feed_store_open(const char *state_dir, int busy_ms, GError **error);

/** Opens the store if there is one, for reading: where nothing can be written, a copy of it in memory. This process
 * must have no other store open there. Returns: (transfer full): NULL when there is none, or with @error set. */
PfFeedStore *pf_feed_store_open_existing(const char *state_dir, int busy_ms, GError **error);
void pf_feed_store_close(PfFeedStore *store);

/** Gives memory back that a quiet service does not need; see pf_database_shrink(). */
gboolean pf_feed_store_shrink(PfFeedStore *store);

/** Adds a feed that is due at @next, unless it is known (by url or address). A feed that a hook or a list named and the
 * configuration now names becomes a subscription. Returns: its id; 0 with @error set. */
gint64 pf_feed_store_add(PfFeedStore *store, const char *url, PfFeedOrigin origin, gint64 next, GError **error);

/** Removes subscriptions whose url and address are both not in @urls (of char *), with their items. */
gboolean pf_feed_store_keep(PfFeedStore *store, const GPtrArray *urls, GError **error);

/** @feed: (out) (transfer full): by url or address; NULL when not known. */
gboolean pf_feed_store_find(PfFeedStore *store, const char *url, PfKnownFeed **feed, GError **error);
gboolean pf_feed_store_read(PfFeedStore *store, gint64 id, PfKnownFeed **feed, GError **error);

/** Which of some feeds are wanted. */
typedef struct {
    guint most; /* so many of them */
    /* Whether this is one; must not call the store. Is asked in order, and not again when it has wanted @most. */
    gboolean (*wants)(gint64 id, const char *address, gpointer data);
    gpointer data;
} PfKnownFeedChoice;

/** Feeds due at @now, the longest first, of those that are wanted. Returns: (transfer full): of PfKnownFeed *. */
GPtrArray *pf_feed_store_list_due(PfFeedStore *store, gint64 now, PfKnownFeedChoice choice, GError **error);

/** When the next feed is due; G_MAXINT64 when none ever is. */
gboolean pf_feed_store_read_next_due(PfFeedStore *store, gint64 *due, GError **error);

/** Feeds that may hold a file: those whose title, made a folder name by any podcatcher's rules, is the name of the
 * file's folder; else of the nearest of those above it: some podcatchers make folders of the "/" in a title. Empty when
 * none.
 * @root: a folder whose own name, and those above it, are no feed's; NULL for none: then only the one above is asked.
 * Returns: (transfer full): of PfKnownFeed *. */
GPtrArray *pf_feed_store_list_for_path(PfFeedStore *store, const char *path, const char *root, GError **error);

/** Which feeds are to be asked out of turn. */
typedef struct {
    const GArray *ids; /* of gint64; NULL for all */
    gint64 since;      /* a feed that was asked since then has answered, seconds since the epoch */
    gint64 most;       /* what was made due so often on that day (UTC), before its time had come, is left to its time */
    gint64 now;        /* seconds since the epoch */
} PfFeedsWanted;

/** Makes feeds due that were not tried since then, are not gone, and whose server has not asked to wait longer than now
 * (a day at the most: the clock may have been ahead). One that is being read stays due if it was asked before. One that
 * is named may be gone, if it was not tried for a day.
 * @count: (out): how many of them are due now, by this or already. */
gboolean pf_feed_store_make_due(PfFeedStore *store, const PfFeedsWanted *wanted, guint *count, GError **error);

/** Makes feeds due now whose first page was asked since then and that have further pages to be read; only of feeds that
 * are named. @count: (out): how many of them are due now. */
gboolean pf_feed_store_make_pages_due(PfFeedStore *store, const PfFeedsWanted *wanted, guint *count, GError **error);

/** Corrects the times of feeds that were asked later than @now, as the clock said then: they are due. */
gboolean pf_feed_store_bound_times(PfFeedStore *store, gint64 now, GError **error);

/** Whether there are feeds that pf_feed_store_make_due() would ask, however often it has. @any: (out). */
gboolean pf_feed_store_has_unasked(PfFeedStore *store, const PfFeedsWanted *wanted, gboolean *any, GError **error);

/**
 * Writes a batch of a feed's items: new ones are added, known ones (by guid, else by first enclosure, else by link and
 * title) replaced. A feed that was removed meanwhile takes none.
 *
 * @feed_title: becomes the feed's title if that has none, so that items can be found by their folder before the whole
 * feed is read; may be NULL
 * @items: of PfKnownItem *, feed may be NULL in them; their id is set
 * @now: becomes the items' "seen"
 */
gboolean pf_feed_store_put_items(PfFeedStore *store, gint64 feed, const char *feed_title, const GPtrArray *items,
                                 gint64 now, GError **error);

/** Says whether anything is known of what a feed lists. @any: (out). */
gboolean pf_feed_store_has_items(PfFeedStore *store, gint64 feed, gboolean *any, GError **error);

/**
 * Writes back all of a feed but id, url and origin, and forgets its items not seen since @keep_since (0: none).
 *
 * @asked: when what it answered was asked for, seconds since the epoch: a feed that pf_feed_store_make_due() wants to
 * be asked since a later time stays due, unless it is gone or wants to be left alone (not_before); G_MAXINT64 for what
 * no answer led to
 */
gboolean pf_feed_store_put_feed(PfFeedStore *store, const PfKnownFeed *feed, gint64 asked, gint64 keep_since,
                                GError **error);

/*
 * What feeds say of their shows: of each that was ever read to its end. It goes when the feed is forgotten.
 */

/** Writes it; its strings and lists are copied. A feed that was removed meanwhile takes none. */
gboolean pf_feed_store_put_show(PfFeedStore *store, gint64 feed, const PfFeed *said, GError **error);

/** Returns: (transfer full): of PfShow *, by the time when their feeds became known; NULL with @error set. */
GPtrArray *pf_feed_store_list_shows(PfFeedStore *store, GError **error);

/**
 * Adds the ways to pay that an episode has of its own.
 *
 * @feed: its feed, as PfKnownFeed.url
 * @show: whose funding and values they are added to
 *
 * Returns: FALSE with @error set. An episode that is not known has none.
 */
gboolean pf_feed_store_add_item_ways(PfFeedStore *store, const char *feed, const char *guid, PfShow *show,
                                     GError **error);

/** How many feeds are known, and how many of them failed at their last try. */
gboolean pf_feed_store_count(PfFeedStore *store, gint64 *known, gint64 *failing, GError **error);

/** How many feeds are known from there. */
gboolean pf_feed_store_count_origin(PfFeedStore *store, PfFeedOrigin origin, gint64 *count, GError **error);

/** Calls @each for every known feed, by url, until it returns FALSE. */
typedef gboolean (*PfKnownFeedFunc)(const PfKnownFeed *feed, gpointer data);
gboolean pf_feed_store_each(PfFeedStore *store, PfKnownFeedFunc each, gpointer data, GError **error);

/*
 * Looking items up for a match, by key (item_identity.h).
 */

/** Items that look-ups have found. */
typedef struct {
    GHashTable *items; /* of gint64 * (id) to PfKnownItem *, which it owns; what is there already is not read again */
    guint most;        /* how many a look-up adds at the most */
    gboolean more;     /* whether the last look-up would have found more */
} PfFeedItems;

/**
 * Adds the items that are filed under a key. They need not be what is looked for: a key is a checksum.
 *
 * @feed: only those of this feed, 0 for all
 */
gboolean pf_feed_lookup_key(PfFeedStore *store, gint64 key, gint64 feed, PfFeedItems *found, GError **error);

/** What a file shows of the item that it is. */
typedef struct {
    gint64 size;     /* bytes; 0 or less when not known */
    gint64 from, to; /* when it was published, seconds since the epoch, @to not included; the same when not known */
} PfFileMeasure;

/** Adds a feed's items that have an enclosure of the size, or are from the time. Reads all the feed's items. */
gboolean pf_feed_lookup_measured(PfFeedStore *store, gint64 feed, const PfFileMeasure *file, PfFeedItems *found,
                                 GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfFeedStore, pf_feed_store_close)
