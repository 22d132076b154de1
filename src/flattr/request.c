/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "flattr/i18n.h"
#include "flattr/private.h"

#include <string.h>

struct FlattrRequest {
    char *method;
    char *path;
    char *body;
    gboolean is_form;    /* else it is JSON */
    char *authorization; /* NULL: the token's */
    const char *fault;   /* static: why the request cannot be sent; NULL when it can */
};

static gboolean
is_dot(const char **at)
{
    gsize length = **at == '.' ? 1 : g_ascii_strncasecmp(*at, "%2e", 3) == 0 ? 3 : 0;

    *at += length;
    return length > 0;
}

/* Segments of one or two dots take the ones before them away, already in libcurl: what began in the API would end,
 * token and all, at any other address of its host. */
static gboolean
leads_elsewhere(const char *path)
{
    const char *at = path;

    while (*at && *at != '?') {
        if (*at++ != '/')
            continue;
        const char *end = at;
        if (!is_dot(&end))
            continue;
        (void)is_dot(&end);
        if (!*end || strchr("/?#", *end))
            return TRUE;
    }
    return FALSE;
}

FlattrRequest *
flattr_request_new_take(const char *method, char *path, json_t *body)
{
    FlattrRequest *request = g_new0(FlattrRequest, 1);
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;

    request->method = g_strdup(method);
    request->path = path;
    request->fault = leads_elsewhere(path) ? _("the path leads out of the API") : NULL;
    request->body = g_strdup(text);
    free(text);
    json_decref(body);
    return request;
}

void
flattr_request_set_form_take(FlattrRequest *request, char *form)
{
    g_free(request->body);
    request->body = form;
    request->is_form = TRUE;
}

void
flattr_request_set_authorization(FlattrRequest *request, const char *value)
{
    g_free(request->authorization);
    request->authorization = g_strdup(value);
}

void
flattr_request_set_full(FlattrRequest *request)
{
    g_return_if_fail(request);
    char *path = g_strconcat(request->path, strchr(request->path, '?') ? "&full=1" : "?full=1", NULL);

    g_free(request->path);
    request->path = path;
}

void
flattr_request_free(FlattrRequest *request)
{
    if (!request)
        return;
    g_free(request->method);
    g_free(request->path);
    g_free(request->body);
    g_free(request->authorization);
    g_free(request);
}

gboolean
flattr_request_check(const FlattrRequest *request, GError **error)
{
    g_return_val_if_fail(request, FALSE);
    if (request->fault)
        g_set_error_literal(error, FLATTR_ERROR, FLATTR_ERROR_ARGUMENT, request->fault);
    return !request->fault;
}

gboolean
flattr_has_control_character(const char *text)
{
    while (*text && !g_ascii_iscntrl(*text))
        text++;
    return *text != '\0';
}

static FlattrRequest *
check_url(FlattrRequest *request, const char *url)
{
    if (!request->fault && flattr_has_control_character(url))
        request->fault = _("the URL contains a control character");
    if (!*url)
        request->fault = _("the URL is empty");
    return request;
}

static FlattrRequest *
check_username(FlattrRequest *request, const char *username)
{
    if (username && !*username)
        request->fault = _("the user name is empty");
    return request;
}

gboolean
flattr_token_check(const char *token, GError **error)
{
    g_return_val_if_fail(token, FALSE);
    const char *at = token;

    while (g_ascii_isgraph(*at))
        at++;
    if (*token && !*at)
        return TRUE;
    /* Not the token itself: it is secret. */
    g_set_error_literal(error, FLATTR_ERROR, FLATTR_ERROR_ARGUMENT,
                        *token
                            ? _("the access token contains a space, a control character or a character outside ASCII")
                            : _("the access token is empty"));
    return FALSE;
}

char *
flattr_request_dup_utf8(const char *text)
{
    return g_utf8_validate(text, -1, NULL)
               ? g_strdup(text)
               : g_uri_escape_bytes((const guint8 *)text, strlen(text), ":/?#[]@!$&'()*+,;=%");
}

FlattrRequest *
flattr_request_new_flattr_url(const char *url)
{
    g_return_val_if_fail(url, NULL);
    g_autofree char *encoded = flattr_request_dup_utf8(url);

    return check_url(flattr_request_new_take("POST", g_strdup("/flattr"), json_pack("{s:s}", "url", encoded)), url);
}

FlattrRequest *
flattr_request_new_hello(void)
{
    return flattr_request_new_take("GET", g_strdup("/"), NULL);
}

FlattrRequest *
flattr_request_new_rate_limit(void)
{
    return flattr_request_new_take("GET", g_strdup("/rate_limit"), NULL);
}

FlattrRequest *
flattr_request_new_lookup(const char *url)
{
    g_return_val_if_fail(url, NULL);
    g_autofree char *escaped = g_uri_escape_string(url, NULL, FALSE);

    return check_url(flattr_request_new_take("GET", g_strconcat("/things/lookup/?url=", escaped, NULL), NULL), url);
}

FlattrRequest *
flattr_request_new(const char *method, const char *path, const char *body)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", NULL};

    g_return_val_if_fail(method && path && *path == '/', NULL);
    FlattrRequest *request = flattr_request_new_take(method, g_strdup(path), NULL);

    request->body = g_strdup(body);
    /* Both go out as they are: a blank would end the request's first line, and a line's end begin a header. */
    if (!g_strv_contains(methods, method))
        request->fault = _("the API has no such method");
    for (const char *at = path; *at && !request->fault; at++)
        if (!g_ascii_isgraph(*at) || *at == '#')
            request->fault = _("the path is not percent-encoded");
    return request;
}

const char *
flattr_request_get_method(const FlattrRequest *request)
{
    g_return_val_if_fail(request, NULL);
    return request->method;
}

const char *
flattr_request_get_path(const FlattrRequest *request)
{
    g_return_val_if_fail(request, NULL);
    return request->path;
}

const char *
flattr_request_get_body(const FlattrRequest *request, gsize *length)
{
    g_return_val_if_fail(request, NULL);
    if (length)
        *length = request->body ? strlen(request->body) : 0;
    return request->body;
}

char **
flattr_request_dup_headers(const FlattrRequest *request, const char *token)
{
    g_return_val_if_fail(request, NULL);
    g_autoptr(GStrvBuilder) headers = g_strv_builder_new();

    if (token && !flattr_token_check(token, NULL))
        return NULL;
    g_strv_builder_add(headers, "Accept: application/json");
    if (request->body)
        g_strv_builder_add(headers, request->is_form ? "Content-Type: application/x-www-form-urlencoded"
                                                     : "Content-Type: application/json");
    if (request->authorization) {
        g_autofree char *authorization = g_strconcat("Authorization: ", request->authorization, NULL);
        g_strv_builder_add(headers, authorization);
    } else if (token) {
        g_autofree char *authorization = g_strconcat("Authorization: Bearer ", token, NULL);
        g_strv_builder_add(headers, authorization);
    }
    return g_strv_builder_end(headers);
}

/* Requests for things, lists, subscriptions, activities, choices and partners. */

static void
set_text(json_t *object, const char *name, const char *text)
{
    g_autofree char *encoded = text ? flattr_request_dup_utf8(text) : NULL;

    if (encoded)
        json_object_set_new(object, name, json_string(encoded));
}

static json_t *
make_fields(const FlattrThingFields *fields)
{
    json_t *object = json_object();

    set_text(object, "title", fields->title);
    set_text(object, "description", fields->description);
    set_text(object, "category", fields->category);
    set_text(object, "language", fields->language);
    set_text(object, "tags", fields->tags);
    if (fields->hide || fields->show)
        json_object_set_new(object, "hidden", json_boolean(fields->hide));
    return object;
}

static char *
make_thing_path(gint64 id, const char *rest)
{
    return g_strdup_printf("/things/%" G_GINT64_FORMAT "%s", id, rest);
}

/* "/users/NAME/REST", or "/user/REST" without a name. */
static char *
make_user_path(const char *username, const char *rest)
{
    g_autofree char *escaped = username ? g_uri_escape_string(username, NULL, FALSE) : NULL;

    return escaped ? g_strconcat("/users/", escaped, rest, NULL) : g_strconcat("/user", rest, NULL);
}

static FlattrRequest *
new_list(const char *path, guint count, guint page)
{
    return flattr_request_new_take("GET", g_strdup_printf("%s?count=%u&page=%u", path, count, page), NULL);
}

FlattrRequest *
flattr_request_new_user(const char *username)
{
    return check_username(flattr_request_new_take("GET", make_user_path(username, ""), NULL), username);
}

FlattrRequest *
flattr_request_new_thing_create(const FlattrThingFields *fields)
{
    g_return_val_if_fail(fields, NULL);
    json_t *object = make_fields(fields);

    set_text(object, "url", fields->url);
    return check_url(flattr_request_new_take("POST", g_strdup("/things"), object), fields->url ? fields->url : "");
}

FlattrRequest *
flattr_request_new_thing_update(gint64 id, const FlattrThingFields *fields)
{
    g_return_val_if_fail(fields, NULL);
    json_t *object = make_fields(fields);

    json_object_set_new(object, "_method", json_string("patch"));
    return flattr_request_new_take("POST", make_thing_path(id, ""), object);
}

FlattrRequest *
flattr_request_new_thing_delete(gint64 id)
{
    return flattr_request_new_take("DELETE", make_thing_path(id, ""), NULL);
}

FlattrRequest *
flattr_request_new_things(const gint64 *ids, gsize count)
{
    g_return_val_if_fail(ids && count > 0, NULL);
    g_autoptr(GString) path = g_string_new("/things/");

    for (gsize i = 0; i < count; i++)
        g_string_append_printf(path, "%s%" G_GINT64_FORMAT, i ? "," : "", ids[i]);
    return flattr_request_new_take("GET", g_strdup(path->str), NULL);
}

FlattrRequest *
flattr_request_new_things_of_user(const char *username, guint count, guint page)
{
    g_autofree char *path = make_user_path(username, "/things");

    return check_username(new_list(path, count, page), username);
}

FlattrRequest *
flattr_request_new_search(const FlattrSearch *search, guint count, guint page)
{
    g_return_val_if_fail(search, NULL);
    const struct {
        const char *name;
        const char *value;
    } parameters[] = {
        {"query", search->query},       {"url", search->url},   {"tags", search->tags}, {"language", search->language},
        {"category", search->category}, {"user", search->user}, {"sort", search->sort},
    };
    g_autoptr(GString) path = g_string_new(NULL);

    g_string_printf(path, "/things/search?count=%u&page=%u", count, page);
    for (gsize i = 0; i < G_N_ELEMENTS(parameters); i++) {
        if (!parameters[i].value)
            continue;
        g_autofree char *escaped = g_uri_escape_string(parameters[i].value, NULL, FALSE);
        g_string_append_printf(path, "&%s=%s", parameters[i].name, escaped);
    }
    return flattr_request_new_take("GET", g_strdup(path->str), NULL);
}

FlattrRequest *
flattr_request_new_flattr_thing(gint64 id)
{
    /* An empty object, since some servers want a body, and its length, with every POST and PUT. */
    return flattr_request_new_take("POST", make_thing_path(id, "/flattr"), json_object());
}

FlattrRequest *
flattr_request_new_flattrs_of_user(const char *username, guint count, guint page)
{
    g_autofree char *path = make_user_path(username, "/flattrs");

    return check_username(new_list(path, count, page), username);
}

FlattrRequest *
flattr_request_new_flattrs_of_thing(gint64 id, guint count, guint page)
{
    g_autofree char *path = make_thing_path(id, "/flattrs");

    return new_list(path, count, page);
}

FlattrRequest *
flattr_request_new_subscriptions(void)
{
    return flattr_request_new_take("GET", g_strdup("/user/subscriptions"), NULL);
}

FlattrRequest *
flattr_request_new_subscription_create(gint64 id)
{
    return flattr_request_new_take("POST", make_thing_path(id, "/subscriptions"), json_object());
}

FlattrRequest *
flattr_request_new_subscription_toggle(gint64 id)
{
    return flattr_request_new_take("PUT", make_thing_path(id, "/subscriptions"), json_object());
}

FlattrRequest *
flattr_request_new_subscription_delete(gint64 id)
{
    return flattr_request_new_take("DELETE", make_thing_path(id, "/subscriptions"), NULL);
}

FlattrRequest *
flattr_request_new_activities(const char *username, gboolean incoming)
{
    char *path = make_user_path(username, incoming ? "/activities.as?type=incoming" : "/activities.as");

    return check_username(flattr_request_new_take("GET", path, NULL), username);
}

FlattrRequest *
flattr_request_new_categories(void)
{
    return flattr_request_new_take("GET", g_strdup("/categories"), NULL);
}

FlattrRequest *
flattr_request_new_languages(void)
{
    return flattr_request_new_take("GET", g_strdup("/languages"), NULL);
}

FlattrRequest *
flattr_request_new_verify(const char *username, const char *identity)
{
    g_return_val_if_fail(identity, NULL);
    json_t *object = json_object();

    set_text(object, "identity", identity);
    return check_username(flattr_request_new_take("POST", make_user_path(username, "/verify"), object), username);
}
