/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the feed store share: feed_store.c (the file), feed_store_feeds.c, feed_store_items.c. */
#pragma once

#include "feed/store.h"

struct PfFeedStore {
    PfDatabase *database;
    char *path;
    gboolean damaged; /* to be set aside when it is closed */
};

/** An item's id is its feed's shifted by so many bits, and a number within the feed. */
#define PF_FEED_STORE_SHIFT 32

/** Ends a function: moves @failure to @error, and remembers damage. Returns whether there was no failure. */
gboolean pf_feed_store_finish(PfFeedStore *store, GError **failure, GError **error);

/** Ends a transaction that was begun, as pf_database_end(), and a function, as pf_feed_store_finish(). */
gboolean pf_feed_store_end(PfFeedStore *store, GError **failure, GError **error);

/** Removes a feed's items that were not seen since @keep_since (G_MAXINT64: all), within the caller's transaction. */
gboolean pf_feed_store_forget_items(PfFeedStore *store, gint64 feed, gint64 keep_since, GError **error);

/** The key that a feed of this title is found under by its folder; 0 for none. */
gint64 pf_feed_store_folder_key(const char *title);
