/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a web page for what it says of feeds in its <link> elements: which ones there are, and where to pay. On
 * libxml2's HTML push parser, without a tree: memory does not depend on the page. One thread at a time.
 */
#pragma once

#include "feed/feed_item.h"

typedef struct PfFeedPage PfFeedPage;

/**
 * Makes a parser.
 *
 * @feed: where the page's feeds, payment links and title go; lent
 */
PfFeedPage *pf_feed_page_new(PfFeed *feed);
void pf_feed_page_free(PfFeedPage *page);

/** Parses more text, which is valid UTF-8 and may be cut anywhere between characters. */
void pf_feed_page_push(PfFeedPage *page, const GString *text, gboolean final);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfFeedPage, pf_feed_page_free)
