/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/store_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#define SCHEMA_VERSION 1

/* Marks the file as ours ("FlSb"), so that no other program's database is written to by mistake. */
#define APPLICATION_ID 0x466c5362

static const char schema[] =
    "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, means INTEGER NOT NULL,"
    " registered_at INTEGER NOT NULL) STRICT;"
    "CREATE TABLE tokens (id INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE, user INTEGER NOT NULL REFERENCES users,"
    " scopes TEXT NOT NULL, revoked INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE TABLE things (id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, owner INTEGER NOT NULL REFERENCES users,"
    " title TEXT NOT NULL, description TEXT NOT NULL, language TEXT NOT NULL, category TEXT NOT NULL, tags TEXT NOT "
    "NULL,"
    " hidden INTEGER NOT NULL, flattrs INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL,"
    " last_flattr_at INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE TABLE flattrs (id INTEGER PRIMARY KEY, user INTEGER NOT NULL REFERENCES users,"
    " thing INTEGER NOT NULL REFERENCES things, month TEXT NOT NULL, accepted INTEGER NOT NULL DEFAULT 1,"
    " created_at INTEGER NOT NULL, UNIQUE (thing, user, month)) STRICT;";

#define THING_COLUMNS                                                                                                  \
    " t.id, t.url, t.owner, o.name, t.title, t.description, t.language, t.category, t.tags, t.hidden, t.flattrs,"      \
    " t.created_at, t.last_flattr_at "
#define THING_TABLES " things t JOIN users o ON o.id = t.owner "

static const char *const texts[STORE_STATEMENTS] = {
    [STORE_BEGIN] = "BEGIN",
    [STORE_COMMIT] = "COMMIT",
    [STORE_ROLLBACK] = "ROLLBACK",
    [STORE_GET_SETTING] = "SELECT value FROM settings WHERE name = ?",
    [STORE_SET_SETTING] = "INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)",
    [STORE_GET_USER] = "SELECT id, name, means, registered_at FROM users WHERE name = ?",
    [STORE_ADD_USER] = "INSERT INTO users (name, means, registered_at) VALUES (?, 0, ?)",
    [STORE_SET_MEANS] = "UPDATE users SET means = ? WHERE id = ?",
    [STORE_GET_BEARER] = "SELECT u.id, u.name, u.means, u.registered_at, k.scopes FROM tokens k"
                         " JOIN users u ON u.id = k.user WHERE k.token = ? AND NOT k.revoked",
    [STORE_ADD_TOKEN] = "INSERT INTO tokens (token, user, scopes) VALUES (?, ?, ?)",
    [STORE_GET_TOKEN] = "SELECT token FROM tokens WHERE user = ? AND NOT revoked ORDER BY id LIMIT 1",
    [STORE_REVOKE_TOKEN] = "UPDATE tokens SET revoked = 1 WHERE token = ? AND NOT revoked",
    [STORE_GET_THING] = "SELECT" THING_COLUMNS "FROM" THING_TABLES "WHERE t.id = ?",
    [STORE_FIND_THING] = "SELECT" THING_COLUMNS "FROM" THING_TABLES "WHERE t.url = ?",
    [STORE_ADD_THING] = "INSERT INTO things (url, owner, title, description, language, category, tags, hidden,"
                        " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [STORE_COUNT_FLATTRERS] = "SELECT count(DISTINCT user) FROM flattrs WHERE thing = ?",
    [STORE_HAS_FLATTR] = "SELECT 1 FROM flattrs WHERE thing = ? AND user = ? AND month = ?",
    [STORE_ADD_FLATTR] = "INSERT INTO flattrs (user, thing, month, created_at) VALUES (?, ?, ?, ?)"
                         " ON CONFLICT DO UPDATE SET accepted = accepted + 1",
    [STORE_COUNT_FLATTR] = "UPDATE things SET flattrs = flattrs + 1, last_flattr_at = ? WHERE id = ?",
    /* In the order of the primary key, so that a page of the newest needs no sorting of all. */
    [STORE_LIST_FLATTRS] = "SELECT" THING_COLUMNS ", u.name, f.accepted, f.created_at FROM flattrs f"
                           " JOIN users u ON u.id = f.user JOIN things t ON t.id = f.thing"
                           " JOIN users o ON o.id = t.owner WHERE ?1 = 0 OR f.user = ?1"
                           " ORDER BY f.id DESC LIMIT ?2 OFFSET ?3",
};

void
sandbox_user_free(SandboxUser *user)
{
    if (!user)
        return;
    g_free(user->name);
    g_free(user);
}

/* --- statements -----------------------------------------------------------------------------------------------------
 */

static void
keep_failure(SandboxStore *store)
{
    if (!store->failure)
        store->failure = g_strdup(sqlite3_errmsg(store->database));
}

sqlite3_stmt *
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

gboolean
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

char *
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
read_number(SandboxStore *store, const char *sql, gint64 *number)
{
    sqlite3_stmt *statement = NULL;
    gboolean read = sqlite3_prepare_v2(store->database, sql, -1, &statement, NULL) == SQLITE_OK &&
                    sqlite3_step(statement) == SQLITE_ROW;

    if (read)
        *number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return read;
}

/* Sets *@foreign when the file is a database, but not one that this version can use. */
static gboolean
prepare_tables(SandboxStore *store, gboolean *foreign)
{
    gint64 tables = 0, application = 0, version = 0;
    g_autofree char *make = g_strdup_printf("BEGIN; %s PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
                                            schema, APPLICATION_ID, SCHEMA_VERSION);

    if (!read_number(store, "SELECT count(*) FROM sqlite_schema", &tables) ||
        !read_number(store, "PRAGMA application_id", &application) ||
        !read_number(store, "PRAGMA user_version", &version))
        return FALSE;
    *foreign = tables > 0 && (application != APPLICATION_ID || version != SCHEMA_VERSION);
    return !*foreign && (tables > 0 || run(store, make));
}

static gboolean
prepare_statements(SandboxStore *store)
{
    for (gsize i = 0; i < STORE_STATEMENTS; i++) {
        if (sqlite3_prepare_v3(store->database, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &store->statements[i], NULL) !=
            SQLITE_OK)
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
    if (!prepare_tables(store, &foreign))
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

/* --- settings, users, tokens ----------------------------------------------------------------------------------------
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
        *scopes = store_text(row, 4);
    return user;
}

void
sandbox_store_add_token(SandboxStore *store, const char *token, gint64 user_id, const char *scopes)
{
    store_next(store, store_start(store, STORE_ADD_TOKEN, "tit", token, user_id, scopes));
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
