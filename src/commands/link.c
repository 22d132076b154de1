/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr link: makes and explains the links by which pages can be flattred. */
#include "base/log.h"
#include "base/url.h"
#include "commands/command.h"
#include "commands/output.h"
#include "payment/auto_submit.h"
#include "payment/payment_link.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

/*
 * `podflattr link show`: explains a payment link.
 */

#define LABEL_WIDTH 11

static void
add_problem(GPtrArray *problems, const char *problem)
{
    g_ptr_array_add(problems, g_strdup(problem));
}

/* @payment and @parameters are NULL when the URL is no such thing. */
static GPtrArray *
find_problems(const char *url, const PfPayment *payment, const GPtrArray *parameters)
{
    GPtrArray *problems = parameters ? pf_auto_submit_find_faults(parameters) : g_ptr_array_new_with_free_func(g_free);
    g_autofree char *mended = pf_parameters_mend(url);

    if (strlen(url) > PF_PAYMENT_MAX_URL)
        g_ptr_array_add(problems, g_strdup_printf("it has %" G_GSIZE_FORMAT " bytes, and %d are taken at the most",
                                                  strlen(url), PF_PAYMENT_MAX_URL));
    else if (!payment)
        add_problem(problems, "it is no whole http or https URL without blanks and control characters");
    else if (payment->kind == PF_PAYMENT_OTHER && !parameters && strcasestr(url, "flattr.com"))
        add_problem(problems, "it names flattr.com, but is no auto-submit URL, thing, profile or podcast there");
    if (parameters && !g_str_equal(mended, url))
        add_problem(problems, "its & is written &amp;, escaped once too often; it is mended when it is sent");
    return problems;
}

/* --- JSON --- */

static json_t *
parameters_to_json(const GPtrArray *parameters)
{
    json_t *list = json_array();

    for (guint i = 0; parameters && i < parameters->len; i++) {
        const PfParameter *parameter = parameters->pdata[i];
        json_array_append_new(list, json_pack("{s:o, s:o}", "name", pf_output_json_string(parameter->name), "value",
                                              pf_output_json_string(parameter->value)));
    }
    return list;
}

static json_t *
problems_to_json(const GPtrArray *problems)
{
    json_t *list = json_array();

    for (guint i = 0; i < problems->len; i++)
        json_array_append_new(list, pf_output_json_string(problems->pdata[i]));
    return list;
}

/* --- for people --- */

static void
print_line(const char *label, const char *value)
{
    pf_output_cell(label, LABEL_WIDTH);
    pf_output_cell(value, 0);
}

static void
print_all(const char *url, const char *kind, const char *key, const GPtrArray *parameters, const GPtrArray *problems)
{
    printf("%s\n", url);
    print_line("kind", kind);
    print_line("key", key);
    for (guint i = 0; parameters && i < parameters->len; i++) {
        const PfParameter *parameter = parameters->pdata[i];
        print_line(parameter->name ? parameter->name : "?", parameter->value ? parameter->value : "?");
    }
    for (guint i = 0; i < problems->len; i++)
        print_line("problem", problems->pdata[i]);
}

/*
 * Prints what a URL is as a payment link, from its text alone.
 *
 * @json: as a line of JSON, else for people
 *
 * Returns: whether nothing is wrong with it.
 */
static gboolean
pf_link_show(const char *url, gboolean json)
{
    g_autoptr(PfPayment) payment = pf_payment_new(url);
    g_autoptr(GPtrArray) parameters = pf_auto_submit_read_url(url);
    g_autoptr(GPtrArray) problems = find_problems(url, payment, parameters);
    g_autofree char *shown = pf_url_printable(url);
    g_autofree char *key = payment ? pf_url_printable(payment->key) : NULL;
    const char *kind = payment ? pf_payment_kind_name(payment->kind) : NULL;

    if (json)
        pf_output_json_take(json_pack("{s:o, s:o, s:o, s:o, s:o}", "url", pf_output_json_string(shown), "kind",
                                      pf_output_json_string(kind), "key", pf_output_json_string(key), "parameters",
                                      parameters_to_json(parameters), "problems", problems_to_json(problems)));
    else
        print_all(shown, kind, key, parameters, problems);
    return problems->len == 0;
}

/* An option of `make` and the parameter that it becomes, in the order in which they stand in the URL. */
typedef struct {
    const char *option;
    const char *parameter;
    char *value; /* NULL when it was not given */
} Field;

enum { URL, USER, OWNER, TITLE, DESCRIPTION, LANGUAGE, TAGS, CATEGORY, REVSHAREKEY, FIELDS };

typedef struct {
    Field fields[FIELDS];
    gboolean hidden;
    char *format;
} Options;

static gboolean
refuse(GError **error, const char *fault)
{
    g_set_error_literal(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, fault);
    return FALSE;
}

/* --- make --- */

static gboolean
check_usage_of_make(const Options *options, int operands, GError **error)
{
    const Field *fields = options->fields;

    if (operands > 0)
        return refuse(error, "make takes options only");
    if (options->format)
        return refuse(error, "--format is nothing for make, which prints the URL alone");
    if (!fields[URL].value)
        return refuse(error, "which page? --url says it");
    if (!fields[USER].value == !fields[OWNER].value)
        return refuse(error, "whom to pay? one of --user and --owner says it");
    return TRUE;
}

/* All that is wrong, a line each; NULL when nothing is. */
static char *
find_faults(const Options *options)
{
    g_autoptr(GStrvBuilder) faults = g_strv_builder_new();

    for (const Field *field = options->fields; field < options->fields + FIELDS; field++) {
        g_autofree char *fault = field->value ? pf_auto_submit_find_fault(field->parameter, field->value) : NULL;
        g_autofree char *line = fault ? g_strdup_printf("--%s %s", field->option, fault) : NULL;
        if (line)
            g_strv_builder_add(faults, line);
    }
    g_auto(GStrv) lines = g_strv_builder_end(faults);
    return lines[0] ? g_strjoinv("\n", lines) : NULL;
}

static char *
make_url(const Options *options)
{
    g_autoptr(GPtrArray) parameters = pf_parameters_new();

    for (const Field *field = options->fields; field < options->fields + FIELDS; field++)
        pf_parameters_add(parameters, field->parameter, field->value);
    pf_parameters_add(parameters, "hidden", options->hidden ? "1" : NULL);
    return pf_auto_submit_new_url(parameters);
}

static int
make(const Options *options, GError **error)
{
    g_autofree char *faults = find_faults(options);
    g_autofree char *url = make_url(options);

    if (!faults && strlen(url) > PF_PAYMENT_MAX_URL)
        faults = g_strdup_printf("the URL would have %" G_GSIZE_FORMAT " bytes, and servers take %d: shorten the "
                                 "description",
                                 strlen(url), PF_PAYMENT_MAX_URL);
    if (faults)
        g_set_error_literal(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, faults);
    else
        printf("%s\n", url);
    return EX_OK;
}

/* --- show --- */

static gboolean
check_usage_of_show(const Options *options, int operands, gboolean *json, GError **error)
{
    for (const Field *field = options->fields; field < options->fields + FIELDS; field++) {
        if (field->value) {
            g_autofree char *fault = g_strdup_printf("--%s is nothing for show", field->option);
            return refuse(error, fault);
        }
    }
    if (options->hidden)
        return refuse(error, "--hidden is nothing for show");
    if (operands == 0)
        return refuse(error, "which URL?");
    return pf_command_parse_format(options->format, json, error);
}

static int
show(char **urls, gboolean json)
{
    int status = EX_OK;

    for (char **url = urls; *url; url++) {
        if (!json && url > urls)
            printf("\n");
        if (!pf_link_show(*url, json))
            status = EX_DATAERR;
    }
    return status;
}

/* --- both --- */

static int
run_subcommand(const Options *options, int argc, char **argv, GError **error)
{
    gboolean json = FALSE;

    if (argc < 2)
        refuse(error, "make or show? 'podflattr link --help' tells more");
    else if (g_str_equal(argv[1], "make"))
        return check_usage_of_make(options, argc - 2, error) ? make(options, error) : EX_USAGE;
    else if (g_str_equal(argv[1], "show"))
        return check_usage_of_show(options, argc - 2, &json, error) ? show(argv + 2, json) : EX_USAGE;
    else
        refuse(error, "it must be make or show; 'podflattr link --help' tells more");
    return EX_USAGE;
}

static int
run(PfApp *app, int argc, char **argv, GError **error)
{
    Options options = {.fields = {
                           [URL] = {"url", "url", NULL},
                           [USER] = {"user", "user_id", NULL},
                           [OWNER] = {"owner", "owner", NULL},
                           [TITLE] = {"title", "title", NULL},
                           [DESCRIPTION] = {"description", "description", NULL},
                           [LANGUAGE] = {"language", "language", NULL},
                           [TAGS] = {"tags", "tags", NULL},
                           [CATEGORY] = {"category", "category", NULL},
                           [REVSHAREKEY] = {"revsharekey", "revsharekey", NULL},
                       }};
    Field *fields = options.fields;
    const GOptionEntry entries[] = {
        {"url", 0, 0, G_OPTION_ARG_STRING, &fields[URL].value, "The page to flattr", "URL"},
        {"user", 0, 0, G_OPTION_ARG_STRING, &fields[USER].value, "The Flattr user who is paid", "NAME"},
        {"owner", 0, 0, G_OPTION_ARG_STRING, &fields[OWNER].value, "Or whom a partner of Flattr knows", "ID"},
        {"title", 0, 0, G_OPTION_ARG_STRING, &fields[TITLE].value, "5 to 100 characters", "TEXT"},
        {"description", 0, 0, G_OPTION_ARG_STRING, &fields[DESCRIPTION].value, "5 to 1000 characters", "TEXT"},
        {"language", 0, 0, G_OPTION_ARG_STRING, &fields[LANGUAGE].value, "Such as en_GB", "LANGUAGE"},
        {"tags", 0, 0, G_OPTION_ARG_STRING, &fields[TAGS].value, "Words with commas between them", "A,B"},
        {"category", 0, 0, G_OPTION_ARG_STRING, &fields[CATEGORY].value, "Such as audio", "CATEGORY"},
        {"revsharekey", 0, 0, G_OPTION_ARG_STRING, &fields[REVSHAREKEY].value, "A partner's key", "KEY"},
        {"hidden", 0, 0, G_OPTION_ARG_NONE, &options.hidden, "Keep it out of the server's lists", NULL},
        {"format", 0, 0, G_OPTION_ARG_STRING, &options.format, "table or json (show)", "FORMAT"},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };

    (void)app;
    int status = pf_command_parse(&pf_command_link, entries, &argc, &argv, error)
                     ? run_subcommand(&options, argc, argv, error)
                     : EX_USAGE;
    for (gsize i = 0; i < FIELDS; i++)
        g_free(fields[i].value);
    g_free(options.format);
    return status;
}

const PfCommand pf_command_link = {
    "link",
    "make|show [URL…]",
    "Make and explain payment links",
    "Subcommands:\n"
    "  make --url URL --user NAME|--owner ID   print the auto-submit URL for a page\n"
    "  show URL…                               say what links are, and what is wrong with them\n"
    "\n"
    "An owner is email:MD5, twitter:user:id:NUMBER or partner:NAMESPACE:ID. Categories are text, images,\n"
    "video, audio, software, people and rest.",
    run,
    PF_COMMAND_NEEDS_ALL,
    FALSE};
