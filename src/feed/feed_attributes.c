/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_attributes.h"

#include "feed/feed_parse.h"

#define XML_NAMESPACE "http://www.w3.org/XML/1998/namespace"

static const struct {
    const char *uri;
    const char *name;
    gsize offset;
} wanted[] = {
    {NULL, "href", G_STRUCT_OFFSET(PfAttributes, href)},
    {NULL, "url", G_STRUCT_OFFSET(PfAttributes, url)},
    {NULL, "rel", G_STRUCT_OFFSET(PfAttributes, rel)},
    {NULL, "type", G_STRUCT_OFFSET(PfAttributes, type)},
    {NULL, "length", G_STRUCT_OFFSET(PfAttributes, length)},
    {XML_NAMESPACE, "base", G_STRUCT_OFFSET(PfAttributes, base)},
};

void
pf_attributes_keep(PfAttributes *attributes, const unsigned char **values, int count)
{
    const unsigned char **end = values + (gsize)count * 5;

    for (const unsigned char **value = values; value < end; value += 5) {
        const char *name = (const char *)value[0];
        const char *uri = (const char *)value[2];
        const char *text = (const char *)value[3];

        if (value[1] && !uri) /* a prefix that was never declared */
            continue;
        for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++) {
            if (!g_str_equal(name, wanted[i].name) || g_strcmp0(uri, wanted[i].uri) != 0)
                continue;
            char **kept = G_STRUCT_MEMBER_P(attributes, wanted[i].offset);
            g_free(*kept);
            *kept = g_strndup(text, pf_text_cut(text, (gsize)(value[4] - value[3]), PF_FEED_MAX_TEXT));
        }
    }
}

void
pf_attributes_clear(PfAttributes *attributes)
{
    g_free(attributes->href);
    g_free(attributes->url);
    g_free(attributes->rel);
    g_free(attributes->type);
    g_free(attributes->length);
    g_free(attributes->base);
    *attributes = (PfAttributes){0};
}

gsize
pf_text_cut(const char *text, gsize length, gsize room)
{
    if (length <= room)
        return length;
    while (room > 0 && (text[room] & 0xC0) == 0x80)
        room--;
    return room;
}
