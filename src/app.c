/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "app.h"

#include "flattr/flattr.h"

/* The first that is set: an option, the environment, the default. */
static char *
first_of(const char *option, const char *variable, const char *initial)
{
    const char *value = g_getenv(variable);

    return g_strdup(option && *option ? option : value && *value ? value : initial);
}

/* @must_exist: (out): whether the user has named it */
static char *
dup_config_path(const PfAppOptions *options, gboolean *must_exist)
{
    g_autofree char *initial = g_build_filename(g_get_user_config_dir(), "podflattr", "podflattr.conf", NULL);
    char *path = first_of(options->config, "PODFLATTR_CONFIG", initial);

    *must_exist = !g_str_equal(path, initial);
    return path;
}

static char *
find_endpoint(const PfAppOptions *options, const PfConfig *config, GError **error)
{
    g_autofree char *api = first_of(options->api, "PODFLATTR_API", config->api);

    return flattr_endpoint_normalize(api, error);
}

void
pf_app_begin(PfApp *app, const PfAppOptions *options)
{
    g_autofree char *initial = g_build_filename(g_get_user_state_dir(), "podflattr", NULL);

    *app = (PfApp){.options = *options};
    app->state_dir = first_of(options->state_dir, "PODFLATTR_STATE_DIR", initial);
}

void
pf_app_load(PfApp *app)
{
    gboolean must_exist;
    g_autofree char *path = dup_config_path(&app->options, &must_exist);

    app->config = pf_config_load(path, must_exist, &app->config_fault);
    if (!app->config)
        app->config = pf_config_parse("", path, NULL);
    app->endpoint = find_endpoint(&app->options, app->config, &app->endpoint_fault);
}

void
pf_app_clear(PfApp *app)
{
    pf_config_free(app->config);
    g_free(app->state_dir);
    g_free(app->endpoint);
    g_clear_error(&app->config_fault);
    g_clear_error(&app->endpoint_fault);
    *app = (PfApp){0};
}

gboolean
pf_app_check(PfApp *app, GError **error)
{
    GError **fault = app->config_fault ? &app->config_fault : &app->endpoint_fault;

    if (!*fault)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(fault));
    return FALSE;
}

gboolean
pf_app_reload(PfApp *app, GError **error)
{
    gboolean must_exist;
    g_autofree char *path = dup_config_path(&app->options, &must_exist);
    g_autoptr(PfConfig) config = pf_config_load(path, must_exist, error);
    char *endpoint = config ? find_endpoint(&app->options, config, error) : NULL;

    if (!endpoint)
        return FALSE;
    pf_config_free(app->config);
    app->config = g_steal_pointer(&config);
    g_free(app->endpoint);
    app->endpoint = endpoint;
    return TRUE;
}

PfCredentials
pf_app_get_credentials(const PfApp *app)
{
    return (PfCredentials){(PfTokenStore)app->config->token_store, app->state_dir, app->endpoint};
}

gboolean
pf_app_load_token(const PfApp *app, char **token, GError **error)
{
    const PfCredentials credentials = pf_app_get_credentials(app);

    return pf_credentials_load(&credentials, token, error);
}
