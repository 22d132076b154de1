/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr queue: looks at the queue and steers it. This file has the table of subcommands, and lists. */
#include "commands/queue_command.h"

#include "commands/output.h"
#include "commands/queue_json.h"
#include <stdio.h>

static gboolean
print_json(const PfEntry *entry, gpointer data)
{
    (void)data;
    pf_output_json_take(pf_queue_json_entry(entry));
    return TRUE;
}

static gboolean
print_row(const PfEntry *entry, gpointer data)
{
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, entry->id);
    gboolean *header = data;

    if (!*header) {
        pf_output_cell("ID", 5);
        pf_output_cell("STATE", 8);
        pf_output_cell("SINCE", 16);
        pf_output_cell("WHY", 19);
        pf_output_cell("EPISODE", 0);
        *header = TRUE;
    }
    pf_output_cell(id, 5);
    pf_output_cell(pf_entry_state_name(entry->state), 8);
    pf_output_time_cell(entry->updated, 16);
    pf_output_cell(entry->reason, 19);
    pf_output_cell(entry->title ? entry->title : entry->key, 0);
    return TRUE;
}

static int
list(PfApp *app, const char *state_name, gboolean json, GError **error)
{
    PfEntryState state = PF_ENTRY_STATES;
    gboolean header = FALSE;

    if (g_strcmp0(state_name, "unmatched") == 0)
        return pf_queue_run_unmatched(app, json, error);
    if (state_name && !pf_entry_state_from_name(state_name, &state)) {
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE,
                    "--state '%s' must be held, queued, sending, flattred, owned, failed, dropped or unmatched",
                    state_name);
        return EX_USAGE;
    }
    g_autoptr(PfQueue) queue = pf_command_open_queue(app, error);
    if (!queue || !pf_queue_each(queue, state, json ? print_json : print_row, &header, error))
        return EX_OK;
    if (!json && !header)
        g_message("no entries");
    return EX_OK;
}

/* --- subcommands --- */

#define ANY G_MAXUINT

static const struct {
    const char *name;
    guint least, most; /* operands */
    gboolean takes_format, takes_all;
    int (*run)(PfApp *app, const PfQueueArguments *arguments, GError **error); /* NULL: it is the list */
    const char *missing;                                                       /* what to ask for */
} subcommands[] = {
    {"list", 0, 0, TRUE, FALSE, NULL, NULL},
    {"show", 1, 1, TRUE, FALSE, pf_queue_run_show, "which entry? name its id"},
    {"retry", 0, ANY, FALSE, TRUE, pf_queue_run_change, NULL},
    {"hold", 0, ANY, FALSE, TRUE, pf_queue_run_change, NULL},
    {"release", 0, ANY, FALSE, TRUE, pf_queue_run_change, NULL},
    {"drop", 0, ANY, FALSE, TRUE, pf_queue_run_change, NULL},
    {"match", 2, 2, FALSE, FALSE, pf_queue_run_match, "which file, and which episode? name the file and a GUID or URL"},
    {"dismiss", 1, ANY, FALSE, FALSE, pf_queue_run_dismiss,
     "which file? 'podflattr queue --state unmatched' lists them"},
    {"pause", 0, 0, FALSE, FALSE, pf_queue_run_pause, NULL},
    {"resume", 0, 0, FALSE, FALSE, pf_queue_run_resume, NULL},
    {"export", 0, 0, FALSE, FALSE, pf_queue_run_export, NULL},
    {"import", 0, 1, FALSE, FALSE, pf_queue_run_import, NULL},
};

gboolean
pf_queue_parse_id(const char *text, gint64 *id, GError **error)
{
    guint64 number;

    if (g_ascii_string_to_unsigned(*text == '#' ? text + 1 : text, 10, 1, G_MAXINT64, &number, NULL)) {
        *id = (gint64)number;
        return TRUE;
    }
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, "'%s' is no entry's id; 'podflattr queue' shows them",
                text);
    return FALSE;
}

void
pf_queue_set_unknown(GError **error, gint64 id)
{
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, "entry %" G_GINT64_FORMAT " does not exist", id);
}

static gboolean
refuse(GError **error, const char *what, const char *argument)
{
    g_autofree char *text = g_strdup_printf("%s '%s'", what, argument);

    g_set_error_literal(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, text);
    return FALSE;
}

static gboolean
find_subcommand(const PfQueueArguments *arguments, gboolean has_format, gboolean has_state, gsize *found,
                GError **error)
{
    gsize i = 0;

    while (i < G_N_ELEMENTS(subcommands) && !g_str_equal(subcommands[i].name, arguments->name))
        i++;
    if (i == G_N_ELEMENTS(subcommands))
        return refuse(error, "see 'podflattr queue --help': there is no subcommand", arguments->name);
    if (has_format && !subcommands[i].takes_format)
        return refuse(error, "--format is nothing for", arguments->name);
    if (has_state && subcommands[i].run)
        return refuse(error, "--state is nothing for", arguments->name);
    if (arguments->all && !subcommands[i].takes_all)
        return refuse(error, "--all is nothing for", arguments->name);
    if (arguments->count > subcommands[i].most)
        return refuse(error, "unexpected", arguments->operands[subcommands[i].most]);
    if (arguments->count < subcommands[i].least) {
        g_set_error_literal(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, subcommands[i].missing);
        return FALSE;
    }
    *found = i;
    return TRUE;
}

static int
run(PfApp *app, int argc, char **argv, GError **error)
{
    g_autofree char *format = NULL;
    g_autofree char *state = NULL;
    PfQueueArguments arguments = {.name = "list"};
    gsize found = 0;
    const GOptionEntry entries[] = {
        {"format", 0, 0, G_OPTION_ARG_STRING, &format, "table or json (list, show)", "FORMAT"},
        {"state", 0, 0, G_OPTION_ARG_STRING, &state, "Only entries in this state (list)", "STATE"},
        {"all", 0, 0, G_OPTION_ARG_NONE, &arguments.all, "All that it applies to (retry, hold, release, drop)", NULL},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };

    if (!pf_command_parse(&pf_command_queue, entries, &argc, &argv, error) ||
        !pf_command_parse_format(format, &arguments.json, error))
        return EX_USAGE;
    if (argc > 1)
        arguments.name = argv[1];
    arguments.count = argc > 2 ? (guint)argc - 2 : 0;
    arguments.operands = argv + argc - arguments.count;
    if (!find_subcommand(&arguments, format != NULL, state != NULL, &found, error))
        return EX_USAGE;
    return subcommands[found].run ? subcommands[found].run(app, &arguments, error)
                                  : list(app, state, arguments.json, error);
}

const PfCommand pf_command_queue = {
    "queue",
    "[SUBCOMMAND] [ID…|FILE…]",
    "Look at the queue and steer it",
    "Subcommands:\n"
    "  list              every entry (this is done when nothing is said)\n"
    "  show ID           one entry with its whole story\n"
    "  retry ID…|--all   send again what failed, was dropped (by id only) or waits for another try\n"
    "  hold ID…|--all    keep from being sent until it is released\n"
    "  release ID…|--all send what is held\n"
    "  drop ID…|--all    do not send\n"
    "  match FILE GUID|URL  say which episode a file is, by its GUID, enclosure, page or payment link\n"
    "  dismiss FILE…     say that files are no episodes of yours; nothing is flattred for them\n"
    "  pause, resume     stop all sending, and go on with it\n"
    "  export            write every entry with its story, as JSON Lines\n"
    "  import [FILE]     take over what export wrote, without doubling any\n"
    "\n"
    "States: held (waits for its delay or for you), queued, sending, flattred, owned (your own),\n"
    "failed (can never be paid), dropped; and unmatched: files whose episode was not found.",
    run,
    PF_COMMAND_NEEDS_ALL,
    TRUE};
