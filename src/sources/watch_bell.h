/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Wakes the watcher's thread: while that waits in libinotifytools, by reading from a file that it watches; else by a
 * condition. The file lies in the state folder and has no name there any more.
 */
#pragma once

#include <glib.h>

typedef enum {
    PF_BELL_STOP = 1 << 0,    /* end */
    PF_BELL_TIME = 1 << 1,    /* the timer that was asked for has run out */
    PF_BELL_EXAMINE = 1 << 2, /* look whether the folders are still the same: something was mounted */
} PfBellCall;

typedef struct PfWatchBell PfWatchBell;

/** Makes one. Returns: (transfer full): NULL with a GFileError. */
PfWatchBell *pf_watch_bell_new(const char *state_dir, GError **error);
void pf_watch_bell_free(PfWatchBell *bell);

/** The file's descriptor: reading from it (IN_ACCESS) is the ring. */
int pf_watch_bell_get_descriptor(const PfWatchBell *bell);

/** Rings. Any thread. */
void pf_watch_bell_ring(PfWatchBell *bell, PfBellCall call);

/** Takes all calls since the last time. The watcher's thread. */
PfBellCall pf_watch_bell_take(PfWatchBell *bell);

/** Waits for a call without the file. The watcher's thread. */
void pf_watch_bell_wait(PfWatchBell *bell);

/** Whether a call to end is there. Any thread. */
gboolean pf_watch_bell_is_stopping(PfWatchBell *bell);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfWatchBell, pf_watch_bell_free)
