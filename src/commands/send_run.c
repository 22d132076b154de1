/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/send_run.h"

#include "base/clock.h"
#include "commands/output.h"
#include "config/credentials.h"
#include "queue/queue_lock.h"
#include "queue/queue_steer.h"
#include "queue/sender.h"
#include "queue/submit.h"
#include <glib-unix.h>
#include <stdio.h>

#define IN_FLIGHT 4

typedef struct {
    const PfConfig *config;
    GMainLoop *loop;
    PfSender *sender;
    GError *failure;
    guint settled[PF_ENTRY_STATES];
} Run;

/* What the policy says of the entry now, which may be another thing than when it was queued. */
static const char *
veto(const PfEntry *entry, gpointer data)
{
    const Run *run = data;
    PfEntry judged = *entry;

    /* The copy borrows the entry's strings; only its reason is replaced, by a string of the copy's own. */
    judged.reason = NULL;
    if (pf_submit_review(run->config, &judged, pf_clock_now()))
        return NULL;
    const char *reason = g_intern_string(judged.reason);
    g_free(judged.reason);
    return reason;
}

static void
show_progress(const PfEntry *entry, gpointer data)
{
    Run *run = data;
    g_autofree char *id = g_strdup_printf("#%" G_GINT64_FORMAT, entry->id);

    run->settled[entry->state]++;
    pf_output_cell(entry->state == PF_ENTRY_QUEUED ? "waits" : pf_entry_state_name(entry->state), 8);
    pf_output_cell(id, 5);
    pf_output_cell(entry->reason, 19);
    pf_output_cell(entry->title ? entry->title : entry->key, 0);
    fflush(stdout);
}

static void
finished(const GError *error, gpointer data)
{
    Run *run = data;

    run->failure = error ? g_error_copy(error) : NULL;
    g_main_loop_quit(run->loop);
}

static gboolean
interrupted(gpointer data)
{
    Run *run = data;

    g_message("ending; waiting for the answers that are under way");
    pf_sender_stop(run->sender);
    return G_SOURCE_CONTINUE;
}

static void
drive(Run *run)
{
    guint on_int = g_unix_signal_add(SIGINT, interrupted, run);
    guint on_term = g_unix_signal_add(SIGTERM, interrupted, run);

    run->loop = g_main_loop_new(NULL, FALSE);
    pf_sender_start(run->sender, finished, run);
    g_main_loop_run(run->loop);
    g_main_loop_unref(run->loop);
    g_source_remove(on_int);
    g_source_remove(on_term);
}

/* Says why entries wait, and until when. */
static int
explain_waiting(PfQueue *queue, gint64 waiting, GError **error)
{
    g_autofree char *fingerprint = NULL;
    gint64 due = G_MAXINT64;
    PfGate gate;

    if (!pf_queue_load_gate(queue, &gate, &fingerprint, error) || !pf_queue_read_next_due(queue, &due, error))
        return EX_OK;
    char text[PF_CLOCK_TEXT_SIZE];
    gint64 when = gate.reason != PF_GATE_OPEN ? gate.next_probe : due;
    const char *next = when != 0 && when != G_MAXINT64 ? pf_clock_format(when, text) : NULL;
    g_message("%" G_GINT64_FORMAT " wait: %s%s%s", waiting,
              gate.reason == PF_GATE_OPEN ? "they are tried again later" : pf_gate_reason_text(gate.reason),
              next ? "; next try from " : "", next ? next : "");
    gboolean login = gate.reason == PF_GATE_NO_TOKEN || gate.reason == PF_GATE_UNAUTHORIZED ||
                     gate.reason == PF_GATE_INSUFFICIENT_SCOPE;
    return login ? PF_EXIT_LOGIN : EX_TEMPFAIL;
}

static int
report(PfQueue *queue, const Run *run, GError **error)
{
    gint64 counts[PF_ENTRY_STATES] = {0};
    g_autoptr(GString) text = g_string_new(NULL);
    const PfEntryState told[] = {PF_ENTRY_FLATTRED, PF_ENTRY_OWNED, PF_ENTRY_FAILED};

    for (gsize i = 0; i < G_N_ELEMENTS(told); i++)
        if (run->settled[told[i]] > 0)
            g_string_append_printf(text, "%s%u %s", text->len ? ", " : "", run->settled[told[i]],
                                   pf_entry_state_name(told[i]));
    g_message("%s", text->len ? text->str : "nothing was sent");
    if (!pf_queue_count(queue, counts, error))
        return EX_OK;
    gint64 waiting = counts[PF_ENTRY_QUEUED] + counts[PF_ENTRY_SENDING];
    return waiting > 0 ? explain_waiting(queue, waiting, error) : EX_OK;
}

/* What was held for a time that has come by now is sent along. */
static gboolean
release_due(PfQueue *queue, GError **error)
{
    g_autoptr(GError) failure = NULL;

    if (pf_queue_begin(queue, &failure)) {
        pf_queue_release_due(queue, pf_clock_now(), &failure);
        pf_queue_end(queue, &failure);
    }
    if (!failure)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

int
pf_send_run(PfApp *app, PfQueue *queue, gboolean now_anyway, GError **error)
{
    g_autoptr(PfQueueLock) lock = pf_queue_lock_take(app->state_dir, error);
    g_autofree char *token = NULL;
    Run run = {.config = app->config};

    if (!lock || !pf_credentials_load(app->state_dir, app->endpoint, &token, error) || !release_due(queue, error))
        return EX_OK;
    run.sender = pf_sender_new(&(PfSenderSettings){.queue = queue,
                                                   .endpoint = app->endpoint,
                                                   .token = token,
                                                   .in_flight = IN_FLIGHT,
                                                   .per_month = app->config->per_month,
                                                   .by_hand = TRUE,
                                                   .probe_now = now_anyway,
                                                   .veto = veto,
                                                   .progress = show_progress,
                                                   .data = &run});
    drive(&run);
    pf_sender_free(run.sender);
    if (run.failure) {
        g_propagate_error(error, run.failure);
        return EX_OK;
    }
    return report(queue, &run, error);
}
