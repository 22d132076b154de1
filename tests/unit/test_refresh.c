/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/refresher.h"

#define HOUR ((gint64)3600)

static void
a_feed_that_answers_is_asked_again_about_after_the_interval(void)
{
    g_assert_cmpint(pf_refresher_wait(6 * HOUR, 0, 0, 0.0), ==, 6 * HOUR * 9 / 10);
    g_assert_cmpint(pf_refresher_wait(6 * HOUR, 0, 0, 0.5), ==, 6 * HOUR);
    g_assert_cmpint(pf_refresher_wait(6 * HOUR, 0, 0, 0.999), <, 6 * HOUR * 11 / 10);
}

static void
a_feed_that_fails_is_asked_less_and_less_often(void)
{
    const gint64 waits[] = {300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 76800, 86400, 86400};

    for (gsize i = 0; i < G_N_ELEMENTS(waits); i++)
        g_assert_cmpint(pf_refresher_wait(6 * HOUR, (gint64)i + 1, 0, 0.5), ==, waits[i]);
    g_assert_cmpint(pf_refresher_wait(6 * HOUR, G_MAXINT64, 0, 0.5), ==, 86400);
    /* A user who wants it seldom does not get it more often for its failing. */
    g_assert_cmpint(pf_refresher_wait(48 * HOUR, 100, 0, 0.5), ==, 48 * HOUR);
}

static void
what_the_server_asks_for_counts_when_it_is_longer(void)
{
    g_assert_cmpint(pf_refresher_wait(6 * HOUR, 1, 7200, 0.5), ==, 7200);
    g_assert_cmpint(pf_refresher_wait(6 * HOUR, 5, 60, 0.5), ==, 4800);
    g_assert_cmpint(pf_refresher_wait(6 * HOUR, 0, 86400, 0.5), ==, 86400);
}

static void
a_wait_is_never_negative_or_without_end(void)
{
    for (int i = 0; i < 100000; i++) {
        gint64 interval = g_test_rand_int_range(300, 366 * 86400);
        gint64 failures = g_test_rand_int_range(0, 1000);
        gint64 asked = g_test_rand_int_range(0, 86400);
        gint64 wait = pf_refresher_wait(interval, failures, asked, g_test_rand_double_range(0, 1));

        g_assert_cmpint(wait, >=, 270);
        g_assert_cmpint(wait, >=, asked);
        g_assert_cmpint(wait, <=, MAX(interval, 86400) * 11 / 10 + 1);
    }
}

static void
a_feed_that_is_gone_is_asked_weekly_and_then_monthly(void)
{
    const gint64 day = 24 * HOUR;

    g_assert_cmpint(pf_refresher_gone_wait(1000, 1000, 0.5), ==, 7 * day);
    g_assert_cmpint(pf_refresher_gone_wait(1000, 1000 + 89 * day, 0.0), ==, 7 * day * 9 / 10);
    g_assert_cmpint(pf_refresher_gone_wait(1000, 1000 + 90 * day, 0.5), ==, 30 * day);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/refresh/a feed that answers is asked again about after the interval",
                    a_feed_that_answers_is_asked_again_about_after_the_interval);
    g_test_add_func("/refresh/a feed that fails is asked less and less often",
                    a_feed_that_fails_is_asked_less_and_less_often);
    g_test_add_func("/refresh/what the server asks for counts when it is longer",
                    what_the_server_asks_for_counts_when_it_is_longer);
    g_test_add_func("/refresh/a wait is never negative or without end", a_wait_is_never_negative_or_without_end);
    g_test_add_func("/refresh/a feed that is gone is asked weekly and then monthly",
                    a_feed_that_is_gone_is_asked_weekly_and_then_monthly);
    return g_test_run();
}
