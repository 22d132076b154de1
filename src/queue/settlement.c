/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/settlement.h"

#include "queue/queue_private.h"

#include <sqlite3.h>

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
    if (!settlement)
        return;
    pf_columns_clear(&pf_settlement_columns, settlement);
    g_free(settlement);
}

void
pf_settled_month_free(PfSettledMonth *month)
{
    if (!month)
        return;
    pf_columns_clear(&pf_settled_month_columns, month);
    g_free(month);
}

void
pf_settled_share_free(PfSettledShare *share)
{
    if (!share)
        return;
    pf_columns_clear(&pf_settled_share_columns, share);
    g_free(share);
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
