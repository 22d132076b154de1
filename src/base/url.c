/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/url.h"

#include "base/log.h"
#include "base/text.h"

#include <curl/curl.h>
#include <gio/gio.h>
#include <string.h>

#define MAX_SIMPLE 255 /* bytes of a host and port that are not looked at more closely */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(CURLU, curl_url_cleanup)

/* --- schemes --- */

gsize
pf_url_scheme_length(const char *text)
{
    gsize length = 0;

    if (!g_ascii_isalpha(*text))
        return 0;
    while (g_ascii_isalnum(text[length]) || (text[length] && strchr("+.-", text[length])))
        length++;
    return text[length] == ':' ? length : 0;
}

gboolean
pf_url_has_scheme(const char *text, const char *scheme)
{
    gsize length = strlen(scheme);

    return g_ascii_strncasecmp(text, scheme, length) == 0 && text[length] == ':';
}

gboolean
pf_url_is_web(const char *text)
{
    return g_ascii_strncasecmp(text, "http://", 7) == 0 || g_ascii_strncasecmp(text, "https://", 8) == 0;
}

/* --- reading --- */

/* What is no URL of a scheme that we ask is left for the transfer to refuse. */
#define ANY_SCHEME CURLU_NON_SUPPORT_SCHEME

/* Where the path begins, or what follows it: libcurl leaves a host as it is, too. */
static const char *
skip_authority(const char *url)
{
    gsize scheme = pf_url_scheme_length(url);
    const char *slashes = scheme > 0 ? url + scheme + 1 : url;

    return pf_has_prefix(slashes, "//") ? slashes + 2 + strcspn(slashes + 2, "/?#") : slashes;
}

/*
 * Escapes blanks and what is not ASCII, in capitals, as what is escaped already. libcurl would do so as well, but its
 * releases differ in whether the digits of a reference are small letters or capitals, and one page would have two
 * addresses.
 */
static char *
escape(const char *url)
{
    const char *at = skip_authority(url);
    const char *query = at + strcspn(at, "?#");
    const char *fragment = at + strcspn(at, "#");
    GString *escaped = g_string_new_len(url, at - url);

    for (; *at; at++) {
        if (*at == ' ')
            g_string_append(escaped, at > query && at < fragment ? "+" : "%20");
        else if ((guchar)*at >= 0x80)
            g_string_append_printf(escaped, "%%%02X", (guchar)*at);
        else if (*at == '%' && g_ascii_isxdigit(at[1]) && g_ascii_isxdigit(at[2])) {
            g_string_append_printf(escaped, "%%%c%c", g_ascii_toupper(at[1]), g_ascii_toupper(at[2]));
            at += 2;
        } else
            g_string_append_c(escaped, *at);
    }
    return g_string_free(escaped, FALSE);
}

/*
 * Reads a URL, or a reference relative to the one that the handle holds. An absolute one is escaped only when it would
 * otherwise be none, since escaping twice would name another document.
 */
static gboolean
read_url(CURLU *parts, const char *url)
{
    if (pf_url_scheme_length(url) > 0 && curl_url_set(parts, CURLUPART_URL, url, ANY_SCHEME) == CURLUE_OK)
        return TRUE;
    g_autofree char *escaped = escape(url);
    return curl_url_set(parts, CURLUPART_URL, escaped, ANY_SCHEME) == CURLUE_OK;
}

/* Returns: (transfer full): a part, NULL where there is none. */
static char *
get_part(CURLU *parts, CURLUPart part, unsigned int flags)
{
    char *text = NULL;

    if (curl_url_get(parts, part, &text, flags) != CURLUE_OK)
        return NULL;
    char *copy = g_strdup(text);
    curl_free(text);
    return copy;
}

/* Returns: (transfer full): the URL without user and password. */
static char *
get_bare(CURLU *parts)
{
    curl_url_set(parts, CURLUPART_USER, NULL, 0);
    curl_url_set(parts, CURLUPART_PASSWORD, NULL, 0);
    return get_part(parts, CURLUPART_URL, 0);
}

char *
pf_url_dup_part(const char *url, PfUrlPart part)
{
    static const CURLUPart parts_of_libcurl[] = {
        [PF_URL_SCHEME] = CURLUPART_SCHEME,
        [PF_URL_HOST] = CURLUPART_HOST,
        [PF_URL_PATH] = CURLUPART_PATH,
        [PF_URL_QUERY] = CURLUPART_QUERY,
    };
    g_autoptr(CURLU) parts = curl_url();

    if (curl_url_set(parts, CURLUPART_URL, url, ANY_SCHEME) != CURLUE_OK)
        return NULL;
    g_autofree char *text = get_part(parts, parts_of_libcurl[part], 0);
    return text && part <= PF_URL_HOST ? g_ascii_strdown(text, -1) : g_steal_pointer(&text);
}

/* --- identity --- */

/* Returns: (transfer full): a part, "" where there is none. */
static char *
get_part_or_empty(CURLU *url, CURLUPart part, unsigned int flags)
{
    char *text = get_part(url, part, flags);

    return text ? text : g_strdup("");
}

/* Returns: (transfer full): a handle; NULL when @address is not a URL of the web. */
static CURLU *
read_web_url(const char *address)
{
    g_autoptr(CURLU) url = pf_url_is_web(address) ? curl_url() : NULL;

    return url && read_url(url, address) ? g_steal_pointer(&url) : NULL;
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
pf_url_identity(const char *address)
{
    g_autofree char *plain = unescape_ampersands(address);
    g_autoptr(CURLU) url = read_web_url(plain);

    if (!url)
        return g_strdup(address);
    g_autofree char *host = get_part_or_empty(url, CURLUPART_HOST, 0);
    g_autofree char *port = get_part_or_empty(url, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
    g_autofree char *path = decode(get_part_or_empty(url, CURLUPART_PATH, 0));
    g_autofree char *query = decode(get_part_or_empty(url, CURLUPART_QUERY, 0));
    g_autofree char *small_host = g_ascii_strdown(host, -1);
    strip_slashes(path);
    strip_slashes(query);
    return g_strconcat(small_host, ":", port, path, "?", query, NULL);
}

/* The machine itself has many names, and a name of other letters than ASCII's has many spellings. */
static char *
dup_rule_host(char *host)
{
    g_autofree char *ascii = g_hostname_to_ascii(host);
    g_autofree char *small = g_ascii_strdown(ascii ? ascii : host, -1);

    if (g_str_has_suffix(small, "."))
        small[strlen(small) - 1] = '\0';
    g_autofree char *bare = g_strndup(small + (*small == '['), strcspn(small + (*small == '['), "]"));
    g_autoptr(GInetAddress) address = g_inet_address_new_from_string(bare);
    if (g_str_equal(small, "localhost") ||
        (address && (g_inet_address_get_is_loopback(address) || g_inet_address_get_is_any(address))))
        return g_strdup("localhost");
    return g_strdup(small + (g_str_has_prefix(small, "www.") ? strlen("www.") : 0));
}

char *
pf_url_rule_key(const char *address)
{
    g_autofree char *web = pf_url_dup_typed(address);
    g_autofree char *plain = unescape_ampersands(web);
    g_autoptr(CURLU) url = read_web_url(plain);
    const char *file = pf_url_has_scheme(address, "file") ? g_strrstr(address, "///") : NULL;

    if (!url && (file || address[0] == '/')) {
        g_autofree char *path = decode(g_strdup(file ? file + strlen("//") : address));
        return g_canonicalize_filename(path, "/");
    }
    if (!url)
        return g_utf8_casefold(address, -1);
    g_autofree char *written = get_part_or_empty(url, CURLUPART_HOST, 0);
    g_autofree char *host = dup_rule_host(written);
    g_autofree char *port = get_part_or_empty(url, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
    g_autofree char *path = decode(get_part_or_empty(url, CURLUPART_PATH, 0));
    g_autofree char *query = decode(get_part_or_empty(url, CURLUPART_QUERY, 0));
    /* What was escaped may be a step in the path as well. */
    g_autofree char *real = g_canonicalize_filename(path + strspn(path, "/"), "/");
    strip_slashes(query);
    g_autofree char *whole = g_strconcat(host, ":", port, real, *query ? "?" : "", query, NULL);
    return g_ascii_strdown(whole, -1);
}

char *
pf_url_basename(const char *address, gboolean decoded)
{
    g_autoptr(CURLU) url = read_web_url(address);
    g_autofree char *path = url ? get_part_or_empty(url, CURLUPART_PATH, 0) : g_strdup(address);

    strip_slashes(path);
    const char *slash = strrchr(path, '/');
    const char *last = slash ? slash + 1 : path;
    if (!*last)
        return NULL;
    return decoded ? decode(g_strdup(last)) : g_strdup(last);
}

gboolean
pf_url_leads_elsewhere(const char *url, const char *address)
{
    g_autofree char *there = url ? pf_url_identity(url) : NULL;
    g_autofree char *here = pf_url_identity(address);

    return there && pf_url_is_web(url) && !g_str_equal(there, here);
}

/* --- within another address --- */

#define MOST_PLACES 5

/* Bytes of the host, with its port, that a part of a path is; 0 when it is none. Four numbers can be a version, and are
 * a host with a port alone. */
static gsize
host_length(const char *segment)
{
    static const char *const endings[] = {"aac",  "aspx", "htm", "html", "mov", "ogg",
                                          "opus", "php",  "rss", "wav",  "xml"};
    gsize length = strcspn(segment, "/:");
    g_autofree char *host = g_strndup(segment, length);
    const char *dot = strrchr(host, '.');

    if (segment[length] == ':' && g_hostname_is_ip_address(host))
        dot = NULL;
    else if (!dot || !g_ascii_isalnum(*host) || strstr(host, "..") ||
             strspn(dot + 1, "abcdefghijklmnopqrstuvwxyz") < 2 ||
             host[strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-")] != '\0' ||
             !g_ascii_isalpha(dot[strlen(dot) - 1]))
        return 0;
    for (gsize i = 0; dot && i < G_N_ELEMENTS(endings); i++) {
        if (g_str_equal(dot + 1, endings[i]))
            return 0;
    }
    if (segment[length] == ':')
        length += 1 + strspn(segment + length + 1, "0123456789");
    return segment[length] == '/' && segment[length + 1] ? length : 0;
}

/* @at: "HOST[:PORT]/PATH". Returns: (transfer full): as pf_url_identity() spells it. */
static char *
spell_place(const char *at, gsize host)
{
    g_autofree char *authority = g_strndup(at, host);
    const char *port = strchr(authority, ':');

    return g_strconcat(authority, port ? "" : ":", at + host, "?", NULL);
}

char **
pf_url_list_places(const char *address)
{
    g_autoptr(GStrvBuilder) places = g_strv_builder_new();
    g_autofree char *identity = pf_url_identity(address);
    char *path = pf_url_is_web(address) ? strchr(identity, '/') : NULL;

    if (!path)
        return g_strv_builder_end(places);
    path[strcspn(path, "?")] = '\0';
    g_autofree char *whole = g_strconcat(identity, "?", NULL);
    g_strv_builder_add(places, whole);
    for (guint count = 1; path && count < MOST_PLACES; path = strchr(path + 1, '/')) {
        const char *scheme = pf_url_is_web(path + 1) ? strstr(path, "://") : NULL;
        const char *at = scheme ? scheme + strlen("://") : path + 1;
        gsize length = host_length(at);
        if (length == 0)
            continue;
        g_autofree char *place = spell_place(at, length);
        g_strv_builder_add(places, place);
        count++;
        path += at - path - 1;
    }
    return g_strv_builder_end(places);
}

/* --- between transfers --- */

char *
pf_url_split(const char *url, char **user, char **password)
{
    g_autoptr(CURLU) parts = curl_url();
    char *bare = NULL;

    *user = NULL;
    *password = NULL;
    if (read_url(parts, url)) {
        *user = get_part(parts, CURLUPART_USER, CURLU_URLDECODE);
        *password = get_part(parts, CURLUPART_PASSWORD, CURLU_URLDECODE);
        bare = get_bare(parts);
    }
    return bare ? bare : g_strdup(url);
}

char *
pf_url_join(const char *url, const char *user, const char *password)
{
    g_autoptr(CURLU) parts = curl_url();
    g_autofree char *bare = read_url(parts, url) ? get_bare(parts) : NULL;
    const char *authority = bare ? strstr(bare, "://") : NULL;

    if (!authority)
        return g_strdup(url);
    if (!user && !password)
        return g_steal_pointer(&bare);
    authority += strlen("://");
    g_autofree char *escaped_user = g_uri_escape_string(user ? user : "", NULL, FALSE);
    g_autofree char *escaped_password = password ? g_uri_escape_string(password, NULL, FALSE) : NULL;
    return g_strdup_printf("%.*s%s%s%s@%s", (int)(authority - bare), bare, escaped_user, password ? ":" : "",
                           password ? escaped_password : "", authority);
}

char *
pf_url_dup_bare(const char *url)
{
    g_autoptr(CURLU) parts = curl_url();

    return read_url(parts, url) ? get_bare(parts) : NULL;
}

char *
pf_url_resolve(const char *base, const char *reference)
{
    /* libcurl takes a reference that is only a fragment for a file name. */
    if (reference[0] == '#') {
        g_autofree char *document = g_strndup(base, strcspn(base, "#"));
        g_autofree char *fragment = escape(reference);
        return g_strconcat(document, fragment, NULL);
    }
    g_autoptr(CURLU) parts = curl_url();
    return read_url(parts, base) && read_url(parts, reference) ? get_part(parts, CURLUPART_URL, 0) : NULL;
}

char *
pf_url_dup_base(const char *text, const char *outer)
{
    g_autofree char *address = pf_url_make_absolute(text, outer);
    /* The password of a feed's address would otherwise end up in every link of the feed. */
    char *base = address && pf_url_is_web(address) ? pf_url_dup_bare(address) : NULL;

    if (base)
        base[strcspn(base, "#")] = '\0';
    return base;
}

char *
pf_url_make_absolute(const char *text, const char *base)
{
    g_autofree char *trimmed = g_strstrip(g_strdup(text ? text : ""));

    if (!*trimmed)
        return NULL;
    if (!base && g_str_has_prefix(trimmed, "//"))
        return g_strconcat("https:", trimmed, NULL);
    if (!base || pf_url_scheme_length(trimmed) > 0)
        return g_steal_pointer(&trimmed);

    char *resolved = pf_url_resolve(base, trimmed);
    return resolved ? resolved : g_steal_pointer(&trimmed);
}

char *
pf_url_dup_web(const char *text)
{
    static const char *const openers[] = {"feed", "itpc", "pcast", "podcast", "rss"};
    gsize scheme = 0;

    for (gsize i = 0; i < G_N_ELEMENTS(openers); i++)
        if (pf_url_has_scheme(text, openers[i]))
            scheme = strlen(openers[i]);
    if (scheme == 0)
        return g_strdup(text);

    const char *rest = text + scheme + 1;
    gboolean has_slashes = g_str_has_prefix(rest, "//");
    if (has_slashes && pf_url_is_web(rest + 2))
        return g_strdup(rest + 2);
    if (pf_url_is_web(rest))
        return g_strdup(rest);
    return has_slashes ? g_strconcat("http:", rest, NULL) : g_strdup(text);
}

gboolean
pf_url_is_bare(const char *text)
{
    gsize length = strspn(text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-.");
    g_autofree char *host = g_strndup(text, length);
    const char *last = strrchr(host, '.');
    gboolean is_name =
        last && last > host && strlen(last + 1) >= 2 && strspn(last + 1, G_CSET_A_2_Z G_CSET_a_2_z) == strlen(last + 1);
    const char *rest = text + length;

    if (!is_name && !g_hostname_is_ip_address(host) && g_ascii_strcasecmp(host, "localhost") != 0)
        return FALSE;
    if (*rest == ':')
        rest += 1 + strspn(rest + 1, G_CSET_DIGITS);
    return *rest == '/' && (rest[-1] != ':') && host[0] != '.' && !strstr(host, "..");
}

char *
pf_url_dup_typed(const char *text)
{
    return pf_url_is_bare(text) ? g_strconcat("http://", text, NULL) : pf_url_dup_web(text);
}

static char *
dup_part_of(const char *url, CURLUPart part)
{
    g_autoptr(CURLU) parts = curl_url();

    return read_url(parts, url) ? get_part(parts, part, CURLU_DEFAULT_PORT) : NULL;
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
    g_autofree char *host = dup_part_of(url, CURLUPART_HOST);

    return g_ascii_strdown(host ? host : "", -1);
}

/* --- printing --- */

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
    g_autoptr(CURLU) parts = curl_url();

    if (curl_url_set(parts, CURLUPART_URL, url, ANY_SCHEME) != CURLUE_OK)
        return hide_user_part(url);
    g_autofree char *password = get_part(parts, CURLUPART_PASSWORD, 0);
    if (!password)
        return pf_log_printable(url);
    curl_url_set(parts, CURLUPART_PASSWORD, NULL, 0);
    g_autofree char *text = get_part(parts, CURLUPART_URL, 0);
    return text ? pf_log_printable(text) : hide_user_part(url);
}

/* --- taken apart --- */

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

/* Whether a text can be a URL at all: no blank or control character, and a host right after "http://" or "https://". */
static gboolean
looks_like_url(const char *text, gboolean allow_blank)
{
    if (!pf_url_is_web(text) || strlen(text) > PF_URL_PARTS_MAX || !g_utf8_validate(text, -1, NULL))
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
    /* libcurl forgives a third slash, and would take the path for a host. */
    const char *host = strstr(text, "://") + 3;
    return *host && !strchr("/?#", *host);
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
