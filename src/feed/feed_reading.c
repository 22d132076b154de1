/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_reading.h"

#include <string.h>

#include "base/log.h"
#include "base/url.h"

struct PfFeedReading {
    PfFeedParser *parser; /* NULL before the address is known */
    PfItemFunc item;
    gpointer item_data;
    guint items;
    gint64 bytes;
    gboolean item_failed; /* the error is the callback's own, not the feed's */
    GError *error;
};

void
pf_feed_summary_clear(PfFeedSummary *summary)
{
    pf_feed_free(summary->feed);
    g_free(summary->fault);
    *summary = (PfFeedSummary){0};
}

PfFeedReading *
pf_feed_reading_new(PfItemFunc item, gpointer data)
{
    PfFeedReading *reading = g_new0(PfFeedReading, 1);

    reading->item = item;
    reading->item_data = data;
    return reading;
}

void
pf_feed_reading_free(PfFeedReading *reading)
{
    if (!reading)
        return;
    pf_feed_parser_free(reading->parser);
    g_clear_error(&reading->error);
    g_free(reading);
}

static gboolean
count_item(const PfFeed *feed, PfItem *item, gpointer data, GError **error)
{
    PfFeedReading *reading = data;
    GError *own = NULL;

    reading->items++;
    if (reading->item(feed, item, reading->item_data, &own))
        return TRUE;
    if (own) {
        reading->item_failed = TRUE;
        g_propagate_error(error, own);
    }
    return FALSE;
}

void
pf_feed_reading_begin(PfFeedReading *reading, const char *address)
{
    reading->parser = pf_feed_parser_new(address, count_item, reading);
}

void
pf_feed_reading_set_charset(PfFeedReading *reading, const char *charset)
{
    pf_feed_parser_set_charset(reading->parser, charset);
}

void
pf_feed_reading_add_link_header(PfFeedReading *reading, const char *value)
{
    pf_feed_parser_add_link_header(reading->parser, value);
}

gboolean
pf_feed_reading_has_begun(const PfFeedReading *reading)
{
    return reading->parser != NULL;
}

gboolean
pf_feed_reading_push(PfFeedReading *reading, const char *bytes, gsize length)
{
    reading->bytes += (gint64)length;
    if (reading->bytes > PF_FEED_MAX_BYTES)
        pf_feed_reading_fail(reading, PF_FEED_ERROR_LIMIT, "larger than %d MiB", PF_FEED_MAX_MIB);
    else
        pf_feed_parser_push(reading->parser, bytes, length, &reading->error);
    return !pf_feed_reading_is_over(reading);
}

void
pf_feed_reading_finish(PfFeedReading *reading)
{
    if (!pf_feed_reading_is_over(reading))
        pf_feed_parser_finish(reading->parser, &reading->error);
}

void
pf_feed_reading_fail(PfFeedReading *reading, PfFeedError code, const char *format, ...)
{
    va_list arguments;

    if (reading->error)
        return;
    va_start(arguments, format);
    reading->error = g_error_new_valist(PF_FEED_ERROR, code, format, arguments);
    va_end(arguments);
}

gboolean
pf_feed_reading_is_over(const PfFeedReading *reading)
{
    return reading->error || (reading->parser && pf_feed_parser_is_done(reading->parser));
}

guint
pf_feed_reading_count_items(const PfFeedReading *reading)
{
    return reading->items;
}

static char *
dup_printable_source(const char *source)
{
    if (g_str_equal(source, "-"))
        return g_strdup("standard input");
    return pf_url_printable(source);
}

gboolean
pf_feed_reading_end(PfFeedReading *reading, const char *source, PfFeedSummary *summary, GError **error)
{
    *summary = (PfFeedSummary){.items = reading->items};
    if (reading->parser) {
        summary->fault = g_strdup(pf_feed_parser_get_fault(reading->parser));
        summary->feed = pf_feed_parser_steal_feed(reading->parser);
    }
    if (!reading->error)
        return TRUE;
    if (!reading->item_failed) {
        g_autofree char *shown = dup_printable_source(source);
        g_prefix_error(&reading->error, "%s: ", shown);
    }
    g_propagate_error(error, g_steal_pointer(&reading->error));
    return FALSE;
}
