/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes a feed's bytes fit for an XML parser, where what the author meant is certain.
 *
 * Many feeds are not well-formed: a bare "&" in an address, HTML's entities, a control character, bytes that are no
 * UTF-8, a blank line before the XML declaration. A parser that recovers from these by itself may drop half of a
 * payment link ("?a=1&b=2" becomes "?a=1=2") or everything after the spot. So they are mended before the parser sees
 * them: what goes on to it has no reference but XML's own and numeric ones, so that no entity a DTD declares is ever
 * expanded.
 *
 * Works on UTF-8 and on encodings that contain ASCII; UTF-16 and the like pass unchanged. A stream: bytes may be cut
 * anywhere, and at most PF_FEED_MEND_HELD of them are held back. One thread at a time.
 */
#pragma once

#include <glib.h>

#define PF_FEED_MEND_HELD 1024 /* bytes kept waiting for what follows them, apart from leading white space */

typedef struct PfFeedMend PfFeedMend;

PfFeedMend *pf_feed_mend_new(void);
void pf_feed_mend_free(PfFeedMend *mend);

/**
 * Mends the next bytes.
 *
 * @final: whether the feed ends with these, so that nothing is held back
 *
 * Returns: the mended bytes, possibly none; owned by @mend and valid until the next call.
 */
const GString *pf_feed_mend_push(PfFeedMend *mend, const char *bytes, gsize length, gboolean final);

/** How many lines were left out at the start: a line of the parser's is so many further down in the feed. */
guint pf_feed_mend_get_skipped_lines(const PfFeedMend *mend);

/** The line of the first fault that was mended, 0 when there was none. */
guint pf_feed_mend_get_fault_line(const PfFeedMend *mend);

/** What the first fault was, without its line; NULL when there was none. Owned by @mend. */
const char *pf_feed_mend_get_fault(const PfFeedMend *mend);

/**
 * Says what a feed that holds no element begins with, "line 1 begins with …"; call after the last push.
 *
 * Returns: (transfer full); NULL when it begins like markup, or like nothing that can be shown.
 */
char *pf_feed_mend_describe_start(const PfFeedMend *mend);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfFeedMend, pf_feed_mend_free)
