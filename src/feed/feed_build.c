/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_build.h"

#include "base/clock.h"
#include "feed/feed_address.h"
#include "feed/parse.h"
#include <string.h>

#define XML_SPACE " \t\r\n"

void
pf_build_begin_item(PfBuild *build, const PfAttributes *attributes)
{
    pf_item_free(pf_build_steal_item(build));
    build->item = pf_item_new();
    build->about = pf_attributes_dup(attributes, PF_ATTRIBUTES_RDF, "about");
}

PfItem *
pf_build_steal_item(PfBuild *build)
{
    PfItem *item = g_steal_pointer(&build->item);
    g_autofree char *about = g_steal_pointer(&build->about);

    if (item && !item->guid && about && *g_strstrip(about))
        item->guid = g_steal_pointer(&about);
    build->item_link_is_text = FALSE;
    build->item_text_size = 0;
    build->funding = NULL;
    build->value = NULL;
    return item;
}

void
pf_build_clear(PfBuild *build)
{
    pf_item_free(pf_build_steal_item(build));
}

gboolean
pf_build_has_token(const char *list, const char *token)
{
    g_auto(GStrv) words = g_strsplit_set(list, XML_SPACE, -1);

    for (gsize i = 0; words[i]; i++)
        if (g_ascii_strcasecmp(words[i], token) == 0)
            return TRUE;
    return FALSE;
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

/* Takes over @url. RSS 1.0's module has the names in a namespace of its own. */
static void
add_enclosure(PfBuild *build, const PfAttributes *attributes, char *url)
{
    GPtrArray *enclosures = build->item->enclosures;
    char *type = pf_attributes_dup_word(attributes, "type");
    g_autofree char *length = pf_attributes_dup_word(attributes, "length");

    if (!type)
        type = pf_attributes_dup(attributes, PF_ATTRIBUTES_ENC, "type");
    if (!length)
        length = pf_attributes_dup(attributes, PF_ATTRIBUTES_ENC, "length");
    if (url && has_room(build, enclosures)) {
        g_ptr_array_add(enclosures, pf_enclosure_new_take(url, type, number_of(length)));
    } else {
        g_free(url);
        g_free(type);
    }
}

static void
add_rss_enclosure(PfBuild *build, const PfAttributes *attributes, const char *base)
{
    g_autofree char *url = pf_attributes_dup(attributes, NULL, "url");
    g_autofree char *resource = pf_attributes_dup(attributes, PF_ATTRIBUTES_RDF, "resource");

    add_enclosure(build, attributes, pf_feed_address_resolve(url ? url : resource, base));
}

static void
add_atom_link(PfBuild *build, const PfAttributes *attributes, const char *base)
{
    GPtrArray *payments = build->item ? build->item->payment_links : build->feed->payment_links;
    g_autofree char *href = pf_attributes_dup(attributes, NULL, "href");
    g_autofree char *given = pf_attributes_dup(attributes, NULL, "rel");
    const char *rel = given ? given : "alternate"; /* what Atom takes a missing one for */

    if (pf_build_has_token(rel, "payment") && has_room(build, payments)) {
        char *url = pf_feed_address_resolve(href, base);
        if (url)
            g_ptr_array_add(payments, url);
    }
    if (pf_build_has_token(rel, "enclosure") && build->item)
        add_enclosure(build, attributes, pf_feed_address_resolve(href, base));
    if (pf_build_has_token(rel, "alternate"))
        set_link(build, pf_feed_address_resolve(href, base), FALSE);
}

/* --- ways to give money that are no links to flattr --- */

static void
begin_funding(PfBuild *build, const PfAttributes *attributes, const char *base)
{
    GPtrArray *list = build->item ? build->item->funding : build->feed->funding;
    g_autofree char *written = pf_attributes_dup(attributes, NULL, "url");
    char *url = pf_feed_address_resolve(written, base);

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
    recipient->fee = fee && g_ascii_strcasecmp(fee, "true") == 0;
    g_ptr_array_add(recipients, recipient);
}

void
pf_build_add_attributes(PfBuild *build, PfPlace place, const PfAttributes *attributes, const char *base)
{
    if (place == PF_PLACE_ATOM_LINK)
        add_atom_link(build, attributes, base);
    else if (place == PF_PLACE_ENCLOSURE && build->item)
        add_rss_enclosure(build, attributes, base);
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

/* Keeps a text for who looks for links in it; all of an item's together may be as large as a few may be. */
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

gboolean
pf_build_add_text(PfBuild *build, PfPlace place, const char *text, const char *base)
{
    if (place == PF_PLACE_TITLE)
        set_text(build->item ? &build->item->title : &build->feed->title, text);
    else if (place == PF_PLACE_LINK)
        set_link(build, pf_feed_address_resolve(text, base), TRUE);
    else if (place == PF_PLACE_HTML || place == PF_PLACE_CONTENT)
        return add_html(build, text, base);
    else if (place == PF_PLACE_FUNDING && build->funding)
        set_text(&build->funding->text, text);
    else if (place == PF_PLACE_GUID && build->item)
        set_text(&build->item->guid, text);
    else if (place >= PF_PLACE_PUBLISHED && place <= PF_PLACE_UPDATED && build->item)
        set_published(build, place, text);
    return TRUE;
}
