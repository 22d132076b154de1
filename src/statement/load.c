/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "statement/load.h"

#include "base/i18n.h"
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

/* What is read of entries. */
typedef struct {
    PfStatementMaker *maker;
    PfFeedStore *feeds; /* NULL: unknown, or it cannot be read */
    GHashTable *shows;  /* of a feed's address to PfShow, which is lent */
    gint64 from, to;    /* when episodes came whose own ways to pay are of use */
    GError *failure;    /* of the feeds */
} Load;

/* Some shows ask for money in their episodes alone. */
static void
add_ways(Load *load, const PfLedgerEntry *entry)
{
    PfShow *show = entry->feed && entry->guid ? g_hash_table_lookup(load->shows, entry->feed) : NULL;

    if (show && !load->failure && entry->when >= load->from && entry->when < load->to)
        pf_feed_store_add_item_ways(load->feeds, entry->feed, entry->guid, show, &load->failure);
}

static gboolean
add_entry(const PfLedgerEntry *entry, gpointer data)
{
    Load *load = data;

    add_ways(load, entry);
    pf_statement_maker_add_entry(load->maker, entry);
    return TRUE;
}

static gboolean
add_file(const PfArrival *arrival, gpointer data)
{
    if (arrival->state != PF_ARRIVAL_REFUSED)
        pf_statement_maker_add_file(data, arrival->path, arrival->reason, arrival->seen);
    return TRUE;
}

static void
take_shows(Load *load)
{
    g_autoptr(GPtrArray) shows = pf_feed_store_list_shows(load->feeds, &load->failure);

    if (!shows)
        return;
    g_ptr_array_set_free_func(shows, NULL);
    for (guint i = 0; i < shows->len; i++) {
        PfShow *show = shows->pdata[i];
        g_hash_table_insert(load->shows, show->url, show);
        pf_statement_maker_take_show(load->maker, show);
    }
}

/* An episode that came late counts in the next month: those of two months are looked at. */
#define WAYS_OF ((gint64)62 * 24 * 3600)

PfStatement *
pf_statement_load(PfQueue *queue, PfFeedStore *feeds, const PfConfig *config, const PfStatementRequest *request,
                  GError **error)
{
    g_autoptr(PfStatementMaker) maker = pf_statement_maker_new(request);
    g_autoptr(GHashTable) shows = g_hash_table_new(g_str_hash, g_str_equal);
    const gint64 to = pf_month_end(request->month);
    Load load = {.maker = maker, .feeds = feeds, .shows = shows, .from = to - WAYS_OF, .to = to};

    gboolean read = pf_settled_month_each(queue, take_month, maker, error) &&
                    pf_settled_share_each(queue, take_share, maker, error) &&
                    pf_settlement_each(queue, take_settlement, maker, error);
    if (read && feeds)
        take_shows(&load);
    read = read && pf_ledger_each(queue, 0, G_MAXINT64, add_entry, &load, error) &&
           pf_arrival_each_open(queue, add_file, maker, error);
    if (load.failure && read && request->settles) {
        /* Without the feeds, feeds of one show may be taken for several: that is not to be written down. */
        g_propagate_error(error, load.failure);
        return NULL;
    }
    if (load.failure)
        g_warning(_("%s (ways to pay are not shown)"), load.failure->message);
    g_clear_error(&load.failure);
    return read ? pf_statement_maker_finish(g_steal_pointer(&maker), config) : NULL;
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
