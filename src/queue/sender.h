/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sends what is due: takes entries from the queue, posts them, and writes back what the answers mean, until nothing is
 * due or the gate is shut.
 *
 * The order is what makes it safe to be killed at any moment: an entry is committed as `sending` before its request
 * leaves, and with its verdict after the answer came. An entry that is found `sending` when a sender starts may have
 * been paid. Everything happens on the thread's default main context. The caller holds the sender's lock.
 */
#pragma once

#include "config/config.h"
#include "queue/queue.h"

/** Is called for each entry that was sent and has its verdict. The entry is the caller's during the call only. */
typedef void (*PfSenderProgress)(const PfEntry *entry, gpointer data);

typedef struct {
    PfQueue *queue;
    const PfConfig *config;    /* ca_file, per_month, and the user's rules, which each entry is held to once more */
    const char *endpoint;      /* as flattr_endpoint_normalize() returns it */
    const char *token;         /* NULL: the gate closes for no_token */
    guint in_flight;           /* requests at once, at the most; the first goes alone */
    gboolean by_hand;          /* a person waits for it: an unreachable server is tried again at once */
    gboolean probe_now;        /* a person asks to probe at once, whatever a closed gate waits for */
    PfSenderProgress progress; /* or NULL */
    gpointer data;             /* for progress */
} PfSenderSettings;

/*
 * Keeps a sender going for as long as there is something to send: runs it, sleeps until the next entry or the gate's
 * probe is due, and runs it again; a change of the network ends the wait for a server that could not be reached. Wakes
 * up for nothing else. Everything happens on the thread's default main context.
 */

typedef struct PfSendLoop PfSendLoop;

/**
 * Is called after each run of the sender.
 *
 * @wake: when the next run is due, seconds since the epoch; G_MAXINT64 when nothing waits for a time
 * @error: NULL, or why the store failed
 *
 * Returns: whether to go on; TRUE with an @error ends it all the same.
 */
typedef gboolean (*PfSendLoopRunEnded)(gint64 wake, const GError *error, gpointer data);

/** Makes a loop around a sender with these settings; what they point to must outlive it; nothing runs yet. */
PfSendLoop *pf_send_loop_new(const PfSenderSettings *settings);

/** Frees it; it must have ended. */
void pf_send_loop_free(PfSendLoop *loop);

/** Begins with a run at once. @run_ended may end it, and a failure does; after that it may be started again. */
void pf_send_loop_start(PfSendLoop *loop, PfSendLoopRunEnded run_ended, gpointer data);

/** Says that entries were added or changed: what is due is sent at once, without a wait for the next alarm. */
void pf_send_loop_wake(PfSendLoop *loop);

/** Ends it in order: what is under way gets some seconds to be answered, then @run_ended is called for the last time.
 */
void pf_send_loop_stop(PfSendLoop *loop);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfSendLoop, pf_send_loop_free)
