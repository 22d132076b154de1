/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feed/feed_pool.h"
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
    if (fetch->frees_pool)
        pf_feed_pool_free(g_steal_pointer(&fetch->pool));
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
out_of_patience(gpointer data)
{
    (void)data;
    g_error("nothing more happens");
    return G_SOURCE_REMOVE;
}

/* Runs the main loop while a condition holds. */
#define RUN_WHILE(condition)                                                                                           \
    do {                                                                                                               \
        guint patience = g_timeout_add(PATIENCE / 1000, out_of_patience, NULL);                                        \
        while (condition)                                                                                              \
            g_main_context_iteration(NULL, TRUE);                                                                      \
        g_source_remove(patience);                                                                                     \
    } while (0)

/* Runs the main loop while a condition holds that another thread changes, and no source tells of. */
#define POLL_WHILE(condition)                                                                                          \
    do {                                                                                                               \
        guint tick = g_timeout_add(5, tick_again, NULL);                                                               \
        RUN_WHILE(condition);                                                                                          \
        g_source_remove(tick);                                                                                         \
    } while (0)

static gboolean
tick_again(gpointer data)
{
    (void)data;
    return G_SOURCE_CONTINUE;
}

/* Fetches one. */
static Fetch *
fetch_one(const char *user, const char *path)
{
    g_autoptr(PfFeedPool) pool = pf_feed_pool_new();
    Fetch *fetch = add_with(pool, url_of(user, 0, path), NULL, NULL);

    RUN_WHILE(!fetch->is_done);
    g_assert_cmpuint(pf_feed_pool_count(pool), ==, 0);
    return fetch;
}

static void
sixteen_are_fetched_at_once_and_two_of_a_host(void)
{
    g_autoptr(PfFeedPool) pool = pf_feed_pool_new();
    g_autoptr(GPtrArray) fetches = g_ptr_array_new_with_free_func((GDestroyNotify)fetch_free);

    server_reset(PF_FEED_POOL_TRANSFERS); /* the first answer waits until so many are there */
    for (int round = 0; round < 5; round++)
        for (int host = 0; host < HOSTS; host++)
            g_ptr_array_add(fetches, add(pool, host, "/held"));
    g_assert_cmpuint(pf_feed_pool_count(pool), ==, 5 * HOSTS);
    RUN_WHILE(pf_feed_pool_count(pool) > 0);
    for (guint i = 0; i < fetches->len; i++) {
        const Fetch *fetch = fetches->pdata[i];
        g_assert_no_error(fetch->reply.error);
        g_assert_cmpint(fetch->reply.outcome, ==, PF_FEED_FETCHED);
        g_assert_cmpuint(fetch->items, ==, 2);
    }
    g_assert_cmpint(server.peak_of_all, ==, PF_FEED_POOL_TRANSFERS);
    for (int host = 0; host < HOSTS; host++) {
        g_assert_cmpint(server.peak[host], <=, PF_FEED_POOL_PER_HOST);
        g_assert_cmpint(server.served[host], ==, 5);
    }
}

static void
a_slow_host_keeps_only_its_own_feeds_waiting(void)
{
    g_autoptr(PfFeedPool) pool = pf_feed_pool_new();
    g_autoptr(GPtrArray) slow = g_ptr_array_new_with_free_func((GDestroyNotify)fetch_free);

    server_reset(1000);
    for (int i = 0; i < 200; i++)
        g_ptr_array_add(slow, add(pool, 0, "/held"));
    g_autoptr(Fetch) fast = add(pool, 1, "/feed");
    RUN_WHILE(!fast->is_done);
    g_assert_cmpuint(pf_feed_pool_count(pool), ==, 200);
    POLL_WHILE(server_count(0) < PF_FEED_POOL_PER_HOST);
    server_release();
    RUN_WHILE(pf_feed_pool_count(pool) > 0);
    g_assert_cmpint(server.peak[0], ==, PF_FEED_POOL_PER_HOST);
    g_assert_cmpint(server.served[0], ==, 200);
}

static void
one_host_is_not_connected_to_for_each_of_its_feeds(void)
{
    g_autoptr(PfFeedPool) pool = pf_feed_pool_new();
    g_autoptr(GPtrArray) fetches = g_ptr_array_new_with_free_func((GDestroyNotify)fetch_free);

    server_reset(0);
    for (int i = 0; i < 50; i++)
        g_ptr_array_add(fetches, add(pool, 0, KEPT));
    RUN_WHILE(pf_feed_pool_count(pool) > 0);
    g_assert_cmpint(server_served(0), ==, 50);
    g_assert_cmpint(server.opened[0], <=, PF_FEED_POOL_PER_HOST);
}

/* The pool lives on, as the service's does: a connection that nobody needs would stay until the server ends it. */
static void
a_host_that_has_given_its_last_feed_is_left(void)
{
    g_autoptr(PfFeedPool) pool = pf_feed_pool_new();

    server_reset(0);
    g_autoptr(Fetch) first = add(pool, 0, KEPT);
    RUN_WHILE(!first->is_done);
    POLL_WHILE(server_closed(0) < 1);
    g_autoptr(Fetch) again = add(pool, 0, KEPT);
    RUN_WHILE(!again->is_done);
    POLL_WHILE(server_closed(0) < 2);
    g_assert_cmpint(server.opened[0], ==, 2);
}

static void
redirects_wait_in_the_line_of_the_host_that_they_lead_to(void)
{
    g_autoptr(PfFeedPool) pool = pf_feed_pool_new();
    g_autoptr(GPtrArray) fetches = g_ptr_array_new_with_free_func((GDestroyNotify)fetch_free);

    server_reset(1000);
    for (int host = 1; host < HOSTS; host++)
        g_ptr_array_add(fetches, add(pool, host, "/to/302/0/held"));
    for (int host = 1; host < HOSTS; host++)
        POLL_WHILE(server_served(host) < 1);
    POLL_WHILE(server_count(0) < PF_FEED_POOL_PER_HOST);
    g_autoptr(Fetch) other = add(pool, 1, "/feed");
    RUN_WHILE(!other->is_done);
    server_release();
    RUN_WHILE(pf_feed_pool_count(pool) > 0);
    g_assert_cmpint(server.peak[0], ==, PF_FEED_POOL_PER_HOST);
    g_assert_cmpint(server.served[0], ==, HOSTS - 1);
}

static void
what_has_not_changed_is_not_sent_again(void)
{
    g_autoptr(PfFeedPool) pool = pf_feed_pool_new();
    g_autoptr(Fetch) first = fetch_one("", "/feed");

    g_assert_cmpint(first->reply.outcome, ==, PF_FEED_FETCHED);
    g_assert_cmpstr(first->reply.etag, ==, "\"v1\"");
    g_assert_cmpstr(first->reply.last_modified, ==, "Tue, 03 Jun 2014 12:00:00 GMT");
    g_assert_cmpint(first->reply.bytes, ==, strlen(HEAD ITEM ITEM TAIL));
    g_autoptr(Fetch) by_tag = add_with(pool, url_of("", 0, "/feed"), first->reply.etag, NULL);
    g_autoptr(Fetch) by_date = add_with(pool, url_of("", 0, "/to/301/1/feed"), NULL, first->reply.last_modified);
    g_autoptr(Fetch) changed = add_with(pool, url_of("", 0, "/feed"), "\"v0\"", "Mon, 02 Jun 2014 12:00:00 GMT");
    RUN_WHILE(pf_feed_pool_count(pool) > 0);
    g_assert_cmpint(by_tag->reply.outcome, ==, PF_FEED_UNCHANGED);
    g_assert_no_error(by_tag->reply.error);
    g_assert_cmpint(by_tag->reply.bytes, ==, 0);
    g_assert_null(by_tag->reply.etag);
    g_assert_cmpint(by_date->reply.outcome, ==, PF_FEED_UNCHANGED);
    g_assert_cmpint(changed->reply.outcome, ==, PF_FEED_FETCHED);
    g_autofree char *moved = url_of("", 1, "/feed");
    g_assert_cmpstr(by_date->reply.moved_to, ==, moved);
}

static void
a_header_cannot_be_smuggled_in(void)
{
    g_autoptr(PfFeedPool) pool = pf_feed_pool_new();
    g_autoptr(Fetch) fetch =
        add_with(pool, url_of("", 0, "/private"), "x\r\nAuthorization: Basic YW5uOnNlY3JldA==", NULL);

    RUN_WHILE(!fetch->is_done);
    g_assert_cmpint(fetch->reply.outcome, ==, PF_FEED_FAILED);
}

static void
only_permanent_redirects_from_the_start_move_a_feed(void)
{
    static const struct {
        const char *path;
        const char *moved; /* path there, or NULL */
        int host;
    } cases[] = {
        {"/feed", NULL, 0},
        {"/to/301/1/feed", "/feed", 1},
        {"/to/308/1/feed", "/feed", 1},
        {"/to/302/1/feed", NULL, 0},
        {"/to/307/1/feed", NULL, 0},
        {"/to/303/1/feed", NULL, 0},
        {"/to/301/1/to/308/2/feed", "/feed", 2},
        {"/to/302/1/to/301/2/feed", NULL, 0},
        {"/to/301/1/to/302/2/to/301/3/feed", "/to/302/2/to/301/3/feed", 1},
        {"/to/301/1/missing", NULL, 0},
        {"/to/301/1/gone", NULL, 0},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Fetch) fetch = fetch_one("", cases[i].path);
        g_autofree char *moved = cases[i].moved ? url_of("", cases[i].host, cases[i].moved) : NULL;

        g_test_message("%s", cases[i].path);
        g_assert_cmpstr(fetch->reply.moved_to, ==, moved);
    }
}

static void
a_feed_is_gone_when_the_server_says_so_for_good(void)
{
    static const struct {
        const char *path;
        PfFeedOutcome outcome;
    } cases[] = {
        {"/gone", PF_FEED_GONE},
        {"/to/301/1/gone", PF_FEED_GONE},
        {"/to/302/1/gone", PF_FEED_FAILED},
        {"/missing", PF_FEED_FAILED},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Fetch) fetch = fetch_one("", cases[i].path);

        g_test_message("%s", cases[i].path);
        g_assert_cmpint(fetch->reply.outcome, ==, cases[i].outcome);
        g_assert_error(fetch->reply.error, PF_FEED_ERROR, PF_FEED_ERROR_UNREACHABLE);
    }
}

static void
a_server_can_ask_to_wait_for_at_most_a_day(void)
{
    /* A date is told in whole seconds, of a clock that goes on meanwhile. */
    static const struct {
        const char *path;
        gint64 least, most;
    } cases[] = {
        {"/wait/120", 120, 120}, {"/wait/date", 3000, 3601}, {"/wait/9999999", 86400, 86400},
        {"/wait/soon", 0, 0},    {"/wait/-5", 0, 0},         {"/missing", 0, 0},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Fetch) fetch = fetch_one("", cases[i].path);

        g_test_message("%s: %" G_GINT64_FORMAT, cases[i].path, fetch->reply.retry_after);
        g_assert_cmpint(fetch->reply.outcome, ==, PF_FEED_FAILED);
        g_assert_cmpint(fetch->reply.retry_after, >=, cases[i].least);
        g_assert_cmpint(fetch->reply.retry_after, <=, cases[i].most);
    }
}

static void
a_password_stays_with_its_host(void)
{
    static const struct {
        const char *path;
        PfFeedOutcome outcome;
        const char *moved; /* what moved_to begins with; NULL when there is none */
        int host;
    } cases[] = {
        {"/private", PF_FEED_FETCHED, NULL, 0},
        {"/to/302/0/private", PF_FEED_FETCHED, NULL, 0},
        {"/to/301/0/private", PF_FEED_FETCHED, "ann:secret@", 0},
        {"/to/301/1/private", PF_FEED_FAILED, NULL, 0},
        {"/to/301/1/stranger", PF_FEED_FETCHED, "", 1},
        {"/to/302/1/stranger", PF_FEED_FETCHED, NULL, 0},
        {"/to/302/1/to/302/0/private", PF_FEED_FETCHED, NULL, 0},
    };

    server_reset(0);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Fetch) fetch = fetch_one("ann:secret@", cases[i].path);
        const char *last = strrchr(cases[i].path, '/');
        g_autofree char *moved = cases[i].moved ? url_of(cases[i].moved, cases[i].host, last) : NULL;

        g_test_message("%s", cases[i].path);
        g_assert_cmpint(fetch->reply.outcome, ==, cases[i].outcome);
        g_assert_cmpstr(fetch->reply.moved_to, ==, moved);
        g_assert_true(!fetch->reply.error || !strstr(fetch->reply.error->message, "secret"));
        g_assert_true(!fetch->reply.summary.feed || !strstr(fetch->reply.summary.feed->address, "secret"));
    }
    g_assert_false(server.is_told);
}

static void
servers_are_told_whom_to_write_to(void)
{
    static const struct {
        const char *contact;
        const char *agent;
    } cases[] = {
        {NULL, "podflattr/" PF_VERSION},
        {"", "podflattr/" PF_VERSION},
        {"ann@a.example", "podflattr/" PF_VERSION " (+ann@a.example)"},
        {"ann\r\nX: y", "podflattr/" PF_VERSION " (+ann X: y)"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(PfFeedPool) pool = pf_feed_pool_new();

        pf_feed_pool_set_contact(pool, cases[i].contact);
        g_autoptr(Fetch) fetch = add(pool, 0, "/feed");
        RUN_WHILE(!fetch->is_done);
        g_assert_cmpstr(server.agent, ==, cases[i].agent);
    }
}

static void
what_drips_is_read_to_its_end(void)
{
    g_autoptr(Fetch) fetch = fetch_one("", "/drip");

    g_assert_no_error(fetch->reply.error);
    g_assert_cmpuint(fetch->items, ==, 2);
}

static void
a_pool_can_be_freed_while_it_is_busy(void)
{
    PfFeedPool *pool = pf_feed_pool_new();
    g_autoptr(GPtrArray) fetches = g_ptr_array_new_with_free_func((GDestroyNotify)fetch_free);
    guint before = done_in_all;

    server_reset(0);
    for (int i = 0; i < 20; i++)
        g_ptr_array_add(fetches, add(pool, i % 2, "/hang"));
    g_ptr_array_add(fetches, add_with(pool, g_strdup("/dev/zero"), NULL, NULL));
    POLL_WHILE(server_count(0) < 2 || server_count(1) < 2);
    g_assert_cmpuint(pf_feed_pool_count(pool), >=, 20);
    pf_feed_pool_free(pool);
    server_reset(0); /* waits until all connections have gone */
    while (g_main_context_iteration(NULL, FALSE))
        ;
    g_assert_cmpuint(done_in_all - before, <=, 1); /* the device may have been found out */
}

static void
a_pool_can_be_freed_from_within_a_reply(void)
{
    PfFeedPool *pool = pf_feed_pool_new();
    g_autoptr(Fetch) first = add_with(pool, g_strdup("/nowhere/feed.xml"), NULL, NULL);
    g_autoptr(Fetch) second = add_with(pool, g_strdup("/nowhere/feed.xml"), NULL, NULL);
    g_autoptr(Fetch) third = add(pool, 0, "/hang");

    first->frees_pool = TRUE;
    RUN_WHILE(!first->is_done);
    while (g_main_context_iteration(NULL, FALSE))
        ;
    g_assert_false(second->is_done);
    g_assert_false(third->is_done);
}

static void
a_pipe_that_nobody_writes_to_holds_nothing_up(void)
{
    g_autoptr(PfFeedPool) pool = pf_feed_pool_new();
    g_autofree char *folder = g_dir_make_tmp("podflattr-XXXXXX", NULL);
    g_autofree char *name = g_build_filename(folder, "feed", NULL);

    g_assert_cmpint(mkfifo(name, 0600), ==, 0);
    g_autoptr(Fetch) pipe = add_with(pool, g_strdup(name), NULL, NULL);
    g_autoptr(Fetch) other = add(pool, 0, "/feed");
    RUN_WHILE(!other->is_done);
    g_assert_false(pipe->is_done);
    int writer = open(name, O_WRONLY | O_CLOEXEC);
    g_assert_cmpint(write(writer, HEAD ITEM, strlen(HEAD ITEM)), ==, (gssize)strlen(HEAD ITEM));
    RUN_WHILE(pipe->items < 1);
    g_assert_cmpint(write(writer, ITEM TAIL, strlen(ITEM TAIL)), ==, (gssize)strlen(ITEM TAIL));
    close(writer);
    RUN_WHILE(!pipe->is_done);
    g_assert_no_error(pipe->reply.error);
    g_assert_cmpuint(pipe->items, ==, 2);
    g_unlink(name);
    g_rmdir(folder);
}

static void
what_rests_keeps_no_other_from_being_fetched(void)
{
    g_autoptr(PfFeedPool) pool = pf_feed_pool_new();
    g_autoptr(GPtrArray) fetches = g_ptr_array_new_with_free_func((GDestroyNotify)fetch_free);

    server_reset(0);
    for (int i = 0; i < 2 * PF_FEED_POOL_TRANSFERS; i++) {
        Fetch *fetch = add(pool, i % 2, "/long");
        fetch->pauses_at = 10;
        g_ptr_array_add(fetches, fetch);
    }
    g_autoptr(Fetch) other = add(pool, 0, "/feed");
    RUN_WHILE(!other->is_done);
    for (guint i = 0; i < fetches->len; i++) {
        Fetch *fetch = fetches->pdata[i];
        RUN_WHILE(fetch->items < 10);
        g_assert_false(fetch->is_done);
        g_assert_cmpuint(fetch->items, <, LONG_ITEMS);
    }
    for (guint i = 0; i < fetches->len; i++)
        pf_feed_pool_resume(pool, fetches->pdata[i]);
    RUN_WHILE(pf_feed_pool_count(pool) > 0);
    for (guint i = 0; i < fetches->len; i++) {
        const Fetch *fetch = fetches->pdata[i];
        g_assert_no_error(fetch->reply.error);
        g_assert_cmpuint(fetch->items, ==, LONG_ITEMS);
    }
}

int
main(int argc, char **argv)
{
    static const char *const proxies[] = {"http_proxy", "all_proxy", "ALL_PROXY"};

    for (gsize i = 0; i < G_N_ELEMENTS(proxies); i++)
        g_unsetenv(proxies[i]);
    g_test_init(&argc, &argv, NULL);
    server_start();
    g_test_add_func("/feed pool/sixteen are fetched at once and two of a host",
                    sixteen_are_fetched_at_once_and_two_of_a_host);
    g_test_add_func("/feed pool/a slow host keeps only its own feeds waiting",
                    a_slow_host_keeps_only_its_own_feeds_waiting);
    g_test_add_func("/feed pool/one host is not connected to for each of its feeds",
                    one_host_is_not_connected_to_for_each_of_its_feeds);
    g_test_add_func("/feed pool/a host that has given its last feed is left",
                    a_host_that_has_given_its_last_feed_is_left);
    g_test_add_func("/feed pool/redirects wait in the line of the host that they lead to",
                    redirects_wait_in_the_line_of_the_host_that_they_lead_to);
    g_test_add_func("/feed pool/what has not changed is not sent again", what_has_not_changed_is_not_sent_again);
    g_test_add_func("/feed pool/a header cannot be smuggled in", a_header_cannot_be_smuggled_in);
    g_test_add_func("/feed pool/only permanent redirects from the start move a feed",
                    only_permanent_redirects_from_the_start_move_a_feed);
    g_test_add_func("/feed pool/a feed is gone when the server says so for good",
                    a_feed_is_gone_when_the_server_says_so_for_good);
    g_test_add_func("/feed pool/a server can ask to wait for at most a day",
                    a_server_can_ask_to_wait_for_at_most_a_day);
    g_test_add_func("/feed pool/a password stays with its host", a_password_stays_with_its_host);
    g_test_add_func("/feed pool/servers are told whom to write to", servers_are_told_whom_to_write_to);
    g_test_add_func("/feed pool/what drips is read to its end", what_drips_is_read_to_its_end);
    g_test_add_func("/feed pool/a pool can be freed while it is busy", a_pool_can_be_freed_while_it_is_busy);
    g_test_add_func("/feed pool/a pool can be freed from within a reply", a_pool_can_be_freed_from_within_a_reply);
    g_test_add_func("/feed pool/a pipe that nobody writes to holds nothing up",
                    a_pipe_that_nobody_writes_to_holds_nothing_up);
    g_test_add_func("/feed pool/what rests keeps no other from being fetched",
                    what_rests_keeps_no_other_from_being_fetched);
    return g_test_run();
}
