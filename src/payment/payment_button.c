/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "payment/payment_button.h"

#include "feed/feed_address.h"
#include "payment/auto_submit.h"
#include <string.h>

#define DATA_PREFIX "data-flattr-"

/* How much of a button's text is kept, in bytes: what is left of it when it is white space for the most part. */
#define MAX_TEXT 65536

struct PfPaymentButton {
    GHashTable *attributes; /* of its own: char * to char * */
    GHashTable *settings;   /* those in rel, by their names */
    GString *text;
};

PfPaymentButton *
pf_payment_button_new(void)
{
    PfPaymentButton *button = g_new0(PfPaymentButton, 1);

    button->attributes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    button->settings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    button->text = g_string_new(NULL);
    return button;
}

void
pf_payment_button_free(PfPaymentButton *button)
{
    if (!button)
        return;
    g_hash_table_unref(button->attributes);
    g_hash_table_unref(button->settings);
    g_string_free(button->text, TRUE);
    g_free(button);
}

/* "flattr;uid:mario;tags:a,b;" */
static void
read_settings(PfPaymentButton *button, const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, ";", -1);

    if (!parts[0] || g_ascii_strcasecmp(g_strstrip(parts[0]), "flattr") != 0)
        return;
    for (char **part = parts + 1; *part; part++) {
        char *colon = strchr(*part, ':');
        if (!colon)
            continue;
        *colon = '\0';
        g_hash_table_replace(button->settings, g_ascii_strdown(g_strstrip(*part), -1), g_strdup(g_strstrip(colon + 1)));
    }
}

void
pf_payment_button_set(PfPaymentButton *button, const char *name, const char *value)
{
    if (!value)
        return;
    if (g_str_equal(name, "rel") || g_str_equal(name, "rev"))
        read_settings(button, value);
    else
        g_hash_table_replace(button->attributes, g_strdup(name), g_strstrip(g_strdup(value)));
}

void
pf_payment_button_add_text(PfPaymentButton *button, const char *text, gsize length)
{
    if (button->text->len + length <= MAX_TEXT)
        g_string_append_len(button->text, text, (gssize)length);
}

void
pf_payment_button_read_script(const char *script, GHashTable *defaults)
{
    static const char pattern[] = "//api\\.flattr\\.com/js/[0-9.]+/load\\.js\\?([^'\"\\s<>\\\\]+)";
    g_autoptr(GMatchInfo) match = NULL;

    if (!script || !strstr(script, "/load.js?"))
        return;
    g_autoptr(GRegex) loader = g_regex_new(pattern, 0, 0, NULL);
    if (!g_regex_match(loader, script, 0, &match))
        return;
    g_autofree char *query = g_match_info_fetch(match, 1);
    g_autoptr(GPtrArray) parameters = pf_parameters_read(query);
    for (guint i = 0; i < parameters->len; i++) {
        const PfParameter *parameter = parameters->pdata[i];
        if (parameter->name && parameter->value && *parameter->value)
            g_hash_table_insert(defaults, g_strdup(parameter->name), g_strdup(parameter->value));
    }
}

/* --- the link --- */

/* What a button says under a name: HTML5's attributes before rel, and these before a script (none if NULL). */
static const char *
get_setting(const PfPaymentButton *button, GHashTable *defaults, const char *name)
{
    g_autofree char *attribute = g_strconcat(DATA_PREFIX, name, NULL);
    const char *value = g_hash_table_lookup(button->attributes, attribute);

    if (!value || !*value)
        value = g_hash_table_lookup(button->settings, name);
    if (value && *value)
        return value;
    return defaults ? g_hash_table_lookup(defaults, name) : NULL;
}

static void
add_setting(GPtrArray *parameters, const char *name, const char *value)
{
    g_autofree char *fault = value && *value ? pf_auto_submit_find_fault(name, value) : NULL;

    /* A server may refuse the whole link for what only describes the thing. */
    if (!fault)
        pf_parameters_add(parameters, name, value);
}

/* Adds a text with its white space made single blanks, and cut; one that is too short is no text. */
static void
add_text(GPtrArray *parameters, const char *name, const char *text, glong most)
{
    g_auto(GStrv) words = g_strsplit_set(text ? text : "", " \t\r\n\f", -1);
    g_autoptr(GString) line = g_string_new(NULL);

    for (char **word = words; *word; word++)
        if (**word)
            g_string_append_printf(line, "%s%s", line->len > 0 ? " " : "", *word);
    if (g_utf8_strlen(line->str, -1) > most)
        *g_utf8_offset_to_pointer(line->str, most) = '\0';
    add_setting(parameters, name, line->str);
}

/* Whom the button pays: one alone, since a link that names two may pay either. */
static gboolean
add_payee(GPtrArray *parameters, const PfPaymentButton *button, GHashTable *defaults)
{
    guint before = parameters->len;

    add_setting(parameters, "user_id", get_setting(button, defaults, "uid"));
    if (parameters->len == before)
        add_setting(parameters, "owner", get_setting(button, defaults, "owner"));
    return parameters->len > before;
}

static char *
make_url(const PfPaymentButton *button, GHashTable *defaults, const char *page, gboolean described)
{
    static const char *const names[] = {"category", "tags", "hidden", "revsharekey"};
    g_autoptr(GPtrArray) parameters = pf_parameters_new();
    const char *language = get_setting(button, NULL, "language");

    pf_parameters_add(parameters, "url", page);
    if (!add_payee(parameters, button, defaults))
        return NULL;
    add_text(parameters, "title", g_hash_table_lookup(button->attributes, "title"), PF_AUTO_SUBMIT_MAX_TITLE);
    if (described)
        add_text(parameters, "description", button->text->str, PF_AUTO_SUBMIT_MAX_DESCRIPTION);
    language = language ? language : g_hash_table_lookup(button->attributes, "lang");
    add_setting(parameters, "language", language ? language : get_setting(button, defaults, "language"));
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        add_setting(parameters, names[i], get_setting(button, defaults, names[i]));
    return pf_auto_submit_new_url(parameters);
}

PfPayment *
pf_payment_button_make_link(const PfPaymentButton *button, GHashTable *defaults, const char *base)
{
    g_autofree char *page = pf_feed_address_resolve(g_hash_table_lookup(button->attributes, "href"), base);
    g_autoptr(PfPayment) payment = page ? pf_payment_new(page) : NULL;

    if (!payment)
        return NULL;
    /* Some make a button of what is a link already. */
    if (payment->kind > PF_PAYMENT_PROFILE) {
        g_autofree char *whole = make_url(button, defaults, page, TRUE);
        gboolean fits = whole && strlen(whole) <= PF_PAYMENT_MAX_URL;
        g_autofree char *url = fits ? g_steal_pointer(&whole) : make_url(button, defaults, page, FALSE);
        PfPayment *link = url ? pf_payment_new(url) : NULL;
        if (link) {
            pf_payment_free(payment);
            payment = link;
        }
    }
    payment->from = PF_PAYMENT_FROM_BUTTON;
    return g_steal_pointer(&payment);
}
