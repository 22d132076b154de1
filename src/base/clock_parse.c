/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Apart from clock.c, since it takes libcurl: what only asks for the time, as a hook does, does without. */
#include "base/clock.h"

#include <curl/curl.h>
#include <string.h>

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
