/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/app.h"

#include "flattr/flattr.h"

/* @endpoint: (out): NULL without a server */
static gboolean
find_endpoint(const PfApp *app, PfConfig *config, char **endpoint, GError **error)
{
    *endpoint = NULL;
    if (app->api) {
        g_free(config->api);
        config->api = g_strdup(app->api);
    }
    if (!pf_config_has_server(config))
        return TRUE;
    *endpoint = flattr_endpoint_normalize(config->api, error);
    return *endpoint != NULL;
}

void
pf_app_load(PfApp *app)
{
    app->config = pf_config_load_rest(app->config_path, app->config_named, &app->config_fault);
    (void)find_endpoint(app, app->config, &app->endpoint, &app->endpoint_fault);
}

void
pf_app_unload(PfApp *app)
{
    g_clear_pointer(&app->config, pf_config_free);
    g_clear_pointer(&app->endpoint, g_free);
    g_clear_error(&app->config_fault);
    g_clear_error(&app->endpoint_fault);
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
    /* A file that was there and is not is no wish for the defaults, which have no rule against any feed. */
    gboolean must_exist = app->config_named || app->config->path != NULL;
    g_autoptr(PfConfig) config = pf_config_load(app->config_path, must_exist, error);
    char *endpoint;

    if (!config || !find_endpoint(app, config, &endpoint, error))
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
    return (PfCredentials){
        .store = (PfTokenStore)app->config->token_store, .state_dir = app->state_dir, .endpoint = app->endpoint};
}

gboolean
pf_app_load_token(const PfApp *app, char **token, GError **error)
{
    const PfCredentials credentials = pf_app_get_credentials(app);

    return pf_credentials_load(&credentials, token, error);
}
