/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "payment/payment_policy.h"

#define DAY ((gint64)86400)
#define NOW (20000 * DAY + 3600)
#define TODAY (20000 * DAY)

/* A row of the table: the question in words, and what must come of it. */
typedef struct {
    const char *name;
    PfPolicyQuestion question;
    PfPolicyAction action;
    const char *reason;
    gint64 when;
    gint64 day;
} Case;

static const Case cases[] = {
    /* By itself. */
    {"nothing speaks against it", {.rule = PF_RULE_ALWAYS, .came = NOW, .now = NOW}, PF_POLICY_PAY, NULL, NOW, TODAY},
    {"a rule of never", {.rule = PF_RULE_NEVER, .came = NOW, .now = NOW}, PF_POLICY_DROP, "never", 0, 0},
    {"a rule of ask", {.rule = PF_RULE_ASK, .came = NOW, .now = NOW}, PF_POLICY_HOLD, "ask", 0, 0},
    {"confirm", {.confirm = TRUE, .came = NOW, .now = NOW}, PF_POLICY_HOLD, "confirm", 0, 0},
    {"ask goes before confirm",
     {.rule = PF_RULE_ASK, .confirm = TRUE, .came = NOW, .now = NOW},
     PF_POLICY_HOLD,
     "ask",
     0,
     0},
    {"never goes before everything",
     {.rule = PF_RULE_NEVER, .confirm = TRUE, .delay = 9, .per_day = 1, .taken = 5, .came = NOW, .now = NOW},
     PF_POLICY_DROP,
     "never",
     0,
     0},
    {"a channel's link", {.is_channel = TRUE, .came = NOW, .now = NOW}, PF_POLICY_PAY, NULL, NOW, TODAY},
    {"a channel's link, switched off",
     {.is_channel = TRUE, .no_channel = TRUE, .came = NOW, .now = NOW},
     PF_POLICY_DROP,
     "channel_links",
     0,
     0},
    {"an item's link, while channels' are switched off",
     {.no_channel = TRUE, .came = NOW, .now = NOW},
     PF_POLICY_PAY,
     NULL,
     NOW,
     TODAY},
    {"a discoverable page, switched off",
     {.is_found = TRUE, .no_found = TRUE, .came = NOW, .now = NOW},
     PF_POLICY_DROP,
     "discoverable",
     0,
     0},
    {"a discoverable page", {.is_found = TRUE, .came = NOW, .now = NOW}, PF_POLICY_PAY, NULL, NOW, TODAY},
    {"a delay", {.delay = 7200, .came = NOW, .now = NOW}, PF_POLICY_HOLD, "delay", NOW + 7200, TODAY},
    {"a delay that is half over",
     {.delay = 7200, .came = NOW - 3600, .now = NOW},
     PF_POLICY_HOLD,
     "delay",
     NOW + 3600,
     TODAY},
    {"a delay that ends now", {.delay = 7200, .came = NOW - 7200, .now = NOW}, PF_POLICY_PAY, NULL, NOW, TODAY},
    {"confirm outlasts a delay",
     {.confirm = TRUE, .delay = 7200, .came = NOW, .now = NOW},
     PF_POLICY_HOLD,
     "confirm",
     0,
     0},
    {"the last of a day", {.per_day = 10, .taken = 9, .came = NOW, .now = NOW}, PF_POLICY_PAY, NULL, NOW, TODAY},
    {"one more than a day's",
     {.per_day = 10, .taken = 10, .came = NOW, .now = NOW},
     PF_POLICY_HOLD,
     "per_feed_per_day",
     TODAY + DAY,
     TODAY + DAY},
    {"two days full",
     {.per_day = 10, .taken = 20, .came = NOW, .now = NOW},
     PF_POLICY_HOLD,
     "per_feed_per_day",
     TODAY + 2 * DAY,
     TODAY + 2 * DAY},
    {"no limit a day", {.per_day = 0, .taken = 1000, .came = NOW, .now = NOW}, PF_POLICY_PAY, NULL, NOW, TODAY},
    {"a day's limit and a shorter delay",
     {.per_day = 1, .taken = 1, .delay = 60, .came = NOW, .now = NOW},
     PF_POLICY_HOLD,
     "per_feed_per_day",
     TODAY + DAY,
     TODAY + DAY},
    {"a day's limit and a longer delay",
     {.per_day = 1, .taken = 1, .delay = 3 * DAY, .came = NOW, .now = NOW},
     PF_POLICY_HOLD,
     "delay",
     NOW + 3 * DAY,
     TODAY + DAY},
    {"a clock that was set back after the item came",
     {.came = NOW + DAY, .now = NOW},
     PF_POLICY_HOLD,
     "delay",
     NOW + DAY,
     TODAY},
    /* By hand. */
    {"by hand", {.by_hand = TRUE, .came = NOW, .now = NOW}, PF_POLICY_PAY, NULL, NOW, 0},
    {"by hand, never", {.by_hand = TRUE, .rule = PF_RULE_NEVER, .now = NOW}, PF_POLICY_DROP, "never", 0, 0},
    {"by hand, ask", {.by_hand = TRUE, .rule = PF_RULE_ASK, .now = NOW}, PF_POLICY_PAY, NULL, NOW, 0},
    {"by hand, confirm", {.by_hand = TRUE, .confirm = TRUE, .now = NOW}, PF_POLICY_PAY, NULL, NOW, 0},
    {"by hand, delay", {.by_hand = TRUE, .delay = DAY, .came = NOW, .now = NOW}, PF_POLICY_PAY, NULL, NOW, 0},
    {"by hand, a day's limit", {.by_hand = TRUE, .per_day = 1, .taken = 9, .now = NOW}, PF_POLICY_PAY, NULL, NOW, 0},
    {"by hand, a channel's link, switched off",
     {.by_hand = TRUE, .is_channel = TRUE, .no_channel = TRUE, .now = NOW},
     PF_POLICY_PAY,
     NULL,
     NOW,
     0},
    {"by hand, a discoverable page, switched off",
     {.by_hand = TRUE, .is_found = TRUE, .no_found = TRUE, .now = NOW},
     PF_POLICY_PAY,
     NULL,
     NOW,
     0},
};

static void
the_table_holds(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        PfPolicyDecision decision = pf_payment_policy_decide(&cases[i].question);

        g_test_message("%s", cases[i].name);
        g_assert_cmpint(decision.action, ==, cases[i].action);
        g_assert_cmpstr(decision.reason, ==, cases[i].reason);
        g_assert_cmpint(decision.when, ==, cases[i].when);
        g_assert_cmpint(decision.day, ==, cases[i].day);
    }
}

static gboolean
toss(void)
{
    return g_test_rand_int_range(0, 2) != 0;
}

static PfPolicyQuestion
random_question(void)
{
    gint64 now = (gint64)g_test_rand_int_range(0, G_MAXINT32) * 2 - G_MAXINT32;

    return (PfPolicyQuestion){.by_hand = toss(),
                              .rule = (PfRule)g_test_rand_int_range(PF_RULE_ALWAYS, PF_RULE_ASK + 1),
                              .is_channel = toss(),
                              .no_channel = toss(),
                              .is_found = toss(),
                              .no_found = toss(),
                              .confirm = toss(),
                              .delay = toss() ? 0 : g_test_rand_int_range(0, 400 * 86400),
                              .came = now - (toss() ? 0 : g_test_rand_int_range(-86400, 86400 * 400)),
                              .per_day = toss() ? 0 : g_test_rand_int_range(1, 100),
                              .taken = toss() ? g_test_rand_int_range(0, 1000) : G_MAXINT64,
                              .now = now};
}

/* What holds whatever is asked. */
static void
check_decision(const PfPolicyQuestion *question, const PfPolicyDecision *decision)
{
    g_assert_true((decision->action == PF_POLICY_PAY) == (decision->reason == NULL));
    if (decision->when != 0)
        g_assert_cmpint(decision->when, >=, question->now);
    if (decision->action == PF_POLICY_DROP)
        g_assert_cmpint(decision->when, ==, 0);
    if (decision->action == PF_POLICY_HOLD && decision->when != 0)
        g_assert_cmpint(decision->when, >, question->now);
    /* Never is never; and nothing but never stands against the user's own word. */
    g_assert_true(question->rule != PF_RULE_NEVER || decision->action == PF_POLICY_DROP);
    g_assert_true(!question->by_hand || question->rule == PF_RULE_NEVER || decision->action == PF_POLICY_PAY);
    if (!question->by_hand && decision->action == PF_POLICY_PAY) {
        g_assert_false(question->confirm);
        g_assert_cmpint(question->rule, ==, PF_RULE_ALWAYS);
        g_assert_cmpint(question->came + question->delay, <=, question->now);
        g_assert_true(question->per_day == 0 || question->taken < question->per_day);
    }
    /* A day begins at midnight, and holds what is set down for it. */
    g_assert_cmpint(decision->day % DAY, ==, 0);
    if (decision->day != 0 && decision->when != 0)
        g_assert_cmpint(decision->when, >=, MIN(decision->day, question->now));
}

static void
no_input_breaks_a_rule(void)
{
    for (guint i = 0; i < 200000; i++) {
        PfPolicyQuestion question = random_question();
        PfPolicyDecision decision = pf_payment_policy_decide(&question);

        check_decision(&question, &decision);
    }
}

/* However many come at once, no day gets more than its share, and each day is filled before the next one begins. */
static void
a_flood_is_spread_over_days(void)
{
    gint64 days[30] = {0};

    for (gint64 i = 0; i < 100; i++) {
        PfPolicyQuestion question = {.per_day = 7, .taken = i, .came = NOW, .now = NOW};
        PfPolicyDecision decision = pf_payment_policy_decide(&question);
        days[(decision.day - TODAY) / DAY]++;
    }
    for (gsize i = 0; i < 14; i++)
        g_assert_cmpint(days[i], ==, 7);
    g_assert_cmpint(days[14], ==, 2);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/payment_policy/the table holds", the_table_holds);
    g_test_add_func("/payment_policy/no input breaks a rule", no_input_breaks_a_rule);
    g_test_add_func("/payment_policy/a flood is spread over days", a_flood_is_spread_over_days);
    return g_test_run();
}
