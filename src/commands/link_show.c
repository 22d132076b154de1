/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/link_show.h"

#include "commands/output.h"
#include "base/url.h"
#include "payment/auto_submit.h"
#include "payment/payment_link.h"
#include <stdio.h>
#include <string.h>

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

gboolean
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
