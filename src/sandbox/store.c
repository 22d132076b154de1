/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/store_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

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
