/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/app.h"

/* The first that is set: an option, the environment; NULL when neither is. */
static char *
dup_named(const char *option, const char *variable)
{
    const char *value = option && *option ? option : g_getenv(variable);

    return value && *value ? g_strdup(value) : NULL;
}

static char *
dup_default_config(void)
{
    return g_build_filename(g_get_user_config_dir(), "podflattr", "podflattr.conf", NULL);
}

void
pf_app_begin(PfApp *app, const PfAppOptions *options)
{
    *app = (PfApp){0};
    app->state_dir = dup_named(options->state_dir, "PODFLATTR_STATE_DIR");
    if (!app->state_dir)
        app->state_dir = g_build_filename(g_get_user_state_dir(), "podflattr", NULL);
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
    g_free(app->config_path);
    g_free(app->api);
}
