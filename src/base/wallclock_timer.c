/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/wallclock_timer.h"

#include "base/clock.h"
#include <errno.h>
#include <glib-unix.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define FURTHEST (sizeof(time_t) < sizeof(gint64) ? (gint64)G_MAXINT32 : G_MAXINT64)

struct PfAlarm {
    int descriptor;
    guint source;
    PfAlarmFunc ring;
    gpointer data;
};

static gboolean
descriptor_ready(int descriptor, GIOCondition condition, gpointer data)
{
    PfAlarm *alarm = data;
    guint64 times;

    (void)condition;
    /* ECANCELED says that the clock was set. Anything else is a spurious wake-up. */
    if (read(descriptor, &times, sizeof times) > 0 || errno == ECANCELED)
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

    if (time != G_MAXINT64) {
        /* A time of 0 would unset the timer. */
        gint64 real = MAX(pf_clock_to_real(time), 1);
        /* Should time_t have 32 bits, and the time lie beyond them, it rings at their end, which is too early. */
        when.it_value.tv_sec = (time_t)MIN(real / G_USEC_PER_SEC, FURTHEST);
        when.it_value.tv_nsec = (long)(real % G_USEC_PER_SEC) * 1000;
    }
    if (timerfd_settime(alarm->descriptor, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, NULL) != 0)
        g_error("the alarm cannot be set: %s", g_strerror(errno));
}
