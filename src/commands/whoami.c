/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr whoami: asks the server whom the access token stands for. */
#include "commands/command.h"

#include "commands/output.h"
#include "login/authorize.h"

static void
show(const PfApp *app, const FlattrUser *user, gboolean json)
{
    g_autofree char *full_name = pf_authorize_dup_full_name(user);
    const char *rows[][2] = {{"name", flattr_user_get_username(user)},
                             {"full name", full_name},
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
        if (rows[i][1] && *rows[i][1]) {
            pf_output_cell(rows[i][0], 10);
            pf_output_cell(rows[i][1], 0);
        }
    }
}

static int
ask(const PfApp *app, gboolean json, GError **error)
{
    g_autofree char *token = NULL;

    if (!pf_app_load_token(app, &token, error))
        return EX_OK;
    if (!token) {
        g_set_error(error, PF_LOGIN_ERROR, PF_LOGIN_ERROR_REFUSED,
                    "there is no access token for %s; 'podflattr login' gets one", app->endpoint);
        return EX_OK;
    }
    g_autoptr(FlattrUser) user = pf_authorize_ask_user(app->config, app->endpoint, token, error);
    if (user)
        show(app, user, json);
    return EX_OK;
}

static int
run(PfApp *app, int argc, char **argv, GError **error)
{
    g_autofree char *format = NULL;
    gboolean json = FALSE;
    const GOptionEntry entries[] = {
        {"format", 0, 0, G_OPTION_ARG_STRING, &format, "table or json", "FORMAT"},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };

    if (!pf_command_parse(&pf_command_whoami, entries, &argc, &argv, error) ||
        !pf_command_parse_format(format, &json, error))
        return EX_USAGE;
    if (argc > 1) {
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, "unexpected '%s'", argv[1]);
        return EX_USAGE;
    }
    return ask(app, json, error);
}

const PfCommand pf_command_whoami = {"whoami",
                                     "",
                                     "Ask the server who you are",
                                     "Ends with 77 when there is no access token, or the server refuses it.",
                                     run,
                                     PF_COMMAND_NEEDS_ALL,
                                     FALSE};
