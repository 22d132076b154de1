/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr partner: what sites do that have an arrangement with the server. */
#include "commands/api.h"
#include "commands/output.h"
#include "commands/partner_command.h"
#include "flattr/flattr.h"

/* podflattr partner verify: ties an identity at a partner's site to an account. */

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

static gboolean
refuse(GError **error, const char *fault)
{
    g_set_error_literal(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, fault);
    return FALSE;
}

/* --- verify --- */

static gboolean
check_usage_of_verify(const PfPartnerOptions *options, int operands, gboolean *json, GError **error)
{
    if (options->listen || options->path || options->exec || options->emails || options->timeout != 0)
        return refuse(error, "--listen, --path, --exec, --timeout and --emails are nothing for verify");
    if (operands + options->me != 1)
        return refuse(error, "whom? one user's name, or --me, says it");
    if (!options->identity || !*options->identity)
        return refuse(error, "which identity? --identity partner:NAMESPACE:ID says it");
    return pf_command_parse_format(options->format, json, error);
}

/* --- webhook --- */

static gboolean
check_usage_of_webhook(const PfPartnerOptions *options, int operands, GError **error)
{
    if (operands > 0)
        return refuse(error, "webhook takes options only");
    if (options->identity || options->me || options->format)
        return refuse(error, "--identity, --me and --format are nothing for webhook");
    if (!options->listen)
        return refuse(error, "where? --listen ADDR:PORT says it, such as 127.0.0.1:8080");
    if (options->path && *options->path != '/')
        return refuse(error, "--path must begin with a slash");
    if (options->timeout < 0 || options->timeout > 86400)
        return refuse(error, "--timeout must be 1 to 86400 seconds");
    if (options->timeout != 0 && !options->exec)
        return refuse(error, "--timeout is for the command that --exec names");
    return TRUE;
}

/* --- both --- */

static int
run_subcommand(const PfApp *app, const PfPartnerOptions *options, int argc, char **argv, GError **error)
{
    gboolean json = FALSE;

    if (argc < 2)
        refuse(error, "verify or webhook? 'podflattr partner --help' tells more");
    else if (g_str_equal(argv[1], "verify"))
        return check_usage_of_verify(options, argc - 2, &json, error)
                   ? pf_partner_verify(app, options->me ? NULL : argv[2], options->identity, json, error)
                   : EX_USAGE;
    else if (g_str_equal(argv[1], "webhook"))
        return check_usage_of_webhook(options, argc - 2, error) ? pf_partner_webhook(app, options, error) : EX_USAGE;
    else
        refuse(error, "it must be verify or webhook; 'podflattr partner --help' tells more");
    return EX_USAGE;
}

static int
run(PfApp *app, int argc, char **argv, GError **error)
{
    PfPartnerOptions options = {0};
    const GOptionEntry entries[] = {
        {"identity", 0, 0, G_OPTION_ARG_STRING, &options.identity, "Who they are at your site (verify)",
         "partner:NAMESPACE:ID"},
        {"me", 0, 0, G_OPTION_ARG_NONE, &options.me, "The person whom the access token belongs to (verify)", NULL},
        {"format", 0, 0, G_OPTION_ARG_STRING, &options.format, "table or json (verify)", "FORMAT"},
        {"listen", 0, 0, G_OPTION_ARG_STRING, &options.listen, "Where to listen; port 0 takes a free one (webhook)",
         "ADDR:PORT"},
        {"path", 0, 0, G_OPTION_ARG_STRING, &options.path, "The path to be asked for, which may be a secret (webhook)",
         "/PATH"},
        {"exec", 0, 0, G_OPTION_ARG_STRING, &options.exec, "Run this for each event; no shell is used (webhook)",
         "COMMAND"},
        {"timeout", 0, 0, G_OPTION_ARG_INT, &options.timeout, "Kill a command after so long, 60 by default (webhook)",
         "SECONDS"},
        {"emails", 0, 0, G_OPTION_ARG_FILENAME, &options.emails, "Your users' e-mail addresses, one a line (webhook)",
         "FILE"},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };

    int status = pf_command_parse(&pf_command_partner, entries, &argc, &argv, error)
                     ? run_subcommand(app, &options, argc, argv, error)
                     : EX_USAGE;
    g_free(options.identity);
    g_free(options.format);
    g_free(options.listen);
    g_free(options.path);
    g_free(options.exec);
    g_free(options.emails);
    return status;
}

const PfCommand pf_command_partner = {
    "partner",
    "verify|webhook …",
    "Serve a site that is a partner of the server",
    "Subcommands:\n"
    "  verify USER|--me --identity ID      tie an identity at your site to an account, which then owns what\n"
    "                                      was flattred for it, and say whether it is theirs\n"
    "  webhook --listen ADDR:PORT          receive the server's events, print each as a line of JSON, and run\n"
    "                                      a command for each",
    run,
    PF_COMMAND_NEEDS_ALL,
    FALSE};
