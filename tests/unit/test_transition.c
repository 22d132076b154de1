/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"
#include "queue/verdict.h"

static PfOutcome
outcome_of(guint status, gboolean is_json, const char *code)
{
    return pf_outcome_read(&(PfAnswer){.delivery = PF_DELIVERY_ANSWERED,
                                       .status = status,
                                       .is_json = is_json,
                                       .accepted = is_json && !code,
                                       .from_api = is_json,
                                       .code = code});
}

static PfEntry *
sending_entry(gint64 attempts)
{
    PfEntry *entry = pf_entry_new();

    entry->state = PF_ENTRY_SENDING;
    entry->attempts = attempts;
    entry->next_attempt = 500;
    return entry;
}

static void
what_is_paid_is_over(void)
{
    g_autoptr(PfEntry) entry = sending_entry(2);
    PfOutcome outcome = outcome_of(200, TRUE, NULL);

    entry->doubt = 400;
    entry->reason = g_strdup("no_answer");
    pf_settle_entry(entry, &outcome, 1000, 1001, 0.5);
    g_assert_cmpint(entry->state, ==, PF_ENTRY_FLATTRED);
    g_assert_null(entry->reason);
    g_assert_cmpint(entry->doubt, ==, 0);
    g_assert_cmpint(entry->next_attempt, ==, 0);
    g_assert_cmpint(entry->attempts, ==, 2);
}

static void
an_empty_purse_costs_the_entry_neither_a_try_nor_its_place(void)
{
    g_autoptr(PfEntry) entry = sending_entry(1);
    PfOutcome outcome = outcome_of(401, TRUE, "no_means");

    pf_settle_entry(entry, &outcome, 1000, 1001, 0.5);
    g_assert_cmpint(entry->state, ==, PF_ENTRY_QUEUED);
    g_assert_cmpstr(entry->reason, ==, "no_means");
    g_assert_cmpint(entry->attempts, ==, 0);
    g_assert_cmpint(entry->next_attempt, ==, 500);
}

static void
the_first_doubt_is_remembered(void)
{
    g_autoptr(PfEntry) entry = sending_entry(1);
    PfOutcome outcome = outcome_of(503, FALSE, NULL);

    pf_settle_entry(entry, &outcome, 1000, 1060, 0.999999);
    g_assert_cmpint(entry->state, ==, PF_ENTRY_QUEUED);
    g_assert_cmpint(entry->doubt, ==, 1000);
    g_assert_cmpint(entry->next_attempt, ==, 1060 + PF_SETTLE_FIRST_WAIT);
    entry->attempts++;
    pf_settle_entry(entry, &outcome, 2000, 2001, 0.999999);
    g_assert_cmpint(entry->doubt, ==, 1000);
    g_assert_cmpint(entry->next_attempt, ==, 2001 + 2 * PF_SETTLE_FIRST_WAIT);
}

static void
an_outage_never_makes_an_entry_fail(void)
{
    g_autoptr(PfEntry) entry = sending_entry(0);
    PfOutcome outages[] = {outcome_of(503, FALSE, NULL), outcome_of(403, FALSE, NULL),
                           outcome_of(401, TRUE, "no_means")};

    for (gint64 i = 0; i < 1000; i++) {
        entry->attempts++;
        pf_settle_entry(entry, &outages[i % 3], 1000 + i, 1000 + i, 0.5);
        g_assert_cmpint(entry->state, ==, PF_ENTRY_QUEUED);
        g_assert_cmpint(entry->next_attempt, <=, 1000 + i + PF_SETTLE_LONGEST_WAIT);
    }
}

static void
ten_refusals_of_its_own_make_it_fail(void)
{
    g_autoptr(PfEntry) entry = sending_entry(0);
    PfOutcome outcome = outcome_of(403, TRUE, "some_new_code");

    for (int i = 1; i <= PF_SETTLE_OWN_FAULTS; i++) {
        entry->attempts++;
        pf_settle_entry(entry, &outcome, 1000, 1000, 0.5);
        g_assert_cmpint(entry->state, ==, i < 10 ? PF_ENTRY_QUEUED : PF_ENTRY_FAILED);
    }
    g_assert_cmpstr(entry->reason, ==, "refused");
}

static gint64
at(const char *date)
{
    gint64 time = 0;

    g_assert_true(!date || pf_clock_parse(date, &time));
    return time;
}

/* What becomes of a doubt; the server's clock is ahead of ours by so many seconds where it is known. */
static void
a_doubt_is_sent_again_in_its_own_month_only(void)
{
    enum { SENT, ASKED, HELD };
    const gint64 day = 86400;
    static const char *const unknown = NULL;
    const struct {
        const char *doubt, *doubt_server, *now;
        gint64 ahead; /* -1: the server does not tell */
        PfAsked asked;
        int result;
        gboolean over;
    } cases[] = {
        {NULL, unknown, "2026-02-01T00:00:00Z", -1, PF_ASKED_NOT, SENT, TRUE},
        {"2026-01-01T00:10:00Z", unknown, "2026-01-31T23:49:59Z", -1, PF_ASKED_NOT, SENT, FALSE},
        /* The server's clock may have been in the old year, or be in the new month. */
        {"2026-01-01T00:09:59Z", unknown, "2026-01-15T00:00:00Z", -1, PF_ASKED_NOT, ASKED, FALSE},
        {"2026-01-15T00:00:00Z", unknown, "2026-01-31T23:50:00Z", -1, PF_ASKED_EMPTY, HELD, FALSE},
        {"2026-01-31T23:59:59Z", unknown, "2026-02-01T00:00:00Z", -1, PF_ASKED_IN_FULL, HELD, FALSE},
        {"2025-01-15T00:00:00Z", unknown, "2026-01-15T00:00:00Z", -1, PF_ASKED_NOT, ASKED, FALSE},
        {"2026-02-01T00:00:00Z", unknown, "2026-01-31T23:59:59Z", -1, PF_ASKED_NOT, ASKED, FALSE}, /* set back */
        /* Without a list the server's clock has to be known, then and now. */
        {"2026-01-10T00:00:00Z", unknown, "2026-01-10T01:00:00Z", 0, PF_ASKED_IN_VAIN, HELD, FALSE},
        {"2026-01-10T00:00:00Z", "2026-01-10T00:00:00Z", "2026-01-10T01:00:00Z", -1, PF_ASKED_IN_VAIN, HELD, FALSE},
        {"2026-01-10T00:00:00Z", "2026-01-10T00:00:00Z", "2026-01-10T01:00:00Z", 0, PF_ASKED_IN_VAIN, SENT, FALSE},
        /* We are twenty days behind: it is the server's month that has turned. */
        {"2026-01-11T12:00:00Z", "2026-01-31T12:00:00Z", "2026-01-12T12:00:00Z", 20 * day, PF_ASKED_IN_VAIN, HELD,
         FALSE},
        {"2026-01-11T12:00:00Z", "2026-01-31T12:00:00Z", "2026-01-12T12:00:00Z", 20 * day, PF_ASKED_NOT, ASKED, FALSE},
        /* A list without it ends the doubt, in any month, but not while the request may still be under way. */
        {"2026-01-10T00:00:00Z", "2026-01-10T00:00:00Z", "2026-03-10T00:00:00Z", 0, PF_ASKED_IN_FULL, SENT, TRUE},
        {"2026-01-31T23:59:00Z", "2026-01-31T23:59:00Z", "2026-02-01T00:01:00Z", 0, PF_ASKED_IN_FULL, HELD, FALSE},
        {"2026-01-10T00:00:00Z", "2026-01-10T00:00:00Z", "2026-01-10T00:01:00Z", 0, PF_ASKED_IN_FULL, SENT, FALSE},
        {"2026-01-10T00:00:00Z", "2026-01-10T00:00:00Z", "2026-03-10T00:00:00Z", 0, PF_ASKED_EMPTY, HELD, FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(PfEntry) entry = sending_entry(1);
        gint64 now = at(cases[i].now);
        const PfDoubtTerms terms = {.now = now,
                                    .server_now = cases[i].ahead < 0 ? 0 : now + cases[i].ahead,
                                    .heard = TRUE,
                                    .same_person = TRUE,
                                    .asked = cases[i].asked};

        g_test_message("case %" G_GSIZE_FORMAT, i);
        entry->doubt = at(cases[i].doubt);
        entry->doubt_server = at(cases[i].doubt_server);
        entry->sent_as = g_strdup("account");
        entry->checked = 77;
        g_assert_cmpint(pf_settle_doubt(entry, &terms), ==, cases[i].result == SENT);
        g_assert_cmpint(entry->doubt == 0, ==, cases[i].over);
        if (cases[i].result == HELD) {
            g_assert_cmpint(entry->state, ==, PF_ENTRY_HELD);
            g_assert_cmpstr(entry->reason, ==, "unknown");
            g_assert_cmpint(entry->next_attempt, ==, 0);
        } else if (cases[i].result == ASKED) {
            g_assert_cmpint(entry->state, ==, PF_ENTRY_QUEUED);
            g_assert_cmpint(entry->checked, ==, 0);
        }
    }
}

static void
a_doubt_with_another_account_is_put_to_the_user(void)
{
    g_autoptr(PfEntry) entry = sending_entry(1);
    PfDoubtTerms terms = {.now = 1000000, .heard = TRUE};

    entry->sent_as = g_strdup("one account");
    g_assert_true(pf_settle_doubt(entry, &terms));
    entry->doubt = 1000000;
    terms.same_person = TRUE;
    g_assert_true(pf_settle_doubt(entry, &terms));
    terms.same_person = FALSE;
    g_assert_false(pf_settle_doubt(entry, &terms));
    g_assert_cmpint(entry->state, ==, PF_ENTRY_HELD);
}

/* The server's clock may have been set since an earlier run. */
static void
a_server_that_was_not_heard_is_asked_first(void)
{
    g_autoptr(PfEntry) entry = sending_entry(1);
    const PfDoubtTerms terms = {.now = 1000000, .same_person = TRUE};

    entry->sent_as = g_strdup("account");
    entry->doubt = entry->checked = 1000000;
    g_assert_false(pf_settle_doubt(entry, &terms));
    g_assert_cmpint(entry->state, ==, PF_ENTRY_QUEUED);
    g_assert_cmpint(entry->checked, ==, 0);
}

static void
what_was_never_sent_from_here_is_asked_about_and_not_held(void)
{
    g_autoptr(PfEntry) entry = sending_entry(0);
    PfDoubtTerms terms = {.now = 100 * 86400, .heard = TRUE, .same_person = TRUE};

    entry->doubt = 1000000;
    g_assert_false(pf_settle_doubt(entry, &terms));
    g_assert_cmpint(entry->state, ==, PF_ENTRY_QUEUED);
    terms.asked = PF_ASKED_IN_VAIN;
    g_assert_true(pf_settle_doubt(entry, &terms));
    g_assert_cmpint(entry->doubt, ==, 0);
}

static void
a_channels_month_is_the_servers(void)
{
    static const struct {
        const char *period, *server_now, *reason, *result;
        PfEntryState state;
    } cases[] = {
        {"2026-02", "2026-02-27T12:00:00Z", NULL, "2026-02", PF_ENTRY_FLATTRED},
        {"2026-03", "2026-02-27T12:00:00Z", NULL, "2026-02", PF_ENTRY_FLATTRED},
        {"2026-03", "2026-02-27T12:00:00Z", "flattr_once", "2026-03", PF_ENTRY_QUEUED},
        {"2026-02", "2026-03-01T12:00:00Z", NULL, "2026-02", PF_ENTRY_FLATTRED},
        {"2026-03", NULL, NULL, "2026-03", PF_ENTRY_FLATTRED},
        {"", "2026-02-27T12:00:00Z", NULL, "", PF_ENTRY_FLATTRED},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(PfEntry) entry = sending_entry(1);

        g_test_message("case %" G_GSIZE_FORMAT, i);
        entry->state = PF_ENTRY_FLATTRED;
        entry->period = g_strdup(cases[i].period);
        entry->reason = g_strdup(cases[i].reason);
        pf_settle_month(entry, at("2026-03-02T12:00:00Z"), at(cases[i].server_now));
        g_assert_cmpstr(entry->period, ==, cases[i].result);
        g_assert_cmpint(entry->state, ==, cases[i].state);
        if (entry->state == PF_ENTRY_QUEUED)
            g_assert_cmpint(entry->next_attempt, >, at("2026-03-03T23:00:00Z"));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/settle/what is paid is over", what_is_paid_is_over);
    g_test_add_func("/settle/an empty purse costs the entry neither a try nor its place",
                    an_empty_purse_costs_the_entry_neither_a_try_nor_its_place);
    g_test_add_func("/settle/the first doubt is remembered", the_first_doubt_is_remembered);
    g_test_add_func("/settle/an outage never makes an entry fail", an_outage_never_makes_an_entry_fail);
    g_test_add_func("/settle/ten refusals of its own make it fail", ten_refusals_of_its_own_make_it_fail);
    g_test_add_func("/settle/a doubt is sent again in its own month only", a_doubt_is_sent_again_in_its_own_month_only);
    g_test_add_func("/settle/a doubt with another account is put to the user",
                    a_doubt_with_another_account_is_put_to_the_user);
    g_test_add_func("/settle/a server that was not heard is asked first", a_server_that_was_not_heard_is_asked_first);
    g_test_add_func("/settle/what was never sent from here is asked about and not held",
                    what_was_never_sent_from_here_is_asked_about_and_not_held);
    g_test_add_func("/settle/a channel's month is the server's", a_channels_month_is_the_servers);
    return g_test_run();
}
