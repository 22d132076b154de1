/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_place.h"

#define RSS PF_NAMESPACE_RSS
#define ATOM PF_NAMESPACE_ATOM
#define DC PF_NAMESPACE_DC

/* The first row that fits counts: an Atom link in an RSS feed whose own namespace is Atom's is still an Atom link. */
static const struct {
    PfPlace parent;
    guint namespaces; /* any of these */
    const char *name;
    PfPlace place;
} rows[] = {
    {PF_PLACE_DOCUMENT, ATOM, "feed", PF_PLACE_FEED},
    {PF_PLACE_DOCUMENT, ATOM, "entry", PF_PLACE_ENTRY}, /* one on its own is a feed of one item */
    {PF_PLACE_DOCUMENT, RSS, "rss", PF_PLACE_RSS},

    {PF_PLACE_RSS, RSS, "channel", PF_PLACE_CHANNEL},
    {PF_PLACE_RSS, RSS, "item", PF_PLACE_ITEM},
    {PF_PLACE_RSS, ATOM, "link", PF_PLACE_ATOM_LINK}, /* meant for the channel by whoever put it there */

    {PF_PLACE_CHANNEL, RSS, "item", PF_PLACE_ITEM},
    {PF_PLACE_CHANNEL, RSS, "title", PF_PLACE_TITLE},
    {PF_PLACE_CHANNEL, ATOM, "link", PF_PLACE_ATOM_LINK},
    {PF_PLACE_CHANNEL, RSS, "link", PF_PLACE_LINK},

    {PF_PLACE_FEED, ATOM, "entry", PF_PLACE_ENTRY},
    {PF_PLACE_FEED, ATOM, "title", PF_PLACE_TITLE},
    {PF_PLACE_FEED, ATOM, "link", PF_PLACE_ATOM_LINK},

    {PF_PLACE_ITEM, RSS, "title", PF_PLACE_TITLE},
    {PF_PLACE_ITEM, ATOM, "link", PF_PLACE_ATOM_LINK},
    {PF_PLACE_ITEM, RSS, "link", PF_PLACE_LINK},
    {PF_PLACE_ITEM, RSS, "guid", PF_PLACE_GUID},
    {PF_PLACE_ITEM, RSS, "enclosure", PF_PLACE_ENCLOSURE},
    {PF_PLACE_ITEM, RSS, "pubDate", PF_PLACE_PUBLISHED},
    {PF_PLACE_ITEM, DC, "date", PF_PLACE_UPDATED},

    {PF_PLACE_ENTRY, ATOM, "title", PF_PLACE_TITLE},
    {PF_PLACE_ENTRY, ATOM, "link", PF_PLACE_ATOM_LINK},
    {PF_PLACE_ENTRY, ATOM, "id", PF_PLACE_GUID},
    {PF_PLACE_ENTRY, ATOM, "published", PF_PLACE_PUBLISHED},
    {PF_PLACE_ENTRY, ATOM, "updated", PF_PLACE_UPDATED},
};

static const struct {
    const char *uri;
    PfNamespace namespace;
} namespaces_known[] = {
    {"http://www.w3.org/2005/Atom", PF_NAMESPACE_ATOM},
    {"http://purl.org/dc/elements/1.1/", PF_NAMESPACE_DC},
};

guint
pf_place_namespaces(const char *uri, gboolean has_prefix, const char *root_uri)
{
    if (!uri)
        return has_prefix ? 0 : RSS;

    guint namespaces = g_strcmp0(uri, root_uri) == 0 ? RSS : 0;
    for (gsize i = 0; i < G_N_ELEMENTS(namespaces_known); i++)
        if (g_str_equal(uri, namespaces_known[i].uri))
            namespaces |= namespaces_known[i].namespace;
    return namespaces;
}

PfPlace
pf_place_of(PfPlace parent, guint namespaces, const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        if (rows[i].parent == parent && rows[i].namespaces & namespaces && g_str_equal(rows[i].name, name))
            return rows[i].place;
    return PF_PLACE_NOWHERE;
}
