/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "flattr/request.h"
#include <string.h>

struct FlattrRequest {
    const char *method;
    char *path;
    char *body;
    gboolean is_form;    /* else it is JSON */
    char *authorization; /* NULL: the token's */
};

FlattrRequest *
flattr_request_new_take(const char *method, char *path, json_t *body)
{
    FlattrRequest *request = g_new0(FlattrRequest, 1);
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;

    request->method = method;
    request->path = path;
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
    char *path = g_strconcat(request->path, strchr(request->path, '?') ? "&full=1" : "?full=1", NULL);

    g_free(request->path);
    request->path = path;
}

void
flattr_request_free(FlattrRequest *request)
{
    if (!request)
        return;
    g_free(request->path);
    g_free(request->body);
    g_free(request->authorization);
    g_free(request);
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
    g_autofree char *encoded = flattr_request_dup_utf8(url);

    return flattr_request_new_take("POST", g_strdup("/flattr"), json_pack("{s:s}", "url", encoded));
}

FlattrRequest *
flattr_request_new_hello(void)
{
    return flattr_request_new_take("GET", g_strdup("/"), NULL);
}

FlattrRequest *
flattr_request_new_user(void)
{
    return flattr_request_new_take("GET", g_strdup("/user"), NULL);
}

FlattrRequest *
flattr_request_new_rate_limit(void)
{
    return flattr_request_new_take("GET", g_strdup("/rate_limit"), NULL);
}

FlattrRequest *
flattr_request_new_lookup(const char *url)
{
    g_autofree char *escaped = g_uri_escape_string(url, NULL, FALSE);

    return flattr_request_new_take("GET", g_strconcat("/things/lookup/?url=", escaped, NULL), NULL);
}

FlattrRequest *
flattr_request_new_user_flattrs(guint count, guint page)
{
    return flattr_request_new_take("GET", g_strdup_printf("/user/flattrs?count=%u&page=%u", count, page), NULL);
}

const char *
flattr_request_get_method(const FlattrRequest *request)
{
    return request->method;
}

const char *
flattr_request_get_path(const FlattrRequest *request)
{
    return request->path;
}

const char *
flattr_request_get_body(const FlattrRequest *request, gsize *length)
{
    if (length)
        *length = request->body ? strlen(request->body) : 0;
    return request->body;
}

char **
flattr_request_dup_headers(const FlattrRequest *request, const char *token)
{
    g_autoptr(GStrvBuilder) headers = g_strv_builder_new();

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
