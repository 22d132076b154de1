/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "payment/auto_submit.h"

#include "base/text.h"
#include "payment/payment_link.h"

#include <string.h>

static void
parameter_free(gpointer data)
{
    PfParameter *parameter = data;

    g_free(parameter->name);
    g_free(parameter->value);
    g_free(parameter);
}

GPtrArray *
pf_parameters_new(void)
{
    return g_ptr_array_new_with_free_func(parameter_free);
}

static void
add_take(GPtrArray *parameters, char *name, char *value)
{
    PfParameter *parameter = g_new(PfParameter, 1);

    *parameter = (PfParameter){.name = name, .value = value};
    g_ptr_array_add(parameters, parameter);
}

/*
 * Decodes as the server does that gets it, the way of forms: "+" is a blank. Published links agree: where they have a
 * "+", it is a blank in a title that WordPress's plugin encoded; a real plus is %2B there.
 */
static char *
decode(const char *text, gsize length)
{
    g_autofree char *blanks = g_strndup(text, length);

    for (char *plus = blanks; (plus = strchr(plus, '+')); plus++)
        *plus = ' ';
    g_autofree char *plain = strchr(blanks, '%') ? g_uri_unescape_string(blanks, NULL) : g_steal_pointer(&blanks);

    return plain && g_utf8_validate(plain, -1, NULL) ? g_steal_pointer(&plain) : NULL;
}

GPtrArray *
pf_parameters_read(const char *query)
{
    g_auto(GStrv) parts = g_strsplit(query ? query : "", "&", -1);
    GPtrArray *parameters = pf_parameters_new();

    for (gsize i = 0; parts[i]; i++) {
        const char *part = parts[i];
        while (i > 0 && pf_has_prefix(part, "amp;"))
            part += strlen("amp;");
        gsize name = strcspn(part, "=");
        const char *value = part[name] ? part + name + 1 : "";
        if (*part)
            add_take(parameters, decode(part, name), decode(value, strlen(value)));
    }
    return parameters;
}

void
pf_parameters_add(GPtrArray *parameters, const char *name, const char *value)
{
    if (value && *value)
        add_take(parameters, g_strdup(name), g_strdup(value));
}

const char *
pf_parameters_get(const GPtrArray *parameters, const char *name)
{
    for (guint i = 0; i < parameters->len; i++) {
        const PfParameter *parameter = parameters->pdata[i];
        if (g_strcmp0(parameter->name, name) == 0)
            return parameter->value;
    }
    return NULL;
}

/* Writes a list as a query, without the "?"; all must be decodable. Returns: (transfer full). */
static char *
pf_parameters_write(const GPtrArray *parameters)
{
    GString *query = g_string_new(NULL);

    for (guint i = 0; i < parameters->len; i++) {
        const PfParameter *parameter = parameters->pdata[i];
        g_string_append_printf(query, "%s%s=", i > 0 ? "&" : "", parameter->name);
        g_string_append_uri_escaped(query, parameter->value, NULL, FALSE);
    }
    return g_string_free(query, FALSE);
}

char *
pf_parameters_unescape(const char *url)
{
    GString *plain = g_string_new(NULL);

    while (*url) {
        gboolean separates = *url == '&';
        g_string_append_c(plain, *url++);
        while (separates && pf_has_prefix(url, "amp;"))
            url += strlen("amp;");
    }
    return g_string_free(plain, FALSE);
}

char *
pf_auto_submit_new_url(const GPtrArray *parameters)
{
    g_autofree char *query = pf_parameters_write(parameters);

    return g_strconcat("https://flattr.com/submit/auto?", query, NULL);
}

GPtrArray *
pf_auto_submit_read_url(const char *url)
{
    gsize address = strcspn(url, "?#");
    g_autofree char *query = url[address] == '?' ? g_strdup(url + address + 1) : g_strdup("");
    /* Whatever it says: with a page, it would be one. */
    g_autofree char *complete = g_strdup_printf("%.*s?url=https://page.example/", (int)MIN(address, G_MAXINT), url);
    g_autoptr(PfPayment) payment = pf_payment_new(complete);

    if (!payment || payment->kind != PF_PAYMENT_AUTO_SUBMIT)
        return NULL;
    query[strcspn(query, "#")] = '\0';
    return pf_parameters_read(query);
}

static char *
check_length(const char *text, glong most)
{
    glong length = g_utf8_strlen(text, -1);

    if (length >= PF_AUTO_SUBMIT_MIN_TEXT && length <= most)
        return NULL;
    return g_strdup_printf("must have %d to %ld characters and has %ld", PF_AUTO_SUBMIT_MIN_TEXT, most, length);
}

/* @spaces: the control characters that may be there */
static gboolean
has_control(const char *text, const char *spaces)
{
    for (; *text; text = g_utf8_next_char(text))
        if (g_unichar_iscntrl(g_utf8_get_char(text)) && !strchr(spaces, *text))
            return TRUE;
    return FALSE;
}

static char *
check_title(const char *text)
{
    if (has_control(text, ""))
        return g_strdup("must be one line without control characters");
    return check_length(text, PF_AUTO_SUBMIT_MAX_TITLE);
}

static char *
check_description(const char *text)
{
    if (has_control(text, "\t\r\n"))
        return g_strdup("must have no control characters");
    return check_length(text, PF_AUTO_SUBMIT_MAX_DESCRIPTION);
}

static char *
check_url(const char *url)
{
    g_autoptr(PfPayment) page = pf_payment_new(url);

    if (!page)
        return g_strdup("must be a whole http or https URL, without blanks");
    return page->kind == PF_PAYMENT_AUTO_SUBMIT ? g_strdup("must be the page itself and no auto-submit URL") : NULL;
}

static char *
check_pattern(const char *text, const char *pattern, const char *fault)
{
    return g_regex_match_simple(pattern, text, G_REGEX_DOLLAR_ENDONLY, 0) ? NULL : g_strdup(fault);
}

static char *
check_user(const char *user)
{
    return check_pattern(user, "^[^\\s/?#&=:@]+$", "must be a Flattr user's name or number");
}

static char *
check_id(const char *id)
{
    return check_pattern(id, "^[0-9A-Za-z]+$",
                         "must be the short name that Flattr gave a page's owner, letters and digits");
}

static char *
check_owner(const char *owner)
{
    return check_pattern(owner, "^(email:[0-9a-fA-F]{32}|twitter:user:id:[0-9]+|partner:[^\\s:]+:\\S+)$",
                         "must be email:MD5 (32 hexadecimal digits), twitter:user:id:NUMBER or partner:NAMESPACE:ID");
}

static char *
check_language(const char *language)
{
    return check_pattern(language, "^[a-z]{2,3}(_[A-Z]{2})?$", "must be a language such as en_GB");
}

static char *
check_category(const char *category)
{
    return check_pattern(category, "^(text|images|video|audio|software|people|rest)$",
                         "must be text, images, video, audio, software, people or rest");
}

static char *
check_tags(const char *tags)
{
    return check_pattern(tags, "^\\s*[^,\\s][^,]*(,\\s*[^,\\s][^,]*)*$", "must be words with commas between them");
}

static char *
check_hidden(const char *hidden)
{
    return check_pattern(hidden, "^[01]$", "must be 1 or 0");
}

static char *
check_key(const char *key)
{
    return check_pattern(key, "^\\S+$", "must be a key without blanks");
}

static const struct {
    const char *name;
    char *(*check)(const char *value);
} known[] = {
    {"url", check_url},
    {"user_id", check_user},
    {"uid", check_user},
    {"fid", check_id},
    {"owner", check_owner},
    {"title", check_title},
    {"description", check_description},
    {"language", check_language},
    {"tags", check_tags},
    {"category", check_category},
    {"hidden", check_hidden},
    {"revsharekey", check_key},
};

char *
pf_auto_submit_find_fault(const char *name, const char *value)
{
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
        if (g_str_equal(name, known[i].name))
            return known[i].check(value);
    return g_strdup("is no parameter of auto-submit, and has no effect");
}

static void
add_fault(GPtrArray *faults, const PfParameter *parameter)
{
    if (!parameter->name) {
        g_ptr_array_add(faults, g_strdup("a parameter's name is not encoded as it should be"));
        return;
    }
    g_autofree char *fault = parameter->value ? pf_auto_submit_find_fault(parameter->name, parameter->value)
                                              : g_strdup("is not encoded as it should be");
    if (fault)
        g_ptr_array_add(faults, g_strdup_printf("%s %s", parameter->name, fault));
}

/* Empty counts as absent, as it does for servers. */
static gboolean
is_there(const GPtrArray *parameters, const char *name)
{
    const char *value = pf_parameters_get(parameters, name);

    return value && *value;
}

GPtrArray *
pf_auto_submit_find_faults(const GPtrArray *parameters)
{
    GPtrArray *faults = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    gboolean has_user = is_there(parameters, "user_id") || is_there(parameters, "uid") || is_there(parameters, "fid");
    gboolean has_owner = is_there(parameters, "owner");

    for (guint i = 0; i < parameters->len; i++) {
        const PfParameter *parameter = parameters->pdata[i];
        if (!parameter->value || *parameter->value)
            add_fault(faults, parameter);
        if (parameter->name && !g_hash_table_add(seen, parameter->name))
            g_ptr_array_add(faults, g_strdup_printf("%s is there more than once", parameter->name));
    }
    if (!is_there(parameters, "url") && !g_hash_table_contains(seen, "url"))
        g_ptr_array_add(faults, g_strdup("url is missing: the page to flattr"));
    else if (g_strcmp0(pf_parameters_get(parameters, "url"), "") == 0)
        g_ptr_array_add(faults, g_strdup("url is empty"));
    if (!has_user && !has_owner)
        g_ptr_array_add(faults, g_strdup("user_id or owner is missing: whom to pay"));
    if (has_user && has_owner)
        g_ptr_array_add(faults, g_strdup("user_id and owner are both there: which of them to pay is uncertain"));
    return faults;
}
