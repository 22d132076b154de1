/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "payment/payment_policy.h"

#define DAY ((gint64)86400)

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

/* Whether a limit leaves no room in a day. The days are ascending, and asked for in that order: @next is where to go
 * on.
 */
static gboolean
is_full(const PfPolicyLimit *limit, gint64 day, guint *next)
{
    const GArray *full = limit->full;

    while (full && *next < full->len && g_array_index(full, gint64, *next) < day)
        ++*next;
    return full && *next < full->len && g_array_index(full, gint64, *next) == day;
}

/* The first day, from @day on, in which every limit has room. @reason: (out): the limit that stood against the day
 * before; NULL when it is @day itself. */
static gint64
find_room(const PfPolicyQuestion *question, gint64 day, const char **reason)
{
    guint next[PF_POLICY_LIMITS] = {0};
    gboolean moved;

    *reason = NULL;
    do {
        moved = FALSE;
        for (gsize i = 0; i < PF_POLICY_LIMITS; i++) {
            while (is_full(&question->limits[i], day, &next[i])) {
                *reason = question->limits[i].reason;
                day += DAY;
                moved = TRUE;
            }
        }
    } while (moved);
    return day;
}

static PfPolicyDecision
schedule(const PfPolicyQuestion *question)
{
    const char *limit;
    gint64 day = find_room(question, day_start(question->now), &limit);
    /* What came in what is now the future came on another clock. */
    gint64 after_delay = MIN(question->came, question->now) + MAX(question->delay, 0);
    gint64 when = MAX(limit ? day : question->now, after_delay);

    if (when <= question->now)
        return (PfPolicyDecision){.action = PF_POLICY_PAY, .when = question->now, .day = day};
    return (PfPolicyDecision){
        .action = PF_POLICY_HOLD, .reason = limit && day >= after_delay ? limit : "delay", .when = when, .day = day};
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
