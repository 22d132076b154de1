/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <unistd.h>

/* The statements, prepared once when the store is opened. */
typedef enum {
    STORE_BEGIN,
    STORE_COMMIT,
    STORE_ROLLBACK,
    STORE_GET_SETTING,
    STORE_SET_SETTING,
    STORE_GET_CLIENT,
    STORE_SET_CLIENT,
    STORE_GET_USER,
    STORE_GET_USER_BY_ID,
    STORE_LIST_USERS,
    STORE_ADD_USER,
    STORE_SET_MEANS,
    STORE_SET_HIDES,
    STORE_GET_BEARER,
    STORE_ADD_TOKEN,
    STORE_GET_TOKEN,
    STORE_REVOKE_TOKEN,
    STORE_LIST_GRANTS,
    STORE_REVOKE_GRANT,
    STORE_GET_IDENTITY,
    STORE_ADD_IDENTITY,
    STORE_CLAIM_THINGS,
    STORE_GET_THING,
    STORE_FIND_THING,
    STORE_ADD_THING,
    STORE_UPDATE_THING,
    STORE_DELETE_THING,
    STORE_UNSUBSCRIBE_ALL,
    STORE_LIST_THINGS_OF,
    STORE_LIST_THINGS,
    STORE_COUNT_FLATTRERS,
    STORE_HAS_FLATTR,
    STORE_ADD_FLATTR,
    STORE_COUNT_FLATTR,
    STORE_COUNT_SINCE,
    STORE_LIST_FLATTRS,
    STORE_GET_SUBSCRIPTION,
    STORE_LIST_SUBSCRIPTIONS,
    STORE_ADD_SUBSCRIPTION,
    STORE_SET_ACTIVE,
    STORE_DELETE_SUBSCRIPTION,
    STORE_STATEMENTS
} StoreStatement;
struct SandboxStore {
    sqlite3 *database;
    sqlite3_stmt *statements[STORE_STATEMENTS];
    char *failure; /* the first one since the transaction began */
};
/* How many columns every row with a thing begins with. */
#define STORE_THING_WIDTH 14

static gboolean store_next(SandboxStore *store, sqlite3_stmt *statement);

#define SCHEMA_VERSION 3

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

/* What version 3 added. */
#define TABLES_OF_3                                                                                                    \
    "CREATE TABLE clients (id TEXT PRIMARY KEY, secret TEXT NOT NULL, redirect_uri TEXT NOT NULL, name TEXT NOT NULL)" \
    " STRICT, WITHOUT ROWID;"

static const char schema[] =
    "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, means INTEGER NOT NULL,"
    " registered_at INTEGER NOT NULL, hides_flattrs INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE TABLE tokens (id INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE, user INTEGER NOT NULL REFERENCES users,"
    " scopes TEXT NOT NULL, revoked INTEGER NOT NULL DEFAULT 0, application TEXT NOT NULL DEFAULT '',"
    " created_at INTEGER NOT NULL DEFAULT 0) STRICT;" THINGS_TABLE("things") THINGS_INDEXES
    "CREATE TABLE flattrs (id INTEGER PRIMARY KEY, user INTEGER NOT NULL REFERENCES users,"
    " thing INTEGER NOT NULL REFERENCES things, month TEXT NOT NULL, accepted INTEGER NOT NULL DEFAULT 1,"
    " created_at INTEGER NOT NULL, UNIQUE (thing, user, month)) STRICT;" TABLES_OF_2 TABLES_OF_3;

#define COLUMNS_OF_1                                                                                                   \
    "id, url, owner, title, description, language, category, tags, hidden, flattrs, created_at, last_flattr_at"

/* Foreign keys are not yet enforced when this runs, so the table may be replaced under those that refer to it. */
#define UPGRADE_1_TO_2                                                                                                 \
    THINGS_TABLE("things_of_2")                                                                                        \
    "INSERT INTO things_of_2 (" COLUMNS_OF_1 ") SELECT " COLUMNS_OF_1 " FROM things;"                                  \
    "DROP TABLE things; ALTER TABLE things_of_2 RENAME TO things;" THINGS_INDEXES                                      \
    "ALTER TABLE users ADD COLUMN hides_flattrs INTEGER NOT NULL DEFAULT 0;"                                           \
    "ALTER TABLE tokens ADD COLUMN application TEXT NOT NULL DEFAULT '';"                                              \
    "ALTER TABLE tokens ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;" TABLES_OF_2

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

    [STORE_GET_CLIENT] = "SELECT id, secret, redirect_uri, name FROM clients WHERE id = ?",
    [STORE_SET_CLIENT] = "INSERT OR REPLACE INTO clients (id, secret, redirect_uri, name) VALUES (?, ?, ?, ?)",

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

/* Returns a statement's text, static. */
static const char *
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

/*
 * Makes the tables of an empty database, and brings those of an older version up to date.
 *
 * @foreign: set to whether the database is another program's, or of a later version; it is not touched then
 *
 * Returns: whether the tables can be used; when not, and not @foreign, SQLite's last error says why.
 */
static gboolean
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
    if (version == 1)
        return run_and_mark(database, UPGRADE_1_TO_2 TABLES_OF_3);
    return version == SCHEMA_VERSION || run_and_mark(database, TABLES_OF_3);
}

/* --- statements -----------------------------------------------------------------------------------------------------
 */

static void
keep_failure(SandboxStore *store)
{
    if (!store->failure)
        store->failure = g_strdup(sqlite3_errmsg(store->database));
}

/*
 * Binds a statement's parameters.
 *
 * @types: a letter each: 'i' a gint64, 't' a const char * (or NULL) that must stay until the statement is done
 *
 * Returns: the statement, to be stepped with store_next(); it belongs to the store.
 */
static sqlite3_stmt *
store_start(SandboxStore *store, StoreStatement which, const char *types, ...)
{
    sqlite3_stmt *statement = store->statements[which];
    va_list values;

    sqlite3_reset(statement);
    va_start(values, types);
    for (int i = 0; types[i]; i++) {
        int result = types[i] == 'i'
                         ? sqlite3_bind_int64(statement, i + 1, va_arg(values, gint64))
                         : sqlite3_bind_text(statement, i + 1, va_arg(values, const char *), -1, SQLITE_STATIC);
        if (result != SQLITE_OK)
            keep_failure(store);
    }
    va_end(values);
    return statement;
}

/*
 * Steps a statement. At its end, and on a failure (which is kept), it is reset.
 *
 * Returns: whether there is a row.
 */
static gboolean
store_next(SandboxStore *store, sqlite3_stmt *statement)
{
    int result = store->failure ? SQLITE_DONE : sqlite3_step(statement);

    if (result == SQLITE_ROW)
        return TRUE;
    if (result != SQLITE_DONE)
        keep_failure(store);
    sqlite3_reset(statement);
    return FALSE;
}

/* Reads a text column. Returns (transfer full) it, or NULL for NULL. */
static char *
store_text(sqlite3_stmt *statement, int column)
{
    return g_strdup((const char *)sqlite3_column_text(statement, column));
}

/* --- opening --------------------------------------------------------------------------------------------------------
 */

static gboolean
run(SandboxStore *store, const char *sql)
{
    return sqlite3_exec(store->database, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static gboolean
prepare_statements(SandboxStore *store)
{
    for (gsize i = 0; i < STORE_STATEMENTS; i++) {
        if (sqlite3_prepare_v3(store->database, store_statement_text((StoreStatement)i), -1, SQLITE_PREPARE_PERSISTENT,
                               &store->statements[i], NULL) != SQLITE_OK)
            return FALSE;
    }
    return TRUE;
}

/* SQLite would make the file with the umask's permissions; the files that it puts beside it take after this one. */
static gboolean
make_private(const char *file)
{
    int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    return fd >= 0 && close(fd) == 0;
}

static SandboxStore *
fail_open(SandboxStore *store, const char *file, const char *reason, GError **error)
{
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "cannot use the database '%s': %s", file ? file : "in memory",
                reason);
    sandbox_store_close(store);
    return NULL;
}

SandboxStore *
sandbox_store_open(const char *file, GError **error)
{
    SandboxStore *store = g_new0(SandboxStore, 1);
    gboolean foreign = FALSE;
    /* A crash of the machine may take the last flattrs of a test server with it, but must not spoil the file: in WAL,
     * NORMAL promises just that, without a flush to the disk for every flattr. In memory there is nothing to flush. */
    const char *mode = file ? "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000"
                            : "PRAGMA synchronous = OFF";

    if (file && !make_private(file))
        return fail_open(store, file, g_strerror(errno), error);
    if (sqlite3_open_v2(file ? file : ":memory:", &store->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        return fail_open(store, file, sqlite3_errmsg(store->database), error);
    if (!store_schema_prepare(store->database, &foreign))
        return fail_open(store, file,
                         foreign ? "it belongs to another program or version" : sqlite3_errmsg(store->database), error);
    if (!run(store, mode) || !run(store, "PRAGMA foreign_keys = ON") || !prepare_statements(store))
        return fail_open(store, file, sqlite3_errmsg(store->database), error);
    return store;
}

void
sandbox_store_close(SandboxStore *store)
{
    if (!store)
        return;
    for (gsize i = 0; i < STORE_STATEMENTS; i++)
        sqlite3_finalize(store->statements[i]);
    sqlite3_close(store->database);
    g_free(store->failure);
    g_free(store);
}

/* --- transactions ---------------------------------------------------------------------------------------------------
 */

void
sandbox_store_begin(SandboxStore *store)
{
    g_clear_pointer(&store->failure, g_free);
    store_next(store, store_start(store, STORE_BEGIN, ""));
}

const char *
sandbox_store_end(SandboxStore *store, gboolean keep)
{
    /* A statement that still stands on a row would make COMMIT fail. */
    for (gsize i = 0; i < STORE_STATEMENTS; i++)
        sqlite3_reset(store->statements[i]);
    if (keep)
        store_next(store, store_start(store, STORE_COMMIT, ""));
    if (!sqlite3_get_autocommit(store->database))
        (void)sqlite3_step(store_start(store, STORE_ROLLBACK, ""));
    sqlite3_reset(store->statements[STORE_ROLLBACK]);
    return store->failure;
}

/* --- settings ----------------------------------------------------------------------------------------
 */

char *
sandbox_store_get_setting(SandboxStore *store, const char *name)
{
    sqlite3_stmt *row = store_start(store, STORE_GET_SETTING, "t", name);

    return store_next(store, row) ? store_text(row, 0) : NULL;
}

void
sandbox_store_set_setting(SandboxStore *store, const char *name, const char *value)
{
    store_next(store, store_start(store, STORE_SET_SETTING, "tt", name, value));
}

void
sandbox_client_free(SandboxClient *client)
{
    if (!client)
        return;
    g_free(client->id);
    g_free(client->secret);
    g_free(client->redirect_uri);
    g_free(client->name);
    g_free(client);
}

SandboxClient *
sandbox_store_get_client(SandboxStore *store, const char *id)
{
    sqlite3_stmt *row = store_start(store, STORE_GET_CLIENT, "t", id);

    if (!store_next(store, row))
        return NULL;
    SandboxClient *client = g_new0(SandboxClient, 1);
    client->id = store_text(row, 0);
    client->secret = store_text(row, 1);
    client->redirect_uri = store_text(row, 2);
    client->name = store_text(row, 3);
    return client;
}

void
sandbox_store_set_client(SandboxStore *store, const SandboxClient *client)
{
    store_next(store, store_start(store, STORE_SET_CLIENT, "tttt", client->id, client->secret, client->redirect_uri,
                                  client->name));
}

void
sandbox_user_free(SandboxUser *user)
{
    if (!user)
        return;
    g_free(user->name);
    g_free(user);
}

static SandboxUser *
read_user(SandboxStore *store, sqlite3_stmt *row)
{
    if (!store_next(store, row))
        return NULL;

    SandboxUser *user = g_new0(SandboxUser, 1);
    user->id = sqlite3_column_int64(row, 0);
    user->name = store_text(row, 1);
    user->means = sqlite3_column_int64(row, 2);
    user->registered_at = sqlite3_column_int64(row, 3);
    user->hides_flattrs = sqlite3_column_int64(row, 4) != 0;
    return user;
}

SandboxUser *
sandbox_store_get_user(SandboxStore *store, const char *name)
{
    return read_user(store, store_start(store, STORE_GET_USER, "t", name));
}

SandboxUser *
sandbox_store_need_user(SandboxStore *store, const char *name, gint64 now)
{
    SandboxUser *user = sandbox_store_get_user(store, name);

    if (user)
        return user;
    store_next(store, store_start(store, STORE_ADD_USER, "ti", name, now));
    return sandbox_store_get_user(store, name);
}

SandboxUser *
sandbox_store_get_user_by_id(SandboxStore *store, gint64 id)
{
    return read_user(store, store_start(store, STORE_GET_USER_BY_ID, "i", id));
}

GPtrArray *
sandbox_store_list_users(SandboxStore *store, gint64 count)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)sandbox_user_free);
    sqlite3_stmt *row = store_start(store, STORE_LIST_USERS, "i", count);
    SandboxUser *user;

    while ((user = read_user(store, row)))
        g_ptr_array_add(list, user);
    return list;
}

void
sandbox_store_set_hides_flattrs(SandboxStore *store, gint64 user_id, gboolean hides)
{
    store_next(store, store_start(store, STORE_SET_HIDES, "ii", (gint64)(hides != FALSE), user_id));
}

void
sandbox_store_set_means(SandboxStore *store, gint64 user_id, gint64 means)
{
    store_next(store, store_start(store, STORE_SET_MEANS, "ii", means, user_id));
}

SandboxUser *
sandbox_store_get_bearer(SandboxStore *store, const char *token, char **scopes)
{
    sqlite3_stmt *row = store_start(store, STORE_GET_BEARER, "t", token);
    SandboxUser *user = read_user(store, row);

    if (user)
        *scopes = store_text(row, 5);
    return user;
}

void
sandbox_store_add_token(SandboxStore *store, const char *token, gint64 user_id, const SandboxGrant *grant)
{
    store_next(store, store_start(store, STORE_ADD_TOKEN, "titti", token, user_id, grant->scopes, grant->application,
                                  grant->created_at));
}

char *
sandbox_store_get_token(SandboxStore *store, gint64 user_id)
{
    sqlite3_stmt *row = store_start(store, STORE_GET_TOKEN, "i", user_id);

    return store_next(store, row) ? store_text(row, 0) : NULL;
}

gboolean
sandbox_store_revoke_token(SandboxStore *store, const char *token)
{
    store_next(store, store_start(store, STORE_REVOKE_TOKEN, "t", token));
    return sqlite3_changes(store->database) > 0;
}

void
sandbox_grant_free(SandboxGrant *grant)
{
    if (!grant)
        return;
    g_free(grant->application);
    g_free(grant->scopes);
    g_free(grant);
}

GPtrArray *
sandbox_store_list_grants(SandboxStore *store, gint64 user_id, gint64 count)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)sandbox_grant_free);
    sqlite3_stmt *row = store_start(store, STORE_LIST_GRANTS, "ii", user_id, count);

    while (store_next(store, row)) {
        SandboxGrant *grant = g_new0(SandboxGrant, 1);
        grant->id = sqlite3_column_int64(row, 0);
        grant->application = store_text(row, 1);
        grant->scopes = store_text(row, 2);
        grant->created_at = sqlite3_column_int64(row, 3);
        g_ptr_array_add(list, grant);
    }
    return list;
}

gboolean
sandbox_store_revoke_grant(SandboxStore *store, gint64 user_id, gint64 id)
{
    store_next(store, store_start(store, STORE_REVOKE_GRANT, "ii", user_id, id));
    return sqlite3_changes(store->database) > 0;
}

char *
sandbox_store_get_identity(SandboxStore *store, const char *identity)
{
    sqlite3_stmt *row = store_start(store, STORE_GET_IDENTITY, "t", identity);

    return store_next(store, row) ? store_text(row, 0) : NULL;
}

void
sandbox_store_claim_identity(SandboxStore *store, const char *identity, gint64 user_id)
{
    store_next(store, store_start(store, STORE_ADD_IDENTITY, "ti", identity, user_id));
    store_next(store, store_start(store, STORE_CLAIM_THINGS, "it", user_id, identity));
}

void
sandbox_thing_free(SandboxThing *thing)
{
    if (!thing)
        return;
    g_free(thing->url);
    g_free(thing->owner);
    g_free(thing->title);
    g_free(thing->description);
    g_free(thing->language);
    g_free(thing->category);
    g_free(thing->tags);
    g_free(thing);
}

/* Steps to the next row and reads the thing that it begins with. Returns (transfer full) it; NULL at the end. */
static SandboxThing *
store_read_thing(SandboxStore *store, sqlite3_stmt *row)
{
    if (!store_next(store, row))
        return NULL;

    SandboxThing *thing = g_new0(SandboxThing, 1);
    thing->id = sqlite3_column_int64(row, 0);
    thing->url = store_text(row, 1);
    thing->owner_id = sqlite3_column_int64(row, 2);
    thing->owner = store_text(row, 3);
    thing->title = store_text(row, 4);
    thing->description = store_text(row, 5);
    thing->language = store_text(row, 6);
    thing->category = store_text(row, 7);
    thing->tags = store_text(row, 8);
    thing->hidden = sqlite3_column_int64(row, 9);
    thing->flattrs = sqlite3_column_int64(row, 10);
    thing->created_at = sqlite3_column_int64(row, 11);
    thing->last_flattr_at = sqlite3_column_int64(row, 12);
    thing->updated_at = sqlite3_column_int64(row, 13);
    return thing;
}

SandboxThing *
sandbox_store_get_thing(SandboxStore *store, gint64 id)
{
    return store_read_thing(store, store_start(store, STORE_GET_THING, "i", id));
}

SandboxThing *
sandbox_store_find_thing(SandboxStore *store, const char *url)
{
    return store_read_thing(store, store_start(store, STORE_FIND_THING, "t", url));
}

SandboxThing *
sandbox_store_add_thing(SandboxStore *store, const SandboxThing *thing)
{
    store_next(store, store_start(store, STORE_ADD_THING, "titttttii", thing->url, thing->owner_id, thing->title,
                                  thing->description, thing->language, thing->category, thing->tags, thing->hidden,
                                  thing->created_at));
    return sandbox_store_find_thing(store, thing->url);
}

void
sandbox_store_update_thing(SandboxStore *store, const SandboxThing *thing)
{
    store_next(store,
               store_start(store, STORE_UPDATE_THING, "tttttiii", thing->title, thing->description, thing->language,
                           thing->category, thing->tags, thing->hidden, thing->updated_at, thing->id));
}

void
sandbox_store_delete_thing(SandboxStore *store, gint64 id)
{
    store_next(store, store_start(store, STORE_UNSUBSCRIBE_ALL, "i", id));
    store_next(store, store_start(store, STORE_DELETE_THING, "i", id));
}

GPtrArray *
sandbox_store_list_things(SandboxStore *store, gint64 owner_id, gboolean hidden_too, gint64 count, gint64 skip)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)sandbox_thing_free);
    sqlite3_stmt *row =
        store_start(store, STORE_LIST_THINGS_OF, "iiii", owner_id, (gint64)(hidden_too != FALSE), count, skip);
    SandboxThing *thing;

    while ((thing = store_read_thing(store, row)))
        g_ptr_array_add(list, thing);
    return list;
}

GPtrArray *
sandbox_store_filter_things(SandboxStore *store, SandboxThingFilter filter, gconstpointer data, gsize most)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)sandbox_thing_free);
    sqlite3_stmt *row = store_start(store, STORE_LIST_THINGS, "");
    SandboxThing *thing;

    while (list->len < most && (thing = store_read_thing(store, row))) {
        if (!filter || filter(thing, data))
            g_ptr_array_add(list, thing);
        else
            sandbox_thing_free(thing);
    }
    return list;
}

void
sandbox_flattr_free(SandboxFlattr *flattr)
{
    if (!flattr)
        return;
    g_free(flattr->user);
    sandbox_thing_free(flattr->thing);
    g_free(flattr);
}

gint64
sandbox_store_count_flattrers(SandboxStore *store, gint64 thing_id)
{
    sqlite3_stmt *row = store_start(store, STORE_COUNT_FLATTRERS, "i", thing_id);

    return store_next(store, row) ? sqlite3_column_int64(row, 0) : 0;
}

gboolean
sandbox_store_has_flattr(SandboxStore *store, gint64 user_id, gint64 thing_id, const char *month)
{
    return store_next(store, store_start(store, STORE_HAS_FLATTR, "iit", thing_id, user_id, month));
}

void
sandbox_store_add_flattr(SandboxStore *store, gint64 user_id, gint64 thing_id, const char *month, gint64 now)
{
    store_next(store, store_start(store, STORE_ADD_FLATTR, "iiti", user_id, thing_id, month, now));
    store_next(store, store_start(store, STORE_COUNT_FLATTR, "ii", now, thing_id));
}

GHashTable *
sandbox_store_count_flattrs_since(SandboxStore *store, gint64 since)
{
    GHashTable *counts = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    sqlite3_stmt *row = store_start(store, STORE_COUNT_SINCE, "i", since);

    while (store_next(store, row)) {
        const gint64 thing = sqlite3_column_int64(row, 0), count = sqlite3_column_int64(row, 1);
        g_hash_table_insert(counts, g_memdup2(&thing, sizeof thing), g_memdup2(&count, sizeof count));
    }
    return counts;
}

GPtrArray *
sandbox_store_list_flattrs(SandboxStore *store, const SandboxFlattrFilter *filter, gint64 count, gint64 skip)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)sandbox_flattr_free);
    sqlite3_stmt *row = store_start(store, STORE_LIST_FLATTRS, "iiiiiii", filter->user_id, filter->thing_id,
                                    filter->owner_id, (gint64)(filter->shown != FALSE), filter->viewer_id, count, skip);
    SandboxThing *thing;

    while ((thing = store_read_thing(store, row))) {
        SandboxFlattr *flattr = g_new0(SandboxFlattr, 1);
        flattr->thing = thing;
        flattr->user = store_text(row, STORE_THING_WIDTH);
        flattr->accepted = sqlite3_column_int64(row, STORE_THING_WIDTH + 1);
        flattr->created_at = sqlite3_column_int64(row, STORE_THING_WIDTH + 2);
        g_ptr_array_add(list, flattr);
    }
    return list;
}

void
sandbox_subscription_free(SandboxSubscription *subscription)
{
    if (!subscription)
        return;
    sandbox_thing_free(subscription->thing);
    g_free(subscription);
}

static SandboxSubscription *
read_subscription(SandboxStore *store, sqlite3_stmt *row)
{
    SandboxThing *thing = store_read_thing(store, row);

    if (!thing)
        return NULL;
    SandboxSubscription *subscription = g_new0(SandboxSubscription, 1);
    subscription->thing = thing;
    subscription->id = sqlite3_column_int64(row, STORE_THING_WIDTH);
    subscription->user_id = sqlite3_column_int64(row, STORE_THING_WIDTH + 1);
    subscription->active = sqlite3_column_int64(row, STORE_THING_WIDTH + 2) != 0;
    subscription->created_at = sqlite3_column_int64(row, STORE_THING_WIDTH + 3);
    subscription->started_at = sqlite3_column_int64(row, STORE_THING_WIDTH + 4);
    return subscription;
}

SandboxSubscription *
sandbox_store_get_subscription(SandboxStore *store, gint64 user_id, gint64 thing_id)
{
    return read_subscription(store, store_start(store, STORE_GET_SUBSCRIPTION, "ii", user_id, thing_id));
}

void
sandbox_store_add_subscription(SandboxStore *store, gint64 user_id, gint64 thing_id, gint64 now)
{
    store_next(store, store_start(store, STORE_ADD_SUBSCRIPTION, "iiii", user_id, thing_id, now, now));
}

void
sandbox_store_set_active(SandboxStore *store, gint64 id, gboolean active, gint64 started_at)
{
    store_next(store, store_start(store, STORE_SET_ACTIVE, "iii", (gint64)(active != FALSE), started_at, id));
}

gboolean
sandbox_store_delete_subscription(SandboxStore *store, gint64 user_id, gint64 thing_id)
{
    store_next(store, store_start(store, STORE_DELETE_SUBSCRIPTION, "ii", user_id, thing_id));
    return sqlite3_changes(store->database) > 0;
}

GPtrArray *
sandbox_store_list_subscriptions(SandboxStore *store, gint64 user_id, gboolean active_only)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)sandbox_subscription_free);
    sqlite3_stmt *row = store_start(store, STORE_LIST_SUBSCRIPTIONS, "ii", user_id, (gint64)(active_only != FALSE));
    SandboxSubscription *subscription;

    while ((subscription = read_subscription(store, row)))
        g_ptr_array_add(list, subscription);
    return list;
}
