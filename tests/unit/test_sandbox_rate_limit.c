/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/service.h"

static void
a_window_lets_as_many_through_as_the_limit_says(void)
{
    g_autoptr(SandboxRateLimit) rates = sandbox_rate_limit_new(2, 60);
    SandboxRate rate;

    g_assert_true(sandbox_rate_limit_take(rates, "a", 1000, &rate));
    g_assert_cmpint(rate.limit, ==, 2);
    g_assert_cmpint(rate.remaining, ==, 1);
    g_assert_cmpint(rate.current, ==, 1);
    g_assert_cmpint(rate.reset, ==, 1060);
    g_assert_true(sandbox_rate_limit_take(rates, "a", 1059, &rate));
    g_assert_false(sandbox_rate_limit_take(rates, "a", 1059, &rate));
    g_assert_cmpint(rate.remaining, ==, 0);
    g_assert_cmpint(rate.current, ==, 2);
    g_assert_true(sandbox_rate_limit_take(rates, "b", 1059, &rate));
    g_assert_true(sandbox_rate_limit_take(rates, "a", 1060, &rate));
    g_assert_cmpint(rate.reset, ==, 1120);
}

static void
looking_counts_nothing(void)
{
    g_autoptr(SandboxRateLimit) rates = sandbox_rate_limit_new(2, 60);
    SandboxRate rate;

    g_assert_cmpint(sandbox_rate_limit_peek(rates, "a", 1000).remaining, ==, 2);
    g_assert_true(sandbox_rate_limit_take(rates, "a", 1000, &rate));
    g_assert_cmpint(sandbox_rate_limit_peek(rates, "a", 1001).remaining, ==, 1);
    g_assert_cmpint(sandbox_rate_limit_peek(rates, "a", 1001).reset, ==, 1060);
    g_assert_cmpint(sandbox_rate_limit_peek(rates, "a", 1060).remaining, ==, 2);
}

static void
a_clock_turned_back_begins_a_window(void)
{
    g_autoptr(SandboxRateLimit) rates = sandbox_rate_limit_new(1, 60);
    SandboxRate rate;

    g_assert_true(sandbox_rate_limit_take(rates, "a", 1000, &rate));
    g_assert_true(sandbox_rate_limit_take(rates, "a", 10, &rate));
    g_assert_cmpint(rate.reset, ==, 70);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sandbox-rate-limit/a window lets as many through as the limit says",
                    a_window_lets_as_many_through_as_the_limit_says);
    g_test_add_func("/sandbox-rate-limit/looking counts nothing", looking_counts_nothing);
    g_test_add_func("/sandbox-rate-limit/a clock turned back begins a window", a_clock_turned_back_begins_a_window);
    return g_test_run();
}
