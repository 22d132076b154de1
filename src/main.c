/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/bell.h"
#include "base/log.h"
#include "commands/command.h"
#include "commands/output.h"
#include <curl/curl.h>
#include <libxml/parser.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

static const PfCommand *const commands[] = {
    &pf_command_scan,   &pf_command_add,    &pf_command_hook,    &pf_command_queue,  &pf_command_send,
    &pf_command_daemon, &pf_command_status, &pf_command_link,    &pf_command_login,  &pf_command_logout,
    &pf_command_whoami, &pf_command_api,    &pf_command_partner, &pf_command_config, &pf_command_doctor,
};

/* The options in front of the command. */
typedef struct {
    char *config;
    char *state_dir;
    char *api;
    gboolean quiet;
    gboolean version;
    int verbosity;
} Globals;

static gboolean
count_verbose(const char *name, const char *value, gpointer data, GError **error)
{
    (void)name;
    (void)value;
    (void)error;
    ((Globals *)data)->verbosity++;
    return TRUE;
}

static char *
dup_command_list(void)
{
    GString *text = g_string_new("Commands ('podflattr COMMAND --help' tells more):\n");

    for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
        g_string_append_printf(text, "  %-8s  %s\n", commands[i]->name, commands[i]->summary);
    g_string_append(text, "\npodflattr uses Flattr's API but is not Flattr's.");
    return g_string_free(text, FALSE);
}

static GOptionContext *
make_context(Globals *globals, GOptionEntry *entries)
{
    GOptionContext *context = g_option_context_new("COMMAND …");
    GOptionGroup *group = g_option_group_new("podflattr", "", "", globals, NULL);
    g_autofree char *list = dup_command_list();

    g_option_group_add_entries(group, entries);
    g_option_context_set_main_group(context, group);
    g_option_context_set_summary(context, "Flattrs the podcast episodes that you download or listen to.");
    g_option_context_set_description(context, list);
    g_option_context_set_strict_posix(context, TRUE);
    return context;
}

static const PfCommand *
find_command(const char *name)
{
    for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
        if (g_str_equal(name, commands[i]->name))
            return commands[i];
    return NULL;
}

/* Errors may have several lines (a configuration's mistakes); each is a message of its own. */
static void
print_error(const char *command, const GError *error)
{
    g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);

    for (char **line = lines; *line; line++) {
        g_autofree char *text = pf_log_printable(*line);
        fprintf(stderr, "podflattr%s%s: %s\n", command ? " " : "", command ? command : "", text);
    }
}

/* Runs a command that needs more than the state folder. */
static int
run_whole(PfApp *app, const PfCommand *command, int argc, char **argv, GError **error)
{
    int status = EX_OK;

    curl_global_init(CURL_GLOBAL_DEFAULT);
    xmlInitParser();
    pf_app_load(app);
    /* What is wrong ends every command but the one that is there to find it. */
    if (command->needs == PF_COMMAND_NEEDS_FAULTS || pf_app_check(app, error))
        status = command->run(app, argc, argv, error);
    xmlCleanupParser();
    curl_global_cleanup();
    return status;
}

static int
run_command(const Globals *globals, const PfCommand *command, int argc, char **argv, GError **error)
{
    const PfAppOptions options = {globals->config, globals->state_dir, globals->api};
    PfApp app;
    int status;

    g_autofree char *program = g_strconcat("podflattr ", command->name, NULL);
    g_set_prgname(program);
    pf_app_begin(&app, &options);
    if (command->needs == PF_COMMAND_NEEDS_STATE)
        status = command->run(&app, argc, argv, error);
    else
        status = run_whole(&app, command, argc, argv, error);
    /* The service is to see at once what was changed. */
    if (command->rings)
        pf_bell_ring(app.state_dir);
    pf_app_clear(&app);
    return status;
}

static int
run(Globals *globals, int argc, char **argv, const char **name, GError **error)
{
    GOptionEntry entries[] = {
        {"config", 0, 0, G_OPTION_ARG_FILENAME, &globals->config, "Read this configuration", "FILE"},
        {"state-dir", 0, 0, G_OPTION_ARG_FILENAME, &globals->state_dir, "Keep the queue there", "DIR"},
        {"api", 0, 0, G_OPTION_ARG_STRING, &globals->api, "The server's API", "URL"},
        {"verbose", 'v', G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, count_verbose, "Say more; twice: still more",
         NULL},
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &globals->quiet, "Say nothing but errors", NULL},
        {"version", 0, 0, G_OPTION_ARG_NONE, &globals->version, "Print the version", NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };
    g_autoptr(GOptionContext) context = make_context(globals, entries);

    if (!g_option_context_parse(context, &argc, &argv, error))
        return EX_USAGE;
    if (globals->version) {
        printf("podflattr %s\n", PF_VERSION);
        return EX_OK;
    }
    pf_log_start("podflattr", globals->quiet ? PF_LOG_QUIET : (PfLogLevel)MIN(globals->verbosity, PF_LOG_DEBUG));
    if (argc < 2) {
        g_set_error_literal(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE,
                            "which command? 'podflattr --help' lists them");
        return EX_USAGE;
    }
    const PfCommand *command = find_command(argv[1]);
    if (!command) {
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE,
                    "there is no command '%s'; 'podflattr --help' lists them", argv[1]);
        return EX_USAGE;
    }
    *name = command->name;
    return run_command(globals, command, argc - 1, argv + 1, error);
}

int
main(int argc, char **argv)
{
    Globals globals = {0};
    g_autoptr(GError) error = NULL;
    const char *command = NULL;

    setlocale(LC_ALL, "");
    int status = run(&globals, argc, argv, &command, &error);
    if (!error && !pf_output_flush(&error))
        status = 0;
    if (error) {
        print_error(command, error);
        if (status == EX_OK)
            status = pf_command_exit_status(error);
    }
    g_free(globals.config);
    g_free(globals.state_dir);
    g_free(globals.api);
    return status;
}
