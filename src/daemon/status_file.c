/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/status_file.h"

#include "base/clock.h"
#include "daemon/daemon_state.h"
#include "daemon/sd_notify.h"
#include <unistd.h>

/* Changes within so many milliseconds are said together. */
#define MOMENT_MS 200

struct PfReport {
    const char *state_dir;
    PfQueue *queue;
    PfFeedStore *feeds;
    PfWatching *watching;
    gint64 since;
    guint source;
    gboolean failing;
};

static const char *const state_names[] = {
    [PF_WATCH_MISSING] = "missing",
    [PF_WATCH_LISTING] = "listing",
    [PF_WATCH_ON] = "watched",
    [PF_WATCH_POLLED] = "polled",
};

static void
save(PfReport *report)
{
    g_autoptr(PfDaemonState) state = pf_daemon_state_new(getpid(), report->since);
    g_autoptr(GError) failure = NULL;
    const PfWatchReport *folders = NULL;
    guint count = pf_watching_get_report(report->watching, &folders);

    for (guint i = 0; i < count; i++)
        g_ptr_array_add(state->folders, pf_daemon_folder_new(folders[i].path, state_names[folders[i].state],
                                                             folders[i].since, folders[i].watches, folders[i].fault));
    if (!pf_daemon_state_save(state, report->state_dir, &failure) && !report->failing)
        g_message("'podflattr status' cannot be told of this: %s", failure->message);
    report->failing = failure != NULL;
}

/* The line for systemd. A store that fails is told of by those who need it. */
static void
notify(PfReport *report)
{
    const PfWatchReport *folders = NULL;
    guint count = pf_watching_get_report(report->watching, &folders);
    gint64 counts[PF_ENTRY_STATES] = {0}, known = 0, failing = 0;
    g_autofree char *fingerprint = NULL;
    PfGate gate = {0};

    if (!pf_queue_count(report->queue, counts, NULL) || !pf_queue_load_gate(report->queue, &gate, &fingerprint, NULL) ||
        !pf_feed_store_count(report->feeds, &known, &failing, NULL))
        return;
    g_autofree char *text = g_strdup_printf(
        "%u folder%s watched, %" G_GINT64_FORMAT " feed%s known; %" G_GINT64_FORMAT " queued, %" G_GINT64_FORMAT
        " held, %" G_GINT64_FORMAT " flattred%s%s",
        count, count == 1 ? "" : "s", known, known == 1 ? "" : "s", counts[PF_ENTRY_QUEUED] + counts[PF_ENTRY_SENDING],
        counts[PF_ENTRY_HELD], counts[PF_ENTRY_FLATTRED],
        gate.reason == PF_GATE_OPEN ? "" : "; sending is stopped: ", pf_gate_reason_text(gate.reason));
    pf_notify_status(text);
}

static gboolean
say(gpointer data)
{
    PfReport *report = data;

    report->source = 0;
    save(report);
    notify(report);
    return G_SOURCE_REMOVE;
}

void
pf_report_change(PfReport *report)
{
    if (report->source == 0)
        report->source = g_timeout_add(MOMENT_MS, say, report);
}

PfReport *
pf_report_new(const char *state_dir, PfQueue *queue, PfFeedStore *feeds, PfWatching *watching)
{
    PfReport *report = g_new0(PfReport, 1);

    *report = (PfReport){
        .state_dir = state_dir, .queue = queue, .feeds = feeds, .watching = watching, .since = pf_clock_now()};
    say(report);
    return report;
}

void
pf_report_free(PfReport *report)
{
    if (!report)
        return;
    g_clear_handle_id(&report->source, g_source_remove);
    pf_daemon_state_remove(report->state_dir);
    g_free(report);
}
