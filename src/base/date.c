/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Apart from clock.c, since it takes libcurl: what only asks for the time, as a hook does, does without. */
#include "base/clock.h"

#include <curl/curl.h>
#include <string.h>

#define LAST_YEAR 2038      /* that a time_t of 32 bits knows, and not all of it */
#define LAST_LEAP_YEAR 2036 /* before it */

/* GLib reads a full ISO 8601 date with a time only, so a day alone gets its midnight here. */
static GDateTime *
parse_iso8601(const char *text)
{
    if (!g_ascii_isdigit(text[0])) /* a day of the week, mostly */
        return NULL;

    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    GDateTime *date = g_date_time_new_from_iso8601(text, utc);

    if (!date && strlen(text) == strlen("2014-06-03")) {
        g_autofree char *midnight = g_strconcat(text, "T00:00:00Z", NULL);
        date = g_date_time_new_from_iso8601(midnight, utc);
    }
    return date;
}

/* Where a time_t has 32 bits it ends in 2038, and curl_getdate() with it. So a later year is read as one before, as
 * long as it is. Puts that into @text. Returns how many seconds are between them. */
static gint64
bring_year_forward(char *text)
{
    for (char *at = text, *end; *at; at = end) {
        end = at + MAX(strspn(at, G_CSET_DIGITS), 1);
        int year = end - at == 4 ? (int)g_ascii_strtoull(at, NULL, 10) : 0;
        if (year < LAST_YEAR)
            continue;
        int nearer = g_date_is_leap_year((GDateYear)year) ? LAST_LEAP_YEAR : LAST_YEAR - 1;
        g_autoptr(GDateTime) meant = g_date_time_new_utc(year, 1, 1, 0, 0, 0);
        g_autoptr(GDateTime) read = g_date_time_new_utc(nearer, 1, 1, 0, 0, 0);
        for (char *digit = end; digit > at; nearer /= 10)
            *--digit = (char)('0' + nearer % 10);
        return g_date_time_to_unix(meant) - g_date_time_to_unix(read);
    }
    return 0;
}

/* libcurl may have been compiled with a time_t of 32 bits where ours has 64 (Debian's i386): what is in the upper half
 * of its result is then no part of it. There it knows no year after 2037, which tells it from one that is as wide as
 * ours. */
static gint64
get_date(const char *text)
{
    gint64 seconds = curl_getdate(text, NULL);

    if (sizeof(time_t) > sizeof(long) && (gint32)curl_getdate("1 Jan 2040 00:00:00 GMT", NULL) == -1)
        return (gint32)seconds;
    return seconds;
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
    gint64 later = bring_year_forward(trimmed);
    gint64 seconds = get_date(trimmed);
    if (seconds == -1)
        return FALSE;
    *time = seconds + later;
    return TRUE;
}
