/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr login: has the person allow podflattr to act for them, and keeps the token that this gives. With --sync, it
 * keeps the password of the synchronisation server. */
#include "base/i18n.h"
#include "commands/command.h"
#include "commands/output.h"

#include "base/log.h"
#include "daemon/syncing.h"
#include "login/authorize.h"
#include "login/login_server.h"
#include "sources/sync_server.h"
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define WAIT_SECONDS 300
#define LONGEST_WAIT 86400

/* Longer than any address with a code in it. */
#define LINE_MAX_BYTES 16384

typedef struct {
    gboolean no_browser;
    char *code; /* what the person has carried over */
    int timeout;
    gboolean other_account;
    gboolean sync;
} Options;

/* A login and what has become of it. The server's threads write the latter, after a claim. */
typedef struct {
    const PfApp *app;
    const Options *options;
    const PfAttempt *attempt;
    FlattrUser *user;
    GError *failure;
} Login;

/* --- finishing --- */

/* Somebody else may have had the browser log in to their own account, which would then pay for the episodes. Returns
 * whether the person wants this one. */
static gboolean
accept_account(const Login *login, const char *username, GError **error)
{
    char answer[16] = "";
    g_autofree char *former = NULL;

    if (login->options->other_account ||
        !pf_account_is_other(login->app->state_dir, login->app->endpoint, username, &former))
        return TRUE;
    g_autofree char *old = pf_log_printable(former);
    g_autofree char *new = pf_log_printable(username ? username : "somebody");
    if (isatty(STDIN_FILENO) && isatty(STDERR_FILENO)) {
        fprintf(stderr, _("This is the account of %s; last time it was %s. Log in as %s? [y/N] "), new, old, new);
        if (fgets(answer, sizeof answer, stdin) && pf_output_is_yes(answer))
            return TRUE;
    }
    g_set_error(
        error, PF_LOGIN_ERROR, PF_LOGIN_ERROR_REFUSED,
        _("the browser is logged in as %s, and last time it was %s; log in as %s there, or run 'podflattr login "
          "--other-account'"),
        new, old, old);
    return FALSE;
}

/* Revokes a token that was not stored. */
static void
give_back(const Login *login, const char *token)
{
    g_autoptr(GError) failure = NULL;

    if (*login->app->config->revocation_endpoint && !pf_authorize_revoke(login->app->config, token, &failure))
        g_message(
            _("the token was not stored, and could not be revoked (%s); to revoke it, log in at the server and look "
              "for the applications that you have authorized"),
            failure->message);
}

/* Makes a token of the code, and keeps it. */
static gboolean
finish(Login *login, const char *code, GError **error)
{
    const PfApp *app = login->app;
    const PfCredentials credentials = pf_app_get_credentials(app);
    g_autofree char *token = pf_authorize_exchange(app->config, login->attempt, code, error);

    if (!token)
        return FALSE;
    g_autoptr(FlattrUser) user = pf_authorize_ask_user(app->config, login->attempt->endpoint, token, error);
    const char *username = user ? flattr_user_get_username(user) : NULL;
    if (!user || !accept_account(login, username, error) || !pf_credentials_save(&credentials, token, error)) {
        give_back(login, token);
        return FALSE;
    }
    /* If this fails, what stays is of no use to anybody: its code is spent. */
    (void)pf_attempt_forget(app->state_dir, NULL);
    pf_browser_forget_private(app->state_dir);
    login->user = g_steal_pointer(&user);
    return pf_account_note(app->state_dir, app->endpoint, username, error);
}

/* A gate that waited for a login is open now, and `status` is to say so. */
static gboolean
open_gate(const PfApp *app, GError **error)
{
    g_autoptr(PfQueue) queue = pf_command_open_queue(app, error);
    g_autoptr(PfTransaction) transaction = queue ? pf_queue_begin(queue, error) : NULL;
    g_autofree char *fingerprint = NULL;
    PfGate gate;

    if (!transaction || !pf_queue_load_gate(queue, &gate, &fingerprint, error))
        return FALSE;
    if (gate.reason == PF_GATE_NO_TOKEN || gate.reason == PF_GATE_UNAUTHORIZED ||
        gate.reason == PF_GATE_INSUFFICIENT_SCOPE) {
        pf_gate_open(&gate);
        if (!pf_queue_save_gate(queue, &gate, NULL, error))
            return FALSE;
    }
    return pf_transaction_commit(g_steal_pointer(&transaction), error);
}

static gboolean
tell_done(const Login *login, GError **error)
{
    g_autofree char *override = pf_credentials_dup_override();
    g_autofree char *name = pf_authorize_dup_full_name(login->user);
    const char *username = flattr_user_get_username(login->user);
    if (!username)
        username = _("somebody");
    g_autofree char *person = *name ? g_strdup_printf("%s (%s)", username, name) : g_strdup(username);
    g_autofree char *text = g_strdup_printf(_("logged in as %s at %s"), person, login->app->endpoint);
    g_autofree char *line = pf_log_printable(text);

    printf("%s\n", line);
    if (override)
        g_message(_("%s is set and takes precedence over the token that was just stored"), override);
    return open_gate(login->app, error);
}

/* --- the browser's answer --- */

/* Says what happened, from what has become of the login. */
static void
fill_page(const Login *login, PfPage *page)
{
    const char *username = login->user ? flattr_user_get_username(login->user) : NULL;

    if (login->user) {
        page->title = _("You are logged in");
        page->text = username ? g_strdup_printf(_("podflattr may now flattr as %s at %s. You can close this tab."),
                                                username, login->app->endpoint)
                              : g_strdup_printf(_("podflattr may now flattr for you at %s. You can close this tab."),
                                                login->app->endpoint);
    } else {
        page->status = 403;
        page->title = _("You are not logged in");
        page->text = g_strdup_printf(_("podflattr has stored no access token: %s. You can close this tab."),
                                     login->failure->message);
    }
}

static gboolean
take_answer(PfLoginServer *server, const char *address, PfPage *page, gpointer data)
{
    Login *login = data;
    g_autoptr(GError) failure = NULL;
    g_autofree char *code = pf_authorize_read_code(login->attempt, address, &failure);

    /* Any page may have sent the browser here: that must neither log in somebody else nor end the login. */
    if (g_error_matches(failure, PF_LOGIN_ERROR, PF_LOGIN_ERROR_FOREIGN)) {
        g_message(_("ignored an answer, still waiting for the right one: %s"), failure->message);
        page->status = 400;
        page->title = _("This is not the answer");
        page->text =
            g_strdup(_("This address does not belong to the login that podflattr is waiting for; nothing has changed."
                       " You can close this tab."));
        return FALSE;
    }
    if (!pf_login_server_claim(server)) {
        page->status = 409;
        page->title = _("Already answered");
        page->text = g_strdup(_("podflattr already has an answer for this login. You can close this tab."));
        return FALSE;
    }
    if (code)
        (void)finish(login, code, &login->failure);
    else
        login->failure = g_steal_pointer(&failure);
    fill_page(login, page);
    return TRUE;
}

/* --- the two ways --- */

static void
show_address(const PfApp *app, const Options *options, const char *address, gboolean listens)
{
    gboolean opened = listens && !options->no_browser && pf_browser_open_private(address, app->state_dir);

    if (!opened && listens && !options->no_browser)
        g_message(_("no browser found (xdg-open)"));
    printf("%s\n", address);
    fflush(stdout);
    g_message("%s", opened ? _("your browser is opening this address; allow podflattr there")
                           : _("open this address in a browser and allow podflattr there"));
    if (!opened)
        g_message(
            _("a browser on another machine will end at an address that it cannot open; within an hour, pass that "
              "address to "
              "'podflattr login --code -'"));
}

static gboolean
wait_for_answer(Login *login, const Options *options, PfLoginServer *server, const char *address, GError **error)
{
    if (!pf_login_server_start(server, take_answer, login, error))
        return FALSE;
    show_address(login->app, options, address, TRUE);
    gboolean answered = pf_login_server_wait(server, options->timeout);
    pf_browser_forget_private(login->app->state_dir);
    if (!answered) {
        g_set_error(error, PF_LOGIN_ERROR, PF_LOGIN_ERROR_TIMEOUT,
                    _("no answer within %d seconds; log in again, or finish by hand with 'podflattr login --code -'"),
                    options->timeout);
        return FALSE;
    }
    if (login->user)
        return tell_done(login, error);
    g_propagate_error(error, g_steal_pointer(&login->failure));
    /* What was refused is over; what failed may be finished by hand. */
    if (g_error_matches(*error, PF_LOGIN_ERROR, PF_LOGIN_ERROR_REFUSED))
        (void)pf_attempt_forget(login->app->state_dir, NULL);
    return FALSE;
}

static gboolean
begin(Login *login, const Options *options, GError **error)
{
    const PfApp *app = login->app;
    g_autoptr(PfRedirect) redirect = pf_redirect_parse(app->config->redirect, error);
    g_autoptr(PfLoginServer) server = redirect && redirect->listen ? pf_login_server_new(redirect, error) : NULL;

    if (!redirect || (redirect->listen && !server))
        return FALSE;
    g_autofree char *back = pf_redirect_dup_address(redirect, server ? pf_login_server_get_port(server) : 0);
    g_autoptr(PfAttempt) attempt = pf_attempt_new(app->endpoint, back);
    g_autofree char *address = pf_authorize_dup_address(app->config, attempt);
    if (!pf_attempt_save(attempt, app->state_dir, error))
        return FALSE;
    login->attempt = attempt;
    if (server)
        return wait_for_answer(login, options, server, address, error);
    show_address(app, options, address, FALSE);
    return TRUE;
}

/* Returns (transfer full) what the person has carried over, from the command line or, for "-", from standard input. */
static char *
read_answer(const char *given)
{
    char line[LINE_MAX_BYTES] = "";

    if (!g_str_equal(given, "-"))
        return g_strstrip(g_strdup(given));
    return g_strstrip(g_strdup(fgets(line, sizeof line, stdin) ? line : ""));
}

static gboolean
is_query(const char *text)
{
    g_autoptr(GHashTable) parameters = g_uri_parse_params(text, -1, "&", G_URI_PARAMS_WWW_FORM, NULL);

    return parameters && (g_hash_table_contains(parameters, "code") || g_hash_table_contains(parameters, "error"));
}

/* Returns (transfer full) the whole address of which the answer is all or a part, or NULL when it is a code alone.
 * Browsers show addresses without "http://", and of a long one people take the end that has the code. */
static char *
dup_address(const char *answer)
{
    const char *query = strchr(answer, '?');

    if (!query && is_query(answer))
        return g_strconcat("http://localhost/?", answer, NULL);
    if (!query)
        return strstr(answer, "://") ? g_strdup(answer) : NULL;
    if (query == answer || *answer == '/')
        return g_strconcat("http://localhost", answer, NULL);
    return g_strconcat(g_strstr_len(answer, query - answer, "://") ? "" : "http://", answer, NULL);
}

static gboolean
finish_by_hand(Login *login, const char *given, GError **error)
{
    g_autoptr(PfAttempt) attempt = pf_attempt_load(login->app->state_dir, login->app->endpoint, error);
    g_autofree char *answer = read_answer(given);

    if (!attempt)
        return FALSE;
    login->attempt = attempt;
    if (!*answer) {
        g_set_error(error, PF_LOGIN_ERROR, PF_LOGIN_ERROR_FOREIGN, _("--code is empty"));
        return FALSE;
    }
    /* A bare code has no state; who types it in vouches for it. */
    g_autofree char *address = dup_address(answer);
    g_autofree char *code = address ? pf_authorize_read_code(attempt, address, error) : g_strdup(answer);
    return code && finish(login, code, error) && tell_done(login, error);
}

/* --- the synchronisation server --- */

/* Reads a line from standard input, which a terminal does not show. Returns: (transfer full): NULL for none. */
static char *
read_password(const char *name)
{
    char line[LINE_MAX_BYTES] = "";
    struct termios shown, hidden;
    gboolean is_terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &shown) == 0;

    if (is_terminal) {
        hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        fprintf(stderr, _("Password for %s: "), name);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    char *got = fgets(line, sizeof line, stdin);
    if (is_terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        fputc('\n', stderr);
    }
    line[strcspn(line, "\r\n")] = '\0';
    char *password = got && *line ? g_strdup(line) : NULL;
    explicit_bzero(line, sizeof line);
    return password;
}

/* Only a password that the server accepts is kept. */
static gboolean
log_in_to_sync(PfApp *app, GError **error)
{
    g_auto(PfSyncServer) server = {0};
    guint devices;

    if (!*app->config->sync)
        return pf_command_refuse(error,
                                 _("no synchronisation server is set; set sync in [feeds] of %s, as in: "
                                   "sync = https://USER@gpodder.net"),
                                 app->config_path);
    if (!pf_sync_server_parse(app->config->sync, &server, error))
        return FALSE;
    g_autofree char *password = read_password(server.name);
    if (!password)
        return pf_command_refuse(error, _("the password is empty; type it, or write it to standard input"));
    const PfCredentials credentials = pf_syncing_get_credentials(app->config, app->state_dir, server.name);
    if (!pf_syncing_try(app->config, password, &devices, error) || !pf_credentials_save(&credentials, password, error))
        return FALSE;
    g_autoptr(PfQueue) queue = pf_command_open_queue(app, error);
    if (!queue || !pf_syncing_note_login(queue, app->config, error))
        return FALSE;
    printf(_("logged in at %s\n"), server.name);
    return TRUE;
}

/* --- the command --- */

static const PfCommandOption login_options[] = {
    {"no-browser", G_OPTION_ARG_NONE, offsetof(Options, no_browser),
     N_("Do not open a browser, only print the address"), NULL, 0, 0},
    {"code", G_OPTION_ARG_STRING, offsetof(Options, code),
     N_("Finish by hand: the address that the browser ended at, its part from 'code=' on, or the code; - reads it from "
        "stdin"),
     N_("CODE"), 0, 0},
    {"timeout", G_OPTION_ARG_INT, offsetof(Options, timeout), N_("How long to wait for the answer (default: 300)"),
     "SECONDS", WAIT_SECONDS, 0},
    {"other-account", G_OPTION_ARG_NONE, offsetof(Options, other_account),
     N_("Accept a different account from last time, without asking"), NULL, 0, 0},
    {"sync", G_OPTION_ARG_NONE, offsetof(Options, sync),
     N_("Store the password of the synchronisation server, from the terminal or standard input"), NULL, 0, 0},
    {0},
};

static gboolean
run(const PfCommandCall *call, GError **error)
{
    const Options *given = call->options;
    Login login = {.app = call->app, .options = given};

    if (given->sync)
        return log_in_to_sync(call->app, error);
    if (!pf_command_check_server(call->app, call->command, error))
        return FALSE;
    if (given->timeout < 1 || given->timeout > LONGEST_WAIT)
        return pf_command_refuse(error, _("--timeout must be from 1 to %d seconds"), LONGEST_WAIT);
    gboolean done = pf_authorize_check(call->app->config, error) &&
                    (given->code ? finish_by_hand(&login, given->code, error) : begin(&login, given, error));
    flattr_user_free(login.user);
    g_clear_error(&login.failure);
    return done;
}

const PfCommand pf_command_login = {
    .name = "login",
    .summary = N_("Allow podflattr to flattr for you, in the browser"),
    .description =
        N_("Opens the server's page in your browser and waits for your decision there. Exit status: 77 when you\n"
           "did not allow it or the server refuses, 75 when there was no answer in time."),
    .options = login_options,
    .options_size = sizeof(Options),
    .examples = "  podflattr login\n"
                "  podflattr login --no-browser\n"
                "  podflattr login --sync\n",
    .run = run,
    .rings = TRUE,
    .needs = PF_COMMAND_NEEDS_ALL,
};
