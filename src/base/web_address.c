/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/web_address.h"

#include <curl/curl.h>
#include <string.h>

static gboolean
is_web(const char *address)
{
    return g_ascii_strncasecmp(address, "http://", 7) == 0 || g_ascii_strncasecmp(address, "https://", 8) == 0;
}

/* Returns: (transfer full): a handle; NULL when @address is no URL of the web. */
static CURLU *
parse(const char *address)
{
    if (!is_web(address))
        return NULL;
    CURLU *url = curl_url();
    if (curl_url_set(url, CURLUPART_URL, address, 0) == CURLUE_OK)
        return url;
    curl_url_cleanup(url);
    return NULL;
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

/* Takes @text. What cannot be decoded (a bare "%", an escaped NUL) stays as it is. */
static char *
decode(char *text)
{
    char *decoded = strchr(text, '%') ? g_uri_unescape_string(text, NULL) : NULL;

    if (!decoded)
        return text;
    g_free(text);
    return decoded;
}

static void
strip_slashes(char *text)
{
    while (g_str_has_suffix(text, "/"))
        text[strlen(text) - 1] = '\0';
}

/* "&amp;" is what an address has after it was escaped once more than it was read. */
static char *
unescape_ampersands(const char *text)
{
    GString *plain = g_string_new(text);

    g_string_replace(plain, "&amp;", "&", 0);
    return g_string_free(plain, FALSE);
}

char *
pf_web_address_identity(const char *address)
{
    g_autofree char *plain = unescape_ampersands(address);
    CURLU *url = parse(plain);

    if (!url)
        return g_strdup(address);
    g_autofree char *host = get_part(url, CURLUPART_HOST, 0);
    g_autofree char *port = get_part(url, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
    g_autofree char *path = decode(get_part(url, CURLUPART_PATH, 0));
    g_autofree char *query = decode(get_part(url, CURLUPART_QUERY, 0));
    g_autofree char *small_host = g_ascii_strdown(host, -1);
    strip_slashes(path);
    strip_slashes(query);
    curl_url_cleanup(url);
    return g_strconcat(small_host, ":", port, path, "?", query, NULL);
}

char *
pf_web_address_basename(const char *address, gboolean decoded)
{
    CURLU *url = parse(address);
    g_autofree char *path = url ? get_part(url, CURLUPART_PATH, 0) : g_strdup(address);

    curl_url_cleanup(url);
    strip_slashes(path);
    const char *slash = strrchr(path, '/');
    const char *last = slash ? slash + 1 : path;
    if (!*last)
        return NULL;
    return decoded ? decode(g_strdup(last)) : g_strdup(last);
}
