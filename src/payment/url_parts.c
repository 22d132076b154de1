/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "payment/url_parts.h"

#include <string.h>

#define MAX_SIMPLE 255 /* bytes of a host and port that are not looked at more closely */

void
pf_url_parts_free(PfUrlParts *parts)
{
    if (!parts)
        return;
    curl_url_cleanup(parts->url);
    g_free(parts->host);
    g_free(parts->query);
    g_strfreev(parts->segments);
    g_free(parts);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CURLU, curl_url_cleanup)

/* One part, as GLib's memory; NULL when the URL has none. */
static char *
get_part(CURLU *url, CURLUPart part, unsigned int flags)
{
    char *text = NULL;

    if (curl_url_get(url, part, &text, flags) != CURLUE_OK)
        return NULL;
    char *copy = g_strdup(text);
    curl_free(text);
    return copy;
}

/* Whether a text can be a URL at all: no blank or control character, and a host right after "http://" or "https://". */
static gboolean
looks_like_url(const char *text, gboolean allow_blank)
{
    static const char *const schemes[] = {"http://", "https://"};
    gsize scheme = 0;

    if (strlen(text) > PF_URL_PARTS_MAX || !g_utf8_validate(text, -1, NULL))
        return FALSE;
    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        if (g_ascii_isgraph(*at)) /* nearly all, and Unicode's tables are slow */
            continue;
        gunichar character = g_utf8_get_char(at);
        if (g_unichar_iscntrl(character) || character == 0xFFFD || g_unichar_type(character) == G_UNICODE_FORMAT)
            return FALSE;
        if (g_unichar_isspace(character) && !(allow_blank && character == ' '))
            return FALSE;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(schemes); i++)
        if (g_ascii_strncasecmp(text, schemes[i], strlen(schemes[i])) == 0)
            scheme = strlen(schemes[i]);
    /* libcurl forgives a third slash, and would take the path for a host. */
    return scheme > 0 && text[scheme] && !strchr("/?#", text[scheme]);
}

/* Splits a path into what stands between its slashes. */
static void
split_path(PfUrlParts *parts, const char *path)
{
    parts->segments = g_strsplit(path[0] == '/' ? path + 1 : path, "/", -1);
    parts->count = g_strv_length(parts->segments);
    if (parts->count > 0 && !*parts->segments[parts->count - 1])
        g_clear_pointer(&parts->segments[--parts->count], g_free);
}

char *
pf_url_parts_dup_normalised(const PfUrlParts *parts)
{
    curl_url_set(parts->url, CURLUPART_HOST, parts->host, 0);
    return get_part(parts->url, CURLUPART_URL, CURLU_NO_DEFAULT_PORT);
}

/* Whether a host and port are written so that libcurl changes nothing but capitals. */
static gboolean
is_simple(const char *authority, gsize length)
{
    return length <= MAX_SIMPLE && strspn(authority, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-.:") >= length;
}

/* Whether a text that looks like a URL is one, and nothing of it is lost. */
static gboolean
is_url(const char *text, CURLU *url, unsigned int flags)
{
    const char *authority = strstr(text, "://") + 3;

    if (curl_url_set(url, CURLUPART_URL, text, flags | CURLU_PATH_AS_IS) != CURLUE_OK)
        return FALSE;
    if (is_simple(authority, strcspn(authority, "/?#")))
        return TRUE;
    /* libcurl decodes what is percent-encoded in a host, to whatever bytes. */
    g_autofree char *normalised = get_part(url, CURLUPART_URL, CURLU_NO_DEFAULT_PORT);
    return normalised && looks_like_url(normalised, (flags & CURLU_ALLOW_SPACE) != 0);
}

/* Each part that libcurl gives costs some time, and is asked for only where it can be there. */
PfUrlParts *
pf_url_parts_new(const char *text, gboolean allow_blank)
{
    if (!text || !looks_like_url(text, allow_blank))
        return NULL;
    g_autoptr(PfUrlParts) parts = g_new0(PfUrlParts, 1);
    const char *authority = strstr(text, "://") + 3;
    gsize length = strcspn(authority, "/?#");

    parts->url = curl_url();
    if (!is_url(text, parts->url, allow_blank ? CURLU_ALLOW_SPACE : 0))
        return NULL;
    g_autofree char *host = get_part(parts->url, CURLUPART_HOST, 0);
    g_autofree char *path = get_part(parts->url, CURLUPART_PATH, 0);
    g_autofree char *port =
        memchr(authority, ':', length) ? get_part(parts->url, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT) : NULL;
    /* Newer versions of libcurl take no host that ends so, and no name server knows one. */
    if (!host || !path || g_str_has_suffix(host, ".."))
        return NULL;
    parts->host = g_ascii_strdown(host, -1);
    parts->query = get_part(parts->url, CURLUPART_QUERY, 0);
    split_path(parts, path);
    parts->is_plain = !port && !memchr(authority, '%', length) && !memchr(authority, '@', length);
    return g_steal_pointer(&parts);
}
