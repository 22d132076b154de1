/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr whoami: asks the server whom the access token stands for. */
#include "base/i18n.h"
#include "commands/command.h"

#include "commands/output.h"
#include "login/authorize.h"

static void
show(const PfApp *app, const FlattrUser *user, gboolean json)
{
    g_autofree char *full_name = pf_authorize_dup_full_name(user);
    const char *rows[][2] = {{"name", flattr_user_get_username(user)},
                             {_("full name"), full_name},
                             {"page", flattr_user_get_link(user)},
                             {"server", app->endpoint}};

    if (json) {
        pf_output_json_take(
            json_pack("{s:o, s:o, s:o, s:o}", "username", pf_output_json_string(flattr_user_get_username(user)),
                      "fullname", pf_output_json_string(*full_name ? full_name : NULL), "link",
                      pf_output_json_string(flattr_user_get_link(user)), "api", pf_output_json_string(app->endpoint)));
        return;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i][1] && *rows[i][1])
            pf_output_field(rows[i][0], 10, rows[i][1]);
    }
}

static gboolean
run(const PfCommandCall *call, GError **error)
{
    const PfApp *app = call->app;
    g_autofree char *token = NULL;

    if (!pf_app_load_token(app, &token, error))
        return FALSE;
    if (!token) {
        g_set_error(error, PF_LOGIN_ERROR, PF_LOGIN_ERROR_REFUSED, _("no access token for %s; run 'podflattr login'"),
                    app->endpoint);
        return FALSE;
    }
    g_autoptr(FlattrUser) user = pf_authorize_ask_user(app->config, app->endpoint, token, error);
    if (user)
        show(app, user, call->json);
    return user != NULL;
}

static const PfCommandOption options[] = {PF_COMMAND_FORMAT, {0}};

const PfCommand pf_command_whoami = {
    .name = "whoami",
    .summary = N_("Show which account the access token belongs to"),
    .description = N_("Exit status 77: there is no access token, or the server rejects it."),
    .options = options,
    .examples = "  podflattr whoami\n"
                "  podflattr whoami --format=json\n",
    .run = run,
    .needs = PF_COMMAND_NEEDS_SERVER,
};
