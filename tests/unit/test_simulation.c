/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Months of a queue's life against a server that answers whatever it likes, with the real outcome table, settling and
 * gate: what must hold after every single answer, however they come.
 */
#include "base/clock.h"
#include "queue/verdict.h"

#define ENTRIES 40
#define LIVES 600
#define HOUR ((gint64)3600)
#define DAY (24 * HOUR)
#define LIFE (400 * DAY)

/* What a server knows of a link: the months in which it accepted it. */
typedef struct {
    PfEntry *entry;
    GHashTable *paid; /* of months, as numbers */
} Debt;

typedef struct {
    GRand *random;
    gint64 now;
    PfGate gate;
    gint64 probed; /* when the last probe went out through the gate as it is now */
    Debt debts[ENTRIES];
    guint posts;
} Life;

static gint64
month_of(gint64 time)
{
    return pf_clock_month_start(time);
}

static gboolean
chance(Life *life, double share)
{
    return g_rand_double(life->random) < share;
}

/* An answer, and whether the server carried the flattr out. */
static PfAnswer
draw_answer(Life *life, gboolean *carried_out)
{
    static const char *const codes[] = {NULL,           "flattr_once",         "flattr_owner",    "no_means",
                                        "unauthorized", "rate_limit_exceeded", "not_found",       "forbidden",
                                        "validation",   "some_new_code",       "invalid_request", "no_money"};
    static const guint statuses[] = {200, 200, 201, 302, 400, 401, 403, 404, 408, 429, 500, 502, 503, 504};
    PfAnswer answer = {.delivery = PF_DELIVERY_ANSWERED};

    *carried_out = FALSE;
    if (chance(life, 0.3)) {
        answer.delivery = chance(life, 0.5) ? PF_DELIVERY_NOT_SENT : PF_DELIVERY_UNANSWERED;
        *carried_out = answer.delivery == PF_DELIVERY_UNANSWERED && chance(life, 0.5);
        return answer;
    }
    answer.status = statuses[g_rand_int_range(life->random, 0, G_N_ELEMENTS(statuses))];
    answer.is_json = chance(life, 0.6);
    if (answer.is_json && answer.status >= 400)
        answer.code = codes[g_rand_int_range(life->random, 0, G_N_ELEMENTS(codes))];
    answer.accepted = answer.is_json && answer.status >= 200 && answer.status < 300;
    answer.from_api = answer.is_json;
    /* A success is one; what a broken server or a proxy says may be the end of anything. */
    if (answer.status < 300)
        *carried_out = answer.is_json || chance(life, 0.5);
    else if (answer.status >= 500 && !answer.is_json)
        *carried_out = chance(life, 0.3);
    return answer;
}

static void
check_waits(const Life *life, const PfEntry *entry)
{
    g_assert_cmpint(entry->attempts, >=, 0);
    g_assert_cmpint(entry->own_faults, <=, PF_SETTLE_OWN_FAULTS);
    if (entry->state == PF_ENTRY_QUEUED)
        g_assert_cmpint(entry->next_attempt, <=, life->now + PF_SETTLE_LONGEST_WAIT);
    g_assert_cmpint(entry->state, !=, PF_ENTRY_SENDING);
    if (life->gate.reason != PF_GATE_OPEN && life->gate.next_probe != 0)
        g_assert_cmpint(life->gate.next_probe, <=, life->now + 31 * DAY);
}

static void
learn(Life *life, const PfOutcome *outcome, gboolean is_probe)
{
    PfGateHints hints = {chance(life, 0.2) ? g_rand_int_range(life->random, 0, 200000) : -1,
                         chance(life, 0.5) ? life->now + g_rand_int_range(life->random, -5000, 5000) : 0};

    if (outcome->gate != PF_GATE_OPEN)
        pf_gate_close(&life->gate, outcome->gate, life->now, hints, g_rand_double(life->random));
    else if (outcome->verdict == PF_VERDICT_DONE || outcome->verdict == PF_VERDICT_PERMANENT)
        pf_gate_open(&life->gate);
    else if (is_probe)
        pf_gate_close(&life->gate, life->gate.reason, life->now, hints, g_rand_double(life->random));
}

static PfDoubtTerms
terms_of(const Life *life, PfAsked asked)
{
    return (PfDoubtTerms){
        .now = life->now, .server_now = life->now, .heard = TRUE, .same_person = TRUE, .asked = asked};
}

/* The server's word on a doubt; only now and then can it be had. */
static void
ask(Life *life, Debt *debt)
{
    PfEntry *entry = debt->entry;
    gint64 month = month_of(entry->doubt);

    if (chance(life, 0.3))
        return;
    if (g_hash_table_contains(debt->paid, &month)) {
        entry->state = PF_ENTRY_FLATTRED;
        entry->doubt = entry->checked = entry->next_attempt = 0;
    } else {
        const PfDoubtTerms terms = terms_of(life, chance(life, 0.5) ? PF_ASKED_EMPTY : PF_ASKED_IN_FULL);
        entry->checked = life->now;
        (void)pf_settle_doubt(entry, &terms);
    }
}

static void
post(Life *life, Debt *debt)
{
    PfEntry *entry = debt->entry;
    gint64 month = month_of(life->now);
    gboolean is_probe = life->gate.reason != PF_GATE_OPEN, carried_out;
    PfAnswer answer = draw_answer(life, &carried_out);

    const PfDoubtTerms terms = terms_of(life, PF_ASKED_NOT);

    if (!pf_settle_doubt(entry, &terms))
        return;
    if (entry->doubt != 0)
        g_assert_cmpint(month_of(entry->doubt), ==, month);
    if (is_probe) {
        g_assert_cmpint(life->now, >, life->probed);
        life->probed = life->now;
    }
    if (!entry->doubt)
        entry->doubt_server = life->now;
    entry->state = PF_ENTRY_SENDING;
    entry->attempts++;
    life->posts++;
    if (g_hash_table_contains(debt->paid, &month) && carried_out) {
        answer = (PfAnswer){PF_DELIVERY_ANSWERED, 403, TRUE, FALSE, TRUE, "flattr_once"};
        if (chance(life, 0.3))
            answer = (PfAnswer){.delivery = PF_DELIVERY_UNANSWERED};
    } else if (carried_out) {
        /* The heart of it: never a second payment. */
        g_assert_cmpuint(g_hash_table_size(debt->paid), ==, 0);
        g_hash_table_add(debt->paid, g_memdup2(&month, sizeof month));
    }
    gint64 sent = life->now;
    life->now += g_rand_int_range(life->random, 0, 60);
    PfOutcome outcome = pf_outcome_read(&answer);
    pf_settle_entry(entry, &outcome, sent, life->now, g_rand_double(life->random));
    learn(life, &outcome, is_probe);
    check_waits(life, entry);
}

static Debt *
find_due(Life *life)
{
    for (guint i = 0; i < ENTRIES; i++) {
        const PfEntry *entry = life->debts[i].entry;
        if (entry->state == PF_ENTRY_QUEUED && entry->next_attempt <= life->now)
            return &life->debts[i];
    }
    return NULL;
}

static void
turn(Life *life)
{
    PfGatePass pass = pf_gate_check(&life->gate, life->now);
    Debt *debt = pass == PF_GATE_SHUT ? NULL : find_due(life);

    /* Somebody logs in now and then. */
    if (life->gate.reason != PF_GATE_OPEN && life->gate.next_probe == 0 && chance(life, 0.2))
        pf_gate_open(&life->gate);
    if (!debt) {
        life->now += g_rand_int_range(life->random, 1, 2 * HOUR);
        return;
    }
    if (debt->entry->doubt != 0 && debt->entry->checked == 0)
        ask(life, debt);
    if (debt->entry->state == PF_ENTRY_QUEUED && (debt->entry->doubt == 0 || debt->entry->checked != 0))
        post(life, debt);
    else
        life->now += g_rand_int_range(life->random, 1, HOUR);
    if (chance(life, 0.001))
        life->now += g_rand_int_range(life->random, 0, 40) * DAY;
}

/* What was paid is known or in doubt; what is known to be paid was. */
static void
check_end(const Life *life, const Debt *debt)
{
    const PfEntry *entry = debt->entry;
    gboolean paid = g_hash_table_size(debt->paid) > 0;

    g_assert_cmpuint(g_hash_table_size(debt->paid), <=, 1);
    if (paid && entry->state == PF_ENTRY_QUEUED)
        g_assert_cmpint(entry->doubt, !=, 0);
    if (entry->state == PF_ENTRY_HELD) {
        g_assert_cmpstr(entry->reason, ==, "unknown");
        g_assert_cmpint(entry->doubt, !=, 0);
    }
    if (entry->state == PF_ENTRY_QUEUED)
        g_assert_cmpint(entry->next_attempt, <=, life->now + PF_SETTLE_LONGEST_WAIT);
}

static void
live(GRand *random)
{
    Life life = {.random = random, .now = 1700000000 + g_rand_int_range(random, 0, 100000000)};
    gint64 end = life.now + LIFE;

    for (guint i = 0; i < ENTRIES; i++) {
        life.debts[i].entry = pf_entry_new();
        life.debts[i].entry->state = PF_ENTRY_QUEUED;
        life.debts[i].entry->sent_as = g_strdup("account");
        life.debts[i].paid = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    }
    while (life.now < end)
        turn(&life);
    g_assert_cmpuint(life.posts, >, ENTRIES);
    for (guint i = 0; i < ENTRIES; i++) {
        check_end(&life, &life.debts[i]);
        pf_entry_free(life.debts[i].entry);
        g_hash_table_unref(life.debts[i].paid);
    }
}

static void
a_year_with_a_server_of_many_moods_pays_nothing_twice(void)
{
    g_autoptr(GRand) random = g_rand_new_with_seed((guint32)g_test_rand_int());

    for (guint i = 0; i < LIVES; i++)
        live(random);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/simulation/a year with a server of many moods pays nothing twice",
                    a_year_with_a_server_of_many_moods_pays_nothing_twice);
    return g_test_run();
}
