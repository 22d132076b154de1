/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/opml.h"

#include "base/i18n.h"
#include <string.h>

#include "base/url.h"

/* Returns: (transfer full): a file that a list in a file names, as a URL. */
static char *
resolve_file(const char *text, const char *document)
{
    gboolean is_url = pf_url_scheme_length(text) > 0;

    if (is_url && !pf_url_has_scheme(text, "file"))
        return NULL;
    g_autofree char *folder = g_path_get_dirname(document);
    g_autofree char *absolute_folder = g_canonicalize_filename(folder, NULL);
    g_autofree char *named = is_url ? g_filename_from_uri(text, NULL, NULL) : g_strdup(text);
    if (!named)
        return NULL;
    g_autofree char *path = g_canonicalize_filename(named, absolute_folder);
    return g_filename_to_uri(path, NULL, NULL);
}

char *
pf_opml_resolve(const char *text, const char *document)
{
    g_autofree char *base = pf_url_dup_base(document, NULL);
    g_autofree char *typed = pf_url_dup_typed(text);
    g_autofree char *resolved = pf_url_make_absolute(typed, base);
    g_autofree char *address = resolved ? pf_url_dup_web(resolved) : NULL;

    if (!address || pf_url_is_web(address))
        return g_steal_pointer(&address);
    return base ? NULL : resolve_file(address, document);
}

static gboolean
is_named(const unsigned char **attribute, const char *name)
{
    return g_ascii_strcasecmp((const char *)attribute[0], name) == 0;
}

/* Whether an outline's url is a list's or a feed's, as its type says. */
static gboolean
is_url_taken(const unsigned char **values, const unsigned char **end)
{
    static const char *const types[] = {"include", "rss", "atom"};

    for (const unsigned char **value = values; value < end; value += 5)
        for (gsize i = 0; is_named(value, "type") && i < G_N_ELEMENTS(types); i++)
            if (value[4] - value[3] == (gssize)strlen(types[i]) &&
                g_ascii_strncasecmp((const char *)value[3], types[i], strlen(types[i])) == 0)
                return TRUE;
    return FALSE;
}

static const unsigned char **
find_attribute(const unsigned char **values, const unsigned char **end, const char *name)
{
    for (const unsigned char **value = values; value < end; value += 5)
        if (is_named(value, name) && value[4] - value[3] <= (gssize)PF_FEED_MAX_TEXT)
            return value;
    return NULL;
}

static void
take_outline(PfFeed *feed, const unsigned char **values, int count)
{
    const unsigned char **end = values + (gsize)count * 5; /* name, prefix, namespace, begin and end of the value */
    const unsigned char **value = find_attribute(values, end, "xmlUrl");

    if (!value && is_url_taken(values, end))
        value = find_attribute(values, end, "url");
    if (!value || feed->feeds->len == PF_FEED_MAX_ITEMS)
        return;
    g_autofree char *written = g_strndup((const char *)value[3], (gsize)(value[4] - value[3]));
    char *address = pf_opml_resolve(written, feed->address);
    if (address)
        g_ptr_array_add(feed->feeds, address);
    else if (*g_strstrip(written) && feed->left_out->len < PF_FEED_MAX_LINKS)
        g_ptr_array_add(feed->left_out, g_steal_pointer(&written));
}

char *
pf_opml_dup_left_out(const PfFeed *list)
{
    guint more = list->left_out->len > 0 ? list->left_out->len - 1 : 0;

    if (list->left_out->len == 0)
        return NULL;
    g_autofree char *first = pf_url_printable(list->left_out->pdata[0]);
    g_autofree char *rest = more > 0 ? g_strdup_printf(_(" and %u more"), more) : g_strdup("");
    return g_strdup_printf(_("left out %s%s: neither http, https nor a feed's file that this list may name"), first,
                           rest);
}

gboolean
pf_opml_take_element(PfFeed *feed, gboolean is_root, const char *name, const unsigned char **values, int count)
{
    if (is_root && g_ascii_strcasecmp(name, "opml") == 0)
        feed->kind = PF_FEED_KIND_OPML;
    if (feed->kind != PF_FEED_KIND_OPML)
        return FALSE;
    if (g_ascii_strcasecmp(name, "outline") == 0)
        take_outline(feed, values, count);
    return TRUE;
}
