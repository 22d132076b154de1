/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/app.h"

#include "base/state_folder.h"

/* The first that is set: an option, the environment; NULL when neither is. */
static char *
dup_named(const char *option, const char *variable)
{
    const char *value = option && *option ? option : g_getenv(variable);

    return value && *value ? g_strdup(value) : NULL;
}

/* A relative path is ignored, as its specification says. */
static char *
dup_default_config(void)
{
    const char *folder = g_getenv("XDG_CONFIG_HOME");

    if (folder && g_path_is_absolute(folder))
        return g_build_filename(folder, "podflattr", "podflattr.conf", NULL);
    return g_build_filename(g_get_home_dir(), ".config", "podflattr", "podflattr.conf", NULL);
}

void
pf_app_begin(PfApp *app, const PfAppOptions *options)
{
    *app = (PfApp){0};
    app->state_dir = pf_state_folder_find(options->state_dir, &app->state_fault);
    app->config_path = dup_named(options->config, "PODFLATTR_CONFIG");
    app->config_named = app->config_path != NULL;
    if (!app->config_named)
        app->config_path = dup_default_config();
    app->api = dup_named(options->api, "PODFLATTR_API");
}

void
pf_app_end(PfApp *app)
{
    g_free(app->state_dir);
    g_clear_error(&app->state_fault);
    g_free(app->config_path);
    g_free(app->api);
}

gboolean
pf_app_check_state(const PfApp *app, GError **error)
{
    if (app->state_dir)
        return TRUE;
    g_propagate_error(error, g_error_copy(app->state_fault));
    return FALSE;
}
