/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/import.h"
#include "scratch_queue.h"

static PfEntry
entry_of(const char *key, PfEntryState state, gint64 doubt)
{
    return (PfEntry){.key = (char *)key,
                     .period = (char *)"",
                     .url = (char *)key,
                     .state = state,
                     .owed = (char *)(state == PF_ENTRY_OWED ? PF_OWED_NO_SERVER : NULL),
                     .reason = (char *)"because",
                     .next_attempt = 300,
                     .doubt = doubt,
                     .source = PF_SOURCE_WATCH,
                     .created = 100,
                     .updated = 200};
}

static PfImportResult
import(Scratch *scratch, PfEntry entry)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) story = g_ptr_array_new();
    PfEvent event = {.at = 100, .what = (char *)"added", .state = (char *)"queued"};

    g_ptr_array_add(story, &event);
    scratch_begin(scratch);
    PfImportResult result = pf_queue_import(scratch->queue, &entry, story, 1000, &error);
    g_assert_no_error(error);
    scratch_end();
    return result;
}

static void
what_is_new_is_added_as_it_is(Scratch *scratch, gconstpointer data)
{
    PfEntry foreign = entry_of("k", PF_ENTRY_FLATTRED, 0);

    (void)data;
    foreign.thing_id = 7;
    foreign.attempts = 3;
    foreign.by_hand = TRUE;
    g_assert_cmpint(import(scratch, foreign), ==, PF_IMPORT_ADDED);
    g_assert_cmpint(import(scratch, foreign), ==, PF_IMPORT_KEPT);
    g_autoptr(PfEntry) entry = scratch_read(scratch, 1);
    g_assert_cmpint(entry->state, ==, PF_ENTRY_FLATTRED);
    g_assert_cmpint(entry->thing_id, ==, 7);
    g_assert_cmpint(entry->attempts, ==, 3);
    g_assert_cmpint(entry->created, ==, 100);
    g_assert_cmpint(entry->updated, ==, 200);
    g_assert_true(entry->by_hand);
    g_autofree char *story = scratch_story(scratch, 1);
    g_assert_cmpstr(story, ==, "added:queued imported:flattred");
}

static void
what_another_queue_was_sending_is_in_doubt(Scratch *scratch, gconstpointer data)
{
    (void)data;
    g_assert_cmpint(import(scratch, entry_of("k", PF_ENTRY_SENDING, 0)), ==, PF_IMPORT_ADDED);
    g_autoptr(PfEntry) entry = scratch_read(scratch, 1);
    g_assert_cmpint(entry->state, ==, PF_ENTRY_QUEUED);
    g_assert_cmpstr(entry->reason, ==, "interrupted");
    g_assert_cmpint(entry->doubt, ==, 200);
}

/* The other queue has tried in vain, is exported, and pays; then this one goes on with what was exported. */
static void
what_another_queue_may_have_paid_since_is_asked_about(Scratch *scratch, gconstpointer data)
{
    PfEntry tried = entry_of("k", PF_ENTRY_QUEUED, 0);
    g_autoptr(GError) error = NULL;

    (void)data;
    tried.sent_as = (char *)"account";
    g_assert_cmpint(import(scratch, tried), ==, PF_IMPORT_ADDED);
    scratch_begin(scratch);
    g_assert_true(pf_queue_question_old(scratch->queue, 100 + 32 * 86400, &error));
    scratch_end();
    g_autoptr(PfEntry) entry = scratch_read(scratch, 1);
    g_assert_cmpint(entry->doubt, ==, 100);
    g_assert_cmpint(entry->checked, ==, 0);
}

static void
the_same_episode_is_not_doubled(Scratch *scratch, gconstpointer data)
{
    PfEntry here = entry_of("mp3", PF_ENTRY_QUEUED, 0), there = entry_of("ogg", PF_ENTRY_FLATTRED, 0);

    (void)data;
    here.guid = there.guid = (char *)"tag:a,2026:1";
    here.feed = there.feed = (char *)"https://f.example/";
    gint64 id = scratch_add(scratch, here);
    g_assert_cmpint(import(scratch, there), ==, PF_IMPORT_ADVANCED);
    g_autoptr(PfEntry) entry = scratch_read(scratch, id);
    g_assert_cmpint(entry->state, ==, PF_ENTRY_FLATTRED);
    g_assert_cmpstr(entry->key, ==, "mp3");
}

static void
the_same_episode_without_a_guid_is_not_doubled(Scratch *scratch, gconstpointer data)
{
    PfEntry one = entry_of("http://p.example/1", PF_ENTRY_QUEUED, 0), moved = entry_of("q", PF_ENTRY_FLATTRED, 0);

    (void)data;
    one.feed = moved.feed = (char *)"https://f.example/";
    one.title = moved.title = (char *)"One";
    one.enclosure = moved.enclosure = (char *)"cdn.example:/1.mp3?";
    one.published = moved.published = 50;
    PfEntry next = moved;
    next.key = (char *)"r";
    next.published = 51;
    g_assert_cmpint(import(scratch, one), ==, PF_IMPORT_ADDED);
    g_assert_cmpint(import(scratch, moved), ==, PF_IMPORT_ADVANCED);
    g_assert_cmpint(import(scratch, next), ==, PF_IMPORT_ADDED);
    g_autoptr(PfEntry) entry = scratch_read(scratch, 1);
    g_assert_cmpint(entry->state, ==, PF_ENTRY_FLATTRED);
    g_assert_cmpstr(entry->enclosure, ==, "cdn.example:/1.mp3?");
    g_assert_cmpint(entry->published, ==, 50);
}

/* Which of the two wins, for every pair of states, with and without a doubt. */
static void
the_further_of_two_wins(Scratch *scratch, gconstpointer data)
{
    (void)data;
    for (PfEntryState here = 0; here < PF_ENTRY_STATES; here++) {
        for (guint there = 0; there < 2 * PF_ENTRY_STATES; there++) {
            g_autofree char *key = g_strdup_printf("%d-%u", here, there);
            PfEntry known = entry_of(key, here, 0);
            PfEntry foreign = entry_of(key, (PfEntryState)(there / 2), there % 2 ? 150 : 0);
            gint64 id = scratch_add(scratch, known);
            gboolean further =
                here != PF_ENTRY_SENDING && pf_queue_import_rank(&foreign) > pf_queue_import_rank(&known);

            g_assert_cmpint(import(scratch, foreign), ==, further ? PF_IMPORT_ADVANCED : PF_IMPORT_KEPT);
            g_autoptr(PfEntry) entry = scratch_read(scratch, id);
            /* Paid stays paid, dropped is never sent, held stays held unless it is over. */
            if (here == PF_ENTRY_FLATTRED || (here != PF_ENTRY_SENDING && foreign.state == PF_ENTRY_FLATTRED))
                g_assert_cmpint(entry->state, ==, PF_ENTRY_FLATTRED);
            if (here == PF_ENTRY_DROPPED)
                g_assert_cmpint(entry->state, !=, PF_ENTRY_QUEUED);
            if (here == PF_ENTRY_HELD)
                g_assert_cmpint(entry->state, !=, PF_ENTRY_QUEUED);
            /* What is owed anywhere is sent nowhere, unless a request for it may have arrived. */
            if ((here == PF_ENTRY_OWED || foreign.state == PF_ENTRY_OWED) && entry->state == PF_ENTRY_QUEUED)
                g_assert_cmpint(entry->doubt, !=, 0);
            if (foreign.state == PF_ENTRY_SENDING && (here == PF_ENTRY_HELD || here == PF_ENTRY_QUEUED))
                g_assert_cmpint(entry->doubt, !=, 0);
        }
    }
}

static void
a_doubt_here_outlasts_a_drop_there(Scratch *scratch, gconstpointer data)
{
    PfEntry known = entry_of("k", PF_ENTRY_QUEUED, 0);
    gint64 id = scratch_add(scratch, known);

    (void)data;
    g_assert_cmpint(import(scratch, entry_of("k", PF_ENTRY_QUEUED, 150)), ==, PF_IMPORT_ADVANCED);
    g_assert_cmpint(import(scratch, entry_of("k", PF_ENTRY_DROPPED, 0)), ==, PF_IMPORT_ADVANCED);
    g_autoptr(PfEntry) entry = scratch_read(scratch, id);
    g_assert_cmpint(entry->state, ==, PF_ENTRY_DROPPED);
    g_assert_cmpint(entry->doubt, ==, 150);
}

/* A line of the other queue may have been edited, or written by an older program. */
static void
what_follows_from_the_url_is_read_from_it(Scratch *scratch, gconstpointer data)
{
    PfEntry one = entry_of("https://p.example/1", PF_ENTRY_FLATTRED, 0), two = one;

    (void)data;
    one.url = two.url = (char *)"https://flattr.com/submit/auto?user_id=ann&url=https%3A%2F%2Fp.example%2F1";
    two.key = (char *)"https://somewhere.else.example/";
    two.state = PF_ENTRY_QUEUED;
    two.payee = (char *)"user:eve";
    g_assert_cmpint(import(scratch, one), ==, PF_IMPORT_ADDED);
    g_assert_cmpint(import(scratch, two), ==, PF_IMPORT_KEPT);
    g_autoptr(PfEntry) entry = scratch_read(scratch, 1);
    g_assert_cmpstr(entry->payee, ==, "user:ann");
}

#define ADD(name, function)                                                                                            \
    g_test_add("/queue_import/" name, Scratch, NULL, scratch_set_up, function, scratch_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("what is new is added as it is", what_is_new_is_added_as_it_is);
    ADD("what another queue was sending is in doubt", what_another_queue_was_sending_is_in_doubt);
    ADD("what another queue may have paid since is asked about", what_another_queue_may_have_paid_since_is_asked_about);
    ADD("the same episode is not doubled", the_same_episode_is_not_doubled);
    ADD("the same episode without a guid is not doubled", the_same_episode_without_a_guid_is_not_doubled);
    ADD("the further of two wins", the_further_of_two_wins);
    ADD("a doubt here outlasts a drop there", a_doubt_here_outlasts_a_drop_there);
    ADD("what follows from the URL is read from it", what_follows_from_the_url_is_read_from_it);
    return g_test_run();
}
