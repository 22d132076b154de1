/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What systemd is told of the daemon's state: sd_notify(3), when podflattr was built with libsystemd and was started by
 * a systemd that listens ($NOTIFY_SOCKET); nothing happens otherwise. A message that cannot be delivered is not an
 * error of the daemon's: systemd has time limits of its own. Any thread, unless said otherwise.
 */
#pragma once

#include <glib.h>

/** The daemon is at work: its start, or its reload, is over. */
void pf_sd_notify_ready(void);

/**
 * Sets the line that `systemctl --user status` shows.
 *
 * @text: one line; what a terminal would act upon is made harmless, line breaks included, which would be taken for
 *        further messages
 */
void pf_sd_notify_status(const char *text);

/** The daemon has begun to end itself. */
void pf_sd_notify_stopping(void);

/** The daemon has begun to read its configuration again; pf_sd_notify_ready() must follow, also when that failed. */
void pf_sd_notify_reloading(void);

/* Tells systemd regularly that the main loop turns. */
typedef struct PfWatchdog PfWatchdog;

/**
 * Begins to tell, at once and then twice in the time that systemd allows (WatchdogSec= of the unit), from the default
 * main context: when that hangs, systemd restarts the daemon. Call it in the process and thread that run the main loop.
 *
 * Returns: (transfer full) (nullable): the watchdog; NULL when systemd does not ask for one, and nothing wakes up then.
 */
PfWatchdog *pf_watchdog_new(void);
void pf_watchdog_free(PfWatchdog *watchdog);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfWatchdog, pf_watchdog_free)
