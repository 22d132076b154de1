/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr partner verify: ties an identity at a partner's site to an account. */
#include "commands/partner_command.h"

#include "commands/api.h"
#include "commands/output.h"
#include "flattr/flattr.h"

/* Without a token the server would be asked in vain. */
static FlattrSession *
open_session(const PfApp *app, GError **error)
{
    g_autofree char *token = NULL;

    if (!pf_app_load_token(app, &token, error))
        return NULL;
    if (token)
        return pf_command_open_session(app, token, error);
    g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_UNAUTHORIZED,
                "there is no access token for %s; set PODFLATTR_TOKEN or store one in the state folder", app->endpoint);
    return NULL;
}

/* With --me the answer is to name the account: a token does not show whose it is. */
static char *
find_name(FlattrSession *session, const char *user, GError **error)
{
    if (user)
        return g_strdup(user);
    g_autoptr(FlattrUser) me = flattr_session_get_user(session, error);
    const char *name = me ? flattr_user_get_username(me) : NULL;
    if (me && !name)
        g_set_error_literal(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED,
                            "the server does not say whose the access token is");
    return g_strdup(name);
}

/* Whether the server has said no, rather than nothing that can be relied on. */
static gboolean
is_refusal(const GError *error)
{
    return g_error_matches(error, FLATTR_ERROR, FLATTR_ERROR_VALIDATION) ||
           g_error_matches(error, FLATTR_ERROR, FLATTR_ERROR_INVALID_PARAMETERS) ||
           g_error_matches(error, FLATTR_ERROR, FLATTR_ERROR_INVALID_REQUEST) ||
           g_error_matches(error, FLATTR_ERROR, FLATTR_ERROR_FORBIDDEN) ||
           g_error_matches(error, FLATTR_ERROR, FLATTR_ERROR_NOT_FOUND);
}

static void
print(const char *user, const char *identity, const GError *refusal, gboolean json)
{
    if (json) {
        json_t *object = json_object();
        json_object_set_new(object, "user", pf_output_json_string(user));
        json_object_set_new(object, "identity", pf_output_json_string(identity));
        json_object_set_new(object, "verified", json_boolean(refusal == NULL));
        json_object_set_new(object, "reason", pf_output_json_string(refusal ? refusal->message : NULL));
        pf_output_json_take(object);
        return;
    }
    pf_output_cell(refusal ? "no" : "yes", 3);
    pf_output_cell(user, 20);
    pf_output_cell(identity, refusal ? 32 : 0);
    if (refusal)
        pf_output_cell(refusal->message, 0);
}

int
pf_partner_verify(const PfApp *app, const char *user, const char *identity, gboolean json, GError **error)
{
    g_autoptr(FlattrSession) session = open_session(app, error);
    g_autofree char *name = session ? find_name(session, user, error) : NULL;
    g_autoptr(FlattrReply) reply =
        name ? flattr_session_send_take(session, flattr_request_new_verify(user, identity), error) : NULL;
    g_autoptr(GError) refusal = NULL;

    if (!reply)
        return EX_OK;
    if (!flattr_reply_check(reply, &refusal) && !is_refusal(refusal)) {
        g_propagate_error(error, g_steal_pointer(&refusal));
        return EX_OK;
    }
    if (!refusal && !pf_api_check_done(reply, error))
        return EX_OK;
    print(name, identity, refusal, json);
    return refusal ? EX_DATAERR : EX_OK;
}
