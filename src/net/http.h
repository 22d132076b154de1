/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one place with libcurl's settings for fetching what somebody else named: feeds and pages. Only http and https,
 * also after a redirect; bounded redirects, time and size; verified TLS; no cookies, no .netrc.
 *
 * A redirect must not make this machine ask itself or its network neighbours for the one who sent it: private addresses
 * are refused after a redirect, unless the URL that the user named led to one at the outset.
 */
#pragma once

#include <curl/curl.h>
#include <glib.h>

#define PF_HTTP_MAX_REDIRECTS 5
#define PF_HTTP_CONNECT_SECONDS 20L
#define PF_HTTP_SILENCE_SECONDS 60L /* without a byte of progress */
#define PF_HTTP_TOTAL_SECONDS 1800L /* for the whole, however steadily it drips */

typedef struct PfHttp PfHttp;

/**
 * Makes a transfer that is ready but for where its bytes go.
 *
 * @url: http or https
 * @max_bytes: of a body, before decompression; who writes the body out counts it again after
 *
 * Returns: (transfer full). Use and free it in one thread at a time.
 */
PfHttp *pf_http_new(const char *url, gint64 max_bytes);
void pf_http_free(PfHttp *http);

/** The easy handle, for setting a write callback and for the multi interface; owned by @http. */
CURL *pf_http_get_handle(PfHttp *http);

/**
 * Says in words how a transfer ended.
 *
 * @code: what libcurl returned for it
 *
 * Returns: (transfer full): one line, without the URL.
 */
char *pf_http_explain(PfHttp *http, CURLcode code);

/**
 * Copies a URL for people to read: without its password.
 *
 * Returns: (transfer full): unchanged where there is no password, and where it is no URL; one line, safe for a
 * terminal. Any thread.
 */
char *pf_http_printable_url(const char *url);

/**
 * Whether an address is this machine or one of a network that the internet does not reach: loopback, private,
 * link-local, shared (RFC 6598), unspecified, multicast and reserved ones, and IPv6 forms of these. Any thread.
 *
 * @address: a sockaddr_in or sockaddr_in6; another family is private
 */
gboolean pf_http_is_private(const struct sockaddr *address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfHttp, pf_http_free)
