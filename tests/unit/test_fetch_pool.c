/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who waits for whom: hosts, connections, pipes, what rests, and the pool's end. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feed_fetches.h"

static void
sixteen_are_fetched_at_once_and_two_of_a_host(void)
{
    g_autoptr(PfFeedPool) pool = pf_feed_pool_new();
    g_autoptr(GPtrArray) fetches = g_ptr_array_new_with_free_func((GDestroyNotify)fetch_free);

    server_reset(PF_FEED_POOL_TRANSFERS); /* the first answer waits until so many are there */
    for (int round = 0; round < 5; round++)
        for (int host = 0; host < HOSTS; host++)
            g_ptr_array_add(fetches, add(pool, host, "/held"));
    g_assert_cmpuint(under_way, ==, 5 * HOSTS);
    RUN_WHILE(under_way > 0);
    for (guint i = 0; i < fetches->len; i++) {
        const Fetch *fetch = fetches->pdata[i];
        g_assert_no_error(fetch->reply.error);
        g_assert_cmpint(fetch->reply.outcome, ==, PF_FEED_FETCHED);
        g_assert_cmpuint(fetch->items, ==, 2);
    }
    g_assert_cmpint(server_read(&server.peak_of_all), ==, PF_FEED_POOL_TRANSFERS);
    for (int host = 0; host < HOSTS; host++) {
        g_assert_cmpint(server_read(&server.peak[host]), <=, PF_FEED_POOL_PER_HOST);
        g_assert_cmpint(server_read(&server.served[host]), ==, 5);
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
    g_assert_cmpuint(under_way, ==, 200);
    POLL_WHILE(server_read(&server.serving[0]) < PF_FEED_POOL_PER_HOST);
    server_release();
    RUN_WHILE(under_way > 0);
    g_assert_cmpint(server_read(&server.peak[0]), ==, PF_FEED_POOL_PER_HOST);
    g_assert_cmpint(server_read(&server.served[0]), ==, 200);
}

static void
one_host_is_not_connected_to_for_each_of_its_feeds(void)
{
    g_autoptr(PfFeedPool) pool = pf_feed_pool_new();
    g_autoptr(GPtrArray) fetches = g_ptr_array_new_with_free_func((GDestroyNotify)fetch_free);

    server_reset(0);
    for (int i = 0; i < 50; i++)
        g_ptr_array_add(fetches, add(pool, 0, KEPT));
    RUN_WHILE(under_way > 0);
    g_assert_cmpint(server_read(&server.served[0]), ==, 50);
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
    POLL_WHILE(server_read(&server.closed[0]) < 1);
    g_autoptr(Fetch) again = add(pool, 0, KEPT);
    RUN_WHILE(!again->is_done);
    POLL_WHILE(server_read(&server.closed[0]) < 2);
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
        POLL_WHILE(server_read(&server.served[host]) < 1);
    POLL_WHILE(server_read(&server.serving[0]) < PF_FEED_POOL_PER_HOST);
    g_autoptr(Fetch) other = add(pool, 1, "/feed");
    RUN_WHILE(!other->is_done);
    server_release();
    RUN_WHILE(under_way > 0);
    g_assert_cmpint(server_read(&server.peak[0]), ==, PF_FEED_POOL_PER_HOST);
    g_assert_cmpint(server_read(&server.served[0]), ==, HOSTS - 1);
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
    POLL_WHILE(server_read(&server.serving[0]) < 2 || server_read(&server.serving[1]) < 2);
    g_assert_cmpuint(under_way, >=, 20);
    pf_feed_pool_free(pool);
    under_way = 0;
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
    RUN_WHILE(under_way > 0);
    for (guint i = 0; i < fetches->len; i++) {
        const Fetch *fetch = fetches->pdata[i];
        g_assert_no_error(fetch->reply.error);
        g_assert_cmpuint(fetch->items, ==, LONG_ITEMS);
    }
}

int
main(int argc, char **argv)
{
    begin_tests(&argc, &argv);
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
    g_test_add_func("/feed pool/a pool can be freed while it is busy", a_pool_can_be_freed_while_it_is_busy);
    g_test_add_func("/feed pool/a pool can be freed from within a reply", a_pool_can_be_freed_from_within_a_reply);
    g_test_add_func("/feed pool/a pipe that nobody writes to holds nothing up",
                    a_pipe_that_nobody_writes_to_holds_nothing_up);
    g_test_add_func("/feed pool/what rests keeps no other from being fetched",
                    what_rests_keeps_no_other_from_being_fetched);
    return g_test_run();
}
