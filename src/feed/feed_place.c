/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_place.h"

#include <string.h>

#define RSS PF_NAMESPACE_RSS
#define ATOM PF_NAMESPACE_ATOM
#define DC PF_NAMESPACE_DC
#define RDF PF_NAMESPACE_RDF
#define CONTENT PF_NAMESPACE_CONTENT
#define ITUNES PF_NAMESPACE_ITUNES
#define PODCAST PF_NAMESPACE_PODCAST
#define ENC PF_NAMESPACE_ENC
#define XHTML PF_NAMESPACE_XHTML

#define IN(place) (1U << PF_PLACE_##place)
#define IN_ANY_FEED (IN(CHANNEL) | IN(FEED))
#define IN_ANY_ITEM (IN(ITEM) | IN(ENTRY))
#define IN_RSS (IN(CHANNEL) | IN(ITEM))
#define IN_ATOM (IN(FEED) | IN(ENTRY))
#define IN_ANY (IN_ANY_FEED | IN_ANY_ITEM)

/* The first row that fits counts: an Atom link in an RSS feed whose own namespace is Atom's is still an Atom link. */
static const struct {
    guint parents; /* any of these */
    guint namespaces;
    const char *name;
    PfPlace place;
} rows[] = {
    {IN(DOCUMENT), ATOM, "feed", PF_PLACE_FEED},
    {IN(DOCUMENT) | IN(FEED), ATOM, "entry", PF_PLACE_ENTRY}, /* one on its own is a feed of one item */
    {IN(DOCUMENT), RSS, "rss", PF_PLACE_RSS},
    {IN(DOCUMENT), RDF | RSS, "RDF", PF_PLACE_RDF},
    {IN(DOCUMENT) | IN(RSS) | IN(RDF), RSS, "channel", PF_PLACE_CHANNEL},
    {IN(DOCUMENT) | IN(RSS) | IN(RDF) | IN(CHANNEL), RSS, "item", PF_PLACE_ITEM},

    {IN_ANY, ATOM, "link", PF_PLACE_ATOM_LINK},
    {IN_RSS, RSS, "link", PF_PLACE_LINK},
    {IN_RSS, RSS, "title", PF_PLACE_TITLE},
    {IN_ATOM, ATOM, "title", PF_PLACE_TITLE},

    {IN(ITEM), RSS, "guid", PF_PLACE_GUID},
    {IN(ENTRY), ATOM, "id", PF_PLACE_GUID},
    {IN(ITEM), RSS | ENC, "enclosure", PF_PLACE_ENCLOSURE},

    {IN(ITEM), RSS, "pubDate", PF_PLACE_PUBLISHED},
    {IN_ANY_ITEM, ATOM, "published", PF_PLACE_PUBLISHED},
    {IN(ENTRY), ATOM, "issued", PF_PLACE_PUBLISHED},
    {IN(ENTRY), ATOM, "created", PF_PLACE_CREATED},
    {IN(ENTRY), ATOM, "modified", PF_PLACE_UPDATED},
    {IN_ANY_ITEM, ATOM, "updated", PF_PLACE_UPDATED},
    {IN_ANY_ITEM, DC, "date", PF_PLACE_UPDATED},

    {IN_RSS, RSS, "description", PF_PLACE_HTML},
    {IN_ANY, CONTENT, "encoded", PF_PLACE_HTML},
    {IN_ANY, ITUNES, "summary", PF_PLACE_HTML},
    {IN_RSS, XHTML, "body", PF_PLACE_CONTENT}, /* without a type: the markup is the feed's own */
    {IN_ANY_ITEM, ATOM, "content", PF_PLACE_CONTENT},
    {IN_ANY_ITEM, ATOM, "summary", PF_PLACE_CONTENT},
    {IN(FEED), ATOM, "subtitle", PF_PLACE_CONTENT},
    {IN(FEED), ATOM, "tagline", PF_PLACE_CONTENT},

    {IN_ANY, PODCAST, "funding", PF_PLACE_FUNDING},
    {IN_ANY, PODCAST, "value", PF_PLACE_VALUE},
    {IN(VALUE), PODCAST, "valueRecipient", PF_PLACE_RECIPIENT},
};

/* Compared without "http://" or "https://", capitals and a last "/" or "#". */
static const struct {
    const char *uri;
    PfNamespace namespace;
} namespaces_known[] = {
    {"www.w3.org/2005/Atom", ATOM},
    {"purl.org/atom/ns", ATOM},
    {"www.itunes.com/dtds/podcast-1.0.dtd", ITUNES},
    {"purl.org/rss/1.0/modules/content", CONTENT},
    {"podcastindex.org/namespace/1.0", PODCAST},
    {"github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md", PODCAST},
    {"purl.org/dc/elements/1.1", DC},
    {"purl.org/dc/elements/1.0", DC},
    {"purl.org/rss/1.0", RSS},
    {"my.netscape.com/rdf/simple/0.9", RSS},
    {"channel.netscape.com/rdf/simple/0.9", RSS},
    {"backend.userland.com/rss", RSS},
    {"backend.userland.com/rss2", RSS},
    {"blogs.law.harvard.edu/tech/rss", RSS},
    {"cyber.law.harvard.edu/rss", RSS},
    {"www.w3.org/1999/02/22-rdf-syntax-ns", RDF},
    {"purl.oclc.org/net/rss_2.0/enc", ENC},
    {"www.w3.org/1999/xhtml", XHTML},
};

static const struct {
    const char *prefix;
    PfNamespace namespace;
} prefixes_known[] = {
    {"atom", ATOM}, {"itunes", ITUNES}, {"content", CONTENT}, {"podcast", PODCAST},
    {"dc", DC},     {"rdf", RDF},       {"enc", ENC},         {"xhtml", XHTML},
};

/* @length: of the URI, without its last "/" or "#" */
static gboolean
is_same_uri(const char *uri, gsize length, const char *known)
{
    return strlen(known) == length && g_ascii_strncasecmp(uri, known, length) == 0;
}

/* What everybody takes a prefix for that was not declared. */
static guint
namespace_of_prefix(const char *prefix)
{
    for (gsize i = 0; i < G_N_ELEMENTS(prefixes_known); i++)
        if (g_str_equal(prefix, prefixes_known[i].prefix))
            return prefixes_known[i].namespace;
    return 0;
}

guint
pf_place_namespaces(const char *uri, const char *prefix, const char *own_uri, guint own)
{
    if (!uri)
        return prefix ? namespace_of_prefix(prefix) : own;

    guint namespaces = g_strcmp0(uri, own_uri) == 0 ? own : 0;
    if (g_str_has_prefix(uri, "http://"))
        uri += strlen("http://");
    else if (g_str_has_prefix(uri, "https://"))
        uri += strlen("https://");
    gsize length = strlen(uri);
    if (length > 0 && strchr("/#", uri[length - 1]))
        length--;
    for (gsize i = 0; i < G_N_ELEMENTS(namespaces_known); i++)
        if (is_same_uri(uri, length, namespaces_known[i].uri))
            namespaces |= namespaces_known[i].namespace;
    return namespaces;
}

PfPlace
pf_place_of(PfPlace parent, guint namespaces, const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        if (rows[i].parents >> parent & 1 && rows[i].namespaces & namespaces && g_str_equal(rows[i].name, name))
            return rows[i].place;
    return PF_PLACE_NOWHERE;
}
