/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much of what a player plays is heard: a sum over what the player says. The position moves with time while
 * something is heard; a jump moves the position, but nothing is heard. Pure: it is given the time with each event. Any
 * thread.
 */
#pragma once

#include <glib.h>

/** Of one track in one player. Private but for pf_play_meter_begin(). */
typedef struct {
    gboolean playing;
    double rate;     /* 1 is the normal speed */
    gint64 at;       /* the time of the last event, microseconds */
    gint64 position; /* where it was when that was last known, microseconds of content; -1 unknown */
    double since;    /* what time and rate say was heard since then, microseconds of content */
    double heard;    /* what was heard before then, microseconds of content */
} PfPlayMeter;

typedef enum {
    PF_PLAY_PLAYS,    /* value: 1 when it plays from now on, 0 when it does not */
    PF_PLAY_RATE,     /* value: the speed */
    PF_PLAY_POSITION, /* value: where it is, microseconds */
    PF_PLAY_JUMPED,   /* value: where it is after a jump, microseconds */
} PfPlayEventKind;

/** Makes a meter of a track that is stopped at an unknown position, at normal speed. */
PfPlayMeter pf_play_meter_begin(void);

/**
 * Takes an event.
 *
 * @at: when, microseconds of a clock that stands still while the machine sleeps; earlier than the last is as that
 */
void pf_play_meter_take(PfPlayMeter *meter, PfPlayEventKind kind, gint64 at, double value);

/**
 * How much content was heard up to a time. After the last known position it is at the most what was left of the track,
 * even if the player says late that it has ended.
 *
 * @length: of the track, microseconds of content; 0 unknown
 *
 * Returns: microseconds of content.
 */
gint64 pf_play_meter_read(const PfPlayMeter *meter, gint64 at, gint64 length);
