/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The elements of a feed as they open and close: keeps track of where in the feed an element stands, gathers its text,
 * resolves xml:base, and delivers items when they are complete. Survives missing and stray end tags. Does not know the
 * XML parser. One thread at a time.
 */
#pragma once

#include "feed/item.h"
#include <glib.h>

/** What an element is to us. */
typedef enum {
    PF_PLACE_NOWHERE,
    PF_PLACE_DOCUMENT, /* above the feed */
    PF_PLACE_RSS,
    PF_PLACE_RDF, /* RSS 0.90's and 1.0's */
    PF_PLACE_CHANNEL,
    PF_PLACE_FEED, /* Atom's */
    PF_PLACE_ITEM, /* RSS's */
    PF_PLACE_ENTRY,
    PF_PLACE_VALUE,
    PF_PLACE_PERSON,      /* the owner, or Atom's author */
    PF_PLACE_PICTURE,     /* RSS's, of elements */
    PF_PLACE_MEDIA_GROUP, /* the same in several forms */
    PF_PLACE_ALTERNATE,   /* another form of the enclosure, whose sources are in it */
    PF_PLACE_RECIPIENT,   /* all is in its attributes, as with the next */
    PF_PLACE_ENCLOSURE,
    PF_PLACE_MEDIA,
    PF_PLACE_SOURCE,
    PF_PLACE_IMAGE,
    PF_PLACE_ATOM_LINK,
    PF_PLACE_TITLE, /* all from here on is in its text */
    PF_PLACE_LINK,
    PF_PLACE_GUID,
    PF_PLACE_NAME,
    PF_PLACE_AUTHOR,
    PF_PLACE_IMAGE_URL,
    PF_PLACE_NEW_ADDRESS,
    PF_PLACE_DURATION,
    PF_PLACE_PUBLISHED,
    PF_PLACE_CREATED, /* a date that counts when there is no better one */
    PF_PLACE_UPDATED, /* likewise, before that */
    PF_PLACE_FUNDING,
    PF_PLACE_HTML,    /* its text is HTML */
    PF_PLACE_CONTENT, /* its attributes tell what its text is */
} PfPlace;

/** The first place whose text is wanted. */
#define PF_PLACE_FIRST_TEXT PF_PLACE_TITLE

/*
 * The attributes of a tag, in libxml2's array. Pure; any thread.
 */

/** Lent, for as long as libxml2 handles the tag. */
typedef struct {
    const unsigned char **values; /* as startElementNs gets them: name, prefix, namespace, begin and end of the value */
    int count;                    /* how many attributes, of five pointers each */
} PfAttributes;

/*
 * The text of an element as it is gathered: plain, or HTML, where markup that stands in the XML itself is written out
 * again and what is only text is escaped. One thread at a time.
 */

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

/** For another format's reader: says that a feed has begun, or takes one of its items (transfer full). */
void pf_feed_elements_begin(PfFeedElements *elements);
void pf_feed_elements_add_item(PfFeedElements *elements, PfItem *item, guint line);

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
