/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/episode.h"

#include <curl/curl.h>
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

static char *
get_part(CURLU *url, CURLUPart part, unsigned int flags)
{
    char *text = NULL;

    if (curl_url_get(url, part, &text, flags) != CURLUE_OK)
        return g_strdup("");
    char *copy = g_strdup(text);
    curl_free(text);
    return copy;
}

/* Without the scheme, and without what makes no difference. Returns: (transfer full). */
static char *
normalise(const char *feed)
{
    const char *address = g_ascii_strncasecmp(feed, "feed:", 5) == 0 ? feed + 5 : feed;
    g_autofree char *whole = g_str_has_prefix(address, "//") ? g_strconcat("http:", address, NULL) : g_strdup(address);

    if (g_ascii_strncasecmp(whole, "http://", 7) != 0 && g_ascii_strncasecmp(whole, "https://", 8) != 0)
        return g_strdup(feed);
    CURLU *url = curl_url();
    char *normalised = NULL;
    if (curl_url_set(url, CURLUPART_URL, whole, 0) == CURLUE_OK) {
        g_autofree char *host = get_part(url, CURLUPART_HOST, 0);
        g_autofree char *port = get_part(url, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
        g_autofree char *path = get_part(url, CURLUPART_PATH, 0);
        g_autofree char *query = get_part(url, CURLUPART_QUERY, 0);
        g_autofree char *small_host = g_ascii_strdown(host, -1);
        while (g_str_has_suffix(path, "/"))
            path[strlen(path) - 1] = '\0';
        normalised = g_strconcat(small_host, ":", port, path, "?", query, NULL);
    }
    curl_url_cleanup(url);
    return normalised ? normalised : g_strdup(feed);
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
