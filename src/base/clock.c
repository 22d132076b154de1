/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"

#include "base/i18n.h"
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A few thousand years: the clock stays within the range of a date. */
#define OFFSET_MAX ((gint64)100000000000)

/* A day in a second is enough for any test. */
#define RATE_MAX 86400

/* How soon a clock that a file sets is looked at again, microseconds. */
#define LOOK_EVERY 4000

/* All of this comes from the environment; see clock.h. */
typedef struct {
    const volatile gint64 *set; /* the time itself, in seconds; NULL: taken from the real clock */
    gint64 offset;              /* seconds */
    gint64 rate;                /* our seconds in a real one */
    gint64 since;               /* real time from which on the clock runs so, seconds since the epoch */
} Clock;

static void
read_offset(Clock *clock)
{
    const char *text = g_getenv("PODFLATTR_CLOCK_OFFSET");

    if (text && !g_ascii_string_to_signed(text + (*text == '+'), 10, -OFFSET_MAX, OFFSET_MAX, &clock->offset, NULL))
        g_message(_("PODFLATTR_CLOCK_OFFSET is '%s', which is not a number of seconds; the clock is not moved"), text);
}

static void
read_rate(Clock *clock)
{
    const char *text = g_getenv("PODFLATTR_CLOCK_RATE");
    g_auto(GStrv) parts = text ? g_strsplit(text, "@", 2) : NULL;
    gint64 rate;

    if (!parts)
        return;
    if (g_strv_length(parts) == 2 && g_ascii_string_to_signed(parts[0], 10, 1, RATE_MAX, &rate, NULL) &&
        g_ascii_string_to_signed(parts[1], 10, 0, OFFSET_MAX, &clock->since, NULL))
        clock->rate = rate;
    else
        g_message(_("PODFLATTR_CLOCK_RATE is '%s', which is not RATE@TIME; the clock is not sped up"), text);
}

/* Mapped once; a service that has confined itself can read nothing but its state folder and what it watches. */
static void
map_file(Clock *clock)
{
    const char *path = g_getenv("PODFLATTR_CLOCK_FILE");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    struct stat status;

    if (!path)
        return;
    if (file >= 0 && fstat(file, &status) == 0 && status.st_size >= (off_t)sizeof *clock->set) {
        void *place = mmap(NULL, sizeof *clock->set, PROT_READ, MAP_SHARED, file, 0);
        clock->set = place == MAP_FAILED ? NULL : place;
    }
    if (!clock->set)
        g_message(_("PODFLATTR_CLOCK_FILE is '%s', which cannot be read; the real clock is used"), path);
    if (file >= 0)
        close(file);
}

static const Clock *
get_clock(void)
{
    static gsize ready;
    static Clock clock = {.rate = 1};

    if (g_once_init_enter(&ready)) {
        read_offset(&clock);
        read_rate(&clock);
        map_file(&clock);
        g_once_init_leave(&ready, 1);
    }
    return &clock;
}

gint64
pf_clock_now(void)
{
    const Clock *clock = get_clock();
    gint64 real = g_get_real_time();

    if (clock->set)
        return *clock->set + clock->offset;
    gint64 ahead = (real - clock->since * G_USEC_PER_SEC) * (clock->rate - 1);

    return (real + ahead) / G_USEC_PER_SEC + clock->offset;
}

gint64
pf_clock_even(void)
{
    const Clock *clock = get_clock();

    return clock->set ? *clock->set : g_get_monotonic_time() / G_USEC_PER_SEC;
}

gint64
pf_clock_to_real(gint64 time)
{
    const Clock *clock = get_clock();

    if (clock->set)
        return g_get_real_time() + (pf_clock_now() >= time ? 0 : LOOK_EVERY);
    gint64 passed = (time - clock->offset - clock->since) * G_USEC_PER_SEC;

    /* Rounded up: never before that time. */
    return clock->since * G_USEC_PER_SEC + (passed + clock->rate - 1) / clock->rate;
}

/* Not by GLib, which takes a third of the time that a row of a table costs. Returns FALSE for a time that no date has.
 */
static gboolean
break_down(gint64 time, struct tm *date)
{
    const time_t seconds = (time_t)time;

    return seconds == time && gmtime_r(&seconds, date) && date->tm_year >= 1 - 1900 && date->tm_year <= 9999 - 1900;
}

const char *
pf_clock_format(gint64 time, char *text)
{
    struct tm date;

    *text = '\0';
    /* The year not by strftime(), which writes that of 226 in three digits, and then nothing reads the date. */
    if (break_down(time, &date)) {
        int year = g_snprintf(text, PF_CLOCK_TEXT_SIZE, "%04d", date.tm_year + 1900);
        (void)strftime(text + year, PF_CLOCK_TEXT_SIZE - (gsize)year, "-%m-%dT%H:%M:%SZ", &date);
    }
    return text;
}

const char *
pf_clock_month(gint64 time, char *text)
{
    struct tm date;

    *text = '\0';
    if (break_down(time, &date))
        g_snprintf(text, PF_CLOCK_MONTH_SIZE, "%04d-%02d", date.tm_year + 1900, date.tm_mon + 1);
    return text;
}

static GDateTime *
month_start(gint64 time)
{
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(time);

    return g_date_time_new_utc(g_date_time_get_year(date), g_date_time_get_month(date), 1, 0, 0, 0);
}

gint64
pf_clock_month_start(gint64 time)
{
    g_autoptr(GDateTime) first = month_start(time);

    return g_date_time_to_unix(first);
}

gint64
pf_clock_next_month(gint64 time)
{
    g_autoptr(GDateTime) first = month_start(time);
    g_autoptr(GDateTime) next = g_date_time_add_months(first, 1);

    return g_date_time_to_unix(next);
}
