/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/store.h"

#include "base/database.h"
#include "base/i18n.h"
#include "base/state_folder.h"
#include "feed/file_name.h"
#include "feed/item_identity.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <jansson.h>

struct PfFeedStore {
    PfDatabase *database;
    char *path;
};
/* An item's id is its feed's shifted by so many bits, and a number within the feed. */
#define PF_FEED_STORE_SHIFT 32

static gint64 pf_feed_store_folder_key(const char *title);

/*
 * The tables of the known feeds. There is one version at a time: a file of another one is replaced by a new one, see
 * store.h.
 */

#define SCHEMA_VERSION 7
#define TEXT(number) G_STRINGIFY(number)

/* Times are seconds since the epoch.
 *
 * feed: as PfKnownFeed. origin: as PfFeedOrigin. folder is the key (item_identity.h) of the beginning of the
 * canonical title, 0 for none. due is the struct's next. hurried is how often it was made due out of turn on the day
 * hurried_on (days since the epoch).
 *
 * item: its id is its feed's id times 2^32 and a number within the feed, so that a feed's items lie side by side and
 * the keys need no column for the feed. enclosures is a JSON array of [url, type, length, is_alternate]. ways is text
 * of pf_show_pack_ways(), NULL for none, as in show.
 *
 * show: as PfShow; id is its feed's, links a JSON array of its payment links.
 *
 * item_key: what an item can be found under, as pf_feed_key_list() makes it of the item's own columns, so that no index
 * from item to key is needed to remove them. */
static const char tables[] = "CREATE TABLE feed ("
                             "  id INTEGER PRIMARY KEY,"
                             "  url TEXT NOT NULL UNIQUE,"
                             "  address TEXT NOT NULL,"
                             "  origin INTEGER NOT NULL,"
                             "  title TEXT, folder INTEGER NOT NULL DEFAULT 0,"
                             "  payments TEXT, etag TEXT, last_modified TEXT,"
                             "  fetched INTEGER NOT NULL DEFAULT 0,"
                             "  tried INTEGER NOT NULL DEFAULT 0,"
                             "  due INTEGER NOT NULL,"
                             "  not_before INTEGER NOT NULL DEFAULT 0,"
                             "  failures INTEGER NOT NULL DEFAULT 0,"
                             "  fault TEXT,"
                             "  gone INTEGER NOT NULL DEFAULT 0,"
                             "  next_page TEXT, wants_page INTEGER NOT NULL DEFAULT 0,"
                             "  pages INTEGER NOT NULL DEFAULT 0,"
                             "  paged INTEGER NOT NULL DEFAULT 0,"
                             "  hurried INTEGER NOT NULL DEFAULT 0,"
                             "  hurried_on INTEGER NOT NULL DEFAULT 0"
                             ") STRICT;"
                             "CREATE INDEX feed_address ON feed (address);"
                             "CREATE INDEX feed_folder ON feed (folder) WHERE folder <> 0;"
                             "CREATE INDEX feed_due ON feed (due);"
                             "CREATE INDEX feed_tried ON feed (tried);"
                             "CREATE TABLE item ("
                             "  id INTEGER PRIMARY KEY,"
                             "  seen INTEGER NOT NULL,"
                             "  published INTEGER,"
                             "  guid TEXT, title TEXT, link TEXT, enclosures TEXT, payments TEXT,"
                             "  duration INTEGER, ways TEXT"
                             ") STRICT;"
                             "CREATE TABLE show ("
                             "  id INTEGER PRIMARY KEY,"
                             "  title TEXT, page TEXT, guid TEXT, owner TEXT, image TEXT, links TEXT, ways TEXT"
                             ") STRICT;"
                             "CREATE TABLE item_key ("
                             "  key INTEGER NOT NULL,"
                             "  item INTEGER NOT NULL,"
                             "  PRIMARY KEY (key, item)"
                             ") STRICT, WITHOUT ROWID;"
                             "PRAGMA user_version = " TEXT(SCHEMA_VERSION) ";";

static gboolean
prepare(PfDatabase *database, GError **error)
{
    gint64 version = 0, used = 0;

    if (!pf_database_read_number(database, &version, error, "PRAGMA user_version", "") ||
        !pf_database_read_number(database, &used, error, "SELECT count(*) FROM sqlite_schema", ""))
        return FALSE;
    if (version == SCHEMA_VERSION)
        return TRUE;
    if (version == 0 && used == 0)
        return pf_database_execute(database, tables, error);
    g_set_error(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_CORRUPT, _("it is of version %" PRId64 ", not %d"), version,
                SCHEMA_VERSION);
    return FALSE;
}

/* Makes the tables in an empty database; leaves one of today's version as it is. Of another version it is a
 * PF_DATABASE_ERROR_CORRUPT: not to be used. */
static gboolean
pf_feed_schema_prepare(PfDatabase *database, GError **error)
{
    gint64 version = 0;

    /* Readers of a database of today need no lock for writing. */
    if (!pf_database_read_number(database, &version, error, "PRAGMA user_version", ""))
        return FALSE;
    if (version == SCHEMA_VERSION)
        return TRUE;
    g_autoptr(PfTransaction) transaction = pf_database_begin(database, error);
    return transaction && prepare(database, error) && pf_transaction_commit(g_steal_pointer(&transaction), error);
}

/* What is lost with the last moments before a power cut can be fetched again. Keys lie far apart in the file: a longer
 * log and a larger cache write a page once that many items change. */
#define PRAGMAS "PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-8192;"

static void
remove_beside(const char *path, const char *suffix)
{
    g_autofree char *beside = g_strconcat(path, suffix, NULL);

    g_unlink(beside);
}

static gboolean
set_aside(const char *path, const char *why, GError **error)
{
    g_autofree char *old = g_strconcat(path, ".old", NULL);

    if (g_rename(path, old) != 0 && errno != ENOENT) {
        g_set_error(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_WRITE,
                    _("cannot rename the damaged file %s: %s; remove it"), path, g_strerror(errno));
        return FALSE;
    }
    remove_beside(path, "-wal");
    remove_beside(path, "-shm");
    g_message(_("%s cannot be used (%s); starting a new one and fetching the feeds again; the old file is now %s"),
              path, why, old);
    return TRUE;
}

static PfDatabase *
open_database(const char *path, int busy_ms, GError **error)
{
    g_autoptr(PfDatabase) database = pf_database_open(path, busy_ms, error);

    if (!database || !pf_database_execute(database, PRAGMAS, error) || !pf_feed_schema_prepare(database, error))
        return NULL;
    return g_steal_pointer(&database);
}

PfFeedStore *
pf_feed_store_open(const char *state_dir, int busy_ms, GError **error)
{
    g_autoptr(PfFeedStore) store = g_new0(PfFeedStore, 1);
    g_autoptr(GError) failure = NULL;

    if (!pf_state_folder_prepare(state_dir, error))
        return NULL;
    store->path = g_build_filename(state_dir, "feeds.db", NULL);
    store->database = open_database(store->path, busy_ms, &failure);
    if (pf_database_error_is_damage(failure)) {
        if (!set_aside(store->path, failure->message, error))
            return NULL;
        g_clear_error(&failure);
        store->database = open_database(store->path, busy_ms, &failure);
    }
    if (failure)
        g_propagate_error(error, g_steal_pointer(&failure));
    return store->database ? g_steal_pointer(&store) : NULL;
}

PfFeedStore *
pf_feed_store_open_existing(const char *state_dir, int busy_ms, GError **error)
{
    g_autofree char *path = g_build_filename(state_dir, "feeds.db", NULL);
    g_autoptr(GError) failure = NULL;

    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return NULL;
    PfFeedStore *store = pf_feed_store_open(state_dir, busy_ms, &failure);
    if (!store && pf_database_error_is_unwritable(failure, path)) {
        g_autofree char *folder = pf_database_copy(path, NULL);
        store = folder ? pf_feed_store_open(folder, 0, NULL) : NULL;
        pf_scratch_folder_remove(folder);
    }
    if (!store)
        g_propagate_error(error, g_steal_pointer(&failure));
    return store;
}

void
pf_feed_store_close(PfFeedStore *store)
{
    if (!store)
        return;
    gboolean damaged = store->database && pf_database_is_damaged(store->database);
    pf_database_close(store->database);
    if (damaged)
        set_aside(store->path, _("it is damaged"), NULL);
    g_free(store->path);
    g_free(store);
}

gboolean
pf_feed_store_shrink(PfFeedStore *store)
{
    return pf_database_shrink(store->database);
}

/* --- the structs --- */

/* The store's items and their keys. */

#define COLUMNS "id, seen, published, guid, title, link, enclosures, payments, duration, ways"

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
        json_array_append_new(list, json_pack("[s?, s?, I, b]", enclosure->url, enclosure->type,
                                              (json_int_t)enclosure->length, enclosure->is_alternate));
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
        PfEnclosure *enclosure = pf_enclosure_new_take(g_strdup(json_string_value(json_array_get(row, 0))),
                                                       g_strdup(json_string_value(json_array_get(row, 1))),
                                                       json_integer_value(json_array_get(row, 2)));
        enclosure->is_alternate = json_is_true(json_array_get(row, 3));
        g_ptr_array_add(enclosures, enclosure);
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
    if (sqlite3_column_type(row, 8) != SQLITE_NULL)
        item->duration = sqlite3_column_int64(row, 8);
    pf_show_unpack_ways((const char *)sqlite3_column_text(row, 9), item->funding, item->values);
    return known;
}

static gboolean
take_item(sqlite3_stmt *row, gpointer data)
{
    PfKnownItem **known = data;

    *known = read_row(row);
    return FALSE;
}

/* @known: (out) (transfer full): NULL when there is none */
static gboolean
read_item(PfFeedStore *store, gint64 id, PfKnownItem **known, GError **error)
{
    *known = NULL;
    return pf_database_each(
        store->database,
        pf_database_prepare(store->database, error, "SELECT " COLUMNS " FROM item WHERE id = ?", "i", id), take_item,
        known, error);
}

static gboolean
take_id(sqlite3_stmt *row, gpointer data)
{
    gint64 id = sqlite3_column_int64(row, 0);

    g_array_append_val((GArray *)data, id);
    return TRUE;
}

/* @feed: 0 for all. Returns: (transfer full): of gint64, its items that are filed under @key; NULL with @error set. */
static GArray *
list_ids(PfFeedStore *store, gint64 key, gint64 feed, guint most, GError **error)
{
    gint64 first = feed ? first_id(feed) : 0, last = feed ? last_id(feed) : G_MAXINT64;
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    sqlite3_stmt *rows = pf_database_prepare(store->database, error,
                                             "SELECT item FROM item_key WHERE key = ? AND item BETWEEN ? AND ?"
                                             " ORDER BY item LIMIT ?",
                                             "iiii", key, first, last, (gint64)most);

    return pf_database_each(store->database, rows, take_id, ids, error) ? g_steal_pointer(&ids) : NULL;
}

/* --- writing --- */

/* Removes from @keys what is in @others as well. Both ascend, but there are few. */
static void
remove_common(GArray *keys, const GArray *others)
{
    for (guint i = 0; i < others->len; i++)
        for (guint j = keys->len; j > 0; j--)
            if (g_array_index(keys, gint64, j - 1) == g_array_index(others, gint64, i))
                g_array_remove_index(keys, j - 1);
}

static gboolean
write_keys(PfFeedStore *store, const char *sql, const GArray *keys, gint64 id, GError **error)
{
    for (guint i = 0; i < keys->len; i++)
        if (!pf_database_run(store->database, error, sql, "ii", g_array_index(keys, gint64, i), id))
            return FALSE;
    return TRUE;
}

#define ADD_KEY "INSERT OR IGNORE INTO item_key (key, item) VALUES (?, ?)"
#define REMOVE_KEY "DELETE FROM item_key WHERE key = ? AND item = ?"

/* @same: (out) (transfer full): the item of the feed that @item is another state of; NULL when it is new */
static gboolean
find_same(PfFeedStore *store, gint64 feed, const PfItem *item, PfKnownItem **same, GError **error)
{
    g_autoptr(GArray) ids = list_ids(store, pf_feed_key_of_item(item), feed, MOST_SAME, error);

    *same = NULL;
    for (guint i = 0; ids && i < ids->len; i++) {
        g_autoptr(PfKnownItem) known = NULL;

        if (!read_item(store, g_array_index(ids, gint64, i), &known, error))
            return FALSE;
        if (known && pf_feed_key_same_item(known->item, item)) {
            *same = g_steal_pointer(&known);
            return TRUE;
        }
    }
    return ids != NULL;
}

static gboolean
put_item(PfFeedStore *store, const PfKnownItem *draft, const PfKnownItem *known, gint64 now, GError **error)
{
    const PfItem *item = draft->item;
    g_autofree char *enclosures = pack_enclosures(item->enclosures);
    g_autofree char *ways = pf_show_pack_ways(item->funding, item->values);
    g_autoptr(GArray) keys = pf_feed_key_list(item);
    g_autoptr(GArray) old = known ? pf_feed_key_list(known->item) : NULL;

    if (!pf_database_run(store->database, error,
                         "INSERT OR REPLACE INTO item (" COLUMNS ")"
                         " VALUES (?1, ?2, iif(?3, ?4, NULL), ?5, ?6, ?7, ?8, ?9, nullif(?10, -1), ?11)",
                         "iiiisssssis", draft->id, now, (gint64)item->has_published, item->published, item->guid,
                         item->title, item->link, enclosures, draft->payments, item->duration, ways))
        return FALSE;
    if (!old)
        return write_keys(store, ADD_KEY, keys, draft->id, error);
    g_autoptr(GArray) gone = g_array_copy(old);
    remove_common(gone, keys);
    remove_common(keys, old);
    return write_keys(store, REMOVE_KEY, gone, draft->id, error) && write_keys(store, ADD_KEY, keys, draft->id, error);
}

static gboolean
put_batch(PfFeedStore *store, gint64 feed, const GPtrArray *items, gint64 now, GError **error)
{
    gint64 next = first_id(feed);

    if (!pf_database_read_number(store->database, &next, error,
                                 "SELECT id + 1 FROM item WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1", "ii",
                                 first_id(feed), last_id(feed)))
        return FALSE;
    for (guint i = 0; i < items->len; i++) {
        PfKnownItem *draft = items->pdata[i];
        g_autoptr(PfKnownItem) known = NULL;

        if (!find_same(store, feed, draft->item, &known, error))
            return FALSE;
        draft->id = known ? known->id : next++;
        if (!put_item(store, draft, known, now, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
pf_feed_store_put_items(PfFeedStore *store, gint64 feed, const char *feed_title, const GPtrArray *items, gint64 now,
                        GError **error)
{
    g_autoptr(PfTransaction) transaction = pf_database_begin(store->database, error);
    gint64 known = 0;

    if (!transaction ||
        !pf_database_read_number(store->database, &known, error, "SELECT id FROM feed WHERE id = ?", "i", feed))
        return FALSE;
    if (known && !put_batch(store, feed, items, now, error))
        return FALSE;
    if (known && feed_title &&
        !pf_database_run(store->database, error, "UPDATE feed SET title = ?, folder = ? WHERE id = ? AND title IS NULL",
                         "sii", feed_title, pf_feed_store_folder_key(feed_title), feed))
        return FALSE;
    return pf_transaction_commit(g_steal_pointer(&transaction), error);
}

gboolean
pf_feed_store_has_items(PfFeedStore *store, gint64 feed, gboolean *any, GError **error)
{
    gint64 found = 0;
    gboolean readable =
        pf_database_read_number(store->database, &found, error, "SELECT 1 FROM item WHERE id BETWEEN ? AND ? LIMIT 1",
                                "ii", first_id(feed), last_id(feed));

    *any = found != 0;
    return readable;
}

static gboolean
take_items(sqlite3_stmt *row, gpointer data)
{
    g_ptr_array_add(data, read_row(row));
    return TRUE;
}

/* Removes a feed's items that were not seen since @keep_since (G_MAXINT64: all), within the caller's transaction. */
static gboolean
pf_feed_store_forget_items(PfFeedStore *store, gint64 feed, gint64 keep_since, GError **error)
{
    g_autoptr(GPtrArray) old = g_ptr_array_new_with_free_func((GDestroyNotify)pf_known_item_free);
    sqlite3_stmt *rows = pf_database_prepare(store->database, error,
                                             "SELECT " COLUMNS " FROM item WHERE id BETWEEN ? AND ? AND seen < ?",
                                             "iii", first_id(feed), last_id(feed), keep_since);

    if (!pf_database_each(store->database, rows, take_items, old, error))
        return FALSE;
    for (guint i = 0; i < old->len; i++) {
        const PfKnownItem *item = old->pdata[i];
        g_autoptr(GArray) keys = pf_feed_key_list(item->item);

        if (!write_keys(store, REMOVE_KEY, keys, item->id, error) ||
            !pf_database_run(store->database, error, "DELETE FROM item WHERE id = ?", "i", item->id))
            return FALSE;
    }
    return TRUE;
}

/* --- finding --- */

/* Reads an item's feed, and adds the item to @items unless the feed is gone. */
static gboolean
add_with_feed(PfFeedStore *store, PfKnownItem *item_taken, GHashTable *items, GError **error)
{
    g_autoptr(PfKnownItem) item = item_taken;

    if (!pf_feed_store_read(store, item->id >> PF_FEED_STORE_SHIFT, &item->feed, error))
        return FALSE;
    if (item->feed) {
        PfKnownItem *found = g_steal_pointer(&item);
        g_hash_table_insert(items, &found->id, found);
    }
    return TRUE;
}

gboolean
pf_feed_lookup_key(PfFeedStore *store, gint64 key, gint64 feed, PfFeedItems *found, GError **error)
{
    g_autoptr(GArray) ids = list_ids(store, key, feed, found->most + 1, error);

    if (!ids)
        return FALSE;
    found->more = ids->len > found->most;
    for (guint i = 0; i < MIN(ids->len, found->most); i++) {
        gint64 id = g_array_index(ids, gint64, i);
        g_autoptr(PfKnownItem) item = NULL;

        if (g_hash_table_contains(found->items, &id))
            continue;
        if (!read_item(store, id, &item, error) ||
            (item && !add_with_feed(store, g_steal_pointer(&item), found->items, error)))
            return FALSE;
    }
    return TRUE;
}

gboolean
pf_feed_lookup_measured(PfFeedStore *store, gint64 feed, const PfFileMeasure *file, PfFeedItems *found, GError **error)
{
    g_autoptr(GPtrArray) read = g_ptr_array_new_with_free_func((GDestroyNotify)pf_known_item_free);
    /* As pack_enclosures() writes it; a URL with the same in it does no harm. */
    g_autofree char *length = file->size > 0 ? g_strdup_printf("*,%" G_GINT64_FORMAT ",*", file->size) : NULL;
    sqlite3_stmt *rows = pf_database_prepare(
        store->database, error,
        "SELECT " COLUMNS " FROM item WHERE id BETWEEN ? AND ? AND (enclosures GLOB ? OR (published >= ? AND"
        " published < ?)) LIMIT ?",
        "iisiii", first_id(feed), last_id(feed), length, file->from, file->to, (gint64)found->most + 1);

    if (!pf_database_each(store->database, rows, take_items, read, error))
        return FALSE;
    found->more = read->len > found->most;
    while (read->len > 0) {
        g_autoptr(PfKnownItem) item = g_ptr_array_steal_index(read, 0);
        if (g_hash_table_contains(found->items, &item->id))
            continue;
        if (!add_with_feed(store, g_steal_pointer(&item), found->items, error))
            return FALSE;
    }
    return TRUE;
}

/* The store's feeds. */

#define STORE_FEEDS_COLUMNS                                                                                            \
    "id, url, address, origin, title, payments, etag, last_modified, fetched, tried, due, failures, fault, gone, "     \
    "not_before, next_page, wants_page, pages, paged, (SELECT guid FROM show WHERE show.id = feed.id)"

/* No server asks for a wait of more than a day, seconds: if it seems so, our clock was ahead when it asked. */
#define LONGEST_PLEA 86400

/* A folder name and its beginning can be those of hardly more. */
#define MOST_FOLDERS 100
/* How many folders above a file may be of its show and title. */
#define MOST_LEVELS 5
#define MOST_TITLE_FOLDERS 3

/* The key that a feed of this title is found under by its folder; 0 for none. */
static gint64
pf_feed_store_folder_key(const char *title)
{
    g_autofree char *canonical = pf_name_dup_canonical(title ? title : "");

    return *canonical ? pf_feed_key_of_beginning(canonical) : 0;
}

static PfKnownFeed *
store_feeds_read_row(sqlite3_stmt *row)
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
    feed->gone = sqlite3_column_int64(row, 13);
    feed->not_before = sqlite3_column_int64(row, 14);
    feed->next_page = pf_database_dup_text(row, 15);
    feed->wants_page = sqlite3_column_int(row, 16) != 0;
    feed->pages = sqlite3_column_int64(row, 17);
    feed->paged = sqlite3_column_int64(row, 18);
    feed->show = pf_database_dup_text(row, 19);
    return feed;
}

static gboolean
take_feeds(sqlite3_stmt *row, gpointer data)
{
    g_ptr_array_add(data, store_feeds_read_row(row));
    return TRUE;
}

static gboolean
take_feed(sqlite3_stmt *row, gpointer data)
{
    PfKnownFeed **feed = data;

    *feed = store_feeds_read_row(row);
    return FALSE;
}

gboolean
pf_feed_store_find(PfFeedStore *store, const char *url, PfKnownFeed **feed, GError **error)
{
    sqlite3_stmt *rows = pf_database_prepare(store->database, error,
                                             "SELECT " STORE_FEEDS_COLUMNS " FROM feed WHERE url = ?1 OR address = ?1"
                                             " ORDER BY url <> ?1, origin, id LIMIT 1",
                                             "s", url);

    *feed = NULL;
    return pf_database_each(store->database, rows, take_feed, feed, error);
}

gboolean
pf_feed_store_read(PfFeedStore *store, gint64 id, PfKnownFeed **feed, GError **error)
{
    sqlite3_stmt *rows =
        pf_database_prepare(store->database, error, "SELECT " STORE_FEEDS_COLUMNS " FROM feed WHERE id = ?", "i", id);

    *feed = NULL;
    return pf_database_each(store->database, rows, take_feed, feed, error);
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

gint64
pf_feed_store_add(PfFeedStore *store, const char *url, PfFeedOrigin origin, gint64 next, GError **error)
{
    g_autoptr(PfTransaction) transaction = pf_database_begin(store->database, error);
    gint64 added = transaction ? add(store, url, origin, next, error) : 0;

    return added && pf_transaction_commit(g_steal_pointer(&transaction), error) ? added : 0;
}

typedef struct {
    GHashTable *named; /* of char * */
    GArray *dropped;   /* of gint64 */
} Dropping;

static gboolean
take_dropped(sqlite3_stmt *row, gpointer data)
{
    const Dropping *dropping = data;
    gint64 id = sqlite3_column_int64(row, 0);

    if (!g_hash_table_contains(dropping->named, sqlite3_column_text(row, 1)) &&
        !g_hash_table_contains(dropping->named, sqlite3_column_text(row, 2)))
        g_array_append_val(dropping->dropped, id);
    return TRUE;
}

/* Returns: (transfer full): of gint64, the subscriptions that nobody names any more; NULL with @error set. */
static GArray *
list_dropped(PfFeedStore *store, const GPtrArray *urls, GError **error)
{
    g_autoptr(GHashTable) named = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GArray) dropped = g_array_new(FALSE, FALSE, sizeof(gint64));
    Dropping dropping = {named, dropped};
    sqlite3_stmt *rows =
        pf_database_prepare(store->database, error, "SELECT id, url, address FROM feed WHERE origin = ? ORDER BY id",
                            "i", (gint64)PF_FEED_ORIGIN_SUBSCRIPTION);

    for (guint i = 0; i < urls->len; i++)
        g_hash_table_add(named, urls->pdata[i]);
    return pf_database_each(store->database, rows, take_dropped, &dropping, error) ? g_steal_pointer(&dropped) : NULL;
}

gboolean
pf_feed_store_keep(PfFeedStore *store, const GPtrArray *urls, GError **error)
{
    g_autoptr(PfTransaction) transaction = pf_database_begin(store->database, error);
    g_autoptr(GArray) dropped = transaction ? list_dropped(store, urls, error) : NULL;

    if (!dropped)
        return FALSE;
    for (guint i = 0; i < dropped->len; i++) {
        gint64 id = g_array_index(dropped, gint64, i);

        if (!pf_feed_store_forget_items(store, id, G_MAXINT64, error) ||
            !pf_database_run(store->database, error, "DELETE FROM show WHERE id = ?", "i", id) ||
            !pf_database_run(store->database, error, "DELETE FROM feed WHERE id = ?", "i", id))
            return FALSE;
    }
    return pf_transaction_commit(g_steal_pointer(&transaction), error);
}

/* --- when they are fetched --- */

typedef struct {
    PfKnownFeedChoice choice;
    GPtrArray *feeds;
} Chosen;

static gboolean
take_wanted(sqlite3_stmt *row, gpointer data)
{
    const Chosen *chosen = data;
    const PfKnownFeedChoice *choice = &chosen->choice;

    if (choice->wants(sqlite3_column_int64(row, 0), (const char *)sqlite3_column_text(row, 2), choice->data))
        g_ptr_array_add(chosen->feeds, store_feeds_read_row(row));
    return chosen->feeds->len < choice->most;
}

GPtrArray *
pf_feed_store_list_due(PfFeedStore *store, gint64 now, PfKnownFeedChoice choice, GError **error)
{
    g_autoptr(GPtrArray) feeds = g_ptr_array_new_with_free_func((GDestroyNotify)pf_known_feed_free);
    Chosen chosen = {choice, feeds};

    if (choice.most == 0)
        return g_steal_pointer(&feeds);
    sqlite3_stmt *rows = pf_database_prepare(
        store->database, error, "SELECT " STORE_FEEDS_COLUMNS " FROM feed WHERE due <= ? ORDER BY due, id", "i", now);
    return pf_database_each(store->database, rows, take_wanted, &chosen, error) ? g_steal_pointer(&feeds) : NULL;
}

gboolean
pf_feed_store_read_next_due(PfFeedStore *store, gint64 *due, GError **error)
{
    *due = G_MAXINT64;
    return pf_database_read_number(store->database, due, error, "SELECT due FROM feed ORDER BY due LIMIT 1", "");
}

/* What may be asked out of turn: ?1 is now, ?2 since when a try counts, ?3 PF_FEED_ORIGIN_FILE. */
#define MAY_BE_ASKED "tried < ?2 AND origin <> ?3 AND not_before NOT BETWEEN ?1 + 1 AND ?1 + " G_STRINGIFY(LONGEST_PLEA)

/* SQLite would read all feeds if one statement were for both. A feed that is gone is asked once a day when it is meant:
 * where a file of its comes from, it may be again. */
#define OF_ONE " AND id = ?4 AND (NOT gone OR tried < ?1 - 86400)"
#define OF_ALL " AND NOT gone"

gboolean
pf_feed_store_has_unasked(PfFeedStore *store, const PfFeedsWanted *wanted, gboolean *any, GError **error)
{
    const gint64 origin = PF_FEED_ORIGIN_FILE;
    const GArray *ids = wanted->ids;
    const char *sql = ids ? "SELECT EXISTS (SELECT 1 FROM feed WHERE " MAY_BE_ASKED OF_ONE ")"
                          : "SELECT EXISTS (SELECT 1 FROM feed WHERE " MAY_BE_ASKED OF_ALL ")";
    gint64 found = 0;

    for (guint i = 0; !found && i < (ids ? ids->len : 1); i++)
        if (!pf_database_read_number(store->database, &found, error, sql, ids ? "iiii" : "iii", wanted->now,
                                     wanted->since, origin, ids ? g_array_index(ids, gint64, i) : 0))
            return FALSE;
    *any = found != 0;
    return TRUE;
}

/* A statement about feeds that may be asked, and one that counts those of them that are due then; each about all
 * feeds, or with OF_ONE about one. */
typedef struct {
    const char *change, *change_types;
    const char *count, *count_types;
} MakeDue;

static gboolean
make_some_due(PfFeedStore *store, const MakeDue *make, const PfFeedsWanted *wanted, guint *count, GError **error)
{
    const gint64 origin = PF_FEED_ORIGIN_FILE, since = wanted->since, now = wanted->now;
    const GArray *ids = wanted->ids;
    g_autoptr(PfTransaction) transaction = pf_database_begin(store->database, error);

    *count = 0;
    if (!transaction)
        return FALSE;
    for (guint i = 0; i < (ids ? ids->len : 1); i++) {
        gint64 id = ids ? g_array_index(ids, gint64, i) : 0, due = 0;

        if (!pf_database_run(store->database, error, make->change, make->change_types, now, since, origin, id,
                             wanted->most) ||
            !pf_database_read_number(store->database, &due, error, make->count, make->count_types, now, since, origin,
                                     id))
            return FALSE;
        *count += (guint)due;
    }
    return pf_transaction_commit(g_steal_pointer(&transaction), error);
}

/* How often a feed was made due out of turn on the day of ?1. */
#define HURRIED "iif(hurried_on = ?1 / 86400, hurried, 0)"

/* Also of one that is due already: it may be under way, see pf_feed_store_put_feed(). */
#define MAKE_DUE                                                                                                       \
    "UPDATE feed SET due = ?2, hurried = " HURRIED " + (due > ?1), hurried_on = ?1 / 86400"                            \
    " WHERE (due <= ?1 OR " HURRIED " < ?5) AND " MAY_BE_ASKED
#define COUNT_DUE "SELECT count(*) FROM feed WHERE due <= ?1 AND " MAY_BE_ASKED

gboolean
pf_feed_store_make_due(PfFeedStore *store, const PfFeedsWanted *wanted, guint *count, GError **error)
{
    static const MakeDue all = {MAKE_DUE OF_ALL, "iiiii", COUNT_DUE OF_ALL, "iii"},
                         one = {MAKE_DUE OF_ONE, "iiiii", COUNT_DUE OF_ONE, "iiii"};

    return make_some_due(store, wanted->ids ? &one : &all, wanted, count, error);
}

#define HAS_PAGES                                                                                                      \
    "next_page IS NOT NULL AND tried >= ?2 AND NOT gone AND origin <> ?3 AND "                                         \
    "not_before NOT BETWEEN ?1 + 1 AND ?1 + " G_STRINGIFY(LONGEST_PLEA)

gboolean
pf_feed_store_make_pages_due(PfFeedStore *store, const PfFeedsWanted *wanted, guint *count, GError **error)
{
    static const MakeDue make = {
        .change = "UPDATE feed SET due = min(due, ?1), wants_page = 1 WHERE " HAS_PAGES OF_ONE,
        .change_types = "iiii",
        .count = "SELECT count(*) FROM feed WHERE wants_page AND " HAS_PAGES OF_ONE,
        .count_types = "iiii",
    };

    return make_some_due(store, &make, wanted, count, error);
}

/* A few seconds ahead are no wrong clock. */
#define AHEAD 60

#define IS_AHEAD "origin <> ?3 AND (tried > ?1 + ?2 OR (tried = 0 AND due > ?1 + ?2))"

gboolean
pf_feed_store_bound_times(PfFeedStore *store, gint64 now, GError **error)
{
    const gint64 ahead = AHEAD, origin = PF_FEED_ORIGIN_FILE;
    gint64 any = 0;

    /* Who has nothing to correct needs no lock for writing. */
    if (!pf_database_read_number(store->database, &any, error, "SELECT EXISTS (SELECT 1 FROM feed WHERE " IS_AHEAD ")",
                                 "iii", now, ahead, origin))
        return FALSE;
    return !any || pf_database_run(store->database, error,
                                   "UPDATE feed SET due = min(due, ?1), tried = min(tried, ?1), paged = min(paged, ?1),"
                                   " gone = min(gone, ?1) WHERE " IS_AHEAD,
                                   "iii", now, ahead, origin);
}

gboolean
pf_feed_store_put_feed(PfFeedStore *store, const PfKnownFeed *feed, gint64 asked, gint64 keep_since, GError **error)
{
    gboolean may_stay_due = !feed->gone && feed->not_before == 0;
    g_autoptr(PfTransaction) transaction = pf_database_begin(store->database, error);

    return transaction &&
           pf_database_run(
               store->database, error,
               "UPDATE feed SET address = ?, title = ?, folder = ?, payments = ?, etag = ?, last_modified = ?,"
               " fetched = ?, tried = ?, due = iif(due > ? AND ?, min(due, ?), ?), failures = ?, fault = ?, gone = ?,"
               " not_before = ?, next_page = ?, wants_page = ?, pages = ?, paged = ? WHERE id = ?",
               "ssisssiiiiiiisiisiiii", feed->address, feed->title, pf_feed_store_folder_key(feed->title),
               feed->payments, feed->etag, feed->last_modified, feed->fetched, feed->tried, asked, (gint64)may_stay_due,
               feed->next, feed->next, feed->failures, feed->fault, feed->gone, feed->not_before, feed->next_page,
               (gint64)feed->wants_page, feed->pages, feed->paged, feed->id) &&
           (keep_since <= 0 || pf_feed_store_forget_items(store, feed->id, keep_since, error)) &&
           pf_transaction_commit(g_steal_pointer(&transaction), error);
}

/* --- what they say of their shows --- */

gboolean
pf_feed_store_put_show(PfFeedStore *store, gint64 feed, const PfFeed *said, GError **error)
{
    g_autofree char *ways = pf_show_pack_ways(said->funding, said->values);
    json_t *links = json_array();

    for (guint i = 0; i < said->payment_links->len; i++)
        json_array_append_new(links, json_string(said->payment_links->pdata[i]));
    g_autofree char *text = json_dumps(links, JSON_COMPACT);
    json_decref(links);
    return pf_database_run(store->database, error,
                           "INSERT OR REPLACE INTO show (id, title, page, guid, owner, image, links, ways)"
                           " SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM feed WHERE id = ?1",
                           "isssssss", feed, said->title, said->link, said->guid, said->owner, said->image, text, ways);
}

static PfShow *
read_show(sqlite3_stmt *row)
{
    PfShow *show = pf_show_new();
    const char *links = (const char *)sqlite3_column_text(row, 7);
    json_t *list = links ? json_loads(links, 0, NULL) : NULL;

    show->url = pf_database_dup_text(row, 0);
    show->address = pf_database_dup_text(row, 1);
    show->title = pf_database_dup_text(row, 2);
    show->page = pf_database_dup_text(row, 3);
    show->guid = pf_database_dup_text(row, 4);
    show->owner = pf_database_dup_text(row, 5);
    show->image = pf_database_dup_text(row, 6);
    for (gsize i = 0; i < json_array_size(list); i++)
        g_ptr_array_add(show->payment_links, g_strdup(json_string_value(json_array_get(list, i))));
    json_decref(list);
    pf_show_unpack_ways((const char *)sqlite3_column_text(row, 8), show->funding, show->values);
    return show;
}

static gboolean
take_shows(sqlite3_stmt *row, gpointer data)
{
    g_ptr_array_add(data, read_show(row));
    return TRUE;
}

GPtrArray *
pf_feed_store_list_shows(PfFeedStore *store, GError **error)
{
    g_autoptr(GPtrArray) shows = g_ptr_array_new_with_free_func((GDestroyNotify)pf_show_free);
    sqlite3_stmt *rows =
        pf_database_prepare(store->database, error,
                            "SELECT feed.url, feed.address, show.title, page, guid, owner, image, links, ways"
                            " FROM show JOIN feed USING (id) ORDER BY id",
                            "");

    return pf_database_each(store->database, rows, take_shows, shows, error) ? g_steal_pointer(&shows) : NULL;
}

static gboolean
take_ways(sqlite3_stmt *row, gpointer data)
{
    const PfShow *show = data;

    pf_show_unpack_ways((const char *)sqlite3_column_text(row, 0), show->funding, show->values);
    return TRUE;
}

gboolean
pf_feed_store_add_item_ways(PfFeedStore *store, const char *feed, const char *guid, PfShow *show, GError **error)
{
    g_autoptr(PfKnownFeed) known = NULL;

    if (!pf_feed_store_find(store, feed, &known, error))
        return FALSE;
    if (!known)
        return TRUE;
    sqlite3_stmt *rows =
        pf_database_prepare(store->database, error,
                            "SELECT ways FROM item_key JOIN item ON id = item"
                            " WHERE key = ? AND item BETWEEN ? AND ? AND guid = ? AND ways IS NOT NULL",
                            "iiis", pf_feed_key_of_identifier(guid), first_id(known->id), last_id(known->id), guid);
    return pf_database_each(store->database, rows, take_ways, show, error);
}

/* --- which hold a file --- */

/* Adds the feeds whose title a folder's name may be. A key proves nothing, so their titles are compared. */
static gboolean
add_named(PfFeedStore *store, const char *folder, GPtrArray *feeds, GError **error)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)pf_known_feed_free);
    gint64 key = pf_feed_store_folder_key(folder);
    sqlite3_stmt *rows = pf_database_prepare(store->database, error,
                                             "SELECT " STORE_FEEDS_COLUMNS " FROM feed WHERE folder = ? AND folder <> 0"
                                             " ORDER BY id LIMIT ?",
                                             "ii", key, (gint64)MOST_FOLDERS);

    if (!pf_database_each(store->database, rows, take_feeds, found, error))
        return FALSE;
    while (found->len > 0) {
        PfKnownFeed *feed = g_ptr_array_steal_index(found, 0);
        PfNames names = pf_name_compare_texts(folder, feed->title);
        if (names != PF_NAMES_DIFFER && names != PF_NAMES_LOOSE)
            g_ptr_array_add(feeds, feed);
        else
            pf_known_feed_free(feed);
    }
    return TRUE;
}

static gboolean
add_folder(PfFeedStore *store, const char *folder, GPtrArray *feeds, GError **error)
{
    g_autofree char *plain = pf_name_strip_collision(folder);

    return add_named(store, folder, feeds, error) &&
           (g_str_equal(plain, folder) || add_named(store, plain, feeds, error));
}

/* Adds the feeds that a folder is named after; the "/" of a title may have made several folders of it. @folder: is
 * changed */
static gboolean
add_level(PfFeedStore *store, char *folder, const char *root, GPtrArray *feeds, GError **error)
{
    g_autoptr(GString) name = g_string_new(NULL);

    for (guint i = 0; i < MOST_TITLE_FOLDERS && feeds->len == 0; i++) {
        char *slash = strrchr(folder, '/');
        if (!slash || !slash[1] || g_strcmp0(folder, root) == 0)
            break;
        g_string_prepend(name, slash + 1);
        if (!add_folder(store, name->str, feeds, error))
            return FALSE;
        g_string_prepend_c(name, '/');
        *slash = '\0';
    }
    return TRUE;
}

GPtrArray *
pf_feed_store_list_for_path(PfFeedStore *store, const char *path, const char *root, GError **error)
{
    g_autoptr(GPtrArray) feeds = g_ptr_array_new_with_free_func((GDestroyNotify)pf_known_feed_free);
    g_autofree char *folder = g_path_get_dirname(path);

    for (guint i = 0; i < (root ? MOST_LEVELS : 2) && feeds->len == 0; i++) {
        if (g_strcmp0(folder, root) == 0)
            break;
        g_autofree char *level = g_strdup(folder);
        if (!add_level(store, level, root, feeds, error))
            return NULL;
        char *above = g_path_get_dirname(folder);
        g_free(folder);
        folder = above;
    }
    return g_steal_pointer(&feeds);
}

/* --- for people --- */

gboolean
pf_feed_store_count(PfFeedStore *store, gint64 *known, gint64 *failing, GError **error)
{
    *known = *failing = 0;
    return pf_database_read_number(store->database, known, error, "SELECT count(*) FROM feed", "") &&
           pf_database_read_number(store->database, failing, error, "SELECT count(*) FROM feed WHERE failures > 0", "");
}

gboolean
pf_feed_store_count_origin(PfFeedStore *store, PfFeedOrigin origin, gint64 *count, GError **error)
{
    *count = 0;
    return pf_database_read_number(store->database, count, error, "SELECT count(*) FROM feed WHERE origin = ?", "i",
                                   (gint64)origin);
}

typedef struct {
    PfKnownFeedFunc each;
    gpointer data;
} EachFeed;

static gboolean
pass_on(sqlite3_stmt *row, gpointer data)
{
    const EachFeed *caller = data;
    g_autoptr(PfKnownFeed) feed = store_feeds_read_row(row);

    return caller->each(feed, caller->data);
}

gboolean
pf_feed_store_each(PfFeedStore *store, PfKnownFeedFunc each, gpointer data, GError **error)
{
    sqlite3_stmt *rows =
        pf_database_prepare(store->database, error, "SELECT " STORE_FEEDS_COLUMNS " FROM feed ORDER BY url", "");
    EachFeed caller = {each, data};

    return pf_database_each(store->database, rows, pass_on, &caller, error);
}
