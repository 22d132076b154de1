/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr logout: forgets the access token, and has the server revoke it; or a synchronisation server's password. */
#include "base/i18n.h"
#include "commands/command.h"

#include "daemon/syncing.h"
#include "login/authorize.h"
#include "sources/sync_server.h"
#include <stdio.h>

/* Flattr's API has no call that revokes a token: that is done on a page of the server, which is where users log in. */
static void
tell_how_to_revoke(const PfConfig *config, const char *why)
{
    g_autoptr(GUri) uri = g_uri_parse(config->authorize, G_URI_FLAGS_ENCODED, NULL);
    g_autofree char *site = uri && g_uri_get_host(uri)
                                ? g_uri_join(G_URI_FLAGS_ENCODED, g_uri_get_scheme(uri), NULL, g_uri_get_host(uri),
                                             g_uri_get_port(uri), "/", NULL, NULL)
                                : g_strdup(config->authorize);

    g_message(
        _("the server still accepts that token from anyone who has it (%s); to revoke it, open %s, log in and look for "
          "the applications that you have authorized"),
        why, site);
}

/* The stored token, if that is known: one from the environment is not ours to revoke. */
static char *
dup_stored_token(const PfCredentials *credentials)
{
    g_autofree char *override = pf_credentials_dup_override();
    char *token = NULL;

    if (!override)
        pf_credentials_load(credentials, &token, NULL);
    return token;
}

static void
revoke_token(const PfConfig *config, const char *token)
{
    g_autoptr(GError) failure = NULL;

    if (!*config->revocation_endpoint)
        tell_how_to_revoke(config, _("no revocation-endpoint is configured"));
    else if (!token)
        tell_how_to_revoke(config, _("it could no longer be read"));
    else if (pf_authorize_revoke(config, token, &failure))
        printf(_("the server revoked it\n"));
    else
        tell_how_to_revoke(config, failure->message);
}

typedef struct {
    gboolean sync;
} Options;

static gboolean
log_out_of_sync(const PfApp *app, GError **error)
{
    g_auto(PfSyncServer) server = {0};
    gboolean was_there = FALSE;

    if (!pf_sync_server_parse(app->config->sync, &server, error))
        return FALSE;
    const PfCredentials credentials = pf_syncing_get_credentials(app->config, app->state_dir, server.name);
    if (!pf_credentials_forget(&credentials, &was_there, error))
        return FALSE;
    printf("%s\n",
           was_there ? _("the password of the synchronisation server was deleted") : _("no password was stored"));
    return TRUE;
}

static gboolean
run(const PfCommandCall *call, GError **error)
{
    const Options *given = call->options;
    const PfApp *app = call->app;

    if (given->sync)
        return log_out_of_sync(app, error);
    if (!pf_command_check_server(app, call->command, error))
        return FALSE;
    const PfCredentials credentials = pf_app_get_credentials(app);
    gboolean was_there = FALSE;
    g_autofree char *token = dup_stored_token(&credentials);

    if (!pf_credentials_forget(&credentials, &was_there, error) || !pf_attempt_forget(app->state_dir, error))
        return FALSE;
    printf("%s\n", was_there ? _("logged out: the access token was deleted") : _("no access token was stored"));
    if (was_there)
        revoke_token(app->config, token);
    g_autofree char *override = pf_credentials_dup_override();
    if (override)
        g_message(_("%s is set and remains in use"), override);
    return TRUE;
}

static const PfCommandOption logout_options[] = {
    {"sync", G_OPTION_ARG_NONE, offsetof(Options, sync), N_("Delete the password of the synchronisation server"), NULL,
     0, 0},
    {0},
};

const PfCommand pf_command_logout = {
    .name = "logout",
    .summary = N_("Delete the access token and revoke it at the server"),
    .examples = "  podflattr logout\n"
                "  podflattr --api https://api.example.org/rest/v2 logout\n",
    .options = logout_options,
    .options_size = sizeof(Options),
    .run = run,
    .rings = TRUE,
    .needs = PF_COMMAND_NEEDS_ALL,
};
