/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr link: makes and explains the links by which pages can be flattred. */
#include "base/i18n.h"
#include "base/log.h"
#include "base/url.h"
#include "commands/command.h"
#include "commands/output.h"
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
    g_autofree char *corrected = pf_parameters_unescape(url);

    if (strlen(url) > PF_PAYMENT_MAX_URL)
        g_ptr_array_add(problems, g_strdup_printf(_("%"
                                                    "zu"
                                                    " bytes long; the limit is %d"),
                                                  strlen(url), PF_PAYMENT_MAX_URL));
    else if (!payment)
        add_problem(problems, _("not an absolute http(s) URL"));
    else if (payment->kind == PF_PAYMENT_OTHER && !parameters && strcasestr(url, "flattr.com"))
        add_problem(problems, _("names flattr.com, but is not an auto-submit URL, thing, profile or podcast there"));
    if (parameters && !g_str_equal(corrected, url))
        add_problem(problems,
                    _("contains &amp; instead of &, escaped once too often; podflattr corrects it when sending"));
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
    pf_output_field(label, LABEL_WIDTH, value);
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
 * @text: as written by hand, see pf_payment_dup_written()
 * @json: as a line of JSON, else for people
 *
 * Returns: whether nothing is wrong with it.
 */
static gboolean
pf_link_show(const char *text, gboolean json)
{
    g_autofree char *bare = g_strstrip(g_strdup(text));
    g_autofree char *url = pf_payment_dup_written(bare);
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

/* The options; those that are texts become parameters of the URL, in the order in which they stand here. */
typedef struct {
    char *url;
    char *user;
    char *owner;
    char *title;
    char *description;
    char *language;
    char *tags;
    char *category;
    char *revsharekey;
    gboolean hidden;
} Options;

#define TEXT(field, about, value)                                                                                      \
    {                                                                                                                  \
#field, G_OPTION_ARG_STRING, offsetof(Options, field), about, value, 0, 0                                      \
    }

static const PfCommandOption options[] = {
    TEXT(url, N_("The page to flattr"), N_("URL")),
    TEXT(user, N_("The Flattr user to pay"), N_("NAME")),
    TEXT(owner, N_("Or the person to pay, by e-mail hash, Twitter or partner ID"), N_("ID")),
    TEXT(title, N_("5 to 100 characters"), N_("TEXT")),
    TEXT(description, N_("5 to 1000 characters"), N_("TEXT")),
    TEXT(language, N_("For example en_GB"), N_("LANGUAGE")),
    TEXT(tags, N_("Words separated by commas"), N_("A,B")),
    TEXT(category, N_("For example audio"), N_("CATEGORY")),
    TEXT(revsharekey, N_("A partner's key"), N_("KEY")),
    {"hidden", G_OPTION_ARG_NONE, offsetof(Options, hidden), N_("Keep it out of the server's lists"), NULL, 0, 0},
    PF_COMMAND_FORMAT,
    {0},
};

/* The option's value, NULL when it has none that goes into the URL as it is. */
static const char *
text_of(const PfCommandOption *option, const Options *given)
{
    gboolean is_text = option->type == G_OPTION_ARG_STRING && !g_str_equal(option->name, "format");

    return is_text ? *(char *const *)((const char *)given + option->offset) : NULL;
}

static const char *
parameter_of(const PfCommandOption *option)
{
    return g_str_equal(option->name, "user") ? "user_id" : option->name;
}

/* --- make --- */

/* All that is wrong, a line each; NULL when nothing is. */
static char *
find_faults(const Options *given)
{
    g_autoptr(GStrvBuilder) faults = g_strv_builder_new();

    for (const PfCommandOption *option = options; option->name; option++) {
        const char *text = text_of(option, given);
        g_autofree char *fault = text ? pf_auto_submit_find_fault(parameter_of(option), text) : NULL;
        g_autofree char *line = fault ? g_strdup_printf("--%s %s", option->name, fault) : NULL;
        if (line)
            g_strv_builder_add(faults, line);
    }
    g_auto(GStrv) lines = g_strv_builder_end(faults);
    return lines[0] ? g_strjoinv("\n", lines) : NULL;
}

static char *
make_url(const Options *given)
{
    g_autoptr(GPtrArray) parameters = pf_parameters_new();

    for (const PfCommandOption *option = options; option->name; option++)
        pf_parameters_add(parameters, parameter_of(option), text_of(option, given));
    pf_parameters_add(parameters, "hidden", given->hidden ? "1" : NULL);
    return pf_auto_submit_new_url(parameters);
}

static gboolean
make(const PfCommandCall *call, GError **error)
{
    const Options *given = call->options;

    if (!given->url)
        return pf_command_refuse(error, _("missing --url"));
    if (!given->user == !given->owner)
        return pf_command_refuse(error, _("either --user or --owner is required"));
    g_autofree char *name = NULL, *password = NULL;
    g_free(pf_url_split(given->url, &name, &password));
    if (name || password) {
        g_set_error_literal(
            error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA,
            _("--url contains a user name or password, which everybody could read in the link; remove it"));
        return FALSE;
    }
    g_autofree char *faults = find_faults(given);
    g_autofree char *url = make_url(given);
    if (!faults && strlen(url) > PF_PAYMENT_MAX_URL)
        faults = g_strdup_printf(
            _("the URL would be %zu bytes long, more than the %d that servers accept; shorten the description"),
            strlen(url), PF_PAYMENT_MAX_URL);
    if (faults)
        g_set_error_literal(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, faults);
    else
        printf("%s\n", url);
    return !faults;
}

/* --- show --- */

static gboolean
show(const PfCommandCall *call, GError **error)
{
    gboolean is_faultless = TRUE;

    for (char **url = call->operands; *url; url++) {
        if (!call->json && url > call->operands)
            printf("\n");
        is_faultless = pf_link_show(*url, call->json) && is_faultless;
    }
    return is_faultless || pf_exit_status_set(error, EX_DATAERR, "");
}

/* --- the table --- */

static const PfCommand subcommands[] = {
    {.name = "make",
     .operands = N_("--url URL --user NAME|--owner ID"),
     .summary = N_("print the auto-submit URL for a page"),
     .takes = "url user owner title description language tags category revsharekey hidden",
     .run = make},
    {.name = "show",
     .operands = N_("URL…"),
     .least = 1,
     .most = PF_COMMAND_ANY,
     .summary = N_("explain links, and what is wrong with them"),
     .takes = "format",
     .run = show},
    {0},
};

const PfCommand pf_command_link = {
    .name = "link",
    .operands = N_("make|show [URL…]"),
    .summary = N_("Make and explain payment links"),
    .description =
        N_("An owner is email:MD5, twitter:user:id:NUMBER or partner:NAMESPACE:ID. Categories are text, images,\n"
           "video, audio, software, people and rest."),
    .examples = "  podflattr link make --url https://example.org/1 --user ann\n"
                "  podflattr link show https://flattr.com/thing/1234\n",
    .subcommands = subcommands,
    .options = options,
    .options_size = sizeof(Options),
};
