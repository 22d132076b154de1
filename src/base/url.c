/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/url.h"

#include "base/log.h"

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

/* What is no URL of a scheme that we ask is left for the transfer to refuse. */
#define ANY_SCHEME CURLU_NON_SUPPORT_SCHEME

/* Blanks and the like: only then something is escaped, since escaping twice would name another document. */
static gboolean
read_url(CURLU *parts, const char *url)
{
    return curl_url_set(parts, CURLUPART_URL, url, ANY_SCHEME) == CURLUE_OK ||
           curl_url_set(parts, CURLUPART_URL, url, ANY_SCHEME | CURLU_URLENCODE) == CURLUE_OK;
}

/* Returns: (transfer full): a part, NULL where there is none. */
static char *
dup_part(CURLU *parts, CURLUPart part, unsigned int flags)
{
    char *text = NULL;

    curl_url_get(parts, part, &text, flags);
    char *copy = g_strdup(text);
    curl_free(text);
    return copy;
}

static char *
dup_part_of(const char *url, CURLUPart part)
{
    CURLU *parts = curl_url();
    char *text = read_url(parts, url) ? dup_part(parts, part, CURLU_DEFAULT_PORT) : NULL;

    curl_url_cleanup(parts);
    return text;
}

static char *
dup_bare(CURLU *parts)
{
    curl_url_set(parts, CURLUPART_USER, NULL, 0);
    curl_url_set(parts, CURLUPART_PASSWORD, NULL, 0);
    return dup_part(parts, CURLUPART_URL, 0);
}

char *
pf_url_split(const char *url, char **user, char **password)
{
    CURLU *parts = curl_url();
    char *bare = NULL;

    *user = NULL;
    *password = NULL;
    if (read_url(parts, url)) {
        *user = dup_part(parts, CURLUPART_USER, CURLU_URLDECODE);
        *password = dup_part(parts, CURLUPART_PASSWORD, CURLU_URLDECODE);
        bare = dup_bare(parts);
    }
    curl_url_cleanup(parts);
    return bare ? bare : g_strdup(url);
}

char *
pf_url_join(const char *url, const char *user, const char *password)
{
    CURLU *parts = curl_url();
    char *joined = NULL;

    if (read_url(parts, url) && curl_url_set(parts, CURLUPART_USER, user, CURLU_URLENCODE) == CURLUE_OK &&
        curl_url_set(parts, CURLUPART_PASSWORD, password, CURLU_URLENCODE) == CURLUE_OK)
        joined = dup_part(parts, CURLUPART_URL, 0);
    curl_url_cleanup(parts);
    return joined ? joined : g_strdup(url);
}

char *
pf_url_resolve(const char *base, const char *location)
{
    CURLU *parts = curl_url();
    char *url = NULL;

    if (read_url(parts, base) && read_url(parts, location))
        url = dup_bare(parts);
    curl_url_cleanup(parts);
    return url;
}

static gboolean
have_same(const char *url, const char *other, CURLUPart part)
{
    g_autofree char *here = dup_part_of(url, part);
    g_autofree char *there = dup_part_of(other, part);

    return here && there && g_ascii_strcasecmp(here, there) == 0;
}

gboolean
pf_url_is_same_origin(const char *url, const char *other)
{
    return have_same(url, other, CURLUPART_SCHEME) && have_same(url, other, CURLUPART_HOST) &&
           have_same(url, other, CURLUPART_PORT);
}

gboolean
pf_url_is_same_site(const char *named, const char *moved)
{
    g_autofree char *scheme = dup_part_of(moved, CURLUPART_SCHEME);
    g_autofree char *from = dup_part_of(named, CURLUPART_PORT);
    g_autofree char *to = dup_part_of(moved, CURLUPART_PORT);

    if (pf_url_is_same_origin(named, moved))
        return TRUE;
    return have_same(named, moved, CURLUPART_HOST) && g_strcmp0(scheme, "https") == 0 && g_strcmp0(from, "80") == 0 &&
           g_strcmp0(to, "443") == 0;
}

char *
pf_url_dup_host(const char *url)
{
    char *host = dup_part_of(url, CURLUPART_HOST);
    char *lower = g_ascii_strdown(host ? host : "", -1);

    g_free(host);
    return lower;
}

/*
 * For what libcurl cannot read as a URL: nothing before the last "@" is shown, whatever it is. An address that lacks
 * its scheme, or a slash of it, is one by the ":" before the "@"; a file's name seldom has both.
 */
static char *
hide_user_part(const char *url)
{
    const char *at = strrchr(url, '@');
    const char *slashes = strstr(url, "://");
    const char *user = url;

    if (!at)
        return pf_log_printable(url);
    gboolean has_scheme = slashes && slashes < at;
    if (has_scheme)
        user = slashes + strlen("://");
    else if (g_ascii_strncasecmp(url, "http", strlen("http")) == 0)
        user += strcspn(url, ":/") + strspn(url + strcspn(url, ":/"), ":/");
    const char *colon = user + strcspn(user, ":/");
    if (user > at || (!has_scheme && (*colon != ':' || colon > at)))
        return pf_log_printable(url);
    g_autofree char *hidden = g_strdup_printf("%.*s…%s", (int)(user - url), url, at);
    return pf_log_printable(hidden);
}

char *
pf_url_printable(const char *url)
{
    CURLU *parts = curl_url();
    char *password = NULL;
    char *text = NULL;
    char *printable;

    gboolean is_url = parts && curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
    if (is_url && curl_url_get(parts, CURLUPART_PASSWORD, &password, 0) != CURLUE_OK)
        printable = pf_log_printable(url);
    else if (is_url && curl_url_set(parts, CURLUPART_PASSWORD, NULL, 0) == CURLUE_OK &&
             curl_url_get(parts, CURLUPART_URL, &text, 0) == CURLUE_OK)
        printable = pf_log_printable(text);
    else
        printable = hide_user_part(url);
    curl_free(password);
    curl_free(text);
    curl_url_cleanup(parts);
    return printable;
}
