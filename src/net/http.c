/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/http.h"

#include "base/i18n.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/url.h"
#include "base/version.h"
#include "flattr/retry_after.h"

struct PfHttp {
    CURL *handle;
    char *named; /* the URL that the user named, with all that is in it */
    char *url;   /* what is asked at present; no user, no password */
    char *user;  /* of the URL that was named, or NULL, decoded */
    char *password;
    struct curl_slist *headers;

    int redirects;
    char *moved;            /* where the permanent ones among the first have led */
    gboolean is_detoured;   /* a redirect was for the time being */
    gboolean is_foreign;    /* it was not named by the user */
    gboolean named_private; /* what the user named has a private address */
    gboolean has_proxy;     /* the request goes to a proxy, which connects to the host */
    gboolean is_as_is;      /* what comes is not to be decoded */
    gsize header_bytes;     /* of the present answer */
    const char *refusal;    /* why a redirect is not followed, or no more is wanted of an answer */
    char message[CURL_ERROR_SIZE];
};

static gboolean
is_private_ipv4(guint32 address)
{
    static const struct {
        guint32 network;
        int bits;
    } blocks[] = {
        {0x00000000, 8},  /* 0.0.0.0: this network */
        {0x0A000000, 8},  /* 10: private */
        {0x64400000, 10}, /* 100.64: shared by carriers */
        {0x7F000000, 8},  /* 127: loopback */
        {0xA9FE0000, 16}, /* 169.254: link-local, also where clouds keep their secrets */
        {0xAC100000, 12}, /* 172.16: private */
        {0xC0000000, 24}, /* 192.0.0: protocol assignments */
        {0xC0A80000, 16}, /* 192.168: private */
        {0xC6120000, 15}, /* 198.18: benchmarks */
        {0xE0000000, 3},  /* 224 and up: multicast, reserved, broadcast */
    };
    for (gsize i = 0; i < G_N_ELEMENTS(blocks); i++)
        if ((address ^ blocks[i].network) >> (32 - blocks[i].bits) == 0)
            return TRUE;
    return FALSE;
}

static guint32
read_ipv4(const guint8 *bytes)
{
    return (guint32)bytes[0] << 24 | (guint32)bytes[1] << 16 | (guint32)bytes[2] << 8 | bytes[3];
}

static gboolean
is_private_ipv6(const struct in6_addr *address)
{
    const guint8 *bytes = address->s6_addr;
    static const guint8 compatible[12];                            /* ::/96, RFC 4291 */
    static const guint8 translated[12] = {0x00, 0x64, 0xFF, 0x9B}; /* 64:ff9b::/96, RFC 6052 */

    if (IN6_IS_ADDR_V4MAPPED(address) || memcmp(bytes, compatible, sizeof compatible) == 0 ||
        memcmp(bytes, translated, sizeof translated) == 0)
        return is_private_ipv4(read_ipv4(bytes + 12)); /* which makes :: and ::1 addresses in 0.0.0.0/8 */
    if (bytes[0] == 0x20 && bytes[1] == 0x02)          /* 2002::/16 carries an IPv4 address */
        return is_private_ipv4(read_ipv4(bytes + 2));
    return (bytes[0] & 0xFE) == 0xFC ||                       /* fc00::/7: unique local */
           (bytes[0] == 0xFE && (bytes[1] & 0x80) == 0x80) || /* fe80::/10, fec0::/10: link-local, site-local */
           bytes[0] == 0xFF;                                  /* multicast */
}

gboolean
pf_http_is_private(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return is_private_ipv4(g_ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr));
    if (address->sa_family == AF_INET6)
        return is_private_ipv6(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
    return TRUE;
}

/* Whether a host may be asked. @private: whether it is in a private network */
static gboolean
may_ask_host(PfHttp *http, gboolean private)
{
    if (http->redirects == 0 && !http->is_foreign)
        http->named_private = http->named_private || private;
    if (!private || http->named_private)
        return TRUE;
    http->refusal = http->redirects > 0 ? _("a redirect led to an address in a private network, which is refused; to "
                                            "allow it, name such an address yourself")
                                        : _("a list or a page on the web names an address in a private network, which "
                                            "is refused; to allow it, name that address yourself");
    return FALSE;
}

static gboolean
is_private_text(const char *address)
{
    struct sockaddr_in ipv4 = {.sin_family = AF_INET};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6};

    if (inet_pton(AF_INET, address, &ipv4.sin_addr) == 1)
        return pf_http_is_private((const struct sockaddr *)&ipv4);
    g_autofree char *bare = g_strndup(address, strcspn(address, "%")); /* without a link-local one's interface */
    /* What cannot be read stays ::, which is private. */
    if (inet_pton(AF_INET6, bare, &ipv6.sin6_addr) != 1)
        ipv6.sin6_addr = in6addr_any;
    return pf_http_is_private((const struct sockaddr *)&ipv6);
}

gboolean
pf_http_is_private_name(const char *host)
{
    static const char *const endings[] = {".localhost", ".local", ".internal", ".home.arpa", ".lan", ".intranet"};
    gsize length = strlen(host);

    if (host[0] == '[') {
        g_autofree char *address = g_strndup(host + 1, strcspn(host + 1, "]"));
        return is_private_text(address);
    }
    if (g_hostname_is_ip_address(host))
        return is_private_text(host);
    for (gsize i = 0; i < G_N_ELEMENTS(endings); i++) {
        gsize ending = strlen(endings[i]);
        if (length > ending && g_ascii_strcasecmp(host + length - ending, endings[i]) == 0)
            return TRUE;
    }
    return !strchr(host, '.'); /* "localhost" and the machines of a local network */
}

/* Checks what is really connected to: a name could resolve to another address the next time it is asked. A proxy's own
 * address says nothing of the host that it is asked for. */
static gboolean
may_use_connection(PfHttp *http, gboolean private)
{
    g_autofree char *host = http->has_proxy ? pf_url_dup_host(http->url) : NULL;

    return may_ask_host(http, host ? pf_http_is_private_name(host) : private);
}

static curl_socket_t
open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)purpose;
    if (!may_use_connection(data, pf_http_is_private(&address->addr)))
        return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* A connection that another transfer has left open is checked too, before the request goes out on it. */
static int
check_connection(void *data, char *address, char *own_address, int port, int own_port)
{
    (void)own_address;
    (void)port;
    (void)own_port;
    return may_use_connection(data, is_private_text(address)) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

/* libcurl keeps every header, until there is no memory left. */
static size_t
count_header(char *line, size_t size, size_t count, void *data)
{
    PfHttp *http = data;

    (void)line;
    http->header_bytes += size * count;
    if (http->header_bytes <= (gsize)PF_HTTP_MAX_HEADER_KIB * 1024)
        return size * count;
    G_STATIC_ASSERT(PF_HTTP_MAX_HEADER_KIB == 256);
    http->refusal = _("the answer has more than 256 KiB of headers");
    return 0;
}

/* --- proxies --- */

static const char *
get_first(const char *const *names)
{
    const char *value = NULL;

    for (; *names && !(value && *value); names++)
        value = g_getenv(*names);
    return value && *value ? value : NULL;
}

/* Whether the environment keeps a host's requests from going to a proxy. */
static gboolean
is_direct(const char *url)
{
    const char *none = get_first((const char *const[]){"no_proxy", "NO_PROXY", NULL});
    g_auto(GStrv) names = g_strsplit_set(none ? none : "", ", ", -1);
    g_autoptr(GPtrArray) hosts = g_ptr_array_new();

    for (char **name = names; *name; name++) {
        if (g_str_equal(*name, "*"))
            return TRUE;
        if (**name)
            g_ptr_array_add(hosts, *name);
    }
    g_ptr_array_add(hosts, NULL);
    g_autoptr(GProxyResolver) resolver = g_simple_proxy_resolver_new("http://proxy", (char **)hosts->pdata);
    g_auto(GStrv) found = g_proxy_resolver_lookup(resolver, url, NULL, NULL);
    return found && g_strcmp0(found[0], "direct://") == 0;
}

/* Finds the proxy that the environment names for a URL, in libcurl's words. libcurl would find it too, and not say that
 * it did. Returns: (nullable): NULL for none. */
static const char *
find_proxy(const char *url)
{
    /* HTTP_PROXY may be what a client of a CGI program sends as a header. */
    static const char *const plain[] = {"http_proxy", "all_proxy", "ALL_PROXY", NULL};
    static const char *const tls[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", NULL};
    const char *proxy = get_first(pf_url_has_scheme(url, "https") ? tls : plain);

    return proxy && !is_direct(url) ? proxy : NULL;
}

static void
start_libcurl(void)
{
    static gsize started;

    if (g_once_init_enter(&started)) {
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
            g_error("libcurl does not start");
        g_once_init_leave(&started, 1);
    }
}

static void
set_limits(CURL *handle, gint64 max_bytes)
{
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, PF_HTTP_CONNECT_SECONDS);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT, PF_HTTP_TOTAL_SECONDS);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, PF_HTTP_SILENCE_SECONDS);
    curl_easy_setopt(handle, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)max_bytes);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(handle, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L); /* signals are not for a program with threads */
    /* No host's address is remembered: with each answer, libcurl looks through all that it remembers, and thousands of
     * feeds have thousands of hosts. Feeds of one host share its connections anyway. */
    curl_easy_setopt(handle, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
}

/* Sets what is asked next. */
static void
aim(PfHttp *http, gboolean with_password)
{
    curl_easy_setopt(http->handle, CURLOPT_URL, http->url);
    curl_easy_setopt(http->handle, CURLOPT_USERNAME, with_password ? http->user : NULL);
    curl_easy_setopt(http->handle, CURLOPT_PASSWORD, with_password ? http->password : NULL);
    const char *proxy = find_proxy(http->url);
    curl_easy_setopt(http->handle, CURLOPT_PROXY, proxy ? proxy : "");
    http->has_proxy = proxy != NULL;
    http->header_bytes = 0;
    http->message[0] = '\0';
}

PfHttp *
pf_http_new(const char *url, gint64 max_bytes)
{
    start_libcurl();
    PfHttp *http = g_new0(PfHttp, 1);
    CURL *handle = curl_easy_init();

    if (!handle)
        g_error("out of memory"); /* what GLib's own allocations do */
    http->handle = handle;
    http->named = g_strdup(url);
    http->url = pf_url_split(url, &http->user, &http->password); /* what is asked for never has them */
    set_limits(handle, max_bytes);
    curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, ""); /* all that libcurl can decode */
    curl_easy_setopt(handle, CURLOPT_USERAGENT, PF_USER_AGENT);
    curl_easy_setopt(handle, CURLOPT_COOKIEFILE, ""); /* none is read or written */
    curl_easy_setopt(handle, CURLOPT_NOPROXY, "");    /* see find_proxy() */
    curl_easy_setopt(handle, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, http->message);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, http);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, count_header);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, http);
    curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, check_connection);
    curl_easy_setopt(handle, CURLOPT_PREREQDATA, http);
    aim(http, TRUE);
    return http;
}

void
pf_http_free(PfHttp *http)
{
    if (!http)
        return;
    curl_easy_cleanup(http->handle);
    curl_slist_free_all(http->headers);
    g_free(http->named);
    g_free(http->url);
    g_free(http->user);
    g_free(http->password);
    g_free(http->moved);
    g_free(http);
}

CURL *
pf_http_get_handle(PfHttp *http)
{
    return http->handle;
}

void
pf_http_set_contact(PfHttp *http, const char *contact)
{
    if (!contact || !*contact)
        return;
    g_autofree char *line = pf_log_printable(contact); /* nothing that would begin another header */
    g_autofree char *agent = g_strdup_printf("%s (+%s)", PF_USER_AGENT, line);
    curl_easy_setopt(http->handle, CURLOPT_USERAGENT, agent);
}

void
pf_http_set_last(PfHttp *http, gboolean is_last)
{
    curl_easy_setopt(http->handle, CURLOPT_FORBID_REUSE, is_last ? 1L : 0L);
}

void
pf_http_set_foreign(PfHttp *http)
{
    http->is_foreign = TRUE;
}

gboolean
pf_http_is_named_private(const PfHttp *http)
{
    return http->named_private;
}

static void
add_header(PfHttp *http, const char *name, const char *value)
{
    if (!value || !*value || strpbrk(value, "\r\n"))
        return;
    g_autofree char *line = g_strdup_printf("%s: %s", name, value);
    http->headers = curl_slist_append(http->headers, line);
    curl_easy_setopt(http->handle, CURLOPT_HTTPHEADER, http->headers);
}

void
pf_http_set_validators(PfHttp *http, const char *etag, const char *last_modified)
{
    add_header(http, "If-None-Match", etag);
    add_header(http, "If-Modified-Since", last_modified);
}

/* --- answers --- */

GPtrArray *
pf_http_list_headers(const PfHttp *http, const char *name)
{
    GPtrArray *values = g_ptr_array_new_with_free_func(g_free);
    struct curl_header *header;

    while (curl_easy_header(http->handle, name, values->len, CURLH_HEADER, -1, &header) == CURLHE_OK)
        g_ptr_array_add(values, g_strdup(header->value));
    return values;
}

char *
pf_http_dup_header(const PfHttp *http, const char *name)
{
    g_autoptr(GPtrArray) values = pf_http_list_headers(http, name);

    return values->len > 0 ? g_ptr_array_steal_index(values, 0) : NULL;
}

long
pf_http_get_status(const PfHttp *http)
{
    long status = 0;

    curl_easy_getinfo(http->handle, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

gint64
pf_http_get_retry_after(const PfHttp *http)
{
    long status = pf_http_get_status(http);
    g_autofree char *text = status == 429 || status == 503 ? pf_http_dup_header(http, "Retry-After") : NULL;

    return CLAMP(pf_retry_after_parse(text, pf_clock_now()), 0, PF_HTTP_MAX_RETRY_AFTER);
}

/* What to do about a status. */
static const char *
advise_on_status(long status)
{
    switch (status) {
    case 401:
    case 403:
        return _("; if it is for subscribers only, use the address that you were given, or put user:password@ into it");
    case 404:
    case 410:
        return _("; check the address: it may be mistyped, or have moved");
    case 429:
    case 503:
        return _("; try again later");
    default:
        return "";
    }
}

char *
pf_http_explain(PfHttp *http, CURLcode code)
{
    if (http->refusal)
        return g_strdup(http->refusal);
    if (code == CURLE_HTTP_RETURNED_ERROR)
        return g_strdup_printf(_("the server answered with HTTP status %ld%s"), pf_http_get_status(http),
                               advise_on_status(pf_http_get_status(http)));
    /* libcurl speaks English alone. */
    g_autofree char *detail = pf_log_printable(http->message[0] ? http->message : curl_easy_strerror(code));
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return g_strdup_printf(_("the server's host name cannot be resolved (%s)"), detail);
    case CURLE_COULDNT_CONNECT:
        return g_strdup_printf(_("cannot connect to the server (%s)"), detail);
    case CURLE_OPERATION_TIMEDOUT:
        return g_strdup_printf(_("the server did not answer in time (%s)"), detail);
    case CURLE_PEER_FAILED_VERIFICATION:
        return g_strdup_printf(_("the server's certificate is not valid (%s)"), detail);
    default:
        return g_steal_pointer(&detail);
    }
}

/* --- URLs and redirects --- */

const char *
pf_http_get_url(const PfHttp *http)
{
    return http->url;
}

gboolean
pf_http_is_redirect(const PfHttp *http)
{
    long status = pf_http_get_status(http);
    g_autofree char *location = status >= 300 && status < 400 ? pf_http_dup_header(http, "Location") : NULL;

    return location && status != 304;
}

gboolean
pf_http_is_refused(const PfHttp *http)
{
    return http->refusal != NULL;
}

gboolean
pf_http_is_for_good(const PfHttp *http)
{
    return !http->is_detoured;
}

gboolean
pf_http_follow(PfHttp *http)
{
    long status = pf_http_get_status(http);

    if (http->refusal || !pf_http_is_redirect(http))
        return FALSE;
    g_autofree char *location = pf_http_dup_header(http, "Location");
    g_autofree char *whole = location ? pf_url_resolve(http->url, location) : NULL;
    g_autofree char *url = whole ? pf_url_dup_bare(whole) : NULL;
    G_STATIC_ASSERT(PF_HTTP_MAX_REDIRECTS == 5);
    if (http->redirects == PF_HTTP_MAX_REDIRECTS)
        http->refusal = _("more than 5 redirects");
    else if (!url)
        http->refusal = _("a redirect led to something that is not a URL");
    if (http->refusal)
        return FALSE;
    http->redirects++;
    http->is_detoured = http->is_detoured || (status != 301 && status != 308);
    g_free(http->url);
    http->url = g_steal_pointer(&url);
    if (!http->is_detoured) {
        g_free(http->moved);
        http->moved = g_strdup(http->url);
    }
    aim(http, pf_url_is_same_origin(http->named, http->url));
    return TRUE;
}

gboolean
pf_http_take_as_is(PfHttp *http, CURLcode code)
{
    if (code != CURLE_BAD_CONTENT_ENCODING || http->is_as_is || http->refusal)
        return FALSE;
    http->is_as_is = TRUE;
    http->header_bytes = 0;
    http->message[0] = '\0';
    curl_easy_setopt(http->handle, CURLOPT_ACCEPT_ENCODING, NULL);
    return TRUE;
}

char *
pf_http_dup_address(const PfHttp *http)
{
    return pf_url_printable(http->redirects == 0 ? http->named : http->url);
}

char *
pf_http_dup_moved(const PfHttp *http)
{
    if (!http->moved || !pf_url_is_same_site(http->named, http->moved))
        return g_strdup(http->moved);
    return pf_url_join(http->moved, http->user, http->password);
}
