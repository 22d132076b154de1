/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the match needs of the feed store: items by key (feed_key.h). Errors and threads as in feed_store.h.
 */
#pragma once

#include "feed/store.h"

/**
 * Adds the items that are filed under a key. They need not be what is looked for: a key is a checksum.
 *
 * @feed: only those of this feed, 0 for all
 * @most: how many are added at the most
 * @items: of gint64 * (id) to PfKnownItem *, which it owns; what is there already is not read again
 * @more: (out): whether there are more than @most
 */
gboolean pf_feed_lookup_key(PfFeedStore *store, gint64 key, gint64 feed, guint most, GHashTable *items, gboolean *more,
                            GError **error);
