/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/watch_name.h"

#include <string.h>

static const char *const temporary_extensions[] = {"partial", "part", "tmp", "crdownload", "download", NULL};
static const char *const feed_extensions[] = {"xml", "rss", "atom", "opml", NULL};

/* What follows the last dot; NULL when nothing does, or when nothing comes before it. */
static const char *
extension_of(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot && dot != name && dot[1] ? dot + 1 : NULL;
}

static gboolean
is_among(const char *extension, const char *const *extensions)
{
    for (; extension && *extensions; extensions++) {
        if (g_ascii_strcasecmp(extension, *extensions) == 0)
            return TRUE;
    }
    return FALSE;
}

gboolean
pf_watch_name_is_temporary(const char *name)
{
    return !*name || *name == '.' || g_str_has_suffix(name, "~") || is_among(extension_of(name), temporary_extensions);
}

/* A name that was taken from a URL with its query, as wget does: ep.mp3?src=rss. */
static gboolean
is_media_before_query(const char *name, const char *const *extensions)
{
    const char *query = strrchr(name, '?');
    g_autofree char *rest = query ? g_strndup(name, (gsize)(query - name)) : NULL;

    return rest && is_among(extension_of(rest), extensions);
}

PfWatchName
pf_watch_name_sort(const char *name, const char *const *extensions)
{
    const char *extension = extension_of(name);

    if (pf_watch_name_is_temporary(name))
        return PF_WATCH_NAME_OTHER;
    if (is_among(extension, feed_extensions))
        return PF_WATCH_NAME_FEED;
    if (is_among(extension, extensions) || is_media_before_query(name, extensions))
        return PF_WATCH_NAME_MEDIA;
    return PF_WATCH_NAME_OTHER;
}
