/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_link_header.h"

#include "feed/feed_address.h"
#include "feed/feed_build.h"

#define TOKEN "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
#define QUOTED "\"(?:[^\"\\\\]|\\\\.)*+\""
#define PARAMETER "\\s*;\\s*(?:(" TOKEN ")(?:\\s*=\\s*(" QUOTED "|[^\\s;,\"]*))?)?"
#define LINK "\\G[\\s,]*<([^>]*)>((?:" PARAMETER ")*+)\\s*(?=,|$)"

/* Finds the first parameter of a name, which is the one that counts. Returns: (transfer full): unquoted, or NULL. */
static char *
find_parameter(const char *parameters, const char *wanted)
{
    g_autoptr(GRegex) regex = g_regex_new(PARAMETER, G_REGEX_RAW, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;

    for (g_regex_match(regex, parameters, 0, &match); g_match_info_matches(match); g_match_info_next(match, NULL)) {
        g_autofree char *name = g_match_info_fetch(match, 1);
        g_autofree char *value = g_match_info_fetch(match, 2);
        if (!name || g_ascii_strcasecmp(name, wanted) != 0)
            continue;
        if (value && *value == '"') {
            value[strlen(value) - 1] = '\0';
            return g_strcompress(value + 1);
        }
        return g_strdup(value ? value : "");
    }
    return NULL;
}

GPtrArray *
pf_link_header_find(const char *value, const char *rel, const char *base)
{
    GPtrArray *urls = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GRegex) regex = g_regex_new(LINK, G_REGEX_RAW, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;

    for (g_regex_match(regex, value, 0, &match); g_match_info_matches(match); g_match_info_next(match, NULL)) {
        g_autofree char *target = g_match_info_fetch(match, 1);
        g_autofree char *parameters = g_match_info_fetch(match, 2);
        g_autofree char *kinds = find_parameter(parameters, "rel");
        g_autofree char *anchor = find_parameter(parameters, "anchor");
        g_autofree char *context = anchor ? pf_feed_address_resolve(anchor, base) : NULL;
        if (!kinds || !pf_build_has_token(kinds, rel) || (context && g_strcmp0(context, base) != 0))
            continue;
        char *url = g_utf8_validate(target, -1, NULL) ? pf_feed_address_resolve(target, base) : NULL;
        if (url)
            g_ptr_array_add(urls, url);
    }
    return urls;
}
