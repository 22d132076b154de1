/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_address.h"

#include <curl/curl.h>
#include <string.h>

/* Puts a reference into a handle that holds its base. */
static CURLUcode
apply(CURLU *url, const char *reference)
{
    /* libcurl takes a reference that is only a fragment for a file name. */
    if (reference[0] == '#')
        return curl_url_set(url, CURLUPART_FRAGMENT, reference + 1, 0);

    CURLUcode code = curl_url_set(url, CURLUPART_URL, reference, 0);
    /* Blanks in file names: only then something is escaped, since escaping twice would name another file. */
    if (code != CURLUE_OK)
        code = curl_url_set(url, CURLUPART_URL, reference, CURLU_URLENCODE);
    return code;
}

static char *
resolve(const char *reference, const char *base)
{
    CURLU *url = curl_url();
    char *text = NULL;
    char *result = NULL;

    if (url && curl_url_set(url, CURLUPART_URL, base, 0) == CURLUE_OK && apply(url, reference) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_URL, &text, 0) == CURLUE_OK)
        result = g_strdup(text);
    curl_free(text);
    curl_url_cleanup(url);
    return result;
}

char *
pf_feed_address_base(const char *text, const char *outer)
{
    g_autofree char *address = pf_feed_address_resolve(text, outer);
    const char *scheme = address ? g_uri_peek_scheme(address) : NULL;

    if (!scheme || (!g_str_equal(scheme, "http") && !g_str_equal(scheme, "https")))
        return NULL;

    CURLU *url = curl_url();
    char *whole = NULL;
    char *base = NULL;
    /* The password of a feed's address would otherwise end up in every link of the feed. */
    if (url && curl_url_set(url, CURLUPART_URL, address, 0) == CURLUE_OK &&
        curl_url_set(url, CURLUPART_USER, NULL, 0) == CURLUE_OK &&
        curl_url_set(url, CURLUPART_PASSWORD, NULL, 0) == CURLUE_OK &&
        curl_url_set(url, CURLUPART_FRAGMENT, NULL, 0) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_URL, &whole, 0) == CURLUE_OK)
        base = g_strdup(whole);
    curl_free(whole);
    curl_url_cleanup(url);
    return base;
}

char *
pf_feed_address_resolve(const char *text, const char *base)
{
    g_autofree char *trimmed = g_strstrip(g_strdup(text ? text : ""));

    if (!*trimmed)
        return NULL;
    if (!base && g_str_has_prefix(trimmed, "//"))
        return g_strconcat("https:", trimmed, NULL);
    if (!base || g_uri_peek_scheme(trimmed))
        return g_steal_pointer(&trimmed);

    char *resolved = resolve(trimmed, base);
    return resolved ? resolved : g_steal_pointer(&trimmed);
}

char *
pf_feed_address_dup_web(const char *text)
{
    if (g_ascii_strncasecmp(text, "feed:", strlen("feed:")) != 0)
        return g_strdup(text);

    const char *rest = text + strlen("feed:");
    const char *scheme = g_uri_peek_scheme(rest);
    if (g_strcmp0(scheme, "http") == 0 || g_strcmp0(scheme, "https") == 0)
        return g_strdup(rest);
    return g_str_has_prefix(rest, "//") ? g_strconcat("http:", rest, NULL) : g_strdup(text);
}
