/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/oauth.h"

#include "base/url.h"
#include "sandbox/pages.h"
#include "sandbox/request.h"
#include "sandbox/urls.h"

#include <string.h>

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

/* Whether a program may have users led there: to any place, when it is registered without one, else to that server. */
static gboolean
may_lead_to(const SandboxClient *client, const char *address)
{
    if (!sandbox_url_is_callback(address) || strchr(address, '#'))
        return FALSE;
    if (!*client->redirect_uri)
        return TRUE;
    g_autofree char *scheme = pf_url_dup_part(address, PF_URL_SCHEME);
    g_autofree char *host = pf_url_dup_part(address, PF_URL_HOST);
    g_autofree char *known_scheme = pf_url_dup_part(client->redirect_uri, PF_URL_SCHEME);
    g_autofree char *known_host = pf_url_dup_part(client->redirect_uri, PF_URL_HOST);
    return g_strcmp0(scheme, known_scheme) == 0 && g_strcmp0(host, known_host) == 0;
}

static const char *
get_field(GHashTable *fields, const char *name)
{
    const char *text = g_hash_table_lookup(fields, name);

    return text && *text ? text : NULL;
}

/* PKCE (RFC 7636): "plain", which is the default, or "S256", of the documented length. */
static gboolean
is_challenge(const char *challenge, const char *method)
{
    gsize length = strlen(challenge);

    return length >= 43 && length <= 128 && (!method || g_str_equal(method, "plain") || g_str_equal(method, "S256"));
}

/*
 * Checks what both the page and its form are given. A redirect_uri that is missing is the one that the program is
 * registered with, and is written into the fields.
 *
 * @client: set to (transfer full) the program on success
 *
 * Returns the scopes asked for, (transfer full); NULL when the answer is complete.
 */
static char *
check_fields(SandboxService *service, GHashTable *fields, gboolean token_too, SandboxClient **client,
             SandboxAnswer *answer)
{
    const char *id = get_field(fields, "client_id"), *wanted = get_field(fields, "scope");
    const char *challenge = get_field(fields, "code_challenge");
    g_autoptr(SandboxClient) known = id ? sandbox_store_get_client(service->store, id) : NULL;

    if (!known) {
        sandbox_html_refuse(answer, 400, "The client_id is missing or unknown");
        return NULL;
    }
    if (!get_field(fields, "redirect_uri"))
        g_hash_table_replace(fields, g_strdup("redirect_uri"), g_strdup(known->redirect_uri));
    if (!may_lead_to(known, get_field(fields, "redirect_uri"))) {
        sandbox_html_refuse(answer, 400,
                            "The program's redirect_uri is missing, is not an absolute URL, or is not at the place "
                            "that the program is registered with");
        return NULL;
    }
    char *scopes = sandbox_scopes_read(wanted ? wanted : "");
    if (challenge && !is_challenge(challenge, get_field(fields, "code_challenge_method"))) {
        redirect(answer, fields, wants(fields, "token"), "error", "invalid_request");
        g_free(scopes);
        return NULL;
    }
    /* A token in an address needs a person who came from the page; programs have the flow by code. */
    if (!wants(fields, "code") && !(token_too && wants(fields, "token"))) {
        redirect(answer, fields, FALSE, "error", "unsupported_response_type");
        g_clear_pointer(&scopes, g_free);
    } else if (!scopes) {
        redirect(answer, fields, wants(fields, "token"), "error", "invalid_scope");
    }
    if (scopes)
        *client = g_steal_pointer(&known);
    return scopes;
}

static const char *const passed[] = {"response_type", "client_id",      "redirect_uri",         "scope",
                                     "state",         "code_challenge", "code_challenge_method"};

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

/* What the user knows the program by: its registered name, or else its id, and the server that it is at. Returns
 * (transfer full) it. */
static char *
name_application(const SandboxClient *client, const char *redirect_uri)
{
    g_autofree char *host = pf_url_dup_part(redirect_uri, PF_URL_HOST);
    const char *place = host ? host : "an unknown place";

    return g_strdup_printf("%s, at %s", *client->name ? client->name : client->id, place);
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
    g_autoptr(SandboxClient) client = NULL;
    g_autofree char *scopes = check_fields(service, request->query, TRUE, &client, answer);

    if (!scopes)
        return;
    const SandboxSession *session = sandbox_visitor_need_session(service, request, answer);
    const char *user = sandbox_visitor_get_user(service, session);
    g_autofree char *application = name_application(client, g_hash_table_lookup(request->query, "redirect_uri"));
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
    sandbox_html_add(page, "<p>Not %s? <a href=\"/login?return=%s\">Log in as another user</a></p>\n", user, back);
    sandbox_html_send_take(answer, 200, page, scheme);
}

/* Returns (transfer full) the new token; NULL when there is no such user any more. */
static char *
grant_token(SandboxService *service, const SandboxClient *client, const SandboxCode *code, gint64 now)
{
    g_autoptr(SandboxUser) user = sandbox_store_get_user(service->store, code->user);
    g_autofree char *application = name_application(client, code->redirect_uri);

    if (!user)
        return NULL;
    char *token = sandbox_secret_new();
    const SandboxGrant grant = {.application = application, .scopes = code->scopes, .created_at = now};
    sandbox_store_add_token(service->store, token, user->id, &grant);
    return token;
}

/* Returns (transfer full) a text's SHA-256 in base64url without padding, as PKCE has it. */
static char *
hash_verifier(const char *verifier)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    guint8 digest[32];
    gsize length = sizeof digest;

    g_checksum_update(checksum, (const guchar *)verifier, -1);
    g_checksum_get_digest(checksum, digest, &length);
    char *text = g_strdelimit(g_base64_encode(digest, length), "+", '-');
    text[strcspn(text, "=")] = '\0';
    return g_strdelimit(text, "/", '_');
}

static void
allow(SandboxService *service, const SandboxRequest *request, const SandboxClient *client, SandboxCode *wanted,
      SandboxAnswer *answer)
{
    const char *challenge = get_field(request->fields, "code_challenge");
    const char *method = get_field(request->fields, "code_challenge_method");

    wanted->client_id = client->id;
    wanted->redirect_uri = g_hash_table_lookup(request->fields, "redirect_uri");
    if (wants(request->fields, "code")) {
        g_autofree char *hashed =
            challenge && g_strcmp0(method, "S256") != 0 ? hash_verifier(challenge) : g_strdup(challenge);
        wanted->challenge = hashed;
        g_autofree char *code = sandbox_codes_add(service->codes, wanted, request->now);
        redirect(answer, request->fields, FALSE, "code", code);
        return;
    }
    g_autofree char *token = grant_token(service, client, wanted, request->now);
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
    g_autoptr(SandboxClient) client = NULL;
    g_autofree char *scopes = check_fields(service, request->fields, !program, &client, answer);
    if (!scopes)
        return;
    const char *user = session ? sandbox_visitor_get_user(service, session) : service->user;
    if (g_strcmp0(decision, "allow") != 0)
        redirect(answer, request->fields, wants(request->fields, "token"), "error", "access_denied");
    else
        allow(service, request, client, &(SandboxCode){.user = (char *)user, .scopes = scopes}, answer);
}

/* How a client shows itself: by Basic authentication, or by fields of the body (RFC 6749 §2.3.1). Returns (transfer
 * full) the id, and sets @secret alike; NULL when it does neither. */
static char *
read_client(const SandboxRequest *request, char **secret)
{
    const char *header = request->authorization;
    gsize length = 0;

    if (!header || g_ascii_strncasecmp(header, "Basic ", strlen("Basic ")) != 0) {
        *secret = g_strdup(get_field(request->fields, "client_secret"));
        return g_strdup(get_field(request->fields, "client_id"));
    }
    g_autofree char *plain = (char *)g_base64_decode(header + strlen("Basic "), &length);
    g_autofree char *pair = g_strndup(plain, length);
    char *colon = strchr(pair, ':');
    if (!colon)
        return NULL;
    *secret = g_strdup(colon + 1);
    return g_strndup(pair, (gsize)(colon - pair));
}

/* Returns (transfer full) the client whose request it is; NULL when it is nobody's, and answered. */
static SandboxClient *
check_client(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_autofree char *secret = NULL;
    g_autofree char *id = read_client(request, &secret);
    g_autoptr(SandboxClient) client = id ? sandbox_store_get_client(service->store, id) : NULL;

    /* As the documentation shows them: a date in the past, beside what forbids to keep it. */
    sandbox_answer_add_header(answer, "Expires", "Thu, 19 Nov 1981 08:52:00 GMT");
    sandbox_answer_add_header(answer, "Cache-Control", "no-store");
    sandbox_answer_add_header(answer, "Pragma", "no-cache");
    if (client && g_strcmp0(client->secret, secret) == 0)
        return g_steal_pointer(&client);
    sandbox_answer_add_header(answer, "WWW-Authenticate", "Basic realm=\"flattr\"");
    sandbox_answer_set_error(answer, 401, "invalid_client", "The client's id or secret is missing or wrong");
    return NULL;
}

void
sandbox_oauth_revoke(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    const char *token = get_field(request->fields, "token");
    g_autoptr(SandboxClient) client = check_client(service, request, answer);

    if (!client)
        return;
    if (!token) {
        sandbox_answer_set_error(answer, 400, "invalid_request", "The token to revoke is missing");
        return;
    }
    sandbox_store_revoke_token(service->store, token);
    sandbox_answer_take_json(answer, 200, json_object());
}

/* Whether the client that asked for a code is the one that brings it (RFC 7636 §4.6). */
static gboolean
is_verified(const SandboxCode *code, const char *verifier)
{
    g_autofree char *hashed = verifier ? hash_verifier(verifier) : NULL;

    return g_strcmp0(code->challenge, hashed) == 0;
}

/* Uses a code up. Returns (transfer full) the token for it; NULL when there is none. @scopes: set on success, as full
 */
static char *
exchange(SandboxService *service, const SandboxRequest *request, const SandboxClient *client, char **scopes)
{
    const char *name = get_field(request->fields, "code"), *address = get_field(request->fields, "redirect_uri");
    g_autoptr(SandboxCode) code =
        sandbox_codes_take(service->codes, name, address ? address : client->redirect_uri, request->now);

    if (!code || !g_str_equal(code->client_id, client->id) ||
        !is_verified(code, get_field(request->fields, "code_verifier")))
        return NULL;
    char *token = grant_token(service, client, code, request->now);
    *scopes = g_strdup(code->scopes);
    if (token)
        sandbox_codes_add_used(service->codes, name, g_steal_pointer(&code), token);
    return token;
}

void
sandbox_oauth_exchange(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_autoptr(SandboxClient) client = check_client(service, request, answer);
    g_autofree char *scopes = NULL;

    if (!client)
        return;
    if (g_strcmp0(get_field(request->fields, "grant_type"), "authorization_code") != 0) {
        sandbox_answer_set_error(answer, 400, "unsupported_grant_type", "Only authorization_code is supported");
        return;
    }
    const char *used = sandbox_codes_find_used(service->codes, get_field(request->fields, "code"));
    g_autofree char *token = used ? NULL : exchange(service, request, client, &scopes);
    if (token) {
        sandbox_answer_take_json_as(
            answer, 200, "application/json; charset=utf-8",
            json_pack("{s:s, s:s, s:s}", "access_token", token, "token_type", "bearer", "scope", scopes));
        return;
    }
    if (used)
        answer->keeps = sandbox_store_revoke_token(service->store, used);
    sandbox_answer_set_error(
        answer, 400, "invalid_grant",
        "The code is unknown, used, expired or for another redirect_uri, or its verifier is wrong");
}
