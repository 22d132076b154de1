/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/ledger.h"

#include "queue/edit.h"
#include "queue/queue_private.h"

#include <sqlite3.h>

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

/* --- what they are made of --- */

#define TEXT(type, name)                                                                                               \
    {                                                                                                                  \
#name, G_STRUCT_OFFSET(type, name), PF_COLUMN_TEXT, FALSE, NULL, 0                                             \
    }
#define NUMBER(type, name)                                                                                             \
    {                                                                                                                  \
#name, G_STRUCT_OFFSET(type, name), PF_COLUMN_NUMBER, FALSE, NULL, 0                                           \
    }
#define TIME(type, name)                                                                                               \
    {                                                                                                                  \
#name, G_STRUCT_OFFSET(type, name), PF_COLUMN_TIME, FALSE, NULL, 0                                             \
    }

static const PfColumn settlement_columns[] = {
    TEXT(PfSettlement, id),       TEXT(PfSettlement, month),     TEXT(PfSettlement, show),    TEXT(PfSettlement, title),
    NUMBER(PfSettlement, amount), TEXT(PfSettlement, currency),  TIME(PfSettlement, paid_at), TIME(PfSettlement, noted),
    TEXT(PfSettlement, who),      TEXT(PfSettlement, how),       TEXT(PfSettlement, method),  TEXT(PfSettlement, link),
    NUMBER(PfSettlement, fee),    TEXT(PfSettlement, reference), TIME(PfSettlement, undone),  NUMBER(PfSettlement, row),
};
static const PfColumn month_columns[] = {
    TEXT(PfSettledMonth, month),    TIME(PfSettledMonth, frozen), NUMBER(PfSettledMonth, budget),
    TEXT(PfSettledMonth, currency), TEXT(PfSettledMonth, weight),
};
static const PfColumn share_columns[] = {
    TEXT(PfSettledShare, month),   TIME(PfSettledShare, frozen),     TEXT(PfSettledShare, show),
    TEXT(PfSettledShare, title),   NUMBER(PfSettledShare, episodes), NUMBER(PfSettledShare, seconds),
    NUMBER(PfSettledShare, share), TEXT(PfSettledShare, currency),   NUMBER(PfSettledShare, row),
};

const PfColumns pf_settlement_columns = {settlement_columns, G_N_ELEMENTS(settlement_columns)};
const PfColumns pf_settled_month_columns = {month_columns, G_N_ELEMENTS(month_columns)};
const PfColumns pf_settled_share_columns = {share_columns, G_N_ELEMENTS(share_columns)};

void
pf_settlement_free(PfSettlement *settlement)
{
    pf_columns_free(&pf_settlement_columns, settlement);
}

void
pf_settled_month_free(PfSettledMonth *month)
{
    pf_columns_free(&pf_settled_month_columns, month);
}

void
pf_settled_share_free(PfSettledShare *share)
{
    pf_columns_free(&pf_settled_share_columns, share);
}

/* --- reading --- */

typedef struct {
    const PfColumns *columns;
    gsize size;    /* of the record */
    GFunc each;    /* what the record is given to … */
    gpointer data; /* … with this */
} Reading;

static gboolean
take_record(sqlite3_stmt *row, gpointer data)
{
    const Reading *reading = data;
    gpointer record = g_malloc0(reading->size);

    pf_columns_read(reading->columns, row, record);
    reading->each(record, reading->data);
    return TRUE;
}

static gboolean
read_records(PfQueue *queue, const char *sql, Reading reading, GError **error)
{
    return pf_database_each(queue->database, pf_database_prepare(queue->database, error, sql, ""), take_record,
                            &reading, error);
}

gboolean
pf_settled_month_each(PfQueue *queue, PfSettledMonthFunc each, gpointer data, GError **error)
{
    return read_records(queue, "SELECT month, frozen, budget, currency, weight FROM settled_month ORDER BY month",
                        (Reading){&pf_settled_month_columns, sizeof(PfSettledMonth), (GFunc)each, data}, error);
}

gboolean
pf_settled_share_each(PfQueue *queue, PfSettledShareFunc each, gpointer data, GError **error)
{
    return read_records(queue,
                        "SELECT month, frozen, show, title, episodes, seconds, share, currency, row FROM settled_share"
                        " ORDER BY month, show",
                        (Reading){&pf_settled_share_columns, sizeof(PfSettledShare), (GFunc)each, data}, error);
}

gboolean
pf_settlement_each(PfQueue *queue, PfSettlementFunc each, gpointer data, GError **error)
{
    return read_records(queue,
                        "SELECT id, month, show, title, amount, currency, paid_at, noted, who, how, method, link, fee,"
                        " reference, undone, row FROM settlement ORDER BY row",
                        (Reading){&pf_settlement_columns, sizeof(PfSettlement), (GFunc)each, data}, error);
}

/* --- writing --- */

#define INSERT_MONTH                                                                                                   \
    "INTO settled_month (month, frozen, budget, currency, weight)"                                                     \
    " VALUES (:month, :frozen, :budget, :currency, :weight)"

gboolean
pf_settled_month_add(PfQueue *queue, const PfSettledMonth *month, gint64 end, GError **error)
{
    return pf_database_run_record(queue->database, error, "INSERT " INSERT_MONTH, &pf_settled_month_columns, month) &&
           pf_database_run(queue->database, error,
                           "UPDATE entry SET month = ? WHERE month IS NULL AND state = 'owed' AND created < ?", "si",
                           month->month, end);
}

#define INSERT_SHARE                                                                                                   \
    "INTO settled_share (month, frozen, show, title, episodes, seconds, share, currency)"                              \
    " SELECT :month, :frozen, :show, :title, :episodes, :seconds, :share, :currency"

gboolean
pf_settled_share_add(PfQueue *queue, const PfSettledShare *share, GError **error)
{
    return pf_database_run_record(queue->database, error, "INSERT " INSERT_SHARE, &pf_settled_share_columns, share);
}

#define INSERT_SETTLEMENT                                                                                              \
    "INTO settlement (id, month, show, title, amount, currency, paid_at, noted, who, how, method, link, fee,"          \
    " reference, undone) VALUES (:id, :month, :show, :title, :amount, :currency, :paid_at, :noted, :who, :how,"        \
    " :method, :link, :fee, :reference, :undone)"

gboolean
pf_settlement_add(PfQueue *queue, const PfSettlement *settlement, GError **error)
{
    return pf_database_run_record(queue->database, error, "INSERT " INSERT_SETTLEMENT, &pf_settlement_columns,
                                  settlement);
}

/* The months after the last one that a payment stands for. */
#define NOT_SETTLED " WHERE month > coalesce((SELECT max(month) FROM settlement WHERE undone = 0), '')"

static gboolean
thaw(PfQueue *queue, GError **error)
{
    return pf_database_execute(queue->database,
                               "UPDATE entry SET month = NULL" NOT_SETTLED ";"
                               "DELETE FROM settled_share" NOT_SETTLED ";"
                               "DELETE FROM settled_month" NOT_SETTLED ";",
                               error);
}

gboolean
pf_settlement_undo(PfQueue *queue, gint64 row, gint64 now, GError **error)
{
    return pf_database_run(queue->database, error, "UPDATE settlement SET undone = ? WHERE row = ? AND undone = 0",
                           "ii", now, row) &&
           thaw(queue, error);
}

/* --- from another queue --- */

gboolean
pf_settlement_import(PfQueue *queue, const PfSettlement *settlement, gboolean *added, GError **error)
{
    if (!pf_database_run_record(queue->database, error, "INSERT OR IGNORE " INSERT_SETTLEMENT, &pf_settlement_columns,
                                settlement))
        return FALSE;
    *added = pf_database_changes(queue->database) > 0;
    return *added || pf_database_run_record(queue->database, error,
                                            "UPDATE settlement SET undone = max(undone, :undone) WHERE id = :id",
                                            &pf_settlement_columns, settlement);
}

gboolean
pf_settled_month_import(PfQueue *queue, const PfSettledMonth *month, gboolean *added, GError **error)
{
    if (!pf_database_run_record(queue->database, error, "INSERT OR IGNORE " INSERT_MONTH, &pf_settled_month_columns,
                                month))
        return FALSE;
    *added = pf_database_changes(queue->database) > 0;
    return TRUE;
}

gboolean
pf_settled_share_import(PfQueue *queue, const PfSettledShare *share, gboolean *added, GError **error)
{
    if (!pf_database_run_record(queue->database, error,
                                "INSERT OR IGNORE " INSERT_SHARE
                                " WHERE EXISTS (SELECT 1 FROM settled_month WHERE month = :month AND frozen = :frozen)",
                                &pf_settled_share_columns, share))
        return FALSE;
    *added = pf_database_changes(queue->database) > 0;
    return TRUE;
}

gboolean
pf_settled_entry_import(PfQueue *queue, gint64 entry, const char *name, const PfSettledMonth *month, GError **error)
{
    gint64 other = 0;

    if (month && !pf_database_read_number(queue->database, &other, error,
                                          "SELECT 1 FROM settled_month WHERE month = ? AND frozen <> ?", "si", name,
                                          month->frozen))
        return FALSE;
    return other || pf_database_run(queue->database, error, "UPDATE entry SET month = ? WHERE id = ? AND month IS NULL",
                                    "si", name, entry);
}
