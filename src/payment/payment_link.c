/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "payment/payment_link.h"

#include "payment/parameters.h"
#include <curl/curl.h>
#include <string.h>

#define MAX_SEGMENTS 6
#define MAX_SIMPLE 255 /* bytes of a host and port that are not looked at more closely */

/* A URL taken apart. */
typedef struct {
    CURLU *url;
    char *host; /* lower case */
    char *query;
    gboolean is_plain; /* default port, no user, host written without escapes: nothing that hides where it leads */
    GStrv segments;    /* of the path, one trailing slash left out */
    guint count;       /* of segments */
} Parts;

/*
 * The pages that are known. A pattern is a path; in it "*" stands for a name, "#" for a number, "%" for a hexadecimal
 * number, "?" for anything. A thing and a profile are known by the first of these.
 */
static const struct {
    const char *host;
    const char *pattern;
    PfPaymentKind kind;
} pages[] = {
    {"flattr.com", "submit/auto", PF_PAYMENT_AUTO_SUBMIT},
    {"flattr.com", "thing/#", PF_PAYMENT_THING},
    {"flattr.com", "thing/#/?", PF_PAYMENT_THING},
    {"flattr.com", "t/#", PF_PAYMENT_THING},
    {"flattr.com", "t/#/?", PF_PAYMENT_THING},
    {"flattr.com", "profile/*", PF_PAYMENT_PROFILE},
    {"flattr.com", "@*", PF_PAYMENT_PROFILE},
    {"flattr.com", "podcast/*", PF_PAYMENT_PROFILE},
    {"github.com", "*", PF_PAYMENT_DISCOVERABLE},
    {"github.com", "*/*", PF_PAYMENT_DISCOVERABLE},
    {"github.com", "*/*/commit/%", PF_PAYMENT_DISCOVERABLE},
    {"gist.github.com", "%", PF_PAYMENT_DISCOVERABLE},
    {"gist.github.com", "*/%", PF_PAYMENT_DISCOVERABLE},
    {"soundcloud.com", "*", PF_PAYMENT_DISCOVERABLE},
    {"soundcloud.com", "*/*", PF_PAYMENT_DISCOVERABLE},
    {"soundcloud.com", "*/sets/*", PF_PAYMENT_DISCOVERABLE},
    {"twitter.com", "*", PF_PAYMENT_DISCOVERABLE},
    {"twitter.com", "*/status/#", PF_PAYMENT_DISCOVERABLE},
    {"twitter.com", "*/statuses/#", PF_PAYMENT_DISCOVERABLE},
    {"instagram.com", "p/*", PF_PAYMENT_DISCOVERABLE},
};

/* First names of paths that are a site's own pages and nobody's profile. */
static const struct {
    const char *host;
    const char *names; /* each between blanks */
} reserved[] = {
    {"github.com",
     " about apps collections contact customer-stories dashboard enterprise events explore features issues join login "
     "marketplace new notifications organizations orgs pricing pulls readme search security settings site sponsors "
     "stars "
     "team topics trending "},
    {"soundcloud.com", " charts discover imprint jobs pages pro search settings stream terms-of-use upload you "},
    {"twitter.com", " about explore hashtag home i intent login messages privacy search settings share signup tos "},
};

static void
parts_free(Parts *parts)
{
    if (!parts)
        return;
    curl_url_cleanup(parts->url);
    g_free(parts->host);
    g_free(parts->query);
    g_strfreev(parts->segments);
    g_free(parts);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Parts, parts_free)
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

    if (strlen(text) > PF_PAYMENT_MAX_URL || !g_utf8_validate(text, -1, NULL))
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
split_path(Parts *parts, const char *path)
{
    parts->segments = g_strsplit(path[0] == '/' ? path + 1 : path, "/", -1);
    parts->count = g_strv_length(parts->segments);
    if (parts->count > 0 && !*parts->segments[parts->count - 1])
        g_clear_pointer(&parts->segments[--parts->count], g_free);
}

/* The whole URL as libcurl writes it, with its host in small letters. */
static char *
dup_normalised(const Parts *parts)
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

/* Takes a URL apart; each part that libcurl gives costs some time, and is asked for only where it can be there. */
static Parts *
parts_new(const char *text)
{
    g_autoptr(Parts) parts = g_new0(Parts, 1);
    const char *authority = strstr(text, "://") + 3;
    gsize length = strcspn(authority, "/?#");

    parts->url = curl_url();
    if (!is_url(text, parts->url, 0))
        return NULL;
    g_autofree char *host = get_part(parts->url, CURLUPART_HOST, 0);
    g_autofree char *path = get_part(parts->url, CURLUPART_PATH, 0);
    g_autofree char *port =
        memchr(authority, ':', length) ? get_part(parts->url, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT) : NULL;
    if (!host || !path)
        return NULL;
    parts->host = g_ascii_strdown(host, -1);
    parts->query = get_part(parts->url, CURLUPART_QUERY, 0);
    split_path(parts, path);
    parts->is_plain = !port && !memchr(authority, '%', length) && !memchr(authority, '@', length);
    return g_steal_pointer(&parts);
}

/* The host as the table has it: www.flattr.com and flattr.com are one. */
static const char *
site_of(const Parts *parts)
{
    return parts->host + (g_str_has_prefix(parts->host, "www.") ? strlen("www.") : 0);
}

/* A name that can be part of a key: nothing that could be written in two ways. */
static gboolean
is_name(const char *text)
{
    return *text && strspn(text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-._") == strlen(text) &&
           strspn(text, ".") < strlen(text);
}

static gboolean
is_number(const char *text)
{
    gsize length = strlen(text);

    return length > 0 && length < 19 && text[0] != '0' && strspn(text, G_CSET_DIGITS) == length;
}

static gboolean
is_hexadecimal(const char *text)
{
    return *text && strspn(text, G_CSET_DIGITS "abcdefABCDEF") == strlen(text);
}

/* Whether a server may take a segment for "." or "..", and the path for another one. */
static gboolean
is_dots(const char *segment)
{
    return segment[0] == '.' || g_ascii_strncasecmp(segment, "%2e", strlen("%2e")) == 0;
}

static gboolean
segment_fits(const char *wanted, const char *segment)
{
    if (g_str_equal(wanted, "@*"))
        return segment[0] == '@' && is_name(segment + 1);
    if (g_str_equal(wanted, "*"))
        return is_name(segment);
    if (g_str_equal(wanted, "#"))
        return is_number(segment);
    if (g_str_equal(wanted, "%"))
        return is_hexadecimal(segment);
    if (g_str_equal(wanted, "?"))
        return !is_dots(segment);
    return g_str_equal(wanted, segment);
}

static gboolean
path_fits(const char *pattern, const Parts *parts)
{
    g_auto(GStrv) wanted = g_strsplit(pattern, "/", MAX_SEGMENTS);

    if (g_strv_length(wanted) != parts->count)
        return FALSE;
    for (guint i = 0; i < parts->count; i++)
        if (!segment_fits(wanted[i], parts->segments[i]))
            return FALSE;
    return TRUE;
}

static gboolean
is_reserved(const char *site, const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(reserved); i++) {
        if (!g_str_equal(site, reserved[i].host))
            continue;
        g_autofree char *lower = g_ascii_strdown(name, -1);
        g_autofree char *between_blanks = g_strconcat(" ", lower, " ", NULL);
        return strstr(reserved[i].names, between_blanks) != NULL;
    }
    return FALSE;
}

static PfPaymentKind
kind_of(const Parts *parts)
{
    const char *site = site_of(parts);

    if (!parts->is_plain || parts->count == 0 || is_reserved(site, parts->segments[0]))
        return PF_PAYMENT_OTHER;
    for (gsize i = 0; i < G_N_ELEMENTS(pages); i++)
        if (g_str_equal(site, pages[i].host) && path_fits(pages[i].pattern, parts))
            return pages[i].kind;
    return PF_PAYMENT_OTHER;
}

/*
 * Finds the page that an auto-submit URL is for. Two different ones are none: servers do not agree which of them
 * counts, and it is money. A name that cannot be decoded may be a server's "url" too.
 */
static char *
submitted_page(const Parts *parts)
{
    g_autoptr(GPtrArray) parameters = pf_parameters_read(parts->query);
    const char *page = NULL;

    for (guint i = 0; i < parameters->len; i++) {
        const PfParameter *parameter = parameters->pdata[i];
        if (!parameter->name)
            return NULL;
        if (!g_str_equal(parameter->name, "url"))
            continue;
        if (!parameter->value || (page && !g_str_equal(page, parameter->value)))
            return NULL;
        page = parameter->value;
    }
    if (!page || !looks_like_url(page, TRUE))
        return NULL;
    g_autoptr(CURLU) url = curl_url();
    return is_url(page, url, CURLU_ALLOW_SPACE) ? g_strdup(page) : NULL;
}

/* Flattr takes users' names in any case; of its podcasts' nobody knows. */
static char *
key_of_profile(const Parts *parts)
{
    const char *first = parts->segments[0];

    if (g_str_equal(first, "podcast"))
        return g_strconcat("podcast:", parts->segments[1], NULL);
    g_autofree char *user = g_ascii_strdown(first[0] == '@' ? first + 1 : parts->segments[1], -1);
    return g_strconcat("profile:", user, NULL);
}

/* Names are the same in capitals and in small letters at these sites, except for Instagram's photos. */
static char *
key_of_page(const Parts *parts)
{
    const char *site = site_of(parts);
    g_autofree char *path = g_strjoinv("/", parts->segments);
    g_autofree char *lower = g_ascii_strdown(path, -1);

    return g_strconcat("https://", site, "/", g_str_equal(site, "instagram.com") ? path : lower, NULL);
}

/* The key of a link; turns an auto-submit URL that submits nothing into another kind. */
static char *
key_of(const Parts *parts, PfPaymentKind *kind)
{
    char *key = NULL;

    switch (*kind) {
    case PF_PAYMENT_AUTO_SUBMIT:
        key = submitted_page(parts);
        if (!key)
            *kind = PF_PAYMENT_OTHER;
        break;
    case PF_PAYMENT_THING:
        return g_strconcat("thing:", parts->segments[1], NULL);
    case PF_PAYMENT_PROFILE:
        return key_of_profile(parts);
    case PF_PAYMENT_DISCOVERABLE:
        return key_of_page(parts);
    case PF_PAYMENT_OTHER:
        break;
    }
    return key ? key : dup_normalised(parts);
}

PfPayment *
pf_payment_new(const char *url)
{
    if (!url || !looks_like_url(url, FALSE))
        return NULL;
    g_autoptr(Parts) parts = parts_new(url);
    if (!parts)
        return NULL;

    PfPayment *payment = g_new0(PfPayment, 1);
    payment->url = g_strdup(url);
    payment->kind = kind_of(parts);
    payment->key = key_of(parts, &payment->kind);
    return payment;
}

char *
pf_payment_dup_request_url(const PfPayment *payment)
{
    return payment->kind == PF_PAYMENT_AUTO_SUBMIT ? pf_parameters_mend(payment->url) : g_strdup(payment->url);
}

void
pf_payment_free(PfPayment *payment)
{
    if (!payment)
        return;
    g_free(payment->url);
    g_free(payment->key);
    g_free(payment);
}

const char *
pf_payment_kind_name(PfPaymentKind kind)
{
    static const char *const names[] = {
        [PF_PAYMENT_AUTO_SUBMIT] = "auto-submit",   [PF_PAYMENT_THING] = "thing", [PF_PAYMENT_PROFILE] = "profile",
        [PF_PAYMENT_DISCOVERABLE] = "discoverable", [PF_PAYMENT_OTHER] = "other",
    };
    g_return_val_if_fail((gsize)kind < G_N_ELEMENTS(names), "other");
    return names[kind];
}

const char *
pf_payment_from_name(PfPaymentFrom from)
{
    static const char *const names[] = {
        [PF_PAYMENT_FROM_LINK] = "link", [PF_PAYMENT_FROM_BUTTON] = "button", [PF_PAYMENT_FROM_HTML] = "html"};

    g_return_val_if_fail((gsize)from < G_N_ELEMENTS(names), "html");
    return names[from];
}
