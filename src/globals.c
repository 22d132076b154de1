/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "globals.h"

#include "base/i18n.h"
#include "base/log.h"
#include <stdio.h>

static gboolean
count_verbose(const char *name, const char *value, gpointer data, GError **error)
{
    (void)name;
    (void)value;
    (void)error;
    ((PfGlobals *)data)->verbosity++;
    return TRUE;
}

GOptionContext *
pf_globals_make_context(PfGlobals *globals)
{
    const GOptionEntry entries[] = {
        {"config", 0, 0, G_OPTION_ARG_FILENAME, &globals->config, N_("Configuration file to use"), N_("FILE")},
        {"state-dir", 0, 0, G_OPTION_ARG_FILENAME, &globals->state_dir, N_("Folder that holds the queue"), N_("DIR")},
        {"api", 0, 0, G_OPTION_ARG_STRING, &globals->api, N_("Address of the server's API"), N_("URL")},
        {"verbose", 'v', G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, (gpointer)count_verbose,
         N_("Print more messages (repeat for still more)"), NULL},
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &globals->quiet, N_("Print only errors"), NULL},
        {"version", 'V', 0, G_OPTION_ARG_NONE, &globals->version, N_("Print the version and exit"), NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };
    GOptionContext *context = g_option_context_new(_("COMMAND …"));
    GOptionGroup *group = g_option_group_new("podflattr", "", "", globals, NULL);

    g_option_group_add_entries(group, entries);
    g_option_group_set_translation_domain(group, "podflattr");
    g_option_context_set_main_group(context, group);
    g_option_context_set_strict_posix(context, TRUE);
    return context;
}

void
pf_globals_clear(PfGlobals *globals)
{
    g_free(globals->config);
    g_free(globals->state_dir);
    g_free(globals->api);
}

void
pf_globals_start_log(const PfGlobals *globals)
{
    pf_log_start("podflattr", globals->quiet ? PF_LOG_QUIET : (PfLogLevel)MIN(globals->verbosity, PF_LOG_DEBUG));
}

void
pf_globals_begin(const PfGlobals *globals, const PfCommand *command, PfApp *app)
{
    const PfAppOptions options = {globals->config, globals->state_dir, globals->api};
    g_autofree char *program = g_strconcat("podflattr ", command->name, NULL);

    g_set_prgname(program);
    pf_app_begin(app, &options);
}

/* An error may have several lines (a configuration's mistakes); each is a message of its own. */
void
pf_globals_print_error(const char *command, const GError *error)
{
    g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);

    for (char **line = lines; *line; line++) {
        g_autofree char *text = pf_log_printable(*line);
        fprintf(stderr, "podflattr%s%s: %s\n", command ? " " : "", command ? command : "", text);
    }
}
