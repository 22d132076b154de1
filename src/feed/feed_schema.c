/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_schema.h"

#define SCHEMA_VERSION 3
#define TEXT(number) G_STRINGIFY(number)

/* Times are seconds since the epoch.
 *
 * feed: as PfKnownFeed. origin: as PfFeedOrigin. folder is the key (feed_key.h) of the beginning of the
 * canonical title, 0 for none. due is the struct's next.
 *
 * item: its id is its feed's id times 2^32 and a number within the feed, so that a feed's items lie side by side and
 * the keys need no column for the feed. enclosures is a JSON array of [url, type, length].
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
                             "  gone INTEGER NOT NULL DEFAULT 0"
                             ") STRICT;"
                             "CREATE INDEX feed_address ON feed (address);"
                             "CREATE INDEX feed_folder ON feed (folder) WHERE folder <> 0;"
                             "CREATE INDEX feed_due ON feed (due);"
                             "CREATE TABLE item ("
                             "  id INTEGER PRIMARY KEY,"
                             "  seen INTEGER NOT NULL,"
                             "  published INTEGER,"
                             "  guid TEXT, title TEXT, link TEXT, enclosures TEXT, payments TEXT"
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
    g_set_error(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_CORRUPT, "it is of version %" G_GINT64_FORMAT ", not %d",
                version, SCHEMA_VERSION);
    return FALSE;
}

gboolean
pf_feed_schema_prepare(PfDatabase *database, GError **error)
{
    g_autoptr(GError) failure = NULL;
    gint64 version = 0;

    /* Readers of a database of today need no lock for writing. */
    if (!pf_database_read_number(database, &version, error, "PRAGMA user_version", ""))
        return FALSE;
    if (version == SCHEMA_VERSION)
        return TRUE;
    if (pf_database_begin(database, &failure)) {
        prepare(database, &failure);
        pf_database_end(database, &failure);
    }
    if (!failure)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}
