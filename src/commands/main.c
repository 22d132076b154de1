/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr-commands: all commands; main.c in the folder above leads here. */
#include "base/i18n.h"
#include "base/text.h"
#include "base/wakeup_socket.h"
#include "commands/output.h"
#include "globals.h"
#include "sources/podcatcher.h"
#include <curl/curl.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

const char *const pf_plugins_folder = PF_PLUGINS;

/* As help lists them. configure may leave some out. */
const PfCommand *const pf_commands[] = {
    &pf_command_init,    &pf_command_report, &pf_command_settle,   &pf_command_scan,
    &pf_command_add,     &pf_command_adopt,  &pf_command_hook,     &pf_command_queue,
    &pf_command_send,    &pf_command_daemon, &pf_command_status,   &pf_command_link,
#ifdef PF_WITH_LOGIN
    &pf_command_login,
#endif
    &pf_command_logout,  &pf_command_whoami, &pf_command_api,
#ifdef PF_WITH_PARTNER
    &pf_command_partner,
#endif
    &pf_command_config,  &pf_command_doctor, &pf_command_complete, NULL,
};

static char *
dup_command_list(void)
{
    GString *text = g_string_new(_("Commands (see 'podflattr help COMMAND' for details):\n"));

    for (gsize i = 0; pf_commands[i]; i++)
        g_string_append_printf(text, "  %-8s  %s\n", pf_commands[i]->name, _(pf_commands[i]->summary));
    g_string_append_printf(text, "\n%s\n  podflattr init\n  podflattr report --month last\n", _("Examples:"));
    g_string_append(text, _("\npodflattr uses Flattr's API but is not made by Flattr."));
    return g_string_free(text, FALSE);
}

static GOptionContext *
make_context(PfGlobals *globals)
{
    GOptionContext *context = pf_globals_make_context(globals);
    g_autofree char *list = dup_command_list();

    g_option_context_set_summary(
        context,
        _("Keeps track of the podcast episodes that you download or listen to, so that you can pay for them."));
    g_option_context_set_description(context, list);
    return context;
}

static const PfCommand *
find_command(const char *name)
{
    for (gsize i = 0; pf_commands[i]; i++)
        if (g_str_equal(name, pf_commands[i]->name))
            return pf_commands[i];
    return NULL;
}

static gboolean
refuse_command(const char *word, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autoptr(GString) hint = g_string_new(NULL);

    for (gsize i = 0; pf_commands[i]; i++)
        g_ptr_array_add(names, (gpointer)pf_commands[i]->name);
    g_ptr_array_add(names, NULL);
    pf_command_suggest(hint, word, names);
    return pf_command_refuse(error, _("'%s' is not a podflattr command; see 'podflattr --help'%s"), word, hint->str);
}

/* Finds a command that takes an option: the one on the command line if it does. Returns NULL when none does. */
static const PfCommand *
find_owner(char **line, const char *option)
{
    const PfCommand *const *owner = pf_commands;

    for (char **word = line; *word; word++) {
        const PfCommand *command = find_command(*word);
        if (command && pf_command_takes(command, option))
            return command;
    }
    while (*owner && !pf_command_takes(*owner, option))
        owner++;
    return *owner;
}

/* Adds what was probably meant to a message about an option before the command. Returns FALSE. */
static gboolean
explain_option(char **line, GError **error)
{
    g_autofree char *given = pf_command_dup_unknown_option(*error);
    const char *similar = given ? pf_text_find_similar(given, pf_command_globals) : NULL;
    const PfCommand *owner = given ? find_owner(line, given + 2) : NULL;
    g_autoptr(GString) text = g_string_new((*error)->message);

    if (owner)
        g_string_append_printf(text, _("; put it after the command: podflattr %s %s"), owner->name, given);
    else if (similar)
        g_string_append_printf(text, _("; did you mean '%s'?"), similar);
    g_free((*error)->message);
    (*error)->message = g_strdup(text->str);
    return FALSE;
}

/* Runs a command that needs more than the state folder. */
static gboolean
run_whole(PfApp *app, const PfCommand *command, int argc, char **argv, GError **error)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    xmlInitParser();
    pf_app_load(app);
    pf_podcatchers_resolve(app->config);
    /* A wrong configuration stops every command except those that report it. */
    gboolean done = (command->needs == PF_COMMAND_NEEDS_FAULTS || pf_app_check(app, error)) &&
                    pf_command_run(command, app, argc, argv, error);
    pf_app_unload(app);
    xmlCleanupParser();
    curl_global_cleanup();
    return done;
}

/* Help needs no state folder. */
static gboolean
asks_for_help(char **line)
{
    return g_strv_contains((const char *const *)line, "--help") || g_strv_contains((const char *const *)line, "-h");
}

static gboolean
run_command(const PfGlobals *globals, const PfCommand *command, int argc, char **argv, GError **error)
{
    PfApp app;

    pf_globals_begin(globals, command, &app);
    if (!asks_for_help(argv) && command != &pf_command_hook && !pf_app_check_state(&app, error)) {
        pf_app_end(&app);
        return FALSE;
    }
    gboolean done = command->needs == PF_COMMAND_NEEDS_STATE ? pf_command_run(command, &app, argc, argv, error)
                                                             : run_whole(&app, command, argc, argv, error);
    /* Notify the service at once of what was changed. */
    if (command->rings && app.state_dir)
        pf_wakeup_socket_signal(app.state_dir);
    pf_app_end(&app);
    return done;
}

/* Replaces this process by one that shows a command's page. Returns when there is no such page, or nothing to open it
 * with. */
static void
open_page(const char *command)
{
    g_autofree char *page = g_strconcat("podflattr-", command, NULL);
    const char *const find[] = {"man", "-w", page, NULL};
    int status;

    if (g_spawn_sync(NULL, (char **)find, NULL,
                     G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL,
                     NULL, &status, NULL) &&
        g_spawn_check_wait_status(status, NULL))
        execlp("man", "man", page, NULL);
}

/* podflattr help [COMMAND [SUBCOMMAND]]: the command's page on a terminal, else as --help behind them.
 *
 * @words: NULL-terminated */
static gboolean
print_help_of(const PfGlobals *globals, GOptionContext *context, char **words, GError **error)
{
    const PfCommand *command = *words ? find_command(*words) : NULL;
    g_autoptr(GPtrArray) line = g_ptr_array_new();
    PfApp app;

    if (!*words || g_str_equal(*words, "--help") || g_str_equal(*words, "-h")) {
        pf_command_print_whole_help(context);
        return TRUE;
    }
    if (!command)
        return refuse_command(*words, error);
    if (!pf_command_check_names(command, words + 1, error))
        return FALSE;
    if (!words[1] && isatty(STDOUT_FILENO))
        open_page(*words);
    for (char **word = words; *word; word++)
        g_ptr_array_add(line, *word);
    g_ptr_array_add(line, (gpointer) "--help");
    g_ptr_array_add(line, NULL);
    pf_globals_begin(globals, command, &app);
    gboolean done = pf_command_run(command, &app, (int)line->len - 1, (char **)line->pdata, error);
    pf_app_end(&app);
    return done;
}

/* @name: (out): of the command; NULL when none was found */
static gboolean
run(PfGlobals *globals, int argc, char **argv, const char **name, GError **error)
{
    g_autoptr(GOptionContext) context = make_context(globals);

    *name = NULL;
    if (pf_command_print_help(context, argv, TRUE))
        return TRUE;
    if (!g_option_context_parse(context, &argc, &argv, error))
        return explain_option(argv + 1, error);
    if (globals->version) {
        printf("podflattr %s\n", PF_VERSION);
        return TRUE;
    }
    pf_globals_start_log(globals);
    if (argc < 2)
        return pf_command_refuse(error, _("missing command; see 'podflattr --help'"));
    if (g_str_equal(argv[1], "help"))
        return print_help_of(globals, context, argv + 2, error);
    const PfCommand *command = find_command(argv[1]);
    if (!command)
        return refuse_command(argv[1], error);
    *name = command->name;
    return run_command(globals, command, argc - 1, argv + 1, error);
}

int
main(int argc, char **argv)
{
    g_auto(PfGlobals) globals = {0};
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) unwritten = NULL;
    const char *command;

    pf_i18n_begin(PF_LIBEXECDIR, PF_LOCALEDIR);
    g_set_prgname("podflattr");
    /* So that the list of processes shows it as podflattr. */
    prctl(PR_SET_NAME, "podflattr");
    (void)run(&globals, argc, argv, &command, &error);
    /* A failure comes first, but results that are incomplete come before a status that was explained. */
    if ((!error || !*error->message) && !pf_output_flush(&unwritten)) {
        g_clear_error(&error);
        error = g_steal_pointer(&unwritten);
    }
    if (!error)
        return EX_OK;
    pf_globals_print_error(command, error);
    return pf_exit_status(error);
}
