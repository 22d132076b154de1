/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr config: checks the configuration, or writes an example. */
#include "commands/command.h"

#include <stdio.h>

typedef struct {
    gboolean example;
} Options;

static const PfCommandOption options[] = {
    {"example", G_OPTION_ARG_NONE, offsetof(Options, example), "Print a file with every option and its default", NULL,
     0, 0},
    {0},
};

static gboolean
run(const PfCommandCall *call, GError **error)
{
    const PfApp *app = call->app;

    (void)error;
    if (((const Options *)call->options)->example) {
        g_autofree char *text = pf_config_dup_example();
        fputs(text, stdout);
        return TRUE;
    }
    /* A bad file ends the program before it comes here. */
    printf("configuration  %s\n", app->config->path ? app->config->path : "no configuration file; using defaults");
    printf("state          %s\n", app->state_dir);
    printf("api            %s\n", app->endpoint);
    return TRUE;
}

const PfCommand pf_command_config = {
    .name = "config",
    .summary = "Check the configuration, or print an example",
    .options = options,
    .options_size = sizeof(Options),
    .run = run,
};
