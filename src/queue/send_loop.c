/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/send_loop.h"

#include "base/clock.h"
#include "base/network_watch.h"
#include "base/wallclock_timer.h"

struct PfSendLoop {
    PfQueue *queue;
    PfSender *sender;
    PfAlarm *alarm;
    PfNetworkWatch *network; /* while the server cannot be reached */
    gboolean running;        /* the sender is at work */
    gboolean again;          /* something came meanwhile that the sender may not have seen */
    gboolean stopping;
    gboolean ended;
    PfSendLoopRested rested;
    gpointer data;
};

static void sender_done(const GError *error, gpointer data);

static void
run(PfSendLoop *loop)
{
    loop->running = TRUE;
    loop->again = FALSE;
    pf_alarm_set(loop->alarm, G_MAXINT64);
    pf_sender_start(loop->sender, sender_done, loop);
}

static void
alarm_rang(gpointer data)
{
    PfSendLoop *loop = data;

    if (!loop->running)
        run(loop);
}

static void
network_changed(gpointer data)
{
    PfSendLoop *loop = data;
    g_autofree char *token = NULL;
    PfGate gate;

    if (loop->running || !pf_queue_load_gate(loop->queue, &gate, &token, NULL) || gate.reason != PF_GATE_UNREACHABLE)
        return;
    g_info("the network has changed; trying the server again");
    pf_sender_forget_unreachable(loop->sender);
    run(loop);
}

/* Only while there is a wait that it could end: nothing else is to wake the process up for. */
static void
watch_network(PfSendLoop *loop, PfGateReason reason)
{
    if (reason != PF_GATE_UNREACHABLE)
        g_clear_pointer(&loop->network, pf_network_watch_free);
    else if (!loop->network)
        loop->network = pf_network_watch_new(network_changed, loop);
}

/* When there is something to do again: a shut gate lets nothing but its probe pass, however long entries have been due.
 */
static gboolean
read_wake(PfSendLoop *loop, PfGate *gate, gint64 *wake, GError **error)
{
    g_autofree char *token = NULL;

    /* What is added now goes into the database that is at its place. */
    if (!pf_queue_check_place(loop->queue, error) || !pf_queue_load_gate(loop->queue, gate, &token, error) ||
        !pf_queue_read_next_due(loop->queue, wake, error))
        return FALSE;
    if (gate->reason != PF_GATE_OPEN && *wake != G_MAXINT64)
        *wake = gate->next_probe != 0 ? MAX(gate->next_probe, *wake) : G_MAXINT64;
    return TRUE;
}

static void
sender_done(const GError *error, gpointer data)
{
    PfSendLoop *loop = data;
    g_autoptr(GError) failure = error ? g_error_copy(error) : NULL;
    gint64 wake = G_MAXINT64;
    PfGate gate = {0};

    loop->running = FALSE;
    if (!failure)
        read_wake(loop, &gate, &wake, &failure);
    if (!loop->rested(wake, failure, loop->data) || failure || loop->stopping) {
        watch_network(loop, PF_GATE_OPEN);
        loop->ended = TRUE;
        return;
    }
    watch_network(loop, gate.reason);
    /* Unless something new came: never twice within a second, even if what is due cannot be sent for a reason that only
     * the sender knows. */
    pf_alarm_set(loop->alarm, loop->again ? wake : MAX(wake, pf_clock_now() + 1));
}

PfSendLoop *
pf_send_loop_new(const PfSenderSettings *settings)
{
    PfSendLoop *loop = g_new0(PfSendLoop, 1);

    loop->queue = settings->queue;
    loop->sender = pf_sender_new(settings);
    loop->alarm = pf_alarm_new(alarm_rang, loop);
    return loop;
}

void
pf_send_loop_free(PfSendLoop *loop)
{
    if (!loop)
        return;
    pf_network_watch_free(loop->network);
    pf_alarm_free(loop->alarm);
    pf_sender_free(loop->sender);
    g_free(loop);
}

void
pf_send_loop_start(PfSendLoop *loop, PfSendLoopRested rested, gpointer data)
{
    loop->rested = rested;
    loop->data = data;
    loop->ended = FALSE;
    run(loop);
}

void
pf_send_loop_wake(PfSendLoop *loop)
{
    g_autoptr(GError) failure = NULL;
    PfGate gate;
    gint64 wake;

    loop->again = TRUE;
    if (loop->running || loop->ended || loop->stopping)
        return;
    /* A store that cannot be read is the sender's to find out and to report. */
    if (!read_wake(loop, &gate, &wake, &failure) || wake <= pf_clock_now())
        run(loop);
    else
        pf_alarm_set(loop->alarm, wake);
}

void
pf_send_loop_stop(PfSendLoop *loop)
{
    if (loop->stopping)
        return;
    loop->stopping = TRUE;
    if (loop->running)
        pf_sender_stop(loop->sender);
    else
        sender_done(NULL, loop);
}
