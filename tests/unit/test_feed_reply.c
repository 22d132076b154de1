/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the feed pool says to servers, and makes of their answers. */
#include "feed_fetches.h"

/* Fetches one. */
static Fetch *
fetch_one(const char *user, const char *path)
{
    g_autoptr(PfFeedPool) pool = pf_feed_pool_new();
    Fetch *fetch = add_with(pool, url_of(user, 0, path), NULL, NULL);

    RUN_WHILE(!fetch->is_done);
    g_assert_cmpuint(under_way, ==, 0);
    return fetch;
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
    RUN_WHILE(under_way > 0);
    g_assert_cmpint(by_tag->reply.outcome, ==, PF_FEED_UNCHANGED);
    g_assert_no_error(by_tag->reply.error);
    g_assert_cmpint(by_tag->reply.bytes, ==, 0);
    g_assert_null(by_tag->reply.etag);
    g_assert_cmpint(by_date->reply.outcome, ==, PF_FEED_UNCHANGED);
    g_assert_cmpint(changed->reply.outcome, ==, PF_FEED_FETCHED);
    g_autofree char *moved = url_of("", 1, "/feed");
    g_assert_cmpstr(by_date->reply.moved_to, ==, moved);
}

/* The connection's end is the feed's: only the feed itself shows that it is not whole. */
static void
what_has_broken_off_will_be_sent_again(void)
{
    g_autoptr(Fetch) fetch = fetch_one("", "/cut");

    g_assert_cmpint(fetch->reply.outcome, ==, PF_FEED_FETCHED);
    g_assert_cmpuint(fetch->items, ==, 1);
    g_assert_true(fetch->reply.summary.feed->breaks_off);
    g_assert_null(fetch->reply.etag);
    g_assert_null(fetch->reply.last_modified);
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
    g_assert_false(server_read(&server.is_told));
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
        g_mutex_lock(&server.mutex);
        g_assert_cmpstr(server.agent, ==, cases[i].agent);
        g_mutex_unlock(&server.mutex);
    }
}

static void
what_drips_is_read_to_its_end(void)
{
    g_autoptr(Fetch) fetch = fetch_one("", "/drip");

    g_assert_no_error(fetch->reply.error);
    g_assert_cmpuint(fetch->items, ==, 2);
}

int
main(int argc, char **argv)
{
    begin_tests(&argc, &argv);
    g_test_add_func("/feed reply/what has not changed is not sent again", what_has_not_changed_is_not_sent_again);
    g_test_add_func("/feed reply/what has broken off will be sent again", what_has_broken_off_will_be_sent_again);
    g_test_add_func("/feed reply/a header cannot be smuggled in", a_header_cannot_be_smuggled_in);
    g_test_add_func("/feed reply/only permanent redirects from the start move a feed",
                    only_permanent_redirects_from_the_start_move_a_feed);
    g_test_add_func("/feed reply/a feed is gone when the server says so for good",
                    a_feed_is_gone_when_the_server_says_so_for_good);
    g_test_add_func("/feed reply/a server can ask to wait for at most a day",
                    a_server_can_ask_to_wait_for_at_most_a_day);
    g_test_add_func("/feed reply/a password stays with its host", a_password_stays_with_its_host);
    g_test_add_func("/feed reply/servers are told whom to write to", servers_are_told_whom_to_write_to);
    g_test_add_func("/feed reply/what drips is read to its end", what_drips_is_read_to_its_end);
    return g_test_run();
}
