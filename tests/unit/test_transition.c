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

static void
a_doubt_is_sent_again_in_its_own_month_only(void)
{
    static const struct {
        const char *doubt;
        const char *now;
        gboolean sent;
    } cases[] = {
        {NULL, "2026-02-01T00:00:00Z", TRUE},
        {"2026-01-01T00:10:00Z", "2026-01-31T23:49:59Z", TRUE},
        {"2026-01-01T00:09:59Z", "2026-01-15T00:00:00Z", FALSE}, /* the server's clock may have been in the old year */
        {"2026-01-15T00:00:00Z", "2026-01-31T23:50:00Z", FALSE}, /* or be in the new month */
        {"2026-01-31T23:59:59Z", "2026-02-01T00:00:00Z", FALSE},
        {"2025-01-15T00:00:00Z", "2026-01-15T00:00:00Z", FALSE},
        {"2026-02-01T00:00:00Z", "2026-01-31T23:59:59Z", FALSE}, /* a clock that went back */
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(PfEntry) entry = sending_entry(1);
        gint64 now;

        g_assert_true(pf_clock_parse(cases[i].now, &now));
        if (cases[i].doubt)
            g_assert_true(pf_clock_parse(cases[i].doubt, &entry->doubt));
        entry->sent_as = g_strdup("account");
        g_assert_cmpint(pf_settle_doubt(entry, "account", now), ==, cases[i].sent);
        if (!cases[i].sent) {
            g_assert_cmpint(entry->state, ==, PF_ENTRY_HELD);
            g_assert_cmpstr(entry->reason, ==, "unknown");
            g_assert_cmpint(entry->next_attempt, ==, 0);
        }
    }
}

static void
a_doubt_with_another_account_is_put_to_the_user(void)
{
    g_autoptr(PfEntry) entry = sending_entry(1);

    entry->sent_as = g_strdup("one account");
    g_assert_true(pf_settle_doubt(entry, "another account", 1000000));
    entry->doubt = 1000000;
    g_assert_true(pf_settle_doubt(entry, "one account", 1000000));
    g_assert_false(pf_settle_doubt(entry, "another account", 1000000));
    g_assert_cmpint(entry->state, ==, PF_ENTRY_HELD);
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
    return g_test_run();
}
