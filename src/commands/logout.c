/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr logout: forgets the access token, and has the server revoke it. */
#include "commands/command.h"

#include "login/authorize.h"
#include <stdio.h>

/* Flattr has no call that revokes a token: that is done on a page of the server, which is where one logs in. */
static void
tell_how_to_revoke(const PfConfig *config, const char *why)
{
    g_autoptr(GUri) uri = g_uri_parse(config->authorize, G_URI_FLAGS_ENCODED, NULL);
    g_autofree char *site = uri && g_uri_get_host(uri)
                                ? g_uri_join(G_URI_FLAGS_ENCODED, g_uri_get_scheme(uri), NULL, g_uri_get_host(uri),
                                             g_uri_get_port(uri), "/", NULL, NULL)
                                : g_strdup(config->authorize);

    g_message(
        "the server still accepts that token from anyone who has it (%s); to revoke it, open %s, log in and look for "
        "the applications that you have authorized",
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
        tell_how_to_revoke(config, "no revocation-endpoint is configured");
    else if (!token)
        tell_how_to_revoke(config, "it could no longer be read");
    else if (pf_authorize_revoke(config, token, &failure))
        printf("the server revoked it\n");
    else
        tell_how_to_revoke(config, failure->message);
}

static gboolean
run(const PfCommandCall *call, GError **error)
{
    const PfApp *app = call->app;
    const PfCredentials credentials = pf_app_get_credentials(app);
    gboolean was_there = FALSE;
    g_autofree char *token = dup_stored_token(&credentials);

    if (!pf_credentials_forget(&credentials, &was_there, error) || !pf_attempt_forget(app->state_dir, error))
        return FALSE;
    printf("%s\n", was_there ? "logged out: the access token was deleted" : "no access token was stored");
    if (was_there)
        revoke_token(app->config, token);
    g_autofree char *override = pf_credentials_dup_override();
    if (override)
        g_message("%s is set and remains in use", override);
    return TRUE;
}

const PfCommand pf_command_logout = {
    .name = "logout",
    .summary = "Delete the access token and revoke it at the server",
    .examples = "  podflattr logout\n"
                "  podflattr --api https://api.example.org/rest/v2 logout\n",
    .run = run,
    .rings = TRUE,
    .needs = PF_COMMAND_NEEDS_SERVER,
};
