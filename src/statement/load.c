/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "statement/load.h"

#include "queue/arrival.h"

static void
take_month(PfSettledMonth *month, gpointer data)
{
    pf_statement_maker_take_month(data, month);
}

static void
take_share(PfSettledShare *share, gpointer data)
{
    pf_statement_maker_take_share(data, share);
}

static void
take_settlement(PfSettlement *settlement, gpointer data)
{
    pf_statement_maker_take_settlement(data, settlement);
}

static gboolean
add_entry(const PfLedgerEntry *entry, gpointer data)
{
    pf_statement_maker_add_entry(data, entry);
    return TRUE;
}

static gboolean
add_file(const PfArrival *arrival, gpointer data)
{
    if (arrival->state != PF_ARRIVAL_REFUSED)
        pf_statement_maker_add_file(data, arrival->path, arrival->reason, arrival->seen);
    return TRUE;
}

static gboolean
take_shows(PfStatementMaker *maker, PfFeedStore *feeds, GError **error)
{
    g_autoptr(GPtrArray) shows = feeds ? pf_feed_store_list_shows(feeds, error) : g_ptr_array_new();

    if (!shows)
        return FALSE;
    g_ptr_array_set_free_func(shows, NULL);
    for (guint i = 0; i < shows->len; i++)
        pf_statement_maker_take_show(maker, shows->pdata[i]);
    return TRUE;
}

PfStatement *
pf_statement_load(PfQueue *queue, PfFeedStore *feeds, const PfConfig *config, const PfStatementRequest *request,
                  GError **error)
{
    g_autoptr(PfStatementMaker) maker = pf_statement_maker_new(request);

    if (!pf_settled_month_each(queue, take_month, maker, error) ||
        !pf_settled_share_each(queue, take_share, maker, error) ||
        !pf_settlement_each(queue, take_settlement, maker, error) || !take_shows(maker, feeds, error) ||
        !pf_ledger_each(queue, 0, G_MAXINT64, add_entry, maker, error) ||
        !pf_arrival_each_open(queue, add_file, maker, error))
        return NULL;
    return pf_statement_maker_finish(g_steal_pointer(&maker), config);
}

static gboolean
freeze(PfQueue *queue, const PfStatement *statement, GError **error)
{
    for (guint i = 0; i < statement->freezing->len; i++) {
        const PfSettledMonth *month = statement->freezing->pdata[i];
        if (!pf_settled_month_add(queue, month, pf_month_end(month->month), error))
            return FALSE;
    }
    for (guint i = 0; i < statement->to_freeze->len; i++)
        if (!pf_settled_share_add(queue, statement->to_freeze->pdata[i], error))
            return FALSE;
    return TRUE;
}

gboolean
pf_statement_settle(PfQueue *queue, const PfStatement *statement, const PfStatementRow *row,
                    const PfSettlement *settlement, GError **error)
{
    g_autofree char *id = g_uuid_string_random();
    PfSettlement record = *settlement;

    record.id = id;
    record.month = (char *)statement->request.month;
    record.show = row->show;
    record.title = row->title;
    record.noted = statement->request.now;
    record.who = (char *)g_get_user_name();
    return freeze(queue, statement, error) && pf_settlement_add(queue, &record, error);
}
