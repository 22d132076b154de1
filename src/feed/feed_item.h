/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is kept of a feed and of an item in it: plain structs that the parser fills and everything to its right reads.
 *
 * All strings are valid UTF-8 without NUL and trimmed, or NULL where the feed has none. URLs are absolute (resolved
 * against xml:base and the feed's address) and otherwise as in the feed, entities decoded once; where there is nothing
 * to resolve against, a relative one stays as it is. "item" is RSS's word and stands for Atom's entry too.
 */
#pragma once

#include <glib.h>

/** A media file of an item: RSS's <enclosure>, Atom's <link rel="enclosure">. */
typedef struct {
    char *url;
    char *type;    /* media type, or NULL */
    gint64 length; /* bytes, or -1 where the feed does not say or says nonsense */
} PfEnclosure;

/** A text of HTML: RSS's <description> and <content:encoded>, Atom's <summary> and <content>. */
typedef struct {
    char *html; /* as a browser would get it: XML's escapes or CDATA taken off, once */
    char *base; /* what relative links in it are resolved against, see pf_feed_address_base(); NULL for none */
} PfItemText;
/** What a document is that was fetched as a feed. */
typedef enum {
    PF_FEED_KIND_FEED,
    PF_FEED_KIND_OPML, /* a list of feeds */
    PF_FEED_KIND_PAGE, /* a web page */
} PfFeedKind;

/** A feed's own data, as far as it has been read. */
typedef struct {
    char *address;            /* where the feed came from: its final URL or a file name; "-" for standard input */
    char *title;              /* of the channel */
    char *link;               /* the channel's web page */
    GPtrArray *payment_links; /* of char *: href of the channel's rel="payment" links, in document order */
    GPtrArray *texts;         /* of PfItemText *: the channel's, in document order */
    PfFeedKind kind;
    GPtrArray
        *feeds; /* of char *: OPML's xmlUrl of all outlines, a page's rel="alternate" feeds; absolute; else empty */
} PfFeed;

/** One episode. */
typedef struct {
    char *guid;
    char *title;
    char *link;
    gboolean has_published;
    gint64 published;         /* seconds since the epoch, if has_published */
    GPtrArray *enclosures;    /* of PfEnclosure *, in document order */
    GPtrArray *payment_links; /* of char *: href of the item's own rel="payment" links, in document order */
    GPtrArray *texts;         /* of PfItemText *, in document order */
} PfItem;

/** Makes an enclosure that takes over url and type. */
PfEnclosure *pf_enclosure_new_take(char *url, char *type, gint64 length);
void pf_enclosure_free(PfEnclosure *enclosure);

/** Makes a text that takes over html and base. */
PfItemText *pf_item_text_new_take(char *html, char *base);
void pf_item_text_free(PfItemText *text);

/** Makes a feed with its address copied and all else absent. */
PfFeed *pf_feed_new(const char *address);
void pf_feed_free(PfFeed *feed);

/** Makes an item with everything absent. */
PfItem *pf_item_new(void);
void pf_item_free(PfItem *item);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfEnclosure, pf_enclosure_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfItemText, pf_item_text_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfFeed, pf_feed_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfItem, pf_item_free)
