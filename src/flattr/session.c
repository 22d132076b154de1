/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "flattr/flattr.h"
#include "flattr/transfer.h"
#include <curl/curl.h>
#include <gio/gio.h>
#include <string.h>

struct FlattrSession {
    char *endpoint;
    char *token;
    CURL *handle;
};

/* --- the endpoint --- */

static gboolean
is_loopback(const char *host)
{
    g_autofree char *bare = g_strdup(host);

    if (*bare == '[') {
        memmove(bare, bare + 1, strlen(bare));
        bare[strcspn(bare, "]")] = '\0';
    }
    g_autoptr(GInetAddress) address = g_inet_address_new_from_string(bare);
    return address ? g_inet_address_get_is_loopback(address) : g_ascii_strcasecmp(bare, "localhost") == 0;
}

static const char *
endpoint_fault(CURLU *url)
{
    g_autofree char *scheme = NULL;
    char *part = NULL;
    static const struct {
        CURLUPart part;
        const char *fault;
    } forbidden[] = {
        {CURLUPART_USER, "it must not hold a user name"},
        {CURLUPART_QUERY, "it must not have a query"},
        {CURLUPART_FRAGMENT, "it must not have a fragment"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(forbidden); i++) {
        if (curl_url_get(url, forbidden[i].part, &part, 0) == CURLUE_OK) {
            curl_free(part);
            return forbidden[i].fault;
        }
    }
    if (curl_url_get(url, CURLUPART_SCHEME, &part, 0) == CURLUE_OK)
        scheme = g_strdup(part);
    curl_free(part);
    if (g_strcmp0(scheme, "https") == 0)
        return NULL;
    if (g_strcmp0(scheme, "http") != 0)
        return "it must begin with https://";
    part = NULL;
    gboolean loopback = curl_url_get(url, CURLUPART_HOST, &part, 0) == CURLUE_OK && is_loopback(part);
    curl_free(part);
    return loopback ? NULL
                    : "plain http:// is for loopback alone, since it would show the token to everybody on the way; use "
                      "https://";
}

char *
flattr_endpoint_normalize(const char *endpoint, GError **error)
{
    CURLU *url = curl_url();
    CURLUcode code = curl_url_set(url, CURLUPART_URL, endpoint, 0);
    const char *fault = code == CURLUE_OK ? endpoint_fault(url) : curl_url_strerror(code);
    char *text = NULL;
    char *normalized = NULL;

    if (!fault && curl_url_get(url, CURLUPART_URL, &text, 0) == CURLUE_OK) {
        normalized = g_strdup(text);
        while (g_str_has_suffix(normalized, "/"))
            normalized[strlen(normalized) - 1] = '\0';
    } else {
        /* What stands before an "@" may be a password. */
        const char *at = strrchr(endpoint, '@');
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_ENDPOINT, "the API's address '%s%s' cannot be used: %s",
                    at ? "…" : "", at ? at : endpoint, fault ? fault : "it is no URL");
    }
    curl_free(text);
    curl_url_cleanup(url);
    return normalized;
}

/* --- the session --- */

FlattrSession *
flattr_session_new(const char *endpoint, const char *user_agent, GError **error)
{
    g_autofree char *normalized = flattr_endpoint_normalize(endpoint, error);

    if (!normalized)
        return NULL;

    FlattrSession *session = g_new0(FlattrSession, 1);
    session->endpoint = g_steal_pointer(&normalized);
    session->handle = flattr_transfer_new_handle(user_agent);
    return session;
}

void
flattr_session_free(FlattrSession *session)
{
    if (!session)
        return;
    curl_easy_cleanup(session->handle);
    g_free(session->endpoint);
    g_free(session->token);
    g_free(session);
}

void
flattr_session_set_token(FlattrSession *session, const char *token)
{
    g_free(session->token);
    session->token = g_strdup(token);
}

void
flattr_session_set_ca_file(FlattrSession *session, const char *path)
{
    flattr_transfer_set_ca_file(session->handle, path);
}

FlattrReply *
flattr_session_send_take(FlattrSession *session, FlattrRequest *request, GError **error)
{
    FlattrTransfer *transfer = flattr_transfer_begin_take(session->handle, session->endpoint, request, session->token);

    return flattr_transfer_finish(transfer, curl_easy_perform(session->handle), error);
}

FlattrThing *
flattr_session_flattr_url(FlattrSession *session, const char *url, GError **error)
{
    g_autoptr(FlattrReply) reply = flattr_session_send_take(session, flattr_request_new_flattr_url(url), error);

    return reply ? flattr_reply_read_flattr(reply, error) : NULL;
}

FlattrUser *
flattr_session_get_user(FlattrSession *session, GError **error)
{
    g_autoptr(FlattrReply) reply = flattr_session_send_take(session, flattr_request_new_user(), error);

    return reply ? flattr_reply_read_user(reply, error) : NULL;
}

gboolean
flattr_session_get_rate_limit(FlattrSession *session, FlattrRateLimit *limit, GError **error)
{
    g_autoptr(FlattrReply) reply = flattr_session_send_take(session, flattr_request_new_rate_limit(), error);

    return reply && flattr_reply_read_rate_limit(reply, limit, error);
}

gint64
flattr_session_lookup_url(FlattrSession *session, const char *url, GError **error)
{
    g_autoptr(FlattrReply) reply = flattr_session_send_take(session, flattr_request_new_lookup(url), error);

    return reply ? flattr_reply_read_lookup(reply, error) : 0;
}
