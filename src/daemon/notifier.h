/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Brings notices to the desktop (org.freedesktop.Notifications on the session bus) and to the user's own program
 * ([notify] command). Both need what the service gives up when it confines itself, so a process of its own does it,
 * that is started before and takes nothing from the service but what a notice says: what a click does is put together
 * there, and which program is called is read from the configuration there. It sleeps until there is a notice or a
 * click, and ends with the service. Without a bus there are no notices, and nothing else is different.
 *
 * One notifier a process; the functions are the main thread's.
 */
#pragma once

#include "config/app.h"

/**
 * Starts it, before there are threads. Without it, the other functions do nothing.
 *
 * @app: whose configuration it reads
 *
 * Returns: FALSE with errno set when it cannot be started.
 */
gboolean pf_notifier_start(PfApp *app);

/** Has a function called, on the thread's default main context, when the user asks to try again to send. NULL: none. */
void pf_notifier_set_retry(void (*retry)(gpointer data), gpointer data);

/** Sends a notice, see pf_notice_to_json(). Does not wait; a notice that cannot be taken is dropped. */
void pf_notifier_send(const char *notice);

/** Says that the configuration is another. */
void pf_notifier_reload(void);

/** Ends it. */
void pf_notifier_stop(void);
