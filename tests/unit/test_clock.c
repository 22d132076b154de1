/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

static void
dates_of_feeds_are_read(void)
{
    static const struct {
        const char *text;
        const char *expected; /* NULL: no date */
    } cases[] = {
        {"2014-06-03T12:00:00Z", "2014-06-03T12:00:00Z"},
        {"2014-06-03T12:00:00.25+02:00", "2014-06-03T10:00:00Z"},
        {" 2014-06-03 ", "2014-06-03T00:00:00Z"},
        {"2014-06-03T12:00:00", "2014-06-03T12:00:00Z"},
        {"Tue, 03 Jun 2014 12:00:00 +0000", "2014-06-03T12:00:00Z"},
        {"Tue, 3 Jun 2014 12:00:00 GMT", "2014-06-03T12:00:00Z"},
        {"Tue, 03 Jun 2014 12:00:00 EST", "2014-06-03T17:00:00Z"},
        {"03 Jun 2014 12:00 -0230", "2014-06-03T14:30:00Z"},
        {"\n\tThu, 29 Feb 2024 23:59:59 GMT\n", "2024-02-29T23:59:59Z"},
        {"Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"},
        {"Tue, 19 Jan 2038 03:14:08 GMT", "2038-01-19T03:14:08Z"},
        {"Fri, 31 Dec 2038 23:30:00 -0100", "2039-01-01T00:30:00Z"},
        {"Wed, 29 Feb 2040 12:00:00 +0000", "2040-02-29T12:00:00Z"},
        {"01 Mar 2100 00:00:00 GMT", "2100-03-01T00:00:00Z"},
        {"Friday, 31-Dec-9999 23:59:59 GMT", "9999-12-31T23:59:59Z"},
        {"Tue Jun 03 2014 12:00:00 GMT-0400 (EDT)", "2014-06-03T16:00:00Z"},
        {"Tue, 03 Jun 2014 12:00:00 +02:00", "2014-06-03T10:00:00Z"},
        {"2014-06-03 12:00:00 +02:00", "2014-06-03T10:00:00Z"},
        {"Sun, 06 July 2014 12:00:00 GMT", "2014-07-06T12:00:00Z"},
        {"September 6, 2014 12:00:00 UTC", "2014-09-06T12:00:00Z"},
        {"Tue, 03 Jun 2014 12:00:00.123 GMT", "2014-06-03T12:00:00Z"},
        {"Di, 03 M\303\244r 2015 12:00:00 +0100", "2015-03-03T11:00:00Z"},
        {"Dienstag, 3. M\303\244rz 2015 12:00:00 MEZ", "2015-03-03T11:00:00Z"},
        {"3. Oktober 2014, 12:00 Uhr MESZ", "2014-10-03T10:00:00Z"},
        {"Mi, 24 Dez 2014 12:00:00 +0000", "2014-12-24T12:00:00Z"},
        {"mar., 03 f\303\251vr. 2015 12:00:00 +0100", "2015-02-03T11:00:00Z"},
        {"mardi 3 ao\303\273t 2014 \303\240 12:00:00 GMT", "2014-08-03T12:00:00Z"},
        {"jeu, 03 juil 2014 12:00:00 +0200", "2014-07-03T10:00:00Z"},
        {"lun, 02 juin 2014 12:00:00 +0200", "2014-06-02T10:00:00Z"},
        {"Tue, 3 Mar 2015 12:00:00 -0500 (", "2015-03-03T17:00:00Z"},
        {"2106-02-07T06:28:16Z", "2106-02-07T06:28:16Z"},
        {"0226-01-01T00:00:00Z", "0226-01-01T00:00:00Z"},
        {"0001-01-01T00:00:00+14:00", NULL},
        {"9999-12-31T23:59:59-01:00", NULL},
        {"", NULL},
        {"   ", NULL},
        {"20140603", NULL},
        {"yesterday, about noon", NULL},
        {"2014-13-45", NULL},
        {NULL, NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        gint64 time = -7;
        char text[PF_CLOCK_TEXT_SIZE];
        gboolean read = pf_clock_parse(cases[i].text, &time);

        g_test_message("%s", cases[i].text ? cases[i].text : "NULL");
        g_assert_cmpint(read, ==, cases[i].expected != NULL);
        if (read)
            g_assert_cmpstr(pf_clock_format(time, text), ==, cases[i].expected);
        else
            g_assert_cmpint(time, ==, -7);
    }
}

static void
months_turn_at_midnight_utc(void)
{
    gint64 last, first, leap;
    char text[PF_CLOCK_MONTH_SIZE];

    g_assert_true(pf_clock_parse("2025-12-31T23:59:59Z", &last));
    g_assert_true(pf_clock_parse("2026-01-01T00:00:00Z", &first));
    g_assert_true(pf_clock_parse("2024-02-10T00:00:00Z", &leap));
    g_assert_cmpstr(pf_clock_month(last, text), ==, "2025-12");
    g_assert_cmpstr(pf_clock_month(first, text), ==, "2026-01");
    g_assert_cmpint(pf_clock_next_month(last), ==, first);
    g_assert_cmpint(pf_clock_month_start(last), ==, first - 31 * 86400);
    g_assert_cmpint(pf_clock_month_start(first), ==, first);
    g_assert_cmpint(pf_clock_next_month(first), ==, first + 31 * 86400);
    g_assert_cmpint(pf_clock_next_month(leap), ==, leap + 20 * 86400);
}

static void
the_environment_moves_the_clock(void)
{
    gint64 real = g_get_real_time() / G_USEC_PER_SEC;

    g_assert_cmpint(pf_clock_now(), >=, real + 86400);
    g_assert_cmpint(pf_clock_now(), <=, real + 86400 + 60);
}

/* Reads the environment, which is done once in a process. */
static void
a_clock_can_run_faster(void)
{
    gint64 real = g_get_real_time() / G_USEC_PER_SEC;

    if (!g_test_subprocess()) {
        g_autofree char *rate = g_strdup_printf("3600@%" G_GINT64_FORMAT, real - 10);
        g_setenv("PODFLATTR_CLOCK_RATE", rate, TRUE);
        g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
        g_unsetenv("PODFLATTR_CLOCK_RATE");
        g_test_trap_assert_passed();
        return;
    }
    /* Ten hours have passed where ten seconds have, beside the day by which it is ahead. */
    gint64 then = pf_clock_now();
    g_assert_cmpint(then, >=, real - 10 + 86400 + 36000);
    g_assert_cmpint(then, <=, real - 10 + 86400 + 36000 + 60 * 3600);
    gint64 hour = pf_clock_to_real(then + 3600) - pf_clock_to_real(then);
    g_assert_cmpint(hour, ==, G_USEC_PER_SEC);
    g_assert_cmpint(pf_clock_to_real(then), <=, g_get_real_time());
}

static void
write_time(const char *path, gint64 time)
{
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    g_assert_cmpint(pwrite(file, &time, sizeof time, 0), ==, sizeof time);
    g_assert_cmpint(close(file), ==, 0);
}

static void
a_file_can_hold_the_time(void)
{
    const char *path = g_getenv("PODFLATTR_CLOCK_FILE");

    if (!g_test_subprocess()) {
        g_autofree char *folder = g_dir_make_tmp("clock-XXXXXX", NULL);
        g_autofree char *file = g_build_filename(folder, "clock", NULL);
        write_time(file, 1000);
        g_setenv("PODFLATTR_CLOCK_FILE", file, TRUE);
        g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
        g_unsetenv("PODFLATTR_CLOCK_FILE");
        g_remove(file);
        g_rmdir(folder);
        g_test_trap_assert_passed();
        return;
    }
    g_assert_cmpint(pf_clock_now(), ==, 1000 + 86400);
    g_assert_cmpint(pf_clock_even(), ==, 1000);
    g_assert_cmpint(pf_clock_to_real(1001 + 86400), >, g_get_real_time());
    write_time(path, 5000);
    g_assert_cmpint(pf_clock_now(), ==, 5000 + 86400);
    g_assert_cmpint(pf_clock_to_real(5000 + 86400), <=, g_get_real_time());
}

static void
a_time_that_no_date_has_is_written_as_nothing(void)
{
    char text[PF_CLOCK_TEXT_SIZE];

    g_assert_cmpstr(pf_clock_format(G_GINT64_CONSTANT(253402300799), text), ==, "9999-12-31T23:59:59Z");
    g_assert_cmpstr(pf_clock_format(G_GINT64_CONSTANT(253402300800), text), ==, "");
    g_assert_cmpstr(pf_clock_format(G_MAXINT64, text), ==, "");
    g_assert_cmpstr(pf_clock_format(G_MININT64, text), ==, "");
    g_assert_cmpstr(pf_clock_format(-1, text), ==, "1969-12-31T23:59:59Z");
}

int
main(int argc, char **argv)
{
    g_setenv("PODFLATTR_CLOCK_OFFSET", "+86400", TRUE);
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/clock/dates of feeds are read", dates_of_feeds_are_read);
    g_test_add_func("/clock/a time that no date has is written as nothing",
                    a_time_that_no_date_has_is_written_as_nothing);
    g_test_add_func("/clock/months turn at midnight UTC", months_turn_at_midnight_utc);
    g_test_add_func("/clock/the environment moves the clock", the_environment_moves_the_clock);
    g_test_add_func("/clock/a clock can run faster", a_clock_can_run_faster);
    g_test_add_func("/clock/a file can hold the time", a_file_can_hold_the_time);
    return g_test_run();
}
