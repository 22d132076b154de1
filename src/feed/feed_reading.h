/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One feed being read: counts its bytes and items, hands the bytes to the parser, and keeps the first error. Where the
 * bytes come from is the caller's matter. One thread at a time.
 */
#pragma once

#include "feed/parse.h"

/** What a feed may have, after decompression. */
#define PF_FEED_MAX_MIB 64
#define PF_FEED_MAX_BYTES ((gint64)PF_FEED_MAX_MIB * 1024 * 1024)

/** What a fetch has brought, also one that failed on the way. */
typedef struct {
    PfFeed *feed; /* the channel, as complete as it was read; NULL when not a byte of it came */
    guint items;  /* items delivered */
    char *fault;  /* as pf_feed_parser_get_fault(), or NULL */
} PfFeedSummary;

/** Frees what is in a summary, and makes it empty. */
void pf_feed_summary_clear(PfFeedSummary *summary);

typedef struct PfFeedReading PfFeedReading;

/** Makes one without an address yet; @item gets each item. */
PfFeedReading *pf_feed_reading_new(PfItemFunc item, gpointer data);
void pf_feed_reading_free(PfFeedReading *reading);

/** Says where the feed comes from, before its first byte; see pf_feed_parser_new(). */
void pf_feed_reading_begin(PfFeedReading *reading, const char *address);

/** Says what HTTP said of the feed, after _begin() and before its first byte; see pf_feed_parser_set_charset(). */
void pf_feed_reading_set_charset(PfFeedReading *reading, const char *charset);
void pf_feed_reading_add_link_header(PfFeedReading *reading, const char *value);

gboolean pf_feed_reading_has_begun(const PfFeedReading *reading);

/** Takes bytes, at most PF_FEED_MAX_BYTES in all. Returns whether to go on. */
gboolean pf_feed_reading_push(PfFeedReading *reading, const char *bytes, gsize length);

/** Says that the feed was complete. */
void pf_feed_reading_finish(PfFeedReading *reading);

/** Says why no more comes. The first error counts. */
void pf_feed_reading_fail(PfFeedReading *reading, PfFeedError code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/** Whether there was an error, or the item callback had enough. */
gboolean pf_feed_reading_is_over(const PfFeedReading *reading);

/** How many items were delivered. */
guint pf_feed_reading_count_items(const PfFeedReading *reading);

/**
 * Ends it.
 *
 * @source: as the user named it; the error says it, without its password
 * @summary: (out): set on failure too; free with pf_feed_summary_clear()
 * @error: PF_FEED_ERROR, or what the item callback set
 *
 * Returns: whether the whole feed was read, or the item callback ended it quietly.
 */
gboolean pf_feed_reading_end(PfFeedReading *reading, const char *source, PfFeedSummary *summary, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PfFeedSummary, pf_feed_summary_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfFeedReading, pf_feed_reading_free)
