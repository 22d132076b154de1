/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/episode.h"

#include "base/url.h"
#include <string.h>

/* From so many bytes on, a GUID that is no bare number is taken for one that was made to be unique. */
#define GLOBAL_LENGTH 16

static gboolean
is_url(const char *text)
{
    gsize length = 0;

    if (!g_ascii_isalpha(*text))
        return FALSE;
    while (g_ascii_isalnum(text[length]) || (text[length] && strchr("+.-", text[length])))
        length++;
    return g_str_has_prefix(text + length, "://") && text[length + strlen("://")] != '\0';
}

gboolean
pf_episode_guid_is_global(const char *guid)
{
    if (!guid)
        return FALSE;
    if (is_url(guid))
        return TRUE;
    if (g_ascii_strncasecmp(guid, "tag:", 4) == 0 || g_ascii_strncasecmp(guid, "urn:", 4) == 0)
        return guid[4] != '\0';
    return strlen(guid) >= GLOBAL_LENGTH && guid[strspn(guid, "0123456789")] != '\0';
}

/* Returns what follows @prefix in @text, in any case; NULL when it does not begin with it. */
static const char *
skip_prefix(const char *text, const char *prefix)
{
    return g_ascii_strncasecmp(text, prefix, strlen(prefix)) == 0 ? text + strlen(prefix) : NULL;
}

char **
pf_episode_list_spellings(const char *page)
{
    const char *after_https = skip_prefix(page, "https://"), *after_http = skip_prefix(page, "http://");
    const char *host = after_https ? after_https : after_http;
    const char *bare = host ? skip_prefix(host, "www.") : NULL;
    char **spellings = g_new0(char *, PF_EPISODE_SPELLINGS + 1);
    guint count = 0;

    for (guint i = 0; host && i <= PF_EPISODE_SPELLINGS; i++) {
        gboolean https = (i & 1) != 0, www = (i & 2) != 0;
        if (https != (after_https != NULL) || www != (bare != NULL))
            spellings[count++] =
                g_strconcat(https ? "https://" : "http://", www ? "www." : "", bare ? bare : host, NULL);
    }
    return spellings;
}

/* Without what makes no difference. Returns: (transfer full). */
static char *
normalise(const char *feed)
{
    const char *address = g_ascii_strncasecmp(feed, "feed:", 5) == 0 ? feed + 5 : feed;
    g_autofree char *whole = g_str_has_prefix(address, "//") ? g_strconcat("http:", address, NULL) : g_strdup(address);

    return pf_url_identity(whole);
}

gboolean
pf_episode_same_feed(const char *one, const char *other)
{
    if (!one || !other)
        return FALSE;
    g_autofree char *left = normalise(one);
    g_autofree char *right = normalise(other);
    return g_str_equal(left, right);
}
