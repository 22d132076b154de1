/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a web page for what it says of feeds in its <link> elements: which ones there are, and where to pay. On
 * libxml2's HTML parser, which gets no more of the page than these elements and its title. One thread at a time.
 */
#pragma once

#include "feed/item.h"

#define PF_FEED_PAGE_MAX ((gsize)8 * 1024 * 1024) /* bytes of a page that are read */

typedef struct PfFeedPage PfFeedPage;

/**
 * Makes a parser.
 *
 * @feed: where the page's feeds, payment links and title go; lent
 */
PfFeedPage *pf_feed_page_new(PfFeed *feed);
void pf_feed_page_free(PfFeedPage *page);

/** Takes more text, which is valid UTF-8 and may be cut anywhere between characters; parses it when it is @final. */
void pf_feed_page_push(PfFeedPage *page, const GString *text, gboolean final);

/** What was left out of the page since it was too much, if anything. */
const PfFeedFault *pf_feed_page_get_fault(const PfFeedPage *page);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfFeedPage, pf_feed_page_free)
