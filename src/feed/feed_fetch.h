/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Brings a feed's bytes to the parser, from a file, standard input or an http(s) URL, piece by piece as they arrive.
 */
#pragma once

#include "feed/feed_parse.h"

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

/**
 * Reads one feed to its end; blocks. Items are delivered while bytes still arrive.
 *
 * The parser's address, PfFeed.address, is the URL that redirects led to, without its password; a file's name; or "-".
 *
 * @source: an http or https URL, a file name, or "-" for standard input
 * @item, @data: called for each item, see PfItemFunc
 * @summary: (out): what was read, set on failure too; free with pf_feed_summary_clear()
 * @error: PF_FEED_ERROR, or what @item set. The message names the source with its password left out.
 *
 * Returns: whether the whole feed was read (or @item ended it quietly). Any thread.
 */
gboolean pf_feed_fetch(const char *source, PfItemFunc item, gpointer data, PfFeedSummary *summary, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PfFeedSummary, pf_feed_summary_clear)
