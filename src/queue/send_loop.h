/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps a sender going for as long as there is something to send: runs it, sleeps until the next entry or the gate's
 * probe is due, and runs it again; a change of the network ends the wait for a server that could not be reached. Wakes
 * up for nothing else. Everything happens on the thread's default main context.
 */
#pragma once

#include "queue/sender.h"

typedef struct PfSendLoop PfSendLoop;

/**
 * Is called after each run of the sender.
 *
 * @wake: when the next run is due, seconds since the epoch; G_MAXINT64 when nothing waits for a time
 * @error: NULL, or why the store failed
 *
 * Returns: whether to go on; TRUE with an @error ends it all the same.
 */
typedef gboolean (*PfSendLoopRested)(gint64 wake, const GError *error, gpointer data);

/** Makes a loop around a sender with these settings (see pf_sender_new()); nothing runs yet. */
PfSendLoop *pf_send_loop_new(const PfSenderSettings *settings);

/** Frees it; it must have ended. */
void pf_send_loop_free(PfSendLoop *loop);

/** Begins with a run at once. @rested may end it, and a failure does; after that it may be started again. */
void pf_send_loop_start(PfSendLoop *loop, PfSendLoopRested rested, gpointer data);

/** Says that entries were added or changed: what is due is sent at once, without a wait for the next alarm. */
void pf_send_loop_wake(PfSendLoop *loop);

/** Ends it in order: what is under way gets some seconds to be answered, then @rested is called for the last time. */
void pf_send_loop_stop(PfSendLoop *loop);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfSendLoop, pf_send_loop_free)
