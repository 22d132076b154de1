/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/main_loop.h"

#include "base/clock.h"

#include <errno.h>
#include <glib-unix.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct PfMainLoop {
    GMainLoop *loop;
    PfMainLoopSignals signals;
    guint sources[3];
};

static gboolean
stop_signalled(gpointer data)
{
    PfMainLoop *loop = data;

    if (loop->signals.stop)
        loop->signals.stop(loop->signals.data);
    else
        g_main_loop_quit(loop->loop);
    return G_SOURCE_CONTINUE;
}

static gboolean
reload_signalled(gpointer data)
{
    PfMainLoop *loop = data;

    loop->signals.reload(loop->signals.data);
    return G_SOURCE_CONTINUE;
}

PfMainLoop *
pf_main_loop_new(const PfMainLoopSignals *signals)
{
    PfMainLoop *loop = g_new0(PfMainLoop, 1);

    loop->loop = g_main_loop_new(NULL, FALSE);
    loop->signals = *signals;
    loop->sources[0] = g_unix_signal_add(SIGINT, stop_signalled, loop);
    loop->sources[1] = g_unix_signal_add(SIGTERM, stop_signalled, loop);
    if (signals->reload)
        loop->sources[2] = g_unix_signal_add(SIGHUP, reload_signalled, loop);
    if (signals->ignores_pipe)
        signal(SIGPIPE, SIG_IGN);
    return loop;
}

void
pf_main_loop_run(PfMainLoop *loop)
{
    g_main_loop_run(loop->loop);
}

void
pf_main_loop_quit(PfMainLoop *loop)
{
    if (loop)
        g_main_loop_quit(loop->loop);
}

void
pf_main_loop_free(PfMainLoop *loop)
{
    if (!loop)
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(loop->sources); i++)
        if (loop->sources[i])
            g_source_remove(loop->sources[i]);
    g_main_loop_unref(loop->loop);
    g_free(loop);
}

#define FURTHEST (sizeof(time_t) < sizeof(gint64) ? (gint64)G_MAXINT32 : G_MAXINT64)

struct PfAlarm {
    int descriptor;
    guint source;
    gint64 time; /* G_MAXINT64 for never */
    PfAlarmFunc ring;
    gpointer data;
};

static gboolean
descriptor_ready(int descriptor, GIOCondition condition, gpointer data)
{
    PfAlarm *alarm = data;
    guint64 times;

    (void)condition;
    gboolean rang = read(descriptor, &times, sizeof times) > 0;

    /* ECANCELED says that the clock was set. Anything else is a spurious wake-up. */
    if (rang && pf_clock_now() < alarm->time)
        pf_alarm_set(alarm, alarm->time);
    else if (rang || errno == ECANCELED)
        alarm->ring(alarm->data);
    return G_SOURCE_CONTINUE;
}

PfAlarm *
pf_alarm_new(PfAlarmFunc ring, gpointer data)
{
    PfAlarm *alarm = g_new0(PfAlarm, 1);

    alarm->ring = ring;
    alarm->data = data;
    alarm->descriptor = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (alarm->descriptor < 0)
        g_error("the system has no timer left: %s", g_strerror(errno));
    alarm->source = g_unix_fd_add(alarm->descriptor, G_IO_IN, descriptor_ready, alarm);
    return alarm;
}

void
pf_alarm_free(PfAlarm *alarm)
{
    if (!alarm)
        return;
    g_source_remove(alarm->source);
    close(alarm->descriptor);
    g_free(alarm);
}

void
pf_alarm_set(PfAlarm *alarm, gint64 time)
{
    struct itimerspec when = {0};

    alarm->time = time;
    if (time != G_MAXINT64) {
        /* A time of 0 would unset the timer. */
        gint64 real = MAX(pf_clock_to_real(time), 1);
        /* Should time_t have 32 bits, and the time lie beyond them, it rings at their end, which is too early. */
        when.it_value.tv_sec = (time_t)MIN(real / G_USEC_PER_SEC, FURTHEST);
        when.it_value.tv_nsec = (long)(real % G_USEC_PER_SEC) * 1000;
    }
    int failure =
        timerfd_settime(alarm->descriptor, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, NULL) ? errno : 0;
    if (failure == ECANCELED) {
        /* The clock was set in this very moment, maybe after @time was worked out from it: it rings at once. */
        alarm->time = G_MININT64;
        when = (struct itimerspec){.it_value.tv_nsec = 1};
        failure = timerfd_settime(alarm->descriptor, TFD_TIMER_ABSTIME, &when, NULL) ? errno : 0;
    }
    if (failure)
        g_error("the timer cannot be set: %s", g_strerror(failure));
}

/* How many messages are read at once, so that routes that change all the time cannot keep the main loop busy. */
#define MOST_AT_ONCE 64

struct PfNetworkWatch {
    int socket;
    GSource *source;
    PfNetworkFunc changed;
    gpointer data;
};

/* What a message says does not matter: a new route may lead to the server, and one that is gone may have led nowhere.
 * So it does no harm either when the kernel has dropped some (ENOBUFS). */
static gboolean
drain(int descriptor)
{
    gboolean any = FALSE;
    char nothing;

    for (guint i = 0; i < MOST_AT_ONCE; i++) {
        if (recv(descriptor, &nothing, sizeof nothing, MSG_DONTWAIT | MSG_TRUNC) < 0 && errno != ENOBUFS)
            break;
        any = TRUE;
    }
    return any;
}

static gboolean
heard(int descriptor, GIOCondition condition, gpointer data)
{
    PfNetworkWatch *watch = data;

    (void)condition;
    if (drain(descriptor))
        watch->changed(watch->data);
    return G_SOURCE_CONTINUE;
}

PfNetworkWatch *
pf_network_watch_new(PfNetworkFunc changed, gpointer data)
{
    const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE};
    int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);

    if (descriptor < 0)
        return NULL;
    if (bind(descriptor, (const struct sockaddr *)&address, sizeof address) != 0) {
        close(descriptor);
        return NULL;
    }
    PfNetworkWatch *watch = g_new(PfNetworkWatch, 1);
    *watch = (PfNetworkWatch){
        .socket = descriptor, .source = g_unix_fd_source_new(descriptor, G_IO_IN), .changed = changed, .data = data};
    g_source_set_callback(watch->source, G_SOURCE_FUNC(heard), watch, NULL);
    g_source_attach(watch->source, g_main_context_get_thread_default());
    return watch;
}

void
pf_network_watch_free(PfNetworkWatch *watch)
{
    if (!watch)
        return;
    g_source_destroy(watch->source);
    g_source_unref(watch->source);
    close(watch->socket);
    g_free(watch);
}
