/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/arrival.h"
#include "scratch_queue.h"

#define NOW ((gint64)1760000000)

/* A literal for a field that is not written through. */
#define TEXT(literal) ((char *)(literal))

static PfArrival
watched(const char *path)
{
    return (PfArrival){.source = PF_SOURCE_WATCH,
                       .path = (char *)path,
                       .size = 1000,
                       .changed = NOW * G_GINT64_CONSTANT(1000000000) + 5,
                       .progress = -1,
                       .seen = NOW,
                       .next_try = NOW};
}

static PfArrival
told(const char *path)
{
    return (PfArrival){.source = PF_SOURCE_HOOK,
                       .path = (char *)path,
                       .size = -1,
                       .progress = -1,
                       .feed = TEXT("https://a.example/feed"),
                       .seen = NOW,
                       .next_try = NOW};
}

/* Adds in a transaction of its own; returns its id, negative when it was known. */
static gint64
add(Scratch *scratch, PfArrival draft)
{
    g_autoptr(GError) error = NULL;
    gboolean added;
    gint64 id;

    scratch_begin(scratch);
    pf_arrival_add(scratch->queue, &draft, &id, &added, &error);
    g_assert_no_error(error);
    scratch_end();
    return added ? id : -id;
}

static void
settle(Scratch *scratch, gint64 id, PfArrivalState state, gint64 next_try)
{
    g_autoptr(GError) error = NULL;
    PfArrival arrival = {.id = id, .state = state, .next_try = next_try};

    scratch_begin(scratch);
    g_assert_true(pf_arrival_settle(scratch->queue, &arrival, &error));
    scratch_end();
}

static PfArrival *
find(Scratch *scratch, const char *path)
{
    g_autoptr(GError) error = NULL;
    PfArrival *arrival = NULL;

    g_assert_true(pf_arrival_find(scratch->queue, path, &arrival, &error));
    g_assert_no_error(error);
    return arrival;
}

/* Paths of what is due: "/a /b ". */
static char *
list_due(Scratch *scratch, gint64 now, guint most)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) due = pf_arrival_list_due(scratch->queue, now, most, &error);
    GString *text = g_string_new(NULL);

    g_assert_no_error(error);
    for (guint i = 0; i < due->len; i++)
        g_string_append_printf(text, "%s ", ((const PfArrival *)due->pdata[i])->path);
    return g_string_free(text, FALSE);
}

static gint64
next_due(Scratch *scratch)
{
    g_autoptr(GError) error = NULL;
    gint64 due;

    g_assert_true(pf_arrival_read_next_due(scratch->queue, NOW, &due, &error));
    return due;
}

static gint64
count_open(Scratch *scratch, gint64 refused_expected)
{
    g_autoptr(GError) error = NULL;
    gint64 count, refused;

    g_assert_true(pf_arrival_count_open(scratch->queue, &count, &refused, &error));
    g_assert_cmpint(refused, ==, refused_expected);
    return count;
}

static void
every_field_is_kept(Scratch *scratch, gconstpointer data)
{
    PfArrival draft = {.source = PF_SOURCE_PLAY,
                       .path = TEXT("/p/new\nline \xff\xfe'\".mp3"),
                       .size = 123,
                       .changed = 456,
                       .former = TEXT("\xff.part"),
                       .played = TRUE,
                       .progress = 80,
                       .feed = TEXT("https://user:secret@a.example/feed"),
                       .enclosure = TEXT("https://a.example/1.mp3"),
                       .guid = TEXT("g"),
                       .title = TEXT("Vier — Vienna"),
                       .payment = TEXT("https://flattr.com/t/1"),
                       .state = PF_ARRIVAL_WAITING,
                       .reason = TEXT("not_found"),
                       .candidates = TEXT("[]"),
                       .seen = NOW,
                       .next_try = NOW + 60,
                       .tries = 2};

    (void)data;
    gint64 id = add(scratch, draft);
    g_autoptr(PfArrival) kept = find(scratch, draft.path);
    g_assert_cmpint(kept->id, ==, id);
    g_assert_cmpint(kept->source, ==, PF_SOURCE_PLAY);
    g_assert_cmpstr(kept->path, ==, draft.path);
    g_assert_cmpint(kept->size, ==, 123);
    g_assert_cmpint(kept->changed, ==, 456);
    g_assert_cmpstr(kept->former, ==, draft.former);
    g_assert_true(kept->played);
    g_assert_cmpint(kept->progress, ==, 80);
    g_assert_cmpstr(kept->feed, ==, draft.feed);
    g_assert_cmpstr(kept->enclosure, ==, draft.enclosure);
    g_assert_cmpstr(kept->guid, ==, "g");
    g_assert_cmpstr(kept->title, ==, draft.title);
    g_assert_cmpstr(kept->payment, ==, draft.payment);
    g_assert_cmpint(kept->state, ==, PF_ARRIVAL_WAITING);
    g_assert_cmpstr(kept->reason, ==, "not_found");
    g_assert_cmpstr(kept->candidates, ==, "[]");
    g_assert_cmpint(kept->seen, ==, NOW);
    g_assert_cmpint(kept->next_try, ==, NOW + 60);
    g_assert_cmpint(kept->tries, ==, 2);
    g_assert_cmpint(kept->entry, ==, 0);
}

static void
the_same_file_is_watched_once_whatever_became_of_it(Scratch *scratch, gconstpointer data)
{
    PfArrival file = watched("/p/1.mp3");

    (void)data;
    gint64 id = add(scratch, file);
    g_assert_cmpint(add(scratch, file), ==, -id);
    settle(scratch, id, PF_ARRIVAL_MATCHED, 0);
    g_assert_cmpint(add(scratch, file), ==, -id);
    PfArrival grown = file, rewritten = file, moved = file, played = file;
    grown.size++;
    rewritten.changed++;
    moved.path = TEXT("/p/2.mp3");
    played.played = TRUE;
    g_assert_cmpint(add(scratch, grown), >, 0);
    g_assert_cmpint(add(scratch, rewritten), >, 0);
    g_assert_cmpint(add(scratch, moved), >, 0);
    g_assert_cmpint(add(scratch, played), >, 0);
}

static void
what_a_hook_has_told_is_no_news_to_the_watcher(Scratch *scratch, gconstpointer data)
{
    PfArrival hook = told("/p/1.mp3"), file = watched("/p/1.mp3");

    (void)data;
    hook.size = file.size;
    hook.changed = file.changed;
    gint64 id = add(scratch, hook);
    g_assert_cmpint(add(scratch, file), ==, -id);
}

static void
a_file_that_waits_or_was_given_up_is_looked_at_again_for_new_words(Scratch *scratch, gconstpointer data)
{
    PfArrival file = watched("/p/1.mp3"), hook = told("/p/1.mp3");

    (void)data;
    gint64 id = add(scratch, file);
    settle(scratch, id, PF_ARRIVAL_UNMATCHED, 0);
    hook.feed = NULL;
    hook.next_try = NOW + 5;
    g_assert_cmpint(add(scratch, hook), ==, -id);
    g_autoptr(PfArrival) given_up = find(scratch, "/p/1.mp3");
    g_assert_cmpint(given_up->state, ==, PF_ARRIVAL_UNMATCHED);
    g_assert_cmpint(given_up->next_try, ==, 0);
    hook.payment = TEXT("https://flattr.com/t/1");
    g_assert_cmpint(add(scratch, hook), ==, -id);
    g_autoptr(PfArrival) again = find(scratch, "/p/1.mp3");
    g_assert_cmpint(again->state, ==, PF_ARRIVAL_WAITING);
    g_assert_cmpint(again->next_try, ==, NOW + 5);
    g_assert_cmpstr(again->payment, ==, "https://flattr.com/t/1");
    /* The same words are no news. */
    settle(scratch, id, PF_ARRIVAL_WAITING, NOW + 900);
    g_assert_cmpint(add(scratch, hook), ==, -id);
    g_autoptr(PfArrival) waits = find(scratch, "/p/1.mp3");
    g_assert_cmpint(waits->next_try, ==, NOW + 900);
}

static void
a_hook_that_tells_twice_is_heard_once_until_it_is_decided(Scratch *scratch, gconstpointer data)
{
    PfArrival hook = told("/p/1.mp3");

    (void)data;
    gint64 first = add(scratch, hook);
    g_assert_cmpint(add(scratch, hook), ==, -first);
    settle(scratch, first, PF_ARRIVAL_UNMATCHED, 0);
    g_assert_cmpint(add(scratch, hook), ==, -first);
    PfArrival played = hook, other = hook, plain = hook;
    played.played = TRUE;
    other.guid = TEXT("g2");
    plain.feed = NULL;
    g_assert_cmpint(add(scratch, played), >, 0);
    g_assert_cmpint(add(scratch, other), >, 0);
    gint64 nameless = add(scratch, plain);
    g_assert_cmpint(nameless, >, 0);
    g_assert_cmpint(add(scratch, plain), ==, -nameless);
    settle(scratch, first, PF_ARRIVAL_MATCHED, 0);
    gint64 second = add(scratch, hook);
    g_assert_cmpint(second, >, 0);
    settle(scratch, second, PF_ARRIVAL_REFUSED, 0);
    g_assert_cmpint(add(scratch, hook), >, 0);
}

static void
what_is_told_again_is_told_better(Scratch *scratch, gconstpointer data)
{
    PfArrival play = told("/p/1.mp3");

    (void)data;
    play.played = TRUE;
    play.progress = 20;
    gint64 id = add(scratch, play);
    play.progress = 90;
    play.title = TEXT("One");
    play.payment = TEXT("https://flattr.com/t/1");
    g_assert_cmpint(add(scratch, play), ==, -id);
    play.progress = 30;
    play.title = TEXT("Uno");
    g_assert_cmpint(add(scratch, play), ==, -id);
    g_autoptr(PfArrival) kept = find(scratch, "/p/1.mp3");
    g_assert_cmpint(kept->progress, ==, 90);
    g_assert_cmpstr(kept->title, ==, "One");
    g_assert_cmpstr(kept->payment, ==, "https://flattr.com/t/1");
}

static PfHeard
sum(const PfHeardPiece *pieces, guint count, gint64 length)
{
    g_autoptr(GArray) array = g_array_new(FALSE, FALSE, sizeof(PfHeardPiece));

    g_array_append_vals(array, pieces, count);
    return pf_heard_sum(array, length);
}

static void
pieces_that_were_heard_add_up(void)
{
    static const struct {
        PfHeardPiece pieces[3];
        gint64 length;
        PfHeard sum;
    } cases[] = {
        /* started, ended, heard, duration, progress */
        {{{0}}, 600, {0, 0}},
        {{{1000, 1300, 300, 0, -1}}, 600, {300, 50}},
        {{{1000, 1300, 300, 0, -1}, {90000, 90180, 180, 0, -1}}, 600, {480, 80}},
        /* Nobody can hear more of it than there is. */
        {{{1000, 1500, 500, 0, -1}, {2000, 2500, 500, 0, -1}}, 600, {600, 100}},
        /* The player knows better how long it is than the feed, and it may be the only one. */
        {{{1000, 1300, 300, 1200, -1}}, 600, {300, 25}},
        {{{1000, 1300, 300, 1200, -1}}, 0, {300, 25}},
        {{{1000, 1300, 300, 0, -1}}, 0, {300, -1}},
        /* At double speed more is heard than time goes by. */
        {{{1000, 1150, 300, 0, -1}, {1150, 1300, 300, 0, -1}}, 600, {600, 100}},
        /* Two tellers listened at the same time, one of them with a break. */
        {{{1000, 1300, 300, 0, -1}, {1000, 1300, 299, 0, -1}}, 600, {300, 50}},
        {{{1000, 1150, 150, 0, -1}, {1000, 1300, 300, 0, -1}, {1150, 1300, 150, 0, -1}}, 600, {300, 50}},
        /* One of them tells of a break as well, the other does not, or has missed what was before. */
        {{{1000, 1300, 300, 0, -1}, {1000, 30000, 300, 0, -1}}, 600, {300, 50}},
        {{{1000, 1100, 100, 0, -1}, {29900, 30000, 100, 0, -1}, {1000, 30000, 200, 0, -1}}, 600, {200, 33}},
        {{{1200, 1300, 100, 0, -1}, {1000, 1300, 300, 0, -1}}, 600, {300, 50}},
        {{{1000, 1100, 100, 0, -1}, {1050, 1200, 150, 0, -1}}, 600, {200, 33}},
        /* Without a beginning, it is as long before its end as was heard. */
        {{{0, 1300, 300, 0, -1}, {0, 1300, 300, 0, -1}}, 600, {300, 50}},
        /* Who says how far it was played has counted what went before. */
        {{{0, 1300, 0, 0, 40}, {0, 2300, 0, 0, 90}}, 600, {540, 90}},
        {{{0, 1300, 0, 0, 40}, {2000, 2300, 300, 0, -1}}, 600, {300, 50}},
        {{{0, 1300, 0, 0, 90}}, 0, {0, 90}},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        guint count = 0;
        while (count < 3 && cases[i].pieces[count].ended)
            count++;
        PfHeard heard = sum(cases[i].pieces, count, cases[i].length);
        g_assert_cmpint(heard.seconds, ==, cases[i].sum.seconds);
        g_assert_cmpint(heard.percent, ==, i == 0 ? -1 : cases[i].sum.percent);
    }
}

static void
what_was_heard_of_an_episode_is_kept_whoever_told_of_it(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    PfArrival play = told("/p/1.mp3");
    PfHeard heard = {0};

    (void)data;
    play.source = PF_SOURCE_PLAY;
    play.played = TRUE;
    play.heard = 100;
    play.started = NOW - 100;
    gint64 first = add(scratch, play);
    settle(scratch, first, PF_ARRIVAL_MATCHED, 0);
    play.path = TEXT("https://a.example/1.mp3");
    play.started += 86400;
    play.seen += 86400;
    gint64 second = add(scratch, play);
    settle(scratch, second, PF_ARRIVAL_MATCHED, 0);
    scratch_begin(scratch);
    g_assert_true(pf_arrival_note_episode(scratch->queue, first, "e", NOW - 10, 400, &heard, &error));
    g_assert_cmpint(heard.seconds, ==, 100);
    g_assert_true(pf_arrival_note_episode(scratch->queue, second, "e", NOW - 10, 400, &heard, &error));
    g_assert_cmpint(heard.seconds, ==, 200);
    g_assert_cmpint(heard.percent, ==, 50);
    /* What was heard too long ago does not count. */
    g_assert_true(pf_arrival_note_episode(scratch->queue, second, "e", NOW + 10, 400, &heard, &error));
    g_assert_cmpint(heard.seconds, ==, 100);
    scratch_end();
}

static void
what_is_played_is_what_its_hook_named_it(Scratch *scratch, gconstpointer data)
{
    PfArrival hook = told("/p/1.mp3"), play = told("/p/1.mp3"), other = told("/p/2.mp3");

    (void)data;
    hook.guid = TEXT("urn:old");
    settle(scratch, add(scratch, hook), PF_ARRIVAL_MATCHED, 0);
    hook.guid = TEXT("urn:1");
    settle(scratch, add(scratch, hook), PF_ARRIVAL_MATCHED, 0);
    play.feed = other.feed = NULL;
    play.played = other.played = TRUE;
    add(scratch, play);
    add(scratch, other);
    g_autoptr(PfArrival) named = find(scratch, "/p/1.mp3");
    g_assert_cmpstr(named->guid, ==, "urn:1");
    g_assert_cmpstr(named->feed, ==, "https://a.example/feed");
    g_autoptr(PfArrival) unnamed = find(scratch, "/p/2.mp3");
    g_assert_null(unnamed->feed);
}

static void
what_is_due_comes_by_time(Scratch *scratch, gconstpointer data)
{
    static const char *const paths[] = {"/later", "/waits", "/new", "/unmatched", "/matched", "/refused", "/second"};
    gint64 ids[G_N_ELEMENTS(paths)];

    (void)data;
    g_assert_cmpint(next_due(scratch), ==, G_MAXINT64);
    for (gsize i = 0; i < G_N_ELEMENTS(paths); i++)
        ids[i] = add(scratch, told(paths[i]));
    settle(scratch, ids[0], PF_ARRIVAL_WAITING, NOW + 100);
    settle(scratch, ids[1], PF_ARRIVAL_WAITING, NOW - 5);
    settle(scratch, ids[3], PF_ARRIVAL_UNMATCHED, 0);
    settle(scratch, ids[4], PF_ARRIVAL_MATCHED, 0);
    settle(scratch, ids[5], PF_ARRIVAL_REFUSED, 0);
    g_assert_cmpint(next_due(scratch), ==, NOW - 5);
    g_autofree char *due = list_due(scratch, NOW, 10);
    g_assert_cmpstr(due, ==, "/waits /new /second ");
    g_autofree char *two = list_due(scratch, NOW, 2);
    g_assert_cmpstr(two, ==, "/waits /new ");
    g_autofree char *none = list_due(scratch, NOW - 6, 10);
    g_assert_cmpstr(none, ==, "");
    g_autofree char *all = list_due(scratch, NOW + 100, 10);
    g_assert_cmpstr(all, ==, "/waits /new /second /later ");
}

static void
what_was_put_off_on_a_fast_clock_is_due(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    PfArrival draft = told("/ahead");

    (void)data;
    draft.seen = NOW + 30 * 86400;
    settle(scratch, add(scratch, draft), PF_ARRIVAL_WAITING, NOW + 30 * 86400 + 300);
    settle(scratch, add(scratch, told("/waits")), PF_ARRIVAL_WAITING, NOW + 43200);
    g_assert_cmpint(next_due(scratch), ==, NOW);
    g_autoptr(GPtrArray) due = pf_arrival_list_due(scratch->queue, NOW, 10, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(due->len, ==, 1);
    g_assert_cmpint(((PfArrival *)due->pdata[0])->seen, ==, NOW);
    /* Not for good: a clock that begins in 1970 would have all files given up once it is right. */
    scratch_begin(scratch);
    g_assert_true(pf_arrival_settle(scratch->queue, due->pdata[0], &error));
    scratch_end();
    g_autoptr(PfArrival) kept = find(scratch, "/ahead");
    g_assert_cmpint(kept->seen, ==, NOW + 30 * 86400);
}

static void
news_make_what_waits_due_and_nothing_else(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    (void)data;
    settle(scratch, add(scratch, told("/waits")), PF_ARRIVAL_WAITING, NOW + 1000);
    settle(scratch, add(scratch, told("/overdue")), PF_ARRIVAL_WAITING, NOW - 1000);
    settle(scratch, add(scratch, told("/new")), PF_ARRIVAL_NEW, NOW + 500);
    settle(scratch, add(scratch, told("/unmatched")), PF_ARRIVAL_UNMATCHED, 0);
    settle(scratch, add(scratch, told("/unmatched, looked at daily")), PF_ARRIVAL_UNMATCHED, NOW + 700);
    scratch_begin(scratch);
    guint count;
    g_assert_true(pf_arrival_hurry(scratch->queue, FALSE, NOW, &count, &error));
    g_assert_cmpuint(count, ==, 1);
    scratch_end();
    g_autofree char *due = list_due(scratch, NOW, 10);
    g_assert_cmpstr(due, ==, "/overdue /waits ");
    g_autofree char *later = list_due(scratch, NOW + 700, 10);
    g_assert_cmpstr(later, ==, "/overdue /waits /new /unmatched, looked at daily ");
}

static gboolean
list_path(const PfArrival *arrival, gpointer data)
{
    g_string_append_printf(data, "%s ", arrival->path);
    return TRUE;
}

static gboolean
take_one(const PfArrival *arrival, gpointer data)
{
    (void)list_path(arrival, data);
    return FALSE;
}

static void
open_ones_are_listed_and_counted(Scratch *scratch, gconstpointer data)
{
    static const PfArrivalState states[] = {PF_ARRIVAL_REFUSED, PF_ARRIVAL_NEW, PF_ARRIVAL_WAITING, PF_ARRIVAL_MATCHED,
                                            PF_ARRIVAL_UNMATCHED};
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) open = g_string_new(NULL), one = g_string_new(NULL);

    (void)data;
    g_assert_cmpint(count_open(scratch, 0), ==, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(states); i++) {
        g_autofree char *path = g_strdup_printf("/%s", pf_arrival_state_name(states[i]));
        settle(scratch, add(scratch, told(path)), states[i], NOW);
    }
    g_assert_cmpint(count_open(scratch, 1), ==, 3);
    g_assert_true(pf_arrival_each_open(scratch->queue, list_path, open, &error));
    g_assert_cmpstr(open->str, ==, "/refused /waiting /unmatched ");
    g_assert_true(pf_arrival_each_open(scratch->queue, take_one, one, &error));
    g_assert_cmpstr(one->str, ==, "/refused ");
    /* One file that was heard in three pieces. */
    PfArrival piece = told("/heard");
    piece.played = TRUE;
    piece.heard = 60;
    for (guint i = 0; i < 3; i++)
        settle(scratch, add(scratch, piece), PF_ARRIVAL_WAITING, NOW);
    g_assert_cmpint(count_open(scratch, 1), ==, 4);
}

static void
the_newest_of_a_path_is_found(Scratch *scratch, gconstpointer data)
{
    PfArrival hook = told("/p/1.mp3"), again = told("/p/1.mp3");

    (void)data;
    again.guid = TEXT("g2");
    gint64 first = add(scratch, hook), second = add(scratch, again);
    g_autoptr(PfArrival) newest = find(scratch, "/p/1.mp3");
    g_assert_cmpint(newest->id, ==, second);
    settle(scratch, second, PF_ARRIVAL_MATCHED, 0);
    g_autoptr(PfArrival) other = find(scratch, "/p/1.mp3");
    g_assert_cmpint(other->id, ==, first);
    g_assert_null(find(scratch, "/p/2.mp3"));
}

static void
files_without_an_episode_are_given_up_after_their_time(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    PfArrival old = watched("/old"), young = watched("/young"), refused = told("/refused");
    guint count = 0;

    (void)data;
    young.seen = NOW + 10;
    settle(scratch, add(scratch, old), PF_ARRIVAL_UNMATCHED, 0);
    settle(scratch, add(scratch, young), PF_ARRIVAL_UNMATCHED, 0);
    settle(scratch, add(scratch, refused), PF_ARRIVAL_REFUSED, 0);
    g_autoptr(PfTransaction) transaction = pf_queue_begin(scratch->queue, &error);
    g_assert_true(pf_arrival_give_up(scratch->queue, NOW + 5, &count, &error));
    g_assert_true(pf_transaction_commit(g_steal_pointer(&transaction), &error));
    g_assert_cmpuint(count, ==, 1);
    g_autoptr(GPtrArray) open = pf_arrival_list_open(scratch->queue, &error);
    g_assert_cmpuint(open->len, ==, 2);
    g_autoptr(PfArrival) read = NULL;
    g_assert_true(pf_arrival_read(scratch->queue, ((PfArrival *)open->pdata[0])->id, &read, &error));
    g_assert_cmpstr(read->path, ==, "/young");
}

static void
what_came_while_the_clock_was_not_set_is_dated_once_it_is(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    guint count;

    (void)data;
    PfArrival arrival = watched("/a.mp3");
    arrival.seen = 86400;
    settle(scratch, add(scratch, arrival), PF_ARRIVAL_UNMATCHED, 0);
    scratch_begin(scratch);
    g_assert_true(pf_arrival_date(scratch->queue, 90000, &error));
    g_autoptr(PfArrival) early = find(scratch, "/a.mp3");
    g_assert_cmpint(early->seen, ==, 86400);
    g_assert_true(pf_arrival_date(scratch->queue, NOW, &error));
    g_assert_true(pf_arrival_give_up(scratch->queue, NOW, &count, &error));
    scratch_end();
    g_assert_cmpuint(count, ==, 0);
    g_autoptr(PfArrival) kept = find(scratch, "/a.mp3");
    g_assert_cmpint(kept->seen, ==, NOW);
}

static void
what_came_by_a_clock_far_ahead_is_dated_and_by_one_a_little_ahead_is_not(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    PfArrival far = watched("/far.mp3"), near = watched("/near.mp3");

    (void)data;
    far.seen = NOW + 3650 * (gint64)86400;
    near.seen = NOW + 30 * (gint64)86400;
    settle(scratch, add(scratch, far), PF_ARRIVAL_UNMATCHED, 0);
    settle(scratch, add(scratch, near), PF_ARRIVAL_UNMATCHED, 0);
    scratch_begin(scratch);
    g_assert_true(pf_arrival_date(scratch->queue, NOW, &error));
    scratch_end();
    g_autoptr(PfArrival) dated = find(scratch, "/far.mp3");
    g_autoptr(PfArrival) left = find(scratch, "/near.mp3");
    g_assert_cmpint(dated->seen, ==, NOW);
    g_assert_cmpint(left->seen, ==, near.seen);
}

static void
what_was_decided_long_ago_is_forgotten(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    PfArrival old = watched("/matched"), young = watched("/young"), open = watched("/open"), refused = told("/refused");

    (void)data;
    young.seen = NOW + 10;
    settle(scratch, add(scratch, old), PF_ARRIVAL_MATCHED, 0);
    settle(scratch, add(scratch, young), PF_ARRIVAL_MATCHED, 0);
    settle(scratch, add(scratch, open), PF_ARRIVAL_UNMATCHED, 0);
    settle(scratch, add(scratch, refused), PF_ARRIVAL_REFUSED, 0);
    scratch_begin(scratch);
    g_assert_true(pf_arrival_forget(scratch->queue, NOW + 1, &error));
    scratch_end();
    g_assert_cmpint(add(scratch, young), <, 0);
    g_assert_cmpint(add(scratch, open), <, 0);
    g_assert_null(find(scratch, "/refused"));
    g_assert_cmpint(add(scratch, old), >, 0);
}

static void
marks_of_folders_are_kept(Scratch *scratch, gconstpointer data)
{
    const gint64 first_look = NOW * G_GINT64_CONSTANT(1000000000) + 123456789;
    g_autoptr(GError) error = NULL;
    gint64 first, mark;

    (void)data;
    g_assert_true(pf_arrival_load_marks(scratch->queue, "/p/\xff", &first, &mark, &error));
    g_assert_cmpint(first, ==, 0);
    g_assert_cmpint(mark, ==, 0);
    scratch_begin(scratch);
    g_assert_true(pf_arrival_save_marks(scratch->queue, "/p/\xff", first_look, NOW + 1, &error));
    g_assert_true(pf_arrival_save_marks(scratch->queue, "/p/\xff", first_look, NOW + 2, &error));
    scratch_end();
    g_assert_true(pf_arrival_load_marks(scratch->queue, "/p/\xff", &first, &mark, &error));
    g_assert_cmpint(first, ==, first_look);
    g_assert_cmpint(mark, ==, NOW + 2);
    g_assert_no_error(error);
}

static void
all_of_a_path_that_are_not_matched_are_listed(Scratch *scratch, gconstpointer data)
{
    static const PfArrivalState states[] = {PF_ARRIVAL_REFUSED, PF_ARRIVAL_NEW, PF_ARRIVAL_WAITING, PF_ARRIVAL_MATCHED,
                                            PF_ARRIVAL_UNMATCHED};
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) text = g_string_new(NULL);

    (void)data;
    for (gsize i = 0; i < G_N_ELEMENTS(states); i++) {
        PfArrival file = watched("/a.mp3");
        file.size += (gint64)i;
        settle(scratch, add(scratch, file), states[i], NOW);
    }
    add(scratch, watched("/b.mp3"));
    g_autoptr(GPtrArray) open = pf_arrival_list_path(scratch->queue, "/a.mp3", &error);
    g_assert_no_error(error);
    for (guint i = 0; i < open->len; i++)
        g_string_append_printf(text, "%s ", pf_arrival_state_name(((const PfArrival *)open->pdata[i])->state));
    g_assert_cmpstr(text->str, ==, "refused new waiting unmatched ");
}

/* What was paid last at a path, by a payment link that was told of; 0 for nothing. */
static gint64
find_paid(Scratch *scratch, const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PfArrival) arrival = NULL;

    g_assert_true(pf_arrival_find_paid(scratch->queue, path, &arrival, &error));
    g_assert_no_error(error);
    return arrival ? arrival->entry : 0;
}

static void
the_newest_that_was_paid_with_a_payment_link_is_found(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    (void)data;
    g_assert_cmpint(find_paid(scratch, "/a.mp3"), ==, 0);
    for (gint64 entry = 0; entry < 4; entry++) {
        PfArrival hook = told("/a.mp3");
        hook.payment = entry < 3 ? TEXT("https://flattr.com/t/1") : NULL;
        PfArrival arrival = {.id = add(scratch, hook), .state = PF_ARRIVAL_MATCHED, .entry = entry};
        scratch_begin(scratch);
        g_assert_true(pf_arrival_settle(scratch->queue, &arrival, &error));
        scratch_end();
    }
    PfArrival open = told("/a.mp3");
    open.payment = TEXT("https://flattr.com/t/1");
    add(scratch, open);
    g_assert_cmpint(find_paid(scratch, "/a.mp3"), ==, 2);
    g_assert_cmpint(find_paid(scratch, "/b.mp3"), ==, 0);
}

#define ADD(name, function) g_test_add("/arrival/" name, Scratch, NULL, scratch_set_up, function, scratch_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("every field is kept", every_field_is_kept);
    ADD("the same file is watched once, whatever became of it", the_same_file_is_watched_once_whatever_became_of_it);
    ADD("what a hook has told is no news to the watcher", what_a_hook_has_told_is_no_news_to_the_watcher);
    ADD("a file that waits or was given up is looked at again for new words",
        a_file_that_waits_or_was_given_up_is_looked_at_again_for_new_words);
    ADD("a hook that tells twice is heard once until it is decided",
        a_hook_that_tells_twice_is_heard_once_until_it_is_decided);
    ADD("what is told again is told better", what_is_told_again_is_told_better);
    g_test_add_func("/arrival/pieces that were heard add up", pieces_that_were_heard_add_up);
    ADD("what was heard of an episode is kept whoever told of it",
        what_was_heard_of_an_episode_is_kept_whoever_told_of_it);
    ADD("what is played is what its hook named it", what_is_played_is_what_its_hook_named_it);
    ADD("what is due comes by time", what_is_due_comes_by_time);
    ADD("news make what waits due and nothing else", news_make_what_waits_due_and_nothing_else);
    ADD("open ones are listed and counted", open_ones_are_listed_and_counted);
    ADD("the newest of a path is found", the_newest_of_a_path_is_found);
    ADD("files without an episode are given up after their time",
        files_without_an_episode_are_given_up_after_their_time);
    ADD("what came while the clock was not set is dated once it is",
        what_came_while_the_clock_was_not_set_is_dated_once_it_is);
    ADD("what came by a clock far ahead is dated, and by one a little ahead is not",
        what_came_by_a_clock_far_ahead_is_dated_and_by_one_a_little_ahead_is_not);
    ADD("what was decided long ago is forgotten", what_was_decided_long_ago_is_forgotten);
    ADD("marks of folders are kept", marks_of_folders_are_kept);
    ADD("all of a path that are not matched are listed", all_of_a_path_that_are_not_matched_are_listed);
    ADD("the newest that was paid with a payment link is found", the_newest_that_was_paid_with_a_payment_link_is_found);
    ADD("what was put off on a fast clock is due", what_was_put_off_on_a_fast_clock_is_due);
    return g_test_run();
}
