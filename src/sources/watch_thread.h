/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The watcher's thread: what it knows and what it is made of, for watch.c and watch_thread.c alone. Everything here
 * belongs to that thread.
 */
#pragma once

#include "sources/watch_channel.h"
#include "sources/watch_state.h"
#include <sys/stat.h>

/** How often folders without inotify are looked through, seconds. */
#define PF_WATCHER_POLL 60

/** A configured folder. */
typedef struct {
    char *path;
    gint64 first;  /* nanoseconds */
    gint64 mark;   /* the last mark reported, or the configured one */
    gint64 begun;  /* when the full listing began that is not reported yet; 0 for none */
    gint64 newest; /* the newest ctime that was seen in it, seconds */
    PfFolder *top; /* NULL when it is missing, or is inside another one */
    gboolean present;
    guint64 device;
    guint64 inode;
    int fault; /* errno value of looking for it, other than that it is not there; ETIMEDOUT: no answer; or 0 */
} PfRoot;

typedef struct {
    const PfWatchSettings *settings;
    PfRoot *roots; /* settings->n_folders of them */
    PfTree *tree;
    PfSettleTimer *settle_timer;
    PfSeenCache *seen;
    PfWatchWakeup *wakeup;
    PfWatchChannel *channel;
    GQueue to_list;              /* of PfFolder * */
    GQueue moves;                /* names that were moved away, see Move */
    GHashTable *ancestors;       /* by watch: watched ancestors of configured folders */
    GPtrArray *remote_mounts;    /* of char *; NULL to be read again */
    GHashTable *ways;            /* while ancestors are looked at: path → mask of what was looked at already */
    GHashTable *dropped_watches; /* watches of dropped folders: the kernel may have ended them, and will say so */
    GHashTable *unreadable;      /* inodes of files that could not be read, and would count */
    int wakeup_watch;            /* -1 without inotify */
    int no_inotify;              /* errno value that keeps it from being used, or 0 */
    gboolean no_watches;         /* the user's watches are used up */
    gboolean examine;            /* the configured folders may have changed */
    gboolean renew;              /* the library is to be restarted */
    gboolean recount;            /* the reports and the need to poll may have changed */
    gint64 next_poll;            /* monotonic time, microseconds; G_MAXINT64 for never */
    gint64 next_drop;            /* when folders that stayed moved away are dropped; likewise */
    gint64 started;              /* monotonic time, microseconds */
    guint burst;                 /* files seen since memory was last given back */
    /* Compares what is to be reported with what was, and hands it over. */
    void (*publish)(gpointer data);
    gpointer data;
} PfWatcher;

/** Runs until it is told to stop. */
void pf_watcher_run(PfWatcher *watcher);

/** Forgets the names that were moved away, at the end. */
void pf_watcher_forget_moves(PfWatcher *watcher);
