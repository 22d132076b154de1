/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flattr/retry_after.h"

#define NOW ((gint64)784111777) /* 1994-11-06 08:49:37 */

static void
check(const char *text, gint64 seconds)
{
    g_test_message("'%s'", text);
    g_assert_cmpint(pf_retry_after_parse(text, NOW), ==, seconds);
}

static void
seconds_are_read(void)
{
    check("0", 0);
    check("120", 120);
    check(" 86400 ", 86400);
    check("9223372036854775807", G_MAXINT64);
}

static void
dates_are_read_in_all_three_forms(void)
{
    check("Sun, 06 Nov 1994 08:50:37 GMT", 60);
    check("Sunday, 06-Nov-94 08:50:37 GMT", 60);
    check("Sun Nov  6 08:50:37 1994", 60);
    check("Sat, 05 Nov 1994 08:49:37 GMT", 0);
    /* Beyond the time_t of 32 bits, and within 50 years. */
    check("Mon, 07 Nov 2044 08:49:37 GMT", G_GINT64_CONSTANT(2362121377) - NOW);
    check("Monday, 07-Nov-44 08:49:37 GMT", G_GINT64_CONSTANT(2362121377) - NOW);
    check("Tuesday, 07-Nov-45 08:49:37 GMT", 0);
    check("Sat, 31 Dec 1994 23:59:60 GMT", G_GINT64_CONSTANT(788918399) - NOW);
}

static void
what_is_neither_is_none(void)
{
    static const char *const nothing[] = {
        "",
        "soon",
        "-1",
        "1.5",
        "12 s",
        "9223372036854775808",
        "0x10",
        "Sun, 06 Nov 1994 08:50:37",
        "Sun, 06 Nov 1994 08:50:37 +0100",
        "Sun, 06 Nov 1994 08:50:37 GMT and later",
        "Sun, 06 Nov 1994 24:50:37 GMT",
        "Sun, 31 Nov 1994 08:50:37 GMT",
        "Sun, 06 Not 1994 08:50:37 GMT",
        "Sun, 06 anF 1994 08:50:37 GMT",
        "Sun, 06 N 1994 08:50:37 GMT",
        "Sunday, 06-Nov-94",
        "Sun Nov  6 08:50:37 1994 GMT",
        "Sun Nov  6",
        "2014-06-03",
    };

    g_assert_cmpint(pf_retry_after_parse(NULL, NOW), ==, -1);
    for (gsize i = 0; i < G_N_ELEMENTS(nothing); i++)
        check(nothing[i], -1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/retry_after/seconds are read", seconds_are_read);
    g_test_add_func("/retry_after/dates are read in all three forms", dates_are_read_in_all_three_forms);
    g_test_add_func("/retry_after/what is neither is none", what_is_neither_is_none);
    return g_test_run();
}
