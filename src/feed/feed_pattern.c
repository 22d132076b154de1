/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_pattern.h"

const GRegex *
pf_feed_pattern_get(gsize *cache, const char *pattern, GRegexCompileFlags flags)
{
    if (g_once_init_enter(cache)) {
        const GRegex *regex = g_regex_new(pattern, flags | G_REGEX_RAW, 0, NULL);
        g_once_init_leave(cache, (gsize)regex);
        // cppcheck-suppress memleak ; it is kept
    }
    return (const GRegex *)*cache;
}
