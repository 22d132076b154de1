/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The XML parser: repaired text in, a feed's elements out, on libxml2's SAX2 interface.
 *
 * Memory depends on the largest tag, not on the feed. It relies on xml_repair.h: what comes is well-formed but for
 * its end. What libxml2 finds wrong all the same is shown, and decides nothing. One thread at a time.
 */
#pragma once

#include "feed/items.h"

typedef struct PfFeedXml PfFeedXml;

/** Makes a parser. @elements: where all goes; lent, and to be freed before the parser */
PfFeedXml *pf_feed_xml_new(PfFeedElements *elements);
void pf_feed_xml_free(PfFeedXml *xml);

/**
 * Parses more text; what comes after the elements are over is passed over.
 *
 * @text: from pf_xml_repair_push(), without a DTD; NULL for none
 * @final: whether the feed ends with it
 *
 * Returns: FALSE with @error set when the parse is over for bad.
 */
gboolean pf_feed_xml_push(PfFeedXml *xml, const GString *text, gboolean final, GError **error);

/** The first fault; owned by @xml. */
const PfFeedFault *pf_feed_xml_get_fault(const PfFeedXml *xml);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfFeedXml, pf_feed_xml_free)
