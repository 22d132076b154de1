/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of an element as it is gathered: plain, or HTML, where markup that stands in the XML itself is written out
 * again and what is only text is escaped. One thread at a time.
 */
#pragma once

#include "feed/feed_attributes.h"
#include "feed/feed_place.h"

/** What the characters of an element are. */
typedef enum {
    PF_TEXT_PLAIN,   /* tags within are passed over */
    PF_TEXT_HTML,    /* the element's own characters are HTML; those of elements within are text */
    PF_TEXT_ESCAPED, /* all characters are text; HTML is to be made of it */
    PF_TEXT_BASE64,  /* HTML, encoded (Atom 0.3) */
} PfTextKind;

typedef struct PfFeedText PfFeedText;

PfFeedText *pf_feed_text_new(void);
void pf_feed_text_free(PfFeedText *text);

/** Begins the text of an element; forgets what was gathered before. */
void pf_feed_text_begin(PfFeedText *text, PfPlace place, const PfAttributes *attributes);

/**
 * Adds characters.
 *
 * @inner: whether they stand in an element within
 */
void pf_feed_text_add(PfFeedText *text, const char *characters, gsize length, gboolean inner);

/**
 * Adds the tags of an element within.
 *
 * @name: without prefix
 * @base: what its links are relative to where that is not what the whole text's are, else NULL
 */
void pf_feed_text_add_start(PfFeedText *text, const char *name, const PfAttributes *attributes, const char *base);
void pf_feed_text_add_end(PfFeedText *text, const char *name);

/** What was gathered; at most PF_FEED_MAX_TEXT bytes, owned by @text, valid until the next call. */
const char *pf_feed_text_finish(PfFeedText *text);

/** Whether something was cut off, so that links in it may be missing. */
gboolean pf_feed_text_is_cut(const PfFeedText *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfFeedText, pf_feed_text_free)
