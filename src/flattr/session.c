/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "flattr/flattr.h"
#include "flattr/transfer.h"

#include <curl/curl.h>
#include <gio/gio.h>
#include <string.h>

#define COUNT 100

typedef enum { USER_THINGS, SEARCH, USER_FLATTRS, THING_FLATTRS } Kind;

struct FlattrIterator {
    FlattrSession *session; /* not owned */
    Kind kind;
    char *username; /* NULL: the token's person */
    gint64 id;
    char *search[7]; /* in the order of FlattrSearch */
    gboolean full;
    guint page; /* the last one asked for */
    gboolean ended;
    GPtrArray *items; /* of that page; NULL before the first */
    guint next;
};

static FlattrIterator *
new_iterator(FlattrSession *session, Kind kind, const char *username, gint64 id)
{
    FlattrIterator *iterator = g_new0(FlattrIterator, 1);

    iterator->session = session;
    iterator->kind = kind;
    iterator->username = g_strdup(username);
    iterator->id = id;
    return iterator;
}

void
flattr_iterator_free(FlattrIterator *iterator)
{
    if (!iterator)
        return;
    g_free(iterator->username);
    for (gsize i = 0; i < G_N_ELEMENTS(iterator->search); i++)
        g_free(iterator->search[i]);
    g_clear_pointer(&iterator->items, g_ptr_array_unref);
    g_free(iterator);
}

FlattrIterator *
flattr_session_iterate_things(FlattrSession *session, const char *username)
{
    return new_iterator(session, USER_THINGS, username, 0);
}

FlattrIterator *
flattr_session_iterate_search(FlattrSession *session, const FlattrSearch *search)
{
    FlattrIterator *iterator = new_iterator(session, SEARCH, NULL, 0);
    const char *const texts[] = {search->query,    search->url,  search->tags, search->language,
                                 search->category, search->user, search->sort};

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        iterator->search[i] = g_strdup(texts[i]);
    return iterator;
}

FlattrIterator *
flattr_session_iterate_flattrs(FlattrSession *session, const char *username)
{
    return new_iterator(session, USER_FLATTRS, username, 0);
}

FlattrIterator *
flattr_session_iterate_flattrs_of_thing(FlattrSession *session, gint64 id)
{
    return new_iterator(session, THING_FLATTRS, NULL, id);
}

void
flattr_iterator_set_full(FlattrIterator *iterator)
{
    iterator->full = TRUE;
}

static FlattrRequest *
new_request(const FlattrIterator *iterator)
{
    char *const *texts = iterator->search;
    const FlattrSearch search = {texts[0], texts[1], texts[2], texts[3], texts[4], texts[5], texts[6]};

    switch (iterator->kind) {
    case USER_THINGS:
        return flattr_request_new_user_things(iterator->username, COUNT, iterator->page);
    case SEARCH:
        return flattr_request_new_search(&search, COUNT, iterator->page);
    case USER_FLATTRS:
        return flattr_request_new_flattrs_of_user(iterator->username, COUNT, iterator->page);
    case THING_FLATTRS:
        break;
    }
    return flattr_request_new_flattrs_of_thing(iterator->id, COUNT, iterator->page);
}

static gboolean
lists_things(const FlattrIterator *iterator)
{
    return iterator->kind == USER_THINGS || iterator->kind == SEARCH;
}

/* A number by which an item differs from its neighbours on other pages. */
static gint64
identify(const FlattrIterator *iterator, gconstpointer item)
{
    if (lists_things(iterator))
        return flattr_thing_get_id(item);

    const FlattrThing *thing = flattr_flattr_get_thing(item);
    const char *owner = flattr_flattr_get_owner(item);
    return (thing ? flattr_thing_get_id(thing) : 0) ^ (flattr_flattr_get_created_at(item) << 20) ^
           ((gint64)g_str_hash(owner ? owner : "") << 32);
}

/* A server that knows no pages sends the first one for ever. */
static gboolean
is_repeated(const FlattrIterator *iterator, const GPtrArray *items)
{
    if (!iterator->items || items->len != iterator->items->len)
        return FALSE;
    for (guint i = 0; i < items->len; i++) {
        if (identify(iterator, g_ptr_array_index(items, i)) !=
            identify(iterator, g_ptr_array_index(iterator->items, i)))
            return FALSE;
    }
    return TRUE;
}

/* Returns FALSE at the end, and with @error set. A page that failed is asked for again by the next call. */
static gboolean
fetch_page(FlattrIterator *iterator, GError **error)
{
    iterator->page++;
    FlattrRequest *request = new_request(iterator);
    if (iterator->full)
        flattr_request_set_full(request);
    g_autoptr(FlattrReply) reply = flattr_session_send_take(iterator->session, request, error);
    g_autoptr(GPtrArray) items = !reply                   ? NULL
                                 : lists_things(iterator) ? flattr_reply_read_things(reply, error)
                                                          : flattr_reply_read_flattrs(reply, error);
    if (!items) {
        iterator->page--;
        return FALSE;
    }
    iterator->ended = items->len == 0 || is_repeated(iterator, items);
    g_clear_pointer(&iterator->items, g_ptr_array_unref);
    iterator->items = g_steal_pointer(&items);
    iterator->next = 0;
    return !iterator->ended;
}

static gconstpointer
next_item(FlattrIterator *iterator, GError **error)
{
    if (iterator->ended)
        return NULL;
    if ((!iterator->items || iterator->next >= iterator->items->len) && !fetch_page(iterator, error))
        return NULL;
    return g_ptr_array_index(iterator->items, iterator->next++);
}

const FlattrThing *
flattr_iterator_next_thing(FlattrIterator *iterator, GError **error)
{
    g_return_val_if_fail(lists_things(iterator), NULL);
    return next_item(iterator, error);
}

const FlattrFlattr *
flattr_iterator_next_flattr(FlattrIterator *iterator, GError **error)
{
    g_return_val_if_fail(!lists_things(iterator), NULL);
    return next_item(iterator, error);
}

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
