/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "payment/payment_list.h"

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

/* The same with limits: of feed, payee, all, each with a letter for a day from today on, "x" for a full one. */
typedef struct {
    Case row;
    const char *full[PF_POLICY_LIMITS];
} LimitedCase;

static const char *const limit_names[PF_POLICY_LIMITS] = {"feed", "payee", "all"};

/* Puts the limits into a question; free_limits() takes them out. */
static void
fill_limits(PfPolicyQuestion *question, const char *const full[PF_POLICY_LIMITS], gint64 today)
{
    for (gsize i = 0; i < PF_POLICY_LIMITS; i++) {
        GArray *days = g_array_new(FALSE, FALSE, sizeof(gint64));

        for (gsize at = 0; full[i] && full[i][at]; at++) {
            gint64 day = today + (gint64)at * DAY;
            if (full[i][at] == 'x')
                g_array_append_val(days, day);
        }
        question->limits[i] = (PfPolicyLimit){limit_names[i], days};
    }
}

static void
free_limits(PfPolicyQuestion *question)
{
    for (gsize i = 0; i < PF_POLICY_LIMITS; i++)
        g_array_unref((GArray *)question->limits[i].full);
}

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
    {"a clock that was set back after the item came", {.came = NOW + DAY, .now = NOW}, PF_POLICY_PAY, NULL, NOW, TODAY},
    /* By hand. */
    {"by hand", {.by_hand = TRUE, .came = NOW, .now = NOW}, PF_POLICY_PAY, NULL, NOW, 0},
    {"by hand, never", {.by_hand = TRUE, .rule = PF_RULE_NEVER, .now = NOW}, PF_POLICY_DROP, "never", 0, 0},
    {"by hand, ask", {.by_hand = TRUE, .rule = PF_RULE_ASK, .now = NOW}, PF_POLICY_PAY, NULL, NOW, 0},
    {"by hand, confirm", {.by_hand = TRUE, .confirm = TRUE, .now = NOW}, PF_POLICY_PAY, NULL, NOW, 0},
    {"by hand, delay", {.by_hand = TRUE, .delay = DAY, .came = NOW, .now = NOW}, PF_POLICY_PAY, NULL, NOW, 0},
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

static const LimitedCase limited[] = {
    {{"never goes before everything",
      {.rule = PF_RULE_NEVER, .confirm = TRUE, .delay = 9, .came = NOW, .now = NOW},
      PF_POLICY_DROP,
      "never",
      0,
      0},
     {"x"}},
    {{"a day with room", {.came = NOW, .now = NOW}, PF_POLICY_PAY, NULL, NOW, TODAY}, {"-x", "-x", "-x"}},
    {{"a day that is full for the feed", {.came = NOW, .now = NOW}, PF_POLICY_HOLD, "feed", TODAY + DAY, TODAY + DAY},
     {"x"}},
    {{"two days full for the payee",
      {.came = NOW, .now = NOW},
      PF_POLICY_HOLD,
      "payee",
      TODAY + 2 * DAY,
      TODAY + 2 * DAY},
     {"", "xx"}},
    {{"one limit puts it off to a day that is full for another",
      {.came = NOW, .now = NOW},
      PF_POLICY_HOLD,
      "all",
      TODAY + 3 * DAY,
      TODAY + 3 * DAY},
     {"x", "-x", "--x"}},
    {{"a gap between full days", {.came = NOW, .now = NOW}, PF_POLICY_HOLD, "feed", TODAY + DAY, TODAY + DAY}, {"x-x"}},
    {{"a day's limit and a shorter delay",
      {.delay = 60, .came = NOW, .now = NOW},
      PF_POLICY_HOLD,
      "feed",
      TODAY + DAY,
      TODAY + DAY},
     {"x"}},
    {{"a day's limit and a longer delay",
      {.delay = 3 * DAY, .came = NOW, .now = NOW},
      PF_POLICY_HOLD,
      "delay",
      NOW + 3 * DAY,
      TODAY + DAY},
     {"x"}},
    {{"by hand, a day's limit", {.by_hand = TRUE, .now = NOW}, PF_POLICY_PAY, NULL, NOW, 0}, {"x", "x", "x"}},
};

static void
check_row(const Case *row, const char *const full[PF_POLICY_LIMITS])
{
    PfPolicyQuestion question = row->question;

    fill_limits(&question, full, TODAY);
    PfPolicyDecision decision = pf_payment_policy_decide(&question);
    free_limits(&question);
    g_test_message("%s", row->name);
    g_assert_cmpint(decision.action, ==, row->action);
    g_assert_cmpstr(decision.reason, ==, row->reason);
    g_assert_cmpint(decision.when, ==, row->when);
    g_assert_cmpint(decision.day, ==, row->day);
}

static void
the_table_holds(void)
{
    const char *const no_limits[PF_POLICY_LIMITS] = {NULL};

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        check_row(&cases[i], no_limits);
    for (gsize i = 0; i < G_N_ELEMENTS(limited); i++)
        check_row(&limited[i].row, limited[i].full);
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
        g_assert_cmpint(MIN(question->came, question->now) + question->delay, <=, question->now);
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
        const char *const full[PF_POLICY_LIMITS] = {toss() ? "x" : "-x", toss() ? "" : "xxx", toss() ? "-xx" : "--x"};

        fill_limits(&question, full, question.now - ((question.now % DAY) + DAY) % DAY);
        PfPolicyDecision decision = pf_payment_policy_decide(&question);
        check_decision(&question, &decision);
        for (gsize limit = 0; limit < PF_POLICY_LIMITS && decision.day != 0; limit++)
            for (guint at = 0; at < question.limits[limit].full->len; at++)
                g_assert_cmpint(g_array_index(question.limits[limit].full, gint64, at), !=, decision.day);
        free_limits(&question);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/payment_policy/the table holds", the_table_holds);
    g_test_add_func("/payment_policy/no input breaks a rule", no_input_breaks_a_rule);
    return g_test_run();
}
