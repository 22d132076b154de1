/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/command.h"

#include "base/version.h"

FlattrSession *
pf_command_open_session(const PfApp *app, const char *token, GError **error)
{
    FlattrSession *session = flattr_session_new(app->endpoint, PF_USER_AGENT, error);

    if (session) {
        flattr_session_set_ca_file(session, app->config->ca_file);
        flattr_session_set_token(session, token);
    }
    return session;
}
