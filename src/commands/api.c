/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * podflattr api: every call of the REST API. This file has the table of resources; the command line and the help are
 * made from it and from each resource's table of verbs.
 */
#include "commands/api.h"

#include "commands/command.h"
#include "commands/output.h"

static const PfApiResource *const resources[] = {
    &pf_api_things,     &pf_api_flattrs,    &pf_api_subscriptions, &pf_api_users,      &pf_api_user,
    &pf_api_activities, &pf_api_categories, &pf_api_languages,     &pf_api_rate_limit, &pf_api_hello,
};

/* --- help --- */

static void
append_verbs(GString *text, const PfApiResource *resource, gboolean with_resource)
{
    for (const PfApiVerb *verb = resource->verbs; verb->name; verb++) {
        g_autofree char *name = g_strjoin(" ", verb->name, *verb->operands ? verb->operands : NULL, NULL);
        g_autofree char *whole =
            g_strjoin(" ", with_resource ? resource->name : name, with_resource ? name : NULL, NULL);
        /* In columns, which the ellipsis is one of and three bytes. */
        int missing = MAX((with_resource ? 26 : 14) - (int)g_utf8_strlen(whole, -1), 0);
        g_string_append_printf(text, "  %s%*s  %s\n", whole, missing, "", verb->summary);
    }
}

static char *
dup_overview(void)
{
    GString *text = g_string_new("Resources and what can be done with them:\n");

    for (gsize i = 0; i < G_N_ELEMENTS(resources); i++)
        append_verbs(text, resources[i], TRUE);
    g_string_append(text, "\n'podflattr api RESOURCE VERB --help' shows the options.");
    return g_string_free(text, FALSE);
}

static gboolean
is_help(const char *argument)
{
    static const char *const help[] = {"--help", "-h", "-?", NULL};

    return g_strv_contains(help, argument);
}

/* Prints the help, or says what is wrong with an option, where a resource is yet to be named. */
static int
run_without_resource(int argc, char **argv, GError **error)
{
    const GOptionEntry none[] = {{NULL, 0, 0, 0, NULL, NULL, NULL}};
    g_autofree char *overview = dup_overview();
    PfCommand described = pf_command_api;

    described.description = overview;
    if (pf_command_parse(&described, none, &argc, &argv, error))
        pf_api_refuse_usage(error, "which resource? 'podflattr api --help' lists them");
    return EX_USAGE;
}

static int
show_resource(const PfApiResource *resource, int argc, char **argv, GError **error)
{
    const GOptionEntry none[] = {{NULL, 0, 0, 0, NULL, NULL, NULL}};
    g_autofree char *arguments = g_strconcat(resource->name, " [VERB] …", NULL);
    GString *verbs = g_string_new("What can be done, the first when nothing is said:\n");

    append_verbs(verbs, resource, FALSE);
    g_string_append_printf(verbs, "\n'podflattr api %s VERB --help' shows the options.", resource->name);
    const PfCommand described = {"api", arguments, resource->summary, verbs->str, NULL, PF_COMMAND_NEEDS_ALL, FALSE};
    pf_command_parse(&described, none, &argc, &argv, error);
    g_string_free(verbs, TRUE);
    return EX_USAGE;
}

/* --- finding --- */

static const PfApiResource *
find_resource(const char *name, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(resources); i++)
        if (g_str_equal(resources[i]->name, name))
            return resources[i];
    pf_api_refuse_usage(error, "there is no resource '%s'; 'podflattr api --help' lists them", name);
    return NULL;
}

static const PfApiVerb *
find_verb(const PfApiResource *resource, const char *name, GError **error)
{
    for (const PfApiVerb *verb = resource->verbs; verb->name; verb++)
        if (g_str_equal(verb->name, name))
            return verb;
    pf_api_refuse_usage(error, "'%s' cannot be done with %s; 'podflattr api %s --help' lists what can", name,
                        resource->name, resource->name);
    return NULL;
}

/* --- running --- */

static FlattrSession *
open_session(const PfApp *app, GError **error)
{
    g_autofree char *token = NULL;

    return pf_app_load_token(app, &token, error) ? pf_command_open_session(app, token, error) : NULL;
}

/* What the server says of a token is no help to somebody who has none. */
static void
explain(GError **error)
{
    if (g_error_matches(*error, FLATTR_ERROR, FLATTR_ERROR_UNAUTHORIZED))
        g_prefix_error(error, "this needs an access token that the server accepts ('podflattr doctor' checks yours): ");
    else if (g_error_matches(*error, FLATTR_ERROR, FLATTR_ERROR_INSUFFICIENT_SCOPE))
        g_prefix_error(error, "this needs an access token that allows more: ");
}

static gboolean
parse_verb(const PfApiResource *resource, const PfApiVerb *verb, PfApiCall *call, int argc, char **argv, GError **error)
{
    g_autoptr(GArray) entries = pf_api_options_new_entries(&call->options, verb->options);
    const char *operands = *verb->operands ? verb->operands : NULL;
    g_autofree char *arguments = g_strjoin(" ", resource->name, verb->name, operands, NULL);
    const PfCommand described = {"api", arguments, verb->summary, NULL, NULL, PF_COMMAND_NEEDS_ALL, FALSE};

    if (!pf_command_parse(&described, (const GOptionEntry *)(void *)entries->data, &argc, &argv, error) ||
        !pf_command_parse_format(call->options.format, &call->output.json, error) ||
        !pf_api_options_check(&call->options, error))
        return FALSE;
    call->operands = argv + 1;
    call->count = (guint)argc - 1;
    if (call->count >= verb->least && call->count <= verb->most)
        return TRUE;
    return pf_api_refuse_usage(error, "'%s %s' takes %s; 'podflattr api %s --help' tells more", resource->name,
                               verb->name, operands ? operands : "options only", resource->name);
}

static int
run_verb(PfApp *app, const PfApiResource *resource, const PfApiVerb *verb, int argc, char **argv, GError **error)
{
    PfApiCall call = {.output.columns = verb->columns};
    GError *failure = NULL;

    pf_api_options_init(&call.options);
    if (parse_verb(resource, verb, &call, argc, argv, &failure))
        call.session = open_session(app, &failure);
    if (call.session && verb->run(&call, &failure) && verb->columns && !call.output.json && call.output.rows == 0)
        g_message("there is nothing to show");
    if (failure) {
        explain(&failure);
        g_propagate_error(error, failure);
    }
    flattr_session_free(call.session);
    pf_api_options_clear(&call.options);
    return EX_OK;
}

static int
run(PfApp *app, int argc, char **argv, GError **error)
{
    if (argc < 2 || *argv[1] == '-')
        return run_without_resource(argc, argv, error);
    const PfApiResource *resource = find_resource(argv[1], error);
    if (!resource)
        return EX_USAGE;
    if (argc > 2 && is_help(argv[2]))
        return show_resource(resource, argc - 1, argv + 1, error);
    gboolean is_named = argc > 2 && *argv[2] != '-';
    const PfApiVerb *verb = is_named ? find_verb(resource, argv[2], error) : resource->verbs;
    if (!verb)
        return EX_USAGE;
    int taken = is_named ? 2 : 1;
    return run_verb(app, resource, verb, argc - taken, argv + taken, error);
}

const PfCommand pf_command_api = {
    "api", "RESOURCE [VERB] …", "Make any call of the server's API", NULL, run, PF_COMMAND_NEEDS_ALL, FALSE};
