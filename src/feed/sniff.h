/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds where in a document the feed begins, and whether it is a feed at all or a web page.
 *
 * What stands before the root goes no further: the XML declaration, which has done its duty; a DTD, so that nothing
 * that one declares can do harm; blank lines, a template's header, a server's "<b>Warning</b>". Its line ends stay, so
 * that lines keep their numbers. A page passes whole, and so does JSON.
 *
 * A stream of valid UTF-8; at most PF_FEED_FRONT_HELD bytes and a piece are held back. One thread at a time.
 */
#pragma once

#include "feed/item.h"
#include <glib.h>

/*
 * What HTTP's headers say of a document: Link (RFC 8288) and Content-Type (RFC 9110). Pure; any thread.
 */

/**
 * Finds a Link header's links of one kind.
 *
 * @value: of the header; may have several links
 * @rel: the kind, in any case
 * @base: what they are relative to, as pf_url_dup_base() made it, or NULL
 *
 * Returns: (transfer full): of char *: URLs, absolute where that is possible; without links that are another
 * document's.
 */
GPtrArray *pf_feed_header_find_links(const char *value, const char *rel, const char *base);

/**
 * Finds the charset that a Content-Type header names.
 *
 * @value: of the header, "text/xml; charset=utf-8"; NULL for none
 *
 * Returns: (transfer full): the first parameter of that name, unquoted; NULL where there is none, or where the header
 * is no media type from its beginning to its end.
 */
char *pf_feed_header_find_charset(const char *value);

#define PF_FEED_FRONT_HELD 65536 /* bytes in which the root is looked for */

typedef enum {
    PF_FRONT_SEEKING, /* nothing is known yet */
    PF_FRONT_XML,     /* a feed, or another kind of XML */
    PF_FRONT_PAGE,    /* HTML */
    PF_FRONT_JSON,    /* an object of JSON */
    PF_FRONT_NOTHING, /* the document ends without an element */
} PfFrontKind;

typedef struct PfFeedFront PfFeedFront;

PfFeedFront *pf_feed_front_new(void);
void pf_feed_front_free(PfFeedFront *front);

/**
 * Takes the next bytes.
 *
 * @final: whether the document ends with these
 *
 * Returns: what is to be read of all until now, NULL for nothing; valid until the next call, and @text may be it.
 */
const GString *pf_feed_front_push(PfFeedFront *front, const GString *text, gboolean final);

PfFrontKind pf_feed_front_get_kind(const PfFeedFront *front);

/** The line that a page's first tag is on. */
guint pf_feed_front_get_line(const PfFeedFront *front);

/** What stood before the feed that does not belong there; owned by @front. */
const PfFeedFault *pf_feed_front_get_fault(const PfFeedFront *front);

/**
 * Says what a document without any element begins with, "line 1 begins with …".
 *
 * Returns: (transfer full)
 */
char *pf_feed_front_describe(const PfFeedFront *front);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfFeedFront, pf_feed_front_free)
