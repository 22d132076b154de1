/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One alarm at a time of the wall clock, on the thread's default main context: it also rings in time after the machine
 * was asleep, and at once when somebody sets the clock, since what waits for a date must look at the date again then.
 */
#pragma once

#include <glib.h>

typedef struct PfAlarm PfAlarm;

/** Is called when the alarm rings, from the main loop; it is not set any more then. */
typedef void (*PfAlarmFunc)(gpointer data);

/** Makes an alarm that is not set. Returns: (transfer full). */
PfAlarm *pf_alarm_new(PfAlarmFunc ring, gpointer data);
void pf_alarm_free(PfAlarm *alarm);

/**
 * Sets it, instead of what it was set to before.
 *
 * @time: seconds since the epoch, of pf_clock_now()'s clock; G_MAXINT64 for never; a past time rings at once
 */
void pf_alarm_set(PfAlarm *alarm, gint64 time);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfAlarm, pf_alarm_free)
