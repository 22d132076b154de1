/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/play_meter.h"

/* An event in seconds. */
typedef struct {
    PfPlayEventKind kind;
    double at, value;
} Event;

#define MOST 8

typedef struct {
    const char *name;
    Event events[MOST]; /* up to the first with the time 0 */
    double until, heard;
    double length; /* of the track, 0 unknown */
} Case;

static const Case cases[] = {
    {"a track that is played for a minute", {{PF_PLAY_PLAYS, 1, 1}}, 61, 60, 0},
    {"one that is not played", {{PF_PLAY_POSITION, 1, 5}}, 61, 0, 0},
    {"a pause", {{PF_PLAY_PLAYS, 1, 1}, {PF_PLAY_PLAYS, 11, 0}, {PF_PLAY_PLAYS, 100, 1}}, 105, 15, 0},
    {"a jump to the end is no listening", {{PF_PLAY_PLAYS, 1, 1}, {PF_PLAY_JUMPED, 3, 3590}}, 8, 7, 0},
    {"a jump that the player does not announce",
     {{PF_PLAY_PLAYS, 1, 1}, {PF_PLAY_POSITION, 2, 1}, {PF_PLAY_POSITION, 22, 3500}},
     32,
     31,
     0},
    {"a jump back is heard again",
     {{PF_PLAY_PLAYS, 1, 1}, {PF_PLAY_JUMPED, 21, 0}, {PF_PLAY_POSITION, 31, 10}},
     41,
     40,
     0},
    {"a jump back that the player does not announce",
     {{PF_PLAY_PLAYS, 1, 1}, {PF_PLAY_POSITION, 21, 20}, {PF_PLAY_POSITION, 41, 5}},
     41,
     40,
     0},
    {"double speed is content heard", {{PF_PLAY_RATE, 1, 2}, {PF_PLAY_PLAYS, 1, 1}}, 31, 60, 0},
    {"double speed with positions",
     {{PF_PLAY_RATE, 1, 2}, {PF_PLAY_PLAYS, 1, 1}, {PF_PLAY_POSITION, 1, 0}, {PF_PLAY_POSITION, 21, 40}},
     21,
     40,
     0},
    {"the speed changes meanwhile", {{PF_PLAY_PLAYS, 1, 1}, {PF_PLAY_RATE, 11, 2}, {PF_PLAY_RATE, 21, 0.5}}, 31, 35, 0},
    {"winding is no listening", {{PF_PLAY_PLAYS, 1, 1}, {PF_PLAY_RATE, 11, 32}, {PF_PLAY_RATE, 21, 1}}, 31, 20, 0},
    {"backwards is none either", {{PF_PLAY_PLAYS, 1, 1}, {PF_PLAY_RATE, 11, -1}}, 31, 10, 0},
    {"a stream that does not come is not heard",
     {{PF_PLAY_PLAYS, 1, 1}, {PF_PLAY_POSITION, 1, 0}, {PF_PLAY_POSITION, 21, 4}, {PF_PLAY_POSITION, 41, 24}},
     41,
     24,
     0},
    {"a position that is ahead a little",
     {{PF_PLAY_PLAYS, 1, 1}, {PF_PLAY_POSITION, 1, 0}, {PF_PLAY_POSITION, 21, 21}},
     21,
     21,
     0},
    {"the first position says only where it begins", {{PF_PLAY_PLAYS, 1, 1}, {PF_PLAY_POSITION, 3, 1802}}, 11, 10, 0},
    {"the clock goes back", {{PF_PLAY_PLAYS, 10, 1}, {PF_PLAY_POSITION, 5, 0}}, 20, 10, 0},
    {"a late word of the end adds nothing", {{PF_PLAY_PLAYS, 1, 1}, {PF_PLAY_POSITION, 1, 1780}}, 61, 20, 1800},
    {"without a position, a whole track is the most", {{PF_PLAY_RATE, 1, 4}, {PF_PLAY_PLAYS, 1, 1}}, 61, 31, 31},
    {"a position behind the end: the length is wrong", {{PF_PLAY_PLAYS, 1, 1}, {PF_PLAY_POSITION, 1, 100}}, 31, 30, 50},
};

static void
what_is_heard(gconstpointer data)
{
    const Case *test = data;
    PfPlayMeter meter = pf_play_meter_begin();

    for (guint i = 0; i < MOST && test->events[i].at > 0; i++) {
        const Event *event = &test->events[i];
        gboolean is_position = event->kind == PF_PLAY_POSITION || event->kind == PF_PLAY_JUMPED;
        pf_play_meter_take(&meter, event->kind, (gint64)(event->at * G_USEC_PER_SEC),
                           event->value * (is_position ? G_USEC_PER_SEC : 1));
    }
    g_assert_cmpint(
        pf_play_meter_read(&meter, (gint64)(test->until * G_USEC_PER_SEC), (gint64)(test->length * G_USEC_PER_SEC)), ==,
        (gint64)(test->heard * G_USEC_PER_SEC));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strconcat("/play meter/", cases[i].name, NULL);
        g_test_add_data_func(path, &cases[i], what_is_heard);
    }
    return g_test_run();
}
