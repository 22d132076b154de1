/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr partner: what sites do that have an arrangement with the server. */
#include "base/i18n.h"
#include "commands/api.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/main_loop.h"
#include "commands/output.h"
#include "flattr/flattr.h"
#include "net/listener.h"
#include "partner/partner_commands.h"
#include "partner/partner_server.h"
#include "partner/partner_store.h"

/* The options of both. */
typedef struct {
    char *identity;
    gboolean me;
    char *listen;
    char *path;
    char *exec;
    char *emails;
    int timeout; /* seconds; 0: not given */
} Options;

/* podflattr partner verify: ties an identity at a partner's site to an account. */

/* Without a token the server can only refuse. */
static FlattrSession *
open_session(const PfApp *app, GError **error)
{
    g_autofree char *token = NULL;

    if (!pf_command_check_server(app, &pf_command_partner, error) || !pf_app_load_token(app, &token, error))
        return NULL;
    if (token)
        return pf_command_open_session(app, token, error);
    g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_UNAUTHORIZED,
                _("no access token for %s; run 'podflattr login' or set PODFLATTR_TOKEN"), app->endpoint);
    return NULL;
}

/* With --me the answer is to name the account: a token does not show whose it is. */
static char *
find_name(FlattrSession *session, const char *user, GError **error)
{
    if (user)
        return g_strdup(user);
    g_autoptr(FlattrUser) me = flattr_session_get_user(session, NULL, error);
    const char *name = me ? flattr_user_get_username(me) : NULL;
    if (me && !name)
        g_set_error_literal(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED,
                            _("the server does not say which account the access token belongs to"));
    return g_strdup(name);
}

/* Whether the server has said no, rather than nothing that can be relied on. For an identity that it does not accept
 * the API has the error of a bad token too, so that the token must show what it is good for. */
static gboolean
is_refusal(FlattrSession *session, const GError *error)
{
    if (g_error_matches(error, FLATTR_ERROR, FLATTR_ERROR_UNAUTHORIZED)) {
        g_autoptr(FlattrUser) me = flattr_session_get_user(session, NULL, NULL);
        return me != NULL;
    }
    return g_error_matches(error, FLATTR_ERROR, FLATTR_ERROR_VALIDATION) ||
           g_error_matches(error, FLATTR_ERROR, FLATTR_ERROR_INVALID_PARAMETERS) ||
           g_error_matches(error, FLATTR_ERROR, FLATTR_ERROR_INVALID_REQUEST) ||
           g_error_matches(error, FLATTR_ERROR, FLATTR_ERROR_FORBIDDEN) ||
           g_error_matches(error, FLATTR_ERROR, FLATTR_ERROR_NOT_FOUND);
}

static void
print(const char *user, const char *identity, const GError *refusal, gboolean json)
{
    if (json) {
        json_t *object = json_object();
        json_object_set_new(object, "user", pf_output_json_string(user));
        json_object_set_new(object, "identity", pf_output_json_string(identity));
        json_object_set_new(object, "verified", json_boolean(refusal == NULL));
        json_object_set_new(object, "reason", pf_output_json_string(refusal ? refusal->message : NULL));
        pf_output_json_take(object);
        return;
    }
    const PfOutputColumn columns[] = {{NULL, 3, 0, PF_OUTPUT_WHOLE},
                                      {NULL, 20, 0, PF_OUTPUT_TEXT},
                                      {NULL, refusal ? 32 : 0, 0, PF_OUTPUT_TEXT},
                                      {NULL, 0, 0, PF_OUTPUT_TEXT}};
    pf_output_row(columns,
                  (const char *[]){refusal ? _("no") : _("yes"), user, identity, refusal ? refusal->message : NULL});
}

/* Ties the identity to a user, and prints whether it is theirs. */
static gboolean
verify(const PfCommandCall *call, GError **error)
{
    const Options *given = call->options;
    const char *user = given->me ? NULL : call->operands[0];

    if (call->count + (given->me ? 1 : 0) != 1)
        return pf_command_refuse(error, _("either a user's name or --me is required"));
    if (!given->identity || !*given->identity)
        return pf_command_refuse(error, _("missing --identity partner:NAMESPACE:ID"));
    g_autoptr(FlattrSession) session = open_session(call->app, error);
    g_autofree char *name = session ? find_name(session, user, error) : NULL;
    g_autoptr(FlattrReply) reply =
        name ? flattr_session_send_take(session, flattr_request_new_verify(user, given->identity), error) : NULL;
    g_autoptr(GError) refusal = NULL;

    if (!reply)
        return FALSE;
    if (!flattr_reply_read_done(reply, &refusal) && !is_refusal(session, refusal)) {
        g_propagate_error(error, g_steal_pointer(&refusal));
        return FALSE;
    }
    print(name, given->identity, refusal, call->json);
    return !refusal || pf_exit_status_set(error, EX_DATAERR, "");
}

/* podflattr partner webhook: receives the server's events and hands them on. */

/* How long a command may take unless the user says otherwise, and how long an end waits for those that run, seconds. */
#define COMMAND_SECONDS 60
#define END_SECONDS 10

typedef struct {
    const Options *options;
    PfMainLoop *loop; /* NULL until it serves */
    PfPartnerServer *server;
    PfPartnerStore *store; /* NULL without --exec, like the commands */
    PfPartnerCommands *commands;
    GHashTable *emails; /* NULL without --emails */
    gboolean ending;
    GError *failure; /* the results cannot be written */
} Hook;

/* --- an event --- */

static void
complete(const Hook *hook, PfPartnerEvent *event)
{
    g_autofree char *hash = pf_partner_event_dup_email_hash(event);
    const char *email = hash && hook->emails ? g_hash_table_lookup(hook->emails, hash) : NULL;

    if (email)
        pf_partner_event_set_email(event, email);
}

/* Stores what a command is to be run for, before the server is told that it was accepted. @name: (out): NULL without
 * --exec
 */
static gboolean
keep(Hook *hook, const char *body, gsize length, char **name)
{
    g_autofree char *text = g_strndup(body, length);
    g_autoptr(GError) error = NULL;

    *name = NULL;
    if (!hook->commands)
        return TRUE;
    if (!pf_partner_commands_have_room(hook->commands))
        return FALSE;
    *name = pf_partner_store_add(hook->store, text, pf_clock_now(), &error);
    if (!*name)
        g_message(_("refused an event that cannot be stored: %s"), error->message);
    return *name != NULL;
}

/* Returns the HTTP status for the server: 503 asks it to send the event again. @event: (transfer full) */
static guint
hand_on_take(Hook *hook, PfPartnerEvent *taken, const char *body, gsize length)
{
    g_autoptr(PfPartnerEvent) event = taken;
    g_autofree char *name = NULL;

    if (!keep(hook, body, length, &name))
        return 503;
    complete(hook, event);
    pf_output_json_take(pf_partner_event_to_json(event));
    if (!pf_output_flush(&hook->failure)) {
        if (name)
            pf_partner_store_remove(hook->store, name, NULL);
        pf_main_loop_quit(hook->loop);
        return 503;
    }
    if (name)
        pf_partner_commands_add_take(hook->commands, g_steal_pointer(&event), g_steal_pointer(&name));
    return 200;
}

static guint
receive(const char *body, gsize length, gpointer data)
{
    Hook *hook = data;
    g_autoptr(GError) error = NULL;

    if (hook->failure)
        return 503;
    PfPartnerEvent *event = pf_partner_event_read(body, length, pf_clock_now(), &error);
    if (event)
        return hand_on_take(hook, event, body, length);
    gboolean unknown = g_error_matches(error, PF_PARTNER_EVENT_ERROR, PF_PARTNER_EVENT_ERROR_UNKNOWN);
    g_autofree char *text = pf_log_printable(error->message);
    g_message(unknown ? _("ignored: %s") : _("refused: %s"), text);
    return unknown ? 200 : 400;
}

/* --- what was left --- */

/* Hands on the events that were accepted, but not handled, before the last exit. They were printed then. */
static gboolean
hand_on_left(Hook *hook, GError **error)
{
    g_autoptr(GPtrArray) names = pf_partner_store_list(hook->store, error);

    for (guint i = 0; names && i < names->len; i++) {
        g_autoptr(GError) fault = NULL;
        gint64 received;
        gsize length;
        g_autofree char *body = pf_partner_store_read(hook->store, names->pdata[i], &length, &received, &fault);
        PfPartnerEvent *event = body ? pf_partner_event_read(body, length, received, &fault) : NULL;
        if (event) {
            complete(hook, event);
            pf_partner_commands_add_take(hook->commands, event, g_strdup(names->pdata[i]));
        } else {
            g_autofree char *text = pf_log_printable(fault->message);
            pf_partner_store_set_aside(hook->store, names->pdata[i], text);
        }
    }
    return names != NULL;
}

/* --- signals --- */

static void
quit(gpointer data)
{
    pf_main_loop_quit(((Hook *)data)->loop);
}

static gboolean
give_up(gpointer data)
{
    quit(data);
    return G_SOURCE_CONTINUE;
}

static void
end(gpointer data)
{
    Hook *hook = data;

    if (hook->ending || !hook->commands) {
        quit(hook);
        return;
    }
    /* Events that were answered are still handed over, as far as possible; no more are accepted. */
    hook->ending = TRUE;
    g_clear_pointer(&hook->server, pf_partner_server_free);
    g_timeout_add_seconds(END_SECONDS, give_up, hook);
    pf_partner_commands_finish(hook->commands, quit, hook);
}

static void
reload(gpointer data)
{
    Hook *hook = data;
    g_autoptr(GError) error = NULL;
    GHashTable *emails = hook->options->emails ? pf_partner_emails_load(hook->options->emails, &error) : NULL;

    if (emails) {
        g_hash_table_unref(hook->emails);
        hook->emails = emails;
    } else if (error) {
        g_message(_("%s; keeping the addresses that were read before"), error->message);
    }
    if (hook->commands && !hook->ending)
        pf_partner_commands_retry(hook->commands);
}

/* --- from start to end --- */

static gboolean
tell_address(Hook *hook, GInetSocketAddress *address, GError **error)
{
    const char *base = pf_partner_server_get_base(hook->server);

    if (!g_inet_address_get_is_loopback(g_inet_socket_address_get_address(address)))
        g_message(_("%s can be reached from other machines, without TLS; put a reverse proxy in front of it"), base);
    pf_output_json_take(json_pack("{s:s}", "listening", base));
    return pf_output_flush(error);
}

static gboolean
serve(Hook *hook, GError **error)
{
    hook->loop =
        pf_main_loop_new(&(PfMainLoopSignals){.stop = end, .reload = reload, .ignores_pipe = TRUE, .data = hook});
    pf_main_loop_run(hook->loop);
    g_clear_pointer(&hook->loop, pf_main_loop_free);
    if (!hook->failure)
        return TRUE;
    g_propagate_error(error, hook->failure);
    return FALSE;
}

static gboolean
prepare_commands(Hook *hook, const PfApp *app, char **argv, GError **error)
{
    g_autofree char *folder = g_build_filename(app->state_dir, "events", NULL);
    g_autoptr(GError) failure = NULL;
    int timeout = hook->options->timeout;

    if (!argv)
        return TRUE;
    hook->store = pf_partner_store_open(folder, &failure);
    if (!hook->store)
        return pf_exit_status_set(error, EX_CANTCREAT, failure->message);
    hook->commands =
        pf_partner_commands_new((const char *const *)argv, timeout > 0 ? (guint)timeout : COMMAND_SECONDS, hook->store);
    return TRUE;
}

/* Returns: (transfer full): as requests have it once their escapes are read. */
static char *
dup_path(const Options *options, GError **error)
{
    const char *variable = g_getenv("PODFLATTR_WEBHOOK_PATH");
    const char *path = options->path ? options->path : variable && *variable ? variable : "/";

    /* It is not shown: it may be a secret. */
    if (*path != '/') {
        pf_command_refuse(error, _("%s must begin with a slash"), options->path ? "--path" : "PODFLATTR_WEBHOOK_PATH");
        return NULL;
    }
    g_autofree char *plain = g_uri_unescape_string(path, NULL);
    return plain ? g_steal_pointer(&plain) : g_strdup(path);
}

static gboolean
prepare(Hook *hook, const PfApp *app, GInetSocketAddress *address, char **argv, GError **error)
{
    const Options *options = hook->options;
    g_autofree char *path = dup_path(options, error);
    g_autoptr(GError) failure = NULL;

    if (!path)
        return FALSE;
    if (options->emails && !(hook->emails = pf_partner_emails_load(options->emails, &failure))) {
        g_set_error_literal(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_INPUT, failure->message);
        return FALSE;
    }
    if (!prepare_commands(hook, app, argv, error))
        return FALSE;
    hook->server = pf_partner_server_start(address, path, receive, hook, &failure);
    if (!hook->server) {
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_UNAVAILABLE, _("cannot listen at %s: %s"),
                    options->listen, failure->message);
        return FALSE;
    }
    return !hook->store || hand_on_left(hook, error);
}

static gboolean
run_hook(const PfApp *app, const Options *options, GInetSocketAddress *address, char **argv, GError **error)
{
    Hook hook = {.options = options};
    gboolean done =
        prepare(&hook, app, address, argv, error) && tell_address(&hook, address, error) && serve(&hook, error);

    pf_partner_server_free(hook.server);
    pf_partner_commands_free(hook.commands);
    pf_partner_store_free(hook.store);
    g_clear_pointer(&hook.emails, g_hash_table_unref);
    return done;
}

/* Returns FALSE with @error set. @argv: (out) (transfer full): NULL without a command */
static gboolean
split_command(const char *command, char ***argv, GError **error)
{
    g_autoptr(GError) fault = NULL;
    g_auto(GStrv) parts = NULL;

    *argv = NULL;
    if (!command)
        return TRUE;
    if (!g_shell_parse_argv(command, NULL, &parts, &fault)) {
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, _("--exec '%s': %s"), command, fault->message);
        return FALSE;
    }
    g_autofree char *program = g_find_program_in_path(parts[0]);
    if (!program) {
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, _("--exec: program '%s' not found"), parts[0]);
        return FALSE;
    }
    *argv = g_steal_pointer(&parts);
    return TRUE;
}

static gboolean
webhook(const PfCommandCall *call, GError **error)
{
    const Options *options = call->options;
    g_auto(GStrv) argv = NULL;

    if (!options->listen)
        return pf_command_refuse(error, _("missing --listen ADDR:PORT, such as 127.0.0.1:8080"));
    if (options->timeout < 0 || options->timeout > 86400)
        return pf_command_refuse(error, _("--timeout must be 1 to 86400 seconds"));
    if (options->timeout != 0 && !options->exec)
        return pf_command_refuse(error, _("--timeout requires --exec"));
    g_autoptr(GInetSocketAddress) address = pf_listener_read_address(options->listen);
    if (!address)
        return pf_command_refuse(error,
                                 _("invalid --listen '%s': use a numeric address and a port, such as 127.0.0.1:8080"),
                                 options->listen);
    return split_command(options->exec, &argv, error) && run_hook(call->app, options, address, argv, error);
}

/* --- the table --- */

static const PfCommandOption options[] = {
    {"identity", G_OPTION_ARG_STRING, offsetof(Options, identity), N_("Their identity at your site"),
     "partner:NAMESPACE:ID", 0, 0},
    {"me", G_OPTION_ARG_NONE, offsetof(Options, me), N_("The account that the access token belongs to"), NULL, 0, 0},
    PF_COMMAND_FORMAT,
    {"listen", G_OPTION_ARG_STRING, offsetof(Options, listen), N_("Where to listen; port 0 picks a free one"),
     N_("ADDR:PORT"), 0, 0},
    {"path", G_OPTION_ARG_STRING, offsetof(Options, path), N_("The path to accept, which may be a secret"), "/PATH", 0,
     0},
    {"exec", G_OPTION_ARG_STRING, offsetof(Options, exec), N_("Run this for each event, without a shell"), "COMMAND", 0,
     0},
    {"timeout", G_OPTION_ARG_INT, offsetof(Options, timeout), N_("Kill a command after this time (default: 60)"),
     N_("SECONDS"), 0, 0},
    {"emails", G_OPTION_ARG_FILENAME, offsetof(Options, emails), N_("Your users' e-mail addresses, one per line"),
     N_("FILE"), 0, 0},
    {0},
};

static const PfCommand subcommands[] = {
    {.name = "verify",
     .operands = N_("USER|--me --identity ID"),
     .most = 1,
     .summary = N_("link an identity at your site to an account, and print whether it is theirs"),
     .takes = "identity me format",
     .run = verify},
    {.name = "webhook",
     .operands = N_("--listen ADDR:PORT"),
     .summary = N_("receive the server's events, print each as JSON, and run a command for each"),
     .takes = "listen path exec timeout emails",
     .run = webhook},
    {0},
};

const PfCommand pf_command_partner = {
    .name = "partner",
    .operands = N_("verify|webhook …"),
    .summary = N_("For partner sites: verify users and receive events"),
    .examples = "  podflattr partner verify alice --identity partner:example:4711\n"
                "  podflattr partner webhook --listen 127.0.0.1:8080 --exec 'tee -a events.jsonl'\n",
    .subcommands = subcommands,
    .options = options,
    .options_size = sizeof(Options),
};
