/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of the feed pool have in common: requests whose replies are kept, and ways to wait for them. To be
 * included by one file of a test program.
 */
#pragma once

#include "feed/fetch.h"
#include "feed_server.h"

/* A request of a test, and how it ended. */
typedef struct {
    PfFeedPool *pool;
    char *source;
    gboolean is_done;
    gboolean frees_pool;
    guint pauses_at; /* item */
    guint items;
    PfFeedReply reply;
} Fetch;

static guint done_in_all;
static guint under_way; /* of the pool that the test has */

static gboolean
take_item(const PfFeed *feed, PfItem *item, gpointer data, GError **error)
{
    Fetch *fetch = data;

    (void)feed;
    (void)error;
    g_assert_false(fetch->is_done);
    pf_item_free(item);
    if (++fetch->items == fetch->pauses_at)
        pf_feed_pool_pause(fetch->pool, fetch);
    return TRUE;
}

static void
take_reply(PfFeedReply *reply, gpointer data)
{
    Fetch *fetch = data;

    g_assert_false(fetch->is_done);
    fetch->is_done = TRUE;
    fetch->reply = *reply;
    *reply = (PfFeedReply){0};
    done_in_all++;
    under_way--;
    if (fetch->frees_pool) {
        pf_feed_pool_free(g_steal_pointer(&fetch->pool));
        under_way = 0;
    }
}

static void
fetch_free(Fetch *fetch)
{
    g_free(fetch->source);
    pf_feed_summary_clear(&fetch->reply.summary);
    g_free(fetch->reply.moved_to);
    g_free(fetch->reply.etag);
    g_free(fetch->reply.last_modified);
    g_clear_error(&fetch->reply.error);
    g_free(fetch);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fetch, fetch_free)

static Fetch *
add_with(PfFeedPool *pool, char *source_taken, const char *etag, const char *last_modified)
{
    Fetch *fetch = g_new0(Fetch, 1);

    fetch->pool = pool;
    fetch->source = source_taken;
    under_way++;
    pf_feed_pool_add(pool, &(PfFeedRequest){.source = fetch->source,
                                            .etag = etag,
                                            .last_modified = last_modified,
                                            .item = take_item,
                                            .done = take_reply,
                                            .data = fetch});
    return fetch;
}

static char *
url_of(const char *user, int host, const char *path)
{
    return g_strconcat("http://", user, server.hosts[host], path, NULL);
}

static Fetch *
add(PfFeedPool *pool, int host, const char *path)
{
    return add_with(pool, url_of("", host, path), NULL, NULL);
}

static gboolean
timed_out(gpointer data)
{
    (void)data;
    g_error("nothing more happens");
    return G_SOURCE_REMOVE;
}

/* Runs the main loop while a condition holds. */
#define RUN_WHILE(condition)                                                                                           \
    do {                                                                                                               \
        guint timeout = g_timeout_add(TIMEOUT / 1000, timed_out, NULL);                                                \
        while (condition)                                                                                              \
            g_main_context_iteration(NULL, TRUE);                                                                      \
        g_source_remove(timeout);                                                                                      \
    } while (0)

/* Runs the main loop while a condition holds that another thread changes, and no source tells of. */
#define POLL_WHILE(condition)                                                                                          \
    do {                                                                                                               \
        guint tick = g_timeout_add(5, tick_again, NULL);                                                               \
        RUN_WHILE(condition);                                                                                          \
        g_source_remove(tick);                                                                                         \
    } while (0)

static inline gboolean
tick_again(gpointer data)
{
    (void)data;
    return G_SOURCE_CONTINUE;
}

/* Makes a test program ready; its transfers go straight to the server. */
static void
begin_tests(int *argc, char ***argv)
{
    static const char *const proxies[] = {"http_proxy", "all_proxy", "ALL_PROXY"};

    for (gsize i = 0; i < G_N_ELEMENTS(proxies); i++)
        g_unsetenv(proxies[i]);
    g_test_init(argc, argv, NULL);
    server_start();
}
