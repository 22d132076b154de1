/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flattr-sandbox: reads the options, prepares the user, says on one line of stdout where everything is, and serves
 * until it is stopped.
 */
#include "base/clock.h"
#include "base/log.h"
#include "net/listener.h"
#include "sandbox/request.h"
#include "sandbox/server.h"
#include "sandbox/urls.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define MEANS_DEFAULT 1000
#define RATE_LIMIT_DEFAULT 1000

typedef struct {
    char *listen;
    char *db;
    char *user;
    gint64 means; /* -1: not given */
    gint64 rate_limit;
    char *base;
    char *client; /* ID:SECRET[:REDIRECT] */
    gboolean no_control;
    gboolean quirks;
    gboolean version;
} Options;

static void
clear_options(Options *options)
{
    g_free(options->listen);
    g_free(options->db);
    g_free(options->user);
    g_free(options->base);
    g_free(options->client);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, clear_options)

static int fail(int status, const char *format, ...) G_GNUC_PRINTF(2, 3);

static int
fail(int status, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autofree char *line = pf_log_printable(text);
    fprintf(stderr, "flattr-sandbox: %s\n", line);
    return status;
}

static gboolean
is_base(const char *text)
{
    return sandbox_url_is_web(text) && !strpbrk(text, "?#");
}

static gboolean
is_client(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, ":", 3);

    return parts[0] && *parts[0] && parts[1] && *parts[1] && (!parts[2] || sandbox_url_is_callback(parts[2]));
}

static gboolean
read_options(int *argc, char ***argv, Options *options, GError **error)
{
    const GOptionEntry entries[] = {
        {"listen", 'l', 0, G_OPTION_ARG_STRING, &options->listen,
         "listen on this address; port 0 picks a free one (default: 127.0.0.1:0)", "ADDR:PORT"},
        {"db", 'd', 0, G_OPTION_ARG_FILENAME, &options->db, "store everything in this file (default: in memory)",
         "FILE"},
        {"user", 'u', 0, G_OPTION_ARG_STRING, &options->user, "the user whose access token is printed (default: demo)",
         "NAME"},
        {"means", 'm', 0, G_OPTION_ARG_INT64, &options->means, "how many flattrs that user can pay for (default: 1000)",
         "N"},
        {"rate-limit", 'r', 0, G_OPTION_ARG_INT64, &options->rate_limit, "requests per hour and client (default: 1000)",
         "N"},
        {"base", 'b', 0, G_OPTION_ARG_STRING, &options->base,
         "the server's URL as clients see it, used in links (default: http://ADDR:PORT)", "URL"},
        {"client", 'c', 0, G_OPTION_ARG_STRING, &options->client, "register this OAuth client (default: a random one)",
         "ID:SECRET[:REDIRECT]"},
        {"no-control", 0, 0, G_OPTION_ARG_NONE, &options->no_control, "disable the control interface at /_sandbox",
         NULL},
        {"quirks", 0, 0, G_OPTION_ARG_NONE, &options->quirks, "imitate the real service's oddities", NULL},
        {"version", 'V', 0, G_OPTION_ARG_NONE, &options->version, "print the version", NULL},
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);

    g_option_context_set_summary(context, "A test server for the Flattr API. No money is involved.");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, argc, argv, error))
        return FALSE;
    /* Only now: GOption does not free what it finds in a string that it sets. */
    if (!options->listen)
        options->listen = g_strdup("127.0.0.1:0");
    if (!options->user)
        options->user = g_strdup("demo");
    if (*argc > 1)
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "unexpected argument '%s'", (*argv)[1]);
    else if (options->means < -1 || options->rate_limit < 0)
        g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "numbers must not be negative");
    else if (!*options->user || !g_utf8_validate(options->user, -1, NULL) || strpbrk(options->user, "/\r\n"))
        g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--user must be a name without a slash");
    else if (options->base && !is_base(options->base))
        g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                            "--base must be an http or https URL without a query or fragment");
    else if (options->client && !is_client(options->client))
        g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                            "--client must be ID:SECRET or ID:SECRET:REDIRECT, where REDIRECT is an absolute URL");
    else
        return TRUE;
    return FALSE;
}

static char *
need_setting(SandboxStore *store, const char *name)
{
    char *value = sandbox_store_get_setting(store, name);

    if (!value) {
        value = sandbox_secret_new();
        sandbox_store_set_setting(store, name, value);
    }
    return value;
}

/* Registers the program that the options name, or keeps the one that the database has, or makes one up. */
static void
prepare_client(SandboxStore *store, const Options *options)
{
    g_auto(GStrv) parts = g_strsplit(options->client ? options->client : "", ":", 3);

    if (options->client) {
        sandbox_store_set_setting(store, "client_id", parts[0]);
        sandbox_store_set_setting(store, "client_secret", parts[1]);
    }
    g_autofree char *id = need_setting(store, "client_id");
    g_autofree char *secret = need_setting(store, "client_secret");
    g_autoptr(SandboxClient) known = sandbox_store_get_client(store, id);
    const SandboxClient client = {.id = id,
                                  .secret = secret,
                                  .redirect_uri = options->client && parts[2] ? parts[2] : (char *)"",
                                  .name = options->client ? parts[0] : (char *)"podflattr"};
    if (!known || options->client)
        sandbox_store_set_client(store, &client);
}

/* Finds or makes the user, its token and the client; in a database they stay the same from start to start. Returns the
 * part of the ready line that names them; NULL when the database failed. */
static json_t *
prepare_user(SandboxStore *store, const Options *options)
{
    sandbox_store_begin(store);
    g_autoptr(SandboxUser) known = sandbox_store_get_user(store, options->user);
    g_autoptr(SandboxUser) user = sandbox_store_need_user(store, options->user, pf_clock_now());
    g_autofree char *token = user ? sandbox_store_get_token(store, user->id) : NULL;

    if (user && (!known || options->means >= 0))
        sandbox_store_set_means(store, user->id, options->means >= 0 ? options->means : MEANS_DEFAULT);
    if (user && !token) {
        token = sandbox_secret_new();
        const SandboxGrant grant = {.application = (char *)"flattr-sandbox's ready line",
                                    .scopes = (char *)SANDBOX_SCOPES,
                                    .created_at = pf_clock_now()};
        sandbox_store_add_token(store, token, user->id, &grant);
    }
    prepare_client(store, options);
    g_autofree char *id = need_setting(store, "client_id");
    g_autofree char *secret = need_setting(store, "client_secret");
    const char *failure = sandbox_store_end(store, TRUE);
    if (failure) {
        fail(EX_CANTCREAT, "cannot write the database: %s", failure);
        return NULL;
    }
    return json_pack("{s:s, s:s, s:s, s:s}", "client_id", id, "client_secret", secret, "user", options->user,
                     "access_token", token);
}

static gboolean
print_ready(const char *base, json_t *about_user)
{
    g_autofree char *api = g_strconcat(base, "/rest/v2", NULL);
    g_autofree char *authorize = g_strconcat(base, "/oauth/authorize", NULL);
    g_autofree char *token = g_strconcat(base, "/oauth/token", NULL);
    g_autofree char *revoke = g_strconcat(base, "/oauth/revoke", NULL);
    json_t *ready = json_pack("{s:s, s:s, s:s, s:s}", "api", api, "authorize", authorize, "token_endpoint", token,
                              "revocation_endpoint", revoke);

    json_object_update(ready, about_user);
    char *text = json_dumps(ready, JSON_COMPACT);
    g_autofree char *line = pf_log_json_printable(text);
    gboolean printed = printf("%s\n", line) > 0 && fflush(stdout) == 0;
    free(text);
    json_decref(ready);
    return printed;
}

static int
serve(SandboxService *service, GInetSocketAddress *address, json_t *about_user, const Options *options)
{
    g_autoptr(GError) error = NULL;
    sigset_t signals;
    int received;

    /* Blocked before any thread is made, so that all inherit it and sigwait() alone gets them. */
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);

    g_autoptr(SandboxServer) server = sandbox_server_start(service, address, &error);
    if (!server)
        return fail(EX_UNAVAILABLE, "cannot listen on %s: %s", options->listen, error->message);
    if (!g_inet_address_get_is_loopback(g_inet_socket_address_get_address(address)))
        g_message("listening on %s: this is a test server without access control; anyone who can reach it can do "
                  "anything with it%s",
                  options->listen, options->no_control ? "" : "; --no-control disables the control interface");
    if (g_inet_address_get_is_any(g_inet_socket_address_get_address(address)) && !options->base)
        g_message("all links will name %s, which other machines cannot reach; set the right address with --base URL",
                  service->base);
    if (!print_ready(service->base, about_user))
        return fail(EX_IOERR, "cannot write to standard output");
    sigwait(&signals, &received);
    return EX_OK;
}

static int
run(const Options *options)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GInetSocketAddress) address = pf_listener_read_address(options->listen);

    if (!address)
        return fail(EX_USAGE, "--listen takes a numeric address and a port, such as 127.0.0.1:8080, not '%s'",
                    options->listen);
    SandboxStore *store = sandbox_store_open(options->db, &error);
    if (!store)
        return fail(EX_CANTCREAT, "%s", error->message);

    g_autoptr(SandboxService) service = sandbox_service_new(store, options->user, options->rate_limit);
    json_t *about_user = prepare_user(store, options);
    if (options->base) {
        service->base = g_strdup(options->base);
        while (g_str_has_suffix(service->base, "/"))
            service->base[strlen(service->base) - 1] = '\0';
    }
    service->quirks = options->quirks;
    service->no_control = options->no_control;
    int status = about_user ? serve(service, address, about_user, options) : EX_CANTCREAT;
    json_decref(about_user);
    return status;
}

int
main(int argc, char **argv)
{
    /* For the help alone: dates in answers are to be English everywhere. */
    setlocale(LC_CTYPE, "");
    g_auto(Options) options = {
        .means = -1,
        .rate_limit = RATE_LIMIT_DEFAULT,
    };
    g_autoptr(GError) error = NULL;

    pf_log_start("flattr-sandbox", PF_LOG_NORMAL);
    if (!read_options(&argc, &argv, &options, &error))
        return fail(EX_USAGE, "%s; see flattr-sandbox --help", error->message);
    if (options.version) {
        puts("flattr-sandbox " PF_VERSION);
        return EX_OK;
    }
    return run(&options);
}
