/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_fetch.h"

#include "feed/fetch.h"

typedef struct {
    PfItemFunc item;
    gpointer item_data;
    GMainLoop *loop;
    PfFeedSummary *summary;
    gboolean is_read;
    GError *error;
} Fetch;

static gboolean
pass_item(const PfFeed *feed, PfItem *item, gpointer data, GError **error)
{
    Fetch *fetch = data;

    return fetch->item(feed, item, fetch->item_data, error);
}

static void
fetched(PfFeedReply *reply, gpointer data)
{
    Fetch *fetch = data;

    fetch->is_read = reply->outcome == PF_FEED_FETCHED;
    fetch->error = g_steal_pointer(&reply->error);
    *fetch->summary = reply->summary;
    reply->summary = (PfFeedSummary){0};
    g_main_loop_quit(fetch->loop);
}

gboolean
pf_feed_fetch(const char *source, PfItemFunc item, gpointer data, PfFeedSummary *summary, GError **error)
{
    /* A main context of its own: nothing else of the thread runs meanwhile. */
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(GMainLoop) loop = g_main_loop_new(context, FALSE);
    Fetch fetch = {.item = item, .item_data = data, .loop = loop, .summary = summary};

    g_main_context_push_thread_default(context);
    PfFeedPool *pool = pf_feed_pool_new();
    pf_feed_pool_add(pool, &(PfFeedRequest){.source = source, .item = pass_item, .done = fetched, .data = &fetch});
    g_main_loop_run(loop);
    pf_feed_pool_free(pool);
    g_main_context_pop_thread_default(context);
    if (fetch.error)
        g_propagate_error(error, fetch.error);
    return fetch.is_read;
}
