/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr config: checks the configuration, or writes an example. */
#include "base/i18n.h"
#include "commands/command.h"
#include "commands/output.h"
#include "daemon/settings_check.h"

#include <stdio.h>

typedef struct {
    gboolean example;
} Options;

static const PfCommandOption options[] = {
    {"example", G_OPTION_ARG_NONE, offsetof(Options, example), N_("Print a file with every option and its default"),
     NULL, 0, 0},
    {0},
};

/* Returns whether all settings have an effect. */
static gboolean
print_settings(const PfApp *app)
{
    g_autoptr(PfSettingsCheck) check = pf_settings_check(app);
    gboolean have_effect = TRUE;

    for (guint i = 0; i < check->reports->len; i++) {
        const PfSettingReport *report = check->reports->pdata[i];
        pf_output_field(report->result == PF_SETTING_OK ? report->key : pf_setting_result_name(report->result), 13,
                        report->text);
        have_effect = have_effect && report->result != PF_SETTING_FAIL;
    }
    return have_effect;
}

static gboolean
run(const PfCommandCall *call, GError **error)
{
    PfApp *app = call->app;

    if (((const Options *)call->options)->example) {
        g_autofree char *text = pf_config_dup_example();
        fputs(text, stdout);
        return TRUE;
    }
    if (!pf_app_check(app, error))
        return FALSE;
    printf(_("configuration  %s\n"),
           app->config->path ? app->config->path : _("no configuration file; using defaults"));
    printf(_("state          %s\n"), app->state_dir);
    printf(_("api            %s\n"), app->endpoint ? app->endpoint : PF_CONFIG_NO_SERVER);
    return print_settings(app) || pf_exit_status_set(error, EX_CONFIG, "");
}

const PfCommand pf_command_config = {
    .name = "config",
    .summary = N_("Check the configuration, or print an example"),
    .description = N_("Shows what each setting does. The exit status is 78 when a setting has no effect: its line "
                      "begins with\nFAIL and says where the setting is and how to fix it."),
    .options = options,
    .options_size = sizeof(Options),
    .examples = "  podflattr config --example >~/.config/podflattr/podflattr.conf\n"
                "  podflattr config\n",
    .run = run,
    .needs = PF_COMMAND_NEEDS_FAULTS,
};
