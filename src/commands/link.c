/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr link: makes and explains the links by which pages can be flattred. */
#include "commands/command.h"

#include "base/log.h"
#include "commands/link_show.h"
#include "payment/auto_submit.h"
#include "payment/payment_link.h"
#include <stdio.h>
#include <string.h>

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
