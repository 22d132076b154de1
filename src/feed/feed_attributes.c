/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_attributes.h"

#include "feed/parse.h"

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

char *
pf_attributes_dup(const PfAttributes *attributes, const char *uri, const char *name)
{
    const char *const *value = find(attributes, uri, name);

    return value ? g_strndup(value[3], pf_text_cut(value[3], (gsize)(value[4] - value[3]), PF_FEED_MAX_TEXT)) : NULL;
}

gboolean
pf_attributes_has(const PfAttributes *attributes, const char *name)
{
    return find(attributes, NULL, name) != NULL;
}

char *
pf_attributes_dup_word(const PfAttributes *attributes, const char *name)
{
    g_autofree char *word = pf_attributes_dup(attributes, NULL, name);

    return word && *g_strstrip(word) ? g_steal_pointer(&word) : NULL;
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
