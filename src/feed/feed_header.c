/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_header.h"

#include "feed/feed_address.h"
#include "feed/feed_build.h"
#include "feed/feed_pattern.h"

#define TOKEN "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
#define QUOTED "\"(?:[^\"\\\\]|\\\\.)*+\""
#define PARAMETER "\\s*;\\s*(?:(" TOKEN ")(?:\\s*=\\s*(" QUOTED "|[^\\s;,\"]*))?)?"
#define MEDIA_TYPE "^\\s*" TOKEN "/" TOKEN "((?:" PARAMETER ")*+)\\s*$"
/* A link, or a member of the list that is none, to the comma after it. Nothing is looked through twice. */
#define LINK "<([^<>]*+)>((?:" PARAMETER ")*+)\\s*(?=,|$)"
#define NO_LINK "(?:<[^<>]*+>|\"(?:[^\"\\\\]|\\\\.)*+\\\\?\"?|[^,<\"]++|<)++"
#define MEMBER "\\G[\\s,]*+(?:" LINK "|" NO_LINK ")"

/* Takes the quotes off a quoted string, and the backslash off each quoted pair. */
static char *
unquote(const char *quoted)
{
    static gsize cache;
    const GRegex *pair = pf_feed_pattern_get(&cache, "\\\\(.)", G_REGEX_DOTALL);

    return g_regex_replace(pair, quoted + 1, (gssize)strlen(quoted) - 2, 0, "\\1", 0, NULL);
}

/* Finds the first parameter of a name, which is the one that counts. Returns: (transfer full): unquoted, or NULL. */
static char *
find_parameter(const char *parameters, const char *wanted)
{
    static gsize cache;
    const GRegex *regex = pf_feed_pattern_get(&cache, PARAMETER, 0);
    g_autoptr(GMatchInfo) match = NULL;

    for (g_regex_match(regex, parameters, 0, &match); g_match_info_matches(match); g_match_info_next(match, NULL)) {
        g_autofree char *name = g_match_info_fetch(match, 1);
        g_autofree char *value = g_match_info_fetch(match, 2);
        if (!name || g_ascii_strcasecmp(name, wanted) != 0)
            continue;
        if (value && *value == '"')
            return unquote(value);
        return g_strdup(value ? value : "");
    }
    return NULL;
}

GPtrArray *
pf_feed_header_find_links(const char *value, const char *rel, const char *base)
{
    GPtrArray *urls = g_ptr_array_new_with_free_func(g_free);
    static gsize cache;
    const GRegex *regex = pf_feed_pattern_get(&cache, MEMBER, 0);
    g_autoptr(GMatchInfo) match = NULL;

    for (g_regex_match(regex, value, 0, &match); g_match_info_matches(match); g_match_info_next(match, NULL)) {
        g_autofree char *target = g_match_info_fetch(match, 1);
        g_autofree char *parameters = g_match_info_fetch(match, 2);
        g_autofree char *kinds = parameters ? find_parameter(parameters, "rel") : NULL;
        if (!kinds || !pf_build_has_token(kinds, rel))
            continue;
        g_autofree char *anchor = find_parameter(parameters, "anchor");
        g_autofree char *context = anchor ? pf_feed_address_resolve(anchor, base) : NULL;
        if (context && g_strcmp0(context, base) != 0)
            continue;
        char *url = g_utf8_validate(target, -1, NULL) ? pf_feed_address_resolve(target, base) : NULL;
        if (url)
            g_ptr_array_add(urls, url);
    }
    return urls;
}

char *
pf_feed_header_find_charset(const char *value)
{
    static gsize cache;
    const GRegex *regex = pf_feed_pattern_get(&cache, MEDIA_TYPE, 0);
    g_autoptr(GMatchInfo) match = NULL;

    if (!value || !g_regex_match(regex, value, 0, &match))
        return NULL;
    g_autofree char *parameters = g_match_info_fetch(match, 1);
    return find_parameter(parameters, "charset");
}
