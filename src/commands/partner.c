/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr partner: what sites do that have an arrangement with the server. */
#include "commands/api.h"
#include "commands/output.h"
#include "commands/partner_command.h"
#include "flattr/flattr.h"

/* podflattr partner verify: ties an identity at a partner's site to an account. */

/* Without a token the server can only refuse. */
static FlattrSession *
open_session(const PfApp *app, GError **error)
{
    g_autofree char *token = NULL;

    if (!pf_command_check_server(app, &pf_command_partner, error) || !pf_app_load_token(app, &token, error))
        return NULL;
    if (token)
        return pf_command_open_session(app, token, error);
    g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_UNAUTHORIZED,
                "no access token for %s; run 'podflattr login' or set PODFLATTR_TOKEN", app->endpoint);
    return NULL;
}

/* With --me the answer is to name the account: a token does not show whose it is. */
static char *
find_name(FlattrSession *session, const char *user, GError **error)
{
    if (user)
        return g_strdup(user);
    g_autoptr(FlattrUser) me = flattr_session_get_user(session, NULL, error);
    const char *name = me ? flattr_user_get_username(me) : NULL;
    if (me && !name)
        g_set_error_literal(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED,
                            "the server does not say which account the access token belongs to");
    return g_strdup(name);
}

/* Whether the server has said no, rather than nothing that can be relied on. For an identity that it does not accept
 * the API has the error of a bad token too, so that the token must show what it is good for. */
static gboolean
is_refusal(FlattrSession *session, const GError *error)
{
    if (g_error_matches(error, FLATTR_ERROR, FLATTR_ERROR_UNAUTHORIZED)) {
        g_autoptr(FlattrUser) me = flattr_session_get_user(session, NULL, NULL);
        return me != NULL;
    }
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

/* Ties the identity to a user, and prints whether it is theirs. */
static gboolean
verify(const PfCommandCall *call, GError **error)
{
    const PfPartnerOptions *given = call->options;
    const char *user = given->me ? NULL : call->operands[0];

    if (call->count + (given->me ? 1 : 0) != 1)
        return pf_command_refuse(error, "either a user's name or --me is required");
    if (!given->identity || !*given->identity)
        return pf_command_refuse(error, "missing --identity partner:NAMESPACE:ID");
    g_autoptr(FlattrSession) session = open_session(call->app, error);
    g_autofree char *name = session ? find_name(session, user, error) : NULL;
    g_autoptr(FlattrReply) reply =
        name ? flattr_session_send_take(session, flattr_request_new_verify(user, given->identity), error) : NULL;
    g_autoptr(GError) refusal = NULL;

    if (!reply)
        return FALSE;
    if (!flattr_reply_read_done(reply, &refusal) && !is_refusal(session, refusal)) {
        g_propagate_error(error, g_steal_pointer(&refusal));
        return FALSE;
    }
    print(name, given->identity, refusal, call->json);
    return !refusal || pf_exit_status_set(error, EX_DATAERR, "");
}

/* --- the table --- */

static const PfCommandOption options[] = {
    {"identity", G_OPTION_ARG_STRING, offsetof(PfPartnerOptions, identity), "Their identity at your site",
     "partner:NAMESPACE:ID", 0, 0},
    {"me", G_OPTION_ARG_NONE, offsetof(PfPartnerOptions, me), "The account that the access token belongs to", NULL, 0,
     0},
    PF_COMMAND_FORMAT,
    {"listen", G_OPTION_ARG_STRING, offsetof(PfPartnerOptions, listen), "Where to listen; port 0 picks a free one",
     "ADDR:PORT", 0, 0},
    {"path", G_OPTION_ARG_STRING, offsetof(PfPartnerOptions, path), "The path to accept, which may be a secret",
     "/PATH", 0, 0},
    {"exec", G_OPTION_ARG_STRING, offsetof(PfPartnerOptions, exec), "Run this for each event, without a shell",
     "COMMAND", 0, 0},
    {"timeout", G_OPTION_ARG_INT, offsetof(PfPartnerOptions, timeout), "Kill a command after this time (default: 60)",
     "SECONDS", 0, 0},
    {"emails", G_OPTION_ARG_FILENAME, offsetof(PfPartnerOptions, emails), "Your users' e-mail addresses, one per line",
     "FILE", 0, 0},
    {0},
};

static const PfCommand subcommands[] = {
    {.name = "verify",
     .operands = "USER|--me --identity ID",
     .most = 1,
     .summary = "tie an identity at your site to an account, and print whether it is theirs",
     .takes = "identity me format",
     .run = verify},
    {.name = "webhook",
     .operands = "--listen ADDR:PORT",
     .summary = "receive the server's events, print each as JSON, and run a command for each",
     .takes = "listen path exec timeout emails",
     .run = pf_partner_webhook},
    {0},
};

const PfCommand pf_command_partner = {
    .name = "partner",
    .operands = "verify|webhook …",
    .summary = "Run a site that is a partner of the server",
    .examples = "  podflattr partner verify alice --identity partner:example:4711\n"
                "  podflattr partner webhook --listen 127.0.0.1:8080 --exec 'tee -a events.jsonl'\n",
    .subcommands = subcommands,
    .options = options,
    .options_size = sizeof(PfPartnerOptions),
};
