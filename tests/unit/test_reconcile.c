/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"
#include "queue/reconcile.h"
#include "queue/verdict.h"
#include <string.h>

static gint64
at(const char *date)
{
    gint64 time = 0;

    g_assert_true(pf_clock_parse(date, &time));
    return time;
}

static PfEntry *
doubtful(const char *key, const char *doubt)
{
    PfEntry *entry = pf_entry_new();

    entry->key = g_strdup(key);
    entry->state = PF_ENTRY_QUEUED;
    entry->reason = g_strdup("no_answer");
    entry->attempts = 1;
    entry->next_attempt = 1;
    entry->doubt = at(doubt);
    entry->sent_as = g_strdup(""); /* whose it was is not what these tests are about */
    return entry;
}

static PfSweep *
sweep_of(PfEntry *first, PfEntry *second)
{
    GPtrArray *entries = g_ptr_array_new_with_free_func((GDestroyNotify)pf_entry_free);

    g_ptr_array_add(entries, first);
    if (second)
        g_ptr_array_add(entries, second);
    return pf_sweep_new_take(entries);
}

/* When the server answers, by our clock. */
#define NOW at("2026-03-10T12:30:00Z")

/* @date: what the server's clock shows at NOW, or NULL for a server that does not say. */
static FlattrReply *
page_of(const char *body, const char *date)
{
    static const char *const head = "HTTP/1.1 200 OK";
    g_autofree char *date_line = g_strconcat("Date: ", date, NULL);
    FlattrReply *reply = flattr_reply_new();

    flattr_reply_add_head_line(reply, head, strlen(head));
    if (date)
        flattr_reply_add_head_line(reply, date_line, strlen(date_line));
    g_assert_true(flattr_reply_append_body(reply, body, strlen(body)));
    return reply;
}

/* Hands in a page with one flattr, or none. Returns whether that was the last page. */
static gboolean
take_dated(PfSweep *sweep, const char *url, gint64 id, const char *created, const char *date)
{
    g_autofree char *body = url ? g_strdup_printf("[{\"type\":\"flattr\",\"created_at\":%" G_GINT64_FORMAT
                                                  ",\"thing\":{\"id\":%" G_GINT64_FORMAT
                                                  ",\"url\":\"%s\",\"link\":\"l\",\"title\":\"t\"}}]",
                                                  at(created), id, url)
                                : g_strdup("[]");
    g_autoptr(FlattrReply) reply = page_of(body, date);
    g_autoptr(GError) error = NULL;

    g_assert_true(pf_sweep_take_page(sweep, reply, G_MAXINT64, NOW, &error));
    g_assert_no_error(error);
    return pf_sweep_is_finished(sweep);
}

static gboolean
take(PfSweep *sweep, const char *url, gint64 id, const char *created)
{
    return take_dated(sweep, url, id, created, "Tue, 10 Mar 2026 12:30:00 GMT");
}

/* An account whose server has told what its clock shows: the same as ours. */
static PfAccount *
heard_account(void)
{
    g_autoptr(FlattrReply) reply = page_of("[]", "Tue, 10 Mar 2026 12:30:00 GMT");
    PfAccount *account = pf_account_new("http://api.example", "token");

    pf_account_note_clock(account, reply, NOW);
    return account;
}

static GPtrArray *
conclude(PfSweep *sweep, const char *now)
{
    g_autoptr(PfAccount) account = heard_account();

    pf_sweep_conclude(sweep, account, TRUE, at(now));
    return pf_sweep_take_entries(sweep);
}

static void
what_is_among_the_users_flattrs_was_paid(void)
{
    static const struct {
        const char *key;
        const char *url;
        gint64 id;
    } cases[] = {
        {"http://a.example/1", "http://a.example/1", 1},
        {"https://a.example", "https://a.example", 2},               /* an auto-submit URL's page, as it was written */
        {"https://a.example/", "https://a.example", 3},              /* a page's address, as it is classified */
        {"https://github.com/a/b", "http://www.github.com/a/b/", 4}, /* a discoverable page */
        {"thing:5", "http://whatever.example/", 5},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(PfSweep) sweep = sweep_of(doubtful(cases[i].key, "2026-03-10T12:00:00Z"), NULL);

        g_test_message("%s", cases[i].key);
        g_assert_true(take(sweep, cases[i].url, cases[i].id, "2026-03-10T12:00:01Z"));
        g_autoptr(GPtrArray) entries = conclude(sweep, "2026-03-10T13:00:00Z");
        PfEntry *entry = entries->pdata[0];
        g_assert_cmpint(entry->state, ==, PF_ENTRY_FLATTRED);
        g_assert_null(entry->reason);
        g_assert_cmpint(entry->doubt, ==, 0);
        g_assert_cmpint(entry->thing_id, ==, cases[i].id);
        g_assert_cmpstr(entry->thing_title, ==, "t");
    }
}

static void
an_earlier_flattr_of_the_same_thing_is_another_one(void)
{
    g_autoptr(PfSweep) sweep = sweep_of(doubtful("http://a/", "2026-03-10T12:00:00Z"), NULL);

    g_assert_true(take(sweep, "http://a/", 1, "2026-03-08T11:00:00Z"));
    g_autoptr(GPtrArray) entries = conclude(sweep, "2026-03-10T13:00:00Z");
    PfEntry *entry = entries->pdata[0];
    g_assert_cmpint(entry->state, ==, PF_ENTRY_QUEUED);
    g_assert_cmpint(entry->checked, ==, at("2026-03-10T13:00:00Z"));
    g_assert_cmpint(entry->doubt, !=, 0);
}

static PfEntry *
monthly(const char *key, const char *period, const char *doubt)
{
    PfEntry *entry = doubtful(key, doubt);

    entry->period = g_strdup(period);
    return entry;
}

static void
a_flattr_of_the_day_before_is_as_good(void)
{
    g_autoptr(PfSweep) sweep = sweep_of(doubtful("http://a/", "2026-04-01T00:00:10Z"), NULL);

    g_assert_true(take(sweep, "http://a/", 1, "2026-03-31T12:00:00Z"));
    g_autoptr(GPtrArray) entries = conclude(sweep, "2026-04-01T01:00:00Z");
    g_assert_cmpint(((PfEntry *)entries->pdata[0])->state, ==, PF_ENTRY_FLATTRED);
}

static void
the_servers_clock_is_the_one_that_counts(void)
{
    static const struct {
        const char *date; /* what the server's clock shows at 12:30 of ours */
        const char *created;
        gboolean found;
    } cases[] = {
        {"Tue, 10 Mar 2026 12:30:00 GMT", "2026-03-10T12:00:00Z", TRUE},
        {"Tue, 10 Mar 2026 12:30:00 GMT", "2026-03-10T11:59:29Z", FALSE},
        {"Tue, 10 Mar 2026 12:20:00 GMT", "2026-03-10T11:50:00Z", TRUE}, /* ten minutes behind */
        {"Tue, 10 Mar 2026 12:20:00 GMT", "2026-03-10T11:49:29Z", FALSE},
        {"Tue, 10 Mar 2026 13:30:00 GMT", "2026-03-10T12:30:00Z", FALSE}, /* an hour ahead */
        {NULL, "2026-03-10T11:50:00Z", TRUE},
        {NULL, "2026-03-10T11:49:59Z", FALSE},
        {"Tue, 10 Mar 2026 12:30:00 GMT", "2026-04-01T00:01:00Z", FALSE}, /* the next month's */
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(PfSweep) sweep = sweep_of(monthly("http://a/", "2026-03", "2026-03-10T12:00:00Z"), NULL);

        g_test_message("case %" G_GSIZE_FORMAT, i);
        take_dated(sweep, "http://a/", 1, cases[i].created, cases[i].date);
        g_autoptr(GPtrArray) entries = conclude(sweep, "2026-03-10T13:00:00Z");
        g_assert_cmpint(((PfEntry *)entries->pdata[0])->state, ==,
                        cases[i].found ? PF_ENTRY_FLATTRED : PF_ENTRY_QUEUED);
    }
}

static void
two_months_of_one_thing_are_two_sweeps(void)
{
    g_autoptr(PfSweep) sweep = sweep_of(monthly("http://a/", "2026-02", "2026-02-10T12:00:00Z"),
                                        monthly("http://a/", "2026-03", "2026-03-10T12:00:00Z"));

    g_assert_true(take(sweep, "http://a/", 1, "2026-02-10T12:00:00Z"));
    g_autoptr(GPtrArray) entries = conclude(sweep, "2026-03-10T13:00:00Z");
    g_assert_cmpuint(entries->len, ==, 1);
    g_assert_cmpint(((PfEntry *)entries->pdata[0])->state, ==, PF_ENTRY_FLATTRED);
}

static void
a_doubt_that_could_never_be_cleared_is_put_to_the_user(void)
{
    g_autoptr(PfSweep) sweep = sweep_of(doubtful("http://a/", "2026-03-10T12:00:00Z"), NULL);

    g_autoptr(PfAccount) account = heard_account();
    pf_sweep_postpone(sweep, account, at("2026-04-14T13:00:00Z"), 0);
    g_autoptr(GPtrArray) entries = pf_sweep_take_entries(sweep);
    g_assert_cmpint(((PfEntry *)entries->pdata[0])->state, ==, PF_ENTRY_HELD);
}

static void
what_is_not_found_after_its_month_is_held(void)
{
    g_autoptr(PfSweep) sweep = sweep_of(doubtful("http://a/", "2026-03-31T23:59:00Z"), NULL);

    g_assert_true(take(sweep, NULL, 0, NULL));
    g_autoptr(GPtrArray) entries = conclude(sweep, "2026-04-01T00:00:00Z");
    PfEntry *entry = entries->pdata[0];
    g_assert_cmpint(entry->state, ==, PF_ENTRY_HELD);
    g_assert_cmpstr(entry->reason, ==, "unknown");
}

/* A list that has others ends the doubt, in whatever month. */
static void
a_list_without_it_ends_the_doubt(void)
{
    PfEntry *doubt = doubtful("http://a/", "2026-03-01T12:00:00Z");

    doubt->doubt_server = doubt->doubt;
    g_autoptr(PfSweep) sweep = sweep_of(doubt, NULL);
    g_assert_true(take(sweep, "http://x/", 9, "2026-02-10T12:30:00Z"));
    g_autoptr(GPtrArray) entries = conclude(sweep, "2026-04-01T13:00:00Z");
    g_assert_cmpint(doubt->state, ==, PF_ENTRY_QUEUED);
    g_assert_cmpint(doubt->doubt, ==, 0);
}

/* What was sent twenty days ahead of the server is looked for by the server's clock, and in its own spelling. */
static void
what_the_server_writes_in_its_own_way_is_found(void)
{
    PfEntry *doubt = doubtful("https://a.example/One", "2026-03-30T12:00:00Z");

    doubt->doubt_server = at("2026-03-10T12:00:00Z");
    g_autoptr(PfSweep) sweep = sweep_of(doubt, NULL);
    g_assert_true(take(sweep, "http://A.example/One/", 9, "2026-03-10T12:00:01Z"));
    g_autoptr(GPtrArray) entries = conclude(sweep, "2026-03-10T13:00:00Z");
    g_assert_cmpint(doubt->state, ==, PF_ENTRY_FLATTRED);
}

static void
pages_are_read_back_to_the_oldest_doubt_and_no_further(void)
{
    g_autoptr(PfSweep) sweep =
        sweep_of(doubtful("http://a/", "2026-03-10T12:00:00Z"), doubtful("http://b/", "2026-03-05T12:00:00Z"));
    g_autoptr(FlattrRequest) first = pf_sweep_new_request(sweep);

    g_assert_cmpstr(flattr_request_get_path(first), ==, "/user/flattrs?count=100&page=1");
    g_assert_false(take(sweep, "http://x/", 9, "2026-03-10T12:30:00Z"));
    g_assert_false(take(sweep, "http://a/", 1, "2026-03-10T12:00:01Z"));
    g_assert_false(take(sweep, "http://y/", 8, "2026-03-06T00:00:00Z"));
    g_autoptr(FlattrRequest) fourth = pf_sweep_new_request(sweep);
    g_assert_cmpstr(flattr_request_get_path(fourth), ==, "/user/flattrs?count=100&page=4");
    g_assert_true(take(sweep, "http://z/", 7, "2026-03-04T11:00:00Z"));
    g_autoptr(GPtrArray) entries = conclude(sweep, "2026-03-10T13:00:00Z");
    g_assert_cmpint(((PfEntry *)entries->pdata[0])->state, ==, PF_ENTRY_FLATTRED);
    g_assert_cmpint(((PfEntry *)entries->pdata[1])->state, ==, PF_ENTRY_QUEUED);
}

static void
what_is_no_list_decides_nothing(void)
{
    static const char *const bodies[] = {"", "{}", "<html>", "[{\"thing\":{\"url\":\"http://a/\"}"};

    for (gsize i = 0; i < G_N_ELEMENTS(bodies); i++) {
        g_autoptr(PfSweep) sweep = sweep_of(doubtful("http://a/", "2026-03-10T12:00:00Z"), NULL);
        g_autoptr(FlattrReply) reply = page_of(bodies[i], NULL);
        g_autoptr(GError) error = NULL;

        g_assert_false(pf_sweep_take_page(sweep, reply, G_MAXINT64, NOW, &error));
        g_assert_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED);
    }
}

static void
a_list_without_an_end_is_given_up(void)
{
    g_autoptr(PfSweep) sweep = sweep_of(doubtful("http://a/", "2026-03-10T12:00:00Z"), NULL);
    guint pages = 0;

    for (;;) {
        g_autoptr(FlattrReply) reply =
            page_of("[{\"created_at\":9999999999,\"thing\":{\"url\":\"http://x/\"}},7,{}]", NULL);
        /* A flattr without a date is taken for an old one: it ends the list. */
        if (!pf_sweep_take_page(sweep, reply, G_MAXINT64, NOW, NULL) || pf_sweep_is_finished(sweep) || ++pages > 5000)
            break;
    }
    g_assert_true(pf_sweep_is_finished(sweep));

    g_autoptr(PfSweep) endless = sweep_of(doubtful("http://a/", "2026-03-10T12:00:00Z"), NULL);
    g_autoptr(GError) error = NULL;
    for (pages = 0; pages <= 5000 && !error; pages++) {
        g_autoptr(FlattrReply) reply = page_of("[{\"created_at\":9999999999,\"thing\":{\"url\":\"http://x/\"}}]", NULL);
        pf_sweep_take_page(endless, reply, G_MAXINT64, NOW, &error);
    }
    g_assert_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED);
}

static void
a_sweep_that_fails_puts_its_entries_off(void)
{
    g_autoptr(PfSweep) sweep =
        sweep_of(doubtful("http://a/", "2026-03-10T12:00:00Z"), doubtful("http://b/", "2026-03-10T12:00:00Z"));

    g_assert_false(take(sweep, "http://a/", 1, "2026-03-10T12:00:00Z"));
    g_autoptr(PfAccount) account = heard_account();
    pf_sweep_postpone(sweep, account, NOW, 0.999999);
    g_autoptr(GPtrArray) entries = pf_sweep_take_entries(sweep);
    for (guint i = 0; i < entries->len; i++) {
        PfEntry *entry = entries->pdata[i];
        g_assert_cmpint(entry->state, ==, PF_ENTRY_QUEUED);
        g_assert_cmpint(entry->next_attempt, ==, NOW + 899); /* half as long as it was in doubt, by chance a bit less */
        g_assert_cmpint(entry->checked, ==, 0);
        g_assert_cmpint(entry->doubt, !=, 0);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sweep/what is among the user's flattrs was paid", what_is_among_the_users_flattrs_was_paid);
    g_test_add_func("/sweep/an earlier flattr of the same thing is another one",
                    an_earlier_flattr_of_the_same_thing_is_another_one);
    g_test_add_func("/sweep/a flattr of the day before is as good", a_flattr_of_the_day_before_is_as_good);
    g_test_add_func("/sweep/the server's clock is the one that counts", the_servers_clock_is_the_one_that_counts);
    g_test_add_func("/sweep/two months of one thing are two sweeps", two_months_of_one_thing_are_two_sweeps);
    g_test_add_func("/sweep/a doubt that could never be cleared is put to the user",
                    a_doubt_that_could_never_be_cleared_is_put_to_the_user);
    g_test_add_func("/sweep/what is not found after its month is held", what_is_not_found_after_its_month_is_held);
    g_test_add_func("/sweep/pages are read back to the oldest doubt and no further",
                    pages_are_read_back_to_the_oldest_doubt_and_no_further);
    g_test_add_func("/sweep/what is no list decides nothing", what_is_no_list_decides_nothing);
    g_test_add_func("/sweep/a list without an end is given up", a_list_without_an_end_is_given_up);
    g_test_add_func("/sweep/a sweep that fails puts its entries off", a_sweep_that_fails_puts_its_entries_off);
    g_test_add_func("/sweep/a list without it ends the doubt", a_list_without_it_ends_the_doubt);
    g_test_add_func("/sweep/what the server writes in its own way is found",
                    what_the_server_writes_in_its_own_way_is_found);
    return g_test_run();
}
