/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/play_meter.h"

/* How far positions may be ahead of the time that has passed, microseconds: players round them, and read ahead. */
#define SLACK (2.0 * G_USEC_PER_SEC)

/* Nobody understands speech at a higher speed; a player that reports one is seeking. */
#define FASTEST 4.0

PfPlayMeter
pf_play_meter_begin(void)
{
    return (PfPlayMeter){.rate = 1, .position = -1};
}

static double
heard_since(const PfPlayMeter *meter, gint64 at)
{
    gint64 time = MAX(at - meter->at, 0);

    return meter->since + (meter->playing && meter->rate <= FASTEST ? (double)time * meter->rate : 0);
}

/* A position that is ahead of where it was by no more than was played shows how much that was: less, while a stream did
 * not come. Any other is that of a jump which nobody has announced, so only the time tells. */
static double
heard_until(const PfPlayMeter *meter, double position)
{
    double moved = position - (double)meter->position;

    return meter->position >= 0 && moved >= 0 && moved <= meter->since + SLACK ? moved : meter->since;
}

void
pf_play_meter_take(PfPlayMeter *meter, PfPlayEventKind kind, gint64 at, double value)
{
    meter->since = heard_since(meter, at);
    meter->at = MAX(at, meter->at);
    switch (kind) {
    case PF_PLAY_PLAYS:
        meter->playing = value > 0;
        break;
    case PF_PLAY_RATE:
        meter->rate = MAX(value, 0);
        break;
    case PF_PLAY_POSITION:
    case PF_PLAY_JUMPED:
        meter->heard += kind == PF_PLAY_POSITION ? heard_until(meter, value) : meter->since;
        meter->since = 0;
        meter->position = (gint64)MAX(value, 0);
        break;
    }
}

gint64
pf_play_meter_read(const PfPlayMeter *meter, gint64 at, gint64 length)
{
    double since = heard_since(meter, at);
    double left = (double)(length - MAX(meter->position, 0));

    return (gint64)(meter->heard + (length > 0 && left >= 0 ? MIN(since, left) : since));
}
