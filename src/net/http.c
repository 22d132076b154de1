/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/http.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/version.h"

struct PfHttp {
    CURL *handle;
    gboolean named_private; /* what the user named has a private address */
    gboolean refused;       /* a redirect to a private address */
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

/* Judges the address that is really connected to: a name could resolve to another one the next time it is asked. */
static curl_socket_t
open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address)
{
    PfHttp *http = data;
    gboolean private = pf_http_is_private(&address->addr);
    long redirects = 0;

    (void)purpose;
    curl_easy_getinfo(http->handle, CURLINFO_REDIRECT_COUNT, &redirects);
    if (redirects == 0)
        http->named_private = http->named_private || private;
    else if (private && !http->named_private) {
        http->refused = TRUE;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
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

PfHttp *
pf_http_new(const char *url, gint64 max_bytes)
{
    start_libcurl();
    PfHttp *http = g_new0(PfHttp, 1);
    CURL *handle = curl_easy_init();

    if (!handle)
        g_error("out of memory"); /* what GLib's own allocations do */
    http->handle = handle;
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(handle, CURLOPT_MAXREDIRS, (long)PF_HTTP_MAX_REDIRECTS);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, PF_HTTP_CONNECT_SECONDS);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT, PF_HTTP_TOTAL_SECONDS);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, PF_HTTP_SILENCE_SECONDS);
    curl_easy_setopt(handle, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)max_bytes);
    curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, ""); /* all that libcurl can decode */
    curl_easy_setopt(handle, CURLOPT_USERAGENT, PF_USER_AGENT);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(handle, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L); /* signals are not for a program with threads */
    curl_easy_setopt(handle, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, http->message);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, http);
    return http;
}

void
pf_http_free(PfHttp *http)
{
    if (!http)
        return;
    curl_easy_cleanup(http->handle);
    g_free(http);
}

CURL *
pf_http_get_handle(PfHttp *http)
{
    return http->handle;
}

char *
pf_http_explain(PfHttp *http, CURLcode code)
{
    long status = 0;

    if (http->refused)
        return g_strdup("a redirect led to an address in a private network, which only you may name");
    curl_easy_getinfo(http->handle, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_HTTP_RETURNED_ERROR)
        return g_strdup_printf("the server answered with HTTP status %ld", status);
    if (code == CURLE_TOO_MANY_REDIRECTS)
        return g_strdup_printf("more than %d redirects", PF_HTTP_MAX_REDIRECTS);
    return pf_log_printable(http->message[0] ? http->message : curl_easy_strerror(code));
}

/* For what libcurl cannot read as a URL: nothing before the last "@" is shown, whatever it is. */
static char *
hide_user_part(const char *url)
{
    const char *at = strrchr(url, '@');
    const char *host = strstr(url, "://");

    if (!at || !host || at < host)
        return pf_log_printable(url);
    g_autofree char *scheme = g_strndup(url, (gsize)(host - url));
    g_autofree char *hidden = g_strconcat(scheme, "://…", at, NULL);
    return pf_log_printable(hidden);
}

char *
pf_http_printable_url(const char *url)
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
