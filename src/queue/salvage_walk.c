/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/salvage_walk.h"

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

gboolean
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
