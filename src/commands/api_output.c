/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/api_output.h"

#include "base/log.h"
#include "commands/output.h"
#include <stdio.h>

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
