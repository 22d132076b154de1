/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/api_options.h"

#include "commands/command.h"
#include "payment/auto_submit.h"

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
