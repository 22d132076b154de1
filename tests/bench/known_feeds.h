/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Known feeds for measurements: feed F is "Cast number F"; its item N has an enclosure of basename castF-episodeN.mp3
 * and an auto-submit link to https://podcastF.example/N.
 */
#pragma once

#include "feed/store.h"

static inline PfKnownItem *
known_feeds_make_item(guint feed, guint number)
{
    PfKnownItem *known = pf_known_item_new();
    PfItem *item = known->item;

    item->guid = g_strdup_printf("https://podcast%u.example/episodes/%u", feed, number);
    item->link = g_strdup(item->guid);
    item->title = g_strdup_printf("Episode %u: how cast %u came to be", number, feed);
    item->has_published = TRUE;
    item->published = 1700000000 + (gint64)feed * 60 + (gint64)number * 86400; /* each feed at its time of day */
    g_ptr_array_add(
        item->enclosures,
        pf_enclosure_new_take(g_strdup_printf("https://media.podcast%u.example/%u/cast%u-episode%u.mp3?src=rss", feed,
                                              number, feed, number),
                              g_strdup("audio/mpeg"), 40000000 + number));
    known->payments =
        g_strdup_printf("[{\"url\":\"https://flattr.com/submit/auto?url=https%%3A%%2F%%2Fpodcast%u.example"
                        "%%2F%u&user_id=ann\",\"from\":\"link\"}]",
                        feed, number);
    return known;
}

/* Returns: the feed's id; 0 with @error set. */
static inline gint64
known_feeds_write(PfFeedStore *store, guint feed, guint count, GError **error)
{
    g_autofree char *url = g_strdup_printf("https://podcast%u.example/feed.xml", feed);
    g_autofree char *title = g_strdup_printf("Cast number %u", feed);
    g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func((GDestroyNotify)pf_known_item_free);

    for (guint i = 0; i < count; i++)
        g_ptr_array_add(items, known_feeds_make_item(feed, i));
    gint64 id = pf_feed_store_add(store, url, PF_FEED_ORIGIN_HOOK, G_MAXINT64, error);
    return id && pf_feed_store_put_items(store, id, title, items, 1, error) ? id : 0;
}
