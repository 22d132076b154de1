/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/oauth.h"

#include "base/url.h"
#include "sandbox/html.h"
#include "sandbox/tokens.h"
#include "sandbox/urls.h"
#include "sandbox/visitor.h"

#include <string.h>

static gboolean
is_setting(SandboxService *service, const char *name, const char *value)
{
    g_autofree char *wanted = sandbox_store_get_setting(service->store, name);

    return g_strcmp0(wanted, value) == 0;
}

/* A code and errors of its flow go into the query, a token and errors of its flow into the fragment, which browsers
 * keep to themselves. */
static void
redirect(SandboxAnswer *answer, GHashTable *fields, gboolean fragment, const char *name, const char *value)
{
    const char *address = g_hash_table_lookup(fields, "redirect_uri");
    const char *state = g_hash_table_lookup(fields, "state");
    g_autoptr(GString) location = g_string_new(address);

    g_string_append_printf(location, "%c%s=%s", fragment ? '#' : strchr(address, '?') ? '&' : '?', name, value);
    if (state) {
        g_autofree char *escaped = g_uri_escape_string(state, NULL, FALSE);
        g_string_append_printf(location, "&state=%s", escaped);
    }
    sandbox_answer_set_empty(answer, 302);
    sandbox_answer_add_header(answer, "Location", location->str);
    sandbox_answer_add_header(answer, "Cache-Control", "no-store");
}

static gboolean
wants(GHashTable *fields, const char *type)
{
    return g_strcmp0(g_hash_table_lookup(fields, "response_type"), type) == 0;
}

/* Checks what both the page and its form are given. Returns the scopes asked for, (transfer full); NULL when the answer
 * is complete. */
static char *
check_fields(SandboxService *service, GHashTable *fields, gboolean token_too, SandboxAnswer *answer)
{
    const char *address = g_hash_table_lookup(fields, "redirect_uri");
    const char *wanted = g_hash_table_lookup(fields, "scope");

    if (!is_setting(service, "client_id", g_hash_table_lookup(fields, "client_id"))) {
        sandbox_html_refuse(answer, 400, "The program's client_id is missing or unknown");
        return NULL;
    }
    if (!sandbox_url_is_callback(address) || strchr(address, '#')) {
        sandbox_html_refuse(answer, 400, "The program's redirect_uri is missing or no address to lead to");
        return NULL;
    }
    char *scopes = sandbox_scopes_read(wanted ? wanted : "");
    /* A token in an address needs a person who came from the page; programs have the flow by code. */
    if (!wants(fields, "code") && !(token_too && wants(fields, "token"))) {
        redirect(answer, fields, FALSE, "error", "unsupported_response_type");
        g_clear_pointer(&scopes, g_free);
    } else if (!scopes) {
        redirect(answer, fields, wants(fields, "token"), "error", "invalid_scope");
    }
    return scopes;
}

static const char *const passed[] = {"response_type", "client_id", "redirect_uri", "scope", "state"};

/* Returns the address of the page itself, (transfer full), to come back to from the login. */
static char *
make_return(const SandboxRequest *request)
{
    g_autoptr(GString) address = g_string_new("/oauth/authorize");

    for (gsize i = 0; i < G_N_ELEMENTS(passed); i++) {
        const char *value = g_hash_table_lookup(request->query, passed[i]);
        if (!value)
            continue;
        g_autofree char *escaped = g_uri_escape_string(value, NULL, FALSE);
        g_string_append_printf(address, "%c%s=%s", strchr(address->str, '?') ? '&' : '?', passed[i], escaped);
    }
    return g_uri_escape_string(address->str, NULL, FALSE);
}

/* What the user knows the program by: the server that it is at. Returns (transfer full) it. */
static char *
name_application(const char *redirect_uri)
{
    g_autofree char *host = pf_url_dup_part(redirect_uri, PF_URL_HOST);

    return g_strdup_printf("the program at %s", host ? host : "an unknown place");
}

static void
add_request_for_consent(GString *page, const char *user, const char *application, const char *scopes)
{
    g_auto(GStrv) words = g_strsplit(scopes, " ", -1);

    sandbox_html_add(page,
                     "<p>May <b>%s</b> act for <b>%s</b>? It could then:</p>\n<ul>\n<li>read what is "
                     "public</li>\n",
                     application, user);
    for (char **scope = words; *scope && **scope; scope++)
        sandbox_html_add(page, "<li>%s</li>\n", sandbox_scope_explain(*scope));
    g_string_append(page, "</ul>\n<p>You can revoke this at any time, under Applications.</p>\n");
}

void
sandbox_oauth_ask(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_autofree char *scopes = check_fields(service, request->query, TRUE, answer);

    if (!scopes)
        return;
    const SandboxSession *session = sandbox_visitor_need_session(service, request, answer);
    const char *user = sandbox_visitor_get_user(service, session);
    g_autofree char *application = name_application(g_hash_table_lookup(request->query, "redirect_uri"));
    g_autofree char *scheme = g_uri_parse_scheme(g_hash_table_lookup(request->query, "redirect_uri"));
    g_autofree char *back = make_return(request);
    GString *page = sandbox_html_new("Allow a program to act for you?");

    add_request_for_consent(page, user, application, scopes);
    sandbox_visitor_add_form(page, session, "/oauth/authorize");
    for (gsize i = 0; i < G_N_ELEMENTS(passed); i++) {
        const char *value = g_hash_table_lookup(request->query, passed[i]);
        if (value)
            sandbox_html_add(page, "<input type=\"hidden\" name=\"%s\" value=\"%s\">\n", passed[i], value);
    }
    g_string_append(page, "<p><button name=\"decision\" value=\"allow\">Allow</button>\n"
                          "<button name=\"decision\" value=\"deny\">Deny</button></p>\n</form>\n");
    sandbox_html_add(page, "<p>You are not %s? <a href=\"/login?return=%s\">Log in as somebody else</a></p>\n", user,
                     back);
    sandbox_html_send_take(answer, 200, page, scheme);
}

/* Returns (transfer full) the new token; NULL when there is no such user any more. */
static char *
grant_token(SandboxService *service, const char *name, const char *redirect_uri, const char *scopes, gint64 now)
{
    g_autoptr(SandboxUser) user = sandbox_store_get_user(service->store, name);
    g_autofree char *application = name_application(redirect_uri);

    if (!user)
        return NULL;
    char *token = sandbox_secret_new();
    const SandboxGrant grant = {.application = application, .scopes = (char *)scopes, .created_at = now};
    sandbox_store_add_token(service->store, token, user->id, &grant);
    return token;
}

static void
allow(SandboxService *service, const SandboxRequest *request, const char *user, const char *scopes,
      SandboxAnswer *answer)
{
    const char *address = g_hash_table_lookup(request->fields, "redirect_uri");

    if (wants(request->fields, "code")) {
        g_autofree char *code = sandbox_codes_add(service->codes, user, address, scopes, request->now);
        redirect(answer, request->fields, FALSE, "code", code);
        return;
    }
    g_autofree char *token = grant_token(service, user, address, scopes, request->now);
    if (!token)
        return;
    g_autofree char *value = g_strconcat(token, "&token_type=bearer", NULL);
    redirect(answer, request->fields, TRUE, "access_token", value);
}

void
sandbox_oauth_decide(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    const char *decision = g_hash_table_lookup(request->fields, "decision");
    gboolean program = sandbox_visitor_is_program(request);
    const SandboxSession *session = program ? NULL : sandbox_visitor_check_form(service, request, answer);

    if (!program && !session)
        return;
    g_autofree char *scopes = check_fields(service, request->fields, !program, answer);
    if (!scopes)
        return;
    if (g_strcmp0(decision, "allow") != 0)
        redirect(answer, request->fields, wants(request->fields, "token"), "error", "access_denied");
    else
        allow(service, request, session ? sandbox_visitor_get_user(service, session) : service->user, scopes, answer);
}

static gboolean
is_client(SandboxService *service, const SandboxRequest *request)
{
    const char *header = request->authorization;
    gsize length = 0;

    if (!header || g_ascii_strncasecmp(header, "Basic ", strlen("Basic ")) != 0)
        return FALSE;
    g_autofree char *plain = (char *)g_base64_decode(header + strlen("Basic "), &length);
    g_autofree char *pair = g_strndup(plain, length);
    char *colon = strchr(pair, ':');
    if (!colon)
        return FALSE;
    *colon = '\0';
    return is_setting(service, "client_id", pair) && is_setting(service, "client_secret", colon + 1);
}

/* Whether the request is the client's; else it is answered. */
static gboolean
check_client(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    sandbox_answer_add_header(answer, "Cache-Control", "no-store");
    sandbox_answer_add_header(answer, "Pragma", "no-cache");
    if (is_client(service, request))
        return TRUE;
    sandbox_answer_add_header(answer, "WWW-Authenticate", "Basic realm=\"flattr\"");
    sandbox_answer_set_error(answer, 401, "invalid_client", "The client's id or secret is missing or wrong");
    return FALSE;
}

void
sandbox_oauth_revoke(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    const char *token = g_hash_table_lookup(request->fields, "token");

    if (!check_client(service, request, answer))
        return;
    if (!token || !*token) {
        sandbox_answer_set_error(answer, 400, "invalid_request", "Which token? It is missing");
        return;
    }
    sandbox_store_revoke_token(service->store, token);
    sandbox_answer_take_json(answer, 200, json_object());
}

void
sandbox_oauth_exchange(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    if (!check_client(service, request, answer))
        return;
    if (g_strcmp0(g_hash_table_lookup(request->fields, "grant_type"), "authorization_code") != 0) {
        sandbox_answer_set_error(answer, 400, "unsupported_grant_type", "Only authorization_code is known");
        return;
    }
    g_autoptr(SandboxCode) code =
        sandbox_codes_take(service->codes, g_hash_table_lookup(request->fields, "code"),
                           g_hash_table_lookup(request->fields, "redirect_uri"), request->now);
    g_autofree char *token =
        code ? grant_token(service, code->user, code->redirect_uri, code->scopes, request->now) : NULL;
    if (!token) {
        sandbox_answer_set_error(answer, 400, "invalid_grant",
                                 "The code is unknown, used, too old or for another place");
        return;
    }
    sandbox_answer_take_json(
        answer, 200,
        json_pack("{s:s, s:s, s:s}", "access_token", token, "token_type", "bearer", "scope", code->scopes));
}
