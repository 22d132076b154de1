/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/routes.h"

#include "base/url.h"
#include "sandbox/control.h"
#include "sandbox/flattrs.h"
#include "sandbox/formats.h"
#include "sandbox/oauth.h"
#include "sandbox/objects.h"
#include "sandbox/pages.h"
#include "sandbox/partner.h"
#include "sandbox/things.h"

#include <string.h>

static void list_control_calls(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/* A path that two patterns match belongs to the first. */
static const SandboxRoute routes[] = {
    {SANDBOX_AREA_API, "GET", "/", sandbox_users_get_hello, .about = "says hello"},
    {SANDBOX_AREA_API, "POST", "/flattr", sandbox_flattr_post_url, .scope = "flattr", .needs_token = TRUE},
    {SANDBOX_AREA_API, "POST", "/things", sandbox_things_create, .scope = "thing", .needs_token = TRUE},
    {SANDBOX_AREA_API, "GET", "/things/lookup", sandbox_things_lookup, .about = "finds a thing by its URL"},
    {SANDBOX_AREA_API, "GET", "/things/search", sandbox_things_search, .forms = SANDBOX_FORMS_LIST,
     .about = "finds things by words, tags and more"},
    {SANDBOX_AREA_API, "GET", "/things/:id", sandbox_things_get, .about = "one thing, or several separated by commas"},
    {SANDBOX_AREA_API, "PATCH", "/things/:id", sandbox_things_update, .scope = "thing", .needs_token = TRUE},
    {SANDBOX_AREA_API, "POST", "/things/:id", sandbox_things_post, .scope = "thing", .needs_token = TRUE},
    {SANDBOX_AREA_API, "DELETE", "/things/:id", sandbox_things_delete, .needs_token = TRUE},
    {SANDBOX_AREA_API, "POST", "/things/:id/flattr", sandbox_flattr_post_thing, .scope = "flattr", .needs_token = TRUE},
    {SANDBOX_AREA_API, "GET", "/things/:id/flattrs", sandbox_flattr_list_of_thing, .forms = SANDBOX_FORMS_LIST,
     .about = "who flattred a thing"},
    {SANDBOX_AREA_API, "POST", "/things/:id/subscriptions", sandbox_subscriptions_create, .scope = "flattr",
     .needs_token = TRUE},
    {SANDBOX_AREA_API, "PUT", "/things/:id/subscriptions", sandbox_subscriptions_toggle, .scope = "flattr",
     .needs_token = TRUE},
    {SANDBOX_AREA_API, "DELETE", "/things/:id/subscriptions", sandbox_subscriptions_delete, .scope = "flattr",
     .needs_token = TRUE},
    {SANDBOX_AREA_API, "GET", "/user", sandbox_users_get_self, .needs_token = TRUE},
    {SANDBOX_AREA_API, "GET", "/user/things", sandbox_things_list_own, .needs_token = TRUE,
     .forms = SANDBOX_FORMS_LIST},
    {SANDBOX_AREA_API, "GET", "/user/flattrs", sandbox_flattr_list_own, .needs_token = TRUE,
     .forms = SANDBOX_FORMS_LIST},
    {SANDBOX_AREA_API, "GET", "/user/subscriptions", sandbox_subscriptions_list, .scope = "flattr",
     .needs_token = TRUE},
    {SANDBOX_AREA_API, "GET", "/user/activities", sandbox_activities_list_own, .needs_token = TRUE,
     .forms = SANDBOX_FORMS_STREAM},
    {SANDBOX_AREA_API, "POST", "/user/verify", sandbox_partner_verify_own, .needs_token = TRUE},
    {SANDBOX_AREA_API, "GET", "/users/:username", sandbox_users_get, .about = "a user"},
    {SANDBOX_AREA_API, "GET", "/users/:username/things", sandbox_things_list_of_user, .forms = SANDBOX_FORMS_LIST,
     .about = "what a user owns"},
    {SANDBOX_AREA_API, "GET", "/users/:username/flattrs", sandbox_flattr_list_of_user, .forms = SANDBOX_FORMS_LIST,
     .about = "what a user flattred"},
    {SANDBOX_AREA_API, "GET", "/users/:username/activities", sandbox_activities_list_of_user,
     .forms = SANDBOX_FORMS_STREAM},
    {SANDBOX_AREA_API, "POST", "/users/:username/verify", sandbox_partner_verify_user, .needs_token = TRUE},
    {SANDBOX_AREA_API, "GET", "/categories", sandbox_catalog_list_categories, .forms = SANDBOX_FORMS_CHOICES,
     .about = "the categories of things"},
    {SANDBOX_AREA_API, "GET", "/languages", sandbox_catalog_list_languages, .forms = SANDBOX_FORMS_CHOICES,
     .about = "the languages of things"},
    {SANDBOX_AREA_API, "GET", "/rate_limit", sandbox_users_get_rate_limit, .unlimited = TRUE},

    {SANDBOX_AREA_OAUTH, "GET", "/authorize", sandbox_oauth_ask, .about = "asks the user for consent"},
    {SANDBOX_AREA_OAUTH, "POST", "/authorize", sandbox_oauth_decide, .about = "takes the user's decision"},
    {SANDBOX_AREA_OAUTH, "POST", "/token", sandbox_oauth_exchange, .about = "exchanges a code for a token"},
    {SANDBOX_AREA_OAUTH, "POST", "/revoke", sandbox_oauth_revoke, .about = "revokes a token"},

    {SANDBOX_AREA_NONE, "GET", "/", sandbox_page_overview, .about = "the overview"},
    {SANDBOX_AREA_NONE, "GET", "/style.css", sandbox_page_style, .about = "the style sheet"},
    {SANDBOX_AREA_NONE, "GET", "/login", sandbox_page_ask_login, .about = "the users to choose from"},
    {SANDBOX_AREA_NONE, "POST", "/login", sandbox_page_login, .about = "logs the chosen user in"},
    {SANDBOX_AREA_NONE, "POST", "/logout", sandbox_page_logout, .about = "logs out"},
    {SANDBOX_AREA_NONE, "GET", "/applications", sandbox_page_applications, .about = "the programs with access"},
    {SANDBOX_AREA_NONE, "POST", "/applications", sandbox_page_revoke, .about = "revokes a program's access"},
    {SANDBOX_AREA_NONE, "GET", "/claim", sandbox_page_claim, .about = "where a hook's event leads"},
    {SANDBOX_AREA_NONE, "GET", "/claim/owner/:email", sandbox_page_claim, .about = "the same"},

    {SANDBOX_AREA_CONTROL, "GET", "/", list_control_calls, .about = "lists these calls"},
    {SANDBOX_AREA_CONTROL, "GET", "/flattrs", sandbox_control_get_flattrs,
     .about =
         "every flattr: user, url, thing, accepted (requests answered ok for that user, thing and month), created_at"},
    {SANDBOX_AREA_CONTROL, "GET", "/requests", sandbox_control_get_requests,
     .about = "how many requests were received, by method and path"},
    {SANDBOX_AREA_CONTROL, "PUT", "/means", sandbox_control_put_means,
     .about = "{user, means}: how many flattrs a user can still pay for"},
    {SANDBOX_AREA_CONTROL, "PUT", "/rate-limit", sandbox_control_put_rate_limit,
     .about = "{limit, window}: allows each client limit requests in window seconds (default: 3600); resets the count"},
    {SANDBOX_AREA_CONTROL, "PUT", "/user", sandbox_control_put_user,
     .about = "{user, means, scopes, hides_flattrs}: creates or changes a user; returns a new access token"},
    {SANDBOX_AREA_CONTROL, "PUT", "/client", sandbox_control_put_client,
     .about = "{client_id, client_secret, redirect_uri, name}: registers an OAuth client"},
    {SANDBOX_AREA_CONTROL, "PUT", "/thing", sandbox_control_put_thing,
     .about = "{url, user, title}: registers a thing"},
    {SANDBOX_AREA_CONTROL, "POST", "/faults", sandbox_control_post_fault,
     .about = "{path, kind, times, status, error, seconds, headers}: makes the next requests to a path fail"},
    {SANDBOX_AREA_CONTROL, "DELETE", "/faults", sandbox_control_delete_faults,
     .about = "cancels all faults and ends delays"},
    {SANDBOX_AREA_CONTROL, "POST", "/revoke", sandbox_control_post_revoke, .about = "{access_token}: revokes a token"},
    {SANDBOX_AREA_CONTROL, "POST", "/clock", sandbox_control_post_clock,
     .about =
         "{offset, from}: sets the clock to offset seconds after from: start, the clock that the server was started "
         "with (default), or real, the real time"},
    {SANDBOX_AREA_CONTROL, "PUT", "/partner", sandbox_partner_configure,
     .about = "{user, namespace, hook}: sets the partner and the URL that its events are posted to"},
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

/*
 * Finds a request's route. HEAD goes where GET does.
 *
 * @request: its captures are set on success
 * @allowed: set to (transfer full) the methods that the path knows, separated by commas, when it is known but the
 * method is not; else NULL
 *
 * Returns: the route, or NULL.
 */
static const SandboxRoute *
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

static void
list_control_calls(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    json_t *list = json_array();

    (void)service;
    (void)request;
    for (gsize i = 0; i < G_N_ELEMENTS(routes); i++) {
        if (routes[i].area == SANDBOX_AREA_CONTROL)
            json_array_append_new(list, json_pack("{s:s, s:s, s:s?}", "method", routes[i].method, "path",
                                                  routes[i].pattern, "about", routes[i].about));
    }
    sandbox_answer_take_json(answer, 200, list);
}

/* How many different requests are counted by name; any further ones are counted together. */
#define COUNTS_MAX 2000

/* --- the gates ------------------------------------------------------------------------------------------------------
 */

static void
count_request(SandboxService *service, const SandboxRequest *request)
{
    g_autofree char *name = g_strconcat(request->method, " ", request->path, NULL);

    if (g_hash_table_size(service->counts) >= COUNTS_MAX && !g_hash_table_contains(service->counts, name)) {
        g_free(name);
        name = g_strdup("other");
    }
    gint64 *count = g_hash_table_lookup(service->counts, name);
    if (!count) {
        count = g_new0(gint64, 1);
        g_hash_table_insert(service->counts, g_steal_pointer(&name), count);
    }
    ++*count;
}

static void
add_number(SandboxAnswer *answer, const char *name, gint64 number)
{
    char text[32];

    g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT, number);
    sandbox_answer_add_header(answer, name, text);
}

static gboolean
pass_rate_limit(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    SandboxRate rate;
    gboolean may = sandbox_rate_limit_take(service->rates, sandbox_request_client(request), request->now, &rate);

    add_number(answer, "X-RateLimit-Limit", rate.limit);
    add_number(answer, "X-RateLimit-Remaining", rate.remaining);
    add_number(answer, "X-RateLimit-Current", rate.current);
    add_number(answer, "X-RateLimit-Reset", rate.reset);
    if (!may)
        sandbox_answer_set_error(answer, 403, "rate_limit_exceeded", "You have made too many requests in this period");
    return may;
}

static gboolean
pass_format(const SandboxRequest *request, SandboxAnswer *answer)
{
    const char *callback = sandbox_request_get_parameter(request, "jsonp");

    if (request->formed == SANDBOX_FORM_OTHER) {
        sandbox_answer_set_error(answer, 406, "not_acceptable", "Unknown response format");
        return FALSE;
    }
    if (callback && !sandbox_formats_is_callback(callback)) {
        sandbox_answer_set_error(answer, 400, "invalid_parameters", "jsonp must be the name of a function");
        return FALSE;
    }
    return TRUE;
}

/* A page of somebody else's may have a name of its own lead here ("DNS rebinding"): only this server's own name, that
 * of the machine itself and addresses are let through to the control interface, and no page at all. */
static gboolean
pass_origin(const SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_autofree char *address = g_strconcat("http://", request->host ? request->host : "", "/", NULL);
    g_autofree char *host = pf_url_dup_host(address);
    g_autofree char *own = pf_url_dup_host(service->base);
    g_autofree char *bare = g_strdup(*host == '[' ? host + 1 : host);

    bare[strcspn(bare, "]")] = '\0';
    gboolean known = g_str_equal(host, "localhost") || g_str_equal(host, own) || g_hostname_is_ip_address(bare);
    if (request->host && known && !request->origin)
        return TRUE;
    sandbox_answer_take_json(
        answer, 403,
        json_pack("{s:s}", "message", "The control interface does not accept requests from other sites' pages"));
    return FALSE;
}

static gboolean
pass_token(const SandboxRequest *request, const SandboxRoute *route, SandboxAnswer *answer)
{
    if (!request->user && (route->needs_token || sandbox_request_token(request))) {
        sandbox_answer_add_header(answer, "WWW-Authenticate",
                                  sandbox_request_token(request) ? "Bearer realm=\"flattr\", error=\"invalid_token\""
                                                                 : "Bearer realm=\"flattr\"");
        sandbox_answer_set_error(answer, 401, "unauthorized", "The access token is missing, unknown or revoked");
        return FALSE;
    }
    if (route->scope && !sandbox_scopes_hold(request->scopes, route->scope)) {
        sandbox_answer_set_error(answer, 403, "insufficient_scope", "The access token lacks the required scope");
        return FALSE;
    }
    return TRUE;
}

static gboolean
pass_body(const SandboxRequest *request, SandboxAnswer *answer)
{
    if (request->body_too_long)
        sandbox_answer_set_error(answer, 413, "invalid_request", "The body is too long");
    else if (request->body_problem)
        sandbox_answer_set_error(answer, 400, "invalid_request", request->body_problem);
    return !request->body_too_long && !request->body_problem;
}

/* --- handling -------------------------------------------------------------------------------------------------------
 */

static void
find_bearer(SandboxService *service, SandboxRequest *request)
{
    const char *token = sandbox_request_token(request);

    if (token && request->area == SANDBOX_AREA_API)
        request->user = sandbox_store_get_bearer(service->store, token, &request->scopes);
}

static void
refuse_route(const SandboxRequest *request, const char *allowed, SandboxAnswer *answer)
{
    if (request->area == SANDBOX_AREA_NONE) {
        sandbox_html_refuse(answer, allowed ? 405 : 404,
                            allowed ? "This page does not support that method" : "No such page");
        return;
    }
    if (!allowed) {
        sandbox_answer_set_error(answer, 404, "not_found", "The resource was not found");
        return;
    }
    sandbox_answer_add_header(answer, "Allow", allowed);
    if (g_str_equal(request->method, "OPTIONS")) {
        sandbox_answer_add_header(answer, "Access-Control-Allow-Methods", allowed);
        sandbox_answer_add_header(answer, "Access-Control-Allow-Headers", "Authorization, Content-Type, Accept");
        sandbox_answer_set_empty(answer, 204);
    } else {
        sandbox_answer_set_error(answer, 405, "invalid_request", "The resource does not support this method");
    }
}

/* Only the API has formats and tokens, and errors with a code: a control call is not refused for a header that a test's
 * client always sends, and says itself what is wrong with its body. */
static gboolean
pass_gates(const SandboxService *service, const SandboxRequest *request, const SandboxRoute *route,
           SandboxAnswer *answer)
{
    if (request->area == SANDBOX_AREA_CONTROL && !pass_origin(service, request, answer))
        return FALSE;
    if (request->area == SANDBOX_AREA_API && !(pass_format(request, answer) && pass_token(request, route, answer)))
        return FALSE;
    return request->area == SANDBOX_AREA_CONTROL || pass_body(request, answer);
}

static void
handle_locked(SandboxService *service, SandboxRequest *request, SandboxAnswer *answer)
{
    g_autofree char *allowed = NULL;
    gboolean closed = service->no_control && request->area == SANDBOX_AREA_CONTROL;
    const SandboxRoute *route = closed ? NULL : sandbox_routes_find(request, &allowed);
    gboolean limited =
        request->area == SANDBOX_AREA_API && !(route && route->unlimited) && !g_str_equal(request->method, "OPTIONS");

    request->now = sandbox_service_now(service);
    request->formed = SANDBOX_FORM_JSON;
    if (route)
        request->formed = sandbox_formats_choose(request, route->forms ? route->forms : SANDBOX_FORMS_PLAIN);
    find_bearer(service, request);
    if (limited && !pass_rate_limit(service, request, answer))
        return;
    if (!route)
        refuse_route(request, allowed, answer);
    else if (pass_gates(service, request, route, answer))
        route->handle(service, request, answer);
}

static void
handle_in_transaction(SandboxService *service, SandboxRequest *request, SandboxAnswer *answer)
{
    /* In a transaction of its own: what a new month brings stays, whatever comes of the request. */
    sandbox_renewal_run(service, sandbox_service_now(service));
    sandbox_store_begin(service->store);
    handle_locked(service, request, answer);
    if (request->area == SANDBOX_AREA_API)
        sandbox_formats_apply(request, request->formed, service->base, service->quirks, answer);

    const char *failure = sandbox_store_end(service->store, answer->status < 400 || answer->keeps);
    sandbox_hooks_release(service->hooks, !failure && answer->status < 400);
    if (failure) {
        g_message("a request failed because of the database: %s", failure);
        sandbox_answer_set_error(answer, 500, "server_error", "The sandbox could not read or write its database");
    }
}

/* By the sandbox's own clock, which clients compare with theirs; libmicrohttpd would tell the machine's. */
static void
add_date(const SandboxService *service, SandboxAnswer *answer)
{
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_utc(sandbox_service_now(service));
    g_autofree char *text = now ? g_date_time_format(now, "%a, %d %b %Y %H:%M:%S GMT") : NULL;

    if (text)
        sandbox_answer_add_header(answer, "Date", text);
}

/* Pages of any origin may use the API, since its tokens are no cookies. The pages for people, whose forms are secret,
 * and the control interface are not for them. */
static void
add_cross_origin(const SandboxRequest *request, SandboxAnswer *answer)
{
    gboolean token = request->area == SANDBOX_AREA_OAUTH && g_str_equal(request->path, "/token");

    if (request->area != SANDBOX_AREA_API && !token)
        return;
    sandbox_answer_add_header(answer, "Access-Control-Allow-Origin", "*");
    sandbox_answer_add_header(answer, "Access-Control-Expose-Headers",
                              "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Current, X-RateLimit-Reset");
}

void
sandbox_handle(SandboxService *service, SandboxRequest *request, SandboxAnswer *answer)
{
    g_autoptr(SandboxFault) fault = NULL;

    add_cross_origin(request, answer);
    g_mutex_lock(&service->lock);
    if (request->area == SANDBOX_AREA_API) {
        count_request(service, request);
        fault = sandbox_faults_take(service->faults, request->path);
    }

    if (fault && fault->kind == SANDBOX_FAULT_DELAY) {
        g_mutex_unlock(&service->lock);
        gboolean waited = sandbox_service_wait(service, fault->seconds);
        g_mutex_lock(&service->lock);
        if (!waited)
            answer->delivery = SANDBOX_DELIVERY_DROPPED;
    }
    add_date(service, answer);
    if (answer->delivery == SANDBOX_DELIVERY_WHOLE) {
        if (!fault || sandbox_fault_is_handled(fault))
            handle_in_transaction(service, request, answer);
        if (fault)
            sandbox_fault_apply(fault, request->path, answer);
    }
    g_mutex_unlock(&service->lock);
}
