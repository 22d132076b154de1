/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gate: one record that says whether anything may be sent at all, and if not, why and until when.
 *
 * What stops every entry alike (no token, no means, the rate limit, no network) closes the gate instead of changing the
 * entries. While it is closed, one probe at a time goes through, at growing intervals: when the means are used up,
 * thirty waiting entries cost one refused request, not thirty. Pure: time and chance are arguments. Any thread.
 */
#pragma once

#include <glib.h>

/*
 * How long to wait before trying again: exponential back-off with full jitter. Pure; any thread.
 */

/**
 * Computes a wait: a random share of first * 2^tries, which is at most cap. The whole range is drawn from ("full
 * jitter"), so that clients that failed together do not come back together.
 *
 * @tries: how often it failed before, 0 at the first failure
 * @first: the upper bound after the first failure, seconds, > 0
 * @cap: the upper bound ever, seconds, >= first
 * @random: drawn from [0, 1)
 *
 * Returns: seconds, from 1 to @cap.
 */
gint64 pf_backoff_seconds(guint tries, gint64 first, gint64 cap, double random);

typedef enum {
    PF_GATE_OPEN,
    PF_GATE_NO_TOKEN,           /* waits for a login */
    PF_GATE_UNAUTHORIZED,       /* waits for a login */
    PF_GATE_INSUFFICIENT_SCOPE, /* waits for a login */
    PF_GATE_NO_MEANS,           /* probes after 6 h, 12 h, then daily, and 10 minutes after the month turns */
    PF_GATE_RATE_LIMIT,         /* waits for X-RateLimit-Reset */
    PF_GATE_UNREACHABLE,        /* probes after up to 30 s, doubling to 1 h */
    PF_GATE_PAUSED,             /* waits for the user */
    PF_GATE_PER_MONTH,          /* the user's own limit is reached: waits for the month to turn */
    PF_GATE_REASONS,            /* how many there are */
} PfGateReason;

typedef struct {
    PfGateReason reason;
    gint64 since;      /* when it closed, seconds since the epoch */
    gint64 next_probe; /* when one entry may try again, seconds since the epoch; 0: when the user has acted */
    guint probes;      /* how many probes have failed since */
} PfGate;

/** What an answer said about waiting. */
typedef struct {
    /* Once either was in vain, no wait is shorter than it would be for a server that cannot be reached. */
    gint64 retry_after; /* seconds, -1 when not said; counts above all else, up to a day */
    gint64 rate_reset;  /* X-RateLimit-Reset, seconds since the epoch, 0 when not said */
} PfGateHints;

#define PF_GATE_NO_HINTS ((PfGateHints){.retry_after = -1, .rate_reset = 0})

typedef enum {
    PF_GATE_PASS,  /* send freely */
    PF_GATE_PROBE, /* send one entry and wait for its answer */
    PF_GATE_SHUT,  /* send nothing */
} PfGatePass;

/** The reason's name in JSON and in the store: "no_means" …; NULL for an open gate. */
const char *pf_gate_reason_name(PfGateReason reason);

/** The reason in words for a person, with what to do about it: "the means are used up; …". Empty for an open gate. */
const char *pf_gate_reason_text(PfGateReason reason);

/** The reason of a name; PF_GATE_OPEN for NULL and unknown ones. */
PfGateReason pf_gate_reason_from_name(const char *name);

/** What may be sent at the time @now. A gate that waits for a time also lets a probe pass once the clock was set back:
 * it must not stay shut until the clock is where it was. */
PfGatePass pf_gate_check(const PfGate *gate, gint64 now);

/**
 * Closes the gate, or keeps it closed after a probe that failed.
 *
 * A gate closed for the same reason that is not yet due for its probe stays as it is: that answer was on its way
 * before.
 *
 * @random: drawn from [0, 1), see pf_backoff_seconds()
 */
void pf_gate_close(PfGate *gate, PfGateReason reason, gint64 now, PfGateHints hints, double random);

/** Opens the gate. */
void pf_gate_open(PfGate *gate);
