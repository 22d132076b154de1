/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * With trigger = play, takes from podcatchers' own databases what was played with them. They are read in a thread,
 * since they may be large, or on a file system that hangs; at the start, and when one of them has changed, and then
 * once a minute at the most. Everything else happens on the thread's default main context.
 */
#pragma once

#include "config/config.h"
#include "queue/queue.h"

typedef struct PfPlays PfPlays;

/** Makes one that has not looked yet. @queue must outlive it. @heard: is called when arrivals were added to the queue
 */
PfPlays *pf_plays_new(PfQueue *queue, void (*heard)(gpointer data), gpointer data);

/** Frees it; what is being read is given up. @plays: NULL is allowed */
void pf_plays_free(PfPlays *plays);

/** Looks at the databases of the podcatchers that a configuration names, now or as soon as it may. @config: must stay
 * until the next call, or pf_plays_free() */
void pf_plays_look(PfPlays *plays, const PfConfig *config);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfPlays, pf_plays_free)
