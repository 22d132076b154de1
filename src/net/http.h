/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one place with libcurl's settings for fetching what somebody else named: feeds and pages. Only http and https,
 * also after a redirect; bounded redirects, time and size, of headers too; verified TLS; no .netrc; cookies for as long
 * as one document is fetched, since some servers redirect to themselves until theirs comes back.
 *
 * Redirects are followed by pf_http_follow(), one transfer each, so that the caller can line up at the next host. They
 * must not make this machine send requests to itself or its network neighbours on behalf of the server that sent them:
 * private addresses are refused after a redirect, unless the URL that the user named led to one at the outset. A URL
 * from somebody else's document is treated like a redirect. A user and password in the URL that the user named go to
 * the same scheme, host and port alone. Behind a proxy, which is what resolves names there, a host is checked by its
 * name: an address or a name that only a private network can have is refused.
 */
#pragma once

#include <curl/curl.h>
#include <glib.h>

#define PF_HTTP_MAX_REDIRECTS 5
#define PF_HTTP_CONNECT_SECONDS 20L
#define PF_HTTP_SILENCE_SECONDS 60L /* without a byte of progress */
#define PF_HTTP_TOTAL_SECONDS 1800L /* for the whole, however steadily it drips */
#define PF_HTTP_MAX_HEADER_KIB 256  /* status lines, headers and trailers of one answer, which libcurl keeps */
#define PF_HTTP_MAX_RETRY_AFTER ((gint64)24 * 3600)

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

/** Adds a contact to the User-Agent: @contact is an address or a URL of the user's, NULL or "" for none. */
void pf_http_set_contact(PfHttp *http, const char *contact);

/** Says that the URL is from somebody else's document, not from the user: it must not lead to a private address.
 */
void pf_http_set_foreign(PfHttp *http);

/** Whether the user has named a URL that led to a private address. */
gboolean pf_http_is_named_private(const PfHttp *http);

/** Asks for the document only if it has changed: what an earlier answer's ETag and Last-Modified were, or NULL. */
void pf_http_set_validators(PfHttp *http, const char *etag, const char *last_modified);

/**
 * Says that there are no more requests for this host: the connection is closed after the answer, and not kept for
 * another transfer. Holds for the next request, after a redirect as well.
 */
void pf_http_set_last(PfHttp *http, gboolean is_last);

/** Whether the answer, of which the header has come, sends us elsewhere; its body is nothing then. */
gboolean pf_http_is_redirect(const PfHttp *http);

/**
 * Turns to where the answer sends us. For a transfer that has ended.
 *
 * Returns: whether the transfer is to be performed again; FALSE when the answer was no redirect, or one that is not
 * followed, which pf_http_explain() then tells.
 */
gboolean pf_http_follow(PfHttp *http);

/**
 * Turns to the bytes of an answer as they are, which libcurl could not decode: servers call what is not encoded
 * "UTF-8", "none" or "aws-chunked". For a transfer that has ended, and has brought nothing yet.
 *
 * @code: what libcurl returned for it
 *
 * Returns: whether the transfer is to be performed again; once.
 */
gboolean pf_http_take_as_is(PfHttp *http, CURLcode code);

/** Whether pf_http_follow() has met with a redirect that it does not follow, or the answer with a limit. */
gboolean pf_http_is_refused(const PfHttp *http);

/** The URL that is asked at present: the one of pf_http_new(), or where redirects led, without user and password. */
const char *pf_http_get_url(const PfHttp *http);

/** Where the document came from, for people to read. Returns: (transfer full): as pf_url_printable(). */
char *pf_http_dup_address(const PfHttp *http);

/**
 * Where the document has moved for good: the first redirects, as far as they were all permanent (301, 308), led there.
 *
 * Returns: (transfer full): that URL, NULL for none; with the user and password of the URL that was named if it is on
 * the same host and port, or is the same host's https where http was named.
 */
char *pf_http_dup_moved(const PfHttp *http);

/** Whether every redirect up to here was permanent, so that the answer is about the URL that was named. */
gboolean pf_http_is_for_good(const PfHttp *http);

/** A header of the last answer. Returns: (transfer full): its value, NULL where there is none. */
char *pf_http_dup_header(const PfHttp *http, const char *name);

/** All headers of one name in the last answer. Returns: (transfer full): of char *: their values, in order. */
GPtrArray *pf_http_list_headers(const PfHttp *http, const char *name);

/** The status of the last answer, 0 when there was none. */
long pf_http_get_status(const PfHttp *http);

/** Seconds that the last answer, 429 or 503, asks to wait: at most PF_HTTP_MAX_RETRY_AFTER, 0 for none. */
gint64 pf_http_get_retry_after(const PfHttp *http);

/**
 * Says in words how a transfer ended.
 *
 * @code: what libcurl returned for it
 *
 * Returns: (transfer full): one line, without the URL.
 */
char *pf_http_explain(PfHttp *http, CURLcode code);

/**
 * Whether an address is this machine or one of a network that the internet does not reach: loopback, private,
 * link-local, shared (RFC 6598), unspecified, multicast and reserved ones, and IPv6 forms of these. Any thread.
 *
 * @address: a sockaddr_in or sockaddr_in6; another family is private
 */
gboolean pf_http_is_private(const struct sockaddr *address);

/** The same of a host as it stands in a URL, for where a proxy resolves its name: an address, a name without a dot, or
 * one below a domain that the internet does not have (localhost, local, internal …). Any thread. */
gboolean pf_http_is_private_name(const char *host);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfHttp, pf_http_free)
