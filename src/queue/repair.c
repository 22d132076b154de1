/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/repair.h"

#include "base/database.h"
#include "base/files.h"
#include "queue/queue_private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <unistd.h>

static void pf_salvage_files_unlock(int lock);

static PfQueueHealth *
health_new(void)
{
    PfQueueHealth *health = g_new0(PfQueueHealth, 1);

    health->damages = g_ptr_array_new_with_free_func(g_free);
    return health;
}

void
pf_queue_health_free(PfQueueHealth *health)
{
    if (!health)
        return;
    g_ptr_array_unref(health->damages);
    g_free(health);
}

static void
add_damage(PfQueueHealth *health, char *text)
{
    if (health->damages->len < PF_QUEUE_CHECK_MAX_DAMAGES)
        g_ptr_array_add(health->damages, text);
    else
        g_free(text);
}

/* What is too damaged to be checked is damaged. Returns whether anything else went wrong. */
static gboolean
take_corruption(PfQueueHealth *health, GError **failure, GError **error)
{
    if (!*failure)
        return TRUE;
    if (!g_error_matches(*failure, PF_DATABASE_ERROR, PF_DATABASE_ERROR_CORRUPT)) {
        g_propagate_error(error, g_steal_pointer(failure));
        return FALSE;
    }
    add_damage(health, g_strdup((*failure)->message));
    g_clear_error(failure);
    return TRUE;
}

static gboolean
take_complaint(sqlite3_stmt *row, gpointer data)
{
    g_autofree char *text = pf_database_dup_text(row, 0);

    if (g_strcmp0(text, "ok") != 0)
        add_damage(data, g_steal_pointer(&text));
    return TRUE;
}

static gboolean
check_pages(PfDatabase *database, PfQueueHealth *health, GError **error)
{
    g_autoptr(GError) failure = NULL;

    pf_database_each(database, pf_database_prepare(database, &failure, "PRAGMA integrity_check(10)", ""),
                     take_complaint, health, &failure);
    return take_corruption(health, &failure, error);
}

static gboolean
take_orphan(sqlite3_stmt *row, gpointer data)
{
    add_damage(data, g_strdup_printf("row %" G_GINT64_FORMAT " of table %s belongs to nothing",
                                     (gint64)sqlite3_column_int64(row, 1), (const char *)sqlite3_column_text(row, 0)));
    return TRUE;
}

static gboolean
check_links(PfDatabase *database, PfQueueHealth *health, GError **error)
{
    g_autoptr(GError) failure = NULL;

    pf_database_each(database, pf_database_prepare(database, &failure, "PRAGMA foreign_key_check", ""), take_orphan,
                     health, &failure);
    return take_corruption(health, &failure, error);
}

static gboolean
count_entries(PfDatabase *database, PfQueueHealth *health, GError **error)
{
    g_autoptr(GError) failure = NULL;
    gint64 wrong = 0;

    if (pf_database_read_number(database, &wrong, &failure,
                                "SELECT count(*) FROM tally WHERE entries <>"
                                " (SELECT count(*) FROM entry WHERE entry.state = tally.state)",
                                "") &&
        pf_database_read_number(database, &health->entries, &failure, "SELECT count(*) FROM entry", "") &&
        pf_database_read_number(database, &health->unknown, &failure,
                                "SELECT count(*) FROM entry WHERE state = 'held' AND reason = 'unknown'", ""))
        pf_database_read_number(database, &health->newest, &failure, "SELECT max(at) FROM event", "");
    health->miscounted = wrong > 0;
    return take_corruption(health, &failure, error);
}

static gboolean
check_open(PfDatabase *database, const char *path, PfQueueHealth *health, GError **error)
{
    gint64 tables = 0;
    g_autoptr(GError) failure = NULL;

    if (!pf_queue_schema_check(database, path, &failure))
        return take_corruption(health, &failure, error);
    if (!check_pages(database, health, error))
        return FALSE;
    pf_database_read_number(database, &tables, &failure,
                            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN "
                            "('entry', 'event', 'tally')",
                            "");
    if (failure || health->damages->len > 0)
        return take_corruption(health, &failure, error);
    /* A file that nothing was written to yet has no tables. */
    return tables < 3 || (check_links(database, health, error) && count_entries(database, health, error));
}

PfQueueHealth *
pf_queue_check(const char *state_dir, int busy_ms, GError **error)
{
    g_autofree char *path = g_build_filename(state_dir, "queue.db", NULL);
    g_autoptr(PfQueueHealth) health = health_new();
    g_autoptr(GError) failure = NULL;

    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return g_steal_pointer(&health);
    health->exists = TRUE;
    g_autoptr(PfDatabase) database = pf_database_open(path, busy_ms, &failure);
    if (!(database ? check_open(database, path, health, error) : take_corruption(health, &failure, error)))
        return NULL;
    return g_steal_pointer(&health);
}

gboolean
pf_queue_recount(const char *state_dir, int busy_ms, GError **error)
{
    g_autofree char *path = g_build_filename(state_dir, "queue.db", NULL);
    g_autoptr(PfDatabase) database = pf_database_open(path, busy_ms, error);

    return database && pf_database_run(database, error,
                                       "UPDATE tally SET entries ="
                                       " (SELECT count(*) FROM entry WHERE entry.state = tally.state)",
                                       "");
}

/*
 * Walks a table of a damaged database past what cannot be read.
 */

/* Where a table's end cannot be found, so many row ids behind the last readable row are asked for one by one. */
#define PF_SALVAGE_WALK_BLIND 1000000

typedef struct {
    sqlite3 *from;
    sqlite3 *to;
    const char *table;
    char *columns; /* as both have them */
    int count;
    sqlite3_stmt *insert;
    gint64 first, last; /* the row ids last read, from the back and from the front */
} Walk;

/* A damaged schema may not tell a table's columns, so each is tried. */
static gboolean
has_column(sqlite3 *database, const char *table, const char *column)
{
    g_autofree char *sql = g_strdup_printf("SELECT \"%s\".\"%s\" FROM \"%s\"", table, column, table);
    sqlite3_stmt *statement = NULL;
    gboolean has = sqlite3_prepare_v2(database, sql, -1, &statement, NULL) == SQLITE_OK;

    sqlite3_finalize(statement);
    return has;
}

static gboolean
find_columns(Walk *walk)
{
    g_autofree char *sql = g_strdup_printf("SELECT name FROM pragma_table_info('%s')", walk->table);
    g_autoptr(GString) columns = g_string_new(NULL);
    sqlite3_stmt *row = NULL;

    if (sqlite3_prepare_v2(walk->to, sql, -1, &row, NULL) != SQLITE_OK)
        return FALSE;
    while (sqlite3_step(row) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(row, 0);
        if (has_column(walk->from, walk->table, name)) {
            g_string_append_printf(columns, "%s\"%s\"", walk->count > 0 ? ", " : "", name);
            walk->count++;
        }
    }
    sqlite3_finalize(row);
    walk->columns = g_string_free(g_steal_pointer(&columns), FALSE);
    return TRUE;
}

static gboolean
prepare_insert(Walk *walk)
{
    g_autoptr(GString) sql = g_string_new(NULL);

    g_string_printf(sql, "INSERT OR IGNORE INTO \"%s\" (%s) VALUES (", walk->table, walk->columns);
    for (int i = 0; i < walk->count; i++)
        g_string_append(sql, i > 0 ? ", ?" : "?");
    g_string_append_c(sql, ')');
    return sqlite3_prepare_v2(walk->to, sql->str, -1, &walk->insert, NULL) == SQLITE_OK;
}

/* A row that today's table refuses (a value of the wrong kind, a story without its entry) is none of ours. */
static gboolean
take_row(Walk *walk, sqlite3_stmt *row)
{
    for (int i = 0; i < walk->count; i++)
        sqlite3_bind_value(walk->insert, i + 1, sqlite3_column_value(row, i + 1)); /* behind the row id */
    int code = sqlite3_step(walk->insert);
    sqlite3_reset(walk->insert);
    return code == SQLITE_DONE || (code & 0xff) == SQLITE_CONSTRAINT || (code & 0xff) == SQLITE_MISMATCH;
}

/* Walks until the end or the damage. Returns whether the end was reached; *written says whether all could be kept. */
static gboolean
walk_range(Walk *walk, const char *condition, gint64 low, gint64 high, gint64 *reached, gboolean *written)
{
    g_autofree char *sql =
        g_strdup_printf("SELECT rowid, %s FROM \"%s\" NOT INDEXED WHERE %s", walk->columns, walk->table, condition);
    sqlite3_stmt *row = NULL;
    int code = sqlite3_prepare_v2(walk->from, sql, -1, &row, NULL);

    if (code != SQLITE_OK)
        return FALSE;
    sqlite3_bind_int64(row, 1, low);
    sqlite3_bind_int64(row, 2, high);
    while (*written && (code = sqlite3_step(row)) == SQLITE_ROW) {
        *reached = sqlite3_column_int64(row, 0);
        *written = take_row(walk, row);
    }
    sqlite3_finalize(row);
    return code == SQLITE_DONE;
}

/* What lies between the two walks, each row for itself. */
static void
probe_gap(Walk *walk, gboolean *written)
{
    g_autofree char *sql =
        g_strdup_printf("SELECT rowid, %s FROM \"%s\" NOT INDEXED WHERE rowid = ?", walk->columns, walk->table);
    sqlite3_stmt *row = NULL;
    gint64 end = walk->first;

    if (end == G_MAXINT64)
        end = walk->last < G_MAXINT64 - PF_SALVAGE_WALK_BLIND ? walk->last + PF_SALVAGE_WALK_BLIND : G_MAXINT64;
    if (sqlite3_prepare_v2(walk->from, sql, -1, &row, NULL) != SQLITE_OK)
        return;
    for (gint64 id = walk->last + 1; id < end && *written; id++) {
        sqlite3_bind_int64(row, 1, id);
        if (sqlite3_step(row) == SQLITE_ROW)
            *written = take_row(walk, row);
        sqlite3_reset(row);
    }
    sqlite3_finalize(row);
}

/*
 * Copies every row that SQLite can read, and that today's table takes, from one database into another. Columns that
 * only one of the two has are left out.
 *
 * @from: the damaged one
 * @to: the new one, in a transaction
 * @table: its name, in both; not one WITHOUT ROWID
 *
 * Returns: FALSE when the new database could not be written; what is wrong is then @to's last error. That a table of
 * @from is unreadable altogether is no failure. In the connections' thread.
 */
static gboolean
pf_salvage_walk(sqlite3 *from, sqlite3 *to, const char *table)
{
    Walk walk = {.from = from, .to = to, .table = table, .first = G_MAXINT64, .last = 0};
    gboolean written = find_columns(&walk);

    if (written && walk.count > 0 && (written = prepare_insert(&walk))) {
        gboolean whole =
            walk_range(&walk, "rowid > ? AND rowid < ? ORDER BY rowid", walk.last, walk.first, &walk.last, &written) ||
            walk_range(&walk, "rowid > ? AND rowid < ? ORDER BY rowid DESC", walk.last, walk.first, &walk.first,
                       &written);
        if (!whole && written)
            probe_gap(&walk, &written);
    }
    sqlite3_finalize(walk.insert);
    g_free(walk.columns);
    return written;
}

/*
 * The files of a salvage: the damaged database is locked, copied aside, and in the end replaced. Errors are
 * PF_DATABASE_ERRORs. Any thread.
 */

/* Where SQLite's locks are in a database file (its documented "pending", "reserved" and "shared" bytes): whoever has
 * the file open in WAL mode holds one of them. */
#define SQLITE_LOCK_START 0x40000000
#define SQLITE_LOCK_LENGTH 512

static const char *const endings[] = {"", "-wal", "-shm"};

static gboolean
fail(GError **error, PfDatabaseError code, const char *what, const char *path)
{
    g_set_error(error, PF_DATABASE_ERROR, (int)code, "%s %s: %s (the damaged database is as it was)", what, path,
                g_strerror(errno));
    return FALSE;
}

/*
 * Locks a state folder's database against every other program that uses SQLite.
 *
 * Returns: a descriptor for pf_salvage_files_unlock(); -1 with @error set, BUSY when a program has it open.
 */
static int
pf_salvage_files_lock(const char *state_dir, GError **error)
{
    g_autofree char *path = g_build_filename(state_dir, "queue.db", NULL);
    /* This kind of lock belongs to the descriptor: closing another one of the same file does not drop it. */
    struct flock lock = {.l_type = F_WRLCK, .l_start = SQLITE_LOCK_START, .l_len = SQLITE_LOCK_LENGTH};
    int file = open(path, O_RDWR | O_CLOEXEC);

    if (file < 0) {
        fail(error, PF_DATABASE_ERROR_OPEN, "cannot open", path);
        return -1;
    }
    if (fcntl(file, F_OFD_SETLK, &lock) != 0) {
        if (errno == EAGAIN || errno == EACCES)
            g_set_error(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_BUSY,
                        "%s: another program has it open; end that first, then try again", path);
        else
            fail(error, PF_DATABASE_ERROR_OPEN, "cannot lock", path);
        close(file);
        return -1;
    }
    return file;
}

static void
pf_salvage_files_unlock(int lock)
{
    close(lock);
}

static gboolean
copy_bytes(int from, int to)
{
    char bytes[65536];
    ssize_t got;

    while ((got = read(from, bytes, sizeof bytes)) > 0) {
        for (ssize_t done = 0; done < got;) {
            ssize_t put = write(to, bytes + done, (size_t)(got - done));
            if (put < 0)
                return FALSE;
            done += put;
        }
    }
    return got == 0 && fsync(to) == 0;
}

static gboolean
copy_file(const char *from, const char *to, GError **error)
{
    int source = open(from, O_RDONLY | O_CLOEXEC);

    if (source < 0)
        return fail(error, PF_DATABASE_ERROR_OPEN, "cannot read", from);
    int target = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    gboolean done = target >= 0 && copy_bytes(source, target);
    if (!done)
        fail(error, PF_DATABASE_ERROR_WRITE, "cannot copy to", to);
    if (target >= 0 && close(target) != 0 && done)
        done = fail(error, PF_DATABASE_ERROR_WRITE, "cannot copy to", to);
    if (target >= 0 && !done)
        g_unlink(to);
    close(source);
    return done;
}

static gboolean
flush_folder(const char *path, GError **error)
{
    return pf_folder_flush(path) || fail(error, PF_DATABASE_ERROR_WRITE, "cannot write the folder", path);
}

/* Removes such a copy again, for a salvage that came to nothing. */
static void
pf_salvage_files_remove_aside(const char *aside)
{
    g_autofree char *wal = g_strconcat(aside, "-wal", NULL);

    g_unlink(aside);
    g_unlink(wal);
}

/*
 * Copies the database and its -wal to a dated name in the same folder, durably.
 *
 * @now: the date, seconds since the epoch
 *
 * Returns: (transfer full): the copy's path; NULL with @error set, nothing being left behind.
 */
static char *
pf_salvage_files_copy_aside(const char *state_dir, gint64 now, GError **error)
{
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(now);
    g_autofree char *stamp = g_date_time_format(date, "%Y%m%dT%H%M%SZ");
    g_autofree char *path = g_build_filename(state_dir, "queue.db", NULL);
    g_autofree char *wal = g_strconcat(path, "-wal", NULL);
    g_autofree char *aside = g_strdup_printf("%s.damaged-%s", path, stamp);

    for (guint twin = 2; g_file_test(aside, G_FILE_TEST_EXISTS); twin++) {
        g_free(aside);
        aside = g_strdup_printf("%s.damaged-%s-%u", path, stamp, twin);
    }
    g_autofree char *wal_aside = g_strconcat(aside, "-wal", NULL);
    if (!copy_file(path, aside, error))
        return NULL;
    if ((g_file_test(wal, G_FILE_TEST_EXISTS) && !copy_file(wal, wal_aside, error)) ||
        !flush_folder(state_dir, error)) {
        pf_salvage_files_remove_aside(aside);
        return NULL;
    }
    return g_steal_pointer(&aside);
}

static void
remove_database(const char *folder, gsize from)
{
    for (gsize i = from; i < G_N_ELEMENTS(endings); i++) {
        g_autofree char *path = g_strdup_printf("%s/queue.db%s", folder, endings[i]);
        g_unlink(path);
    }
}

/* Makes an empty scratch folder, without what an earlier attempt has left. Returns: (transfer full): its path. */
static char *
pf_salvage_files_make_scratch(const char *state_dir, GError **error)
{
    g_autofree char *scratch = g_build_filename(state_dir, "salvage", NULL);

    if (g_mkdir_with_parents(scratch, 0700) != 0) {
        fail(error, PF_DATABASE_ERROR_WRITE, "cannot make", scratch);
        return NULL;
    }
    remove_database(scratch, 0);
    return g_steal_pointer(&scratch);
}

/* Removes it. */
static void
pf_salvage_files_remove_scratch(const char *scratch)
{
    remove_database(scratch, 0);
    g_rmdir(scratch);
}

/* Puts the scratch folder's database in the place of the damaged one, whose -wal and -shm go. */
static gboolean
pf_salvage_files_replace(const char *state_dir, const char *scratch, GError **error)
{
    g_autofree char *from = g_build_filename(scratch, "queue.db", NULL);
    g_autofree char *to = g_build_filename(state_dir, "queue.db", NULL);

    /* In this order: an old -wal beside the new file would be replayed into it. All that it held is in the copy. */
    remove_database(state_dir, 1);
    if (g_rename(from, to) != 0)
        return fail(error, PF_DATABASE_ERROR_WRITE, "cannot put the new database in the place of", to);
    return flush_folder(state_dir, error);
}

void
pf_salvage_free(PfSalvage *salvage)
{
    if (!salvage)
        return;
    g_free(salvage->aside);
    g_free(salvage);
}

static gboolean
repair_fail(GError **error, sqlite3 *connection, const char *path)
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
        repair_fail(error, connection, path);
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
    static const char *const tables[] = {"entry",         "event",         "gate",       "rate_limit",
                                         "pause",         "arrival",       "folder",     "watched",
                                         "settled_month", "settled_share", "settlement", "generation"};

    salvage->expected = read_number(from, "SELECT sum(entries) FROM tally", -1);
    if (sqlite3_exec(to, "PRAGMA foreign_keys=ON; BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        return repair_fail(error, to, path);
    for (gsize i = 0; i < G_N_ELEMENTS(tables); i++)
        if (!pf_salvage_walk(from, to, tables[i]))
            return repair_fail(error, to, path);
    salvage->entries = read_number(to, "SELECT count(*) FROM entry", 0);
    salvage->events = read_number(to, "SELECT count(*) FROM event", 0);
    /* Without a -wal beside it, the file can take the damaged one's place by a single rename. */
    if (sqlite3_exec(to, "COMMIT; PRAGMA journal_mode=DELETE", NULL, NULL, NULL) != SQLITE_OK)
        return repair_fail(error, to, path);
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
                                 : repair_fail(error, to, path));
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
