/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listens to media players on the session bus (MPRIS 2) and reports what was heard of each track, in pieces: one ends
 * when the player pauses, stops, goes to another track or leaves the bus, and every ten minutes, so that little is lost
 * when this ends unexpectedly. While nothing plays it waits for the bus alone; while something does, positions are
 * asked for every 20 seconds.
 *
 * One thread, the main context's. Where there is no session bus, nothing happens; a bus that was lost is looked for
 * again.
 */
#pragma once

#include <glib.h>

typedef struct PfMpris PfMpris;

/** A piece that was heard. Strings are NULL where nothing is known. */
typedef struct {
    const char *url;    /* what the player plays: file://, http:// … */
    const char *title;  /* the track's */
    char *const *shows; /* what may be its show's title: album and artists; ended by NULL */
    gint64 heard;       /* seconds of content, at least 1 */
    gint64 duration;    /* of the track, seconds; 0 unknown */
    gint64 started;     /* when the piece began, seconds since the epoch */
} PfMprisPiece;

/** Is called for each piece, which is the caller's only during the call. */
typedef void (*PfMprisFunc)(const PfMprisPiece *piece, gpointer data);

/** Begins to listen. Returns: (transfer full). */
PfMpris *pf_mpris_new(PfMprisFunc heard, gpointer data);

/** Reports what is being heard until now, and ends. @mpris: NULL is allowed */
void pf_mpris_free(PfMpris *mpris);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfMpris, pf_mpris_free)
