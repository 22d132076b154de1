/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/find.h"

#include "base/url.h"
#include "feed/item_identity.h"
#include "feed/match.h"

/* How many items under one key are looked at: in all feeds, and in one. What more have in common tells none of them. */
#define MOST_OF_ALL 50
#define MOST_OF_FEED 200

static GHashTable *
new_items(void)
{
    return g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, (GDestroyNotify)pf_known_item_free);
}

/* Looks keys up in these feeds alone. @more is only ever set. */
static gboolean
look_up_in_feeds(PfFeedStore *store, gint64 key, const GArray *feeds, GHashTable *items, gboolean *more, GError **error)
{
    for (guint i = 0; i < feeds->len; i++) {
        gboolean more_here;
        if (!pf_feed_lookup_key(store, key, g_array_index(feeds, gint64, i), MOST_OF_FEED, items, &more_here, error))
            return FALSE;
        *more = *more || more_here;
    }
    return TRUE;
}

/* Identifiers count in every feed, and first in those that are known to be meant. */
static gboolean
look_up_identifiers(PfFeedStore *store, const GArray *keys, const GArray *feeds, GHashTable *items, gboolean *more,
                    GError **error)
{
    for (guint i = 0; i < keys->len; i++) {
        gint64 key = g_array_index(keys, gint64, i);
        gboolean more_of_all = FALSE;

        if (!pf_feed_lookup_key(store, key, 0, MOST_OF_ALL, items, &more_of_all, error))
            return FALSE;
        if (more_of_all && !look_up_in_feeds(store, key, feeds, items, more, error))
            return FALSE;
        *more = *more || (more_of_all && feeds->len == 0);
    }
    return TRUE;
}

static gboolean
look_up_names(PfFeedStore *store, const GArray *keys, const GArray *feeds, GHashTable *items, gboolean *more,
              GError **error)
{
    for (guint i = 0; i < keys->len; i++) {
        gint64 key = g_array_index(keys, gint64, i);
        gboolean more_of_all = FALSE;

        if (feeds->len > 0 ? !look_up_in_feeds(store, key, feeds, items, more, error)
                           : !pf_feed_lookup_key(store, key, 0, MOST_OF_ALL, items, &more_of_all, error))
            return FALSE;
        *more = *more || more_of_all;
    }
    return TRUE;
}

/* Returns: (transfer full): of gint64, the feeds that the hook or else the folder names; NULL with @error set. */
static GArray *
list_feeds(PfFeedStore *store, const PfFileClues *clues, GArray *of_folder, GError **error)
{
    g_autoptr(GArray) feeds = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_autoptr(PfKnownFeed) named = NULL;

    if (clues->feed && !pf_feed_store_find(store, clues->feed, &named, error))
        return NULL;
    if (named) {
        g_array_append_val(feeds, named->id);
    } else if (!clues->feed) {
        g_array_append_vals(feeds, of_folder->data, of_folder->len);
    }
    return g_steal_pointer(&feeds);
}

/* Returns: (transfer full): of gint64; NULL with @error set. */
static GArray *
list_folder_feeds(PfFeedStore *store, const PfFileClues *clues, GError **error)
{
    g_autoptr(GPtrArray) known = pf_feed_store_list_for_path(store, clues->path, clues->root, error);
    GArray *feeds = known ? g_array_new(FALSE, FALSE, sizeof(gint64)) : NULL;

    for (guint i = 0; known && i < known->len; i++)
        g_array_append_val(feeds, ((const PfKnownFeed *)known->pdata[i])->id);
    return feeds;
}

/* Looks up everything that @match asks for. */
static gboolean
look_up(PfFeedStore *store, PfMatch *match, const GArray *feeds, GHashTable *items, GError **error)
{
    g_autoptr(GArray) identifiers = NULL;
    g_autoptr(GArray) names = NULL;
    g_autoptr(GArray) parts = NULL;
    gboolean more_identifiers = FALSE, more_names = FALSE, more_parts = FALSE;

    pf_match_list_keys(match, &identifiers, &names, &parts);
    if (!look_up_identifiers(store, identifiers, feeds, items, &more_identifiers, error) ||
        !look_up_names(store, names, feeds, items, &more_names, error) ||
        !look_up_names(store, parts, feeds, items, &more_parts, error))
        return FALSE;
    pf_match_set_incomplete(match, more_identifiers, more_names, more_parts);
    return TRUE;
}

/* Takes the chosen ones out of @items. */
static void
give(GHashTable *items, const GPtrArray *chosen, const char *how, PfFound *found)
{
    found->items = g_ptr_array_new_with_free_func((GDestroyNotify)pf_known_item_free);
    found->how = how;
    for (guint i = 0; i < MIN(chosen->len, PF_FIND_MAX); i++) {
        PfKnownItem *item = chosen->pdata[i];
        g_hash_table_steal(items, &item->id);
        g_ptr_array_add(found->items, item);
    }
}

static GPtrArray *
list_values(GHashTable *items)
{
    GPtrArray *values = g_ptr_array_new();
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, items);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        g_ptr_array_add(values, value);
    return values;
}

gboolean
pf_feed_find(PfFeedStore *store, const PfFileClues *clues, PfFound *found, GError **error)
{
    g_autoptr(PfMatch) match = pf_match_new(clues);
    g_autoptr(GHashTable) items = new_items();
    g_autoptr(GArray) of_folder = list_folder_feeds(store, clues, error);
    g_autoptr(GArray) feeds = of_folder ? list_feeds(store, clues, of_folder, error) : NULL;
    const char *how = NULL;

    if (!feeds)
        return FALSE;
    pf_match_set_folder_feeds(match, of_folder);
    if (!look_up(store, match, feeds, items, error))
        return FALSE;
    g_autoptr(GPtrArray) candidates = list_values(items);
    g_autoptr(GPtrArray) chosen = pf_match_choose(match, candidates, &how);
    give(items, chosen, how, found);
    found->placed = of_folder->len > 0;
    return TRUE;
}

/* --- by the user's word --- */

typedef gboolean (*IsNamed)(const PfItem *item, const char *name);

static gboolean
has_guid(const PfItem *item, const char *name)
{
    return g_strcmp0(item->guid, name) == 0;
}

static gboolean
has_link(const PfItem *item, const char *name)
{
    g_autofree char *identity = pf_url_identity(name);
    g_autofree char *link = pf_url_identity(item->link ? item->link : "");

    return g_str_equal(link, identity);
}

/* Returns: (transfer container): the items that have @name as a GUID, else as an enclosure, else as a link. */
static GPtrArray *
select_named(const GPtrArray *items, const char *name, const char **how)
{
    static const struct {
        IsNamed test;
        const char *how;
    } kinds[] = {{has_guid, "guid"}, {pf_same_has_enclosure, "enclosure"}, {has_link, "link"}};
    GPtrArray *named = g_ptr_array_new();

    for (guint kind = 0; kind < G_N_ELEMENTS(kinds) && named->len == 0; kind++) {
        for (guint i = 0; i < items->len; i++) {
            if (kinds[kind].test(((const PfKnownItem *)items->pdata[i])->item, name))
                g_ptr_array_add(named, items->pdata[i]);
        }
        *how = named->len > 0 ? kinds[kind].how : NULL;
    }
    return named;
}

gboolean
pf_feed_find_named(PfFeedStore *store, const char *name, PfFound *found, GError **error)
{
    g_autoptr(GHashTable) items = new_items();
    const char *how = NULL;
    gboolean more;

    if (!pf_feed_lookup_key(store, pf_feed_key_of_identifier(name), 0, MOST_OF_ALL, items, &more, error))
        return FALSE;
    g_autoptr(GPtrArray) candidates = list_values(items);
    g_autoptr(GPtrArray) named = select_named(candidates, name, &how);
    pf_same_unite(named);
    give(items, named, how, found);
    return TRUE;
}

void
pf_found_clear(PfFound *found)
{
    g_clear_pointer(&found->items, g_ptr_array_unref);
    found->how = NULL;
}
