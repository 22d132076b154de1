/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/store_private.h"

#define SCHEMA_VERSION 2

/* Marks the file as ours ("FlSb"), so that no other program's database is written to by mistake. */
#define APPLICATION_ID 0x466c5362

/* A deleted thing keeps its row, since the flattrs that it got stay; its URL is free for another one. */
#define THINGS_TABLE(name)                                                                                             \
    "CREATE TABLE " name " (id INTEGER PRIMARY KEY, url TEXT NOT NULL, owner INTEGER NOT NULL REFERENCES users,"       \
    " title TEXT NOT NULL, description TEXT NOT NULL, language TEXT NOT NULL, category TEXT NOT NULL,"                 \
    " tags TEXT NOT NULL, hidden INTEGER NOT NULL, flattrs INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL,"   \
    " last_flattr_at INTEGER NOT NULL DEFAULT 0, updated_at INTEGER NOT NULL DEFAULT 0,"                               \
    " deleted INTEGER NOT NULL DEFAULT 0) STRICT;"
#define THINGS_INDEXES                                                                                                 \
    "CREATE UNIQUE INDEX things_by_url ON things (url) WHERE deleted = 0;"                                             \
    "CREATE INDEX things_by_owner ON things (owner) WHERE deleted = 0;"

/* What version 2 added beside the columns. */
#define TABLES_OF_2                                                                                                    \
    "CREATE TABLE subscriptions (id INTEGER PRIMARY KEY, user INTEGER NOT NULL REFERENCES users,"                      \
    " thing INTEGER NOT NULL REFERENCES things, active INTEGER NOT NULL DEFAULT 1, created_at INTEGER NOT NULL,"       \
    " started_at INTEGER NOT NULL, UNIQUE (user, thing)) STRICT;"                                                      \
    "CREATE TABLE identities (identity TEXT PRIMARY KEY, user INTEGER NOT NULL REFERENCES users) STRICT, WITHOUT "     \
    "ROWID;"

static const char schema[] =
    "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, means INTEGER NOT NULL,"
    " registered_at INTEGER NOT NULL, hides_flattrs INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE TABLE tokens (id INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE, user INTEGER NOT NULL REFERENCES users,"
    " scopes TEXT NOT NULL, revoked INTEGER NOT NULL DEFAULT 0, application TEXT NOT NULL DEFAULT '',"
    " created_at INTEGER NOT NULL DEFAULT 0) STRICT;" THINGS_TABLE("things") THINGS_INDEXES
    "CREATE TABLE flattrs (id INTEGER PRIMARY KEY, user INTEGER NOT NULL REFERENCES users,"
    " thing INTEGER NOT NULL REFERENCES things, month TEXT NOT NULL, accepted INTEGER NOT NULL DEFAULT 1,"
    " created_at INTEGER NOT NULL, UNIQUE (thing, user, month)) STRICT;" TABLES_OF_2;

#define COLUMNS_OF_1                                                                                                   \
    "id, url, owner, title, description, language, category, tags, hidden, flattrs, created_at, last_flattr_at"

/* Foreign keys are not yet enforced when this runs, so the table may be replaced under those that refer to it. */
static const char upgrade_1_to_2[] =
    THINGS_TABLE("things_of_2") "INSERT INTO things_of_2 (" COLUMNS_OF_1 ") SELECT " COLUMNS_OF_1 " FROM things;"
                                "DROP TABLE things; ALTER TABLE things_of_2 RENAME TO things;" THINGS_INDEXES
                                "ALTER TABLE users ADD COLUMN hides_flattrs INTEGER NOT NULL DEFAULT 0;"
                                "ALTER TABLE tokens ADD COLUMN application TEXT NOT NULL DEFAULT '';"
                                "ALTER TABLE tokens ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;" TABLES_OF_2;

#define USER_COLUMNS " u.id, u.name, u.means, u.registered_at, u.hides_flattrs "
#define THING_COLUMNS                                                                                                  \
    " t.id, t.url, t.owner, o.name, t.title, t.description, t.language, t.category, t.tags, t.hidden, t.flattrs,"      \
    " t.created_at, t.last_flattr_at, t.updated_at "
#define THING_TABLES " things t JOIN users o ON o.id = t.owner "
#define SUBSCRIPTION_COLUMNS ", s.id, s.user, s.active, s.created_at, s.started_at "
#define SUBSCRIPTION_TABLES " subscriptions s JOIN things t ON t.id = s.thing JOIN users o ON o.id = t.owner "

static const char *const texts[STORE_STATEMENTS] = {
    [STORE_BEGIN] = "BEGIN",
    [STORE_COMMIT] = "COMMIT",
    [STORE_ROLLBACK] = "ROLLBACK",
    [STORE_GET_SETTING] = "SELECT value FROM settings WHERE name = ?",
    [STORE_SET_SETTING] = "INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)",

    [STORE_GET_USER] = "SELECT" USER_COLUMNS "FROM users u WHERE u.name = ?",
    [STORE_GET_USER_BY_ID] = "SELECT" USER_COLUMNS "FROM users u WHERE u.id = ?",
    [STORE_LIST_USERS] = "SELECT" USER_COLUMNS "FROM users u ORDER BY u.name LIMIT ?",
    [STORE_ADD_USER] = "INSERT INTO users (name, means, registered_at) VALUES (?, 0, ?)",
    [STORE_SET_MEANS] = "UPDATE users SET means = ? WHERE id = ?",
    [STORE_SET_HIDES] = "UPDATE users SET hides_flattrs = ? WHERE id = ?",

    [STORE_GET_BEARER] = "SELECT" USER_COLUMNS ", k.scopes FROM tokens k JOIN users u ON u.id = k.user"
                         " WHERE k.token = ? AND NOT k.revoked",
    [STORE_ADD_TOKEN] = "INSERT INTO tokens (token, user, scopes, application, created_at) VALUES (?, ?, ?, ?, ?)",
    [STORE_GET_TOKEN] = "SELECT token FROM tokens WHERE user = ? AND NOT revoked ORDER BY id LIMIT 1",
    [STORE_REVOKE_TOKEN] = "UPDATE tokens SET revoked = 1 WHERE token = ? AND NOT revoked",
    [STORE_LIST_GRANTS] = "SELECT id, application, scopes, created_at FROM tokens WHERE user = ? AND NOT revoked"
                          " ORDER BY id DESC LIMIT ?",
    [STORE_REVOKE_GRANT] = "UPDATE tokens SET revoked = 1 WHERE user = ? AND id = ? AND NOT revoked",

    [STORE_GET_IDENTITY] = "SELECT u.name FROM identities i JOIN users u ON u.id = i.user WHERE i.identity = ?",
    [STORE_ADD_IDENTITY] = "INSERT INTO identities (identity, user) VALUES (?, ?)",
    [STORE_CLAIM_THINGS] = "UPDATE things SET owner = ? WHERE owner = (SELECT id FROM users WHERE name = ?)",

    [STORE_GET_THING] = "SELECT" THING_COLUMNS "FROM" THING_TABLES "WHERE t.id = ? AND t.deleted = 0",
    [STORE_FIND_THING] = "SELECT" THING_COLUMNS "FROM" THING_TABLES "WHERE t.url = ? AND t.deleted = 0",
    [STORE_ADD_THING] = "INSERT INTO things (url, owner, title, description, language, category, tags, hidden,"
                        " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [STORE_UPDATE_THING] = "UPDATE things SET title = ?, description = ?, language = ?, category = ?, tags = ?,"
                           " hidden = ?, updated_at = ? WHERE id = ?",
    [STORE_DELETE_THING] = "UPDATE things SET deleted = 1 WHERE id = ?",
    [STORE_UNSUBSCRIBE_ALL] = "DELETE FROM subscriptions WHERE thing = ?",
    [STORE_LIST_THINGS_OF] =
        "SELECT" THING_COLUMNS "FROM" THING_TABLES "WHERE t.owner = ? AND t.deleted = 0 AND (? OR NOT t.hidden)"
        " ORDER BY t.id DESC LIMIT ? OFFSET ?",
    [STORE_LIST_THINGS] = "SELECT" THING_COLUMNS "FROM" THING_TABLES "WHERE t.deleted = 0 ORDER BY t.id DESC",

    [STORE_COUNT_FLATTRERS] = "SELECT count(DISTINCT user) FROM flattrs WHERE thing = ?",
    [STORE_HAS_FLATTR] = "SELECT 1 FROM flattrs WHERE thing = ? AND user = ? AND month = ?",
    [STORE_ADD_FLATTR] = "INSERT INTO flattrs (user, thing, month, created_at) VALUES (?, ?, ?, ?)"
                         " ON CONFLICT DO UPDATE SET accepted = accepted + 1",
    [STORE_COUNT_FLATTR] = "UPDATE things SET flattrs = flattrs + 1, last_flattr_at = ? WHERE id = ?",
    [STORE_COUNT_SINCE] = "SELECT thing, count(*) FROM flattrs WHERE created_at >= ? GROUP BY thing",
    /* In the order of the primary key, so that a page of the newest needs no sorting of all. */
    [STORE_LIST_FLATTRS] = "SELECT" THING_COLUMNS ", u.name, f.accepted, f.created_at FROM flattrs f"
                           " JOIN users u ON u.id = f.user JOIN things t ON t.id = f.thing"
                           " JOIN users o ON o.id = t.owner WHERE (?1 = 0 OR f.user = ?1)"
                           " AND (?2 = 0 OR f.thing = ?2) AND (?3 = 0 OR t.owner = ?3)"
                           " AND (?4 = 0 OR (NOT u.hides_flattrs AND (NOT t.hidden OR t.owner = ?5)))"
                           " ORDER BY f.id DESC LIMIT ?6 OFFSET ?7",

    [STORE_GET_SUBSCRIPTION] =
        "SELECT" THING_COLUMNS SUBSCRIPTION_COLUMNS "FROM" SUBSCRIPTION_TABLES "WHERE s.user = ? AND s.thing = ?",
    [STORE_LIST_SUBSCRIPTIONS] = "SELECT" THING_COLUMNS SUBSCRIPTION_COLUMNS "FROM" SUBSCRIPTION_TABLES
                                 "WHERE (?1 = 0 OR s.user = ?1) AND (?2 = 0 OR s.active) ORDER BY s.id DESC",
    [STORE_ADD_SUBSCRIPTION] = "INSERT INTO subscriptions (user, thing, created_at, started_at) VALUES (?, ?, ?, ?)",
    [STORE_SET_ACTIVE] = "UPDATE subscriptions SET active = ?, started_at = ? WHERE id = ?",
    [STORE_DELETE_SUBSCRIPTION] = "DELETE FROM subscriptions WHERE user = ? AND thing = ?",
};

const char *
store_statement_text(StoreStatement which)
{
    return texts[which];
}

static gboolean
read_number(sqlite3 *database, const char *sql, gint64 *number)
{
    sqlite3_stmt *statement = NULL;
    gboolean read =
        sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW;

    if (read)
        *number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return read;
}

static gboolean
run_and_mark(sqlite3 *database, const char *sql)
{
    g_autofree char *whole = g_strdup_printf("BEGIN; %s PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
                                             sql, APPLICATION_ID, SCHEMA_VERSION);

    return sqlite3_exec(database, whole, NULL, NULL, NULL) == SQLITE_OK;
}

gboolean
store_schema_prepare(sqlite3 *database, gboolean *foreign)
{
    gint64 tables = 0, application = 0, version = 0;

    if (!read_number(database, "SELECT count(*) FROM sqlite_schema", &tables) ||
        !read_number(database, "PRAGMA application_id", &application) ||
        !read_number(database, "PRAGMA user_version", &version))
        return FALSE;
    if (tables == 0)
        return run_and_mark(database, schema);
    *foreign = application != APPLICATION_ID || version < 1 || version > SCHEMA_VERSION;
    if (*foreign)
        return FALSE;
    return version == SCHEMA_VERSION || run_and_mark(database, upgrade_1_to_2);
}
