/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/database.h"

#include "base/crash.h"
#include "base/files.h"
#include "base/i18n.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How much of the file is kept in memory all the time, bytes. */
#define CACHE_QUIET 262144

/* How large the write-ahead log may stay while there is nothing to do, bytes. */
#define LOG_QUIET 262144

/* How long to wait before another try when another program holds the lock, milliseconds. */
#define LOG_RETRY_MS 5

struct PfDatabase {
    sqlite3 *connection;
    char *path;
    GHashTable *statements; /* of SQL text to sqlite3_stmt */
    gboolean damaged;
    int busy_ms;
};

G_DEFINE_QUARK(pf_database_error, pf_database_error)

static PfDatabaseError
error_of(int code)
{
    if (code == SQLITE_READONLY_DBMOVED)
        return PF_DATABASE_ERROR_MOVED;
    if (code == SQLITE_IOERR_READ || code == SQLITE_IOERR_SHORT_READ)
        return PF_DATABASE_ERROR_READ;
    switch (code & 0xff) {
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return PF_DATABASE_ERROR_OPEN;
    case SQLITE_FULL:
    case SQLITE_READONLY:
    case SQLITE_IOERR:
    case SQLITE_TOOBIG:
        return PF_DATABASE_ERROR_WRITE;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return PF_DATABASE_ERROR_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return PF_DATABASE_ERROR_CORRUPT;
    default:
        return PF_DATABASE_ERROR_OTHER;
    }
}

static gboolean
is_read_only(const char *path)
{
    g_autofree char *folder = g_path_get_dirname(path);

    return access(folder, W_OK) != 0 && errno == EROFS;
}

static const char *
advice_for(PfDatabaseError code, const char *path, int fault)
{
    switch (code) {
    case PF_DATABASE_ERROR_OPEN:
        if (is_read_only(path))
            return pf_file_advice(EROFS);
        return _("; check that the folder is there and is yours");
    case PF_DATABASE_ERROR_WRITE:
        if (fault == ENOSPC || fault == EDQUOT)
            return _("; make room, then try again: nothing that was accepted before is lost");
        if (fault == EIO)
            return _("; the disk is failing: check it, then try again: nothing that was accepted before is lost");
        return _("; make room or make it writable, then try again: nothing that was accepted before is lost");
    case PF_DATABASE_ERROR_BUSY:
        return _("; another program is using it: wait for that program or stop it, then try again");
    case PF_DATABASE_ERROR_READ:
        return _("; the disk cannot read a part of it: run 'podflattr doctor --repair' to save the rest");
    case PF_DATABASE_ERROR_CORRUPT:
        return _("; run 'podflattr doctor --repair' to save what can still be read");
    default:
        return "";
    }
}

static gboolean
is_damage(PfDatabaseError code)
{
    return code == PF_DATABASE_ERROR_CORRUPT || code == PF_DATABASE_ERROR_READ;
}

gboolean
pf_database_error_is_damage(const GError *error)
{
    return error && error->domain == PF_DATABASE_ERROR && is_damage((PfDatabaseError)error->code);
}

/* What the system said to a call of SQLite's that failed to write, an errno value; 0 where that is not known. SQLite's
 * own word for most of it is "disk I/O error", for a full disk too. */
static int
find_fault(sqlite3 *connection, int result)
{
    static const int faults[] = {ENOSPC, EDQUOT, EFBIG, EROFS, EIO};
    int fault = sqlite3_system_errno(connection);

    if ((result & 0xff) == SQLITE_FULL)
        return ENOSPC;
    if ((result & 0xff) != SQLITE_IOERR || error_of(result) != PF_DATABASE_ERROR_WRITE)
        return 0;
    /* Another call may have come after it. */
    for (gsize i = 0; i < G_N_ELEMENTS(faults); i++)
        if (fault == faults[i])
            return fault;
    return result == SQLITE_IOERR_FSYNC || result == SQLITE_IOERR_DIR_FSYNC ? EIO : 0;
}

/* Sets @error from what the connection says of its last failure, unless it is set already: the first error wins. */
static void
set_error(PfDatabase *database, GError **error)
{
    int result = sqlite3_extended_errcode(database->connection);
    PfDatabaseError code = error_of(result);
    int fault = find_fault(database->connection, result);

    database->damaged = database->damaged || is_damage(code);
    if (!error || *error)
        return;
    g_autofree char *what = g_strdup(fault ? g_strerror(fault) : sqlite3_errmsg(database->connection));
    g_set_error(error, PF_DATABASE_ERROR, (int)code, "%s: %s%s", database->path, what,
                advice_for(code, database->path, fault));
}

/* SQLite makes a missing file with the umask's rights, and its -wal and -shm after the file's: so it is made here. One
 * that is there is not opened: to close it again would release the locks of every other connection of this process, and
 * the next program that ends would take the -wal away from under them. */
static gboolean
make_private(const char *path, GError **error)
{
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (file < 0 && errno != EEXIST && errno != EACCES && errno != EROFS) {
        g_set_error(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_OPEN, "%s: %s%s", path, g_strerror(errno),
                    advice_for(errno == ENOSPC || errno == EDQUOT ? PF_DATABASE_ERROR_WRITE : PF_DATABASE_ERROR_OPEN,
                               path, errno));
        return FALSE;
    }
    if (file >= 0)
        close(file);
    return TRUE;
}

/* While this program waited for a lock, a repair may have put another file in the place of the one it had opened. The
 * old file is then unused, and the -wal at its name belongs to the new one. */
static gboolean
was_replaced(PfDatabase *database, GError **error)
{
    int moved = 0;

    sqlite3_file_control(database->connection, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    if (!moved)
        return FALSE;
    sqlite3_db_config(database->connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    g_set_error(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_BUSY, _("%s was just replaced; try again"), database->path);
    return TRUE;
}

/* Switches to a write-ahead log. SQLite does not wait by itself when another program is doing the same to a new
 * database. */
static gboolean
begin_log(PfDatabase *database, int busy_ms, GError **error)
{
    gint64 deadline = g_get_monotonic_time() + (gint64)busy_ms * 1000;
    g_autoptr(GError) failure = NULL;

    while (!pf_database_execute(database, "PRAGMA journal_mode=WAL", &failure)) {
        if (!g_error_matches(failure, PF_DATABASE_ERROR, PF_DATABASE_ERROR_BUSY) || g_get_monotonic_time() > deadline) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return FALSE;
        }
        g_clear_error(&failure);
        sqlite3_sleep(LOG_RETRY_MS);
    }
    return TRUE;
}

/* What the disk cannot read is tried again before SQLite hears of it. It takes these errors for a file system that is
 * out of order, and calls the database malformed, which it need not be: so it is given another input/output error. */
static ssize_t
read_for_sqlite(int file, void *buffer, size_t size, off_t offset)
{
    ssize_t got = pf_file_read_at(file, buffer, size, offset);

    if (got < 0 && (errno == EIO || errno == ENXIO || errno == ERANGE))
        errno = EREMOTEIO;
    return got;
}

static gpointer
replace_reading(gpointer data)
{
    sqlite3_vfs *files = sqlite3_vfs_find("unix");
    sqlite3_syscall_ptr function = (sqlite3_syscall_ptr)read_for_sqlite;

    /* Which of the two SQLite calls was decided when it was built; both have a 64-bit offset there, as here. */
    if (files) {
        files->xSetSystemCall(files, "pread", function);
        files->xSetSystemCall(files, "pread64", function);
    }
    return data;
}

PfDatabase *
pf_database_open(const char *path, int busy_ms, GError **error)
{
    static GOnce once = G_ONCE_INIT;

    g_once(&once, replace_reading, NULL);
    if (!make_private(path, error))
        return NULL;

    g_autoptr(PfDatabase) database = g_new0(PfDatabase, 1);
    database->path = g_strdup(path);
    database->statements =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)(void (*)(void))sqlite3_finalize);
    if (sqlite3_open_v2(path, &database->connection, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK) {
        set_error(database, error);
        return NULL;
    }
    sqlite3_extended_result_codes(database->connection, 1);
    pf_database_set_busy_timeout(database, busy_ms);
    if (!begin_log(database, busy_ms, error) ||
        !pf_database_execute(database, "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;",
                             error))
        return NULL;
    if (was_replaced(database, error))
        return NULL;
    return g_steal_pointer(&database);
}

void
pf_database_set_busy_timeout(PfDatabase *database, int busy_ms)
{
    database->busy_ms = busy_ms;
    sqlite3_busy_timeout(database->connection, busy_ms);
}

gboolean
pf_database_is_damaged(const PfDatabase *database)
{
    return database->damaged;
}

void
pf_database_close(PfDatabase *database)
{
    if (!database)
        return;
    g_hash_table_unref(database->statements);
    sqlite3_close(database->connection);
    g_free(database->path);
    g_free(database);
}

/* A log that has grown is written back while there is nothing else to do, without waiting for others. */
static void
shorten_log(PfDatabase *database)
{
    g_autofree char *path = g_strconcat(database->path, "-wal", NULL);
    struct stat status;

    if (stat(path, &status) != 0 || status.st_size <= LOG_QUIET)
        return;
    sqlite3_busy_timeout(database->connection, 0);
    (void)sqlite3_wal_checkpoint_v2(database->connection, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_busy_timeout(database->connection, database->busy_ms);
}

gboolean
pf_database_shrink(PfDatabase *database)
{
    int used = 0, highest;

    shorten_log(database);
    sqlite3_db_status(database->connection, SQLITE_DBSTATUS_CACHE_USED, &used, &highest, 0);
    if (used <= CACHE_QUIET)
        return FALSE;
    sqlite3_db_release_memory(database->connection);
    return TRUE;
}

gboolean
pf_database_check_place(PfDatabase *database, GError **error)
{
    int moved = 0;

    if (sqlite3_file_control(database->connection, "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK || !moved)
        return TRUE;
    g_set_error(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_MOVED,
                _("%s was moved or deleted while it was in use; nothing more is sent. Put it back, or start again with "
                  "the new one"),
                sqlite3_db_filename(database->connection, "main"));
    return FALSE;
}

gboolean
pf_database_execute(PfDatabase *database, const char *sql, GError **error)
{
    if (sqlite3_exec(database->connection, sql, NULL, NULL, NULL) == SQLITE_OK)
        return TRUE;
    set_error(database, error);
    return FALSE;
}

/* Prepared once; its arguments are to be bound. */
static sqlite3_stmt *
find_statement(PfDatabase *database, const char *sql, GError **error)
{
    sqlite3_stmt *statement = g_hash_table_lookup(database->statements, sql);

    if (statement) {
        sqlite3_reset(statement);
        return statement;
    }
    if (sqlite3_prepare_v3(database->connection, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK) {
        set_error(database, error);
        return NULL;
    }
    g_hash_table_insert(database->statements, (gpointer)sql, statement);
    return statement;
}

static void
bind_bytes(sqlite3_stmt *statement, int index, const char *bytes)
{
    sqlite3_bind_blob(statement, index, bytes, bytes ? (int)strlen(bytes) : 0, SQLITE_TRANSIENT);
}

static void
bind_number(sqlite3_stmt *statement, int index, gint64 number, gboolean nullable)
{
    if (nullable && number == 0)
        sqlite3_bind_null(statement, index);
    else
        sqlite3_bind_int64(statement, index, number);
}

static sqlite3_stmt *
prepare_list(PfDatabase *database, GError **error, const char *sql, const char *types, va_list arguments)
{
    sqlite3_stmt *statement = find_statement(database, sql, error);

    for (int i = 0; statement && types[i]; i++) {
        if (types[i] == 's')
            sqlite3_bind_text(statement, i + 1, va_arg(arguments, const char *), -1, SQLITE_TRANSIENT);
        else if (types[i] == 'b')
            bind_bytes(statement, i + 1, va_arg(arguments, const char *));
        else
            bind_number(statement, i + 1, va_arg(arguments, gint64), types[i] == 'z');
    }
    return statement;
}

sqlite3_stmt *
pf_database_prepare(PfDatabase *database, GError **error, const char *sql, const char *types, ...)
{
    va_list arguments;

    va_start(arguments, types);
    sqlite3_stmt *statement = prepare_list(database, error, sql, types, arguments);
    va_end(arguments);
    return statement;
}

gboolean
pf_database_each(PfDatabase *database, sqlite3_stmt *statement, PfRowFunc each, gpointer data, GError **error)
{
    int code = SQLITE_ROW;

    if (!statement)
        return FALSE;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW && each(statement, data))
        continue;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        set_error(database, error);
    sqlite3_reset(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE;
}

static gboolean
run(PfDatabase *database, sqlite3_stmt *statement, GError **error)
{
    /* Every write goes through here, BEGIN and COMMIT too, so that a test can kill the program before each. */
    PF_CRASH_POINT();
    if (!statement)
        return FALSE;
    int code = sqlite3_step(statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        set_error(database, error);
    sqlite3_reset(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE;
}

gboolean
pf_database_run(PfDatabase *database, GError **error, const char *sql, const char *types, ...)
{
    va_list arguments;

    va_start(arguments, types);
    sqlite3_stmt *statement = prepare_list(database, error, sql, types, arguments);
    va_end(arguments);
    return run(database, statement, error);
}

static gboolean
take_number(sqlite3_stmt *row, gpointer data)
{
    gint64 *number = data;

    *number = sqlite3_column_int64(row, 0);
    return FALSE;
}

gboolean
pf_database_read_number(PfDatabase *database, gint64 *number, GError **error, const char *sql, const char *types, ...)
{
    va_list arguments;

    va_start(arguments, types);
    sqlite3_stmt *statement = prepare_list(database, error, sql, types, arguments);
    va_end(arguments);
    return pf_database_each(database, statement, take_number, number, error);
}

PfTransaction *
pf_database_begin(PfDatabase *database, GError **error)
{
    return pf_database_run(database, error, "BEGIN IMMEDIATE", "") ? database : NULL;
}

PfTransaction *
pf_database_begin_reading(PfDatabase *database, GError **error)
{
    return pf_database_run(database, error, "BEGIN", "") ? database : NULL;
}

gboolean
pf_transaction_commit(PfTransaction *transaction, GError **error)
{
    if (pf_database_run(transaction, error, "COMMIT", ""))
        return TRUE;
    pf_transaction_rollback(transaction);
    return FALSE;
}

void
pf_transaction_rollback(PfTransaction *transaction)
{
    /* Some failures (disk full) have rolled back by themselves already; a second time does no harm but an error. */
    if (transaction && !sqlite3_get_autocommit(transaction->connection))
        pf_database_run(transaction, NULL, "ROLLBACK", "");
}

int
pf_database_changes(PfDatabase *database)
{
    return sqlite3_changes(database->connection);
}

gint64
pf_database_last_id(PfDatabase *database)
{
    return sqlite3_last_insert_rowid(database->connection);
}

char *
pf_database_dup_text(sqlite3_stmt *statement, int column)
{
    return g_strdup((const char *)sqlite3_column_text(statement, column));
}

/* --- copies in memory --- */

static const char *const file_endings[] = {"", "-wal", "-shm"};

void
pf_database_remove_files(const char *folder, const char *name, gboolean only_logs)
{
    for (gsize i = only_logs ? 1 : 0; i < G_N_ELEMENTS(file_endings); i++) {
        g_autofree char *path = g_strdup_printf("%s/%s%s", folder, name, file_endings[i]);
        (void)unlink(path);
    }
}

void
pf_scratch_folder_remove(const char *folder)
{
    struct stat status;
    gboolean is_folder = folder && lstat(folder, &status) == 0 && S_ISDIR(status.st_mode);
    g_autoptr(GDir) names = is_folder ? g_dir_open(folder, 0, NULL) : NULL;
    const char *name;

    while (names && (name = g_dir_read_name(names))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        (void)unlink(path);
    }
    if (is_folder)
        (void)rmdir(folder);
}

#define MEMORY "/dev/shm/"
#define COPY_NAME "podflattr-"

/* No process takes this long to make a copy and open it, seconds. */
#define COPY_ABANDONED 3600

/* A process that is killed before it has opened its copy leaves that behind, in memory. */
static void
remove_abandoned_copies(void)
{
    g_autoptr(GDir) names = g_dir_open(MEMORY, 0, NULL);
    gint64 before = g_get_real_time() / G_USEC_PER_SEC - COPY_ABANDONED;
    const char *name;

    while (names && (name = g_dir_read_name(names))) {
        g_autofree char *path = g_strconcat(MEMORY, name, NULL);
        struct stat status;
        if (g_str_has_prefix(name, COPY_NAME) && lstat(path, &status) == 0 && S_ISDIR(status.st_mode) &&
            status.st_uid == geteuid() && status.st_mtime < before)
            pf_scratch_folder_remove(path);
    }
}

char *
pf_scratch_folder_make_in_memory(GError **error)
{
    g_autofree char *folder = g_strdup(MEMORY COPY_NAME "XXXXXX");

    remove_abandoned_copies();
    if (g_mkdtemp_full(folder, 0700))
        return g_steal_pointer(&folder);
    g_set_error(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_OPEN, _("cannot create a copy in %s: %s"), MEMORY,
                g_strerror(errno));
    return NULL;
}

/* @folder: in memory, empty and private */
static gboolean
copy_once(const char *path, const char *folder, GError **error)
{
    /* The index of the log (-shm) is made from it. */
    for (gsize i = 0; i < 2; i++) {
        g_autofree char *from = g_strconcat(path, file_endings[i], NULL);
        g_autofree char *name = g_path_get_basename(from);
        g_autofree char *to = g_build_filename(folder, name, NULL);
        g_autoptr(GError) failure = NULL;
        g_autofree char *bytes = NULL;
        gsize length;

        if (i > 0 && !g_file_test(from, G_FILE_TEST_EXISTS))
            continue;
        if (!g_file_get_contents(from, &bytes, &length, &failure) ||
            !g_file_set_contents_full(to, bytes, (gssize)length, G_FILE_SET_CONTENTS_NONE, 0600, &failure)) {
            g_set_error_literal(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_OPEN, failure->message);
            return FALSE;
        }
    }
    return TRUE;
}

/* How many times a copy is tried while others write, and how long after their last write, microseconds: longer than the
 * resolution of file times. */
#define COPY_TRIES 20
#define COPY_PAUSE_US 50000

typedef struct {
    gint64 changed[2]; /* of the database and its log, nanoseconds; 0 where there is none */
    gint64 size[2];
} FilesState;

static void
read_files_state(const char *path, FilesState *state)
{
    for (gsize i = 0; i < 2; i++) {
        g_autofree char *file = g_strconcat(path, file_endings[i], NULL);
        struct stat status;
        gboolean there = stat(file, &status) == 0;

        state->changed[i] = there ? (gint64)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec : 0;
        state->size[i] = there ? (gint64)status.st_size : -1;
    }
}

/* The two files are of one moment when neither was written to while they were copied: there is no lock to be had where
 * nothing can be written. */
static gboolean
copy_files(const char *path, const char *folder, GError **error)
{
    for (guint tries = 0; tries < COPY_TRIES; tries++) {
        FilesState before, after;
        gint64 start = g_get_real_time();

        read_files_state(path, &before);
        if (!copy_once(path, folder, error))
            return FALSE;
        read_files_state(path, &after);
        if (memcmp(&before, &after, sizeof before) == 0 &&
            ABS(start - MAX(before.changed[0], before.changed[1]) / 1000) > COPY_PAUSE_US)
            return TRUE;
        g_usleep(COPY_PAUSE_US);
    }
    g_set_error(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_BUSY,
                _("%s is being written to all the time; try again later"), path);
    return FALSE;
}

char *
pf_database_copy(const char *path, GError **error)
{
    g_autofree char *folder = pf_scratch_folder_make_in_memory(error);

    if (folder && copy_files(path, folder, error))
        return g_steal_pointer(&folder);
    pf_scratch_folder_remove(folder);
    return NULL;
}

gboolean
pf_database_error_is_unwritable(const GError *error, const char *path)
{
    return error && error->domain == PF_DATABASE_ERROR &&
           (error->code == PF_DATABASE_ERROR_OPEN || error->code == PF_DATABASE_ERROR_WRITE) && access(path, R_OK) == 0;
}

/* --- structs as rows --- */

void
pf_columns_read(const PfColumns *columns, sqlite3_stmt *row, gpointer record)
{
    for (gsize i = 0; i < columns->count; i++) {
        const PfColumn *column = &columns->columns[i];
        gpointer member = G_STRUCT_MEMBER_P(record, column->offset);
        guint value;

        switch (column->kind) {
        case PF_COLUMN_TEXT:
        case PF_COLUMN_BYTES:
            *(char **)member = pf_database_dup_text(row, (int)i);
            break;
        case PF_COLUMN_NUMBER:
        case PF_COLUMN_TIME:
            *(gint64 *)member = sqlite3_column_int64(row, (int)i);
            break;
        case PF_COLUMN_FLAG:
        case PF_COLUMN_INVERTED_FLAG:
            *(gboolean *)member = (sqlite3_column_int64(row, (int)i) != 0) == (column->kind == PF_COLUMN_FLAG);
            break;
        case PF_COLUMN_NAME:
            value = pf_column_index_of(column->names, column->count, (const char *)sqlite3_column_text(row, (int)i));
            if (value < column->count)
                *(guint *)member = value;
            break;
        }
    }
}

static void
bind_member(sqlite3_stmt *statement, int index, const PfColumn *column, gconstpointer record)
{
    gconstpointer member = (const char *)record + column->offset;

    switch (column->kind) {
    case PF_COLUMN_TEXT:
        sqlite3_bind_text(statement, index, *(const char *const *)member, -1, SQLITE_TRANSIENT);
        break;
    case PF_COLUMN_BYTES:
        bind_bytes(statement, index, *(const char *const *)member);
        break;
    case PF_COLUMN_NUMBER:
    case PF_COLUMN_TIME:
        bind_number(statement, index, *(const gint64 *)member, column->nullable);
        break;
    case PF_COLUMN_FLAG:
    case PF_COLUMN_INVERTED_FLAG:
        sqlite3_bind_int(statement, index, (*(const gboolean *)member != 0) == (column->kind == PF_COLUMN_FLAG));
        break;
    case PF_COLUMN_NAME:
        sqlite3_bind_text(statement, index, column->names[*(const guint *)member], -1, SQLITE_STATIC);
        break;
    }
}

gboolean
pf_database_run_record(PfDatabase *database, GError **error, const char *sql, const PfColumns *columns,
                       gconstpointer record)
{
    sqlite3_stmt *statement = find_statement(database, sql, error);
    int arguments = statement ? sqlite3_bind_parameter_count(statement) : 0;

    for (int i = 1; i <= arguments; i++) {
        const char *name = sqlite3_bind_parameter_name(statement, i) + 1; /* without the ":" */
        gsize column = 0;

        while (!g_str_equal(columns->columns[column].member, name))
            column++;
        bind_member(statement, i, &columns->columns[column], record);
    }
    return run(database, statement, error);
}
