/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/items.h"

#include "base/clock.h"
#include "base/html.h"
#include "base/i18n.h"
#include "base/text.h"
#include "base/url.h"
#include "feed/item_identity.h"
#include "feed/opml.h"

#include <string.h>

#define PF_ATTRIBUTES_XML "http://www.w3.org/XML/1998/namespace"
#define PF_ATTRIBUTES_RDF "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
#define PF_ATTRIBUTES_ENC "http://purl.oclc.org/net/rss_2.0/enc#"

/*
 * The formats as one table: which element, in which namespace, directly inside of which other, means what.
 *
 * An element that the table does not have is nowhere, and so is everything in it: a link in an entry's <source> or a
 * title in an author is not the entry's, and podcast:liveItem is no item. A further format is further rows.
 */

/* Namespaces that the table tells apart; an element can be in two of them. */
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
    PF_NAMESPACE_MEDIA = 512, /* Media RSS */
} PfNamespace;

#define RSS PF_NAMESPACE_RSS
#define ATOM PF_NAMESPACE_ATOM
#define DC PF_NAMESPACE_DC
#define RDF PF_NAMESPACE_RDF
#define CONTENT PF_NAMESPACE_CONTENT
#define ITUNES PF_NAMESPACE_ITUNES
#define PODCAST PF_NAMESPACE_PODCAST
#define ENC PF_NAMESPACE_ENC
#define XHTML PF_NAMESPACE_XHTML
#define MEDIA PF_NAMESPACE_MEDIA

#define IN(place) (1ULL << PF_PLACE_##place)
#define IN_ANY_FEED (IN(CHANNEL) | IN(FEED))
#define IN_ANY_ITEM (IN(ITEM) | IN(ENTRY))
#define IN_RSS (IN(CHANNEL) | IN(ITEM))
#define IN_ATOM (IN(FEED) | IN(ENTRY))
#define IN_ANY (IN_ANY_FEED | IN_ANY_ITEM)

/* The first row that fits counts: an Atom link in an RSS feed whose own namespace is Atom's is still an Atom link. */
static const struct {
    guint64 parents; /* any of these */
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
    {IN_ANY_FEED, PODCAST, "guid", PF_PLACE_GUID},
    {IN(ITEM), RSS | ENC, "enclosure", PF_PLACE_ENCLOSURE},
    {IN_ANY_ITEM, MEDIA, "group", PF_PLACE_MEDIA_GROUP},
    {IN_ANY_ITEM | IN(MEDIA_GROUP), MEDIA, "content", PF_PLACE_MEDIA},
    {IN_ANY_ITEM, PODCAST, "alternateEnclosure", PF_PLACE_ALTERNATE},
    {IN(ALTERNATE), PODCAST, "source", PF_PLACE_SOURCE},
    {IN_ANY_ITEM, ITUNES, "duration", PF_PLACE_DURATION},

    {IN_ANY_FEED, ITUNES, "owner", PF_PLACE_PERSON},
    {IN(FEED), ATOM, "author", PF_PLACE_PERSON},
    {IN(PERSON), ITUNES | ATOM, "name", PF_PLACE_NAME},
    {IN_ANY_FEED, ITUNES, "author", PF_PLACE_AUTHOR},
    {IN_ANY_FEED, ITUNES, "image", PF_PLACE_IMAGE},
    {IN(CHANNEL), RSS, "image", PF_PLACE_PICTURE},
    {IN(PICTURE), RSS, "url", PF_PLACE_IMAGE_URL},
    {IN(FEED), ATOM, "logo", PF_PLACE_IMAGE_URL},
    {IN_ANY_FEED, ITUNES, "new-feed-url", PF_PLACE_NEW_ADDRESS},

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
    {"search.yahoo.com/mrss", MEDIA},
};

static const struct {
    const char *prefix;
    PfNamespace namespace;
} prefixes_known[] = {
    {"atom", ATOM}, {"itunes", ITUNES}, {"content", CONTENT}, {"podcast", PODCAST}, {"dc", DC},
    {"rdf", RDF},   {"enc", ENC},       {"xhtml", XHTML},     {"media", MEDIA},
};

/* @length: of the URI, without its last "/" or "#" */
static gboolean
is_same_uri(const char *uri, gsize length, const char *known)
{
    return strlen(known) == length && g_ascii_strncasecmp(uri, known, length) == 0;
}

/* What an undeclared prefix commonly means. */
static guint
namespace_of_prefix(const char *prefix)
{
    for (gsize i = 0; i < G_N_ELEMENTS(prefixes_known); i++)
        if (g_str_equal(prefix, prefixes_known[i].prefix))
            return prefixes_known[i].namespace;
    return 0;
}

/*
 * Tells an element's namespaces.
 *
 * @uri: the element's namespace, or NULL
 * @prefix: its prefix, or NULL; one that was never declared has its common meaning, or none
 * @own_uri: the namespace of the feed's root, or NULL
 * @own: what that namespace, and none at all, mean in this feed: PfNamespace bits
 *
 * Returns: PfNamespace bits
 */
static guint
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

/*
 * Looks an element up.
 *
 * @parent: the place it stands directly in
 * @namespaces: as pf_place_namespaces() says
 * @name: its name without prefix
 */
static PfPlace
pf_place_of(PfPlace parent, guint namespaces, const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        if (rows[i].parents >> parent & 1 && rows[i].namespaces & namespaces && g_str_equal(rows[i].name, name))
            return rows[i].place;
    return PF_PLACE_NOWHERE;
}

/* Finds an attribute's five pointers; one with a prefix that was never declared has no name that is known. */
static const char *const *
find(const PfAttributes *attributes, const char *uri, const char *name)
{
    for (int i = 0; i < attributes->count; i++) {
        const char *const *value = (const char *const *)attributes->values + (gsize)i * 5;

        if ((value[2] || !value[1]) && g_str_equal(value[0], name) && g_strcmp0(value[2], uri) == 0)
            return value;
    }
    return NULL;
}

/*
 * Copies an attribute's value.
 *
 * @uri: its namespace, or NULL for none
 * @name: its name without prefix
 *
 * Returns: (transfer full): as written, at most PF_FEED_MAX_TEXT bytes; NULL when the tag does not have it.
 */
static char *
pf_attributes_dup(const PfAttributes *attributes, const char *uri, const char *name)
{
    const char *const *value = find(attributes, uri, name);

    return value ? g_strndup(value[3], pf_utf8_cut(value[3], (gsize)(value[4] - value[3]), PF_FEED_MAX_TEXT)) : NULL;
}

/* Whether the tag has an attribute without namespace. */
static gboolean
pf_attributes_has(const PfAttributes *attributes, const char *name)
{
    return find(attributes, NULL, name) != NULL;
}

/* The same for one without namespace, trimmed; NULL also when it is empty. */
static char *
pf_attributes_dup_word(const PfAttributes *attributes, const char *name)
{
    g_autofree char *word = pf_attributes_dup(attributes, NULL, name);

    return word && *g_strstrip(word) ? g_steal_pointer(&word) : NULL;
}

struct PfFeedText {
    PfTextKind kind;
    GString *string;
    gboolean is_full;
};

PfFeedText *
pf_feed_text_new(void)
{
    PfFeedText *text = g_new0(PfFeedText, 1);

    text->string = g_string_new(NULL);
    return text;
}

void
pf_feed_text_free(PfFeedText *text)
{
    if (!text)
        return;
    g_string_free(text->string, TRUE);
    g_free(text);
}

/* Atom's two ways of saying what a text is: 1.0's type, and 0.3's type with mode. */
static PfTextKind
kind_of_content(const PfAttributes *attributes)
{
    g_autofree char *type = pf_attributes_dup_word(attributes, "type");
    g_autofree char *mode = pf_attributes_dup_word(attributes, "mode");
    g_autofree char *small = g_ascii_strdown(type ? type : "text", -1);
    gboolean is_html = strstr(small, "html") && !strstr(small, "xhtml");

    if (g_strcmp0(mode, "base64") == 0)
        return PF_TEXT_BASE64;
    if (g_strcmp0(mode, "escaped") == 0)
        return g_str_equal(small, "text/plain") ? PF_TEXT_ESCAPED : PF_TEXT_HTML;
    return is_html ? PF_TEXT_HTML : PF_TEXT_ESCAPED;
}

void
pf_feed_text_begin(PfFeedText *text, PfPlace place, const PfAttributes *attributes)
{
    text->kind = place == PF_PLACE_HTML      ? PF_TEXT_HTML
                 : place == PF_PLACE_CONTENT ? kind_of_content(attributes)
                                             : PF_TEXT_PLAIN;
    text->is_full = FALSE;
    g_string_truncate(text->string, 0);
}

/* Adds as much as there is room for; what is cut off is not gone on with. */
static void
add_raw(PfFeedText *text, const char *characters, gsize length)
{
    gsize room = PF_FEED_MAX_TEXT - text->string->len;

    if (text->is_full)
        return;
    g_string_append_len(text->string, characters, (gssize)pf_utf8_cut(characters, length, room));
    text->is_full = length > room;
}

/* Adds what must come whole. */
static void
add_whole(PfFeedText *text, const char *markup)
{
    if (strlen(markup) <= PF_FEED_MAX_TEXT - text->string->len)
        add_raw(text, markup, strlen(markup));
    else
        text->is_full = TRUE;
}

static void
add_escaped(PfFeedText *text, const char *characters, gsize length)
{
    while (length > 0 && !text->is_full) {
        gsize plain = 0;
        while (plain < length && !strchr("<>&\"", characters[plain]))
            plain++;
        add_raw(text, characters, plain);
        if (plain < length) {
            char special = characters[plain++];
            add_whole(text, special == '<' ? "&lt;" : special == '>' ? "&gt;" : special == '&' ? "&amp;" : "&quot;");
        }
        characters += plain;
        length -= plain;
    }
}

void
pf_feed_text_add(PfFeedText *text, const char *characters, gsize length, gboolean inner)
{
    if (text->kind == PF_TEXT_ESCAPED || (text->kind == PF_TEXT_HTML && inner))
        add_escaped(text, characters, length);
    else
        add_raw(text, characters, length);
}

/* Whether an attribute of HTML's holds an address that a link could be. */
static gboolean
is_address(const char *name)
{
    return g_str_equal(name, "href") || g_str_equal(name, "src") || g_str_equal(name, "action");
}

void
pf_feed_text_add_start(PfFeedText *text, const char *name, const PfAttributes *attributes, const char *base)
{
    if (text->kind != PF_TEXT_HTML && text->kind != PF_TEXT_ESCAPED)
        return;
    add_whole(text, "<");
    add_raw(text, name, strlen(name));
    for (int i = 0; i < attributes->count; i++) {
        const char *const *value = (const char *const *)attributes->values + (gsize)i * 5;
        g_autofree char *written = g_strndup(value[3], (gsize)(value[4] - value[3]));
        g_autofree char *address = base && is_address(value[0]) ? pf_url_make_absolute(written, base) : NULL;
        const char *shown = address ? address : written;

        if (value[1]) /* xml:lang and the like */
            continue;
        add_whole(text, " ");
        add_raw(text, value[0], strlen(value[0]));
        add_whole(text, "=\"");
        add_escaped(text, shown, strlen(shown));
        add_whole(text, "\"");
    }
    add_whole(text, ">");
}

void
pf_feed_text_add_end(PfFeedText *text, const char *name)
{
    if ((text->kind != PF_TEXT_HTML && text->kind != PF_TEXT_ESCAPED) || pf_html_is_void(name))
        return;
    add_whole(text, "</");
    add_raw(text, name, strlen(name));
    add_whole(text, ">");
}

/* A tag that was cut off could be taken for a link to somewhere else. */
static void
drop_half_tag(GString *html)
{
    const char *at = html->str;

    while (*at) {
        const char *end = pf_html_end_of_piece(at);

        if (!end)
            g_string_truncate(html, (gsize)(at - html->str));
        at = end ? end : html->str + html->len;
    }
}

const char *
pf_feed_text_finish(PfFeedText *text)
{
    gsize length;

    if (text->kind == PF_TEXT_BASE64 && text->string->len > 0) {
        g_autofree guchar *bytes = g_base64_decode(text->string->str, &length);
        g_autofree char *decoded = g_utf8_make_valid((const char *)bytes, (gssize)length);
        g_string_assign(text->string, decoded);
    }
    if (text->is_full && text->kind != PF_TEXT_PLAIN)
        drop_half_tag(text->string);
    return text->string->str;
}

gboolean
pf_feed_text_is_cut(const PfFeedText *text)
{
    return text->is_full;
}

/*
 * Puts what stands in a feed's elements into its PfFeed and PfItem: which of several titles, links or dates counts, and
 * what an address is relative to. Knows nothing of XML.
 */

/* A feed and the item that is being built; item is NULL outside of items. */
typedef struct {
    PfFeed *feed;
    PfItem *item;
    gboolean item_link_is_text; /* the item's link is RSS's own, which goes before an Atom link */
    gboolean feed_link_is_text;
    PfPlace published_by; /* the place of the date, of which an earlier one in PfPlace is better */
    char *about;          /* rdf:about, which stands in for a guid */
    gsize item_text_size; /* bytes of the item's texts, and of the channel's */
    gsize feed_text_size;
    gsize item_attributes; /* bytes of the attributes that were looked at in the item, and in the channel */
    gsize feed_attributes;
    PfFunding *funding;       /* whose text is being read; in the item's or the channel's list, or NULL */
    PfValue *value;           /* whose recipients are being read, likewise */
    char *alternate_type;     /* of the alternate enclosure whose sources are being read, or NULL … */
    gint64 alternate_length;  /* … or -1 */
    gboolean owner_is_author; /* the feed's owner is only who its author is */
    gboolean image_is_rss;    /* the feed's picture is RSS's small one */
    gboolean is_cut;          /* something was left out, beyond PF_FEED_MAX_LINKS */
} PfBuild;

/* Ends an item. Returns: (transfer full): what was gathered of it. */
static PfItem *
pf_build_steal_item(PfBuild *build)
{
    PfItem *item = g_steal_pointer(&build->item);
    g_autofree char *about = g_steal_pointer(&build->about);

    if (item && !item->guid && about && *g_strstrip(about))
        item->guid = g_steal_pointer(&about);
    g_clear_pointer(&build->alternate_type, g_free);
    build->item_link_is_text = FALSE;
    build->item_text_size = 0;
    build->item_attributes = 0;
    build->funding = NULL;
    build->value = NULL;
    return item;
}

/* Begins an item; @attributes are those of its tag. */
static void
pf_build_begin_item(PfBuild *build, const PfAttributes *attributes)
{
    pf_item_free(pf_build_steal_item(build));
    build->item = pf_item_new();
    build->about = pf_attributes_dup(attributes, PF_ATTRIBUTES_RDF, "about");
}

/* Frees what is in a build but for its feed. */
static void
pf_build_clear(PfBuild *build)
{
    pf_item_free(pf_build_steal_item(build));
}

static void
set_link(PfBuild *build, char *link, gboolean is_text)
{
    char **where = build->item ? &build->item->link : &build->feed->link;
    gboolean *text_already = build->item ? &build->item_link_is_text : &build->feed_link_is_text;

    if (link && (!*where || (is_text && !*text_already))) {
        g_free(*where);
        *where = g_steal_pointer(&link);
        *text_already = is_text;
    }
    g_free(link);
}

/* A number that is not negative, or -1. */
static gint64
number_of(const char *text)
{
    guint64 number;

    return text && g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &number, NULL) ? (gint64)number : -1;
}

/* Whether a list takes one more; that it does not is told. */
static gboolean
has_room(PfBuild *build, const GPtrArray *list)
{
    gboolean has_room = list->len < PF_FEED_MAX_LINKS;

    build->is_cut = build->is_cut || !has_room;
    return has_room;
}

/* Finds where an enclosure of this address stands in the list. */
static gboolean
find_enclosure(const GPtrArray *enclosures, const char *url, guint *at)
{
    for (*at = 0; *at < enclosures->len; ++*at)
        if (g_str_equal(((const PfEnclosure *)enclosures->pdata[*at])->url, url))
            return TRUE;
    return FALSE;
}

/* Adds one, or what it says to an alternate one of the same address; alternate ones stay last. */
static void
keep_enclosure(PfBuild *build, PfEnclosure *enclosure_taken)
{
    g_autoptr(PfEnclosure) enclosure = enclosure_taken;
    GPtrArray *enclosures = build->item->enclosures;
    guint at, alternates = enclosures->len;

    while (alternates > 0 && ((const PfEnclosure *)enclosures->pdata[alternates - 1])->is_alternate)
        alternates--;
    if (find_enclosure(enclosures, enclosure->url, &at) && (enclosure->is_alternate || at >= alternates)) {
        PfEnclosure *same = enclosures->pdata[at];

        if (!enclosure->is_alternate) {
            enclosures->pdata[at] = g_steal_pointer(&enclosure);
            enclosure = same;
            same = enclosures->pdata[at];
            g_ptr_array_insert(enclosures, (gint)alternates, g_ptr_array_steal_index(enclosures, at));
        }
        if (!same->type)
            same->type = g_steal_pointer(&enclosure->type);
        if (same->length < 0)
            same->length = enclosure->length;
    } else if (has_room(build, enclosures)) {
        gboolean is_last = enclosure->is_alternate;
        g_ptr_array_insert(enclosures, is_last ? -1 : (gint)alternates, g_steal_pointer(&enclosure));
    }
}

/* Takes over @url. RSS 1.0's module has the names in a namespace of its own. */
static void
add_enclosure(PfBuild *build, const PfAttributes *attributes, char *url)
{
    g_autofree char *type = pf_attributes_dup_word(attributes, "type");
    g_autofree char *length = pf_attributes_dup_word(attributes, "length");

    if (!type)
        type = pf_attributes_dup(attributes, PF_ATTRIBUTES_ENC, "type");
    if (!length)
        length = pf_attributes_dup(attributes, PF_ATTRIBUTES_ENC, "length");
    if (url)
        keep_enclosure(build, pf_enclosure_new_take(url, g_steal_pointer(&type), number_of(length)));
}

/* Takes over @url and @type, either of which may be NULL. */
static void
add_alternate(PfBuild *build, char *url, char *type, gint64 length)
{
    PfEnclosure *enclosure = pf_enclosure_new_take(url, type, length);

    enclosure->is_alternate = TRUE;
    if (url)
        keep_enclosure(build, enclosure);
    else
        pf_enclosure_free(enclosure);
}

/* Whether what Media RSS lists may be heard or seen moving: pictures are listed as well, at times without saying so. */
static gboolean
is_recording(const char *medium, const char *type, const char *url)
{
    static const char *const pictures[] = {".jpg", ".jpeg", ".png", ".gif", ".webp", ".svg", ".avif"};
    g_autofree char *path = pf_url_dup_part(url, PF_URL_PATH);

    if (medium)
        return g_ascii_strcasecmp(medium, "audio") == 0 || g_ascii_strcasecmp(medium, "video") == 0;
    if (type)
        return g_ascii_strncasecmp(type, "audio/", 6) == 0 || g_ascii_strncasecmp(type, "video/", 6) == 0 ||
               g_ascii_strcasecmp(type, "application/ogg") == 0;
    for (gsize i = 0; path && i < G_N_ELEMENTS(pictures); i++) {
        gsize length = strlen(path), ending = strlen(pictures[i]);
        if (length >= ending && g_ascii_strcasecmp(path + length - ending, pictures[i]) == 0)
            return FALSE;
    }
    return TRUE;
}

/* Seconds, as written: "1:02:03", "62:03", "3723"; a fraction is left out. Returns: -1 for none. */
static gint64
duration_of(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text ? text : "", ":", 4);
    guint count = g_strv_length(parts);
    gint64 seconds = 0;

    for (guint i = 0; i < count; i++) {
        char *fraction = i + 1 == count ? strpbrk(parts[i], ".,") : NULL;
        gint64 number;

        if (fraction)
            *fraction = '\0';
        number = number_of(g_strstrip(parts[i]));
        if (number < 0 || number > 10000000)
            return -1;
        seconds = seconds * 60 + number;
    }
    return count > 0 && count <= 3 ? seconds : -1;
}

static void
add_media(PfBuild *build, const PfAttributes *attributes, const char *base)
{
    g_autofree char *written = pf_attributes_dup_word(attributes, "url");
    g_autofree char *url = pf_url_make_absolute(written, base);
    g_autofree char *type = pf_attributes_dup_word(attributes, "type");
    g_autofree char *medium = pf_attributes_dup_word(attributes, "medium");
    g_autofree char *length = pf_attributes_dup_word(attributes, "fileSize");
    g_autofree char *duration = pf_attributes_dup_word(attributes, "duration");

    if (!url || !is_recording(medium, type, url))
        return;
    add_alternate(build, g_steal_pointer(&url), g_steal_pointer(&type), number_of(length));
    if (build->item->duration < 0)
        build->item->duration = duration_of(duration);
}

static void
begin_alternate(PfBuild *build, const PfAttributes *attributes)
{
    g_autofree char *length = pf_attributes_dup_word(attributes, "length");

    g_free(build->alternate_type);
    build->alternate_type = pf_attributes_dup_word(attributes, "type");
    build->alternate_length = number_of(length);
}

static void
add_source(PfBuild *build, const PfAttributes *attributes, const char *base)
{
    g_autofree char *written = pf_attributes_dup_word(attributes, "uri");
    char *type = pf_attributes_dup_word(attributes, "contentType");

    /* A source of another type, such as a torrent, is of another length too. */
    add_alternate(build, pf_url_make_absolute(written, base), type ? type : g_strdup(build->alternate_type),
                  type && g_strcmp0(type, build->alternate_type) != 0 ? -1 : build->alternate_length);
}

static void
add_rss_enclosure(PfBuild *build, const PfAttributes *attributes, const char *base)
{
    g_autofree char *url = pf_attributes_dup(attributes, NULL, "url");
    g_autofree char *resource = pf_attributes_dup(attributes, PF_ATTRIBUTES_RDF, "resource");

    add_enclosure(build, attributes, pf_url_make_absolute(url ? url : resource, base));
}

static void
add_atom_link(PfBuild *build, const PfAttributes *attributes, const char *base)
{
    GPtrArray *payments = build->item ? build->item->payment_links : build->feed->payment_links;
    g_autofree char *href = pf_attributes_dup(attributes, NULL, "href");
    g_autofree char *given = pf_attributes_dup(attributes, NULL, "rel");
    const char *rel = given ? given : "alternate"; /* what Atom takes a missing one for */

    if (pf_html_has_word(rel, "payment") && has_room(build, payments)) {
        char *url = pf_url_make_absolute(href, base);
        if (url)
            g_ptr_array_add(payments, url);
    }
    if (pf_html_has_word(rel, "enclosure") && build->item)
        add_enclosure(build, attributes, pf_url_make_absolute(href, base));
    /* RFC 5005: the rest of a paged feed, or the older part of an archived one. */
    if ((pf_html_has_word(rel, "next") || pf_html_has_word(rel, "prev-archive")) && !build->item &&
        !build->feed->next_page)
        build->feed->next_page = pf_url_make_absolute(href, base);
    if (pf_html_has_word(rel, "alternate"))
        set_link(build, pf_url_make_absolute(href, base), FALSE);
}

/* --- ways to give money that are no links to flattr --- */

static void
begin_funding(PfBuild *build, const PfAttributes *attributes, const char *base)
{
    GPtrArray *list = build->item ? build->item->funding : build->feed->funding;
    g_autofree char *written = pf_attributes_dup(attributes, NULL, "url");
    char *url = pf_url_make_absolute(written, base);

    build->funding = NULL;
    if (!url || !has_room(build, list)) {
        g_free(url);
        return;
    }
    build->funding = pf_funding_new_take(url);
    g_ptr_array_add(list, build->funding);
}

static void
begin_value(PfBuild *build, const PfAttributes *attributes)
{
    GPtrArray *list = build->item ? build->item->values : build->feed->values;

    build->value = NULL;
    if (!has_room(build, list))
        return;
    build->value = pf_value_new();
    build->value->type = pf_attributes_dup_word(attributes, "type");
    build->value->method = pf_attributes_dup_word(attributes, "method");
    build->value->suggested = pf_attributes_dup_word(attributes, "suggested");
    g_ptr_array_add(list, build->value);
}

static void
add_recipient(PfBuild *build, const PfAttributes *attributes)
{
    GPtrArray *recipients = build->value->recipients;
    g_autofree char *split = pf_attributes_dup_word(attributes, "split");
    g_autofree char *fee = pf_attributes_dup_word(attributes, "fee");
    PfRecipient *recipient;

    if (!has_room(build, recipients))
        return;
    recipient = g_new0(PfRecipient, 1);
    recipient->name = pf_attributes_dup_word(attributes, "name");
    recipient->type = pf_attributes_dup_word(attributes, "type");
    recipient->address = pf_attributes_dup_word(attributes, "address");
    recipient->split = number_of(split);
    recipient->custom_key = pf_attributes_dup_word(attributes, "customKey");
    recipient->custom_value = pf_attributes_dup_word(attributes, "customValue");
    recipient->fee =
        fee && (g_ascii_strcasecmp(fee, "true") == 0 || g_ascii_strcasecmp(fee, "yes") == 0 || g_str_equal(fee, "1"));
    g_ptr_array_add(recipients, recipient);
}

/* Takes over @url. Of several pictures, iTunes' is the large one. */
static void
set_image(PfBuild *build, char *url, gboolean is_rss)
{
    char **image = &build->feed->image;

    if (build->item || !url || (*image && (is_rss || !build->image_is_rss))) {
        g_free(url);
        return;
    }
    g_free(*image);
    *image = url;
    build->image_is_rss = is_rss;
}

static void
add_image(PfBuild *build, const PfAttributes *attributes, const char *base)
{
    g_autofree char *written = pf_attributes_dup_word(attributes, "href");

    set_image(build, pf_url_make_absolute(written, base), FALSE);
}

/* Whether attributes may be kept with those that were. All of an item's together may be as large as its texts. */
static gboolean
fit(PfBuild *build, const PfAttributes *attributes)
{
    gsize *kept = build->item ? &build->item_attributes : &build->feed_attributes;
    gsize size = 0;

    for (int i = 0; i < attributes->count; i++)
        size += (gsize)(attributes->values[(gsize)i * 5 + 4] - attributes->values[(gsize)i * 5 + 3]);
    if (size > PF_FEED_MAX_TEXTS - *kept)
        return FALSE;
    *kept += size;
    return TRUE;
}

/*
 * Takes over what an element says in its attributes.
 *
 * @place: where it is; one that has nothing in its attributes is ignored
 * @base: what its addresses are relative to, or NULL
 */
static void
pf_build_add_attributes(PfBuild *build, PfPlace place, const PfAttributes *attributes, const char *base)
{
    if (place >= PF_PLACE_FIRST_TEXT && place != PF_PLACE_FUNDING)
        return;
    if (!fit(build, attributes)) {
        build->is_cut = TRUE;
        build->funding = NULL;
        build->value = NULL;
    } else if (place == PF_PLACE_ATOM_LINK)
        add_atom_link(build, attributes, base);
    else if (place == PF_PLACE_ENCLOSURE && build->item)
        add_rss_enclosure(build, attributes, base);
    else if (place == PF_PLACE_MEDIA && build->item)
        add_media(build, attributes, base);
    else if (place == PF_PLACE_ALTERNATE)
        begin_alternate(build, attributes);
    else if (place == PF_PLACE_SOURCE && build->item)
        add_source(build, attributes, base);
    else if (place == PF_PLACE_IMAGE)
        add_image(build, attributes, base);
    else if (place == PF_PLACE_FUNDING)
        begin_funding(build, attributes, base);
    else if (place == PF_PLACE_VALUE)
        begin_value(build, attributes);
    else if (place == PF_PLACE_RECIPIENT && build->value)
        add_recipient(build, attributes);
}

/* --- texts --- */

/* Passes over the blanks around a text. Returns how many bytes are left; 0 for nothing. */
static gsize
trim(const char **text)
{
    while (g_ascii_isspace(**text))
        ++*text;
    gsize length = strlen(*text);
    while (length > 0 && g_ascii_isspace((*text)[length - 1]))
        length--;
    return length;
}

/* The first that says anything counts. */
static void
set_text(char **where, const char *text)
{
    gsize length = trim(&text);

    if (!*where && length > 0)
        *where = g_strndup(text, length);
}

/* An owner's name goes before an author's. */
static void
set_owner(PfBuild *build, const char *text, gboolean is_author)
{
    char **owner = &build->feed->owner;

    if (!is_author && build->owner_is_author)
        g_clear_pointer(owner, g_free);
    if (!*owner) {
        set_text(owner, text);
        build->owner_is_author = *owner && is_author;
    }
}

static void
set_published(PfBuild *build, PfPlace place, const char *text)
{
    gint64 published;

    if (build->item->has_published && place >= build->published_by)
        return;
    if (!pf_clock_parse(text, &published))
        return;
    build->item->has_published = TRUE;
    build->item->published = published;
    build->published_by = place;
}

/* Keeps a text, to be searched for links; all of an item's together may be as large as a few may be. */
static gboolean
add_html(PfBuild *build, const char *text, const char *base)
{
    GPtrArray *texts = build->item ? build->item->texts : build->feed->texts;
    gsize *size = build->item ? &build->item_text_size : &build->feed_text_size;
    gsize length = trim(&text);

    if (length == 0)
        return TRUE;
    if (*size + length > PF_FEED_MAX_TEXTS || texts->len >= PF_FEED_MAX_LINKS)
        return FALSE;
    *size += length;
    g_ptr_array_add(texts, pf_item_text_new_take(g_strndup(text, length), g_strdup(base)));
    return TRUE;
}

/*
 * Takes over what an element says in its text.
 *
 * @place: PF_PLACE_FIRST_TEXT or one after it; others are ignored
 *
 * Returns: FALSE when there is no room for it.
 */
static gboolean
pf_build_add_text(PfBuild *build, PfPlace place, const char *text, const char *base)
{
    if (place == PF_PLACE_TITLE)
        set_text(build->item ? &build->item->title : &build->feed->title, text);
    else if (place == PF_PLACE_LINK)
        set_link(build, pf_url_make_absolute(text, base), TRUE);
    else if (place == PF_PLACE_HTML || place == PF_PLACE_CONTENT)
        return add_html(build, text, base);
    else if (place == PF_PLACE_FUNDING && build->funding)
        set_text(&build->funding->text, text);
    else if (place == PF_PLACE_GUID)
        set_text(build->item ? &build->item->guid : &build->feed->guid, text);
    else if (place == PF_PLACE_DURATION && build->item && build->item->duration < 0)
        build->item->duration = duration_of(text);
    else if (place == PF_PLACE_NAME || place == PF_PLACE_AUTHOR)
        set_owner(build, text, place == PF_PLACE_AUTHOR);
    else if (place == PF_PLACE_IMAGE_URL)
        set_image(build, pf_url_make_absolute(text, base), TRUE);
    else if (place == PF_PLACE_NEW_ADDRESS && !build->feed->new_address)
        build->feed->new_address = pf_url_make_absolute(text, base);
    else if (place >= PF_PLACE_PUBLISHED && place <= PF_PLACE_UPDATED && build->item)
        set_published(build, place, text);
    return TRUE;
}

#define ITEMS_XHTML "http://www.w3.org/1999/xhtml"

/* How far down, and how many elements on, a feed is looked for in a document that begins with something else. */
#define MAX_WRAPPERS 8
#define MAX_OTHERS 100

/* An open element. */
typedef struct {
    PfPlace place;
    char *name;
    const char *base;    /* own_base or the nearest ancestor's; NULL: there is nothing to resolve against */
    char *own_base;      /* or NULL */
    gboolean is_foreign; /* within a text, and no HTML */
} Element;

struct PfFeedElements {
    PfBuild build;
    PfItemFunc item_func;
    gpointer item_data;
    guint items;

    GArray *open;  /* of Element; the first is the document, above the root */
    char *own_uri; /* the root's namespace, and what it means */
    guint own;
    guint others;     /* elements seen that are no feed */
    char *first_root; /* what the document begins with, for telling that it is no feed */
    guint first_line;
    gboolean has_feed;
    guint line; /* of the tag that is being handled */

    guint text_depth; /* open->len when the element whose text is being kept was open; 0: no text is kept */
    PfFeedText *text;

    GHashTable *guids; /* set of KnownGuid: what the document has given them to */

    PfFeedFault fault; /* a text that was too large */
    gboolean done;
    GError *error; /* ended the parse */
};

static void
clear_element(gpointer element)
{
    g_free(((Element *)element)->own_base);
    g_free(((Element *)element)->name);
}

static void G_GNUC_PRINTF(3, 4) fail(PfFeedElements *elements, PfFeedError code, const char *format, ...)
{
    va_list arguments;

    if (elements->error)
        return;
    va_start(arguments, format);
    elements->error = g_error_new_valist(PF_FEED_ERROR, code, format, arguments);
    va_end(arguments);
}

#define MAX_GUID_SHOWN 80 /* bytes */

/* Of an item's page, enclosure and title so many bits each, 0 for what it has not. */
#define PART_BITS 21
#define PART_MASK (((guint64)1 << PART_BITS) - 1)

/* The item that has a GUID, in little room. */
typedef struct {
    guint64 key; /* first, for g_int64_hash() */
    guint64 fingerprint;
} KnownGuid;

static guint64
take_fingerprint(const PfItem *item)
{
    const PfEnclosure *first = item->enclosures->len > 0 ? item->enclosures->pdata[0] : NULL;
    const char *const parts[] = {item->link, first ? first->url : NULL, item->title};
    guint64 fingerprint = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        /* What g_str_hash() makes of titles that differ in a number is much alike; this spreads it. */
        guint64 hash = parts[i] ? g_str_hash(parts[i]) * G_GUINT64_CONSTANT(0x9E3779B97F4A7C15) : 0;
        fingerprint = fingerprint << PART_BITS | (parts[i] ? 1 + (hash >> 32) % PART_MASK : 0);
    }
    return fingerprint;
}

/* Whether two items have something to be told apart by, and nothing in common. */
static gboolean
are_told_apart(guint64 one, guint64 other)
{
    gboolean differ = FALSE;

    for (; one && other; one >>= PART_BITS, other >>= PART_BITS) {
        guint64 left = one & PART_MASK, right = other & PART_MASK;
        if (left && left == right)
            return FALSE;
        differ = differ || (left && right);
    }
    return differ;
}

/* A GUID that a document gives to another item, too, is no identity: that item has none then. */
static void
check_guid(PfFeedElements *elements, PfItem *item)
{
    if (!item->guid)
        return;
    const KnownGuid here = {(guint64)pf_feed_key_of_item(item), take_fingerprint(item)};
    const KnownGuid *known = g_hash_table_lookup(elements->guids, &here);
    if (!known) {
        g_hash_table_add(elements->guids, g_memdup2(&here, sizeof here));
        return;
    }
    if (!are_told_apart(known->fingerprint, here.fingerprint))
        return;
    pf_feed_fault_keep(&elements->fault, elements->line,
                       _("the GUID '%.*s' was used by an earlier episode; it is ignored here, and this episode is "
                         "identified by its enclosure, or else by its link and title"),
                       (int)pf_utf8_cut(item->guid, strlen(item->guid), MAX_GUID_SHOWN), item->guid);
    g_clear_pointer(&item->guid, g_free);
}

static void
deliver_item(PfFeedElements *elements, PfItem *item_taken)
{
    g_autoptr(PfItem) item = item_taken;
    GError *error = NULL;

    if (elements->items == PF_FEED_MAX_ITEMS) {
        fail(elements, PF_FEED_ERROR_LIMIT, _("line %u: more than %d items"), elements->line, PF_FEED_MAX_ITEMS);
        return;
    }
    elements->items++;
    check_guid(elements, item);
    if (elements->item_func(elements->build.feed, g_steal_pointer(&item), elements->item_data, &error))
        return;
    elements->error = error;
    elements->done = !error;
}

static const Element *
innermost(const PfFeedElements *elements)
{
    return &g_array_index(elements->open, Element, elements->open->len - 1);
}

static gboolean
is_item(PfPlace place)
{
    return place == PF_PLACE_ITEM || place == PF_PLACE_ENTRY;
}

/* --- end tags --- */

static void
keep_text(PfFeedElements *elements, const Element *element)
{
    const char *text = pf_feed_text_finish(elements->text);

    if (!pf_build_add_text(&elements->build, element->place, text, element->base))
        pf_feed_fault_keep(&elements->fault, elements->line, _("too much text in one episode; a part was left out"));
    else if (pf_feed_text_is_cut(elements->text))
        pf_feed_fault_keep(&elements->fault, elements->line, _("a text larger than 1 MiB; a part was left out"));
}

/* Closes the innermost element; one that its own end tag closes is complete, and its text or item counts. */
static void
leave_element(PfFeedElements *elements, gboolean complete)
{
    const Element *element = innermost(elements);
    PfPlace place = element->place;

    if (elements->text_depth == elements->open->len) {
        elements->text_depth = 0;
        if (complete)
            keep_text(elements, element);
    } else if (elements->text_depth && !element->is_foreign) {
        pf_feed_text_add_end(elements->text, element->name);
    }
    g_array_set_size(elements->open, elements->open->len - 1);
    if (!is_item(place))
        return;
    if (complete)
        deliver_item(elements, pf_build_steal_item(&elements->build));
    else
        pf_item_free(pf_build_steal_item(&elements->build));
}

/* An end tag that does not fit closes what it names, with all that was left open in there; one that names nothing open
 * is passed over. */
void
pf_feed_elements_end(PfFeedElements *elements, const char *name, guint line)
{
    guint at = elements->open->len - 1;

    elements->line = line;
    while (at > 0 && !g_str_equal(g_array_index(elements->open, Element, at).name, name))
        at--;
    while (at > 0 && elements->open->len > at && !pf_feed_elements_is_over(elements))
        leave_element(elements, elements->open->len == at + 1);
}

/* --- start tags --- */

/* Looks for the base of an element, which is its own, or the one around it. */
static void
find_base(Element *element, const PfAttributes *attributes, const char *outer)
{
    g_autofree char *written = pf_attributes_dup(attributes, PF_ATTRIBUTES_XML, "base");

    element->own_base = written ? pf_url_dup_base(written, outer) : NULL;
    element->base = element->own_base ? element->own_base : outer;
}

/* A document's first element says what its namespace, and none, mean: a <feed> is Atom's whatever it calls itself. */
static void
settle_own(PfFeedElements *elements, const PfTag *tag)
{
    gboolean is_atom = g_str_equal(tag->name, "feed") || g_str_equal(tag->name, "entry");

    g_free(elements->own_uri);
    elements->own_uri = g_strdup(tag->uri);
    elements->own = PF_NAMESPACE_RSS;
    if (is_atom && !(pf_place_namespaces(tag->uri, tag->prefix, NULL, 0) & PF_NAMESPACE_ATOM))
        elements->own |= PF_NAMESPACE_ATOM;
}

/* An element around the feed, or beside it. Returns whether to look into it. */
static gboolean
pass_other(PfFeedElements *elements, const char *name)
{
    if (!elements->first_root) {
        elements->first_root = g_strndup(name, pf_utf8_cut(name, strlen(name), 40));
        elements->first_line = elements->line;
    }
    if (!elements->has_feed && ++elements->others > MAX_OTHERS)
        fail(elements, PF_FEED_ERROR_NOT_A_FEED, _("not a feed: line %u begins an <%s> document"), elements->first_line,
             elements->first_root);
    return elements->open->len <= MAX_WRAPPERS;
}

/* Tells an element's place from where it stands. */
static PfPlace
place_of(PfFeedElements *elements, const PfTag *tag)
{
    PfPlace parent = innermost(elements)->place;

    if (parent == PF_PLACE_DOCUMENT && !elements->has_feed)
        settle_own(elements, tag);
    guint namespaces = pf_place_namespaces(tag->uri, tag->prefix, elements->own_uri, elements->own);
    PfPlace place = pf_place_of(parent, namespaces, tag->name);
    /* An RSS link in a feed whose own namespace is Atom's. */
    PfPlace other = place == PF_PLACE_ATOM_LINK && !pf_attributes_has(&tag->attributes, "href")
                        ? pf_place_of(parent, namespaces & ~(guint)PF_NAMESPACE_ATOM, tag->name)
                        : PF_PLACE_NOWHERE;
    if (other != PF_PLACE_NOWHERE)
        place = other;
    if (parent == PF_PLACE_DOCUMENT && place == PF_PLACE_NOWHERE && pass_other(elements, tag->name))
        place = PF_PLACE_DOCUMENT;
    return place;
}

/* An element of a list of feeds has no place in a feed. */
static gboolean
take_list(PfFeedElements *elements, const PfTag *tag)
{
    gboolean is_full = elements->build.feed->feeds->len == PF_FEED_MAX_ITEMS;

    if (!pf_opml_take_element(elements->build.feed, elements->open->len == 1, tag->name, tag->attributes.values,
                              tag->attributes.count))
        return FALSE;
    elements->has_feed = TRUE;
    if (is_full)
        pf_feed_fault_keep(&elements->fault, tag->line, _("more than %d feeds in a list; the rest was left out"),
                           PF_FEED_MAX_ITEMS);
    return TRUE;
}

/* Tells of attributes that are not kept whole. */
static void
note_cut(PfFeedElements *elements, const PfTag *tag)
{
    for (int i = 0; i < tag->attributes.count; i++) {
        const unsigned char **value = tag->attributes.values + (gsize)i * 5;

        if (value[4] - value[3] > (gssize)PF_FEED_MAX_TEXT)
            pf_feed_fault_keep(&elements->fault, tag->line, _("an attribute larger than 1 MiB; a part was left out"));
    }
}

/* Whether an element is an item where the innermost one, an item itself, stands. */
static gboolean
is_next_item(PfFeedElements *elements, const PfTag *tag)
{
    PfPlace outer = g_array_index(elements->open, Element, elements->open->len - 2).place;
    guint namespaces = pf_place_namespaces(tag->uri, tag->prefix, elements->own_uri, elements->own);

    return g_str_equal(innermost(elements)->name, tag->name) && is_item(pf_place_of(outer, namespaces, tag->name));
}

/* Closes what lacks its end tag: a link or an enclosure has nothing in it, and an item no item. */
static void
end_unclosed(PfFeedElements *elements, const PfTag *tag)
{
    PfPlace place = innermost(elements)->place;

    if (place >= PF_PLACE_RECIPIENT && place <= PF_PLACE_ATOM_LINK)
        leave_element(elements, TRUE);
    if (is_item(innermost(elements)->place) && is_next_item(elements, tag))
        leave_element(elements, TRUE);
}

/* Opens an element that means something. */
static void
enter_place(PfFeedElements *elements, const Element *element, const PfAttributes *attributes)
{
    elements->has_feed = elements->has_feed || element->place != PF_PLACE_DOCUMENT;
    if (is_item(element->place))
        pf_build_begin_item(&elements->build, attributes);
    if (element->place >= PF_PLACE_FIRST_TEXT) {
        elements->text_depth = elements->open->len + 1;
        pf_feed_text_begin(elements->text, element->place, attributes);
    }
    pf_build_add_attributes(&elements->build, element->place, attributes, element->base);
    if (elements->build.is_cut)
        pf_feed_fault_keep(&elements->fault, elements->line, _("more than %d of one kind; the rest was left out"),
                           PF_FEED_MAX_LINKS);
}

/* Opens an element within a text. What has a namespace of another language is passed over, but not what is in it: an
 * Atom link there would look like HTML's. */
static void
enter_text(PfFeedElements *elements, Element *element, const PfTag *tag)
{
    const char *outer = g_array_index(elements->open, Element, elements->text_depth - 1).base;
    gboolean same = g_strcmp0(element->base, outer) == 0;

    element->is_foreign = tag->prefix && g_strcmp0(tag->uri, ITEMS_XHTML) != 0;
    if (!element->is_foreign)
        pf_feed_text_add_start(elements->text, element->name, &tag->attributes, same ? NULL : element->base);
}

void
pf_feed_elements_start(PfFeedElements *elements, const PfTag *tag)
{
    Element element = {0};

    elements->line = tag->line;
    if (elements->open->len > PF_FEED_MAX_DEPTH)
        fail(elements, PF_FEED_ERROR_LIMIT, _("line %u: elements nested more than %d deep"), tag->line,
             PF_FEED_MAX_DEPTH);
    else
        end_unclosed(elements, tag);
    if (pf_feed_elements_is_over(elements))
        return;
    note_cut(elements, tag);
    element.name = g_strdup(tag->name);
    element.place = take_list(elements, tag) ? PF_PLACE_NOWHERE : place_of(elements, tag);
    if (element.place != PF_PLACE_NOWHERE || elements->text_depth)
        find_base(&element, &tag->attributes, innermost(elements)->base);
    if (element.place != PF_PLACE_NOWHERE)
        enter_place(elements, &element, &tag->attributes);
    else if (elements->text_depth)
        enter_text(elements, &element, tag);
    g_array_append_val(elements->open, element);
}

void
pf_feed_elements_add_text(PfFeedElements *elements, const char *text, gsize length)
{
    if (elements->text_depth)
        pf_feed_text_add(elements->text, text, length, elements->open->len > elements->text_depth);
}

/* --- the whole --- */

PfFeedElements *
pf_feed_elements_new(PfFeed *feed, PfItemFunc item, gpointer data)
{
    PfFeedElements *elements = g_new0(PfFeedElements, 1);
    Element document = {
        .place = PF_PLACE_DOCUMENT, .name = g_strdup(""), .own_base = pf_url_dup_base(feed->address, NULL)};

    document.base = document.own_base;
    elements->build.feed = feed;
    elements->item_func = item;
    elements->item_data = data;
    elements->own = PF_NAMESPACE_RSS;
    elements->text = pf_feed_text_new();
    elements->guids = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    elements->open = g_array_new(FALSE, FALSE, sizeof(Element));
    g_array_set_clear_func(elements->open, clear_element);
    g_array_append_val(elements->open, document);
    return elements;
}

void
pf_feed_elements_free(PfFeedElements *elements)
{
    if (!elements)
        return;
    g_array_unref(elements->open);
    g_hash_table_unref(elements->guids);
    pf_feed_text_free(elements->text);
    pf_build_clear(&elements->build);
    g_clear_error(&elements->error);
    pf_feed_fault_clear(&elements->fault);
    g_free(elements->own_uri);
    g_free(elements->first_root);
    g_free(elements);
}

void
pf_feed_elements_begin(PfFeedElements *elements)
{
    elements->has_feed = TRUE;
}

void
pf_feed_elements_add_item(PfFeedElements *elements, PfItem *item, guint line)
{
    elements->has_feed = TRUE;
    elements->line = line;
    deliver_item(elements, item);
}

void
pf_feed_elements_finish(PfFeedElements *elements)
{
    elements->build.feed->breaks_off = pf_feed_elements_get_open(elements) != NULL;
    if (!elements->has_feed && elements->first_root)
        fail(elements, PF_FEED_ERROR_NOT_A_FEED, _("not a feed: line %u begins an <%s> document"), elements->first_line,
             elements->first_root);
}

const char *
pf_feed_elements_get_open(const PfFeedElements *elements)
{
    return elements->open->len > 1 && !pf_feed_elements_is_over(elements) ? innermost(elements)->name : NULL;
}

gboolean
pf_feed_elements_is_over(const PfFeedElements *elements)
{
    return elements->error || elements->done;
}

gboolean
pf_feed_elements_is_done(const PfFeedElements *elements)
{
    return elements->done;
}

gboolean
pf_feed_elements_has_feed(const PfFeedElements *elements)
{
    return elements->has_feed;
}

const GError *
pf_feed_elements_get_error(const PfFeedElements *elements)
{
    return elements->error;
}

const PfFeedFault *
pf_feed_elements_get_fault(const PfFeedElements *elements)
{
    return &elements->fault;
}
