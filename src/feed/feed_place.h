/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The formats as one table: which element, in which namespace, directly inside of which other, means what.
 *
 * An element that the table does not have is nowhere, and so is everything in it: a link in an entry's <source> or a
 * title in an author is not the entry's, and podcast:liveItem is no item. A further format is further rows. Pure; any
 * thread.
 */
#pragma once

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
