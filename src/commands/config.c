/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr config: checks the configuration, or writes an example. */
#include "commands/command.h"

#include <stdio.h>

static int
run(PfApp *app, int argc, char **argv, GError **error)
{
    gboolean example = FALSE;
    const GOptionEntry entries[] = {
        {"example", 0, 0, G_OPTION_ARG_NONE, &example, "Print a file with every option and its default", NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };

    if (!pf_command_parse(&pf_command_config, entries, &argc, &argv, error))
        return EX_USAGE;
    if (argc > 1) {
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, "unexpected '%s'", argv[1]);
        return EX_USAGE;
    }
    if (example) {
        g_autofree char *text = pf_config_dup_example();
        fputs(text, stdout);
        return EX_OK;
    }
    /* A bad file ends the program before it comes here. */
    printf("configuration  %s\n", app->config->path ? app->config->path : "none, the defaults hold");
    printf("state          %s\n", app->state_dir);
    printf("api            %s\n", app->endpoint);
    return EX_OK;
}

const PfCommand pf_command_config = {
    "config", "", "Check the configuration, or print an example", NULL, run, PF_COMMAND_NEEDS_ALL, FALSE};
