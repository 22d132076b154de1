/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the user can do to the queue: entries are retried, held, released and dropped, and those whose time has come go
 * on by themselves. What may be done in which state is a pure table; every change is an entry's event too.
 *
 * Functions on a PfQueue are called in a transaction, in its thread; their errors are
 * PF_DATABASE_ERRORs.
 */
#pragma once

#include "queue/queue.h"

typedef enum {
    PF_STEER_RETRY,   /* failed, dropped or waiting for another try: goes out next */
    PF_STEER_HOLD,    /* waits for the user */
    PF_STEER_RELEASE, /* held, for whatever reason: goes out next */
    PF_STEER_DROP,    /* is not to be sent */
    PF_STEER_VERBS,   /* how many there are */
} PfSteerVerb;

typedef enum {
    PF_STEER_CHANGES, /* it applies */
    PF_STEER_SAME,    /* the entry is so already */
    PF_STEER_REFUSED, /* it must not be done */
    PF_STEER_BY_NAME, /* only when this entry is named, not when all are meant: it undoes a decision, or risks money */
} PfSteerEffect;

/** The verb's name on the command line and in the history: "retry", "hold", "release", "drop". Any thread. */
const char *pf_steer_verb_name(PfSteerVerb verb);

/**
 * Says what a verb would do to an entry.
 *
 * @now: seconds since the epoch
 * @why: (out) (nullable): for a refusal, what to say of the entry ("is flattred already"); a literal
 *
 * Returns: the effect. Pure; any thread.
 */
PfSteerEffect pf_steer_decide(PfSteerVerb verb, const PfEntry *entry, gint64 now, const char **why);

/**
 * Does it to an entry for which pf_steer_decide() said CHANGES or BY_NAME. To retry and to release is the user's
 * consent: from then on the entry counts as named by hand. To release an entry held as "unknown" is the decision that
 * it was not paid, so its doubt ends.
 *
 * @entry: is changed as its row is
 * @now: seconds since the epoch
 */
gboolean pf_queue_steer(PfQueue *queue, PfSteerVerb verb, PfEntry *entry, gint64 now, GError **error);

/**
 * Queues the held entries whose time (next_attempt) has come, or makes them owed. The sender calls this before it
 * claims.
 *
 * @now: seconds since the epoch
 */
gboolean pf_queue_release_due(PfQueue *queue, gint64 now, GError **error);
