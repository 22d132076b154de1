/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr status: what is done, what waits, and for what. */
#include "commands/command.h"

#include "base/clock.h"
#include "commands/output.h"
#include "queue/arrival.h"
#include "queue/queue_lock.h"
#include <stdio.h>

typedef struct {
    gint64 sender; /* process that holds the sender's lock, or 0 */
    PfGate gate;
    gint64 counts[PF_ENTRY_STATES];
    gint64 unmatched;
    PfRateLimit limit;
} Status;

static gboolean
load(PfApp *app, Status *status, GError **error)
{
    g_autoptr(PfQueue) queue = pf_command_open_queue(app, error);
    g_autofree char *fingerprint = NULL;

    if (!queue)
        return FALSE;
    status->sender = pf_queue_lock_get_holder(app->state_dir);
    return pf_queue_load_gate(queue, &status->gate, &fingerprint, error) &&
           pf_queue_count(queue, status->counts, error) && pf_arrival_count_open(queue, &status->unmatched, error) &&
           pf_queue_load_rate_limit(queue, &status->limit, error);
}

static void
print_json(const Status *status)
{
    json_t *counts = json_object();

    for (PfEntryState state = 0; state < PF_ENTRY_STATES; state++)
        json_object_set_new(counts, pf_entry_state_name(state), json_integer(status->counts[state]));
    json_object_set_new(counts, "unmatched", json_integer(status->unmatched));
    json_t *gate =
        json_pack("{s:b, s:o, s:o, s:o}", "open", status->gate.reason == PF_GATE_OPEN, "reason",
                  pf_output_json_string(pf_gate_reason_name(status->gate.reason)), "since",
                  pf_output_json_time(status->gate.since), "next_probe", pf_output_json_time(status->gate.next_probe));
    json_t *limit = status->limit.limit ? json_pack("{s:I, s:I, s:o}", "limit", (json_int_t)status->limit.limit,
                                                    "remaining", (json_int_t)status->limit.remaining, "reset",
                                                    pf_output_json_time(status->limit.reset))
                                        : json_null();
    pf_output_json_take(json_pack("{s:{s:b, s:n}, s:{s:b, s:o}, s:o, s:o, s:o, s:{s:i, s:i}, s:{s:i, s:i}}", "daemon",
                                  "running", 0, "pid", "sender", "running", status->sender != 0, "pid",
                                  pf_output_json_id(status->sender), "gate", gate, "queue", counts, "rate_limit", limit,
                                  "watch", "folders", 0, "watches", 0, "feeds", "known", 0, "failing", 0));
}

static void
print_gate(const PfGate *gate)
{
    if (gate->reason == PF_GATE_OPEN) {
        printf("sending     open\n");
        return;
    }
    printf("sending     stopped: %s\n", pf_gate_reason_text(gate->reason));
    printf("since       ");
    pf_output_time_cell(gate->since, 0);
    if (gate->next_probe) {
        printf("next try    ");
        pf_output_time_cell(gate->next_probe, 0);
    }
}

static void
print_table(const PfApp *app, const Status *status)
{
    printf("server      %s\n", app->endpoint);
    if (status->sender)
        printf("sender      process %" G_GINT64_FORMAT "\n", status->sender);
    print_gate(&status->gate);
    if (status->limit.limit) {
        printf("rate limit  %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " requests left, anew at ",
               status->limit.remaining, status->limit.limit);
        pf_output_time_cell(status->limit.reset, 0);
    }
    printf("queue      ");
    for (PfEntryState state = 0; state < PF_ENTRY_STATES; state++)
        printf(" %" G_GINT64_FORMAT " %s,", status->counts[state], pf_entry_state_name(state));
    printf(" %" G_GINT64_FORMAT " unmatched\n", status->unmatched);
}

static int
run(PfApp *app, int argc, char **argv, GError **error)
{
    g_autofree char *format = NULL;
    gboolean json;
    Status status = {0};
    const GOptionEntry entries[] = {
        {"format", 0, 0, G_OPTION_ARG_STRING, &format, "table or json", "FORMAT"},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };

    if (!pf_command_parse(&pf_command_status, entries, &argc, &argv, error) ||
        !pf_command_parse_format(format, &json, error))
        return EX_USAGE;
    if (argc > 1) {
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, "unexpected '%s'", argv[1]);
        return EX_USAGE;
    }
    if (!load(app, &status, error))
        return EX_OK;
    if (json)
        print_json(&status);
    else
        print_table(app, &status);
    return EX_OK;
}

const PfCommand pf_command_status = {"status", "",  "What is done, what waits, and for what",
                                     NULL,     run, PF_COMMAND_NEEDS_ALL};
