/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "flattr/transfer.h"

#include "flattr/i18n.h"
#include <string.h>

struct FlattrTransfer {
    CURL *handle;
    char *endpoint;
    FlattrRequest *request; /* owned when begun with _take */
    gboolean owns_request;
    FlattrReply *reply;
    struct curl_slist *headers;
    gsize body_sent;
    gsize head_received;
    char message[CURL_ERROR_SIZE]; /* libcurl's own words, empty when it has none */
};

/* libcurl silently sends a request again when a kept connection dies without a byte of an answer. That may pay twice
 * (across the turn of a month at least), so a body that was begun must not be had a second time: it is read from here,
 * and cannot be rewound. libcurl then gives up, and the request counts as unanswered. */
static size_t
send_body(char *bytes, size_t size, size_t count, void *data)
{
    FlattrTransfer *transfer = data;
    gsize length = 0;
    const char *body = flattr_request_get_body(transfer->request, &length);
    gsize part = MIN(size * count, length - transfer->body_sent);

    memcpy(bytes, body + transfer->body_sent, part);
    transfer->body_sent += part;
    return part;
}

/* Status lines, headers and trailers: libcurl and the reply keep them all, so their sum is bounded. */
static size_t
receive_head(char *line, size_t size, size_t count, void *data)
{
    FlattrTransfer *transfer = data;

    transfer->head_received += size * count;
    if (transfer->head_received > FLATTR_TRANSFER_MAX_HEAD)
        return 0;
    flattr_reply_add_head_line(transfer->reply, line, size * count);
    return size * count;
}

static size_t
receive_body(char *bytes, size_t size, size_t count, void *reply)
{
    return flattr_reply_append_body(reply, bytes, size * count) ? size * count : 0;
}

static int
is_cancelled(void *cancellable, curl_off_t expected, curl_off_t received, curl_off_t to_send, curl_off_t sent)
{
    (void)expected;
    (void)received;
    (void)to_send;
    (void)sent;
    return g_cancellable_is_cancelled(cancellable);
}

CURL *
flattr_transfer_new_handle(const char *user_agent)
{
    CURL *handle = curl_easy_init();

    if (!handle)
        g_error("libcurl has no memory for a handle");
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, FLATTR_TRANSFER_CONNECT_SECONDS);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT, FLATTR_TRANSFER_TOTAL_SECONDS);
    curl_easy_setopt(handle, CURLOPT_USERAGENT, user_agent);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, receive_head);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive_body);
    curl_easy_setopt(handle, CURLOPT_READFUNCTION, send_body);
    return handle;
}

void
flattr_transfer_set_ca_file(CURL *handle, const char *path)
{
    if (!path || !*path)
        return;
    curl_easy_setopt(handle, CURLOPT_CAINFO, path);
    curl_easy_setopt(handle, CURLOPT_CAPATH, NULL);
}

void
flattr_transfer_set_timeouts(CURL *handle, guint connect, guint total)
{
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
                     connect ? (long)MIN(connect, G_MAXINT) : FLATTR_TRANSFER_CONNECT_SECONDS * 1000);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS,
                     total ? (long)MIN(total, G_MAXINT) : FLATTR_TRANSFER_TOTAL_SECONDS * 1000);
}

void
flattr_transfer_set_cancellable(CURL *handle, GCancellable *cancellable)
{
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, is_cancelled);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, cancellable);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, cancellable ? 0L : 1L);
}

FlattrTransfer *
flattr_transfer_begin_take(CURL *handle, const char *endpoint, FlattrRequest *request, const char *token)
{
    FlattrTransfer *transfer = flattr_transfer_begin(handle, endpoint, request, token);

    transfer->owns_request = TRUE;
    return transfer;
}

FlattrTransfer *
flattr_transfer_begin(CURL *handle, const char *endpoint, FlattrRequest *request, const char *token)
{
    FlattrTransfer *transfer = g_new0(FlattrTransfer, 1);
    g_autofree char *address = g_strconcat(endpoint, flattr_request_get_path(request), NULL);
    g_auto(GStrv) headers = flattr_request_dup_headers(request, token);
    gsize length = 0;

    transfer->handle = handle;
    transfer->endpoint = g_strdup(endpoint);
    transfer->request = request;
    transfer->reply = flattr_reply_new();
    /* Without headers, since the token is none, the server says that it lacks one. */
    for (char **header = headers; header && *header; header++)
        transfer->headers = curl_slist_append(transfer->headers, *header);

    curl_easy_setopt(handle, CURLOPT_URL, address);
    /* Plain http is for loopback alone. Through a proxy that the environment names, the token would leave the machine
     * in the clear; https goes through one in a tunnel. */
    curl_easy_setopt(handle, CURLOPT_NOPROXY, g_ascii_strncasecmp(endpoint, "http:", 5) == 0 ? "*" : NULL);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, transfer->headers);
    curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
    if (flattr_request_get_body(request, &length)) {
        curl_easy_setopt(handle, CURLOPT_POST, 1L);
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
        curl_easy_setopt(handle, CURLOPT_READDATA, transfer);
    }
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, flattr_request_get_method(request));
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, transfer->message);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, transfer->reply);
    return transfer;
}

static void
transfer_free(FlattrTransfer *transfer)
{
    curl_easy_setopt(transfer->handle, CURLOPT_HTTPHEADER, NULL);
    curl_easy_setopt(transfer->handle, CURLOPT_ERRORBUFFER, NULL);
    curl_slist_free_all(transfer->headers);
    if (transfer->owns_request)
        flattr_request_free(transfer->request);
    flattr_reply_free(transfer->reply);
    g_free(transfer->endpoint);
    g_free(transfer);
}

/* libcurl's words for what was decided here would send the reader looking in the wrong place. */
static const char *
explain(const FlattrTransfer *transfer, CURLcode code)
{
    switch (code) {
    case CURLE_WRITE_ERROR:
        return _("the answer is too long to be one of the API's");
    case CURLE_ABORTED_BY_CALLBACK:
        return _("cancelled before an answer came");
    /* Those that people meet, since libcurl speaks English alone. */
    case CURLE_COULDNT_RESOLVE_HOST:
        return _("the server's host name cannot be resolved");
    case CURLE_COULDNT_CONNECT:
        return _("cannot connect to the server");
    case CURLE_OPERATION_TIMEDOUT:
        return _("the server did not answer in time");
    case CURLE_SEND_FAIL_REWIND:
        return _("the connection was closed before an answer came");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
        /* Which of the many things that can be wrong with a certificate it is, only these words say. */
        return *transfer->message ? transfer->message : curl_easy_strerror(code);
    default:
        return curl_easy_strerror(code);
    }
}

FlattrReply *
flattr_transfer_finish(FlattrTransfer *transfer, CURLcode code, GError **error)
{
    FlattrReply *reply = NULL;
    long sent = 0;

    /* libcurl counts the bytes of requests that went out: none means that the server cannot have heard of this one. */
    curl_easy_getinfo(transfer->handle, CURLINFO_REQUEST_SIZE, &sent);
    if (code == CURLE_OK)
        reply = g_steal_pointer(&transfer->reply);
    else
        g_set_error(error, FLATTR_ERROR, sent > 0 ? FLATTR_ERROR_NO_ANSWER : FLATTR_ERROR_UNREACHABLE, "%s: %s",
                    transfer->endpoint, explain(transfer, code));
    transfer_free(transfer);
    return reply;
}
