/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/edit.h"
#include "scratch_queue.h"

static PfEntry
draft(const char *key, PfEntryState state, const char *reason, gint64 next)
{
    return (PfEntry){.key = (char *)key,
                     .state = state,
                     .reason = (char *)reason,
                     .source = PF_SOURCE_WATCH,
                     .next_attempt = next,
                     .created = 100};
}

static PfEntry *
steer(Scratch *scratch, PfSteerVerb verb, gint64 id, gint64 now)
{
    g_autoptr(GError) error = NULL;
    PfEntry *entry = scratch_read(scratch, id);

    scratch_begin(scratch);
    pf_queue_steer(scratch->queue, verb, entry, now, &error);
    g_assert_no_error(error);
    scratch_end();
    return entry;
}

/* What each verb does in each state; the order of the states is that of PfEntryState. */
static void
the_table_of_verbs_holds(Scratch *scratch, gconstpointer data)
{
    const PfSteerEffect C = PF_STEER_CHANGES, S = PF_STEER_SAME, R = PF_STEER_REFUSED, N = PF_STEER_BY_NAME;
    const PfSteerEffect table[PF_STEER_VERBS][PF_ENTRY_STATES] = {
        /*                  held queued sending flattred owned failed dropped owed */
        [PF_STEER_RETRY] = {R, C, R, R, R, C, N, R},
        [PF_STEER_HOLD] = {C, C, R, R, R, R, R, R},
        [PF_STEER_RELEASE] = {C, S, R, R, R, R, R, S},
        [PF_STEER_DROP] = {C, C, R, R, R, N, S, N},
    };

    (void)scratch;
    (void)data;
    for (PfSteerVerb verb = 0; verb < PF_STEER_VERBS; verb++) {
        for (PfEntryState state = 0; state < PF_ENTRY_STATES; state++) {
            PfEntry entry = {.state = state, .next_attempt = 200};
            const char *why;

            g_test_message("%s, %s", pf_steer_verb_name(verb), pf_entry_state_name(state));
            g_assert_cmpint(pf_steer_decide(verb, &entry, 100, &why), ==, table[verb][state]);
            g_assert_true((table[verb][state] == R) == (why != NULL));
        }
    }
}

static void
what_changes_nothing_is_no_change(Scratch *scratch, gconstpointer data)
{
    PfEntry due = {.state = PF_ENTRY_QUEUED, .next_attempt = 100};
    PfEntry held = {.state = PF_ENTRY_HELD};
    PfEntry unknown = {.state = PF_ENTRY_HELD, .reason = (char *)"unknown"};
    const char *why;

    (void)scratch;
    (void)data;
    g_assert_cmpint(pf_steer_decide(PF_STEER_RETRY, &due, 100, &why), ==, PF_STEER_SAME);
    g_assert_cmpint(pf_steer_decide(PF_STEER_HOLD, &held, 100, &why), ==, PF_STEER_SAME);
    g_assert_cmpint(pf_steer_decide(PF_STEER_RELEASE, &unknown, 100, &why), ==, PF_STEER_BY_NAME);
    unknown.reason = (char *)"contested";
    g_assert_cmpint(pf_steer_decide(PF_STEER_RELEASE, &unknown, 100, &why), ==, PF_STEER_BY_NAME);
}

static void
what_is_released_is_the_users_word(Scratch *scratch, gconstpointer data)
{
    gint64 id = scratch_add(scratch, draft("a", PF_ENTRY_HELD, "ask", 0));
    g_autoptr(PfEntry) before = scratch_read(scratch, id);
    g_autoptr(PfEntry) released = steer(scratch, PF_STEER_RELEASE, id, 500);

    (void)data;
    g_assert_false(before->by_hand);
    g_autoptr(PfEntry) after = scratch_read(scratch, id);
    g_assert_cmpint(after->state, ==, PF_ENTRY_QUEUED);
    g_assert_null(after->reason);
    g_assert_cmpint(after->next_attempt, ==, 500);
    g_assert_true(after->by_hand);
    g_autofree char *story = scratch_story(scratch, id);
    g_assert_cmpstr(story, ==, "added:held release:queued");
    g_autoptr(PfEntry) claimed = scratch_claim(scratch, 500);
    g_assert_cmpint(claimed->id, ==, id);
}

static void
a_drop_can_be_taken_back(Scratch *scratch, gconstpointer data)
{
    gint64 id = scratch_add(scratch, draft("a", PF_ENTRY_QUEUED, NULL, 100));
    g_autoptr(PfEntry) dropped = steer(scratch, PF_STEER_DROP, id, 200);

    (void)data;
    g_assert_cmpint(dropped->state, ==, PF_ENTRY_DROPPED);
    g_assert_cmpstr(dropped->reason, ==, "user");
    g_assert_null(scratch_claim(scratch, G_MAXINT64));
    g_autoptr(PfEntry) again = steer(scratch, PF_STEER_RETRY, id, 300);
    g_assert_cmpint(again->state, ==, PF_ENTRY_QUEUED);
    g_autoptr(PfEntry) held = steer(scratch, PF_STEER_HOLD, id, 400);
    g_assert_cmpint(held->state, ==, PF_ENTRY_HELD);
    g_autofree char *story = scratch_story(scratch, id);
    g_assert_cmpstr(story, ==, "added:queued drop:dropped retry:queued hold:held");
}

static void
a_doubt_ends_with_the_users_release_alone(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    gint64 id = scratch_add(scratch, draft("a", PF_ENTRY_QUEUED, NULL, 100));
    g_autoptr(PfEntry) entry = scratch_claim(scratch, 100);

    (void)data;
    entry->state = PF_ENTRY_QUEUED;
    entry->doubt = 100;
    scratch_begin(scratch);
    pf_queue_settle(scratch->queue, entry, pf_event_of("answer", NULL, 150), &error);
    scratch_end();
    /* Dropping, holding and retrying do not tell whether it was paid. */
    for (PfSteerVerb verb = 0; verb < PF_STEER_VERBS; verb++) {
        g_autoptr(PfEntry) steered = steer(scratch, verb, id, 200);
        g_assert_cmpint(steered->doubt, ==, 100);
    }
    g_autoptr(PfEntry) kept = scratch_read(scratch, id);
    g_assert_cmpint(kept->doubt, ==, 100);
    kept->state = PF_ENTRY_HELD;
    g_free(kept->reason);
    kept->reason = g_strdup("unknown");
    scratch_begin(scratch);
    pf_queue_settle(scratch->queue, kept, pf_event_of("held", NULL, 300), &error);
    scratch_end();
    g_autoptr(PfEntry) released = steer(scratch, PF_STEER_RELEASE, id, 400);
    g_assert_cmpint(released->doubt, ==, 0);
}

static void
what_waited_for_a_time_goes_on_when_it_comes(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    gint64 soon = scratch_add(scratch, draft("soon", PF_ENTRY_HELD, "delay", 200));
    gint64 later = scratch_add(scratch, draft("later", PF_ENTRY_HELD, "per_feed_per_day", 201));
    gint64 asked = scratch_add(scratch, draft("asked", PF_ENTRY_HELD, "ask", 0));

    (void)data;
    scratch_begin(scratch);
    g_assert_true(pf_queue_release_due(scratch->queue, 200, &error));
    scratch_end();
    g_autoptr(PfEntry) first = scratch_read(scratch, soon);
    g_autoptr(PfEntry) second = scratch_read(scratch, later);
    g_autoptr(PfEntry) third = scratch_read(scratch, asked);
    g_assert_cmpint(first->state, ==, PF_ENTRY_QUEUED);
    g_assert_null(first->reason);
    g_assert_false(first->by_hand);
    g_assert_cmpint(second->state, ==, PF_ENTRY_HELD);
    g_assert_cmpint(third->state, ==, PF_ENTRY_HELD);
    g_autofree char *story = scratch_story(scratch, soon);
    g_assert_cmpstr(story, ==, "added:held due:queued");
    g_autofree char *other = scratch_story(scratch, later);
    g_assert_cmpstr(other, ==, "added:held");
}

static void
a_pause_forgets_no_gate(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *token = NULL;
    g_autofree char *again = NULL;
    PfGate gate = {0};
    gboolean changed;

    (void)data;
    scratch_add(scratch, draft("a", PF_ENTRY_QUEUED, NULL, 100));
    pf_gate_close(&gate, PF_GATE_NO_MEANS, 100, PF_GATE_NO_HINTS, 0);
    scratch_begin(scratch);
    g_assert_true(pf_queue_save_gate(scratch->queue, &gate, "t", &error));
    g_assert_true(pf_queue_pause(scratch->queue, 150, &changed, &error));
    g_assert_true(changed);
    g_assert_true(pf_queue_pause(scratch->queue, 160, &changed, &error));
    g_assert_false(changed);
    g_assert_true(pf_queue_load_gate(scratch->queue, &gate, &token, &error));
    g_assert_cmpint(gate.reason, ==, PF_GATE_PAUSED);
    g_assert_cmpint(gate.since, ==, 150);
    /* A sender that loaded it so writes it so. */
    g_assert_true(pf_queue_save_gate(scratch->queue, &gate, "t", &error));
    scratch_end();
    g_assert_true(pf_queue_read_paused(scratch->queue, &changed, &error));
    g_assert_true(changed);

    scratch_begin(scratch);
    g_assert_true(pf_queue_resume(scratch->queue, &changed, &error));
    g_assert_true(changed);
    g_assert_true(pf_queue_resume(scratch->queue, &changed, &error));
    g_assert_false(changed);
    g_assert_true(pf_queue_load_gate(scratch->queue, &gate, &again, &error));
    scratch_end();
    g_assert_cmpint(gate.reason, ==, PF_GATE_NO_MEANS);
    g_assert_true(pf_queue_read_paused(scratch->queue, &changed, &error));
    g_assert_false(changed);
}

#define ADD(name, function) g_test_add("/queue_steer/" name, Scratch, NULL, scratch_set_up, function, scratch_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("the table of verbs holds", the_table_of_verbs_holds);
    ADD("what changes nothing is no change", what_changes_nothing_is_no_change);
    ADD("what is released is the user's word", what_is_released_is_the_users_word);
    ADD("a drop can be taken back", a_drop_can_be_taken_back);
    ADD("a doubt ends with the user's release alone", a_doubt_ends_with_the_users_release_alone);
    ADD("what waited for a time goes on when it comes", what_waited_for_a_time_goes_on_when_it_comes);
    ADD("a pause forgets no gate", a_pause_forgets_no_gate);
    return g_test_run();
}
