/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * podflattr api: every call of the REST API. This file has the table of resources; the command line and the help are
 * made from it and from each resource's table of verbs.
 */
#include "commands/api.h"

#include "base/log.h"
#include "commands/command.h"
#include "commands/output.h"
#include "payment/auto_submit.h"

#include <stdio.h>
#include <string.h>

/* The API's own. */
#define COUNT_DEFAULT 30

#define FIELD(name) #name, offsetof(PfApiOptions, name)

static const struct {
    const char *name;
    gsize offset;
    GOptionArg type;
    const char *about;
    const char *value;
} known[] = {
    {FIELD(user), G_OPTION_ARG_STRING, "Whose; your own when nothing is said (search: its owner)", "NAME"},
    {FIELD(thing), G_OPTION_ARG_STRING, "The thing with this number", "ID"},
    {FIELD(url), G_OPTION_ARG_STRING, "The page, or a link to flattr it by", "URL"},
    {FIELD(title), G_OPTION_ARG_STRING, "5 to 100 characters", "TEXT"},
    {FIELD(description), G_OPTION_ARG_STRING, "5 to 1000 characters", "TEXT"},
    {FIELD(category), G_OPTION_ARG_STRING, "Such as audio; 'podflattr api categories' has them all", "CATEGORY"},
    {FIELD(language), G_OPTION_ARG_STRING, "Such as en_GB; 'podflattr api languages' has them all", "LANGUAGE"},
    {FIELD(tags), G_OPTION_ARG_STRING, "Words with commas between them (search: also | & !)", "A,B"},
    {FIELD(query), G_OPTION_ARG_STRING, "Words that are in it", "WORDS"},
    {FIELD(sort), G_OPTION_ARG_STRING, "relevance, trend, flattrs, flattrs_month, flattrs_week or flattrs_day",
     "ORDER"},
    {FIELD(type), G_OPTION_ARG_STRING, "outgoing (taken when nothing is said) or incoming", "TYPE"},
    {FIELD(count), G_OPTION_ARG_INT, "So many on a page, 30 when nothing is said", "N"},
    {FIELD(page), G_OPTION_ARG_INT, "That page, from 1", "N"},
    {FIELD(all), G_OPTION_ARG_NONE, "All pages", NULL},
    {FIELD(limit), G_OPTION_ARG_INT, "The first so many, from all pages", "N"},
    {FIELD(full), G_OPTION_ARG_NONE, "With all that is known of owners and things (for --format=json)", NULL},
    {FIELD(hidden), G_OPTION_ARG_NONE, "Keep it out of the server's lists", NULL},
    {FIELD(visible), G_OPTION_ARG_NONE, "Show it in the server's lists (again)", NULL},
    {FIELD(format), G_OPTION_ARG_STRING, "table or json", "FORMAT"},
};

void
pf_api_options_init(PfApiOptions *options)
{
    *options = (PfApiOptions){.count = PF_API_NO_NUMBER, .page = PF_API_NO_NUMBER, .limit = PF_API_NO_NUMBER};
}

void
pf_api_options_clear(PfApiOptions *options)
{
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
        if (known[i].type == G_OPTION_ARG_STRING)
            g_clear_pointer((char **)((char *)options + known[i].offset), g_free);
}

GArray *
pf_api_options_new_entries(PfApiOptions *options, const char *names)
{
    GArray *entries = g_array_new(TRUE, TRUE, sizeof(GOptionEntry));
    g_auto(GStrv) taken = g_strsplit(names, " ", -1);

    for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
        if (!g_strv_contains((const char *const *)taken, known[i].name) && !g_str_equal(known[i].name, "format"))
            continue;
        const GOptionEntry entry = {
            .long_name = known[i].name,
            .arg = known[i].type,
            .arg_data = (char *)options + known[i].offset,
            .description = known[i].about,
            .arg_description = known[i].value,
        };
        g_array_append_val(entries, entry);
    }
    return entries;
}

/* --- what the API documents of their values --- */

static void
check_text(GPtrArray *faults, const char *name, const char *value)
{
    /* An empty description takes away what was there. */
    gboolean takes_away = value && !*value && g_str_equal(name, "description");
    g_autofree char *fault = value && !takes_away ? pf_auto_submit_find_fault(name, value) : NULL;

    if (fault)
        g_ptr_array_add(faults, g_strdup_printf("--%s %s", name, fault));
}

static void
check_number(GPtrArray *faults, const char *name, int value)
{
    if (value != PF_API_NO_NUMBER && value < 1)
        g_ptr_array_add(faults, g_strdup_printf("--%s must be a number from 1 on", name));
}

static void
check_choice(GPtrArray *faults, const char *name, const char *value, const char *choices)
{
    g_auto(GStrv) list = g_strsplit(choices, " ", -1);
    g_autofree char *all = g_strjoinv(", ", list);

    if (value && !g_strv_contains((const char *const *)list, value))
        g_ptr_array_add(faults, g_strdup_printf("--%s '%s' must be one of %s", name, value, all));
}

/* Searches take several, with commas between them. */
static void
check_categories(GPtrArray *faults, const char *categories)
{
    g_auto(GStrv) list = g_strsplit(categories ? categories : "", ",", -1);

    for (char **category = list; *category; category++)
        check_text(faults, "category", g_strstrip(*category));
}

static gboolean
check_values(const PfApiOptions *options, GError **error)
{
    g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);

    check_text(faults, "title", options->title);
    check_text(faults, "description", options->description);
    check_categories(faults, options->category);
    check_choice(faults, "sort", options->sort, "relevance trend flattrs flattrs_month flattrs_week flattrs_day");
    check_choice(faults, "type", options->type, "outgoing incoming");
    check_number(faults, "count", options->count);
    check_number(faults, "page", options->page);
    check_number(faults, "limit", options->limit);
    if (faults->len == 0)
        return TRUE;
    g_ptr_array_add(faults, NULL);
    g_autofree char *lines = g_strjoinv("\n", (char **)faults->pdata);
    g_set_error_literal(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, lines);
    return FALSE;
}

gboolean
pf_api_options_check(const PfApiOptions *options, GError **error)
{
    const char *fault = NULL;

    if (pf_api_options_walk(options) && (options->count != PF_API_NO_NUMBER || options->page != PF_API_NO_NUMBER))
        fault = "--count and --page are nothing for --all and --limit, which take every page";
    else if (options->hidden && options->visible)
        fault = "hidden or visible? --hidden and --visible are both there";
    if (!fault)
        return check_values(options, error);
    g_set_error_literal(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, fault);
    return FALSE;
}

/* --- paging --- */

gboolean
pf_api_options_walk(const PfApiOptions *options)
{
    return options->all || options->limit != PF_API_NO_NUMBER;
}

guint
pf_api_options_limit(const PfApiOptions *options)
{
    return options->limit == PF_API_NO_NUMBER ? G_MAXUINT : (guint)options->limit;
}

guint
pf_api_options_count(const PfApiOptions *options)
{
    return options->count == PF_API_NO_NUMBER ? COUNT_DEFAULT : (guint)options->count;
}

guint
pf_api_options_page(const PfApiOptions *options)
{
    return options->page == PF_API_NO_NUMBER ? 1 : (guint)options->page;
}

/* --- values for people --- */

static gboolean
is_flag(const char *field)
{
    static const char *const flags[] = {"active", "flattred", "hidden", "subscribed", NULL};

    return g_strv_contains(flags, field);
}

static gboolean
is_time(const char *field)
{
    return g_str_has_suffix(field, "_at") || g_str_equal(field, "reset_time_in_seconds");
}

/* Servers write booleans as 0 and 1 too. */
static char *
dup_number(const char *field, json_int_t number)
{
    if (is_flag(field))
        return g_strdup(number ? "yes" : "no");
    return is_time(field) ? pf_output_dup_time(number) : g_strdup_printf("%" JSON_INTEGER_FORMAT, number);
}

static char *
dup_list(const json_t *list)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *item = json_string_value(json_array_get(list, i));
        g_string_append_printf(text, "%s%s", i ? ", " : "", item ? item : "?");
    }
    return g_strdup(text->str);
}

/* An object within another is shown by its name. */
static char *
dup_name(const json_t *object)
{
    static const char *const names[] = {"username", "title", "displayName"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *name = json_string_value(json_object_get(object, names[i]));
        if (name)
            return g_strdup(name);
    }
    return NULL;
}

/* Returns NULL for what says nothing. */
static char *
dup_value(const char *field, const json_t *value)
{
    const char *text = json_string_value(value);

    if (json_is_object(value))
        return dup_name(value);
    if (json_is_array(value))
        return dup_list(value);
    if (json_is_boolean(value))
        return g_strdup(json_is_true(value) ? "yes" : "no");
    if (json_is_integer(value))
        return dup_number(field, json_integer_value(value));
    if (json_is_real(value))
        return g_strdup_printf("%g", json_real_value(value));
    return text && *text ? g_strdup(text) : NULL;
}

/* --- the table --- */

static void
print_cell(const json_t *object, const PfApiColumn *column)
{
    g_auto(GStrv) path = g_strsplit(column->field, ".", -1);
    const json_t *value = object;

    for (char **name = path; *name; name++)
        value = json_object_get(value, *name);
    g_autofree char *text = dup_value(path[g_strv_length(path) - 1], value);
    pf_output_cell(text, column->width);
}

static void
print_headings(const PfApiColumn *columns)
{
    const PfApiColumn *column = columns;

    while (column->width > 0) {
        pf_output_cell(column->heading, column->width);
        column++;
    }
    pf_output_cell(column->heading, 0);
}

static void
print_row(const json_t *object, const PfApiColumn *columns)
{
    const PfApiColumn *column = columns;

    while (column->width > 0)
        print_cell(object, column++);
    print_cell(object, column);
}

/* --- both --- */

json_t *
pf_api_output_read_take(char *text)
{
    json_t *object = json_loads(text, 0, NULL);

    g_free(text);
    return object;
}

void
pf_api_output_row_take(PfApiOutput *output, json_t *object)
{
    output->rows++;
    if (output->json) {
        pf_output_json_take(object);
        return;
    }
    if (output->rows == 1)
        print_headings(output->columns);
    print_row(object, output->columns);
    json_decref(object);
}

void
pf_api_output_object_take(PfApiOutput *output, json_t *object)
{
    const char *field;
    json_t *value;

    output->rows++;
    if (output->json) {
        pf_output_json_take(object);
        return;
    }
    json_object_foreach (object, field, value) {
        g_autofree char *text = dup_value(field, value);
        g_autofree char *name = pf_log_printable(field);
        if (!text)
            continue;
        printf("%s: ", name);
        pf_output_cell(text, 0);
    }
    json_decref(object);
}

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

/* What the verbs of several resources do alike. */

#define JSON_TYPE "application/json"

const PfApiColumn pf_api_thing_columns[] = {
    {"ID", "id", 8}, {"FLATTRS", "flattrs", 7}, {"TITLE", "title", 40}, {"URL", "url", 0}};

gboolean
pf_api_refuse_usage(GError **error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error_literal(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, text);
    return FALSE;
}

gboolean
pf_api_parse_id(const char *text, gint64 *id, GError **error)
{
    guint64 number;

    if (!g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT64, &number, NULL))
        return pf_api_refuse_usage(error, "'%s' is no thing's number; 'podflattr api things lookup URL' finds it",
                                   text);
    *id = (gint64)number;
    return TRUE;
}

FlattrReply *
pf_api_send_take(PfApiCall *call, FlattrRequest *request, GError **error)
{
    g_autoptr(FlattrReply) reply = flattr_session_send_take(call->session, request, error);
    GError *refusal = NULL;
    FlattrRateLimit limit;

    if (!reply || flattr_reply_check(reply, &refusal))
        return g_steal_pointer(&reply);
    if (g_error_matches(refusal, FLATTR_ERROR, FLATTR_ERROR_RATE_LIMIT_EXCEEDED) &&
        flattr_reply_get_rate_limit(reply, &limit)) {
        g_autofree char *reset = pf_output_dup_time(limit.reset);
        g_prefix_error(&refusal, "try again after %s: ", reset ? reset : "an hour");
    }
    g_propagate_error(error, refusal);
    return NULL;
}

/* Media types are the same in capitals (RFC 9110 §8.3.1), and parameters may follow. */
static gboolean
has_json_type(const FlattrReply *reply)
{
    const char *type = flattr_reply_get_header(reply, "Content-Type");

    return type && g_ascii_strncasecmp(type, JSON_TYPE, strlen(JSON_TYPE)) == 0 &&
           strchr("; \t", type[strlen(JSON_TYPE)]);
}

/* 204, or the 200 without a body that the API's documentation shows for some calls; the type says whose it is. */
static gboolean
is_wordless(const FlattrReply *reply)
{
    return flattr_reply_get_status(reply) == 204 || (flattr_reply_is_empty(reply) && has_json_type(reply));
}

gboolean
pf_api_check_done(FlattrReply *reply, GError **error)
{
    guint status = flattr_reply_get_status(reply);

    if (status < 300 && (flattr_reply_is_json(reply) || is_wordless(reply)))
        return TRUE;
    g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED,
                "the server answered %u, which says neither yes nor no; is that address its API?", status);
    return FALSE;
}

gboolean
pf_api_do_take(PfApiCall *call, FlattrRequest *request, GError **error)
{
    g_autoptr(FlattrReply) reply = pf_api_send_take(call, request, error);

    return reply && pf_api_check_done(reply, error);
}

void
pf_api_print_thing(PfApiCall *call, const FlattrThing *thing)
{
    pf_api_output_object_take(&call->output, pf_api_output_read_take(flattr_thing_dup_json(thing)));
}

void
pf_api_print_thing_row(PfApiCall *call, const FlattrThing *thing)
{
    pf_api_output_row_take(&call->output, pf_api_output_read_take(flattr_thing_dup_json(thing)));
}

gboolean
pf_api_list_things_take(PfApiCall *call, FlattrRequest *request, GError **error)
{
    g_autoptr(FlattrReply) reply = pf_api_send_take(call, request, error);
    g_autoptr(GPtrArray) things = reply ? flattr_reply_read_things(reply, error) : NULL;

    for (guint i = 0; things && i < things->len; i++)
        pf_api_print_thing_row(call, things->pdata[i]);
    return things != NULL;
}
