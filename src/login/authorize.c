/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "login/authorize.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/i18n.h"
#include "base/text.h"
#include "base/version.h"
#include "config/config.h"
#include "config/credentials.h"

#include <gio/gio.h>
#include <string.h>
#include <sys/random.h>

#define GROUP "login"
#define STATE_BYTES 16
#define VERIFIER_BYTES 32

G_DEFINE_QUARK(pf_login_error, pf_login_error)

/* Returns: (transfer full): hexadecimal, two digits a byte. */
static char *
make_secret(gsize size)
{
    g_autofree guchar *bytes = g_malloc(size);
    GString *text = g_string_new(NULL);

    /* Up to 256 bytes come whole or not at all, and not at all only where the kernel lacks the call. */
    if (getrandom(bytes, size, 0) != (ssize_t)size)
        g_error("the system has no random numbers");
    for (gsize i = 0; i < size; i++)
        g_string_append_printf(text, "%02x", bytes[i]);
    return g_string_free(text, FALSE);
}

PfAttempt *
pf_attempt_new(const char *endpoint, const char *redirect)
{
    PfAttempt *attempt = g_new0(PfAttempt, 1);

    attempt->endpoint = g_strdup(endpoint);
    attempt->redirect = g_strdup(redirect);
    attempt->state = make_secret(STATE_BYTES);
    attempt->verifier = make_secret(VERIFIER_BYTES);
    attempt->begun = pf_clock_now();
    return attempt;
}

void
pf_attempt_free(PfAttempt *attempt)
{
    if (!attempt)
        return;
    g_free(attempt->endpoint);
    g_free(attempt->redirect);
    g_free(attempt->state);
    g_free(attempt->verifier);
    g_free(attempt);
}

static char *
path_in(const char *state_dir)
{
    return g_build_filename(state_dir, "login", NULL);
}

gboolean
pf_attempt_save(const PfAttempt *attempt, const char *state_dir, GError **error)
{
    g_autofree char *path = path_in(state_dir);
    g_autoptr(GKeyFile) file = g_key_file_new();

    g_key_file_set_string(file, GROUP, "api", attempt->endpoint);
    g_key_file_set_string(file, GROUP, "redirect", attempt->redirect);
    g_key_file_set_string(file, GROUP, "state", attempt->state);
    g_key_file_set_string(file, GROUP, "verifier", attempt->verifier);
    g_key_file_set_int64(file, GROUP, "begun", attempt->begun);
    g_autofree char *text = g_key_file_to_data(file, NULL, NULL);
    return pf_private_file_write(path, text, error);
}

/* Returns (transfer full) what a file says, whole or not; NULL when it is no such file. */
static PfAttempt *
read_text(const char *text)
{
    g_autoptr(GKeyFile) file = g_key_file_new();

    if (!g_key_file_load_from_data(file, text, strlen(text), G_KEY_FILE_NONE, NULL))
        return NULL;
    PfAttempt *attempt = g_new0(PfAttempt, 1);
    attempt->endpoint = g_key_file_get_string(file, GROUP, "api", NULL);
    attempt->redirect = g_key_file_get_string(file, GROUP, "redirect", NULL);
    attempt->state = g_key_file_get_string(file, GROUP, "state", NULL);
    attempt->verifier = g_key_file_get_string(file, GROUP, "verifier", NULL);
    attempt->begun = g_key_file_get_int64(file, GROUP, "begun", NULL);
    return attempt;
}

static gboolean
is_usable(const PfAttempt *attempt, const char *endpoint)
{
    gint64 age = attempt ? pf_clock_now() - attempt->begun : 0;

    return attempt && g_strcmp0(attempt->endpoint, endpoint) == 0 && attempt->redirect && attempt->state &&
           *attempt->state && attempt->verifier && age >= 0 && age <= PF_ATTEMPT_SECONDS;
}

PfAttempt *
pf_attempt_load(const char *state_dir, const char *endpoint, GError **error)
{
    g_autofree char *path = path_in(state_dir);
    g_autofree char *text = NULL;

    if (!pf_private_file_read(path, &text, error))
        return NULL;
    g_autoptr(PfAttempt) attempt = text ? read_text(text) : NULL;
    if (is_usable(attempt, endpoint))
        return g_steal_pointer(&attempt);
    g_set_error(error, PF_LOGIN_ERROR, PF_LOGIN_ERROR_FOREIGN,
                _("no login at %s was started here in the last hour; start one with 'podflattr login --no-browser'"),
                endpoint);
    return NULL;
}

gboolean
pf_attempt_forget(const char *state_dir, GError **error)
{
    g_autofree char *path = path_in(state_dir);
    gboolean was_there;

    return pf_private_file_remove(path, &was_there, error);
}

/* What podflattr's commands need: to pay and subscribe, to manage things, and to see one's own hidden ones. */
#define SCOPES "flattr thing extendedread"

static gboolean
set_fault(GError **error, const char *key, const char *fault)
{
    g_set_error(error, PF_CONFIG_ERROR, PF_CONFIG_ERROR_CONTENT, _("%s in [flattr] %s"), key, fault);
    return FALSE;
}

/* On a page that comes over plain http somebody else could have put the person's consent. */
static gboolean
is_safe_page(const char *text)
{
    g_autoptr(GUri) uri = g_uri_parse(text, G_URI_FLAGS_ENCODED, NULL);
    g_autofree char *bare = uri && g_uri_get_host(uri)
                                ? g_uri_join(G_URI_FLAGS_ENCODED, g_uri_get_scheme(uri), NULL, g_uri_get_host(uri),
                                             g_uri_get_port(uri), "/", NULL, NULL)
                                : NULL;
    g_autofree char *normalized = bare ? flattr_endpoint_normalize(bare, NULL) : NULL;

    return normalized && !g_uri_get_userinfo(uri) && !g_uri_get_fragment(uri);
}

gboolean
pf_authorize_check(const PfConfig *config, GError **error)
{
    if (!*config->client_id || !*config->client_secret)
        return set_fault(error, _("client-id and client-secret"),
                         _("are required to log in; register a program with the server to get them"));
    if (!is_safe_page(config->authorize))
        return set_fault(error, "authorize", _("must be an https address, or http on loopback"));
    if (!is_safe_page(config->token_endpoint))
        return set_fault(error, "token-endpoint", _("must be an https address, or http on loopback"));
    return TRUE;
}

char *
pf_authorize_dup_address(const PfConfig *config, const PfAttempt *attempt)
{
    g_autofree char *challenge = flattr_oauth_dup_challenge(attempt->verifier);
    g_autofree char *address = flattr_oauth_dup_authorize_url(config->authorize, config->client_id, attempt->redirect,
                                                              SCOPES, attempt->state, NULL);

    return g_strconcat(address, "&code_challenge=", challenge, "&code_challenge_method=S256", NULL);
}

char *
pf_authorize_read_code(const PfAttempt *attempt, const char *address, GError **error)
{
    g_autoptr(GError) failure = NULL;
    char *code = flattr_oauth_dup_code(address, attempt->state, &failure);

    if (!code)
        g_set_error_literal(error, PF_LOGIN_ERROR,
                            g_error_matches(failure, FLATTR_ERROR, FLATTR_ERROR_UNAUTHORIZED) ? PF_LOGIN_ERROR_REFUSED
                                                                                              : PF_LOGIN_ERROR_FOREIGN,
                            failure->message);
    return code;
}

/* OAuth's own error codes (RFC 6749, 5.2), which the API's do not know. */
static gboolean
explain_refusal(FlattrReply *reply, GError **error)
{
    const char *code = flattr_reply_get_error_code(reply);

    if (g_strcmp0(code, "invalid_client") == 0 || g_strcmp0(code, "unauthorized_client") == 0)
        return set_fault(error, _("client-id or client-secret"), _("is unknown to the server"));
    if (g_strcmp0(code, "invalid_grant") == 0) {
        g_set_error(error, PF_LOGIN_ERROR, PF_LOGIN_ERROR_REFUSED,
                    _("the server rejected the code: it is wrong, already used, expired, or for another address; "
                      "log in again"));
        return FALSE;
    }
    return flattr_reply_check(reply, error);
}

static FlattrSession *
open_session(const PfConfig *config, const char *address, GError **error)
{
    FlattrSession *session = flattr_session_new(address, PF_USER_AGENT, error);

    if (session)
        flattr_session_set_ca_file(session, config->ca_file);
    return session;
}

char *
pf_authorize_exchange(const PfConfig *config, const PfAttempt *attempt, const char *code, GError **error)
{
    g_autoptr(FlattrSession) session = open_session(config, config->token_endpoint, error);
    g_autoptr(FlattrReply) reply =
        session
            ? flattr_session_send_take(session,
                                       flattr_request_new_token_verified(config->client_id, config->client_secret, code,
                                                                         attempt->redirect, attempt->verifier),
                                       error)
            : NULL;
    g_autofree char *token = reply && explain_refusal(reply, error) ? flattr_reply_read_token(reply, error) : NULL;

    if (!token || pf_text_is_token(token))
        return g_steal_pointer(&token);
    g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED,
                _("the server's answer contains a token with spaces or control characters"));
    return NULL;
}

gboolean
pf_authorize_revoke(const PfConfig *config, const char *token, GError **error)
{
    if (!is_safe_page(config->revocation_endpoint))
        return set_fault(error, "revocation-endpoint", _("must be an https address, or http on loopback"));
    g_autoptr(FlattrSession) session = open_session(config, config->revocation_endpoint, error);
    g_autoptr(FlattrReply) reply =
        session ? flattr_session_send_take(
                      session, flattr_request_new_revocation(config->client_id, config->client_secret, token), error)
                : NULL;

    if (!reply || !explain_refusal(reply, error))
        return FALSE;
    /* A redirect has revoked nothing; and the page of a network that wants a login of its own says "200" too. */
    if (flattr_reply_get_status(reply) < 300 && (flattr_reply_is_empty(reply) || flattr_reply_is_json(reply)))
        return TRUE;
    g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED, _("this is not the answer of a revocation endpoint"));
    return FALSE;
}

FlattrUser *
pf_authorize_ask_user(const PfConfig *config, const char *endpoint, const char *token, GError **error)
{
    g_autoptr(FlattrSession) session = open_session(config, endpoint, error);

    if (!session || !flattr_session_set_token(session, token, error))
        return NULL;
    return flattr_session_get_user(session, NULL, error);
}

char *
pf_authorize_dup_full_name(const FlattrUser *user)
{
    const char *first = flattr_user_get_firstname(user);
    const char *last = flattr_user_get_lastname(user);

    return g_strstrip(g_strjoin(" ", first ? first : "", last ? last : "", NULL));
}

/* --- the account --- */

#define ACCOUNT_GROUP "account"

static char *
dup_account_path(const char *state_dir)
{
    return g_build_filename(state_dir, "account", NULL);
}

gboolean
pf_account_is_other(const char *state_dir, const char *endpoint, const char *username, char **former)
{
    g_autofree char *path = dup_account_path(state_dir);
    g_autofree char *text = NULL;
    g_autoptr(GKeyFile) file = g_key_file_new();

    if (!pf_private_file_read(path, &text, NULL) || !text ||
        !g_key_file_load_from_data(file, text, strlen(text), G_KEY_FILE_NONE, NULL))
        return FALSE;
    g_autofree char *api = g_key_file_get_string(file, ACCOUNT_GROUP, "api", NULL);
    g_autofree char *name = g_key_file_get_string(file, ACCOUNT_GROUP, "username", NULL);
    if (!name || g_strcmp0(api, endpoint) != 0 || g_strcmp0(name, username) == 0)
        return FALSE;
    *former = g_steal_pointer(&name);
    return TRUE;
}

gboolean
pf_account_note(const char *state_dir, const char *endpoint, const char *username, GError **error)
{
    g_autofree char *path = dup_account_path(state_dir);
    g_autoptr(GKeyFile) file = g_key_file_new();

    g_key_file_set_string(file, ACCOUNT_GROUP, "api", endpoint);
    g_key_file_set_string(file, ACCOUNT_GROUP, "username", username ? username : "");
    g_autofree char *text = g_key_file_to_data(file, NULL, NULL);
    return pf_private_file_write(path, text, error);
}

/* --- the browser --- */

static char *
dup_page_path(const char *state_dir)
{
    return g_build_filename(state_dir, "login.html", NULL);
}

gboolean
pf_browser_open_private(const char *address, const char *state_dir)
{
    g_autofree char *path = dup_page_path(state_dir);
    g_autofree char *uri = g_filename_to_uri(path, NULL, NULL);
    g_autofree char *page = g_markup_printf_escaped(
        "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"referrer\" content=\"no-referrer\">\n<meta http-equiv=\"refresh\" content=\"0; url=%s\">\n"
        "<title>%s - podflattr</title>\n</head>\n<body>\n<p><a href=\"%s\">%s</a></p>\n</body>\n</html>\n",
        _("en"), address, _("Log in"), address, _("Log in"));
    g_autoptr(GError) failure = NULL;

    if (uri && pf_private_file_write(path, page, &failure))
        return pf_browser_open(uri);
    g_message("%s", failure ? failure->message : _("the state folder's path cannot be a URL"));
    return FALSE;
}

void
pf_browser_forget_private(const char *state_dir)
{
    g_autofree char *path = dup_page_path(state_dir);
    gboolean was_there;

    (void)pf_private_file_remove(path, &was_there, NULL);
}

gboolean
pf_browser_open(const char *address)
{
    const char *const arguments[] = {"xdg-open", address, NULL};
    g_auto(GStrv) environment = g_environ_unsetenv(g_get_environ(), "PODFLATTR_TOKEN");

    if (g_spawn_async(NULL, (char **)arguments, environment,
                      G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL,
                      NULL))
        return TRUE;
    g_autoptr(GAppLaunchContext) context = g_app_launch_context_new();
    g_app_launch_context_unsetenv(context, "PODFLATTR_TOKEN");
    return g_app_info_launch_default_for_uri(address, context, NULL);
}

static GInetAddress *
find_loopback(const char *host)
{
    g_autoptr(GInetAddress) address = g_inet_address_new_from_string(host);

    if (g_ascii_strcasecmp(host, "localhost") == 0)
        return g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
    return address && g_inet_address_get_is_loopback(address) ? g_steal_pointer(&address) : NULL;
}

static const char *
find_fault(GUri *uri, gboolean is_loopback)
{
    if (g_uri_get_userinfo(uri) || g_uri_get_query(uri) || g_uri_get_fragment(uri))
        return _("must have no user, query or fragment");
    if (g_str_equal(g_uri_get_scheme(uri), "https"))
        return NULL;
    if (!g_str_equal(g_uri_get_scheme(uri), "http") || !is_loopback)
        return _("must be http on loopback, such as http://127.0.0.1/, or https");
    return NULL;
}

static gboolean
set_redirect_fault(GError **error, const char *text, const char *fault)
{
    g_set_error(error, PF_CONFIG_ERROR, PF_CONFIG_ERROR_CONTENT, _("redirect '%s' in [flattr] %s"), text, fault);
    return FALSE;
}

PfRedirect *
pf_redirect_parse(const char *text, GError **error)
{
    g_autoptr(PfRedirect) redirect = g_new0(PfRedirect, 1);

    redirect->uri = g_uri_parse(text, G_URI_FLAGS_ENCODED, NULL);
    if (!redirect->uri || !g_uri_get_host(redirect->uri) || !*g_uri_get_host(redirect->uri)) {
        set_redirect_fault(error, text, _("is not a URL"));
        return NULL;
    }
    redirect->listen = find_loopback(g_uri_get_host(redirect->uri));
    const char *fault = find_fault(redirect->uri, redirect->listen != NULL);
    if (fault) {
        set_redirect_fault(error, text, fault);
        return NULL;
    }
    /* This machine has no certificate for its own names. */
    if (g_str_equal(g_uri_get_scheme(redirect->uri), "https"))
        g_clear_object(&redirect->listen);
    redirect->port = (guint16)MAX(g_uri_get_port(redirect->uri), 0);
    return g_steal_pointer(&redirect);
}

void
pf_redirect_free(PfRedirect *redirect)
{
    if (!redirect)
        return;
    g_clear_pointer(&redirect->uri, g_uri_unref);
    g_clear_object(&redirect->listen);
    g_free(redirect);
}

static const char *
path_of(const PfRedirect *redirect)
{
    const char *path = g_uri_get_path(redirect->uri);

    return *path ? path : "/";
}

char *
pf_redirect_dup_address(const PfRedirect *redirect, guint16 port)
{
    return g_uri_join(G_URI_FLAGS_ENCODED, g_uri_get_scheme(redirect->uri), NULL, g_uri_get_host(redirect->uri),
                      port ? port : g_uri_get_port(redirect->uri), path_of(redirect), NULL, NULL);
}

gboolean
pf_redirect_is_target(const PfRedirect *redirect, const char *target)
{
    const char *path = path_of(redirect);
    gsize length = strcspn(target, "?");

    return strlen(path) == length && strncmp(path, target, length) == 0;
}
