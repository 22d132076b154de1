/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two ways between the watcher's thread and the main loop: one wakes the thread, one takes what it has found.
 */
#pragma once

#include "sources/watch.h"

/*
 * Wakes the watcher's thread: while that waits in libinotifytools, by reading from a file that it watches; else by a
 * condition. The file lies in the state folder and has no name there any more.
 */

typedef enum {
    PF_WAKEUP_STOP = 1 << 0,   /* end */
    PF_WAKEUP_TIME = 1 << 1,   /* the timer that was asked for has run out */
    PF_WAKEUP_MOUNTS = 1 << 2, /* something was mounted: check that the folders are still the same */
} PfWakeupCall;

typedef struct PfWatchWakeup PfWatchWakeup;

/** Makes one. Returns: (transfer full): NULL with a GFileError. */
PfWatchWakeup *pf_watch_wakeup_new(const char *state_dir, GError **error);
void pf_watch_wakeup_free(PfWatchWakeup *wakeup);

/** The file's descriptor: reading from it (IN_ACCESS) wakes the thread. */
int pf_watch_wakeup_get_descriptor(const PfWatchWakeup *wakeup);

/** Wakes the thread. Any thread. */
void pf_watch_wakeup_signal(PfWatchWakeup *wakeup, PfWakeupCall call);

/** Takes all calls since the last time. The watcher's thread. */
PfWakeupCall pf_watch_wakeup_take(PfWatchWakeup *wakeup);

/** Waits for a call without the file. The watcher's thread. */
void pf_watch_wakeup_wait(PfWatchWakeup *wakeup);

/** Whether a call to end is there. Any thread. */
gboolean pf_watch_wakeup_is_stopping(PfWatchWakeup *wakeup);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfWatchWakeup, pf_watch_wakeup_free)

/*
 * What the watcher's thread hands to the main loop: finished files and marks in their order, news of the reports, and
 * the one timer. It holds a bounded number of files: the thread waits while the main loop is behind; what the kernel
 * cannot queue meanwhile is found by a listing.
 */

typedef struct PfWatchChannel PfWatchChannel;

/** Who gets it, on the main context that the channel was made on. The channel may be freed by any of them. */
typedef struct {
    void (*found)(const PfWatchFile *file, gpointer data);
    gpointer found_data;
    void (*looked)(guint folder, gint64 mark, gpointer data);
    void (*changed)(gpointer data);
    void (*timer)(gpointer data);
    gpointer data; /* of the three others */
} PfWatchChannelReader;

/** Makes one on the thread's default main context. */
PfWatchChannel *pf_watch_channel_new(const PfWatchChannelReader *reader);
void pf_watch_channel_free(PfWatchChannel *channel);

/** Hand over; copied. The watcher's thread. They block while there is no room, until pf_watch_channel_close(). */
void pf_watch_channel_put_file(PfWatchChannel *channel, const PfWatchFile *file);
void pf_watch_channel_put_looked(PfWatchChannel *channel, guint folder, gint64 mark);

/** Says that the reports have changed. The watcher's thread. */
void pf_watch_channel_put_changed(PfWatchChannel *channel);

/** Sets the timer instead of what it was set to: monotonic time, microseconds; G_MAXINT64 for never. Any thread. */
void pf_watch_channel_set_timer(PfWatchChannel *channel, gint64 due);

/** Stops blocking the writer, and calls the reader no more. The main thread. */
void pf_watch_channel_close(PfWatchChannel *channel);

/** Once the writer has ended: when no file is left, calls looked() for the marks that are. The main thread. */
void pf_watch_channel_read_marks(PfWatchChannel *channel);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfWatchChannel, pf_watch_channel_free)
