/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/oauth.h"

#include "sandbox/urls.h"

#include <string.h>

#define CODE_SECONDS 600

typedef struct {
    char *redirect_uri;
    char *scopes;
    gint64 end; /* seconds since the epoch */
} Code;

static void
free_code(gpointer data)
{
    Code *code = data;

    g_free(code->redirect_uri);
    g_free(code->scopes);
    g_free(code);
}

GHashTable *
sandbox_oauth_new_codes(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_code);
}

char *
sandbox_oauth_read_scopes(const char *text)
{
    g_auto(GStrv) words = g_strsplit_set(text, " ,", -1);
    g_autoptr(GString) scopes = g_string_new(NULL);

    for (char **word = words; *word; word++) {
        if (!**word)
            continue;
        if (!sandbox_scopes_hold(SANDBOX_SCOPES, *word))
            return NULL;
        g_string_append_printf(scopes, "%s%s", scopes->len ? " " : "", *word);
    }
    return g_strdup(scopes->str);
}

static gboolean
is_setting(SandboxService *service, const char *name, const char *value)
{
    g_autofree char *wanted = sandbox_store_get_setting(service->store, name);

    return g_strcmp0(wanted, value) == 0;
}

static void
redirect(SandboxAnswer *answer, GHashTable *fields, const char *name, const char *value)
{
    const char *address = g_hash_table_lookup(fields, "redirect_uri");
    const char *state = g_hash_table_lookup(fields, "state");
    g_autoptr(GString) location = g_string_new(address);

    g_string_append_printf(location, "%c%s=%s", strchr(address, '?') ? '&' : '?', name, value);
    if (state) {
        g_autofree char *escaped = g_uri_escape_string(state, NULL, FALSE);
        g_string_append_printf(location, "&state=%s", escaped);
    }
    sandbox_answer_set_empty(answer, 302);
    sandbox_answer_add_header(answer, "Location", location->str);
}

/* Checks what both the page and its form are given. Returns the scopes asked for, (transfer full); NULL when the answer
 * is complete. */
static char *
check_fields(SandboxService *service, GHashTable *fields, SandboxAnswer *answer)
{
    const char *address = g_hash_table_lookup(fields, "redirect_uri");
    const char *wanted = g_hash_table_lookup(fields, "scope");

    if (!is_setting(service, "client_id", g_hash_table_lookup(fields, "client_id"))) {
        sandbox_answer_set_error(answer, 400, "invalid_request", "The client_id is missing or unknown");
        return NULL;
    }
    if (!sandbox_url_is_web(address) || strchr(address, '#')) {
        sandbox_answer_set_error(answer, 400, "invalid_request", "The redirect_uri is missing or no web address");
        return NULL;
    }
    char *scopes = sandbox_oauth_read_scopes(wanted ? wanted : "");
    if (g_strcmp0(g_hash_table_lookup(fields, "response_type"), "code") != 0) {
        redirect(answer, fields, "error", "unsupported_response_type");
        g_clear_pointer(&scopes, g_free);
    } else if (!scopes) {
        redirect(answer, fields, "error", "invalid_scope");
    }
    return scopes;
}

void
sandbox_oauth_ask(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    static const char *const passed[] = {"response_type", "client_id", "redirect_uri", "scope", "state"};
    g_autofree char *scopes = check_fields(service, request->query, answer);

    if (!scopes)
        return;
    g_autofree char *intro = g_markup_printf_escaped("<p>May this program act for <b>%s</b>? It asks for: %s</p>",
                                                     service->user, *scopes ? scopes : "reading only");
    g_autoptr(GString) page = g_string_new("<!DOCTYPE html>\n<html><head><title>flattr-sandbox</title></head><body>\n"
                                           "<h1>flattr-sandbox: a test server</h1>\n");

    g_string_append_printf(page, "%s\n<form method=\"post\" action=\"/oauth/authorize\">\n", intro);
    for (gsize i = 0; i < G_N_ELEMENTS(passed); i++) {
        const char *value = g_hash_table_lookup(request->query, passed[i]);
        if (!value)
            continue;
        g_autofree char *field =
            g_markup_printf_escaped("<input type=\"hidden\" name=\"%s\" value=\"%s\">\n", passed[i], value);
        g_string_append(page, field);
    }
    g_string_append(page, "<button name=\"decision\" value=\"allow\">Allow</button>\n"
                          "<button name=\"decision\" value=\"deny\">Deny</button>\n</form></body></html>\n");
    sandbox_answer_set_text(answer, 200, "text/html; charset=utf-8", page->str);
}

static gboolean
is_old(gpointer name, gpointer code, gpointer now)
{
    (void)name;
    return ((const Code *)code)->end <= *(const gint64 *)now;
}

void
sandbox_oauth_decide(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    const char *decision = g_hash_table_lookup(request->fields, "decision");
    g_autofree char *scopes = check_fields(service, request->fields, answer);

    if (!scopes)
        return;
    if (g_strcmp0(decision, "allow") != 0) {
        redirect(answer, request->fields, "error", "access_denied");
        return;
    }
    gint64 now = request->now;
    g_hash_table_foreach_remove(service->codes, is_old, &now);
    g_autofree char *name = sandbox_service_new_secret();
    Code *code = g_new0(Code, 1);
    code->redirect_uri = g_strdup(g_hash_table_lookup(request->fields, "redirect_uri"));
    code->scopes = g_steal_pointer(&scopes);
    code->end = now + CODE_SECONDS;
    redirect(answer, request->fields, "code", name);
    g_hash_table_insert(service->codes, g_steal_pointer(&name), code);
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

/* Uses the code up, whether it fits or not. Returns its scopes, (transfer full), or NULL. */
static char *
use_code(SandboxService *service, const SandboxRequest *request)
{
    const char *name = g_hash_table_lookup(request->fields, "code");
    const char *address = g_hash_table_lookup(request->fields, "redirect_uri");
    const Code *code = name ? g_hash_table_lookup(service->codes, name) : NULL;
    char *scopes = NULL;

    if (code && request->now < code->end && g_strcmp0(address, code->redirect_uri) == 0)
        scopes = g_strdup(code->scopes);
    if (code)
        g_hash_table_remove(service->codes, name);
    return scopes;
}

void
sandbox_oauth_exchange(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    sandbox_answer_add_header(answer, "Cache-Control", "no-store");
    sandbox_answer_add_header(answer, "Pragma", "no-cache");
    if (!is_client(service, request)) {
        sandbox_answer_add_header(answer, "WWW-Authenticate", "Basic realm=\"flattr\"");
        sandbox_answer_set_error(answer, 401, "invalid_client", "The client's id or secret is missing or wrong");
        return;
    }
    if (g_strcmp0(g_hash_table_lookup(request->fields, "grant_type"), "authorization_code") != 0) {
        sandbox_answer_set_error(answer, 400, "unsupported_grant_type", "Only authorization_code is known");
        return;
    }
    g_autofree char *scopes = use_code(service, request);
    g_autoptr(SandboxUser) user = sandbox_store_get_user(service->store, service->user);
    if (!scopes || !user) {
        sandbox_answer_set_error(answer, 400, "invalid_grant",
                                 "The code is unknown, used, too old or for another place");
        return;
    }
    g_autofree char *token = sandbox_service_new_secret();
    sandbox_store_add_token(service->store, token, user->id, scopes);
    sandbox_answer_take_json(
        answer, 200, json_pack("{s:s, s:s, s:s}", "access_token", token, "token_type", "bearer", "scope", scopes));
}
