/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/status_read.h"

#include "commands/output.h"
#include "feed/store.h"
#include "queue/arrival.h"
#include "queue/lock.h"

/* How long the known feeds are waited for, milliseconds. */
#define BUSY_MS 2000

static gboolean
add_fault(const PfKnownFeed *feed, gpointer data)
{
    g_ptr_array_add(data, g_strdup(feed->fault));
    return TRUE;
}

/* The known feeds are a cache: that they cannot be read keeps nobody from knowing the rest. */
static void
read_feeds(const PfApp *app, PfStatus *status)
{
    g_autofree char *path = g_build_filename(app->state_dir, "feeds.db", NULL);
    g_autoptr(GError) failure = NULL;
    g_autoptr(PfFeedStore) feeds = NULL;
    gint64 failing;

    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return;
    feeds = pf_feed_store_open(app->state_dir, BUSY_MS, &failure);
    if (!feeds || !pf_feed_store_count(feeds, &status->feeds, &failing, &failure) ||
        !pf_feed_store_each_failing(feeds, add_fault, status->faults, &failure))
        g_message("the known feeds cannot be read: %s", failure->message);
}

static gboolean
read_next(PfQueue *queue, PfStatus *status, GError **error)
{
    gint64 due;

    if (!pf_queue_read_next_due(queue, &due, error))
        return FALSE;
    if (status->gate.reason != PF_GATE_OPEN)
        status->next = due == G_MAXINT64 ? 0 : status->gate.next_probe;
    else
        status->next = due == G_MAXINT64 ? 0 : due;
    return TRUE;
}

gboolean
pf_status_read(const PfApp *app, PfStatus *status, GError **error)
{
    g_autoptr(PfQueue) queue = pf_command_open_queue(app, error);
    g_autofree char *fingerprint = NULL;

    *status = (PfStatus){.faults = g_ptr_array_new_with_free_func(g_free)};
    if (!queue || !pf_queue_load_gate(queue, &status->gate, &fingerprint, error) ||
        !pf_queue_count(queue, status->counts, error) || !pf_queue_load_rate_limit(queue, &status->limit, error) ||
        !pf_arrival_count_open(queue, &status->unmatched, &status->refused, error) || !read_next(queue, status, error))
        return FALSE;
    status->sender = pf_queue_lock_get_holder(app->state_dir);
    status->daemon = pf_daemon_state_load(app->state_dir, status->sender);
    read_feeds(app, status);
    return TRUE;
}

void
pf_status_clear(PfStatus *status)
{
    pf_daemon_state_free(status->daemon);
    g_clear_pointer(&status->faults, g_ptr_array_unref);
    *status = (PfStatus){0};
}

/* --- JSON --- */

static json_t *
watch_to_json(const PfDaemonState *daemon)
{
    json_t *list = json_array();
    gint64 watches = 0;

    for (guint i = 0; daemon && i < daemon->folders->len; i++) {
        const PfDaemonFolder *folder = daemon->folders->pdata[i];
        watches += folder->watches;
        json_array_append_new(list,
                              json_pack("{s:o, s:s, s:o, s:I, s:o}", "path", pf_output_json_string(folder->path),
                                        "state", folder->state, "since", pf_output_json_time(folder->since), "watches",
                                        (json_int_t)folder->watches, "fault", pf_output_json_string(folder->fault)));
    }
    return json_pack("{s:i, s:I, s:o}", "folders", (int)json_array_size(list), "watches", (json_int_t)watches, "list",
                     list);
}

static json_t *
feeds_to_json(const PfStatus *status)
{
    json_t *faults = json_array();

    for (guint i = 0; i < status->faults->len; i++)
        json_array_append_new(faults, pf_output_json_string(status->faults->pdata[i]));
    return json_pack("{s:I, s:I, s:o}", "known", (json_int_t)status->feeds, "failing", (json_int_t)status->faults->len,
                     "faults", faults);
}

static json_t *
counts_to_json(const PfStatus *status)
{
    json_t *counts = json_object();

    for (PfEntryState state = 0; state < PF_ENTRY_STATES; state++)
        json_object_set_new(counts, pf_entry_state_name(state), json_integer(status->counts[state]));
    json_object_set_new(counts, "unmatched", json_integer(status->unmatched));
    json_object_set_new(counts, "refused", json_integer(status->refused));
    return counts;
}

static json_t *
gate_to_json(const PfGate *gate)
{
    return json_pack("{s:b, s:o, s:o, s:o}", "open", gate->reason == PF_GATE_OPEN, "reason",
                     pf_output_json_string(pf_gate_reason_name(gate->reason)), "since",
                     pf_output_json_time(gate->since), "next_probe", pf_output_json_time(gate->next_probe));
}

static json_t *
limit_to_json(const PfRateLimit *limit)
{
    if (!limit->limit)
        return json_null();
    return json_pack("{s:I, s:I, s:o}", "limit", (json_int_t)limit->limit, "remaining", (json_int_t)limit->remaining,
                     "reset", pf_output_json_time(limit->reset));
}

json_t *
pf_status_to_json(const PfStatus *status)
{
    const PfDaemonState *daemon = status->daemon;

    return json_pack("{s:{s:b, s:o, s:o}, s:{s:b, s:o}, s:o, s:o, s:o, s:o, s:o, s:o}", "daemon", "running",
                     daemon != NULL, "pid", pf_output_json_id(daemon ? daemon->pid : 0), "since",
                     pf_output_json_time(daemon ? daemon->since : 0), "sender", "running", status->sender != 0, "pid",
                     pf_output_json_id(status->sender), "gate", gate_to_json(&status->gate), "queue",
                     counts_to_json(status), "rate_limit", limit_to_json(&status->limit), "watch",
                     watch_to_json(daemon), "feeds", feeds_to_json(status), "next", pf_output_json_time(status->next));
}
