/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The elements of a feed as they open and close: keeps track of where in the feed an element stands, gathers its text,
 * resolves xml:base, and delivers items when they are complete. Survives missing and stray end tags. Does not know the
 * XML parser. One thread at a time.
 */
#pragma once

#include "feed/decode.h"
#include "feed/item.h"
#include "feed/parse.h"
#include <glib.h>

/*
 * The formats as one table: which element, in which namespace, directly inside of which other, means what.
 *
 * An element that the table does not have is nowhere, and so is everything in it: a link in an entry's <source> or a
 * title in an author is not the entry's, and podcast:liveItem is no item. A further format is further rows. Pure; any
 * thread.
 */

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
    PF_PLACE_RECIPIENT, /* all is in its attributes, as with the next */
    PF_PLACE_ENCLOSURE,
    PF_PLACE_ATOM_LINK,
    PF_PLACE_TITLE, /* all from here on is in its text */
    PF_PLACE_LINK,
    PF_PLACE_GUID,
    PF_PLACE_PUBLISHED,
    PF_PLACE_CREATED, /* a date that counts when there is no better one */
    PF_PLACE_UPDATED, /* likewise, before that */
    PF_PLACE_FUNDING,
    PF_PLACE_HTML,    /* its text is HTML */
    PF_PLACE_CONTENT, /* its attributes tell what its text is */
} PfPlace;

/** The first place whose text is wanted. */
#define PF_PLACE_FIRST_TEXT PF_PLACE_TITLE

/** Namespaces that the table tells apart; an element can be in two of them. */
typedef enum {
    PF_NAMESPACE_RSS = 1,  /* that of any version, none at all, or that of the root */
    PF_NAMESPACE_ATOM = 2, /* Atom 1.0 and 0.3 */
    PF_NAMESPACE_DC = 4,   /* Dublin Core */
    PF_NAMESPACE_RDF = 8,
    PF_NAMESPACE_CONTENT = 16, /* RSS 1.0's module for HTML */
    PF_NAMESPACE_ITUNES = 32,
    PF_NAMESPACE_PODCAST = 64,
    PF_NAMESPACE_ENC = 128, /* RSS 1.0's module for enclosures */
    PF_NAMESPACE_XHTML = 256,
} PfNamespace;

/**
 * Tells an element's namespaces.
 *
 * @uri: the element's namespace, or NULL
 * @prefix: its prefix, or NULL; one that was never declared means what everybody takes it for, or nothing
 * @own_uri: the namespace of the feed's root, or NULL
 * @own: what that namespace, and none at all, mean in this feed: PfNamespace bits
 *
 * Returns: PfNamespace bits
 */
guint pf_place_namespaces(const char *uri, const char *prefix, const char *own_uri, guint own);

/**
 * Looks an element up.
 *
 * @parent: the place it stands directly in
 * @namespaces: as pf_place_namespaces() says
 * @name: its name without prefix
 */
PfPlace pf_place_of(PfPlace parent, guint namespaces, const char *name);

/*
 * The attributes of a tag, in libxml2's array. Pure; any thread.
 */

#define PF_ATTRIBUTES_XML "http://www.w3.org/XML/1998/namespace"
#define PF_ATTRIBUTES_RDF "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
#define PF_ATTRIBUTES_ENC "http://purl.oclc.org/net/rss_2.0/enc#"

/** Lent, for as long as libxml2 handles the tag. */
typedef struct {
    const unsigned char **values; /* as startElementNs gets them: name, prefix, namespace, begin and end of the value */
    int count;                    /* how many attributes, of five pointers each */
} PfAttributes;

/**
 * Copies an attribute's value.
 *
 * @uri: its namespace, or NULL for none
 * @name: its name without prefix
 *
 * Returns: (transfer full): as written, at most PF_FEED_MAX_TEXT bytes; NULL when the tag does not have it.
 */
char *pf_attributes_dup(const PfAttributes *attributes, const char *uri, const char *name);

/** The same for one without namespace, trimmed; NULL also when it is empty. */
char *pf_attributes_dup_word(const PfAttributes *attributes, const char *name);

/** Whether the tag has an attribute without namespace. */
gboolean pf_attributes_has(const PfAttributes *attributes, const char *name);

/** How many bytes of a UTF-8 text fit into @room without cutting a character. */
gsize pf_text_cut(const char *text, gsize length, gsize room);

/*
 * A feed's addresses made absolute: what is absolute already stays byte for byte, what is relative is resolved against
 * xml:base and the feed's own address. Pure; any thread.
 */

/**
 * Makes a base that addresses can be resolved against.
 *
 * @text: an xml:base or a feed's address, as written
 * @outer: the base that it may itself be relative to, or NULL
 *
 * Returns: (transfer full): an absolute http or https URL without user, password and fragment; NULL when it is none.
 */
char *pf_feed_address_base(const char *text, const char *outer);

/**
 * Resolves an address.
 *
 * @text: as written in the feed; may be NULL
 * @base: as pf_feed_address_base() made it, or NULL
 *
 * Returns: (transfer full): the trimmed address, absolute where that is possible; NULL when it is empty. One that lacks
 * only the scheme, and has no base to take it from, gets https.
 */
char *pf_feed_address_resolve(const char *text, const char *base);

/**
 * Reads "feed://a.example/x" and "feed:https://a.example/x", as links that open a podcatcher have them.
 *
 * Returns: (transfer full): the http or https URL that such an address stands for; a copy of any other text.
 */
char *pf_feed_address_dup_web(const char *text);

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

/*
 * Puts what stands in a feed's elements into its PfFeed and PfItem: which of several titles, links or dates counts, and
 * what an address is relative to. Knows nothing of XML. One thread at a time.
 */

/** A feed and the item that is being built; item is NULL outside of items. */
typedef struct {
    PfFeed *feed;
    PfItem *item;
    gboolean item_link_is_text; /* the item's link is RSS's own, which goes before an Atom link */
    gboolean feed_link_is_text;
    PfPlace published_by; /* the place of the date, of which an earlier one in PfPlace is better */
    char *about;          /* rdf:about, which stands in for a guid */
    gsize item_text_size; /* bytes of the item's texts, and of the channel's */
    gsize feed_text_size;
    PfFunding *funding; /* whose text is being read; in the item's or the channel's list, or NULL */
    PfValue *value;     /* whose recipients are being read, likewise */
    gboolean is_cut;    /* something was left out, beyond PF_FEED_MAX_LINKS */
} PfBuild;

/** Begins an item; @attributes are those of its tag. */
void pf_build_begin_item(PfBuild *build, const PfAttributes *attributes);

/** Ends an item. Returns: (transfer full): what was gathered of it. */
PfItem *pf_build_steal_item(PfBuild *build);

/** Frees what is in a build but for its feed. */
void pf_build_clear(PfBuild *build);

/**
 * Takes over what an element says in its attributes.
 *
 * @place: where it is; one that has nothing in its attributes is ignored
 * @base: what its addresses are relative to, or NULL
 */
void pf_build_add_attributes(PfBuild *build, PfPlace place, const PfAttributes *attributes, const char *base);

/**
 * Takes over what an element says in its text.
 *
 * @place: PF_PLACE_FIRST_TEXT or one after it; others are ignored
 *
 * Returns: FALSE when there is no room for it.
 */
gboolean pf_build_add_text(PfBuild *build, PfPlace place, const char *text, const char *base);

/** Whether a list of words separated by white space has a word, in any case: rel="…". */
gboolean pf_build_has_token(const char *list, const char *token);

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
