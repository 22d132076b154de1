/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr send: sends what is due now. */
#include "commands/send.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/main_loop.h"
#include "commands/output.h"
#include "daemon/catch_up.h"
#include "queue/queue.h"
#include "queue/sender.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define IN_FLIGHT 4

typedef struct {
    PfQueue *queue;
    PfSendOptions options;
    PfMainLoop *loop;
    PfSendLoop *sending;
    GError *failure;
    gint64 waiting; /* entries that were queued at the beginning */
    guint done;     /* entries that have their verdict */
    guint settled[PF_ENTRY_STATES];
} Run;

/* --- words --- */

static gboolean
count_waiting(PfQueue *queue, gint64 *waiting, GError **error)
{
    gint64 counts[PF_ENTRY_STATES] = {0};

    if (!pf_queue_count(queue, counts, error))
        return FALSE;
    *waiting = counts[PF_ENTRY_QUEUED] + counts[PF_ENTRY_SENDING];
    return TRUE;
}

static void
show_progress(const PfEntry *entry, gpointer data)
{
    Run *run = data;
    g_autofree char *id = g_strdup_printf("#%" G_GINT64_FORMAT, entry->id);

    run->settled[entry->state]++;
    run->done++;
    g_autofree char *progress = g_strdup_printf("%*u/%" G_GINT64_FORMAT, run->waiting < 1000 ? 3 : 7, run->done,
                                                MAX(run->waiting, (gint64)run->done));
    const PfOutputColumn columns[] = {{NULL, (int)strlen(progress), 0, PF_OUTPUT_WHOLE},
                                      {NULL, 8, 0, PF_OUTPUT_WHOLE},
                                      {NULL, 5, 0, PF_OUTPUT_WHOLE},
                                      {NULL, entry->reason ? 19 : 0, 0, PF_OUTPUT_TEXT},
                                      {NULL, 0, 0, PF_OUTPUT_TEXT}};
    const char *title = entry->title ? entry->title : entry->key;
    const char *const cells[] = {progress,
                                 entry->state == PF_ENTRY_QUEUED ? _("waits") : pf_entry_state_name(entry->state), id,
                                 entry->reason ? entry->reason : title, title};
    int first = !isatty(STDOUT_FILENO);

    pf_output_row(columns + first, cells + first);
    fflush(stdout);
}

/* The result of the last attempt, which says why: an unknown host, an untrusted certificate. */
static char *
dup_detail(PfQueue *queue, const PfGate *gate)
{
    g_autofree char *answer = NULL;

    if (gate->reason != PF_GATE_UNREACHABLE || !pf_queue_read_last_answer(queue, &answer, NULL) || !answer)
        return g_strdup("");
    g_autofree char *printable = pf_log_printable(answer);
    return g_strdup_printf(" (%s)", printable);
}

/* Says why entries wait, and until when. @status: (out): the exit status for it */
static gboolean
explain_waiting(PfQueue *queue, gint64 waiting, int *status, GError **error)
{
    g_autofree char *fingerprint = NULL;
    gint64 due = G_MAXINT64;
    PfGate gate;

    if (!pf_queue_load_gate(queue, &gate, &fingerprint, error) || !pf_queue_read_next_due(queue, &due, error))
        return FALSE;
    gint64 when = gate.reason != PF_GATE_OPEN ? gate.next_probe : due;
    g_autofree char *next = when != G_MAXINT64 ? pf_output_dup_time(when) : NULL;
    g_autofree char *detail = dup_detail(queue, &gate);
    g_autofree char *why = g_strdup_printf(
        ngettext("%" PRId64 " waiting: %s%s", "%" PRId64 " waiting: %s%s", (gulong)waiting), waiting,
        gate.reason == PF_GATE_OPEN ? _("will be retried later") : pf_gate_reason_text(gate.reason), detail);
    if (next)
        g_message(_("%s; next try %s"), why, next);
    else
        g_message("%s", why);
    gboolean login = gate.reason == PF_GATE_NO_TOKEN || gate.reason == PF_GATE_UNAUTHORIZED ||
                     gate.reason == PF_GATE_INSUFFICIENT_SCOPE;
    *status = login ? PF_EXIT_LOGIN : EX_TEMPFAIL;
    return TRUE;
}

/* Held entries wait for a person who may not know of them. */
static gboolean
tell_held(PfQueue *queue, GError **error)
{
    gint64 counts[PF_ENTRY_STATES] = {0};

    if (!pf_queue_count(queue, counts, error))
        return FALSE;
    if (counts[PF_ENTRY_HELD] > 0)
        g_message(
            _("%" PRId64 " held; see 'podflattr queue --state held', then run 'podflattr queue release' or 'drop'"),
            counts[PF_ENTRY_HELD]);
    return TRUE;
}

static gboolean
report(const Run *run, GError **error)
{
    const PfEntryState told[] = {PF_ENTRY_FLATTRED, PF_ENTRY_OWNED, PF_ENTRY_FAILED};
    g_autoptr(GString) text = g_string_new(NULL);
    gint64 waiting = 0;
    int status;

    for (gsize i = 0; i < G_N_ELEMENTS(told); i++)
        if (run->settled[told[i]] > 0)
            g_string_append_printf(text, "%s%u %s", text->len ? ", " : "", run->settled[told[i]],
                                   pf_entry_state_name(told[i]));
    g_message("%s", text->len ? text->str : _("nothing was sent"));
    if (!tell_held(run->queue, error) || !count_waiting(run->queue, &waiting, error))
        return FALSE;
    return waiting == 0 ||
           (explain_waiting(run->queue, waiting, &status, error) && pf_exit_status_set(error, status, ""));
}

/* Without a server there is nothing to do, unless entries were queued when there was one, or by hand. */
static gboolean
report_without_server(const PfApp *app, PfQueue *queue, gint64 waiting, GError **error)
{
    gint64 counts[PF_ENTRY_STATES] = {0};

    if (!tell_held(queue, error) || !pf_queue_count(queue, counts, error))
        return FALSE;
    g_message(ngettext("no server is configured, so there is nothing to send; %" PRId64
                       " episode is owed, see 'podflattr report'",
                       "no server is configured, so there is nothing to send; %" PRId64
                       " episodes are owed, see 'podflattr report'",
                       (gulong)counts[PF_ENTRY_OWED]),
              counts[PF_ENTRY_OWED]);
    if (waiting == 0)
        return TRUE;
    g_message(ngettext("%" PRId64 " waiting for a server; name one as 'api' in [flattr] of %s, or drop it with "
                       "'podflattr queue drop'",
                       "%" PRId64 " waiting for a server; name one as 'api' in [flattr] of %s, or drop them with "
                       "'podflattr queue drop'",
                       (gulong)waiting),
              waiting, app->config_path);
    return pf_exit_status_set(error, EX_TEMPFAIL, "");
}

/* --- the run --- */

static gboolean
run_ended(gint64 wake, const GError *error, gpointer data)
{
    Run *run = data;
    gint64 waiting = 0;
    int status;

    if (error)
        run->failure = g_error_copy(error);
    if (run->options.wait && !run->failure && wake != G_MAXINT64 &&
        count_waiting(run->queue, &waiting, &run->failure) && waiting > 0) {
        (void)explain_waiting(run->queue, waiting, &status, &run->failure);
        return TRUE;
    }
    pf_main_loop_quit(run->loop);
    return FALSE;
}

static void
interrupted(gpointer data)
{
    Run *run = data;

    g_info(_("stopping; waiting for outstanding answers"));
    run->options.wait = FALSE;
    pf_send_loop_stop(run->sending);
}

/* The reader of the results may go away, which must not interrupt what is being sent. Writing fails then, and main()
 * reports it at the end. */
static void
drive(Run *run)
{
    run->loop = pf_main_loop_new(&(PfMainLoopSignals){.stop = interrupted, .ignores_pipe = TRUE, .data = run});
    pf_send_loop_start(run->sending, run_ended, run);
    pf_main_loop_run(run->loop);
    pf_main_loop_free(run->loop);
}

gboolean
pf_send_run(PfApp *app, PfQueue *queue, PfSendOptions options, GError **error)
{
    g_autoptr(PfQueueLock) lock = pf_queue_lock_take(app->state_dir, error);
    g_autofree char *token = NULL;
    Run run = {.queue = queue, .options = options};
    gboolean caught_up;

    if (!lock || (app->endpoint && !pf_app_load_token(app, &token, error)) ||
        !pf_catch_up(app, queue, &caught_up, error) || !count_waiting(queue, &run.waiting, error))
        return FALSE;
    if (!caught_up)
        return pf_exit_status_set(error, EX_TEMPFAIL, "");
    if (!app->endpoint)
        return report_without_server(app, queue, run.waiting, error);
    run.sending = pf_send_loop_new(&(PfSenderSettings){.queue = queue,
                                                       .endpoint = app->endpoint,
                                                       .config = app->config,
                                                       .token = token,
                                                       .in_flight = IN_FLIGHT,
                                                       .by_hand = TRUE,
                                                       .probe_now = options.now,
                                                       .progress = show_progress,
                                                       .data = &run});
    drive(&run);
    pf_send_loop_free(run.sending);
    if (run.failure) {
        g_propagate_error(error, run.failure);
        return FALSE;
    }
    return report(&run, error);
}

static const PfCommandOption send_options[] = {
    {"now", G_OPTION_ARG_NONE, offsetof(PfSendOptions, now),
     N_("Try now even if the server asked to wait (for example, after adding funds)"), NULL, 0, 0},
    {"wait", G_OPTION_ARG_NONE, offsetof(PfSendOptions, wait), N_("Keep running until no entry waits to be retried"),
     NULL, 0, 0},
    {0},
};

static gboolean
run(const PfCommandCall *call, GError **error)
{
    g_autoptr(PfQueue) queue = pf_command_open_queue(call->app, error);

    return queue && pf_send_run(call->app, queue, *(const PfSendOptions *)call->options, error);
}

const PfCommand pf_command_send = {
    .name = "send",
    .summary = N_("Send what is due now"),
    .description =
        N_("Exit status: 0 when no entry is left waiting, 75 when entries wait, 77 when they wait for a login."),
    .options = send_options,
    .options_size = sizeof(PfSendOptions),
    .examples = "  podflattr send\n"
                "  podflattr send --now\n",
    .run = run,
};
