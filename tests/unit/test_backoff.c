/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/gate.h"

static void
the_bound_doubles_up_to_the_cap(void)
{
    static const struct {
        guint tries;
        gint64 longest;
    } cases[] = {{0, 30}, {1, 60}, {2, 120}, {6, 1920}, {7, 3600}, {8, 3600}, {100, 3600}, {G_MAXUINT, 3600}};

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_assert_cmpint(pf_backoff_seconds(cases[i].tries, 30, 3600, 0.0), ==, 1);
        g_assert_cmpint(pf_backoff_seconds(cases[i].tries, 30, 3600, 0.999999999), ==, cases[i].longest);
    }
}

static void
a_wait_is_always_within_its_bounds(void)
{
    for (int i = 0; i < 100000; i++) {
        gint64 first = g_test_rand_int_range(1, 1000);
        gint64 cap = first + g_test_rand_int_range(0, 100000);
        gint64 wait = pf_backoff_seconds((guint)g_test_rand_int(), first, cap, g_test_rand_double());

        g_assert_cmpint(wait, >=, 1);
        g_assert_cmpint(wait, <=, cap);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/backoff/the bound doubles up to the cap", the_bound_doubles_up_to_the_cap);
    g_test_add_func("/backoff/a wait is always within its bounds", a_wait_is_always_within_its_bounds);
    return g_test_run();
}
