/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/repair.h"

#include "queue/queue.h"
#include "queue/salvage_files.h"
#include "queue/salvage_walk.h"
#include <glib/gstdio.h>

void
pf_salvage_free(PfSalvage *salvage)
{
    if (!salvage)
        return;
    g_free(salvage->aside);
    g_free(salvage);
}

static gboolean
fail(GError **error, sqlite3 *connection, const char *path)
{
    int code = sqlite3_errcode(connection) & 0xff;

    g_set_error(error, PF_DATABASE_ERROR,
                code == SQLITE_FULL || code == SQLITE_IOERR ? PF_DATABASE_ERROR_WRITE : PF_DATABASE_ERROR_OTHER,
                "%s: %s (the damaged database is as it was)", path, sqlite3_errmsg(connection));
    return FALSE;
}

/* Opens the copy. A schema that is malformed in places is read as far as it goes; and nothing is written to the copy,
 * not even what its -wal holds. */
static sqlite3 *
open_damaged(const char *path, GError **error)
{
    sqlite3 *connection = NULL;

    if (sqlite3_open_v2(path, &connection, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK) {
        fail(error, connection, path);
        sqlite3_close(connection);
        return NULL;
    }
    sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_exec(connection, "PRAGMA writable_schema=ON", NULL, NULL, NULL);
    return connection;
}

static gint64
read_number(sqlite3 *connection, const char *sql, gint64 initial)
{
    sqlite3_stmt *row = NULL;
    gint64 number = initial;

    if (sqlite3_prepare_v2(connection, sql, -1, &row, NULL) == SQLITE_OK && sqlite3_step(row) == SQLITE_ROW &&
        sqlite3_column_type(row, 0) != SQLITE_NULL)
        number = sqlite3_column_int64(row, 0);
    sqlite3_finalize(row);
    return number;
}

static gboolean
copy_tables(sqlite3 *from, sqlite3 *to, const char *path, PfSalvage *salvage, GError **error)
{
    /* Entries before their events; what stands alone last. */
    static const char *const tables[] = {"entry", "event", "gate", "rate_limit", "pause", "arrival", "watched"};

    salvage->expected = read_number(from, "SELECT sum(entries) FROM tally", -1);
    if (sqlite3_exec(to, "PRAGMA foreign_keys=ON; BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        return fail(error, to, path);
    for (gsize i = 0; i < G_N_ELEMENTS(tables); i++)
        if (!pf_salvage_walk(from, to, tables[i]))
            return fail(error, to, path);
    salvage->entries = read_number(to, "SELECT count(*) FROM entry", 0);
    salvage->events = read_number(to, "SELECT count(*) FROM event", 0);
    /* Without a -wal beside it, the file can take the damaged one's place by a single rename. */
    if (sqlite3_exec(to, "COMMIT; PRAGMA journal_mode=DELETE", NULL, NULL, NULL) != SQLITE_OK)
        return fail(error, to, path);
    return TRUE;
}

static gboolean
fill(const char *folder, PfSalvage *salvage, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "queue.db", NULL);
    g_autofree char *index = g_strconcat(salvage->aside, "-shm", NULL);
    PfQueue *queue = pf_queue_open(folder, 0, error);
    sqlite3 *to = NULL;

    if (!queue)
        return FALSE;
    pf_queue_close(queue);
    sqlite3 *from = open_damaged(salvage->aside, error);
    gboolean done = from && (sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK
                                 ? copy_tables(from, to, path, salvage, error)
                                 : fail(error, to, path));
    sqlite3_close(from);
    sqlite3_close(to);
    /* SQLite makes it for reading; it is no evidence. */
    g_unlink(index);
    return done;
}

PfSalvage *
pf_queue_salvage(const char *state_dir, gint64 now, GError **error)
{
    g_autoptr(PfSalvage) salvage = g_new0(PfSalvage, 1);
    g_autofree char *folder = NULL;
    int lock = pf_salvage_files_lock(state_dir, error);

    if (lock < 0)
        return NULL;
    salvage->aside = pf_salvage_files_copy_aside(state_dir, now, error);
    if (salvage->aside)
        folder = pf_salvage_files_make_scratch(state_dir, error);
    gboolean filled = folder && fill(folder, salvage, error);
    if (salvage->aside && !filled)
        pf_salvage_files_remove_aside(salvage->aside);
    gboolean done = filled && pf_salvage_files_replace(state_dir, folder, error);
    if (folder)
        pf_salvage_files_remove_scratch(folder);
    pf_salvage_files_unlock(lock);
    return done ? g_steal_pointer(&salvage) : NULL;
}
