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
        "the server would still take that token from whoever has it (%s); to revoke it, open %s, log in and look for "
        "the applications that may act for you",
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
        tell_how_to_revoke(config, "it could not be read any more");
    else if (pf_authorize_revoke(config, token, &failure))
        printf("the server has revoked it\n");
    else
        tell_how_to_revoke(config, failure->message);
}

static int
run(PfApp *app, int argc, char **argv, GError **error)
{
    const GOptionEntry entries[] = {{NULL, 0, 0, 0, NULL, NULL, NULL}};
    const PfCredentials credentials = pf_app_get_credentials(app);
    gboolean was_there = FALSE;

    if (!pf_command_parse(&pf_command_logout, entries, &argc, &argv, error))
        return EX_USAGE;
    if (argc > 1) {
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, "unexpected '%s'", argv[1]);
        return EX_USAGE;
    }
    g_autofree char *token = dup_stored_token(&credentials);
    if (!pf_credentials_forget(&credentials, &was_there, error) || !pf_attempt_forget(app->state_dir, error))
        return EX_OK;
    printf("%s\n", was_there ? "logged out: the access token is forgotten" : "no access token was stored");
    if (was_there)
        revoke_token(app->config, token);
    g_autofree char *override = pf_credentials_dup_override();
    if (override)
        g_message("%s is set, and is used on", override);
    return EX_OK;
}

const PfCommand pf_command_logout = {
    "logout", "", "Forget the access token, and have the server revoke it", NULL, run, PF_COMMAND_NEEDS_ALL, TRUE};
