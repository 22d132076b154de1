/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "payment/parameters.h"

#include <string.h>

#include "base/prefix.h"

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

char *
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
pf_parameters_mend(const char *url)
{
    GString *mended = g_string_new(NULL);

    while (*url) {
        gboolean separates = *url == '&';
        g_string_append_c(mended, *url++);
        while (separates && pf_has_prefix(url, "amp;"))
            url += strlen("amp;");
    }
    return g_string_free(mended, FALSE);
}
