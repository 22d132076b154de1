/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store's feeds. */
#include "feed/item_identity.h"
#include "feed/feed_name.h"
#include "feed/feed_store_private.h"

#define COLUMNS                                                                                                        \
    "id, url, address, origin, title, payments, etag, last_modified, fetched, tried, due, failures, fault, gone, "     \
    "not_before"

/* A server that asks for more than a day, seconds, did not: our clock was ahead when it did. */
#define LONGEST_PLEA 86400

/* A folder name and its beginning can be those of hardly more. */
#define MOST_FOLDERS 100

gint64
pf_feed_store_folder_key(const char *title)
{
    g_autofree char *canonical = pf_feed_key_canonical(title ? title : "");

    return *canonical ? pf_feed_key_of_beginning(canonical) : 0;
}

static PfKnownFeed *
read_row(sqlite3_stmt *row)
{
    PfKnownFeed *feed = pf_known_feed_new();

    feed->id = sqlite3_column_int64(row, 0);
    feed->url = pf_database_dup_text(row, 1);
    feed->address = pf_database_dup_text(row, 2);
    feed->origin = (PfFeedOrigin)sqlite3_column_int(row, 3);
    feed->title = pf_database_dup_text(row, 4);
    feed->payments = pf_database_dup_text(row, 5);
    feed->etag = pf_database_dup_text(row, 6);
    feed->last_modified = pf_database_dup_text(row, 7);
    feed->fetched = sqlite3_column_int64(row, 8);
    feed->tried = sqlite3_column_int64(row, 9);
    feed->next = sqlite3_column_int64(row, 10);
    feed->failures = sqlite3_column_int64(row, 11);
    feed->fault = pf_database_dup_text(row, 12);
    feed->gone = sqlite3_column_int(row, 13) != 0;
    feed->not_before = sqlite3_column_int64(row, 14);
    return feed;
}

/* Runs through the rows of @row. Returns: (transfer full): of PfKnownFeed *; NULL with @error set. */
static GPtrArray *
list_rows(PfFeedStore *store, sqlite3_stmt *row, GError **failure, GError **error)
{
    g_autoptr(GPtrArray) feeds = g_ptr_array_new_with_free_func((GDestroyNotify)pf_known_feed_free);

    while (row && pf_database_step(store->database, row, failure))
        g_ptr_array_add(feeds, read_row(row));
    return pf_feed_store_finish(store, failure, error) ? g_steal_pointer(&feeds) : NULL;
}

/* Sets @feed to the first row, NULL when there is none. */
static gboolean
read_first(PfFeedStore *store, sqlite3_stmt *row, PfKnownFeed **feed, GError **failure, GError **error)
{
    g_autoptr(GPtrArray) feeds = list_rows(store, row, failure, error);

    if (!feeds)
        return FALSE;
    *feed = feeds->len > 0 ? g_ptr_array_steal_index(feeds, 0) : NULL;
    return TRUE;
}

gboolean
pf_feed_store_find(PfFeedStore *store, const char *url, PfKnownFeed **feed, GError **error)
{
    g_autoptr(GError) failure = NULL;
    sqlite3_stmt *row = pf_database_prepare(store->database, &failure,
                                            "SELECT " COLUMNS " FROM feed WHERE url = ?1 OR address = ?1"
                                            " ORDER BY url <> ?1, origin, id LIMIT 1",
                                            "s", url);

    return read_first(store, row, feed, &failure, error);
}

gboolean
pf_feed_store_read(PfFeedStore *store, gint64 id, PfKnownFeed **feed, GError **error)
{
    g_autoptr(GError) failure = NULL;
    sqlite3_stmt *row =
        pf_database_prepare(store->database, &failure, "SELECT " COLUMNS " FROM feed WHERE id = ?", "i", id);

    return read_first(store, row, feed, &failure, error);
}

/* --- which there are --- */

static gboolean
adopt(PfFeedStore *store, const PfKnownFeed *known, PfFeedOrigin origin, GError **error)
{
    gboolean named = known->origin == PF_FEED_ORIGIN_HOOK || known->origin == PF_FEED_ORIGIN_LIST ||
                     known->origin == PF_FEED_ORIGIN_NEAR_LIST;

    if (!named || origin != PF_FEED_ORIGIN_SUBSCRIPTION)
        return TRUE;
    return pf_database_run(store->database, error, "UPDATE feed SET origin = ? WHERE id = ?", "ii",
                           (gint64)PF_FEED_ORIGIN_SUBSCRIPTION, known->id);
}

static gint64
add(PfFeedStore *store, const char *url, PfFeedOrigin origin, gint64 next, GError **error)
{
    g_autoptr(PfKnownFeed) known = NULL;

    if (!pf_feed_store_find(store, url, &known, error))
        return 0;
    if (known)
        return adopt(store, known, origin, error) ? known->id : 0;
    if (!pf_database_run(store->database, error, "INSERT INTO feed (url, address, origin, due) VALUES (?, ?, ?, ?)",
                         "ssii", url, url, (gint64)origin, next))
        return 0;
    return pf_database_last_id(store->database);
}

gboolean
pf_feed_store_add(PfFeedStore *store, const char *url, PfFeedOrigin origin, gint64 next, gint64 *id, GError **error)
{
    g_autoptr(GError) failure = NULL;

    *id = 0;
    if (!pf_database_begin(store->database, &failure))
        return pf_feed_store_finish(store, &failure, error);
    gint64 added = add(store, url, origin, next, &failure);
    if (!pf_feed_store_end(store, &failure, error))
        return FALSE;
    *id = added;
    return TRUE;
}

/* Returns: (transfer full): of gint64, the subscriptions that nobody names any more. */
static GArray *
list_dropped(PfFeedStore *store, const GPtrArray *urls, GError **failure)
{
    g_autoptr(GHashTable) named = g_hash_table_new(g_str_hash, g_str_equal);
    GArray *dropped = g_array_new(FALSE, FALSE, sizeof(gint64));
    sqlite3_stmt *row =
        pf_database_prepare(store->database, failure, "SELECT id, url, address FROM feed WHERE origin = ? ORDER BY id",
                            "i", (gint64)PF_FEED_ORIGIN_SUBSCRIPTION);

    for (guint i = 0; i < urls->len; i++)
        g_hash_table_add(named, urls->pdata[i]);
    while (row && pf_database_step(store->database, row, failure)) {
        gint64 id = sqlite3_column_int64(row, 0);
        if (!g_hash_table_contains(named, sqlite3_column_text(row, 1)) &&
            !g_hash_table_contains(named, sqlite3_column_text(row, 2)))
            g_array_append_val(dropped, id);
    }
    return dropped;
}

gboolean
pf_feed_store_keep(PfFeedStore *store, const GPtrArray *urls, GError **error)
{
    g_autoptr(GError) failure = NULL;

    if (!pf_database_begin(store->database, &failure))
        return pf_feed_store_finish(store, &failure, error);
    g_autoptr(GArray) dropped = list_dropped(store, urls, &failure);
    for (guint i = 0; i < dropped->len && !failure; i++) {
        gint64 id = g_array_index(dropped, gint64, i);
        if (pf_feed_store_forget_items(store, id, G_MAXINT64, &failure))
            pf_database_run(store->database, &failure, "DELETE FROM feed WHERE id = ?", "i", id);
    }
    return pf_feed_store_end(store, &failure, error);
}

/* --- when they are fetched --- */

GPtrArray *
pf_feed_store_list_due(PfFeedStore *store, gint64 now, guint most, PfKnownFeedChoice wanted, gpointer data,
                       GError **error)
{
    g_autoptr(GPtrArray) feeds = g_ptr_array_new_with_free_func((GDestroyNotify)pf_known_feed_free);
    g_autoptr(GError) failure = NULL;
    sqlite3_stmt *row = pf_database_prepare(store->database, &failure,
                                            "SELECT " COLUMNS " FROM feed WHERE due <= ? ORDER BY due, id", "i", now);

    while (row && feeds->len < most && pf_database_step(store->database, row, &failure))
        if (wanted(sqlite3_column_int64(row, 0), (const char *)sqlite3_column_text(row, 2), data))
            g_ptr_array_add(feeds, read_row(row));
    sqlite3_reset(row);
    return pf_feed_store_finish(store, &failure, error) ? g_steal_pointer(&feeds) : NULL;
}

gboolean
pf_feed_store_read_next_due(PfFeedStore *store, gint64 *due, GError **error)
{
    g_autoptr(GError) failure = NULL;

    *due = G_MAXINT64;
    pf_database_read_number(store->database, due, &failure, "SELECT due FROM feed ORDER BY due LIMIT 1", "");
    return pf_feed_store_finish(store, &failure, error);
}

/* What may be asked out of turn: ?1 is now, ?2 since when a try counts, ?3 PF_FEED_ORIGIN_FILE. */
#define MAY_BE_ASKED                                                                                                   \
    "tried < ?2 AND NOT gone AND origin <> ?3 AND not_before NOT BETWEEN ?1 + 1 AND ?1 + " G_STRINGIFY(LONGEST_PLEA)

gboolean
pf_feed_store_has_unasked(PfFeedStore *store, gint64 not_since, gint64 now, gboolean *any, GError **error)
{
    g_autoptr(GError) failure = NULL;
    gint64 found = 0;

    pf_database_read_number(store->database, &found, &failure,
                            "SELECT EXISTS (SELECT 1 FROM feed WHERE " MAY_BE_ASKED ")", "iii", now, not_since,
                            (gint64)PF_FEED_ORIGIN_FILE);
    *any = found != 0;
    return pf_feed_store_finish(store, &failure, error);
}

#define HURRY "UPDATE feed SET due = ?1 WHERE due > ?1 AND " MAY_BE_ASKED

gboolean
pf_feed_store_hurry(PfFeedStore *store, const GArray *ids, gint64 not_since, gint64 now, guint *count, GError **error)
{
    g_autoptr(GError) failure = NULL;
    guint made = 0;

    if (!pf_database_begin(store->database, &failure))
        return pf_feed_store_finish(store, &failure, error);
    if (!ids && pf_database_run(store->database, &failure, HURRY, "iii", now, not_since, (gint64)PF_FEED_ORIGIN_FILE))
        made = (guint)pf_database_changes(store->database);
    for (guint i = 0; ids && i < ids->len && !failure; i++) {
        if (pf_database_run(store->database, &failure, HURRY " AND id = ?4", "iiii", now, not_since,
                            (gint64)PF_FEED_ORIGIN_FILE, g_array_index(ids, gint64, i)))
            made += (guint)pf_database_changes(store->database);
    }
    if (!pf_feed_store_end(store, &failure, error))
        return FALSE;
    *count = made;
    return TRUE;
}

gboolean
pf_feed_store_put_feed(PfFeedStore *store, const PfKnownFeed *feed, gint64 keep_since, GError **error)
{
    g_autoptr(GError) failure = NULL;

    if (!pf_database_begin(store->database, &failure))
        return pf_feed_store_finish(store, &failure, error);
    if (pf_database_run(
            store->database, &failure,
            "UPDATE feed SET address = ?, title = ?, folder = ?, payments = ?, etag = ?, last_modified = ?,"
            " fetched = ?, tried = ?, due = ?, failures = ?, fault = ?, gone = ?, not_before = ? WHERE id = ?",
            "ssisssiiiisiii", feed->address, feed->title, pf_feed_store_folder_key(feed->title), feed->payments,
            feed->etag, feed->last_modified, feed->fetched, feed->tried, feed->next, feed->failures, feed->fault,
            (gint64)feed->gone, feed->not_before, feed->id) &&
        keep_since > 0)
        pf_feed_store_forget_items(store, feed->id, keep_since, &failure);
    return pf_feed_store_end(store, &failure, error);
}

/* --- which hold a file --- */

/* Adds the feeds whose title a folder's name may be. A key proves nothing, so their titles are compared. */
static gboolean
add_named(PfFeedStore *store, const char *folder, GPtrArray *feeds, GError **error)
{
    g_autoptr(GError) failure = NULL;
    gint64 key = pf_feed_store_folder_key(folder);
    sqlite3_stmt *row = pf_database_prepare(store->database, &failure,
                                            "SELECT " COLUMNS " FROM feed WHERE folder = ? AND folder <> 0"
                                            " ORDER BY id LIMIT ?",
                                            "ii", key, (gint64)MOST_FOLDERS);
    g_autoptr(GPtrArray) found = list_rows(store, row, &failure, error);

    while (found && found->len > 0) {
        PfKnownFeed *feed = g_ptr_array_steal_index(found, 0);
        if (pf_feed_name_compare(folder, feed->title) != PF_NAMES_DIFFER)
            g_ptr_array_add(feeds, feed);
        else
            pf_known_feed_free(feed);
    }
    return found != NULL;
}

static gboolean
add_folder(PfFeedStore *store, const char *folder, GPtrArray *feeds, GError **error)
{
    g_autofree char *plain = pf_feed_name_strip_collision(folder);

    return add_named(store, folder, feeds, error) &&
           (g_str_equal(plain, folder) || add_named(store, plain, feeds, error));
}

GPtrArray *
pf_feed_store_list_for_path(PfFeedStore *store, const char *path, const char *root, GError **error)
{
    g_autoptr(GPtrArray) feeds = g_ptr_array_new_with_free_func((GDestroyNotify)pf_known_feed_free);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *above = g_path_get_dirname(folder);
    g_autofree char *name = g_path_get_basename(folder);
    g_autofree char *name_above = g_path_get_basename(above);

    if (g_strcmp0(folder, root) == 0)
        return g_steal_pointer(&feeds);
    if (!add_folder(store, name, feeds, error))
        return NULL;
    if (feeds->len == 0 && g_strcmp0(above, root) != 0 && !add_folder(store, name_above, feeds, error))
        return NULL;
    return g_steal_pointer(&feeds);
}

/* --- for people --- */

gboolean
pf_feed_store_count(PfFeedStore *store, gint64 *known, gint64 *failing, GError **error)
{
    g_autoptr(GError) failure = NULL;

    *known = *failing = 0;
    if (pf_database_read_number(store->database, known, &failure, "SELECT count(*) FROM feed", ""))
        pf_database_read_number(store->database, failing, &failure, "SELECT count(*) FROM feed WHERE failures > 0", "");
    return pf_feed_store_finish(store, &failure, error);
}

gboolean
pf_feed_store_count_origin(PfFeedStore *store, PfFeedOrigin origin, gint64 *count, GError **error)
{
    g_autoptr(GError) failure = NULL;

    *count = 0;
    pf_database_read_number(store->database, count, &failure, "SELECT count(*) FROM feed WHERE origin = ?", "i",
                            (gint64)origin);
    return pf_feed_store_finish(store, &failure, error);
}

gboolean
pf_feed_store_each_failing(PfFeedStore *store, PfKnownFeedFunc each, gpointer data, GError **error)
{
    g_autoptr(GError) failure = NULL;
    sqlite3_stmt *row = pf_database_prepare(store->database, &failure,
                                            "SELECT " COLUMNS " FROM feed WHERE failures > 0 ORDER BY url", "");

    while (row && pf_database_step(store->database, row, &failure)) {
        g_autoptr(PfKnownFeed) feed = read_row(row);
        if (!each(feed, data)) {
            sqlite3_reset(row);
            break;
        }
    }
    return pf_feed_store_finish(store, &failure, error);
}
