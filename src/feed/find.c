/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/find.h"

#include "base/url.h"
#include "feed/file_name.h"
#include "feed/item_identity.h"
#include "feed/match.h"

/* How many items under one key are looked at: in all feeds, and in one. A key that more items share identifies none. */
#define MOST_OF_ALL 50
#define MOST_OF_FEED 200

static GHashTable *
new_items(void)
{
    return g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, (GDestroyNotify)pf_known_item_free);
}

/* Adds the feed that is known by a URL. */
static gboolean
add_feed(PfFeedStore *store, const char *url, GArray *feeds, GError **error)
{
    g_autoptr(PfKnownFeed) feed = NULL;

    if (!pf_feed_store_find(store, url, &feed, error))
        return FALSE;
    if (feed)
        g_array_append_val(feeds, feed->id);
    return TRUE;
}

/* Returns: (transfer full): of gint64, the feeds that the hook names, or else the folder by its name or its other
 * files; NULL with @error set. */
static GArray *
list_feeds(PfFeedStore *store, const PfFileClues *clues, const GArray *of_folder, GError **error)
{
    g_autoptr(GArray) feeds = g_array_new(FALSE, FALSE, sizeof(gint64));

    if (clues->feed)
        return add_feed(store, clues->feed, feeds, error) ? g_steal_pointer(&feeds) : NULL;
    g_array_append_vals(feeds, of_folder->data, of_folder->len);
    if (clues->neighbours && clues->neighbours[0] && !clues->neighbours[1] &&
        !add_feed(store, clues->neighbours[0], feeds, error))
        return NULL;
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

/* A file's look-up, and what it has found so far. */
typedef struct {
    PfFeedStore *store;
    PfMatch *match;
    GArray *identifiers, *names, *parts; /* keys, of gint64 */
    GHashTable *items;                   /* as PfFeedItems has them */
    PfChoice choice;
} Lookup;

static void
lookup_clear(Lookup *lookup)
{
    pf_match_free(lookup->match);
    g_clear_pointer(&lookup->identifiers, g_array_unref);
    g_clear_pointer(&lookup->names, g_array_unref);
    g_clear_pointer(&lookup->parts, g_array_unref);
    g_clear_pointer(&lookup->items, g_hash_table_unref);
    pf_choice_clear(&lookup->choice);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Lookup, lookup_clear)

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

static void
choose(Lookup *lookup)
{
    g_autoptr(GPtrArray) candidates = list_values(lookup->items);

    pf_choice_clear(&lookup->choice);
    pf_match_choose(lookup->match, candidates, &lookup->choice);
}

/* Looks a key up in these feeds alone. @more is only ever set. */
static gboolean
look_up_in_feeds(Lookup *lookup, gint64 key, const GArray *feeds, gboolean *more, GError **error)
{
    PfFeedItems found = {.items = lookup->items, .most = MOST_OF_FEED};

    for (guint i = 0; i < feeds->len; i++) {
        if (!pf_feed_lookup_key(lookup->store, key, g_array_index(feeds, gint64, i), &found, error))
            return FALSE;
        *more = *more || found.more;
    }
    return TRUE;
}

/* Identifiers count in every feed, and first in those that are known to be meant. */
static gboolean
look_up_identifiers(Lookup *lookup, const GArray *feeds, gboolean *more, GError **error)
{
    PfFeedItems found = {.items = lookup->items, .most = MOST_OF_ALL};

    for (guint i = 0; i < lookup->identifiers->len; i++) {
        gint64 key = g_array_index(lookup->identifiers, gint64, i);

        if (!pf_feed_lookup_key(lookup->store, key, 0, &found, error))
            return FALSE;
        if (found.more && !look_up_in_feeds(lookup, key, feeds, more, error))
            return FALSE;
        *more = *more || (found.more && feeds->len == 0);
    }
    return TRUE;
}

static gboolean
look_up_names(Lookup *lookup, const GArray *keys, const GArray *feeds, gboolean *more, GError **error)
{
    PfFeedItems found = {.items = lookup->items, .most = MOST_OF_ALL};

    for (guint i = 0; i < keys->len; i++) {
        gint64 key = g_array_index(keys, gint64, i);

        if (feeds->len > 0 ? !look_up_in_feeds(lookup, key, feeds, more, error)
                           : !pf_feed_lookup_key(lookup->store, key, 0, &found, error))
            return FALSE;
        *more = *more || found.more;
    }
    return TRUE;
}

/* Looks up by all keys, by names in these feeds alone if there are any, and chooses. */
static gboolean
look_up(Lookup *lookup, const GArray *feeds, GError **error)
{
    gboolean more_identifiers = FALSE, more_names = FALSE, more_parts = FALSE;

    if (!look_up_identifiers(lookup, feeds, &more_identifiers, error) ||
        !look_up_names(lookup, lookup->names, feeds, &more_names, error) ||
        !look_up_names(lookup, lookup->parts, feeds, &more_parts, error))
        return FALSE;
    pf_match_set_incomplete(lookup->match, more_identifiers, more_names, more_parts);
    choose(lookup);
    return TRUE;
}

/* Looks in feeds for what has the file's size, or is of its day. */
static gboolean
look_up_measured(Lookup *lookup, const GArray *feeds, gint64 size, GError **error)
{
    PfFileMeasure file = {.size = size};
    PfFeedItems found = {.items = lookup->items, .most = MOST_OF_FEED};

    pf_match_list_days(lookup->match, &file.from, &file.to);
    for (guint i = 0; i < feeds->len; i++)
        if (!pf_feed_lookup_measured(lookup->store, g_array_index(feeds, gint64, i), &file, &found, error))
            return FALSE;
    choose(lookup);
    return TRUE;
}

/* In its place first; then by the size or the day there; and where nothing is in it, elsewhere, for the user to see. */
static gboolean
look_everywhere(Lookup *lookup, const PfFileClues *clues, const GArray *feeds, GError **error)
{
    g_autoptr(GArray) nowhere = g_array_new(FALSE, FALSE, sizeof(gint64));

    if (!look_up(lookup, feeds, error))
        return FALSE;
    if (!lookup->choice.sure && feeds->len > 0 && !look_up_measured(lookup, feeds, clues->size, error))
        return FALSE;
    return lookup->choice.items->len > 0 || feeds->len == 0 || clues->feed || look_up(lookup, nowhere, error);
}

/* Takes the chosen ones out of @items. */
static void
give(GHashTable *items, const GPtrArray *chosen, PfFound *found)
{
    found->items = g_ptr_array_new_with_free_func((GDestroyNotify)pf_known_item_free);
    for (guint i = 0; i < MIN(chosen->len, PF_FIND_MAX); i++) {
        PfKnownItem *item = chosen->pdata[i];
        g_hash_table_steal(items, &item->id);
        g_ptr_array_add(found->items, item);
    }
}

gboolean
pf_feed_find(PfFeedStore *store, const PfFileClues *clues, PfFound *found, GError **error)
{
    g_auto(Lookup) lookup = {.store = store, .match = pf_match_new(clues), .items = new_items()};
    g_autoptr(GArray) of_folder = list_folder_feeds(store, clues, error);
    g_autoptr(GArray) feeds = of_folder ? list_feeds(store, clues, of_folder, error) : NULL;

    if (!feeds)
        return FALSE;
    pf_match_set_folder_feeds(lookup.match, of_folder);
    pf_match_list_keys(lookup.match, &lookup.identifiers, &lookup.names, &lookup.parts);
    if (!look_everywhere(&lookup, clues, feeds, error))
        return FALSE;
    give(lookup.items, lookup.choice.items, found);
    found->sure = lookup.choice.sure;
    found->witnesses = lookup.choice.witnesses;
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
select_named(const GPtrArray *items, const char *name, guint *witnesses)
{
    static const struct {
        IsNamed test;
        guint witness;
    } kinds[] = {{has_guid, PF_WITNESS_GUID}, {pf_same_has_enclosure, PF_WITNESS_ENCLOSURE}, {has_link, 0}};
    GPtrArray *named = g_ptr_array_new();

    for (guint kind = 0; kind < G_N_ELEMENTS(kinds) && named->len == 0; kind++) {
        for (guint i = 0; i < items->len; i++) {
            if (kinds[kind].test(((const PfKnownItem *)items->pdata[i])->item, name))
                g_ptr_array_add(named, items->pdata[i]);
        }
        *witnesses = kinds[kind].witness;
    }
    return named;
}

gboolean
pf_feed_find_named(PfFeedStore *store, const char *name, PfFound *found, GError **error)
{
    g_autoptr(GHashTable) items = new_items();
    PfFeedItems by_key = {.items = items, .most = MOST_OF_ALL};

    if (!pf_feed_lookup_key(store, pf_feed_key_of_identifier(name), 0, &by_key, error))
        return FALSE;
    g_autoptr(GPtrArray) candidates = list_values(items);
    g_autoptr(GPtrArray) named = select_named(candidates, name, &found->witnesses);
    pf_candidates_unite(named);
    give(items, named, found);
    found->sure = named->len == 1;
    return TRUE;
}

static gboolean
is_called(const char *title, const char *canonical)
{
    g_autofree char *own = pf_name_dup_canonical(title ? title : "");

    return g_str_equal(own, canonical);
}

gboolean
pf_feed_find_titled(PfFeedStore *store, const char *show, const char *title, PfFound *found, GError **error)
{
    g_autoptr(GHashTable) items = new_items();
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_autofree char *its_show = pf_name_dup_canonical(show);
    g_autofree char *its_title = pf_name_dup_canonical(title);
    PfFeedItems by_key = {.items = items, .most = MOST_OF_ALL};
    gboolean more = FALSE;

    pf_feed_key_add_name(keys, its_title);
    for (guint i = 0; i < keys->len; i++) {
        if (!pf_feed_lookup_key(store, g_array_index(keys, gint64, i), 0, &by_key, error))
            return FALSE;
        more |= by_key.more;
    }
    g_autoptr(GPtrArray) candidates = list_values(items);
    g_autoptr(GPtrArray) titled = g_ptr_array_new();
    for (guint i = 0; i < candidates->len; i++) {
        const PfKnownItem *item = candidates->pdata[i];
        if (is_called(item->item->title, its_title) && is_called(item->feed->title, its_show))
            g_ptr_array_add(titled, candidates->pdata[i]);
    }
    pf_candidates_unite(titled);
    give(items, titled, found);
    found->sure = titled->len == 1 && !more && *its_show;
    found->witnesses = PF_WITNESS_TITLE | PF_WITNESS_SHOW;
    return TRUE;
}

void
pf_found_clear(PfFound *found)
{
    g_clear_pointer(&found->items, g_ptr_array_unref);
    found->sure = found->placed = FALSE;
    found->witnesses = 0;
}
