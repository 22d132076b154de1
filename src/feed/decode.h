/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes UTF-8 of a feed's bytes, whatever encoding they are in, before anything else looks at them.
 *
 * The encoding is (RFC 7303) what a byte order mark says, else what the HTTP header says, else what the XML declaration
 * says (a page's <meta> does for HTML), else UTF-8. One that cannot be true is passed over: "<" is one byte, or two, or
 * four, and shows itself. ISO-8859-1 is read as windows-1252, and other names as what stands behind them on the web.
 *
 * In a document that says it is UTF-8, or says nothing, a byte that is no UTF-8 is read as windows-1252's, and that
 * byte alone: many feeds join texts from several sources, and what is UTF-8 after it stays what it is, links above all.
 *
 * A stream: bytes may be cut anywhere; at most PF_FEED_DECODE_HELD are held back. One thread at a time.
 */
#pragma once

#include "feed/item.h"

#define PF_FEED_DECODE_HELD 1024 /* bytes in which the declaration is looked for */

typedef struct PfFeedDecode PfFeedDecode;

PfFeedDecode *pf_feed_decode_new(void);
void pf_feed_decode_free(PfFeedDecode *decode);

/** Sets the charset parameter of HTTP's Content-Type; to be called before the first push. */
void pf_feed_decode_set_charset(PfFeedDecode *decode, const char *charset);

/**
 * Decodes the next bytes.
 *
 * @final: whether the feed ends with these, so that nothing is held back
 *
 * Returns: whole characters of valid UTF-8 without NUL, possibly none; owned by @decode, valid until the next call.
 */
const GString *pf_feed_decode_push(PfFeedDecode *decode, const char *bytes, gsize length, gboolean final);

/** The first fault in the encoding; owned by @decode. */
const PfFeedFault *pf_feed_decode_get_fault(const PfFeedDecode *decode);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfFeedDecode, pf_feed_decode_free)
