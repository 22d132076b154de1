/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The main loop of a command that runs until it is done or a signal stops it. Belongs to the main thread; one at a
 * time.
 */
#pragma once

#include <glib.h>

typedef struct PfMainLoop PfMainLoop;

/** What signals do. */
typedef struct {
    void (*stop)(gpointer data);   /* SIGINT and SIGTERM, each time; NULL: the loop is quit */
    void (*reload)(gpointer data); /* SIGHUP; NULL: it ends the process */
    gboolean ignores_pipe;         /* SIGPIPE does not end the process, now and after the loop: writing fails instead */
    gpointer data;
} PfMainLoopSignals;

/** Makes a loop on the default context. From now on, until it is freed, signals are handled when it runs. */
PfMainLoop *pf_main_loop_new(const PfMainLoopSignals *signals);

/** Runs until pf_main_loop_quit(). */
void pf_main_loop_run(PfMainLoop *loop);

/** Lets pf_main_loop_run() return. NULL does nothing. */
void pf_main_loop_quit(PfMainLoop *loop);

/** Gives the signals back, and frees the loop. NULL does nothing. */
void pf_main_loop_free(PfMainLoop *loop);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfMainLoop, pf_main_loop_free)

/*
 * One alarm at a time of the wall clock, on the thread's default main context: it also rings in time after the machine
 * was asleep, and at once when somebody sets the clock, since what waits for a date must look at the date again then.
 */

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

/*
 * Tells when routes change: the moment to try again a server that could not be reached. The kernel is asked itself
 * (rtnetlink(7)), without GNetworkMonitor: that one tells of a change of whether there is a network at all, and of
 * others only in some versions of GLib and by some of its back ends, while a server may become reachable by any route,
 * as that of a VPN or a neighbour's; and it keeps D-Bus connections open for as long as the process lives. A watch
 * costs a socket, and wakes the process up for nothing but such changes; keep one only while something waits for them.
 */

typedef struct PfNetworkWatch PfNetworkWatch;

/** Is called after routes have changed, once for what came at a time, from the main loop. It may free the watch. */
typedef void (*PfNetworkFunc)(gpointer data);

/**
 * Begins to watch, on the thread's default main context.
 *
 * Returns: (transfer full); NULL where the system does not allow it.
 */
PfNetworkWatch *pf_network_watch_new(PfNetworkFunc changed, gpointer data);

/** Ends it. @watch: or NULL */
void pf_network_watch_free(PfNetworkWatch *watch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfNetworkWatch, pf_network_watch_free)
