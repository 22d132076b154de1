/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The formats as one table: which element, in which namespace, directly inside of which other, means what.
 *
 * An element that the table does not have is nowhere, and so is everything in it: a link in an entry's <source> or a
 * title in an author is not the entry's. A further format is further rows. Pure; any thread.
 */
#pragma once

#include <glib.h>

/** What an element is to us. */
typedef enum {
    PF_PLACE_NOWHERE,
    PF_PLACE_DOCUMENT, /* above the root */
    PF_PLACE_RSS,
    PF_PLACE_CHANNEL,
    PF_PLACE_FEED, /* Atom's */
    PF_PLACE_ITEM, /* RSS's */
    PF_PLACE_ENTRY,
    PF_PLACE_ENCLOSURE, /* all is in its attributes, as with the next */
    PF_PLACE_ATOM_LINK,
    PF_PLACE_TITLE, /* all from here on is in its text */
    PF_PLACE_LINK,
    PF_PLACE_GUID,
    PF_PLACE_PUBLISHED,
    PF_PLACE_UPDATED, /* a date that counts when there is no better one */
} PfPlace;

/** The first place whose text is wanted. */
#define PF_PLACE_FIRST_TEXT PF_PLACE_TITLE

/** Namespaces that the table tells apart; an element can be in two of them. */
typedef enum {
    PF_NAMESPACE_RSS = 1,  /* none at all, or that of the <rss> element */
    PF_NAMESPACE_ATOM = 2, /* Atom 1.0 */
    PF_NAMESPACE_DC = 4,   /* Dublin Core */
} PfNamespace;

/**
 * Tells an element's namespaces.
 *
 * @uri: the element's namespace, or NULL
 * @has_prefix: whether its name has a prefix; with one that was never declared it is in no namespace of ours
 * @root_uri: the namespace of the root, or NULL
 *
 * Returns: PfNamespace bits
 */
guint pf_place_namespaces(const char *uri, gboolean has_prefix, const char *root_uri);

/**
 * Looks an element up.
 *
 * @parent: the place it stands directly in
 * @namespaces: as pf_place_namespaces() says
 * @name: its name without prefix
 */
PfPlace pf_place_of(PfPlace parent, guint namespaces, const char *name);
