/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store's items and their keys. */
#include "feed/item_identity.h"
#include "feed/feed_lookup.h"
#include "feed/feed_store_private.h"
#include <jansson.h>

#define COLUMNS "id, seen, published, guid, title, link, enclosures, payments"

/* How many items of one feed can have one key before the rest is not looked at. */
#define MOST_SAME 1000

static gint64
first_id(gint64 feed)
{
    return feed << PF_FEED_STORE_SHIFT;
}

static gint64
last_id(gint64 feed)
{
    return ((feed + 1) << PF_FEED_STORE_SHIFT) - 1;
}

/* --- rows --- */

/* Returns: (transfer full): NULL when there are none. */
static char *
pack_enclosures(const GPtrArray *enclosures)
{
    json_t *list = json_array();

    for (guint i = 0; i < enclosures->len; i++) {
        const PfEnclosure *enclosure = enclosures->pdata[i];
        json_array_append_new(list,
                              json_pack("[s?, s?, I]", enclosure->url, enclosure->type, (json_int_t)enclosure->length));
    }
    char *text = enclosures->len > 0 ? json_dumps(list, JSON_COMPACT) : NULL;
    json_decref(list);
    return text;
}

static void
unpack_enclosures(const char *text, GPtrArray *enclosures)
{
    json_t *list = text ? json_loads(text, 0, NULL) : NULL;

    for (gsize i = 0; i < json_array_size(list); i++) {
        json_t *row = json_array_get(list, i);
        g_ptr_array_add(enclosures, pf_enclosure_new_take(g_strdup(json_string_value(json_array_get(row, 0))),
                                                          g_strdup(json_string_value(json_array_get(row, 1))),
                                                          json_integer_value(json_array_get(row, 2))));
    }
    json_decref(list);
}

static PfKnownItem *
read_row(sqlite3_stmt *row)
{
    PfKnownItem *known = pf_known_item_new();
    PfItem *item = known->item;

    known->id = sqlite3_column_int64(row, 0);
    known->seen = sqlite3_column_int64(row, 1);
    item->has_published = sqlite3_column_type(row, 2) != SQLITE_NULL;
    item->published = sqlite3_column_int64(row, 2);
    item->guid = pf_database_dup_text(row, 3);
    item->title = pf_database_dup_text(row, 4);
    item->link = pf_database_dup_text(row, 5);
    unpack_enclosures((const char *)sqlite3_column_text(row, 6), item->enclosures);
    known->payments = pf_database_dup_text(row, 7);
    return known;
}

static PfKnownItem *
read_item(PfFeedStore *store, gint64 id, GError **error)
{
    sqlite3_stmt *row =
        pf_database_prepare(store->database, error, "SELECT " COLUMNS " FROM item WHERE id = ?", "i", id);

    if (!row || !pf_database_step(store->database, row, error))
        return NULL;
    PfKnownItem *known = read_row(row);
    sqlite3_reset(row);
    return known;
}

/* Returns: (transfer full): of gint64, the items from @first to @last that are filed under @key. */
static GArray *
list_ids(PfFeedStore *store, gint64 key, gint64 first, gint64 last, guint most, GError **error)
{
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    sqlite3_stmt *row = pf_database_prepare(store->database, error,
                                            "SELECT item FROM item_key WHERE key = ? AND item BETWEEN ? AND ?"
                                            " ORDER BY item LIMIT ?",
                                            "iiii", key, first, last, (gint64)most);

    while (row && pf_database_step(store->database, row, error)) {
        gint64 id = sqlite3_column_int64(row, 0);
        g_array_append_val(ids, id);
    }
    return ids;
}

/* --- writing --- */

/* Writes what of @keys is not in @without. Both ascend, but there are few. */
static gboolean
write_keys(PfFeedStore *store, const char *sql, const GArray *keys, const GArray *without, gint64 id, GError **error)
{
    for (guint i = 0; i < keys->len; i++) {
        gint64 key = g_array_index(keys, gint64, i);
        gboolean same = FALSE;

        for (guint j = 0; without && j < without->len && !same; j++)
            same = g_array_index(without, gint64, j) == key;
        if (!same && !pf_database_run(store->database, error, sql, "ii", key, id))
            return FALSE;
    }
    return TRUE;
}

#define ADD_KEY "INSERT OR IGNORE INTO item_key (key, item) VALUES (?, ?)"
#define REMOVE_KEY "DELETE FROM item_key WHERE key = ? AND item = ?"

/* Returns: (transfer full): the item of the feed that @item is another state of; NULL when it is new. */
static PfKnownItem *
find_same(PfFeedStore *store, gint64 feed, const PfItem *item, GError **failure)
{
    g_autoptr(GArray) ids =
        list_ids(store, pf_feed_key_of_item(item), first_id(feed), last_id(feed), MOST_SAME, failure);

    for (guint i = 0; i < ids->len && !*failure; i++) {
        g_autoptr(PfKnownItem) known = read_item(store, g_array_index(ids, gint64, i), failure);
        if (known && pf_feed_key_same_item(known->item, item))
            return g_steal_pointer(&known);
    }
    return NULL;
}

static gboolean
put_item(PfFeedStore *store, const PfKnownItem *draft, const PfKnownItem *known, gint64 id, gint64 now, GError **error)
{
    const PfItem *item = draft->item;
    g_autofree char *enclosures = pack_enclosures(item->enclosures);
    g_autoptr(GArray) keys = pf_feed_key_list(item);
    g_autoptr(GArray) old = known ? pf_feed_key_list(known->item) : NULL;

    if (!pf_database_run(store->database, error,
                         "INSERT OR REPLACE INTO item (" COLUMNS ")"
                         " VALUES (?1, ?2, iif(?3, ?4, NULL), ?5, ?6, ?7, ?8, ?9)",
                         "iiiisssss", id, now, (gint64)item->has_published, item->published, item->guid, item->title,
                         item->link, enclosures, draft->payments))
        return FALSE;
    if (old && !write_keys(store, REMOVE_KEY, old, keys, id, error))
        return FALSE;
    return write_keys(store, ADD_KEY, keys, old, id, error);
}

static gboolean
put_batch(PfFeedStore *store, gint64 feed, const GPtrArray *items, gint64 now, GError **failure)
{
    gint64 next = first_id(feed);

    if (!pf_database_read_number(store->database, &next, failure,
                                 "SELECT id + 1 FROM item WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1", "ii",
                                 first_id(feed), last_id(feed)))
        return FALSE;
    for (guint i = 0; i < items->len; i++) {
        const PfKnownItem *draft = items->pdata[i];
        g_autoptr(PfKnownItem) known = find_same(store, feed, draft->item, failure);

        if (*failure || !put_item(store, draft, known, known ? known->id : next++, now, failure))
            return FALSE;
    }
    return TRUE;
}

gboolean
pf_feed_store_put_items(PfFeedStore *store, gint64 feed, const char *feed_title, const GPtrArray *items, gint64 now,
                        GError **error)
{
    g_autoptr(GError) failure = NULL;
    gint64 known = 0;

    if (!pf_database_begin(store->database, &failure))
        return pf_feed_store_finish(store, &failure, error);
    if (pf_database_read_number(store->database, &known, &failure, "SELECT id FROM feed WHERE id = ?", "i", feed) &&
        known && put_batch(store, feed, items, now, &failure) && feed_title)
        pf_database_run(store->database, &failure,
                        "UPDATE feed SET title = ?, folder = ? WHERE id = ? AND title IS NULL", "sii", feed_title,
                        pf_feed_store_folder_key(feed_title), feed);
    return pf_feed_store_end(store, &failure, error);
}

gboolean
pf_feed_store_has_items(PfFeedStore *store, gint64 feed, gboolean *any, GError **error)
{
    g_autoptr(GError) failure = NULL;
    gint64 found = 0;

    pf_database_read_number(store->database, &found, &failure, "SELECT 1 FROM item WHERE id BETWEEN ? AND ? LIMIT 1",
                            "ii", first_id(feed), last_id(feed));
    *any = found != 0;
    return pf_feed_store_finish(store, &failure, error);
}

gboolean
pf_feed_store_forget_items(PfFeedStore *store, gint64 feed, gint64 keep_since, GError **error)
{
    g_autoptr(GPtrArray) old = g_ptr_array_new_with_free_func((GDestroyNotify)pf_known_item_free);
    g_autoptr(GError) failure = NULL;
    sqlite3_stmt *row = pf_database_prepare(store->database, &failure,
                                            "SELECT " COLUMNS " FROM item WHERE id BETWEEN ? AND ? AND seen < ?", "iii",
                                            first_id(feed), last_id(feed), keep_since);

    while (row && pf_database_step(store->database, row, &failure))
        g_ptr_array_add(old, read_row(row));
    for (guint i = 0; i < old->len && !failure; i++) {
        const PfKnownItem *item = old->pdata[i];
        g_autoptr(GArray) keys = pf_feed_key_list(item->item);
        if (write_keys(store, REMOVE_KEY, keys, NULL, item->id, &failure))
            pf_database_run(store->database, &failure, "DELETE FROM item WHERE id = ?", "i", item->id);
    }
    return pf_feed_store_finish(store, &failure, error);
}

/* --- finding --- */

gboolean
pf_feed_lookup_key(PfFeedStore *store, gint64 key, gint64 feed, guint most, GHashTable *items, gboolean *more,
                   GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(GArray) ids =
        list_ids(store, key, feed ? first_id(feed) : 0, feed ? last_id(feed) : G_MAXINT64, most + 1, &failure);

    *more = ids->len > most;
    for (guint i = 0; i < MIN(ids->len, most) && !failure; i++) {
        gint64 id = g_array_index(ids, gint64, i);
        g_autoptr(PfKnownItem) item = g_hash_table_contains(items, &id) ? NULL : read_item(store, id, &failure);

        if (item && pf_feed_store_read(store, id >> PF_FEED_STORE_SHIFT, &item->feed, &failure) && item->feed) {
            PfKnownItem *found = g_steal_pointer(&item);
            g_hash_table_insert(items, &found->id, found);
        }
    }
    return pf_feed_store_finish(store, &failure, error);
}
