/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "flattr/retry_after.h"

#include <stdio.h>
#include <string.h>

/* A year of two digits is at most 50 years ahead. */
static int
complete_year(int year, gint64 now)
{
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(now);
    int last = (date ? g_date_time_get_year(date) : 1970) + 50;

    year += last - last % 100;
    return year > last ? year - 100 : year;
}

/* Returns 0 for what is not a month. */
static int
find_month(const char *name)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const char *found = strlen(name) == 3 ? strstr(names, name) : NULL;

    return found && (found - names) % 3 == 0 ? (int)(found - names) / 3 + 1 : 0;
}

/* A date is GMT's, whatever its form. Not by curl_getdate(), whose result is as wide as libcurl's time_t is, which need
 * not be as wide as ours. */
static gboolean
parse_date(const char *text, gint64 now, gint64 *time)
{
    int day, year, hour, minute, second, end = 0;
    char month[4];

    if (sscanf(text, "%*[A-Za-z], %2d %3s %4d %2d:%2d:%2d GMT%n", &day, month, &year, &hour, &minute, &second, &end) !=
            6 ||
        !end) {
        end = 0;
        if (sscanf(text, "%*[A-Za-z], %2d-%3[A-Za-z]-%2d %2d:%2d:%2d GMT%n", &day, month, &year, &hour, &minute,
                   &second, &end) == 6 &&
            end)
            year = complete_year(year, now);
        else if (sscanf(text, "%*3s %3s %2d %2d:%2d:%2d %4d%n", month, &day, &hour, &minute, &second, &year, &end) != 6)
            return FALSE;
    }
    if (text[end] != '\0')
        return FALSE;
    /* GLib knows no leap second. */
    g_autoptr(GDateTime) date = g_date_time_new_utc(year, find_month(month), day, hour, minute, MIN(second, 59));
    if (!date)
        return FALSE;
    *time = g_date_time_to_unix(date);
    return TRUE;
}

gint64
pf_retry_after_parse(const char *text, gint64 now)
{
    g_autofree char *value = text ? g_strstrip(g_strdup(text)) : NULL;
    gint64 number;

    if (!value)
        return -1;
    if (g_ascii_string_to_signed(value, 10, 0, G_MAXINT64, &number, NULL))
        return number;
    return parse_date(value, now, &number) ? MAX(number - now, 0) : -1;
}
