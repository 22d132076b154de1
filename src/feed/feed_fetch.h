/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads one feed and waits for it: a pool of one, for what has no main loop of its own.
 */
#pragma once

#include "feed/feed_reading.h"

/**
 * Reads one feed to its end; blocks. Items are delivered while bytes still arrive.
 *
 * The parser's address, PfFeed.address, is the URL that redirects led to, without its password; a file's name; or "-".
 *
 * @source: an http or https URL, a file's name or file URL, or "-" for standard input
 * @item, @data: called for each item, see PfItemFunc
 * @summary: (out): what was read, set on failure too; free with pf_feed_summary_clear()
 * @error: PF_FEED_ERROR, or what @item set. The message names the source with its password left out.
 *
 * Returns: whether the whole feed was read (or @item ended it quietly). Any thread.
 */
gboolean pf_feed_fetch(const char *source, PfItemFunc item, gpointer data, PfFeedSummary *summary, GError **error);
