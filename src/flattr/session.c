/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "flattr/flattr.h"
#include "flattr/i18n.h"
#include "flattr/private.h"
#include "flattr/transfer.h"

#include <curl/curl.h>
#include <gio/gio.h>
#include <string.h>

struct FlattrSession {
    char *endpoint;
    char *token;
    CURL *handle;
    FlattrReply *last; /* the answer to the last call, or NULL */
    FlattrTraceFunc trace;
    gpointer trace_data;
    GCancellable *cancellable;
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
        {CURLUPART_USER, N_("it must not contain a user name")},
        {CURLUPART_QUERY, N_("it must not have a query")},
        {CURLUPART_FRAGMENT, N_("it must not have a fragment")},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(forbidden); i++) {
        if (curl_url_get(url, forbidden[i].part, &part, 0) == CURLUE_OK) {
            curl_free(part);
            return _(forbidden[i].fault);
        }
    }
    if (curl_url_get(url, CURLUPART_SCHEME, &part, 0) == CURLUE_OK)
        scheme = g_strdup(part);
    curl_free(part);
    if (g_strcmp0(scheme, "https") == 0)
        return NULL;
    if (g_strcmp0(scheme, "http") != 0)
        return _("it must begin with https://");
    part = NULL;
    gboolean loopback = curl_url_get(url, CURLUPART_HOST, &part, 0) == CURLUE_OK && is_loopback(part);
    curl_free(part);
    return loopback ? NULL
                    : _("plain http:// is allowed for loopback only, since it would show the token to everybody on the "
                        "way; use https://");
}

char *
flattr_endpoint_normalize(const char *endpoint, GError **error)
{
    g_return_val_if_fail(endpoint, NULL);
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
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_ENDPOINT, _("the API's address '%s%s' cannot be used: %s"),
                    at ? "…" : "", at ? at : endpoint, fault ? fault : _("it is not a URL"));
    }
    curl_free(text);
    curl_url_cleanup(url);
    return normalized;
}

/* --- the session --- */

FlattrSession *
flattr_session_new(const char *endpoint, const char *user_agent, GError **error)
{
    g_return_val_if_fail(endpoint && user_agent, NULL);
    g_autofree char *normalized = flattr_endpoint_normalize(endpoint, error);

    if (!normalized)
        return NULL;
    /* libcurl puts it into the head as it is. */
    if (flattr_has_control_character(user_agent)) {
        g_set_error_literal(error, FLATTR_ERROR, FLATTR_ERROR_ARGUMENT,
                            _("the user agent contains a control character"));
        return NULL;
    }

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
    flattr_reply_free(session->last);
    g_clear_object(&session->cancellable);
    g_free(session);
}

gboolean
flattr_session_set_token(FlattrSession *session, const char *token, GError **error)
{
    g_return_val_if_fail(session, FALSE);
    g_clear_pointer(&session->token, g_free);
    if (token && !flattr_token_check(token, error))
        return FALSE;
    session->token = g_strdup(token);
    return TRUE;
}

void
flattr_session_set_ca_file(FlattrSession *session, const char *path)
{
    g_return_if_fail(session);
    flattr_transfer_set_ca_file(session->handle, path);
}

void
flattr_session_set_timeouts(FlattrSession *session, guint connect, guint total)
{
    g_return_if_fail(session);
    flattr_transfer_set_timeouts(session->handle, connect, total);
}

void
flattr_session_set_cancellable(FlattrSession *session, GCancellable *cancellable)
{
    g_return_if_fail(session);
    g_set_object(&session->cancellable, cancellable);
    flattr_transfer_set_cancellable(session->handle, cancellable);
}

void
flattr_session_set_trace(FlattrSession *session, FlattrTraceFunc trace, gpointer user_data)
{
    g_return_if_fail(session);
    session->trace = trace;
    session->trace_data = user_data;
}

FlattrReply *
flattr_session_get_last_reply(const FlattrSession *session)
{
    g_return_val_if_fail(session, NULL);
    return session->last;
}

static void
trace(const FlattrSession *session, const FlattrRequest *request, FlattrReply *reply, const GError *failure)
{
    if (session->trace)
        session->trace(request, reply, failure, session->trace_data);
}

FlattrReply *
flattr_session_send_take(FlattrSession *session, FlattrRequest *request, GError **error)
{
    GError *failure = NULL;

    if (session)
        g_clear_pointer(&session->last, flattr_reply_free);
    if (!session || !request || !flattr_request_check(request, error)) {
        flattr_request_free(request);
        g_return_val_if_fail(session && request, NULL);
        return NULL;
    }
    trace(session, request, NULL, NULL);
    FlattrTransfer *transfer = flattr_transfer_begin(session->handle, session->endpoint, request, session->token);
    FlattrReply *reply = flattr_transfer_finish(transfer, curl_easy_perform(session->handle), &failure);
    trace(session, request, reply, failure);
    flattr_request_free(request);
    if (reply)
        session->last = flattr_reply_ref(reply);
    else
        g_propagate_error(error, failure);
    return reply;
}

FlattrReply *
flattr_session_call_take(FlattrSession *session, FlattrRequest *request, GError **error)
{
    FlattrReply *reply = flattr_session_send_take(session, request, error);

    if (reply && !flattr_reply_check(reply, error))
        g_clear_pointer(&reply, flattr_reply_free);
    return reply;
}

/* --- a function for each call --- */

/* Calls, and reads the answer with @read; @otherwise when no answer came. */
#define CALL(session, request, read, otherwise)                                                                        \
    g_autoptr(FlattrReply) reply = flattr_session_send_take(session, request, error);                                  \
    return reply ? read : otherwise

gboolean
flattr_session_hello(FlattrSession *session, GError **error)
{
    CALL(session, flattr_request_new_hello(), flattr_reply_read_hello(reply, error), FALSE);
}

gboolean
flattr_session_get_rate_limit(FlattrSession *session, FlattrRateLimit *limit, GError **error)
{
    CALL(session, flattr_request_new_rate_limit(), flattr_reply_read_rate_limit(reply, limit, error), FALSE);
}

FlattrUser *
flattr_session_get_user(FlattrSession *session, const char *username, GError **error)
{
    CALL(session, flattr_request_new_user(username), flattr_reply_read_user(reply, error), NULL);
}

FlattrThing *
flattr_session_get_thing(FlattrSession *session, gint64 id, GError **error)
{
    g_autoptr(FlattrReply) reply = flattr_session_send_take(session, flattr_request_new_things(&id, 1), error);
    g_autoptr(GPtrArray) things = reply ? flattr_reply_read_things(reply, error) : NULL;

    if (things && things->len == 1)
        return g_ptr_array_steal_index(things, 0);
    if (things)
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED,
                    _("the server answered with %u things instead of thing %" PRId64), things->len, id);
    return NULL;
}

gint64
flattr_session_lookup_url(FlattrSession *session, const char *url, GError **error)
{
    CALL(session, flattr_request_new_lookup(url), flattr_reply_read_lookup(reply, error), 0);
}

gint64
flattr_session_create_thing(FlattrSession *session, const FlattrThingFields *fields, GError **error)
{
    CALL(session, flattr_request_new_thing_create(fields), flattr_reply_read_created(reply, error), 0);
}

static gboolean
do_take(FlattrSession *session, FlattrRequest *request, GError **error)
{
    CALL(session, request, flattr_reply_read_done(reply, error), FALSE);
}

gboolean
flattr_session_update_thing(FlattrSession *session, gint64 id, const FlattrThingFields *fields, GError **error)
{
    return do_take(session, flattr_request_new_thing_update(id, fields), error);
}

gboolean
flattr_session_delete_thing(FlattrSession *session, gint64 id, GError **error)
{
    return do_take(session, flattr_request_new_thing_delete(id), error);
}

FlattrThing *
flattr_session_flattr_url(FlattrSession *session, const char *url, GError **error)
{
    CALL(session, flattr_request_new_flattr_url(url), flattr_reply_read_flattr(reply, error), NULL);
}

FlattrThing *
flattr_session_flattr_thing(FlattrSession *session, gint64 id, GError **error)
{
    CALL(session, flattr_request_new_flattr_thing(id), flattr_reply_read_flattr(reply, error), NULL);
}

gboolean
flattr_session_subscribe(FlattrSession *session, gint64 id, GError **error)
{
    return do_take(session, flattr_request_new_subscription_create(id), error);
}

gboolean
flattr_session_unsubscribe(FlattrSession *session, gint64 id, GError **error)
{
    return do_take(session, flattr_request_new_subscription_delete(id), error);
}

/* @active: (out): whether the subscription of that thing is */
static gboolean
find_subscription(FlattrSession *session, gint64 id, gboolean *active, GError **error)
{
    g_autoptr(FlattrIterator) subscriptions = flattr_session_iterate_subscriptions(session);
    const FlattrSubscription *subscription;
    GError *failure = NULL;

    while ((subscription = flattr_iterator_next_subscription(subscriptions, &failure))) {
        if (flattr_thing_get_id(flattr_subscription_get_thing(subscription)) != id)
            continue;
        *active = flattr_subscription_get_active(subscription);
        return TRUE;
    }
    if (failure)
        g_propagate_error(error, failure);
    else
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_NOT_FOUND, _("you are not subscribed to thing %" PRId64), id);
    return FALSE;
}

static gboolean
toggle_subscription(FlattrSession *session, gint64 id, gboolean *active, GError **error)
{
    CALL(session, flattr_request_new_subscription_toggle(id), flattr_reply_read_toggled(reply, active, error), FALSE);
}

gboolean
flattr_session_set_subscription_active(FlattrSession *session, gint64 id, gboolean active, GError **error)
{
    gboolean is_active = !active;

    if (!find_subscription(session, id, &is_active, error))
        return FALSE;
    for (int turns = 0; !is_active != !active && turns < 2; turns++)
        if (!toggle_subscription(session, id, &is_active, error))
            return FALSE;
    if (!is_active == !active)
        return TRUE;
    g_set_error_literal(error, FLATTR_ERROR, FLATTR_ERROR_SERVER,
                        _("somebody else changed the subscription at the same time; try again"));
    return FALSE;
}

static GPtrArray *
list_choices_take(FlattrSession *session, FlattrRequest *request, GError **error)
{
    CALL(session, request, flattr_reply_read_choices(reply, error), NULL);
}

GPtrArray *
flattr_session_list_categories(FlattrSession *session, GError **error)
{
    return list_choices_take(session, flattr_request_new_categories(), error);
}

GPtrArray *
flattr_session_list_languages(FlattrSession *session, GError **error)
{
    return list_choices_take(session, flattr_request_new_languages(), error);
}

gboolean
flattr_session_verify(FlattrSession *session, const char *username, const char *identity, GError **error)
{
    return do_take(session, flattr_request_new_verify(username, identity), error);
}

/* --- lists --- */

/* A page's length. */
#define COUNT 100

typedef enum { USER_THINGS, SEARCH, USER_FLATTRS, THING_FLATTRS, SUBSCRIPTIONS, ACTIVITIES } Kind;

struct FlattrIterator {
    FlattrSession *session; /* not owned */
    Kind kind;
    char *username; /* NULL: the token's person */
    gint64 id;
    gboolean incoming;
    char *search[7]; /* in the order of FlattrSearch */
    gboolean full;
    guint page; /* the last one asked for */
    gboolean ended;
    gint64 total;     /* of all pages; -1: not known */
    GPtrArray *items; /* of that page; NULL before the first */
    guint next;
};

static FlattrIterator *
new_iterator(FlattrSession *session, Kind kind, const char *username, gint64 id)
{
    g_return_val_if_fail(session, NULL);
    FlattrIterator *iterator = g_new0(FlattrIterator, 1);

    iterator->total = -1;
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
    g_return_val_if_fail(session && search, NULL);
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

FlattrIterator *
flattr_session_iterate_subscriptions(FlattrSession *session)
{
    return new_iterator(session, SUBSCRIPTIONS, NULL, 0);
}

FlattrIterator *
flattr_session_iterate_activities(FlattrSession *session, const char *username, gboolean incoming)
{
    FlattrIterator *iterator = new_iterator(session, ACTIVITIES, username, 0);

    if (iterator)
        iterator->incoming = incoming;
    return iterator;
}

void
flattr_iterator_set_full(FlattrIterator *iterator)
{
    g_return_if_fail(iterator);
    iterator->full = TRUE;
}

static FlattrRequest *
new_request(const FlattrIterator *iterator)
{
    char *const *texts = iterator->search;
    const FlattrSearch search = {.query = texts[0],
                                 .url = texts[1],
                                 .tags = texts[2],
                                 .language = texts[3],
                                 .category = texts[4],
                                 .user = texts[5],
                                 .sort = texts[6]};

    switch (iterator->kind) {
    case USER_THINGS:
        return flattr_request_new_things_of_user(iterator->username, COUNT, iterator->page);
    case SEARCH:
        return flattr_request_new_search(&search, COUNT, iterator->page);
    case USER_FLATTRS:
        return flattr_request_new_flattrs_of_user(iterator->username, COUNT, iterator->page);
    case THING_FLATTRS:
        return flattr_request_new_flattrs_of_thing(iterator->id, COUNT, iterator->page);
    case SUBSCRIPTIONS:
        return flattr_request_new_subscriptions();
    case ACTIVITIES:
        break;
    }
    return flattr_request_new_activities(iterator->username, iterator->incoming);
}

/* Returns (transfer full) the items of an answer; NULL with @error set. */
static GPtrArray *
read_items(const FlattrIterator *iterator, FlattrReply *reply, GError **error)
{
    switch (iterator->kind) {
    case USER_THINGS:
    case SEARCH:
        return flattr_reply_read_things(reply, error);
    case USER_FLATTRS:
    case THING_FLATTRS:
        return flattr_reply_read_flattrs(reply, error);
    case SUBSCRIPTIONS:
        return flattr_reply_read_subscriptions(reply, error);
    case ACTIVITIES:
        break;
    }
    return flattr_reply_read_activities(reply, error);
}

/* Subscriptions and activities come all at once: the API documents no pages of them. */
static gboolean
has_pages(const FlattrIterator *iterator)
{
    return iterator->kind != SUBSCRIPTIONS && iterator->kind != ACTIVITIES;
}

static gboolean
lists_things(const FlattrIterator *iterator)
{
    return iterator->kind == USER_THINGS || iterator->kind == SEARCH;
}

static gboolean
is_same(const FlattrIterator *iterator, gconstpointer a, gconstpointer b)
{
    if (lists_things(iterator))
        return flattr_thing_get_id(a) == flattr_thing_get_id(b);
    return flattr_thing_get_id(flattr_flattr_get_thing(a)) == flattr_thing_get_id(flattr_flattr_get_thing(b)) &&
           flattr_flattr_get_created_at(a) == flattr_flattr_get_created_at(b) &&
           g_strcmp0(flattr_user_get_username(flattr_flattr_get_owner(a)),
                     flattr_user_get_username(flattr_flattr_get_owner(b))) == 0;
}

/* A server that knows no pages sends the first one for ever. */
static gboolean
is_repeated(const FlattrIterator *iterator, const GPtrArray *items)
{
    if (!iterator->items || items->len != iterator->items->len)
        return FALSE;
    for (guint i = 0; i < items->len; i++) {
        if (!is_same(iterator, g_ptr_array_index(items, i), g_ptr_array_index(iterator->items, i)))
            return FALSE;
    }
    return TRUE;
}

/* Returns FALSE at the end, and with @error set. A page that failed is asked for again by the next call. */
static gboolean
fetch_page(FlattrIterator *iterator, GError **error)
{
    FlattrPage page;

    if (iterator->items && !has_pages(iterator)) {
        iterator->ended = TRUE;
        return FALSE;
    }
    iterator->page++;
    FlattrRequest *request = new_request(iterator);
    if (iterator->full)
        flattr_request_set_full(request);
    g_autoptr(FlattrReply) reply = flattr_session_send_take(iterator->session, request, error);
    g_autoptr(GPtrArray) items = reply ? read_items(iterator, reply, error) : NULL;
    if (!items) {
        iterator->page--;
        return FALSE;
    }
    if (flattr_reply_get_page(reply, &page))
        iterator->total = page.total;
    iterator->ended = items->len == 0 || is_repeated(iterator, items);
    g_clear_pointer(&iterator->items, g_ptr_array_unref);
    iterator->items = g_steal_pointer(&items);
    iterator->next = 0;
    return !iterator->ended;
}

gint64
flattr_iterator_get_total(FlattrIterator *iterator, GError **error)
{
    g_return_val_if_fail(iterator, -1);
    if (!iterator->items && !iterator->ended)
        (void)fetch_page(iterator, error);
    return iterator->total;
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
    g_return_val_if_fail(iterator && lists_things(iterator), NULL);
    return next_item(iterator, error);
}

const FlattrFlattr *
flattr_iterator_next_flattr(FlattrIterator *iterator, GError **error)
{
    g_return_val_if_fail(iterator && (iterator->kind == USER_FLATTRS || iterator->kind == THING_FLATTRS), NULL);
    return next_item(iterator, error);
}

const FlattrSubscription *
flattr_iterator_next_subscription(FlattrIterator *iterator, GError **error)
{
    g_return_val_if_fail(iterator && iterator->kind == SUBSCRIPTIONS, NULL);
    return next_item(iterator, error);
}

const FlattrActivity *
flattr_iterator_next_activity(FlattrIterator *iterator, GError **error)
{
    g_return_val_if_fail(iterator && iterator->kind == ACTIVITIES, NULL);
    return next_item(iterator, error);
}
