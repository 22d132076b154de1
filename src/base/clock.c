/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"

#include <curl/curl.h>
#include <string.h>

/* Some thousand years: the clock stays within what a date can say. */
#define OFFSET_MAX ((gint64)100000000000)

static gint64
clock_offset(void)
{
    static gsize ready;
    static gint64 offset;

    if (g_once_init_enter(&ready)) {
        const char *text = g_getenv("PODFLATTR_CLOCK_OFFSET");
        if (text && !g_ascii_string_to_signed(text + (*text == '+'), 10, -OFFSET_MAX, OFFSET_MAX, &offset, NULL))
            g_message("PODFLATTR_CLOCK_OFFSET is '%s', which is no number of seconds; the clock is not moved", text);
        g_once_init_leave(&ready, 1);
    }
    return offset;
}

gint64
pf_clock_now(void)
{
    return g_get_real_time() / G_USEC_PER_SEC + clock_offset();
}

static const char *
format_utc(gint64 time, const char *format, char *text, gsize size)
{
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(time);
    g_autofree char *written = date ? g_date_time_format(date, format) : NULL;

    g_strlcpy(text, written ? written : "", size);
    return text;
}

const char *
pf_clock_format(gint64 time, char *text)
{
    return format_utc(time, "%Y-%m-%dT%H:%M:%SZ", text, PF_CLOCK_TEXT_SIZE);
}

const char *
pf_clock_month(gint64 time, char *text)
{
    return format_utc(time, "%Y-%m", text, PF_CLOCK_MONTH_SIZE);
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

/* GLib reads a full ISO 8601 date with a time only, so a day alone gets its midnight here. */
static GDateTime *
parse_iso8601(const char *text)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    GDateTime *date = g_date_time_new_from_iso8601(text, utc);

    if (!date && strlen(text) == strlen("2014-06-03")) {
        g_autofree char *midnight = g_strconcat(text, "T00:00:00Z", NULL);
        date = g_date_time_new_from_iso8601(midnight, utc);
    }
    return date;
}

gboolean
pf_clock_parse(const char *text, gint64 *time)
{
    if (!text)
        return FALSE;

    g_autofree char *trimmed = g_strstrip(g_strdup(text));
    g_autoptr(GDateTime) date = parse_iso8601(trimmed);

    if (date) {
        *time = g_date_time_to_unix(date);
        return TRUE;
    }
    /* curl_getdate() reads every form of RFC 822 and its relatives, but takes a bare number for a date too. */
    if (!strpbrk(trimmed, ",: -/"))
        return FALSE;
    time_t seconds = curl_getdate(trimmed, NULL);
    if (seconds == -1)
        return FALSE;
    *time = seconds;
    return TRUE;
}
