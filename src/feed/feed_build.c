/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_build.h"

#include "base/clock.h"
#include "feed/feed_address.h"
#include "feed/feed_parse.h"

#define XML_SPACE " \t\r\n"

void
pf_build_begin_item(PfBuild *build)
{
    g_clear_pointer(&build->item, pf_item_free);
    build->item = pf_item_new();
    build->item_link_is_text = FALSE;
    build->published_is_weak = FALSE;
}

PfItem *
pf_build_steal_item(PfBuild *build)
{
    return g_steal_pointer(&build->item);
}

/* Whether a list of words has a word, in any case. */
static gboolean
has_token(const char *list, const char *token)
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

static void
add_enclosure(PfItem *item, const PfAttributes *attributes, const char *address, const char *base)
{
    char *url = pf_feed_address_resolve(address, base);
    g_autofree char *length = g_strstrip(g_strdup(attributes->length ? attributes->length : ""));
    char *type = g_strstrip(g_strdup(attributes->type ? attributes->type : ""));
    guint64 bytes;

    if (!*type)
        g_clear_pointer(&type, g_free);
    if (!g_ascii_string_to_unsigned(length, 10, 0, G_MAXINT64, &bytes, NULL))
        bytes = (guint64)-1;
    if (url && item->enclosures->len < PF_FEED_MAX_LINKS) {
        g_ptr_array_add(item->enclosures, pf_enclosure_new_take(url, type, (gint64)bytes));
    } else {
        g_free(url);
        g_free(type);
    }
}

static void
add_atom_link(PfBuild *build, const PfAttributes *attributes, const char *base)
{
    GPtrArray *payments = build->item ? build->item->payment_links : build->feed->payment_links;
    const char *rel = attributes->rel ? attributes->rel : "alternate"; /* what Atom takes a missing one for */

    if (has_token(rel, "payment") && payments->len < PF_FEED_MAX_LINKS) {
        char *url = pf_feed_address_resolve(attributes->href, base);
        if (url)
            g_ptr_array_add(payments, url);
    }
    if (has_token(rel, "enclosure") && build->item)
        add_enclosure(build->item, attributes, attributes->href, base);
    if (has_token(rel, "alternate"))
        set_link(build, pf_feed_address_resolve(attributes->href, base), FALSE);
}

void
pf_build_add_attributes(PfBuild *build, PfPlace place, const PfAttributes *attributes, const char *base)
{
    if (place == PF_PLACE_ATOM_LINK)
        add_atom_link(build, attributes, base);
    else if (place == PF_PLACE_ENCLOSURE && build->item)
        add_enclosure(build->item, attributes, attributes->url, base);
}

/* The first that says anything counts. */
static void
set_text(char **where, const char *text)
{
    g_autofree char *trimmed = g_strstrip(g_strdup(text));

    if (!*where && *trimmed)
        *where = g_steal_pointer(&trimmed);
}

static void
set_published(PfBuild *build, const char *text, gboolean weak)
{
    gint64 published;

    if (build->item->has_published && (weak || !build->published_is_weak))
        return;
    if (!pf_clock_parse(text, &published))
        return;
    build->item->has_published = TRUE;
    build->item->published = published;
    build->published_is_weak = weak;
}

void
pf_build_add_text(PfBuild *build, PfPlace place, const char *text, const char *base)
{
    if (place == PF_PLACE_TITLE)
        set_text(build->item ? &build->item->title : &build->feed->title, text);
    else if (place == PF_PLACE_LINK)
        set_link(build, pf_feed_address_resolve(text, base), TRUE);
    else if (place == PF_PLACE_GUID && build->item)
        set_text(&build->item->guid, text);
    else if ((place == PF_PLACE_PUBLISHED || place == PF_PLACE_UPDATED) && build->item)
        set_published(build, text, place == PF_PLACE_UPDATED);
}
