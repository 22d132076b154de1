/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SQLite with the settings, the errors and the few shortcuts that the whole program uses. Knows nothing of what is
 * stored.
 *
 * One connection belongs to one thread at a time. Statements are prepared once per connection and kept.
 */
#pragma once

#include <glib.h>
#include <sqlite3.h>

#define PF_DATABASE_ERROR (pf_database_error_quark())
GQuark pf_database_error_quark(void);

typedef enum {
    PF_DATABASE_ERROR_OPEN,    /* cannot be opened or made */
    PF_DATABASE_ERROR_WRITE,   /* disk full, read-only, input/output error */
    PF_DATABASE_ERROR_READ,    /* the disk cannot read a part of the file, tried several times */
    PF_DATABASE_ERROR_BUSY,    /* another program held it locked for longer than the busy time-out */
    PF_DATABASE_ERROR_CORRUPT, /* the file is damaged, or is no database */
    PF_DATABASE_ERROR_VERSION, /* written by another version of this program */
    PF_DATABASE_ERROR_MOVED,   /* the file was moved, replaced or deleted while it was open */
    PF_DATABASE_ERROR_OTHER,   /* a bug, or out of memory */
} PfDatabaseError;

typedef struct PfDatabase PfDatabase;

/**
 * Opens a database file, making it (readable by its owner alone) when missing: WAL, synchronous=FULL, foreign keys on.
 *
 * @path: the file; its folder must exist
 * @busy_ms: how long a call waits for another program's lock, milliseconds
 *
 * Returns: (transfer full): the connection; NULL with a PF_DATABASE_ERROR set.
 */
PfDatabase *pf_database_open(const char *path, int busy_ms, GError **error);
void pf_database_close(PfDatabase *database);

/**
 * Gives back what the connection keeps in memory of the file, if that is more than a quiet service needs; it is read
 * again when it is needed.
 *
 * Returns: whether anything was given back; the allocator may keep it still, see pf_memory_give_back().
 */
gboolean pf_database_shrink(PfDatabase *database);

/** Changes how long calls wait for another program's lock, milliseconds. */
void pf_database_set_busy_timeout(PfDatabase *database, int busy_ms);

/** Whether an error means that a part of the file is lost: PF_DATABASE_ERROR_CORRUPT or PF_DATABASE_ERROR_READ. */
gboolean pf_database_error_is_damage(const GError *error);

/** Whether an error may only mean that nothing can be written to a database (its disk is full or read-only, or it fails
 * to write), while the file at @path can be read: then pf_database_copy() helps. */
gboolean pf_database_error_is_unwritable(const GError *error, const char *path);

/**
 * Copies a database into memory, for reading where its folder is read-only or the disk full: the log beside the
 * database cannot be read without writing. This process must have no connection to it: to read the files releases its
 * locks.
 *
 * Returns: (transfer full): a new folder with the copy, of the same name, for pf_scratch_folder_remove(), also while
 * the copy is open: SQLite goes on with the open files, log and all, and whatever ends the process, no copy is left
 * behind. NULL with a PF_DATABASE_ERROR set.
 */
char *pf_database_copy(const char *path, GError **error);

/** Makes an empty folder in memory. Returns: (transfer full): its path; NULL with a PF_DATABASE_ERROR_OPEN set. */
char *pf_scratch_folder_make_in_memory(GError **error);

/** Removes a folder and the files in it. @folder: (nullable) */
void pf_scratch_folder_remove(const char *folder);

/** Removes a database from a folder, with its -wal and its -shm, or only these. */
void pf_database_remove_files(const char *folder, const char *name, gboolean only_logs);

/** Whether any call on this connection has met damage. */
gboolean pf_database_is_damaged(const PfDatabase *database);

/** Checks that the file which is open is still the one at its path. Returns FALSE with PF_DATABASE_ERROR_MOVED set. */
gboolean pf_database_check_place(PfDatabase *database, GError **error);

/** Runs SQL text that takes no arguments and gives no rows; may be several statements. */
gboolean pf_database_execute(PfDatabase *database, const char *sql, GError **error);

/**
 * Prepares a statement (once; it is kept) and binds its arguments in order.
 *
 * @sql: lives as long as the connection, such as a literal
 * @types: one letter an argument: 's' const char * (NULL is SQL's NULL; copied), 'b' the same as a BLOB (what may be no
 * UTF-8, such as a path), 'i' gint64, 'z' gint64 with 0 as NULL
 *
 * Returns: the statement, owned by the connection, valid until the same @sql is prepared again; NULL with @error set.
 */
sqlite3_stmt *pf_database_prepare(PfDatabase *database, GError **error, const char *sql, const char *types, ...);

/** Is called for a row, whose columns it reads. Returns whether to go on. */
typedef gboolean (*PfRowFunc)(sqlite3_stmt *row, gpointer data);

/**
 * Calls @each for every row that a statement gives.
 *
 * @statement: as pf_database_prepare() returned it; NULL, with @error set, fails
 *
 * Returns: FALSE with @error set when not all rows could be read; TRUE also when @each has ended it.
 */
gboolean pf_database_each(PfDatabase *database, sqlite3_stmt *statement, PfRowFunc each, gpointer data, GError **error);

/** Prepares, binds and runs a statement that gives no rows. Arguments as pf_database_prepare(). */
gboolean pf_database_run(PfDatabase *database, GError **error, const char *sql, const char *types, ...);

/** Runs a statement and reads the first column of its first row into @number, which is left as it is without a row. */
gboolean pf_database_read_number(PfDatabase *database, gint64 *number, GError **error, const char *sql,
                                 const char *types, ...);

/** A transaction that has begun. Dropping it without a commit rolls it back, so a function that fails just returns. */
typedef struct PfDatabase PfTransaction;

/**
 * Begins a transaction that may write, at once: what is read within it cannot change before it is written. Use:
 *
 *     g_autoptr(PfTransaction) transaction = pf_database_begin(database, error);
 *
 *     return transaction && write_this(database, error) && write_that(database, error) &&
 *            pf_transaction_commit(g_steal_pointer(&transaction), error);
 *
 * Returns: (transfer full): the transaction, at the most one at a time of a connection; NULL with @error set.
 */
PfTransaction *pf_database_begin(PfDatabase *database, GError **error);

/** Begins one that only reads: all that is read within it is of one moment, and it blocks no writer. */
PfTransaction *pf_database_begin_reading(PfDatabase *database, GError **error);

/** Commits. Consumes @transaction. Returns FALSE with @error set when nothing of it was written. */
gboolean pf_transaction_commit(PfTransaction *transaction, GError **error);

/** Rolls back. Consumes @transaction, which may be NULL. */
void pf_transaction_rollback(PfTransaction *transaction);

/** How many rows the last statement changed. */
int pf_database_changes(PfDatabase *database);

/** The row id that the last insertion made. */
gint64 pf_database_last_id(PfDatabase *database);

/** Column @column of the row, TEXT or BLOB, as a new string; NULL for SQL's NULL. */
char *pf_database_dup_text(sqlite3_stmt *statement, int column);

/* --- structs as rows --- */

typedef enum {
    PF_COLUMN_TEXT,          /* char *, NULL as NULL */
    PF_COLUMN_BYTES,         /* the same as a BLOB: need not be UTF-8, such as a path */
    PF_COLUMN_NUMBER,        /* gint64 */
    PF_COLUMN_TIME,          /* gint64, seconds since the epoch */
    PF_COLUMN_FLAG,          /* gboolean, 1 for TRUE */
    PF_COLUMN_INVERTED_FLAG, /* gboolean, 0 for TRUE */
    PF_COLUMN_NAME,          /* an enum, kept by name */
} PfColumnKind;

/** A member of a struct, and how it is kept in a column. */
typedef struct {
    const char *member; /* its name, and that of its argument with a ":" before it */
    gsize offset;
    PfColumnKind kind;
    gboolean nullable;        /* 0 is kept as NULL, for NUMBER and TIME */
    const char *const *names; /* for NAME: the names of the values from 0 on … */
    guint count;              /* … and how many there are */
} PfColumn;

/** All columns of a table, in the order in which its rows are selected. */
typedef struct {
    const PfColumn *columns;
    gsize count;
} PfColumns;

/** Fills a struct from a row. Strings are new; an unknown name leaves its member as it is. */
void pf_columns_read(const PfColumns *columns, sqlite3_stmt *row, gpointer record);

/**
 * Runs a statement that gives no rows, with the members of a struct as its arguments.
 *
 * @sql: has ":member" for each member that it takes; lives as long as the connection
 */
gboolean pf_database_run_record(PfDatabase *database, GError **error, const char *sql, const PfColumns *columns,
                                gconstpointer record);

/** The index of a name, @count when it is none of them. */
static inline guint
pf_column_index_of(const char *const *names, guint count, const char *name)
{
    guint index = 0;

    while (index < count && g_strcmp0(names[index], name) != 0)
        index++;
    return index;
}

/** Frees a struct and its strings; NULL is allowed. Inline, so that programs without a database need no SQLite. */
static inline void
pf_columns_free(const PfColumns *columns, gpointer record)
{
    for (gsize i = 0; record && i < columns->count; i++)
        if (columns->columns[i].kind == PF_COLUMN_TEXT || columns->columns[i].kind == PF_COLUMN_BYTES)
            g_free(G_STRUCT_MEMBER(char *, record, columns->columns[i].offset));
    g_free(record);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfDatabase, pf_database_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfTransaction, pf_transaction_rollback)
