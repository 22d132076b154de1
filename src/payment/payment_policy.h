/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether, and when, a link may be paid: the user's rules as one pure function. Time and counts are arguments; any
 * thread.
 *
 * It is asked twice: when an item comes in, and again right before its request leaves, with the configuration of that
 * moment. So what was switched off in between is not sent. The limit a month is no part of it: it is counted from what
 * was paid, not from what is wanted, and so by the sender.
 */
#pragma once

#include "config/config.h"

/** How many limits a day there are: for a feed, for a payee, for all. */
#define PF_POLICY_LIMITS 3

/** A limit of payments a day (UTC). */
typedef struct {
    const char *reason; /* what a decision says that is put off by it; a literal */
    const GArray *full; /* of gint64: the days, by their first second and ascending, that have no room left, from today
                           on; NULL: none */
} PfPolicyLimit;

/** What is known of a payment and of the user's wishes. Times are seconds since the epoch. */
typedef struct {
    gboolean by_hand;    /* the user has named or released this one: consent, which only a rule of never outweighs */
    PfRule rule;         /* the feed's */
    gboolean is_channel; /* the link is the channel's, for an item without one of its own … */
    gboolean no_channel; /* … and these are not to be paid */
    gboolean is_found;   /* the link is a page whose owner the server has to find … */
    gboolean no_found;   /* … and these are not to be paid */
    gboolean confirm;    /* everything that comes by itself waits for the user */
    gint64 delay;        /* how long it can still be dropped, seconds */
    gint64 came;         /* when the item came in: the delay counts from here */
    PfPolicyLimit limits[PF_POLICY_LIMITS];
    gint64 now;
} PfPolicyQuestion;

typedef enum {
    PF_POLICY_PAY,  /* as soon as possible */
    PF_POLICY_HOLD, /* later, or when the user says so */
    PF_POLICY_DROP, /* not */
} PfPolicyAction;

typedef struct {
    PfPolicyAction action;
    const char *reason; /* NULL to pay; else a literal: "never", "channel_links", "discoverable" (dropped), "ask",
                           "confirm", "delay", a limit's (held) */
    gint64 when;        /* the earliest time to pay; 0 when only the user can say, or never */
    gint64 day;         /* the day, by its first second, in which it counts against the limits; 0 when in none */
} PfPolicyDecision;

/**
 * Decides. What is more than a limit allows is not lost but set down for the first day with room: the eleventh of ten a
 * day comes tomorrow, the twenty-first on the day after.
 *
 * Returns: the decision. Never fails; `when` is never before `now` unless it is 0.
 */
PfPolicyDecision pf_payment_policy_decide(const PfPolicyQuestion *question);
