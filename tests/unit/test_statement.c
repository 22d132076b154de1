/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"
#include "statement/render.h"
#include "statement/statement.h"

#include <string.h>

/* A statement in the making: entries, shows and payments are added, then it is finished with a configuration. */
typedef struct {
    PfConfig *config;
    PfStatementMaker *maker;
} Scene;

static gint64
at(const char *date)
{
    gint64 time = 0;

    g_assert_true(pf_clock_parse(date, &time));
    return time;
}

static void
begin(Scene *scene, const char *month, const char *settings)
{
    g_autoptr(GError) error = NULL;
    PfStatementRequest request;

    scene->config = pf_config_parse(settings, "test.conf", &error);
    g_assert_no_error(error);
    pf_statement_request_init(&request, scene->config, month, NULL, at("2026-11-20T12:00:00Z"));
    request.settles = TRUE;
    scene->maker = pf_statement_maker_new(&request);
}

static PfStatement *
end(Scene *scene)
{
    PfStatement *statement = pf_statement_maker_finish(g_steal_pointer(&scene->maker), scene->config);

    g_clear_pointer(&scene->config, pf_config_free);
    return statement;
}

/* An owed episode of https://NAME.example/feed. */
static void
owe(Scene *scene, const char *name, const char *when, gint64 minutes)
{
    g_autofree char *show = g_strdup_printf("%s.example/feed", name);
    g_autofree char *feed = g_strdup_printf("https://%s.example/feed", name);
    const PfLedgerEntry entry = {
        .show = show,
        .show_title = (char *)name,
        .feed = feed,
        .title = (char *)"Episode",
        .when = at(when),
        .seconds = minutes * 60,
        .state = (char *)"owed",
        .reason = (char *)"no_link",
    };

    pf_statement_maker_add_entry(scene->maker, &entry);
}

static void
pay(Scene *scene, const char *month, const char *name, gint64 amount, gboolean undone)
{
    PfSettlement *settlement = g_new0(PfSettlement, 1);

    settlement->month = g_strdup(month);
    settlement->show = g_strdup_printf("%s.example/feed", name);
    settlement->amount = amount;
    settlement->currency = g_strdup("EUR");
    settlement->paid_at = at("2026-11-05T10:00:00Z");
    settlement->undone = undone;
    pf_statement_maker_take_settlement(scene->maker, settlement);
}

static void
freeze(Scene *scene, const char *month)
{
    PfSettledMonth *settled = g_new0(PfSettledMonth, 1);

    settled->month = g_strdup(month);
    settled->budget = 1000;
    settled->currency = g_strdup("EUR");
    settled->weight = g_strdup("episodes");
    pf_statement_maker_take_month(scene->maker, settled);
}

static void
freeze_share(Scene *scene, const char *month, const char *name, gint64 share)
{
    PfSettledShare *settled = g_new0(PfSettledShare, 1);

    settled->month = g_strdup(month);
    settled->show = g_strdup_printf("%s.example/feed", name);
    settled->title = g_strdup(name);
    settled->episodes = 1;
    settled->share = share;
    settled->currency = g_strdup("EUR");
    pf_statement_maker_take_share(scene->maker, settled);
}

static PfShow *
show_of(const char *url, const char *guid, const char *title)
{
    PfShow *show = pf_show_new();

    show->url = g_strdup(url);
    show->address = g_strdup(url);
    show->guid = g_strdup(guid);
    show->title = g_strdup(title);
    return show;
}

static const PfStatementRow *
row_named(const PfStatement *statement, const char *title)
{
    for (guint i = 0; i < statement->rows->len; i++)
        if (g_str_equal(((const PfStatementRow *)statement->rows->pdata[i])->title, title))
            return statement->rows->pdata[i];
    g_error("no row is called %s", title);
}

#define BUDGET "[report]\nbudget = 10 EUR\nminimum = 1.00\n"

static void
the_shares_of_a_month_are_its_budget(void)
{
    Scene scene;

    begin(&scene, "2026-11", BUDGET);
    owe(&scene, "a", "2026-11-01T00:00:00Z", 10);
    owe(&scene, "a", "2026-11-02T00:00:00Z", 10);
    owe(&scene, "b", "2026-11-30T23:59:59Z", 10);
    owe(&scene, "c", "2026-12-01T00:00:00Z", 10);
    g_autoptr(PfStatement) statement = end(&scene);
    g_assert_cmpuint(statement->rows->len, ==, 2);
    g_assert_cmpint(statement->shared, ==, 1000);
    g_assert_cmpint(statement->episodes, ==, 3);
    g_assert_cmpint(row_named(statement, "a")->share, ==, 667);
    g_assert_cmpint(row_named(statement, "b")->due, ==, 333);
    g_assert_cmpuint(row_named(statement, "a")->number, ==, 1);
    g_assert_cmpint(statement->episodes_by_day[0], ==, 1);
    g_assert_cmpint(statement->episodes_by_day[29], ==, 1);
}

static void
small_shares_are_kept_until_they_are_due(void)
{
    Scene scene;

    begin(&scene, "2026-11", "[report]\nbudget = 1.50 EUR\n");
    for (int month = 9; month <= 11; month++) {
        g_autofree char *when = g_strdup_printf("2026-%02d-10T00:00:00Z", month);
        owe(&scene, "a", when, 10);
        owe(&scene, "b", when, 10);
        if (month < 11)
            owe(&scene, "c", when, 10);
    }
    g_autoptr(PfStatement) statement = end(&scene);
    /* 50 + 50 + 75; c has 50 + 50 and nothing of this month. */
    g_assert_cmpint(row_named(statement, "a")->carried, ==, 100);
    g_assert_cmpint(row_named(statement, "a")->due, ==, 175);
    g_assert_cmpint(row_named(statement, "c")->due, ==, 100);
    g_assert_cmpint(statement->months->len, ==, 3);

    begin(&scene, "2026-09", "[report]\nbudget = 1.50 EUR\n");
    owe(&scene, "a", "2026-09-10T00:00:00Z", 10);
    owe(&scene, "b", "2026-09-10T00:00:00Z", 10);
    owe(&scene, "b", "2026-10-10T00:00:00Z", 10);
    g_autoptr(PfStatement) first = end(&scene);
    g_assert_cmpint(row_named(first, "a")->due, ==, 0);
    g_assert_cmpint(row_named(first, "a")->state, ==, PF_SHARE_CARRIED);
    g_assert_true(first->over);
}

static void
what_is_not_carried_is_due_at_once(void)
{
    Scene scene;

    begin(&scene, "2026-11", "[report]\nbudget = 0.50 EUR\ncarry = no\n");
    owe(&scene, "a", "2026-10-10T00:00:00Z", 10);
    owe(&scene, "a", "2026-11-10T00:00:00Z", 10);
    g_autoptr(PfStatement) statement = end(&scene);
    g_assert_cmpint(row_named(statement, "a")->due, ==, 50);
    g_assert_cmpint(row_named(statement, "a")->carried, ==, 0);
}

static void
payments_count_for_their_month_and_show(void)
{
    Scene scene;

    begin(&scene, "2026-11", BUDGET);
    owe(&scene, "a", "2026-10-10T00:00:00Z", 10);
    owe(&scene, "a", "2026-11-10T00:00:00Z", 10);
    owe(&scene, "b", "2026-11-10T00:00:00Z", 10);
    pay(&scene, "2026-10", "a", 900, FALSE);
    pay(&scene, "2026-10", "a", 100, TRUE);
    pay(&scene, "2026-11", "a", 200, FALSE);
    pay(&scene, "2026-11", "b", 600, FALSE);
    pay(&scene, "2026-11", "gone", 50, FALSE);
    g_autoptr(PfStatement) statement = end(&scene);
    const PfStatementRow *a = row_named(statement, "a");
    g_assert_cmpint(a->carried, ==, 100);
    g_assert_cmpint(a->paid, ==, 200);
    g_assert_cmpint(a->due, ==, 400);
    g_assert_cmpint(a->state, ==, PF_SHARE_PART_PAID);
    g_assert_cmpint(row_named(statement, "b")->state, ==, PF_SHARE_PAID);
    g_assert_cmpint(row_named(statement, "b")->due, ==, 0);
    /* A show that nothing else is known of is shown all the same: it was paid. */
    g_assert_cmpint(row_named(statement, "gone.example/feed")->paid, ==, 50);
    g_assert_cmpint(statement->paid, ==, 850);
}

static void
a_frozen_month_stays_as_it_was(void)
{
    Scene scene;

    begin(&scene, "2026-10", "[report]\nbudget = 77 EUR\n");
    freeze(&scene, "2026-10");
    freeze_share(&scene, "2026-10", "a", 1000);
    owe(&scene, "a", "2026-10-10T00:00:00Z", 10);
    owe(&scene, "late", "2026-10-11T00:00:00Z", 10);
    g_autoptr(PfStatement) frozen = end(&scene);
    g_assert_true(frozen->frozen);
    g_assert_cmpint(frozen->request.budget.minor, ==, 1000);
    g_assert_cmpuint(frozen->rows->len, ==, 1);
    g_assert_cmpint(row_named(frozen, "a")->share, ==, 1000);
    g_assert_cmpuint(frozen->to_freeze->len, ==, 0);

    /* The minimum is in the currency that the month had: 2 EUR, and not 2 sats. */
    begin(&scene, "2026-10", "[report]\nbudget = 5000 sat\nminimum = 2\n");
    freeze(&scene, "2026-10");
    freeze_share(&scene, "2026-10", "a", 199);
    freeze_share(&scene, "2026-10", "b", 200);
    g_autoptr(PfStatement) euros = end(&scene);
    g_assert_cmpint(euros->request.minimum, ==, 200);
    g_assert_cmpint(row_named(euros, "a")->due, ==, 0);
    g_assert_cmpint(row_named(euros, "b")->due, ==, 200);

    begin(&scene, "2026-11", BUDGET);
    freeze(&scene, "2026-10");
    freeze_share(&scene, "2026-10", "a", 1000);
    pay(&scene, "2026-10", "a", 1000, FALSE);
    owe(&scene, "late", "2026-10-11T00:00:00Z", 10);
    owe(&scene, "b", "2026-11-11T00:00:00Z", 10);
    g_autoptr(PfStatement) next = end(&scene);
    g_assert_cmpint(row_named(next, "late")->share, ==, 500);
    g_assert_cmpint(row_named(next, "b")->share, ==, 500);
    g_assert_cmpuint(next->rows->len, ==, 2);
    g_assert_cmpuint(next->to_freeze->len, ==, 2);
    g_assert_cmpuint(next->freezing->len, ==, 1);
}

static void
months_are_those_of_the_time_zone(void)
{
    static const struct {
        const char *zone, *when, *month;
    } rows[] = {
        {"America/New_York", "2026-11-01T03:59:59Z", "2026-10"},
        {"America/New_York", "2026-11-01T04:00:00Z", "2026-11"},
        {"America/New_York", "2026-12-01T04:59:59Z", "2026-11"},
        {"Europe/Berlin", "2026-03-31T21:59:59Z", "2026-03"},
        {"Europe/Berlin", "2026-03-31T22:00:00Z", "2026-04"},
        {"Europe/Berlin", "2026-02-28T23:00:00Z", "2026-03"},
        {"Pacific/Kiritimati", "2026-10-31T10:00:00Z", "2026-11"},
        {"UTC", "2027-01-01T00:00:00Z", "2027-01"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        char month[PF_MONTH_SIZE];
        Scene scene;

        g_assert_true(g_setenv("TZ", rows[i].zone, TRUE));
        g_assert_cmpstr(pf_month_of(at(rows[i].when), month), ==, rows[i].month);
        begin(&scene, rows[i].month, BUDGET);
        owe(&scene, "a", rows[i].when, 10);
        g_autoptr(PfStatement) statement = end(&scene);
        g_assert_cmpint(statement->episodes, ==, 1);
        g_assert_cmpint(pf_month_end(rows[i].month), ==, statement->to);
    }
    /* Berlin's March has an hour less, its October one more. */
    Scene scene;
    g_assert_true(g_setenv("TZ", "Europe/Berlin", TRUE));
    begin(&scene, "2026-03", BUDGET);
    g_autoptr(PfStatement) march = end(&scene);
    g_assert_cmpint(march->to - march->from, ==, 31 * 86400 - 3600);
    begin(&scene, "2026-10", BUDGET);
    g_autoptr(PfStatement) october = end(&scene);
    g_assert_cmpint(october->to - october->from, ==, 31 * 86400 + 3600);
    g_assert_true(g_setenv("TZ", "UTC", TRUE));
}

static void
formats_of_one_show_are_one(void)
{
    Scene scene;

    begin(&scene, "2026-11",
          BUDGET "[feed https://x.example/feed]\nshow = Mine\n[feed https://y.example/feed]\nshow = Mine\n");
    pf_statement_maker_take_show(scene.maker, show_of("https://mp3.example/feed", "guid-1", "One show"));
    pf_statement_maker_take_show(scene.maker, show_of("https://ogg.example/feed", "guid-1", "One show (Ogg)"));
    owe(&scene, "mp3", "2026-11-01T00:00:00Z", 10);
    owe(&scene, "ogg", "2026-11-02T00:00:00Z", 10);
    owe(&scene, "x", "2026-11-02T00:00:00Z", 10);
    owe(&scene, "y", "2026-11-02T00:00:00Z", 10);
    g_autoptr(PfStatement) statement = end(&scene);
    g_assert_cmpuint(statement->rows->len, ==, 2);
    g_assert_cmpint(row_named(statement, "One show")->episodes, ==, 2);
    g_assert_cmpstr(row_named(statement, "One show")->show, ==, "guid-1");
    g_assert_cmpint(row_named(statement, "Mine")->episodes, ==, 2);
}

static void
a_feed_that_claims_anothers_guid_takes_nothing(void)
{
    Scene scene;
    PfShow *honest = show_of("https://honest.example/feed", "guid-1", "Honest");
    PfShow *thief = show_of("https://thief.example/feed", "guid-1", "Thief");

    g_ptr_array_add(thief->payment_links, g_strdup("https://pay.thief.example/"));
    begin(&scene, "2026-11", BUDGET);
    pf_statement_maker_take_show(scene.maker, honest);
    pf_statement_maker_take_show(scene.maker, thief);
    owe(&scene, "honest", "2026-11-01T00:00:00Z", 10);
    owe(&scene, "thief", "2026-11-02T00:00:00Z", 10);
    g_autoptr(PfStatement) statement = end(&scene);
    g_assert_cmpint(row_named(statement, "Honest")->share, ==, 500);
    g_assert_cmpuint(row_named(statement, "Honest")->ways->len, ==, 0);
    g_assert_cmpint(row_named(statement, "Thief")->share, ==, 500);
}

static void
owe_by_guid(Scene *scene, const char *feed)
{
    const PfLedgerEntry entry = {.show = (char *)"guid-1",
                                 .show_title = (char *)"Any",
                                 .feed = (char *)feed,
                                 .when = at("2026-11-01T00:00:00Z"),
                                 .state = (char *)"owed",
                                 .reason = (char *)"no_link"};

    pf_statement_maker_add_entry(scene->maker, &entry);
}

/* A hoster's feeds are those of many. */
static void
a_host_alone_makes_no_two_feeds_one_show(void)
{
    Scene scene;
    PfShow *thief = show_of("https://hoster.example/1/feed", "guid-1", "Thief");
    PfShow *honest = show_of("https://hoster.example/2/feed", "guid-1", "Honest");

    g_ptr_array_add(thief->payment_links, g_strdup("https://pay.example/thief"));
    g_ptr_array_add(honest->payment_links, g_strdup("https://pay.example/honest"));
    begin(&scene, "2026-11", BUDGET);
    pf_statement_maker_take_show(scene.maker, thief);
    pf_statement_maker_take_show(scene.maker, honest);
    pf_statement_maker_take_show(scene.maker, show_of("https://hoster.example/1/ogg", "guid-1", "Thief (Ogg)"));
    owe_by_guid(&scene, "https://hoster.example/1/feed");
    owe_by_guid(&scene, "https://hoster.example/2/feed");
    owe_by_guid(&scene, "https://hoster.example/1/ogg");
    g_autoptr(PfStatement) statement = end(&scene);
    g_assert_cmpuint(statement->rows->len, ==, 2);
    g_assert_cmpint(row_named(statement, "Thief")->episodes, ==, 2);
    const PfStatementRow *row = row_named(statement, "Honest");
    g_assert_cmpint(row->episodes, ==, 1);
    g_assert_cmpstr(((const PfStatementWay *)row->ways->pdata[0])->address, ==, "https://pay.example/honest");
}

static void
a_feed_that_moved_or_was_renamed_is_the_same_show(void)
{
    Scene scene;
    PfShow *show = show_of("https://old.example/feed", NULL, "New name");

    g_free(show->address);
    show->address = g_strdup("https://new.example/feed");
    begin(&scene, "2026-11", BUDGET);
    pf_statement_maker_take_show(scene.maker, show);
    owe(&scene, "old", "2026-11-01T00:00:00Z", 10);
    owe(&scene, "new", "2026-11-02T00:00:00Z", 10);
    pay(&scene, "2026-11", "old", 100, FALSE);
    g_autoptr(PfStatement) statement = end(&scene);
    g_assert_cmpuint(statement->rows->len, ==, 1);
    g_assert_cmpint(row_named(statement, "New name")->episodes, ==, 2);
    g_assert_cmpint(row_named(statement, "New name")->paid, ==, 100);
}

static void
the_user_decides_for_feeds(void)
{
    Scene scene;

    begin(&scene, "2026-11",
          BUDGET "[feed https://a.example/feed]\nshare = 2.5\nlink = tip@a.example\n"
                 "[feed HTTPS://b.example/feed/]\npaid-elsewhere = yes\n[feed https://c.example/feed]\nshare = 0\n");
    owe(&scene, "a", "2026-11-01T00:00:00Z", 10);
    owe(&scene, "b", "2026-11-01T00:00:00Z", 10);
    owe(&scene, "c", "2026-11-01T00:00:00Z", 10);
    owe(&scene, "d", "2026-11-01T00:00:00Z", 10);
    g_autoptr(PfStatement) statement = end(&scene);
    g_assert_cmpint(row_named(statement, "a")->share, ==, 714);
    g_assert_cmpint(row_named(statement, "d")->share, ==, 286);
    g_assert_cmpint(row_named(statement, "b")->state, ==, PF_SHARE_ELSEWHERE);
    g_assert_cmpint(row_named(statement, "b")->episodes, ==, 1);
    g_assert_cmpint(row_named(statement, "c")->state, ==, PF_SHARE_NOTHING);
    const PfStatementWay *way = row_named(statement, "a")->ways->pdata[0];
    g_assert_cmpstr(way->method, ==, "lightning");
    g_assert_cmpstr(way->url, ==, "lightning:tip@a.example");
}

static void
minutes_weigh_and_unknown_ones_are_usual(void)
{
    Scene scene;

    begin(&scene, "2026-11", BUDGET "weight = minutes\n");
    owe(&scene, "a", "2026-11-01T00:00:00Z", 30);
    owe(&scene, "b", "2026-11-01T00:00:00Z", 10);
    owe(&scene, "c", "2026-11-01T00:00:00Z", 0);
    g_autoptr(PfStatement) statement = end(&scene);
    g_assert_cmpint(row_named(statement, "a")->share, ==, 500);
    g_assert_cmpint(row_named(statement, "b")->share, ==, 167);
    g_assert_cmpint(row_named(statement, "c")->share, ==, 333);
    g_assert_cmpint(statement->unknown, ==, 1);
}

/* Milliseconds, or whoever wants it all. */
static void
a_length_of_days_is_unknown(void)
{
    Scene scene;

    begin(&scene, "2026-11", BUDGET "weight = minutes\n");
    owe(&scene, "a", "2026-11-01T00:00:00Z", 30);
    owe(&scene, "b", "2026-11-01T00:00:00Z", 30000);
    owe(&scene, "c", "2026-11-01T00:00:00Z", G_MAXINT64 / 60);
    owe(&scene, "d", "2026-11-01T00:00:00Z", G_MAXINT64 / 60);
    g_autoptr(PfStatement) statement = end(&scene);
    g_assert_cmpint(row_named(statement, "a")->share, ==, 250);
    g_assert_cmpint(row_named(statement, "b")->share, ==, 250);
    g_assert_cmpint(statement->unknown, ==, 3);
    g_assert_cmpint(statement->seconds, ==, 1800);
}

static void
what_waits_and_what_was_left_out_is_said(void)
{
    Scene scene;
    PfLedgerEntry entry = {.show = (char *)"s",
                           .show_title = (char *)"Show",
                           .title = (char *)"E",
                           .state = (char *)"held",
                           .reason = (char *)"ask",
                           .when = at("2026-10-05T00:00:00Z")};

    begin(&scene, "2026-11", BUDGET);
    pf_statement_maker_add_entry(scene.maker, &entry);
    entry.when = at("2026-11-05T00:00:00Z");
    pf_statement_maker_add_entry(scene.maker, &entry);
    entry.state = (char *)"dropped";
    entry.reason = (char *)"never";
    pf_statement_maker_add_entry(scene.maker, &entry);
    entry.when = at("2026-10-05T00:00:00Z");
    pf_statement_maker_add_entry(scene.maker, &entry);
    pf_statement_maker_add_file(scene.maker, "/x/a\nb.mp3", "several", at("2026-11-06T00:00:00Z"));
    pf_statement_maker_add_file(scene.maker, "/x/old.mp3", "several", at("2026-10-06T00:00:00Z"));
    g_autoptr(PfStatement) statement = end(&scene);
    g_assert_cmpuint(statement->rows->len, ==, 0);
    /* What was held in the month before waits still. */
    g_assert_cmpuint(statement->waiting->len, ==, 1);
    g_assert_cmpint(((const PfStatementGroup *)statement->waiting->pdata[0])->episodes, ==, 2);
    g_assert_cmpuint(statement->left_out->len, ==, 1);
    g_autofree char *reason = pf_statement_dup_reason(statement->left_out->pdata[0]);
    g_assert_cmpstr(reason, ==, "left out by rule = never");
    g_assert_cmpuint(statement->files->len, ==, 1);
    g_assert_null(strchr(((const PfStatementFile *)statement->files->pdata[0])->name, '\n'));
}

static void
only_safe_addresses_open(void)
{
    static const char *const good[] = {"https://a.example/?q=1&r=%20", "HTTP://a.example", "mailto:a@b.example",
                                       "lightning:a@b.example"};
    static const char *const bad[] = {
        "javascript:alert(1)", "data:text/html,x",    "https://",  "https://a b/",  "https://a/\"onclick=",
        "file:///etc/passwd",  " https://a.example/", "a.example", "https://a/<b>", "https://a/\n"};

    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autofree char *url = pf_statement_dup_url(good[i]);
        g_assert_cmpstr(url, ==, good[i]);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_null(pf_statement_dup_url(bad[i]));
}

static void
amounts_go_into_known_pages_only(void)
{
    static const struct {
        const char *url, *ready;
    } rows[] = {
        {"https://paypal.me/maker", "https://www.paypal.com/paypalme/maker/1.50EUR"},
        {"https://www.paypal.com/paypalme/maker/", "https://www.paypal.com/paypalme/maker/1.50EUR"},
        {"https://paypal.me/maker/5", NULL},
        {"https://paypal.me/maker?x=1", NULL},
        {"https://paypal.me/", NULL},
        {"https://paypal.me/maker%2F500EUR", NULL},
        {"https://paypal.me/maker%3F", NULL},
        {"https://paypal.me/%2e%2e", NULL},
        {"https://paypal.me.evil.example/maker", NULL},
        {"https://www.paypal.com/donate?hosted_button_id=X", NULL},
        {"https://user@paypal.me/maker", NULL},
        {"lightning:a@b.example", NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *ready = pf_statement_dup_url_with_amount(rows[i].url, 150, "EUR");
        g_assert_cmpstr(ready, ==, rows[i].ready);
    }
    g_assert_null(pf_statement_dup_url_with_amount("https://paypal.me/maker", 150, "sat"));
    g_assert_null(pf_statement_dup_url_with_amount("https://paypal.me/maker", 0, "EUR"));
    g_assert_null(pf_statement_dup_url_with_amount("https://paypal.me/maker", 1500, "KWD"));
    g_assert_null(pf_statement_dup_url_with_amount("https://paypal.me/maker", 150, "HUF"));
    g_autofree char *whole = pf_statement_dup_url_with_amount("https://paypal.me/maker", 15000, "HUF");
    g_assert_cmpstr(whole, ==, "https://www.paypal.com/paypalme/maker/150HUF");
    g_autofree char *yen = pf_statement_dup_url_with_amount("https://paypal.me/maker", 150, "JPY");
    g_assert_cmpstr(yen, ==, "https://www.paypal.com/paypalme/maker/150JPY");
}

static void
what_feeds_say_stays_text(void)
{
    Scene scene;
    PfShow *show = show_of("https://a.example/feed", NULL, "<script>alert(1)</script> & \"=\033[2J\"");

    show->page = g_strdup("javascript:alert(1)");
    show->owner = g_strdup("<b>\xE2\x80\xAE");
    g_ptr_array_add(show->payment_links, g_strdup("javascript:alert(2)"));
    begin(&scene, "2026-11", BUDGET);
    pf_statement_maker_take_show(scene.maker, show);
    owe(&scene, "a", "2026-11-01T00:00:00Z", 10);
    owe(&scene, "=SUM(A1),\"x\"", "2026-11-01T00:00:00Z", 10);
    g_autoptr(PfStatement) statement = end(&scene);
    g_autofree char *html = pf_statement_to_html(statement);
    g_autofree char *text = pf_statement_to_text(statement, 80);
    g_autofree char *json = pf_statement_to_json(statement);
    g_autofree char *csv = pf_statement_to_csv(statement);
    g_autofree char *again = pf_statement_to_html(statement);
    g_assert_null(strstr(html, "<script"));
    g_assert_nonnull(strstr(html, "&lt;script&gt;alert(1)&lt;/script&gt;"));
    g_assert_null(strstr(html, "href=\"javascript"));
    g_assert_null(strchr(html, '\033'));
    g_assert_null(strchr(text, '\033'));
    g_assert_null(strchr(csv, '\033'));
    g_assert_null(strstr(json, "\033"));
    g_assert_nonnull(strstr(csv, "\"'=SUM(A1),\"\"x\"\"\""));
    g_assert_true(g_str_has_prefix(csv,
                                   "month,show,episodes,minutes,share,currency,carried,due,method,payee,link,state,"
                                   "paid_at,fee,reference\r\n"));
    g_assert_cmpstr(html, ==, again);
}

static void
a_month_is_written_in_one_way(void)
{
    static const char *const wrong[] = {"",        "2026",    "2026-13", "2026-00", "2026-1",  "2026-011",
                                        " 026-01", "1969-12", "+026-01", "2026-+1", "2026/01", "9999-01"};

    g_assert_true(pf_month_is_valid("2026-01"));
    g_assert_true(pf_month_is_valid("1970-12"));
    for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++)
        g_assert_false(pf_month_is_valid(wrong[i]));
    char before[PF_MONTH_SIZE];
    g_assert_cmpstr(pf_month_before(at("2026-01-31T00:00:00Z"), before), ==, "2025-12");
    g_autofree char *name = pf_month_dup_name("2026-02");
    g_assert_cmpstr(name, ==, "February 2026");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/statement/the-shares-of-a-month-are-its-budget", the_shares_of_a_month_are_its_budget);
    g_test_add_func("/statement/small-shares-are-kept-until-they-are-due", small_shares_are_kept_until_they_are_due);
    g_test_add_func("/statement/what-is-not-carried-is-due-at-once", what_is_not_carried_is_due_at_once);
    g_test_add_func("/statement/payments-count-for-their-month-and-show", payments_count_for_their_month_and_show);
    g_test_add_func("/statement/a-frozen-month-stays-as-it-was", a_frozen_month_stays_as_it_was);
    g_test_add_func("/statement/months-are-those-of-the-time-zone", months_are_those_of_the_time_zone);
    g_test_add_func("/statement/formats-of-one-show-are-one", formats_of_one_show_are_one);
    g_test_add_func("/statement/a-feed-that-claims-anothers-guid-takes-nothing",
                    a_feed_that_claims_anothers_guid_takes_nothing);
    g_test_add_func("/statement/a-host-alone-makes-no-two-feeds-one-show", a_host_alone_makes_no_two_feeds_one_show);
    g_test_add_func("/statement/a-feed-that-moved-or-was-renamed-is-the-same-show",
                    a_feed_that_moved_or_was_renamed_is_the_same_show);
    g_test_add_func("/statement/the-user-decides-for-feeds", the_user_decides_for_feeds);
    g_test_add_func("/statement/minutes-weigh-and-unknown-ones-are-usual", minutes_weigh_and_unknown_ones_are_usual);
    g_test_add_func("/statement/a-length-of-days-is-unknown", a_length_of_days_is_unknown);
    g_test_add_func("/statement/what-waits-and-what-was-left-out-is-said", what_waits_and_what_was_left_out_is_said);
    g_test_add_func("/statement/only-safe-addresses-open", only_safe_addresses_open);
    g_test_add_func("/statement/amounts-go-into-known-pages-only", amounts_go_into_known_pages_only);
    g_test_add_func("/statement/what-feeds-say-stays-text", what_feeds_say_stays_text);
    g_test_add_func("/statement/a-month-is-written-in-one-way", a_month_is_written_in_one_way);
    return g_test_run();
}
