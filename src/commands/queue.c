/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr queue: looks at the queue. */
#include "commands/command.h"

#include "commands/output.h"
#include <stdio.h>

static json_t *
thing_to_json(const PfEntry *entry)
{
    if (!entry->thing_id && !entry->thing_link)
        return json_null();
    return json_pack("{s:o, s:o, s:o}", "id", pf_output_json_id(entry->thing_id), "link",
                     pf_output_json_string(entry->thing_link), "title", pf_output_json_string(entry->thing_title));
}

static gboolean
print_json(const PfEntry *entry, gpointer data)
{
    json_t *object =
        json_pack("{s:I, s:o, s:o, s:s, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o}", "id",
                  (json_int_t)entry->id, "key", pf_output_json_string(entry->key), "url",
                  pf_output_json_string(entry->url), "state", pf_entry_state_name(entry->state), "reason",
                  pf_output_json_string(entry->reason), "attempts", (json_int_t)entry->attempts, "next_attempt",
                  pf_output_json_time(entry->next_attempt), "feed", pf_output_json_string(entry->feed), "guid",
                  pf_output_json_string(entry->guid), "title", pf_output_json_string(entry->title), "file",
                  pf_output_json_string(entry->file), "source", pf_source_name(entry->source), "created",
                  pf_output_json_time(entry->created), "updated", pf_output_json_time(entry->updated), "thing",
                  thing_to_json(entry), "period", pf_output_json_string(*entry->period ? entry->period : NULL));

    (void)data;
    pf_output_json_take(object);
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

    if (state_name && !pf_entry_state_from_name(state_name, &state)) {
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE,
                    "--state '%s' must be held, queued, sending, flattred, owned, failed or dropped", state_name);
        return EX_USAGE;
    }
    g_autoptr(PfQueue) queue = pf_command_open_queue(app, error);
    if (!queue || !pf_queue_each(queue, state, json ? print_json : print_row, &header, error))
        return EX_OK;
    if (!json && !header)
        g_message("no entries");
    return EX_OK;
}

static int
run(PfApp *app, int argc, char **argv, GError **error)
{
    g_autofree char *format = NULL;
    g_autofree char *state = NULL;
    gboolean json;
    const GOptionEntry entries[] = {
        {"format", 0, 0, G_OPTION_ARG_STRING, &format, "table or json", "FORMAT"},
        {"state", 0, 0, G_OPTION_ARG_STRING, &state, "Only entries in this state", "STATE"},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };

    if (!pf_command_parse(&pf_command_queue, entries, &argc, &argv, error) ||
        !pf_command_parse_format(format, &json, error))
        return EX_USAGE;
    if (argc > 2 || (argc == 2 && !g_str_equal(argv[1], "list"))) {
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, "unexpected '%s'", argv[argc > 2 ? 2 : 1]);
        return EX_USAGE;
    }
    return list(app, state, json, error);
}

const PfCommand pf_command_queue = {
    "queue", "[list]", "Look at the queue",
    "States: held (waits for its delay or for you), queued, sending, flattred, owned (your own),\n"
    "failed (can never be paid), dropped.",
    run};
