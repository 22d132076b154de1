/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr queue --state unmatched: files that were finished or played, and whose item is not known. */
#include "commands/queue_command.h"

#include "commands/output.h"
#include "queue/arrival.h"

/* What the matching has written, an empty list where it has not. */
static json_t *
candidates_to_json(const char *text)
{
    json_t *candidates = text ? json_loads(text, 0, NULL) : NULL;

    if (json_is_array(candidates))
        return candidates;
    json_decref(candidates);
    return json_array();
}

static gboolean
print_json(const PfArrival *arrival, gpointer data)
{
    (void)data;
    pf_output_json_take(json_pack(
        "{s:I, s:o, s:o, s:o, s:o, s:o, s:s, s:o}", "id", (json_int_t)arrival->id, "file",
        pf_output_json_string(arrival->path), "size", arrival->size < 0 ? json_null() : json_integer(arrival->size),
        "seen", pf_output_json_time(arrival->seen), "reason", pf_output_json_string(arrival->reason), "candidates",
        candidates_to_json(arrival->candidates), "state", pf_arrival_state_name(arrival->state), "next_try",
        pf_output_json_time(arrival->state == PF_ARRIVAL_WAITING ? arrival->next_try : 0)));
    return TRUE;
}

static gboolean
print_row(const PfArrival *arrival, gpointer data)
{
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, arrival->id);
    gboolean *header = data;

    if (!*header) {
        pf_output_cell("ID", 5);
        pf_output_cell("STATE", 9);
        pf_output_cell("SEEN", 16);
        pf_output_cell("NEXT TRY", 16);
        pf_output_cell("WHY", 12);
        pf_output_cell("FILE", 0);
        *header = TRUE;
    }
    pf_output_cell(id, 5);
    pf_output_cell(pf_arrival_state_name(arrival->state), 9);
    pf_output_time_cell(arrival->seen, 16);
    pf_output_time_cell(arrival->state == PF_ARRIVAL_WAITING ? arrival->next_try : 0, 16);
    pf_output_cell(arrival->reason, 12);
    pf_output_cell(arrival->path, 0);
    return TRUE;
}

int
pf_queue_run_unmatched(PfApp *app, gboolean json, GError **error)
{
    g_autoptr(PfQueue) queue = pf_command_open_queue(app, error);
    gboolean header = FALSE;

    if (!queue || !pf_arrival_each_open(queue, json ? print_json : print_row, &header, error))
        return EX_OK;
    if (!json && !header)
        g_message("no files");
    return EX_OK;
}
