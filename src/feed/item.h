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

#define PF_FEED_ERROR (pf_feed_error_quark())
GQuark pf_feed_error_quark(void);

typedef enum {
    PF_FEED_ERROR_NOT_A_FEED, /* the message names the line and what stands there instead */
    PF_FEED_ERROR_LIMIT,      /* larger than PF_FEED_MAX_...; the message says which limit, where and how large it is */
    PF_FEED_ERROR_UNREADABLE, /* a file that cannot be read (feed_fetch) */
    PF_FEED_ERROR_UNREACHABLE, /* a server that cannot be reached, or does not give the feed (feed_fetch) */
} PfFeedError;

/** Limits; a feed beyond them is hostile or no feed. */
#define PF_FEED_MAX_DEPTH 256                    /* elements within each other */
#define PF_FEED_MAX_TEXT ((gsize)1024 * 1024)    /* bytes kept of one text or attribute; the rest is cut off */
#define PF_FEED_MAX_TEXTS (8 * PF_FEED_MAX_TEXT) /* bytes kept of all an item's texts together */
#define PF_FEED_MAX_ITEMS 100000                 /* items in a feed */
#define PF_FEED_MAX_LINKS 1000                   /* payment links, and enclosures, kept of an item or a channel */

/** A media file of an item: RSS's <enclosure>, Atom's <link rel="enclosure">; media:content and the sources of
 * podcast:alternateEnclosure, which are the same episode in another form or place. */
typedef struct {
    char *url;
    char *type;            /* media type, or NULL */
    gint64 length;         /* bytes, or -1 where the feed does not say or says nonsense */
    gboolean is_alternate; /* of the latter two kinds */
} PfEnclosure;

/** A text of HTML: RSS's <description> and <content:encoded>, Atom's <summary> and <content>. */
typedef struct {
    char *html; /* as a browser would get it: XML's escapes or CDATA taken off, once */
    char *base; /* what relative links in it are resolved against, see pf_url_dup_base(); NULL for none */
} PfItemText;

/** Where listeners can give money: podcast:funding. */
typedef struct {
    char *url;
    char *text; /* what the podcaster calls it, or NULL */
} PfFunding;

/** One who shares in what a listener streams or boosts: podcast:valueRecipient. Strings as in the feed, or NULL. */
typedef struct {
    char *name;
    char *type;    /* of the address: "node", "lnaddress" … */
    char *address; /* as @type reads it; no URL */
    gint64 split;  /* shares, or -1 where the feed does not say or says nonsense */
    char *custom_key;
    char *custom_value;
    gboolean fee; /* is taken off before the others share */
} PfRecipient;

/** A way of paying those who made it: podcast:value. Strings as in the feed, or NULL. */
typedef struct {
    char *type;            /* "lightning" … */
    char *method;          /* "keysend" … */
    char *suggested;       /* an amount in the type's money, as written */
    GPtrArray *recipients; /* of PfRecipient *, in document order */
} PfValue;

/** What a document is. */
typedef enum { PF_FEED_KIND_FEED, PF_FEED_KIND_OPML, PF_FEED_KIND_PAGE } PfFeedKind;

/** A feed's own data, as far as it has been read. */
typedef struct {
    PfFeedKind kind;  /* what the document is: a feed; a list of feeds; a web page */
    GPtrArray *feeds; /* of char *: OPML's xmlUrl of all outlines, and lists that it includes; a page's rel="alternate"
                         feeds on the web; absolute; else empty */
    GPtrArray *left_out;      /* of char *: what a list of feeds names and cannot be asked, as written */
    char *address;            /* where the feed came from: its final URL or a file name; "-" for standard input */
    gboolean breaks_off;      /* it ended within an element */
    gboolean is_damaged;      /* something in it cannot be read as its author meant it; not for libxml2's word alone */
    char *title;              /* of the channel */
    char *link;               /* the channel's web page */
    GPtrArray *payment_links; /* of char *: href of the channel's rel="payment" links, in document order */
    GPtrArray *texts;         /* of PfItemText *: the channel's, in document order */
    GPtrArray *funding;       /* of PfFunding *: the channel's, in document order */
    GPtrArray *values;        /* of PfValue *: the channel's, for items that have none */
    char *guid;               /* podcast:guid, which a feed that moves keeps */
    char *owner;              /* who makes it: a name, of itunes:owner, else of itunes:author or Atom's author */
    char *image;              /* a picture's URL */
    char *new_address;        /* itunes:new-feed-url: where the feed has moved to for good */
    char *next_page;          /* of a feed in pages or with archives (RFC 5005): where the older items are */
} PfFeed;

/** One episode. */
typedef struct {
    char *guid;
    char *title;
    char *link;
    gboolean has_published;
    gint64 published;         /* seconds since the epoch, if has_published */
    gint64 duration;          /* seconds, or -1 where the feed does not say */
    GPtrArray *enclosures;    /* of PfEnclosure *, in document order, the alternate ones last; no address twice on
                                 account of those */
    GPtrArray *payment_links; /* of char *: href of the item's own rel="payment" links, in document order */
    GPtrArray *texts;         /* of PfItemText *, in document order */
    GPtrArray *funding;       /* of PfFunding *: the item's own, which stand in place of the channel's */
    GPtrArray *values;        /* of PfValue *: likewise */
} PfItem;

/** Makes an enclosure that takes over url and type. */
PfEnclosure *pf_enclosure_new_take(char *url, char *type, gint64 length);
void pf_enclosure_free(PfEnclosure *enclosure);

/** Makes a text that takes over html and base. */
PfItemText *pf_item_text_new_take(char *html, char *base);
void pf_item_text_free(PfItemText *text);

PfFunding *pf_funding_new_take(char *url);
void pf_funding_free(PfFunding *funding);

/** Makes one with an empty list. */
PfValue *pf_value_new(void);
void pf_value_free(PfValue *value);
void pf_recipient_free(PfRecipient *recipient);

/** Makes a feed with its address copied and all else absent. */
PfFeed *pf_feed_new(const char *address);
void pf_feed_free(PfFeed *feed);

/** Makes an item with everything absent. */
PfItem *pf_item_new(void);
void pf_item_free(PfItem *item);

/** About how many bytes an item takes: its strings, texts and links, which can be large. */
gsize pf_item_get_size(const PfItem *item);

/** Forgets an item's texts, which may be large, for callers that keep the item after its links were found in them. */
void pf_item_drop_texts(PfItem *item);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfEnclosure, pf_enclosure_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfItemText, pf_item_text_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfFunding, pf_funding_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfValue, pf_value_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfFeed, pf_feed_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfItem, pf_item_free)

/**
 * Is called for each complete item, in document order, from within pf_feed_parser_push() or _finish().
 *
 * @feed: what is known of the channel by now; owned by the parser, valid as long as it
 * @item: (transfer full): the item
 *
 * Returns: whether to go on; FALSE with @error set ends the parse, and push or finish returns that error; FALSE without
 * an error ends it quietly (enough was read).
 */
typedef gboolean (*PfItemFunc)(const PfFeed *feed, PfItem *item, gpointer data, GError **error);

/*
 * What was wrong with a feed that is read all the same: each station on a feed's way to the parser keeps the first
 * fault that it meets, and the one furthest up in the feed is told. Belongs to one thread at a time.
 */

typedef struct {
    guint line; /* of the feed, from 1 */
    char *text; /* without the line; NULL: nothing was wrong */
} PfFeedFault;

/** Keeps a fault, unless there is one already. */
void pf_feed_fault_keep(PfFeedFault *fault, guint line, const char *format, ...) G_GNUC_PRINTF(3, 4);
void pf_feed_fault_clear(PfFeedFault *fault);

/*
 * Feeds and items that are known, as the store keeps them (store.h) and a match weighs them.
 */

typedef enum {
    PF_FEED_ORIGIN_SUBSCRIPTION, /* the user's configuration names it */
    PF_FEED_ORIGIN_HOOK,         /* a hook named it */
    PF_FEED_ORIGIN_FILE,         /* a feed file in a watched folder; url is its file:// URL; never fetched */
    PF_FEED_ORIGIN_LIST,         /* a list of feeds on the web names it, or a page … */
    PF_FEED_ORIGIN_NEAR_LIST, /* … which the user has named and which is in a private network: so may be the feed */
} PfFeedOrigin;

/** A known feed. Strings are NULL where nothing is known; times are seconds since the epoch, 0 for never. */
typedef struct {
    gint64 id;
    char *url;     /* as the user or the hook named it; unique; rules know it by this. May hold a password: see
                      pf_url_printable() */
    char *address; /* where it is fetched: url, or where a permanent redirect has led */
    PfFeedOrigin origin;
    char *title;
    char *payments; /* the channel's payment links in the caller's own encoding */
    char *etag;
    char *last_modified;
    gboolean wants_page; /* what it is due for is next_page */
    gint64 fetched;      /* when it last answered, changed or not */
    gint64 tried;        /* when it was last asked */
    gint64 next;         /* when it is due; G_MAXINT64 for never (a file) */
    gint64 not_before;   /* the server asked not to be asked before then (Retry-After) */
    gint64 failures;     /* in a row */
    char *fault;         /* what the last failure was */
    gint64 gone;         /* since when the server says that it is gone for good (410), 0 for a feed that is there */
    char *next_page; /* of a feed in pages, the next one that is to be read when an episode is missing; NULL for none */
    gint64 pages;    /* how many of them were read since … */
    gint64 paged;    /* … the first of them was; 0 for never */
    char *show;      /* podcast:guid; only read, see pf_feed_store_put_show() */
} PfKnownFeed;

/** An item with its feed. */
typedef struct {
    gint64 id;         /* the store's; 0 for one that is not from it */
    gint64 seen;       /* when the feed last listed it; likewise */
    PfKnownFeed *feed; /* owned by the item */
    PfItem *item;      /* without payment links and texts */
    char *payments;    /* the item's payment links in the caller's own encoding */
} PfKnownItem;

void pf_known_feed_free(PfKnownFeed *feed);
void pf_known_item_free(PfKnownItem *item);

/** Makes a feed with nothing known of it, and an item with an empty PfItem and no feed. */
PfKnownFeed *pf_known_feed_new(void);
PfKnownItem *pf_known_item_new(void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfKnownFeed, pf_known_feed_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfKnownItem, pf_known_item_free)

/*
 * Arrays of items as sets: of PfKnownItem *, lent, each at most once. They are small. Pure; any thread.
 */

/** Returns: (transfer container): what is in both, in the order of @one. */
GPtrArray *pf_item_set_intersect(const GPtrArray *one, const GPtrArray *other);

/** Returns: (transfer container): what is in either. */
GPtrArray *pf_item_set_join(const GPtrArray *one, const GPtrArray *other);

/** Makes @items be what @kept is. */
void pf_item_set_keep_only(GPtrArray *items, const GPtrArray *kept);
