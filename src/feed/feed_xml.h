/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The XML parser: mended text in, a feed and its items out, on libxml2's SAX2 interface.
 *
 * Memory depends on the largest item, not on the feed. What libxml2 finds wrong is read over as far as that is certain:
 * an end tag closes what it names, a tag that may have lost part of an address gives none. One thread at a time.
 */
#pragma once

#include "feed/feed_fault.h"
#include "feed/feed_parse.h"

typedef struct PfFeedXml PfFeedXml;

/**
 * Makes a parser.
 *
 * @feed: where the channel goes; lent, its address resolves relative links
 * @item, @data: called for each complete item
 */
PfFeedXml *pf_feed_xml_new(PfFeed *feed, PfItemFunc item, gpointer data);
void pf_feed_xml_free(PfFeedXml *xml);

/**
 * Parses more text.
 *
 * @text: from pf_feed_mend_push(), without a DTD
 * @final: whether the feed ends with it
 *
 * Returns: FALSE with @error set when the parse is over for bad.
 */
gboolean pf_feed_xml_push(PfFeedXml *xml, const GString *text, gboolean final, GError **error);

/** Whether no more text is wanted: an error, the item callback's end, or a fault that libxml2 cannot go on after. */
gboolean pf_feed_xml_is_over(const PfFeedXml *xml);

/** Whether the item callback has ended the parse quietly. */
gboolean pf_feed_xml_is_done(const PfFeedXml *xml);

/** Whether a feed has begun. */
gboolean pf_feed_xml_has_feed(const PfFeedXml *xml);

/** The first fault that libxml2 found; owned by @xml. */
const PfFeedFault *pf_feed_xml_get_fault(const PfFeedXml *xml);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfFeedXml, pf_feed_xml_free)
