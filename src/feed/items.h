/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The elements of a feed as they open and close: keeps track of where in the feed an element stands, gathers its text,
 * resolves xml:base, and delivers items when they are complete. Survives missing and stray end tags. Does not know the
 * XML parser. One thread at a time.
 */
#pragma once

#include "feed/feed_attributes.h"
#include "feed/feed_fault.h"
#include "feed/parse.h"

typedef struct PfFeedElements PfFeedElements;

/** A start tag; lent for the call. */
typedef struct {
    const char *name; /* without prefix */
    const char *prefix;
    const char *uri; /* of its namespace, or NULL */
    PfAttributes attributes;
    guint line;
} PfTag;

/**
 * Begins with nothing open.
 *
 * @feed: where the channel goes; lent, its address resolves relative links
 * @item, @data: called for each complete item
 */
PfFeedElements *pf_feed_elements_new(PfFeed *feed, PfItemFunc item, gpointer data);
void pf_feed_elements_free(PfFeedElements *elements);

/** Takes what the parser meets. Nothing may come once it is over. */
void pf_feed_elements_start(PfFeedElements *elements, const PfTag *tag);
void pf_feed_elements_end(PfFeedElements *elements, const char *name, guint line);
void pf_feed_elements_add_text(PfFeedElements *elements, const char *text, gsize length);

/** Ends. When there was no feed, that becomes the error. */
void pf_feed_elements_finish(PfFeedElements *elements);

/** The name of the innermost open element, where more could come; NULL when there is none. */
const char *pf_feed_elements_get_open(const PfFeedElements *elements);

/** Whether no more is wanted: an error, or the item callback's end. */
gboolean pf_feed_elements_is_over(const PfFeedElements *elements);

/** Whether the item callback has ended it quietly. */
gboolean pf_feed_elements_is_done(const PfFeedElements *elements);

/** Whether a feed has begun. */
gboolean pf_feed_elements_has_feed(const PfFeedElements *elements);

/** That texts were larger than they may be; owned by @elements. */
const PfFeedFault *pf_feed_elements_get_fault(const PfFeedElements *elements);

/** What ended the parse for bad: PF_FEED_ERROR, or the item callback's; owned by @elements; NULL for nothing. */
const GError *pf_feed_elements_get_error(const PfFeedElements *elements);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfFeedElements, pf_feed_elements_free)
