/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr-commands: all commands; main.c in the folder above leads here. */
#include "base/wakeup_socket.h"
#include "commands/output.h"
#include "globals.h"
#include <curl/curl.h>
#include <libxml/parser.h>
#include <locale.h>
#include <stdio.h>
#include <sys/prctl.h>

static const PfCommand *const commands[] = {
    &pf_command_scan,   &pf_command_add,    &pf_command_hook,    &pf_command_queue,  &pf_command_send,
    &pf_command_daemon, &pf_command_status, &pf_command_link,    &pf_command_login,  &pf_command_logout,
    &pf_command_whoami, &pf_command_api,    &pf_command_partner, &pf_command_config, &pf_command_doctor,
};

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
make_context(PfGlobals *globals)
{
    GOptionContext *context = pf_globals_make_context(globals);
    g_autofree char *list = dup_command_list();

    g_option_context_set_summary(context, "Flattrs the podcast episodes that you download or listen to.");
    g_option_context_set_description(context, list);
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
    pf_app_unload(app);
    xmlCleanupParser();
    curl_global_cleanup();
    return status;
}

static int
run_command(const PfGlobals *globals, const PfCommand *command, int argc, char **argv, GError **error)
{
    PfApp app;
    int status;

    pf_globals_begin(globals, command, &app);
    if (command->needs == PF_COMMAND_NEEDS_STATE)
        status = command->run(&app, argc, argv, error);
    else
        status = run_whole(&app, command, argc, argv, error);
    /* The service is to see at once what was changed. */
    if (command->rings)
        pf_bell_ring(app.state_dir);
    pf_app_end(&app);
    return status;
}

static int
run(PfGlobals *globals, int argc, char **argv, const char **name, GError **error)
{
    g_autoptr(GOptionContext) context = make_context(globals);

    if (!g_option_context_parse(context, &argc, &argv, error))
        return EX_USAGE;
    if (globals->version) {
        printf("podflattr %s\n", PF_VERSION);
        return EX_OK;
    }
    pf_globals_start_log(globals);
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
    g_auto(PfGlobals) globals = {0};
    g_autoptr(GError) error = NULL;
    const char *command = NULL;

    setlocale(LC_CTYPE, "");
    /* Whoever looks for podflattr among the processes finds it under its own name. */
    prctl(PR_SET_NAME, "podflattr");
    int status = run(&globals, argc, argv, &command, &error);
    if (!error && !pf_output_flush(&error))
        status = 0;
    if (error) {
        pf_globals_print_error(command, error);
        if (status == EX_OK)
            status = pf_exit_status(error);
    }
    return status;
}
