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
    PF_DATABASE_ERROR_BUSY,    /* another program held it locked for longer than the busy time-out */
    PF_DATABASE_ERROR_CORRUPT, /* the file is damaged, or is no database */
    PF_DATABASE_ERROR_NEWER,   /* written by a newer version of this program */
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
 * anew when it is wanted again.
 *
 * Returns: whether anything was given back; the allocator may keep it still, see pf_memory_give_back().
 */
gboolean pf_database_shrink(PfDatabase *database);

/** Changes how long calls wait for another program's lock, milliseconds. */
void pf_database_set_patience(PfDatabase *database, int busy_ms);

/** Runs SQL text that takes no arguments and gives no rows; may be several statements. */
gboolean pf_database_execute(PfDatabase *database, const char *sql, GError **error);

/**
 * Prepares a statement (once; it is kept) and binds its arguments in order.
 *
 * @sql: a string that lives as long as the connection, such as a literal
 * @types: one letter an argument: 's' const char * (NULL is SQL's NULL; copied), 'b' the same as a BLOB (what may be no
 * UTF-8, such as a path), 'i' gint64, 'z' gint64 with 0 as NULL
 *
 * Returns: the statement, owned by the connection, valid until the same @sql is prepared again; NULL with @error set.
 */
sqlite3_stmt *pf_database_prepare(PfDatabase *database, GError **error, const char *sql, const char *types, ...);

/**
 * Takes one step. Use: while (pf_database_step(database, statement, &failure)) { read columns }.
 *
 * Returns: whether there is a row; FALSE at the end and, with @error set, on failure. The statement is reset by both.
 */
gboolean pf_database_step(PfDatabase *database, sqlite3_stmt *statement, GError **error);

/** Prepares, binds and runs a statement that gives no rows. Arguments as pf_database_prepare(). */
gboolean pf_database_run(PfDatabase *database, GError **error, const char *sql, const char *types, ...);

/** Runs a statement and reads the first column of its first row into @number, which is left as it is without a row. */
gboolean pf_database_read_number(PfDatabase *database, gint64 *number, GError **error, const char *sql,
                                 const char *types, ...);

/** Begins a transaction that may write, at once: what is read within it cannot change before it is written. */
gboolean pf_database_begin(PfDatabase *database, GError **error);

/** Commits when @error is unset and returns whether that worked; else rolls back and returns FALSE. */
gboolean pf_database_end(PfDatabase *database, GError **error);

/** How many rows the last statement changed. */
int pf_database_changes(PfDatabase *database);

/** The row id that the last insertion made. */
gint64 pf_database_last_id(PfDatabase *database);

/** Column @column of the row, TEXT or BLOB, as a new string; NULL for SQL's NULL. */
char *pf_database_dup_text(sqlite3_stmt *statement, int column);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfDatabase, pf_database_close)
