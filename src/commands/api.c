/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr api: every call of the REST API. */
#include "commands/api.h"

#include "base/i18n.h"
#include "base/log.h"
#include "base/text.h"
#include "commands/command.h"
#include "commands/output.h"
#include "payment/payment_link.h"

#include <stdio.h>
#include <string.h>

/* The API's own. */
#define COUNT_DEFAULT 30

#define TEXT(field, about, value)                                                                                      \
    {                                                                                                                  \
#field, G_OPTION_ARG_STRING, offsetof(PfApiOptions, field), about, value, 0, 0                                 \
    }
#define NUMBER(field, about)                                                                                           \
    {                                                                                                                  \
#field, G_OPTION_ARG_INT, offsetof(PfApiOptions, field), about, "N", PF_API_NO_NUMBER, 0                       \
    }
#define FLAG(field, about)                                                                                             \
    {                                                                                                                  \
#field, G_OPTION_ARG_NONE, offsetof(PfApiOptions, field), about, NULL, 0, 0                                    \
    }

const PfCommandOption pf_api_options[] = {
    TEXT(user, N_("Whose (default: your own; search: the owner)"), N_("NAME")),
    TEXT(thing, N_("The thing with this ID"), N_("ID")),
    TEXT(url, N_("The page, or a link to flattr it by"), N_("URL")),
    TEXT(title, N_("5 to 100 characters"), N_("TEXT")),
    TEXT(description, N_("5 to 1000 characters"), N_("TEXT")),
    TEXT(category, N_("For example audio; 'podflattr api categories' lists them"), N_("CATEGORY")),
    TEXT(language, N_("For example en_GB; 'podflattr api languages' lists them"), N_("LANGUAGE")),
    TEXT(tags, N_("Words separated by commas (search: also | & !)"), N_("A,B")),
    TEXT(query, N_("Words to search for"), N_("WORDS")),
    TEXT(sort, N_("relevance, trend, flattrs, flattrs_month, flattrs_week or flattrs_day"), N_("ORDER")),
    TEXT(type, N_("outgoing (default) or incoming"), N_("TYPE")),
    NUMBER(count, N_("Entries per page (default: 30)")),
    NUMBER(page, N_("Page to show, from 1")),
    FLAG(all, N_("All pages")),
    NUMBER(limit, N_("The first N entries, from all pages")),
    FLAG(full, N_("Include all details of owners and things (for --format=json)")),
    FLAG(hidden, N_("Keep it out of the server's lists")),
    FLAG(visible, N_("Show it in the server's lists (again)")),
    PF_COMMAND_FORMAT,
    {0},
};

/* --- what the API documents of their values --- */

static void
check_text(GPtrArray *faults, const char *name, const char *value)
{
    /* An empty description deletes the old one. */
    gboolean takes_away = value && !*value && g_str_equal(name, "description");
    g_autofree char *fault = value && !takes_away ? pf_auto_submit_find_fault(name, value) : NULL;

    if (fault)
        g_ptr_array_add(faults, g_strdup_printf("--%s %s", name, fault));
}

static void
check_number(GPtrArray *faults, const char *name, int value)
{
    if (value != PF_API_NO_NUMBER && value < 1)
        g_ptr_array_add(faults, g_strdup_printf(_("--%s must be at least 1"), name));
}

static void
check_choice(GPtrArray *faults, const char *name, const char *value, const char *choices)
{
    g_auto(GStrv) list = g_strsplit(choices, " ", -1);
    g_autofree char *all = g_strjoinv(", ", list);

    if (!value || g_strv_contains((const char *const *)list, value))
        return;
    const char *similar = pf_text_find_similar(value, (const char *const *)list);
    g_ptr_array_add(faults, similar ? g_strdup_printf(_("--%s '%s' must be one of %s; did you mean '%s'?"), name, value,
                                                      all, similar)
                                    : g_strdup_printf(_("--%s '%s' must be one of %s"), name, value, all));
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

/*
 * Checks that the options go together, and what the API documents of their values: lengths, enumerations, numbers that
 * begin at 1. Addresses, languages and tags are left to the server.
 *
 * Returns: FALSE with a PF_COMMAND_ERROR set: USAGE, or DATA with a line for each value that is wrong.
 */
static gboolean
check_options(const PfApiOptions *options, GError **error)
{
    const char *fault = NULL;

    if (pf_api_options_walk(options) && (options->count != PF_API_NO_NUMBER || options->page != PF_API_NO_NUMBER))
        fault = _("--count and --page cannot be used with --all and --limit");
    else if (options->hidden && options->visible)
        fault = _("--hidden cannot be used with --visible");
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
        return g_strdup(number ? _("yes") : _("no"));
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

/* Returns NULL for an empty value. */
static char *
dup_value(const char *field, const json_t *value)
{
    const char *text = json_string_value(value);
    gint64 number = 0;

    if (json_is_object(value))
        return dup_name(value);
    if (json_is_array(value))
        return dup_list(value);
    if (json_is_boolean(value))
        return g_strdup(json_is_true(value) ? _("yes") : _("no"));
    if (json_is_integer(value))
        return dup_number(field, json_integer_value(value));
    if (json_is_real(value))
        return g_strdup_printf("%g", json_real_value(value));
    /* Servers write numbers as texts too. */
    if (text && (is_flag(field) || is_time(field)) && g_ascii_string_to_signed(text, 10, 0, G_MAXINT64, &number, NULL))
        return dup_number(field, number);
    return text && *text ? g_strdup(text) : NULL;
}

/* --- the table --- */

static char *
dup_cell(const json_t *object, const PfApiColumn *column)
{
    g_auto(GStrv) path = g_strsplit(column->field, ".", -1);
    const json_t *value = object;

    for (char **name = path; *name; name++)
        value = json_object_get(value, *name);
    return dup_value(path[g_strv_length(path) - 1], value);
}

/* A number that was cut would be another number. */
static PfOutputKind
kind_of(const char *field)
{
    if (is_time(field))
        return PF_OUTPUT_TIME;
    return g_str_equal(field, "id") || g_str_has_suffix(field, ".id") ? PF_OUTPUT_WHOLE : PF_OUTPUT_TEXT;
}

/* @object: NULL for the headings */
static void
print_row(const json_t *object, const PfApiColumn *columns)
{
    g_autoptr(GArray) shown = g_array_new(FALSE, FALSE, sizeof(PfOutputColumn));
    g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func(g_free);
    const PfApiColumn *column = columns;

    do {
        const PfOutputColumn one = {column->heading, column->width, 0, kind_of(column->field)};
        g_array_append_val(shown, one);
        g_ptr_array_add(cells, object ? dup_cell(object, column) : NULL);
    } while (column++->width > 0);
    pf_output_row((const PfOutputColumn *)(void *)shown->data, object ? (const char *const *)cells->pdata : NULL);
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
        print_row(NULL, output->columns);
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
        g_autofree char *shown = pf_log_printable(text);
        g_autofree char *line = g_strdup_printf("%s: %s", name, shown);
        pf_output_line(line);
    }
    json_decref(object);
}

/* --- running --- */

static FlattrSession *
open_session(const PfApp *app, GError **error)
{
    g_autofree char *token = NULL;

    return pf_app_load_token(app, &token, error) ? pf_command_open_session(app, token, error) : NULL;
}

/* Adds what to do, which the server's messages about a token or a limit do not say. */
static void
explain(const PfApiCall *call, GError **error)
{
    FlattrRateLimit limit;

    if (g_error_matches(*error, FLATTR_ERROR, FLATTR_ERROR_UNAUTHORIZED)) {
        g_prefix_error(error,
                       _("this requires an access token that the server accepts ('podflattr doctor' checks yours): "));
    } else if (g_error_matches(*error, FLATTR_ERROR, FLATTR_ERROR_INSUFFICIENT_SCOPE)) {
        g_prefix_error(error, _("this requires an access token with more permissions: "));
    } else if (g_error_matches(*error, FLATTR_ERROR, FLATTR_ERROR_RATE_LIMIT_EXCEEDED) &&
               flattr_reply_get_rate_limit(flattr_session_get_last_reply(call->session), &limit)) {
        g_autofree char *reset = pf_output_dup_time(limit.reset);
        g_prefix_error(error, _("the limit resets %s: "), reset ? reset : _("within an hour"));
    }
}

/* Each request and answer, for -vv. The token is in neither. */
static void
trace(const FlattrRequest *request, FlattrReply *reply, const GError *failure, gpointer data)
{
    const char *body = flattr_request_get_body(request, NULL);

    (void)data;
    if (failure)
        g_debug("no answer: %s", failure->message);
    if (!reply && !failure)
        g_debug("%s %s%s%s", flattr_request_get_method(request), flattr_request_get_path(request), body ? " " : "",
                body ? body : "");
    if (!reply)
        return;
    g_auto(GStrv) headers = flattr_reply_dup_headers(reply);
    g_debug("answer: %u", flattr_reply_get_status(reply));
    for (char **header = headers; *header; header++)
        g_debug("answer: %s", *header);
    g_debug("answer: %s", flattr_reply_get_body(reply, NULL));
}

/* Writes a line of JSON to stderr. Consumes @line. */
static void
print_beside_take(json_t *line)
{
    g_autofree char *text = pf_output_json_dup(line);

    fprintf(stderr, "%s\n", text);
    json_decref(line);
}

/* Writes a message beside results that are JSON: a program then reads stderr line by line. */
static void
write_note(GLogLevelFlags level, const char *text)
{
    const char *name = level & G_LOG_LEVEL_MESSAGE ? "note" : level & G_LOG_LEVEL_INFO ? "info" : "debug";

    if (level & (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR))
        name = "warning";
    print_beside_take(json_pack("{s:s}", name, text));
}

/* Why a call failed, for programs: the API's code, or a word of ours for anything but a refusal by the API. */
static const char *
name_failure(const PfApiCall *call, const GError *failure)
{
    FlattrReply *reply = call->session ? flattr_session_get_last_reply(call->session) : NULL;
    const char *code = flattr_reply_get_error_code(reply);

    if (failure->domain != FLATTR_ERROR)
        return failure->domain == PF_COMMAND_ERROR ? "usage" : "failed";
    if (failure->code == FLATTR_ERROR_ARGUMENT)
        return "usage";
    if (failure->code == FLATTR_ERROR_ENDPOINT)
        return "failed";
    if (failure->code == FLATTR_ERROR_UNREACHABLE)
        return "unreachable";
    if (failure->code == FLATTR_ERROR_NO_ANSWER)
        return "no_answer";
    if (failure->code == FLATTR_ERROR_NOT_FOUND)
        return "not_found";
    return failure->code != FLATTR_ERROR_MALFORMED && code ? code : "malformed";
}

/*
 * Says on stderr why a call failed, as JSON {"error","message","for","status"} where JSON was asked for.
 *
 * @operand: (nullable): what it failed for
 */
static void
report(const PfApiCall *call, const char *operand, const GError *failure)
{
    if (!call->output.json) {
        g_message("%s%s%s", operand ? operand : "", operand ? ": " : "", failure->message);
        return;
    }
    FlattrReply *reply = call->session ? flattr_session_get_last_reply(call->session) : NULL;
    json_t *line = json_pack("{s:s}", "error", name_failure(call, failure));
    json_object_set_new(line, "message", pf_output_json_string(failure->message));
    if (operand)
        json_object_set_new(line, "for", pf_output_json_string(operand));
    if (reply)
        json_object_set_new(line, "status", json_integer(flattr_reply_get_status(reply)));
    print_beside_take(line);
}

gboolean
pf_api_for_each(PfApiCall *call, PfApiEach each, GError **error)
{
    int status = EX_OK;

    if (call->count == 1)
        return each(call, call->operands[0], error);
    for (guint i = 0; i < call->count; i++) {
        GError *failure = NULL;
        if (each(call, call->operands[i], &failure))
            continue;
        explain(call, &failure);
        report(call, call->operands[i], failure);
        if (status == EX_OK)
            status = pf_exit_status(failure);
        g_error_free(failure);
    }
    return status == EX_OK || pf_exit_status_set(error, status, "");
}

void
pf_api_say_more(const PfApiCall *call, FlattrReply *reply)
{
    guint count = pf_api_options_count(call->options), page = pf_api_options_page(call->options);
    FlattrPage found;

    if (flattr_reply_get_page(reply, &found) && found.total >= 0) {
        if (found.total > (gint64)(page - 1) * count + found.items)
            g_message(_("%u of %" PRId64 "; --all shows all"), call->output.rows, found.total);
    } else if (call->output.rows >= count) {
        g_message(_("%u shown, there may be more; --all shows all, --page=%u the next page"), call->output.rows,
                  page + 1);
    }
}

gboolean
pf_api_run(const PfCommandCall *call, GError **error)
{
    const PfApiVerb *verb = call->command->detail;
    PfApiCall api = {.options = call->options,
                     .operands = call->operands,
                     .count = call->count,
                     .method = call->command->name,
                     .output = {.json = call->json, .columns = verb->columns}};
    GError *failure = NULL;

    if (call->json)
        pf_log_set_writer(write_note);
    if (check_options(api.options, &failure))
        api.session = open_session(call->app, &failure);
    if (api.session)
        flattr_session_set_trace(api.session, trace, NULL);
    gboolean done = api.session && verb->run(&api, &failure);
    if (done && verb->columns && !call->json && api.output.rows == 0)
        g_message(_("nothing to show"));
    if (!done && failure->domain != PF_EXIT_STATUS)
        explain(&api, &failure);
    if (!done && call->json && failure->domain != PF_EXIT_STATUS) {
        /* Said once, in the form that was asked for. */
        report(&api, NULL, failure);
        pf_exit_status_set(error, pf_exit_status(failure), "");
        g_clear_error(&failure);
    } else if (!done) {
        g_propagate_error(error, failure);
    }
    flattr_session_free(api.session);
    pf_log_set_writer(NULL);
    return done;
}

/* --- the table --- */

/* What the verbs of several resources do alike. */

const PfApiColumn pf_api_thing_columns[] = {
    {N_("ID"), "id", 8}, {N_("FLATTRS"), "flattrs", 7}, {N_("TITLE"), "title", 40}, {N_("URL"), "url", 0}};

gboolean
pf_api_parse_id(const char *text, gint64 *id, GError **error)
{
    guint64 number;

    if (!g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT64, &number, NULL))
        return pf_command_refuse(error, _("'%s' is not a thing's ID; 'podflattr api things lookup URL' finds it"),
                                 text);
    *id = (gint64)number;
    return TRUE;
}

gboolean
pf_api_do_take(PfApiCall *call, FlattrRequest *request, GError **error)
{
    g_autoptr(FlattrReply) reply = flattr_session_call_take(call->session, request, error);

    if (!reply || !flattr_reply_read_done(reply, error))
        return FALSE;
    if (call->output.json)
        pf_api_print_reply(call, reply);
    return TRUE;
}

void
pf_api_print_reply(PfApiCall *call, FlattrReply *reply)
{
    json_t *json = json_loads(flattr_reply_get_body(reply, NULL), 0, NULL);
    const json_t *item;
    size_t index;

    if (json_is_array(json)) {
        json_array_foreach (json, index, item) {
            if (call->output.json)
                pf_api_output_row_take(&call->output, json_incref((json_t *)item));
            else
                pf_api_output_object_take(&call->output, json_incref((json_t *)item));
        }
    } else if (json) {
        pf_api_output_object_take(&call->output, json_incref(json));
    }
    json_decref(json);
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
    g_autoptr(FlattrReply) reply = flattr_session_call_take(call->session, request, error);
    g_autoptr(GPtrArray) things = reply ? flattr_reply_read_things(reply, error) : NULL;

    for (guint i = 0; things && i < things->len; i++)
        pf_api_print_thing_row(call, things->pdata[i]);
    if (things)
        pf_api_say_more(call, reply);
    return things != NULL;
}
