/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/classify.h"
#include "scratch_feeds.h"
#include <jansson.h>

#define NOW ((gint64)1780000000)
#define FEED "https://pod.example/feed"

typedef struct {
    Scratch scratch;
    PfConfig *config;
    PfArrival *arrival;
    char *neighbours[2]; /* static strings */
    PfClassification judgement;
} Fixture;

static void
set_up(Fixture *fixture, gconstpointer data)
{
    static const ItemWords items[] = {
        {.guid = "tag:one", .title = "The first one", .enclosure = "https://pod.example/the-first.mp3"},
        {.guid = "tag:two", .title = "The second one", .enclosure = "https://pod.example/the-second.mp3"},
    };

    scratch_set_up(&fixture->scratch, data);
    gint64 feed = scratch_add(&fixture->scratch, FEED, PF_FEED_ORIGIN_SUBSCRIPTION);
    scratch_put(&fixture->scratch, feed, "Pod", items, G_N_ELEMENTS(items), NOW);
    fixture->config = pf_config_parse("", "test", NULL);
    fixture->arrival = pf_arrival_new();
    fixture->arrival->path = g_strdup("/nowhere/Pod/the-first.mp3");
    fixture->arrival->seen = NOW;
}

static void
tear_down(Fixture *fixture, gconstpointer data)
{
    pf_classification_clear(&fixture->judgement);
    pf_arrival_free(fixture->arrival);
    pf_config_free(fixture->config);
    scratch_tear_down(&fixture->scratch, data);
}

static void
classify(Fixture *fixture, gint64 now)
{
    g_autoptr(GError) error = NULL;

    pf_classification_clear(&fixture->judgement);
    pf_classify_arrival(&(PfClassifyQuestion){.feeds = fixture->scratch.store,
                                              .config = fixture->config,
                                              .arrival = fixture->arrival,
                                              .neighbours = fixture->neighbours,
                                              .now = now},
                        &fixture->judgement, &error);
    g_assert_no_error(error);
}

static void
assert_judged(const Fixture *fixture, PfArrivalState state, const char *reason, gboolean pay)
{
    g_assert_cmpint(fixture->judgement.state, ==, state);
    g_assert_cmpstr(fixture->judgement.reason, ==, reason);
    g_assert_cmpint(fixture->judgement.pay, ==, pay);
}

static void
set_asked(Fixture *fixture, gint64 when)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PfKnownFeed) feed = NULL;

    pf_feed_store_find(fixture->scratch.store, FEED, &feed, &error);
    g_assert_no_error(error);
    feed->tried = when;
    pf_feed_store_put_feed(fixture->scratch.store, feed, G_MAXINT64, 0, &error);
    g_assert_no_error(error);
}

static void
a_file_with_one_item_is_matched(Fixture *fixture, gconstpointer data)
{
    (void)data;
    classify(fixture, NOW);
    assert_judged(fixture, PF_ARRIVAL_MATCHED, NULL, TRUE);
    g_assert_cmpstr(fixture->judgement.item->item->guid, ==, "tag:one");
    g_assert_cmpstr(fixture->judgement.witnesses, ==, "name, folder");
}

/* "The first" is two words, and the folder is not the show's: another show may have such a file. */
static void
a_short_name_alone_waits_with_its_candidate(Fixture *fixture, gconstpointer data)
{
    (void)data;
    g_free(fixture->arrival->path);
    fixture->arrival->path = g_strdup("/nowhere/Night Notes/the-first.mp3");
    fixture->arrival->seen = NOW - PF_CLASSIFY_CAUTION;
    classify(fixture, NOW);
    assert_judged(fixture, PF_ARRIVAL_WAITING, "unsure", FALSE);
    json_t *candidates = json_loads(fixture->judgement.candidates, 0, NULL);
    g_assert_cmpuint(json_array_size(candidates), ==, 1);
    g_assert_cmpstr(json_string_value(json_object_get(json_array_get(candidates, 0), "guid")), ==, "tag:one");
    json_decref(candidates);
    set_asked(fixture, fixture->arrival->seen + PF_CLASSIFY_GIVE_UP);
    classify(fixture, fixture->arrival->seen + PF_CLASSIFY_GIVE_UP);
    assert_judged(fixture, PF_ARRIVAL_UNMATCHED, "unsure", FALSE);
    /* Where all other files of the folder are the show's, so is this one. */
    fixture->neighbours[0] = (char *)FEED;
    classify(fixture, NOW);
    assert_judged(fixture, PF_ARRIVAL_MATCHED, NULL, TRUE);
    g_assert_cmpstr(fixture->judgement.witnesses, ==, "name, other files");
}

static void
words_that_contradict_each_other_are_left_to_the_user(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture->arrival->guid = g_strdup("tag:one");
    fixture->arrival->enclosure = g_strdup("https://pod.example/the-second.mp3");
    classify(fixture, NOW);
    assert_judged(fixture, PF_ARRIVAL_UNMATCHED, "several", FALSE);
    json_t *candidates = json_loads(fixture->judgement.candidates, 0, NULL);
    g_assert_cmpuint(json_array_size(candidates), ==, 2);
    g_assert_cmpstr(json_string_value(json_object_get(json_array_get(candidates, 0), "feed")), ==, FEED);
    json_decref(candidates);
}

static void
an_unknown_file_waits_for_a_week_and_is_then_the_users(Fixture *fixture, gconstpointer data)
{
    (void)data;
    g_free(fixture->arrival->path);
    fixture->arrival->path = g_strdup("/nowhere/Else/quite-another.mp3");
    classify(fixture, NOW);
    assert_judged(fixture, PF_ARRIVAL_WAITING, "not_found", FALSE);
    classify(fixture, NOW + PF_CLASSIFY_GIVE_UP - 1);
    assert_judged(fixture, PF_ARRIVAL_WAITING, "not_found", FALSE);
    /* However long ago it came, and however often it was looked for: its feed is asked once more before. */
    fixture->arrival->tries = 100;
    set_asked(fixture, NOW + PF_CLASSIFY_GIVE_UP - PF_CLASSIFY_ASKED_LAST - 1);
    classify(fixture, NOW + PF_CLASSIFY_GIVE_UP);
    assert_judged(fixture, PF_ARRIVAL_WAITING, "not_found", FALSE);
    set_asked(fixture, NOW + PF_CLASSIFY_GIVE_UP - PF_CLASSIFY_ASKED_LAST);
    classify(fixture, NOW + PF_CLASSIFY_GIVE_UP);
    assert_judged(fixture, PF_ARRIVAL_UNMATCHED, "not_found", FALSE);
}

static void
a_payment_link_that_came_along_serves_where_the_feed_cannot_be_had(Fixture *fixture, gconstpointer data)
{
    PfArrival *arrival = fixture->arrival;

    (void)data;
    g_free(arrival->path);
    arrival->path = g_strdup("/nowhere/Else/quite-another.mp3");
    arrival->feed = g_strdup("https://gone.example/feed");
    arrival->payment = g_strdup("https://flattr.com/submit/auto?user_id=a&url=https%3A%2F%2Fgone.example%2F");
    /* The feed has not been asked yet. */
    classify(fixture, NOW);
    assert_judged(fixture, PF_ARRIVAL_WAITING, "not_found", FALSE);
    gint64 id = scratch_add(&fixture->scratch, arrival->feed, PF_FEED_ORIGIN_HOOK);
    classify(fixture, NOW);
    assert_judged(fixture, PF_ARRIVAL_WAITING, "not_found", FALSE);

    g_autoptr(GError) error = NULL;
    PfKnownFeed *feed = scratch_read(&fixture->scratch, id);
    feed->tried = NOW + 1;
    feed->failures = 1;
    pf_feed_store_put_feed(fixture->scratch.store, feed, G_MAXINT64, 0, &error);
    g_assert_no_error(error);
    pf_known_feed_free(feed);
    classify(fixture, NOW + 2);
    assert_judged(fixture, PF_ARRIVAL_MATCHED, NULL, TRUE);
    g_assert_null(fixture->judgement.item);
}

static void
what_was_not_played_is_decided_without_a_payment(Fixture *fixture, gconstpointer data)
{
    static const struct {
        gint64 trigger;
        gboolean played;
        const char *reason; /* NULL: it is paid */
    } cases[] = {
        {PF_TRIGGER_DOWNLOAD, FALSE, NULL},
        {PF_TRIGGER_DOWNLOAD, TRUE, NULL},
        {PF_TRIGGER_PLAY, FALSE, "not_played"},
        {PF_TRIGGER_PLAY, TRUE, NULL},
    };

    (void)data;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        fixture->config->trigger = cases[i].trigger;
        fixture->arrival->played = cases[i].played;
        classify(fixture, NOW);
        assert_judged(fixture, PF_ARRIVAL_MATCHED, cases[i].reason, cases[i].reason == NULL);
    }
}

static void
what_a_player_plays_is_looked_for_at_once_and_forgotten_if_it_is_no_episode(Fixture *fixture, gconstpointer data)
{
    static const struct {
        const char *path, *feed;
        gboolean forgotten;
    } cases[] = {
        {"/films/some-film-of-a-name.mp4", NULL, TRUE},
        {"https://video.example/watch?v=1", NULL, TRUE},
        {"/films/some-film-of-a-name.mp4", "https://other.example/feed", FALSE},
    };

    (void)data;
    set_asked(fixture, NOW);
    fixture->arrival->source = PF_SOURCE_PLAY;
    fixture->arrival->played = TRUE;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_free(fixture->arrival->path);
        g_free(fixture->arrival->feed);
        fixture->arrival->path = g_strdup(cases[i].path);
        fixture->arrival->feed = g_strdup(cases[i].feed);
        classify(fixture, NOW);
        g_assert_cmpint(fixture->judgement.forget, ==, cases[i].forgotten);
        g_assert_false(fixture->judgement.pay);
    }
    /* A feed that was not asked yet may have it. */
    g_clear_pointer(&fixture->arrival->feed, g_free);
    scratch_add(&fixture->scratch, "https://new.example/feed", PF_FEED_ORIGIN_SUBSCRIPTION);
    classify(fixture, NOW);
    assert_judged(fixture, PF_ARRIVAL_WAITING, PF_ARRIVAL_STRAY, FALSE);
    fixture->arrival->tries = 1;
    classify(fixture, NOW + 86400);
    g_assert_true(fixture->judgement.forget);
}

static void
a_stream_is_its_enclosure(Fixture *fixture, gconstpointer data)
{
    (void)data;
    fixture->arrival->source = PF_SOURCE_PLAY;
    fixture->arrival->played = TRUE;
    g_free(fixture->arrival->path);
    fixture->arrival->path = g_strdup("https://POD.example/the-first.mp3?tk=1");
    classify(fixture, NOW);
    assert_judged(fixture, PF_ARRIVAL_MATCHED, NULL, TRUE);
    g_assert_nonnull(fixture->judgement.item);
}

static void
what_is_no_media_is_refused(Fixture *fixture, gconstpointer data)
{
    g_autofree char *path = g_build_filename(fixture->scratch.folder, "the-first.mp3", NULL);

    (void)data;
    g_assert_true(g_file_set_contents(path, "<html>", -1, NULL));
    g_free(fixture->arrival->path);
    fixture->arrival->path = g_strdup(path);
    classify(fixture, NOW);
    assert_judged(fixture, PF_ARRIVAL_REFUSED, "html", FALSE);
}

static void
tries_come_less_and_less_often(void)
{
    static const struct {
        PfArrivalState state;
        const char *reason;
        gint64 age, wait; /* 0: never again */
    } cases[] = {
        {PF_ARRIVAL_WAITING, "not_found", 0, 300},
        {PF_ARRIVAL_WAITING, "not_found", 3600, 1800},
        {PF_ARRIVAL_WAITING, "not_found", 6 * 86400, 43200},
        {PF_ARRIVAL_WAITING, "not_found", -3600, 1800}, /* the clock was set back */
        {PF_ARRIVAL_WAITING, "not_found", -30 * 86400, 43200},
        {PF_ARRIVAL_WAITING, "no_answer", 0, PF_CLASSIFY_ASK_AGAIN},
        {PF_ARRIVAL_WAITING, "no_answer", 60, 30},
        {PF_ARRIVAL_WAITING, "no_answer", 6 * 86400, 300}, /* a disk that is away wakes the machine no oftener */
        {PF_ARRIVAL_UNMATCHED, "several", 0, 0},
        {PF_ARRIVAL_UNMATCHED, "not_found", PF_CLASSIFY_LOOK_AGAIN_FOR, 0},
        {PF_ARRIVAL_MATCHED, NULL, 0, 0},
        {PF_ARRIVAL_REFUSED, "html", 0, 0},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(pf_classify_next_try(cases[i].state, cases[i].reason, NOW - cases[i].age, NOW), ==,
                        cases[i].wait ? NOW + cases[i].wait : 0);
    /* Those that nothing was found for are looked at together, once a day. */
    gint64 next = pf_classify_next_try(PF_ARRIVAL_UNMATCHED, "not_found", NOW - 8 * 86400, NOW);
    g_assert_cmpint(next, >, NOW);
    g_assert_cmpint(next, <=, NOW + 86400);
    g_assert_cmpint(pf_classify_next_try(PF_ARRIVAL_UNMATCHED, "unsure", NOW - 80 * 86400, next - 1), ==, next);
}

#define ADD(name, function) g_test_add("/classify/" name, Fixture, NULL, set_up, function, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("a file with one item is matched", a_file_with_one_item_is_matched);
    ADD("a short name alone waits with its candidate", a_short_name_alone_waits_with_its_candidate);
    ADD("words that contradict each other are left to the user", words_that_contradict_each_other_are_left_to_the_user);
    ADD("an unknown file waits for a week and is then the user's",
        an_unknown_file_waits_for_a_week_and_is_then_the_users);
    ADD("a payment link that came along serves where the feed cannot be had",
        a_payment_link_that_came_along_serves_where_the_feed_cannot_be_had);
    ADD("what was not played is decided without a payment", what_was_not_played_is_decided_without_a_payment);
    ADD("what a player plays is looked for at once, and forgotten if it is no episode",
        what_a_player_plays_is_looked_for_at_once_and_forgotten_if_it_is_no_episode);
    ADD("a stream is its enclosure", a_stream_is_its_enclosure);
    ADD("what is no media is refused", what_is_no_media_is_refused);
    g_test_add_func("/classify/tries come less and less often", tries_come_less_and_less_often);
    return g_test_run();
}
