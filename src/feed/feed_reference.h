/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * References in a feed's text, "&amp;" and the like, made fit for an XML parser. Pure; any thread.
 */
#pragma once

#include "feed/feed_fault.h"

/**
 * Mends what begins with "&". Numeric references to characters pass; those by name, XML's and HTML's, become numeric,
 * since libxml2 reads none of the others any more once it has met a fault; what else begins with "&" becomes that text.
 *
 * @out: what it becomes is appended here
 * @at: the "&"
 * @end: of what has arrived
 * @final: whether nothing more will
 * @line: of the feed, for @fault, which keeps what was wrong
 *
 * Returns: how many bytes were used; 0 when more are needed to tell, of at most 34.
 */
gsize pf_feed_reference_mend(GString *out, const char *at, const char *end, gboolean final, guint line,
                             PfFeedFault *fault);
