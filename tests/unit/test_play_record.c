/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What others' records of what was played add to the arrivals. */
#include "queue/play_record.h"

#include "base/clock.h"
#include "queue/arrival.h"
#include "scratch_queue.h"
#include "sources/play.h"

#define FIRST ((gint64)1700000000)
#define RECORD "/home/ann/podcasts.db"

/* Takes one play, as of @now. Returns: (transfer full): what that adds: "heard duration progress seen", or "". */
static char *
take(Scratch *scratch, PfPlay play, gint64 now)
{
    g_autoptr(GPtrArray) plays = g_ptr_array_new();
    g_auto(PfPlayRecord) record = {0};
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) due = NULL;
    guint added;

    play.name = play.name ? play.name : (char *)"one";
    play.enclosure = (char *)"https://a.example/1.mp3";
    play.feed = (char *)"https://a.example/feed.xml";
    g_ptr_array_add(plays, &play);
    scratch_begin(scratch);
    g_assert_true(pf_play_record_load(scratch->queue, RECORD, &record, &error));
    g_assert_true(pf_play_record_take(scratch->queue, RECORD, &record, plays, now, &added, &error));
    record.asked = now;
    record.first = record.first ? record.first : now;
    g_assert_true(pf_play_record_save(scratch->queue, RECORD, &record, &error));
    due = pf_arrival_list_due(scratch->queue, now, 10, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(due->len, ==, added);
    if (added == 0) {
        scratch_end();
        return g_strdup("");
    }
    const PfArrival *arrival = due->pdata[0];
    g_assert_cmpint(arrival->source, ==, PF_SOURCE_PLAY);
    g_assert_true(arrival->played);
    g_assert_cmpstr(arrival->path, ==, "https://a.example/1.mp3");
    char *text = g_strdup_printf("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT,
                                 arrival->heard, arrival->duration, arrival->progress, arrival->seen - FIRST);
    g_assert_true(pf_arrival_remove(scratch->queue, arrival->id, &error));
    scratch_end();
    return text;
}

#define TAKE(expected, now, ...)                                                                                       \
    do {                                                                                                               \
        g_autofree char *got_ = take(scratch, (PfPlay){__VA_ARGS__}, FIRST + (now));                                   \
        g_assert_cmpstr(got_, ==, expected);                                                                           \
    } while (0)

static void
a_position_counts_for_what_it_has_moved_on(Scratch *scratch, gconstpointer data)
{
    (void)data;
    TAKE("", 0, .kind = PF_PLAY_POSITION, .position = 3000, .duration = 3600);
    TAKE("", 600, .kind = PF_PLAY_POSITION, .position = 3000, .duration = 3600);
    g_test_message("less than a twentieth waits for the rest");
    TAKE("", 700, .kind = PF_PLAY_POSITION, .position = 3100, .duration = 3600);
    TAKE("200 3600 -1 800", 800, .kind = PF_PLAY_POSITION, .position = 3200, .duration = 3600);
    g_test_message("back to the beginning, and on from there");
    TAKE("", 900, .kind = PF_PLAY_POSITION, .position = 10, .duration = 3600);
    TAKE("190 3600 -1 1100", 1100, .kind = PF_PLAY_POSITION, .position = 200, .duration = 3600);
    g_test_message("a jump to the end counts for no more than can have been heard since");
    TAKE("", 1140, .kind = PF_PLAY_POSITION, .position = 3600, .duration = 3600);
}

static void
an_episode_that_is_new_counts_from_the_last_look(Scratch *scratch, gconstpointer data)
{
    (void)data;
    TAKE("", 0, .kind = PF_PLAY_POSITION, .position = 1, .duration = 3600);
    TAKE("300 3600 -1 300", 300, .kind = PF_PLAY_POSITION, .name = (char *)"two", .position = 300, .duration = 3600);
    g_test_message("of unknown length: two minutes at a time");
    TAKE("", 400, .kind = PF_PLAY_POSITION, .name = (char *)"three", .position = 60);
    TAKE("130 0 -1 500", 500, .kind = PF_PLAY_POSITION, .name = (char *)"three", .position = 130);
}

static void
a_programs_own_time_goes_before_that_of_the_look(Scratch *scratch, gconstpointer data)
{
    (void)data;
    TAKE("", 0, .kind = PF_PLAY_POSITION, .name = (char *)"other", .position = 1);
    g_test_message("played before the first look, written after it");
    TAKE("", 50, .kind = PF_PLAY_POSITION, .position = 2000, .duration = 3600, .at = FIRST - 10);
    TAKE("600 3600 -1 700", 5000, .kind = PF_PLAY_POSITION, .position = 2600, .duration = 3600, .at = FIRST + 700);
}

static void
a_count_counts_when_it_grows(Scratch *scratch, gconstpointer data)
{
    (void)data;
    TAKE("", 0, .kind = PF_PLAY_COUNT, .count = 3, .at = FIRST - 500);
    TAKE("", 100, .kind = PF_PLAY_COUNT, .count = 3, .at = FIRST - 500);
    TAKE("0 60 100 150", 200, .kind = PF_PLAY_COUNT, .count = 4, .duration = 60, .at = FIRST + 150);
    TAKE("", 300, .kind = PF_PLAY_COUNT, .count = 4, .duration = 60, .at = FIRST + 150);
    TAKE("", 400, .kind = PF_PLAY_COUNT, .name = (char *)"two", .count = 1, .at = FIRST - 1);
    TAKE("0 0 100 500", 500, .kind = PF_PLAY_COUNT, .name = (char *)"three", .count = 1);
}

static void
a_piece_counts_once_and_not_from_before(Scratch *scratch, gconstpointer data)
{
    (void)data;
    TAKE("", 0, .kind = PF_PLAY_PIECE, .heard = 900, .at = FIRST - 5);
    TAKE("", 10, .kind = PF_PLAY_PIECE, .name = (char *)"two", .heard = 900, .at = FIRST - 5);
    TAKE("900 1000 -1 50", 60, .kind = PF_PLAY_PIECE, .name = (char *)"three", .heard = 900, .duration = 1000,
         .at = FIRST + 50);
    TAKE("", 70, .kind = PF_PLAY_PIECE, .name = (char *)"three", .heard = 900, .duration = 1000, .at = FIRST + 50);
    g_test_message("what comes late is looked for as if it were of this week, what comes from the future as of now");
    TAKE("900 0 -1 4320000", 4838400, .kind = PF_PLAY_PIECE, .name = (char *)"late", .heard = 900, .at = FIRST + 99);
    TAKE("900 0 -1 4838401", 4838401, .kind = PF_PLAY_PIECE, .name = (char *)"early", .heard = 900,
         .at = FIRST + 99999999);
}

static void
a_time_that_is_yet_to_come_was_a_wrong_clocks(Scratch *scratch, gconstpointer data)
{
    gint64 now = pf_clock_now();

    (void)data;
    TAKE("", 0, .kind = PF_PLAY_POSITION, .position = 1, .duration = 3600, .at = FIRST);
    g_test_message("a player's: no more can have been heard than until now, and from then on it goes on");
    TAKE("300 3600 -1 100", 100, .kind = PF_PLAY_POSITION, .position = 3600, .duration = 3600, .at = FIRST + 99999999);
    TAKE("", 200, .kind = PF_PLAY_POSITION, .position = 100, .duration = 3600, .at = FIRST + 200);
    TAKE("200 3600 -1 300", 300, .kind = PF_PLAY_POSITION, .position = 300, .duration = 3600, .at = FIRST + 300);
    g_test_message("our own at the first look");
    scratch_begin(scratch);
    g_assert_true(pf_play_record_save(scratch->queue, RECORD, &(PfPlayRecord){.first = now + 99999999}, NULL));
    scratch_end();
    g_autofree char *added =
        take(scratch, (PfPlay){.kind = PF_PLAY_PIECE, .name = (char *)"piece", .heard = 9, .at = now + 100}, now + 100);
    g_assert_cmpstr(added, !=, "");
}

#define ADD(name, function) g_test_add("/play-record/" name, Scratch, NULL, scratch_set_up, function, scratch_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("a position counts for what it has moved on", a_position_counts_for_what_it_has_moved_on);
    ADD("an episode that is new counts from the last look", an_episode_that_is_new_counts_from_the_last_look);
    ADD("a program's own time goes before that of the look", a_programs_own_time_goes_before_that_of_the_look);
    ADD("a count counts when it grows", a_count_counts_when_it_grows);
    ADD("a piece counts once and not from before", a_piece_counts_once_and_not_from_before);
    ADD("a time that is yet to come was a wrong clock's", a_time_that_is_yet_to_come_was_a_wrong_clocks);
    return g_test_run();
}
