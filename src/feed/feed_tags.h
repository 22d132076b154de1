/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes a feed's tags well-formed, so that no XML parser has to recover from one: how a parser recovers differs from
 * one of its releases to the next.
 *
 * A tag with a broken attribute goes out without any, since half of an address would be another's. An end tag that
 * names an outer element closes the inner ones first, each behind PF_FEED_TAGS_MARK; one that names nothing open is
 * left out. Line ends stay, so that lines keep their numbers. One thread at a time.
 */
#pragma once

#include "feed/feed_fault.h"

/* Stands before each end tag that the feed does not have. The feed's own instructions never get here. */
#define PF_FEED_TAGS_MARK "<?_?>"

typedef struct PfFeedTags PfFeedTags;

PfFeedTags *pf_feed_tags_new(void);
void pf_feed_tags_free(PfFeedTags *tags);

/**
 * Writes a tag.
 *
 * @text: from "<" and a letter or "</" to the ">" that ends it, or to where it breaks off; valid UTF-8, its references
 * are well-formed, and it has no other "<"
 * @line: of the feed, at its beginning
 * @is_last: whether it breaks off because the feed ends, which is no fault of its own
 * @out: where it goes
 * @fault: keeps what was wrong
 */
void pf_feed_tags_write(PfFeedTags *tags, const char *text, gsize length, guint line, gboolean is_last, GString *out,
                        PfFeedFault *fault);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfFeedTags, pf_feed_tags_free)
