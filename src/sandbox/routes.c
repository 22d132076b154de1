/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/routes.h"

#include "sandbox/control.h"
#include "sandbox/flattr.h"
#include "sandbox/oauth.h"
#include "sandbox/things.h"
#include "sandbox/users.h"

#include <string.h>

/* A path that two patterns match belongs to the first. */
static const SandboxRoute routes[] = {
    {SANDBOX_AREA_API, "GET", "/", sandbox_users_get_hello, .about = "tells that the API is there"},
    {SANDBOX_AREA_API, "POST", "/flattr", sandbox_flattr_post_url, .scope = "flattr", .needs_token = TRUE},
    {SANDBOX_AREA_API, "GET", "/things/lookup", sandbox_things_lookup, .about = "finds a thing by its URL"},
    {SANDBOX_AREA_API, "GET", "/things/:id", sandbox_things_get, .about = "one thing, or several by comma"},
    {SANDBOX_AREA_API, "POST", "/things/:id/flattr", sandbox_flattr_post_thing, .scope = "flattr", .needs_token = TRUE},
    {SANDBOX_AREA_API, "GET", "/user", sandbox_users_get_self, .needs_token = TRUE},
    {SANDBOX_AREA_API, "GET", "/user/flattrs", sandbox_flattr_list_own, .needs_token = TRUE},
    {SANDBOX_AREA_API, "GET", "/users/:username", sandbox_users_get, .about = "a user"},
    {SANDBOX_AREA_API, "GET", "/users/:username/flattrs", sandbox_flattr_list_of_user, .about = "what a user flattred"},
    {SANDBOX_AREA_API, "GET", "/rate_limit", sandbox_users_get_rate_limit, .unlimited = TRUE},

    {SANDBOX_AREA_OAUTH, "GET", "/authorize", sandbox_oauth_ask, .about = "the page that asks for consent"},
    {SANDBOX_AREA_OAUTH, "POST", "/authorize", sandbox_oauth_decide, .about = "what was answered there"},
    {SANDBOX_AREA_OAUTH, "POST", "/token", sandbox_oauth_exchange, .about = "a code for a token"},

    {SANDBOX_AREA_CONTROL, "GET", "/", sandbox_control_list, .about = "lists these calls"},
    {SANDBOX_AREA_CONTROL, "GET", "/flattrs", sandbox_control_get_flattrs,
     .about =
         "every flattr: user, url, thing, accepted (requests answered ok for that user, thing and month), created_at"},
    {SANDBOX_AREA_CONTROL, "GET", "/requests", sandbox_control_get_requests,
     .about = "how many requests came, by method and path"},
    {SANDBOX_AREA_CONTROL, "PUT", "/means", sandbox_control_put_means,
     .about = "{user, means}: what a user can still pay"},
    {SANDBOX_AREA_CONTROL, "PUT", "/rate-limit", sandbox_control_put_rate_limit,
     .about = "{limit, window}: requests a window, and its seconds; counts begin anew"},
    {SANDBOX_AREA_CONTROL, "PUT", "/user", sandbox_control_put_user,
     .about = "{user, means, scopes}: another user, answered with a token"},
    {SANDBOX_AREA_CONTROL, "PUT", "/thing", sandbox_control_put_thing,
     .about = "{url, user, title}: registers a thing"},
    {SANDBOX_AREA_CONTROL, "POST", "/faults", sandbox_control_post_fault,
     .about = "{path, kind, times, status, seconds, headers}: the next requests to a path go wrong"},
    {SANDBOX_AREA_CONTROL, "DELETE", "/faults", sandbox_control_delete_faults, .about = "forgets the faults ordered"},
    {SANDBOX_AREA_CONTROL, "POST", "/revoke", sandbox_control_post_revoke, .about = "{access_token}: revokes a token"},
    {SANDBOX_AREA_CONTROL, "POST", "/clock", sandbox_control_post_clock,
     .about = "{offset}: moves the clock by so many seconds from the real time"},
};

/* Compares part by part. @captures may be NULL. */
static gboolean
match_pattern(const char *pattern, const char *path, char **captures)
{
    gsize captured = 0;

    while (*pattern && *path) {
        gsize wanted = strcspn(pattern + 1, "/") + 1;
        gsize given = strcspn(path + 1, "/") + 1;
        if (pattern[1] == ':') {
            if (given < 2)
                return FALSE;
            if (captures && captured < SANDBOX_CAPTURES_MAX)
                captures[captured++] = g_strndup(path + 1, given - 1);
        } else if (wanted != given || strncmp(pattern, path, wanted) != 0) {
            return FALSE;
        }
        pattern += wanted;
        path += given;
    }
    return !*pattern && !*path;
}

const SandboxRoute *
sandbox_routes_find(SandboxRequest *request, char **allowed)
{
    const char *method = g_str_equal(request->method, "HEAD") ? "GET" : request->method;
    GString *methods = g_string_new(NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(routes); i++) {
        const SandboxRoute *route = &routes[i];
        if (route->area != request->area || !match_pattern(route->pattern, request->path, NULL))
            continue;
        if (g_str_equal(route->method, method)) {
            match_pattern(route->pattern, request->path, request->captures);
            g_string_free(methods, TRUE);
            return route;
        }
        if (strstr(methods->str, route->method))
            continue;
        g_string_append_printf(methods, "%s%s", route->method, g_str_equal(route->method, "GET") ? ", HEAD, " : ", ");
    }
    if (methods->len)
        g_string_append(methods, "OPTIONS");
    *allowed = g_string_free(methods, methods->len == 0);
    return NULL;
}

json_t *
sandbox_routes_list(SandboxArea area)
{
    json_t *list = json_array();

    for (gsize i = 0; i < G_N_ELEMENTS(routes); i++) {
        if (routes[i].area == area)
            json_array_append_new(list, json_pack("{s:s, s:s, s:s?}", "method", routes[i].method, "path",
                                                  routes[i].pattern, "about", routes[i].about));
    }
    return list;
}
