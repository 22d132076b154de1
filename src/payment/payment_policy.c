/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "payment/payment_policy.h"

#define DAY ((gint64)86400)

/* So many days ahead nobody plans; it keeps the sum of a huge count from overflowing. */
#define MOST_DAYS ((gint64)36500)

static PfPolicyDecision
refuse(const char *reason)
{
    return (PfPolicyDecision){.action = PF_POLICY_DROP, .reason = reason};
}

static PfPolicyDecision
ask_user(const char *reason)
{
    return (PfPolicyDecision){.action = PF_POLICY_HOLD, .reason = reason};
}

/* The day must be the same whichever second of it is asked, before 1970 too. */
static gint64
day_start(gint64 time)
{
    gint64 into = time % DAY;

    return time - (into < 0 ? into + DAY : into);
}

static PfPolicyDecision
schedule(const PfPolicyQuestion *question)
{
    gint64 days = question->per_day > 0 ? MIN(MAX(question->taken, 0) / question->per_day, MOST_DAYS) : 0;
    gint64 day = day_start(question->now) + days * DAY;
    gint64 after_delay = question->came + MAX(question->delay, 0);
    gint64 when = MAX(days > 0 ? day : question->now, after_delay);

    if (when <= question->now)
        return (PfPolicyDecision){.action = PF_POLICY_PAY, .when = question->now, .day = day};
    return (PfPolicyDecision){.action = PF_POLICY_HOLD,
                              .reason = days > 0 && day >= after_delay ? "per_feed_per_day" : "delay",
                              .when = when,
                              .day = day};
}

PfPolicyDecision
pf_payment_policy_decide(const PfPolicyQuestion *question)
{
    if (question->rule == PF_RULE_NEVER)
        return refuse("never");
    if (question->by_hand)
        return (PfPolicyDecision){.action = PF_POLICY_PAY, .when = question->now};
    if (question->is_channel && question->no_channel)
        return refuse("channel_links");
    if (question->is_found && question->no_found)
        return refuse("discoverable");
    if (question->rule == PF_RULE_ASK)
        return ask_user("ask");
    if (question->confirm)
        return ask_user("confirm");
    return schedule(question);
}
