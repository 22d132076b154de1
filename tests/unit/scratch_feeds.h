/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A feed store in a scratch folder, and items made of few words, for the unit tests of what works on them. Every step
 * asserts that it worked.
 */
#pragma once

#include "feed/store.h"
#include <gio/gio.h>
#include <glib/gstdio.h>

typedef struct {
    char *folder;
    PfFeedStore *store;
} Scratch;

/** An item in few words; what is NULL is absent. */
typedef struct {
    const char *guid, *title, *enclosure, *link;
    const char *type;
    gint64 length;    /* 0: absent */
    const char *date; /* such as "2026-11-18T12:00:00Z" */
} ItemWords;

static inline void
scratch_open(Scratch *scratch)
{
    g_autoptr(GError) error = NULL;

    scratch->store = pf_feed_store_open(scratch->folder, 1000, &error);
    g_assert_no_error(error);
}

static inline void
scratch_close(Scratch *scratch)
{
    g_clear_pointer(&scratch->store, pf_feed_store_close);
}

static inline void
scratch_set_up(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    (void)data;
    scratch->folder = g_dir_make_tmp("podflattr-test-XXXXXX", &error);
    g_assert_no_error(error);
    scratch_open(scratch);
}

static inline void
scratch_tear_down(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GDir) folder = g_dir_open(scratch->folder, 0, NULL);
    const char *name;

    (void)data;
    scratch_close(scratch);
    while (folder && (name = g_dir_read_name(folder))) {
        g_autofree char *path = g_build_filename(scratch->folder, name, NULL);
        g_remove(path);
    }
    g_rmdir(scratch->folder);
    g_free(scratch->folder);
}

static inline PfKnownItem *
make_item(const ItemWords *words)
{
    PfKnownItem *known = pf_known_item_new();
    g_autoptr(GDateTime) date = words->date ? g_date_time_new_from_iso8601(words->date, NULL) : NULL;

    known->item->guid = g_strdup(words->guid);
    known->item->title = g_strdup(words->title);
    known->item->link = g_strdup(words->link);
    known->item->has_published = date != NULL;
    known->item->published = date ? g_date_time_to_unix(date) : 0;
    if (words->enclosure)
        g_ptr_array_add(known->item->enclosures,
                        pf_enclosure_new_take(g_strdup(words->enclosure), g_strdup(words->type),
                                              words->length ? words->length : -1));
    known->payments = g_strdup_printf("pay for %s", words->guid ? words->guid : "?");
    return known;
}

static inline gint64
scratch_add(Scratch *scratch, const char *url, PfFeedOrigin origin)
{
    g_autoptr(GError) error = NULL;
    gint64 id = pf_feed_store_add(scratch->store, url, origin, 100, &error);

    g_assert_no_error(error);
    g_assert_cmpint(id, >, 0);
    return id;
}

static inline void
scratch_put(Scratch *scratch, gint64 feed, const char *feed_title, const ItemWords *words, gsize count, gint64 now)
{
    g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func((GDestroyNotify)pf_known_item_free);
    g_autoptr(GError) error = NULL;

    for (gsize i = 0; i < count; i++)
        g_ptr_array_add(items, make_item(words + i));
    pf_feed_store_put_items(scratch->store, feed, feed_title, items, now, &error);
    g_assert_no_error(error);
}

static inline PfKnownFeed *
scratch_read(Scratch *scratch, gint64 id)
{
    g_autoptr(GError) error = NULL;
    PfKnownFeed *feed = NULL;

    pf_feed_store_read(scratch->store, id, &feed, &error);
    g_assert_no_error(error);
    return feed;
}
