/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"
#include "queue/gate.h"

#define HOUR ((gint64)3600)

static gint64
at(const char *date)
{
    gint64 time = 0;

    g_assert_true(pf_clock_parse(date, &time));
    return time;
}

static void
an_open_gate_lets_everything_pass(void)
{
    PfGate gate;

    pf_gate_open(&gate);
    g_assert_cmpint(pf_gate_check(&gate, 0), ==, PF_GATE_PASS);
    g_assert_null(pf_gate_reason_name(gate.reason));
}

static void
every_reason_has_a_name_that_leads_back(void)
{
    for (PfGateReason reason = PF_GATE_OPEN + 1; reason < PF_GATE_REASONS; reason++) {
        g_assert_cmpint(pf_gate_reason_from_name(pf_gate_reason_name(reason)), ==, reason);
        g_assert_cmpstr(pf_gate_reason_text(reason), !=, "");
    }
    g_assert_cmpint(pf_gate_reason_from_name("nonsense"), ==, PF_GATE_OPEN);
    g_assert_cmpint(pf_gate_reason_from_name(NULL), ==, PF_GATE_OPEN);
}

static void
what_waits_for_the_user_is_never_probed(void)
{
    const PfGateReason reasons[] = {PF_GATE_NO_TOKEN, PF_GATE_UNAUTHORIZED, PF_GATE_INSUFFICIENT_SCOPE, PF_GATE_PAUSED};

    for (gsize i = 0; i < G_N_ELEMENTS(reasons); i++) {
        PfGate gate = {0};
        pf_gate_close(&gate, reasons[i], 1000, (PfGateHints){.retry_after = 5}, 0.5);
        g_assert_cmpint(pf_gate_check(&gate, G_MAXINT64), ==, PF_GATE_SHUT);
    }
}

static void
means_are_probed_after_six_hours_twelve_then_daily(void)
{
    static const gint64 waits[] = {6 * HOUR, 12 * HOUR, 24 * HOUR, 24 * HOUR};
    gint64 now = at("2026-01-02T00:00:00Z");
    PfGate gate = {0};

    for (gsize i = 0; i < G_N_ELEMENTS(waits); i++) {
        pf_gate_close(&gate, PF_GATE_NO_MEANS, now, PF_GATE_NO_HINTS, 0.5);
        g_assert_cmpint(gate.since, ==, at("2026-01-02T00:00:00Z"));
        g_assert_cmpint(gate.next_probe, ==, now + waits[i]);
        g_assert_cmpint(pf_gate_check(&gate, gate.next_probe - 1), ==, PF_GATE_SHUT);
        g_assert_cmpint(pf_gate_check(&gate, gate.next_probe), ==, PF_GATE_PROBE);
        now = gate.next_probe;
    }
}

static void
means_are_probed_ten_minutes_after_the_month_turns(void)
{
    PfGate gate = {0};

    pf_gate_close(&gate, PF_GATE_NO_MEANS, at("2026-01-31T22:00:00Z"), PF_GATE_NO_HINTS, 0);
    g_assert_cmpint(gate.next_probe, ==, at("2026-02-01T00:10:00Z"));
}

static void
a_late_refusal_does_not_count_as_a_probe(void)
{
    PfGate gate = {0};

    pf_gate_close(&gate, PF_GATE_NO_MEANS, 1000, PF_GATE_NO_HINTS, 0);
    PfGate before = gate;
    pf_gate_close(&gate, PF_GATE_NO_MEANS, 1001, PF_GATE_NO_HINTS, 0);
    g_assert_cmpmem(&gate, sizeof gate, &before, sizeof before);
}

static void
the_rate_limit_waits_for_its_reset(void)
{
    static const struct {
        gint64 reset;
        gint64 expected;
    } cases[] = {
        {1000 + 1800, 1000 + 1800},       {0, 1000 + 3600},          {999, 1000 + 60}, {1000, 1000 + 60},
        {1000 + 100 * HOUR, 1000 + HOUR}, {G_MAXINT64, 1000 + HOUR},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        PfGate gate = {0};
        pf_gate_close(&gate, PF_GATE_RATE_LIMIT, 1000, (PfGateHints){.retry_after = -1, .rate_reset = cases[i].reset},
                      0);
        g_assert_cmpint(gate.next_probe, ==, cases[i].expected);
    }
}

static void
an_unreachable_server_is_probed_ever_more_rarely(void)
{
    PfGate gate = {0};
    gint64 now = 1000;

    for (int i = 0; i < 12; i++) {
        pf_gate_close(&gate, PF_GATE_UNREACHABLE, now, PF_GATE_NO_HINTS, 0.999999999);
        g_assert_cmpint(gate.next_probe - now, ==, MIN((gint64)30 << i, HOUR));
        now = gate.next_probe;
    }
}

static void
retry_after_counts_above_all_but_a_day_at_the_most(void)
{
    static const struct {
        PfGateReason reason;
        gint64 retry_after;
        gint64 expected;
    } cases[] = {
        {PF_GATE_UNREACHABLE, 120, 120},          {PF_GATE_NO_MEANS, 7, 7},
        {PF_GATE_RATE_LIMIT, 90000, 86400},       {PF_GATE_RATE_LIMIT, 0, 1},
        {PF_GATE_UNREACHABLE, G_MAXINT64, 86400},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        PfGate gate = {0};
        pf_gate_close(&gate, cases[i].reason, 1000, (PfGateHints){cases[i].retry_after, 1000 + 1800}, 0.5);
        g_assert_cmpint(gate.next_probe, ==, 1000 + cases[i].expected);
    }
}

static void
a_server_that_asks_to_be_asked_soon_is_asked_seldom(void)
{
    static const PfGateHints hints[] = {{0, 0}, {1, 0}, {-1, 999}, {0, 999}};
    static const PfGateReason reasons[] = {PF_GATE_RATE_LIMIT, PF_GATE_UNREACHABLE};

    for (gsize i = 0; i < G_N_ELEMENTS(hints) * G_N_ELEMENTS(reasons); i++) {
        PfGate gate = {0};
        gint64 now = 1000;
        guint asked = 0;

        for (; now < 1000 + 24 * HOUR; now = gate.next_probe, asked++)
            pf_gate_close(&gate, reasons[i % G_N_ELEMENTS(reasons)], now, hints[i / G_N_ELEMENTS(reasons)], 0.5);
        g_assert_cmpuint(asked, <, 60);
    }
}

static void
the_users_own_limit_waits_for_the_month_to_turn(void)
{
    PfGate gate = {0};

    pf_gate_close(&gate, PF_GATE_PER_MONTH, at("2026-12-05T10:00:00Z"), PF_GATE_NO_HINTS, 0);
    g_assert_cmpint(gate.next_probe, ==, at("2027-01-01T00:00:00Z"));
}

static void
a_clock_that_went_back_keeps_no_gate_shut(void)
{
    static const PfGateReason reasons[] = {PF_GATE_NO_MEANS, PF_GATE_RATE_LIMIT, PF_GATE_UNREACHABLE,
                                           PF_GATE_PER_MONTH};
    static const gint64 jumps[] = {1, 24 * HOUR, 400 * 24 * HOUR};

    for (gsize i = 0; i < G_N_ELEMENTS(reasons); i++) {
        for (gsize j = 0; j < G_N_ELEMENTS(jumps); j++) {
            gint64 before = at("2026-03-10T12:00:00Z"), now = before - jumps[j];
            PfGate gate = {0};

            pf_gate_close(&gate, reasons[i], before, PF_GATE_NO_HINTS, 0.9);
            g_assert_cmpint(pf_gate_check(&gate, before), ==, PF_GATE_SHUT);
            g_assert_cmpint(pf_gate_check(&gate, now), ==, PF_GATE_PROBE);
            /* One probe, and not one after the other. */
            pf_gate_close(&gate, reasons[i], now, PF_GATE_NO_HINTS, 0.9);
            g_assert_cmpint(pf_gate_check(&gate, now), ==, PF_GATE_SHUT);
            g_assert_cmpint(pf_gate_check(&gate, now + 31 * 24 * HOUR), ==, PF_GATE_PROBE);
        }
    }
    PfGate odd = {.reason = PF_GATE_RATE_LIMIT, .since = 1000, .next_probe = G_MAXINT64};
    g_assert_cmpint(pf_gate_check(&odd, 2000), ==, PF_GATE_PROBE);
}

static void
another_reason_starts_over(void)
{
    PfGate gate = {0};

    pf_gate_close(&gate, PF_GATE_UNREACHABLE, 1000, PF_GATE_NO_HINTS, 0);
    pf_gate_close(&gate, PF_GATE_UNREACHABLE, 5000, PF_GATE_NO_HINTS, 0);
    g_assert_cmpuint(gate.probes, ==, 1);
    pf_gate_close(&gate, PF_GATE_NO_MEANS, 6000, PF_GATE_NO_HINTS, 0);
    g_assert_cmpuint(gate.probes, ==, 0);
    g_assert_cmpint(gate.since, ==, 6000);
}

static void
a_wait_is_never_in_the_past_nor_beyond_its_cap(void)
{
    for (int i = 0; i < 100000; i++) {
        PfGate gate = {.reason = (PfGateReason)g_test_rand_int_range(0, PF_GATE_REASONS),
                       .next_probe = 1,
                       .probes = (guint)g_test_rand_int_range(0, 100)};
        PfGateReason reason = (PfGateReason)g_test_rand_int_range(1, PF_GATE_REASONS);
        gint64 now = 1700000000 + g_test_rand_int_range(0, 100000000);
        PfGateHints hints = {g_test_rand_int_range(-1, 200000),
                             g_test_rand_bit() ? now + g_test_rand_int_range(-9999, 9999) : 0};

        pf_gate_close(&gate, reason, now, hints, g_test_rand_double());
        g_assert_cmpint(gate.reason, ==, reason);
        if (gate.next_probe != 0) {
            g_assert_cmpint(gate.next_probe, >, now);
            g_assert_cmpint(gate.next_probe, <=, now + 31 * 24 * HOUR);
        }
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/gate/an open gate lets everything pass", an_open_gate_lets_everything_pass);
    g_test_add_func("/gate/every reason has a name that leads back", every_reason_has_a_name_that_leads_back);
    g_test_add_func("/gate/what waits for the user is never probed", what_waits_for_the_user_is_never_probed);
    g_test_add_func("/gate/means are probed after six hours, twelve, then daily",
                    means_are_probed_after_six_hours_twelve_then_daily);
    g_test_add_func("/gate/means are probed ten minutes after the month turns",
                    means_are_probed_ten_minutes_after_the_month_turns);
    g_test_add_func("/gate/a late refusal does not count as a probe", a_late_refusal_does_not_count_as_a_probe);
    g_test_add_func("/gate/the rate limit waits for its reset", the_rate_limit_waits_for_its_reset);
    g_test_add_func("/gate/an unreachable server is probed ever more rarely",
                    an_unreachable_server_is_probed_ever_more_rarely);
    g_test_add_func("/gate/Retry-After counts above all, but a day at the most",
                    retry_after_counts_above_all_but_a_day_at_the_most);
    g_test_add_func("/gate/a server that asks to be asked soon is asked seldom",
                    a_server_that_asks_to_be_asked_soon_is_asked_seldom);
    g_test_add_func("/gate/the user's own limit waits for the month to turn",
                    the_users_own_limit_waits_for_the_month_to_turn);
    g_test_add_func("/gate/a clock that went back keeps no gate shut", a_clock_that_went_back_keeps_no_gate_shut);
    g_test_add_func("/gate/another reason starts over", another_reason_starts_over);
    g_test_add_func("/gate/a wait is never in the past nor beyond its cap",
                    a_wait_is_never_in_the_past_nor_beyond_its_cap);
    return g_test_run();
}
