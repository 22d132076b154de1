/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/send_loop.h"

#include "base/clock.h"
#include "base/network_watch.h"
#include "base/wallclock_timer.h"

struct PfRunner {
    PfQueue *queue;
    PfSender *sender;
    PfAlarm *alarm;
    PfNetworkWatch *network; /* while the server cannot be reached */
    gboolean running;        /* the sender is at work */
    gboolean again;          /* something came meanwhile that the sender may not have seen */
    gboolean stopping;
    gboolean ended;
    PfRunnerRested rested;
    gpointer data;
};

static void sender_done(const GError *error, gpointer data);

static void
run(PfRunner *runner)
{
    runner->running = TRUE;
    runner->again = FALSE;
    pf_alarm_set(runner->alarm, G_MAXINT64);
    pf_sender_start(runner->sender, sender_done, runner);
}

static void
alarm_rang(gpointer data)
{
    PfRunner *runner = data;

    if (!runner->running)
        run(runner);
}

static void
network_changed(gpointer data)
{
    PfRunner *runner = data;
    g_autofree char *token = NULL;
    PfGate gate;

    if (runner->running || !pf_queue_load_gate(runner->queue, &gate, &token, NULL) ||
        gate.reason != PF_GATE_UNREACHABLE)
        return;
    g_info("the network has changed; trying the server again");
    pf_sender_forget_unreachable(runner->sender);
    run(runner);
}

/* Only while there is a wait that it could end: nothing else is to wake the process up for. */
static void
watch_network(PfRunner *runner, PfGateReason reason)
{
    if (reason != PF_GATE_UNREACHABLE)
        g_clear_pointer(&runner->network, pf_network_watch_free);
    else if (!runner->network)
        runner->network = pf_network_watch_new(network_changed, runner);
}

/* When there is something to do again: a shut gate lets nothing but its probe pass, however long entries have been due.
 */
static gboolean
read_wake(PfRunner *runner, PfGate *gate, gint64 *wake, GError **error)
{
    g_autofree char *token = NULL;

    /* What is added now goes into the database that is at its place. */
    if (!pf_queue_check_place(runner->queue, error) || !pf_queue_load_gate(runner->queue, gate, &token, error) ||
        !pf_queue_read_next_due(runner->queue, wake, error))
        return FALSE;
    if (gate->reason != PF_GATE_OPEN && *wake != G_MAXINT64)
        *wake = gate->next_probe != 0 ? MAX(gate->next_probe, *wake) : G_MAXINT64;
    return TRUE;
}

static void
sender_done(const GError *error, gpointer data)
{
    PfRunner *runner = data;
    g_autoptr(GError) failure = error ? g_error_copy(error) : NULL;
    gint64 wake = G_MAXINT64;
    PfGate gate = {0};

    runner->running = FALSE;
    if (!failure)
        read_wake(runner, &gate, &wake, &failure);
    if (!runner->rested(wake, failure, runner->data) || failure || runner->stopping) {
        watch_network(runner, PF_GATE_OPEN);
        runner->ended = TRUE;
        return;
    }
    watch_network(runner, gate.reason);
    /* Unless something new came: never twice within a second, even if what is due cannot be sent for a reason that only
     * the sender knows. */
    pf_alarm_set(runner->alarm, runner->again ? wake : MAX(wake, pf_clock_now() + 1));
}

PfRunner *
pf_runner_new(const PfSenderSettings *settings)
{
    PfRunner *runner = g_new0(PfRunner, 1);

    runner->queue = settings->queue;
    runner->sender = pf_sender_new(settings);
    runner->alarm = pf_alarm_new(alarm_rang, runner);
    return runner;
}

void
pf_runner_free(PfRunner *runner)
{
    if (!runner)
        return;
    pf_network_watch_free(runner->network);
    pf_alarm_free(runner->alarm);
    pf_sender_free(runner->sender);
    g_free(runner);
}

void
pf_runner_start(PfRunner *runner, PfRunnerRested rested, gpointer data)
{
    runner->rested = rested;
    runner->data = data;
    runner->ended = FALSE;
    run(runner);
}

void
pf_runner_nudge(PfRunner *runner)
{
    g_autoptr(GError) failure = NULL;
    PfGate gate;
    gint64 wake;

    runner->again = TRUE;
    if (runner->running || runner->ended || runner->stopping)
        return;
    /* A store that cannot be read is the sender's to find out and to report. */
    if (!read_wake(runner, &gate, &wake, &failure) || wake <= pf_clock_now())
        run(runner);
    else
        pf_alarm_set(runner->alarm, wake);
}

void
pf_runner_stop(PfRunner *runner)
{
    if (runner->stopping)
        return;
    runner->stopping = TRUE;
    if (runner->running)
        pf_sender_stop(runner->sender);
    else
        sender_done(NULL, runner);
}
