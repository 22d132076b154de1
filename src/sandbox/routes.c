/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/routes.h"

#include "sandbox/activities.h"
#include "sandbox/catalog.h"
#include "sandbox/control.h"
#include "sandbox/flattrs.h"
#include "sandbox/oauth.h"
#include "sandbox/pages.h"
#include "sandbox/partner.h"
#include "sandbox/subscriptions.h"
#include "sandbox/things.h"
#include "sandbox/things_list.h"
#include "sandbox/users.h"

#include <string.h>

/* A path that two patterns match belongs to the first. */
static const SandboxRoute routes[] = {
    {SANDBOX_AREA_API, "GET", "/", sandbox_users_get_hello, .about = "tells that the API is there"},
    {SANDBOX_AREA_API, "POST", "/flattr", sandbox_flattr_post_url, .scope = "flattr", .needs_token = TRUE},
    {SANDBOX_AREA_API, "POST", "/things", sandbox_things_create, .scope = "thing", .needs_token = TRUE},
    {SANDBOX_AREA_API, "GET", "/things/lookup", sandbox_things_lookup, .about = "finds a thing by its URL"},
    {SANDBOX_AREA_API, "GET", "/things/search", sandbox_things_search, .about = "finds things by words, tags and more"},
    {SANDBOX_AREA_API, "GET", "/things/:id", sandbox_things_get, .about = "one thing, or several by comma"},
    {SANDBOX_AREA_API, "PATCH", "/things/:id", sandbox_things_update, .scope = "thing", .needs_token = TRUE},
    {SANDBOX_AREA_API, "POST", "/things/:id", sandbox_things_post, .scope = "thing", .needs_token = TRUE},
    {SANDBOX_AREA_API, "DELETE", "/things/:id", sandbox_things_delete, .scope = "thing", .needs_token = TRUE},
    {SANDBOX_AREA_API, "POST", "/things/:id/flattr", sandbox_flattr_post_thing, .scope = "flattr", .needs_token = TRUE},
    {SANDBOX_AREA_API, "GET", "/things/:id/flattrs", sandbox_flattr_list_of_thing, .about = "who flattred a thing"},
    {SANDBOX_AREA_API, "POST", "/things/:id/subscriptions", sandbox_subscriptions_create, .scope = "flattr",
     .needs_token = TRUE},
    {SANDBOX_AREA_API, "PUT", "/things/:id/subscriptions", sandbox_subscriptions_toggle, .scope = "flattr",
     .needs_token = TRUE},
    {SANDBOX_AREA_API, "DELETE", "/things/:id/subscriptions", sandbox_subscriptions_delete, .scope = "flattr",
     .needs_token = TRUE},
    {SANDBOX_AREA_API, "GET", "/user", sandbox_users_get_self, .needs_token = TRUE},
    {SANDBOX_AREA_API, "GET", "/user/things", sandbox_things_list_own, .needs_token = TRUE},
    {SANDBOX_AREA_API, "GET", "/user/flattrs", sandbox_flattr_list_own, .needs_token = TRUE},
    {SANDBOX_AREA_API, "GET", "/user/subscriptions", sandbox_subscriptions_list, .scope = "flattr",
     .needs_token = TRUE},
    {SANDBOX_AREA_API, "GET", "/user/activities", sandbox_activities_list_own, .needs_token = TRUE, .stream = TRUE},
    {SANDBOX_AREA_API, "POST", "/user/verify", sandbox_partner_verify_own, .needs_token = TRUE},
    {SANDBOX_AREA_API, "GET", "/users/:username", sandbox_users_get, .about = "a user"},
    {SANDBOX_AREA_API, "GET", "/users/:username/things", sandbox_things_list_of_user, .about = "what a user owns"},
    {SANDBOX_AREA_API, "GET", "/users/:username/flattrs", sandbox_flattr_list_of_user, .about = "what a user flattred"},
    {SANDBOX_AREA_API, "GET", "/users/:username/activities", sandbox_activities_list_of_user, .stream = TRUE},
    {SANDBOX_AREA_API, "POST", "/users/:username/verify", sandbox_partner_verify_user, .needs_token = TRUE},
    {SANDBOX_AREA_API, "GET", "/categories", sandbox_catalog_list_categories, .about = "the categories of things"},
    {SANDBOX_AREA_API, "GET", "/languages", sandbox_catalog_list_languages, .about = "the languages of things"},
    {SANDBOX_AREA_API, "GET", "/rate_limit", sandbox_users_get_rate_limit, .unlimited = TRUE},

    {SANDBOX_AREA_OAUTH, "GET", "/authorize", sandbox_oauth_ask, .about = "the page that asks for consent"},
    {SANDBOX_AREA_OAUTH, "POST", "/authorize", sandbox_oauth_decide, .about = "what was answered there"},
    {SANDBOX_AREA_OAUTH, "POST", "/token", sandbox_oauth_exchange, .about = "a code for a token"},
    {SANDBOX_AREA_OAUTH, "POST", "/revoke", sandbox_oauth_revoke, .about = "ends a token"},

    {SANDBOX_AREA_NONE, "GET", "/", sandbox_page_overview, .about = "the overview"},
    {SANDBOX_AREA_NONE, "GET", "/style.css", sandbox_page_style, .about = "how the pages look"},
    {SANDBOX_AREA_NONE, "GET", "/login", sandbox_page_ask_login, .about = "the users to choose from"},
    {SANDBOX_AREA_NONE, "POST", "/login", sandbox_page_login, .about = "the one chosen there"},
    {SANDBOX_AREA_NONE, "POST", "/logout", sandbox_page_logout, .about = "ends the login"},
    {SANDBOX_AREA_NONE, "GET", "/applications", sandbox_page_applications, .about = "the programs let in"},
    {SANDBOX_AREA_NONE, "POST", "/applications", sandbox_page_revoke, .about = "shuts one out"},
    {SANDBOX_AREA_NONE, "GET", "/claim", sandbox_page_claim, .about = "where a hook's event leads"},
    {SANDBOX_AREA_NONE, "GET", "/claim/owner/:email", sandbox_page_claim, .about = "the same"},

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
     .about = "{user, means, scopes, hides_flattrs}: another user, answered with a token"},
    {SANDBOX_AREA_CONTROL, "PUT", "/thing", sandbox_control_put_thing,
     .about = "{url, user, title}: registers a thing"},
    {SANDBOX_AREA_CONTROL, "POST", "/faults", sandbox_control_post_fault,
     .about = "{path, kind, times, status, error, seconds, headers}: the next requests to a path go wrong"},
    {SANDBOX_AREA_CONTROL, "DELETE", "/faults", sandbox_control_delete_faults, .about = "forgets the faults ordered"},
    {SANDBOX_AREA_CONTROL, "POST", "/revoke", sandbox_control_post_revoke, .about = "{access_token}: revokes a token"},
    {SANDBOX_AREA_CONTROL, "POST", "/clock", sandbox_control_post_clock,
     .about = "{offset, from}: moves the clock by so many seconds, from the one at the start or from the real time"},
    {SANDBOX_AREA_CONTROL, "PUT", "/partner", sandbox_partner_configure,
     .about = "{user, namespace, hook}: who the partner is, and where events are posted to"},
    {SANDBOX_AREA_CONTROL, "GET", "/hooks", sandbox_partner_list_hooks,
     .about = "the events posted: url, body, status"},
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
