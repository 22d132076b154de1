/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_opml.h"

#include <string.h>

#include "feed/feed_address.h"
#include "feed/feed_parse.h"

static gboolean
is_web(const char *url)
{
    const char *scheme = g_uri_peek_scheme(url);

    return scheme && (g_str_equal(scheme, "http") || g_str_equal(scheme, "https"));
}

/* Returns: (transfer full): a file that a list in a file names, as a URL. */
static char *
resolve_file(const char *text, const char *document)
{
    const char *scheme = g_uri_peek_scheme(text);

    if (scheme && !g_str_equal(scheme, "file"))
        return NULL;
    g_autofree char *folder = g_path_get_dirname(document);
    g_autofree char *absolute_folder = g_canonicalize_filename(folder, NULL);
    g_autofree char *named = scheme ? g_filename_from_uri(text, NULL, NULL) : g_strdup(text);
    if (!named)
        return NULL;
    g_autofree char *path = g_canonicalize_filename(named, absolute_folder);
    return g_filename_to_uri(path, NULL, NULL);
}

char *
pf_opml_resolve(const char *text, const char *document)
{
    g_autofree char *base = pf_feed_address_base(document, NULL);
    g_autofree char *resolved = pf_feed_address_resolve(text, base);
    g_autofree char *address = resolved ? pf_feed_address_dup_web(resolved) : NULL;

    if (!address || is_web(address))
        return g_steal_pointer(&address);
    return base ? NULL : resolve_file(address, document);
}

static gboolean
is_named(const unsigned char **attribute, const char *name)
{
    return g_ascii_strcasecmp((const char *)attribute[0], name) == 0;
}

/* Whether an outline stands for another list, which its url names. */
static gboolean
is_include(const unsigned char **values, const unsigned char **end)
{
    static const char include[] = "include";

    for (const unsigned char **value = values; value < end; value += 5)
        if (is_named(value, "type") && value[4] - value[3] == (gssize)strlen(include) &&
            g_ascii_strncasecmp((const char *)value[3], include, strlen(include)) == 0)
            return TRUE;
    return FALSE;
}

static void
take_outline(PfFeed *feed, const unsigned char **values, int count)
{
    const unsigned char **end = values + (gsize)count * 5; /* name, prefix, namespace, begin and end of the value */
    gboolean includes = is_include(values, end);

    for (const unsigned char **value = values; value < end; value += 5) {
        const char *text = (const char *)value[3];
        gsize length = (gsize)(value[4] - value[3]);

        if (!(is_named(value, "xmlUrl") || (includes && is_named(value, "url"))) || length > PF_FEED_MAX_TEXT ||
            feed->feeds->len == PF_FEED_MAX_ITEMS)
            continue;
        g_autofree char *written = g_strndup(text, length);
        char *address = pf_opml_resolve(written, feed->address);
        if (address)
            g_ptr_array_add(feed->feeds, address);
    }
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
