/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/ledger.h"

#include "queue/edit.h"
#include "queue/queue_private.h"

typedef struct {
    PfLedgerFunc each;
    gpointer data;
} EachEntry;

static gboolean
pass_on(sqlite3_stmt *row, gpointer data)
{
    const EachEntry *caller = data;
    /* SQLite's text of the row, which lives as long as the call. */
    const PfLedgerEntry entry = {
        .id = sqlite3_column_int64(row, 0),
        .show = (char *)sqlite3_column_text(row, 1),
        .show_title = (char *)sqlite3_column_text(row, 2),
        .feed = (char *)sqlite3_column_text(row, 3),
        .title = (char *)sqlite3_column_text(row, 4),
        .when = sqlite3_column_int64(row, 5),
        .seconds = sqlite3_column_int64(row, 6),
        .heard = sqlite3_column_int64(row, 7),
        .state = (char *)sqlite3_column_text(row, 8),
        .reason = (char *)sqlite3_column_text(row, 9),
        .payee = (char *)sqlite3_column_text(row, 11),
        .channel = sqlite3_column_int(row, 10) != 0,
        .month = (char *)sqlite3_column_text(row, 12),
        .guid = (char *)sqlite3_column_text(row, 13),
    };

    return caller->each(&entry, caller->data);
}

gboolean
pf_ledger_each(PfQueue *queue, gint64 from, gint64 to, PfLedgerFunc each, gpointer data, GError **error)
{
    sqlite3_stmt *rows = pf_database_prepare(
        queue->database, error,
        "SELECT id, show, show_title, feed, title, created, seconds, heard, state, reason,"
        " period <> '', nullif(payee, ''), month, guid FROM entry"
        " WHERE file IS NOT NULL AND show IS NOT NULL AND created >= ? AND created < ? ORDER BY created, id",
        "ii", from, to);
    EachEntry caller = {each, data};

    return pf_database_each(queue->database, rows, pass_on, &caller, error);
}

gboolean
pf_ledger_release_due(PfQueue *queue, gint64 now, GError **error)
{
    gint64 due = 0;

    if (!pf_database_read_number(queue->database, &due, error,
                                 "SELECT 1 FROM entry WHERE state = 'held' AND next_attempt IS NOT NULL"
                                 " AND next_attempt <= ? AND owed IS NOT NULL LIMIT 1",
                                 "i", now))
        return FALSE;
    if (!due)
        return TRUE;
    g_autoptr(PfTransaction) transaction = pf_queue_begin(queue, error);
    return transaction && pf_queue_release_due(queue, now, error) &&
           pf_transaction_commit(g_steal_pointer(&transaction), error);
}

gboolean
pf_ledger_note_heard(PfQueue *queue, gint64 entry, gint64 heard, GError **error)
{
    return pf_database_run(queue->database, error,
                           "UPDATE entry SET heard = ? WHERE id = ? AND period = '' AND ifnull(heard, 0) < ?", "iii",
                           heard, entry, heard);
}
