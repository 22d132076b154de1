/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The watcher's thread: what it knows and what it is made of, for watch.c and watch_thread.c alone. Everything here
 * belongs to that thread.
 */
#pragma once

#include "sources/seen_cache.h"
#include "sources/settle_timer.h"
#include "sources/watch_channel.h"
#include "sources/watch_tree.h"
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

/* --- the loop --- */

/** Runs until it is told to stop. */
void pf_watcher_run(PfWatcher *watcher);

/* --- files --- */

/** Notes a regular file with a wanted name: reports it if it is finished, else lets it wait. */
void pf_watcher_note_file(PfWatcher *watcher, PfFolder *folder, const char *name, const char *old_name,
                          const struct stat *status, PfSettleCause cause);

/** Reports the waiting files that are finished now. */
void pf_watcher_report_due(PfWatcher *watcher);

/** The system's time, nanoseconds since the epoch: the clock that file systems stamp ctime with. */
gint64 pf_watcher_now(void);

/** A file's ctime, nanoseconds since the epoch. */
gint64 pf_watcher_changed(const struct stat *status);

/* --- folders --- */

/** Puts a folder in line to be listed, or it and all below it (all folders for NULL). */
void pf_watcher_queue(PfWatcher *watcher, PfFolder *folder);
void pf_watcher_queue_below(PfWatcher *watcher, PfFolder *top);

/** Watches a folder if it is not watched, then lists it. The folder may be gone afterwards. */
void pf_watcher_list(PfWatcher *watcher, PfFolder *folder);

/** A folder, or a link to one, has come under a name: finds out whether it is new, and lists it. */
void pf_watcher_note_folder(PfWatcher *watcher, PfFolder *above, const char *name, gboolean is_link);

/** Forgets a folder and all below it. */
void pf_watcher_drop(PfWatcher *watcher, PfFolder *top);

/** Whether a folder is still where it is known to be. */
gboolean pf_watcher_is_in_place(const PfFolder *folder);

/** Watches what a descriptor is open on. Returns: the watch, or a negative errno value. */
int pf_watcher_watch(PfWatcher *watcher, int descriptor, guint32 mask);

/** Ends the watches of dropped folders. When no event is left to be read, those are the ones that the kernel has not
 * ended. */
void pf_watcher_end_dropped_watches(PfWatcher *watcher);

/* --- the configured folders and their ancestors --- */

/** Looks which of the configured folders are there, and puts those that have come in line. */
void pf_watcher_examine(PfWatcher *watcher);

/** Whether a watch is an ancestor's; notes an event of it. */
gboolean pf_watcher_is_ancestor(PfWatcher *watcher, int watch, guint32 mask);

/** Ends the watch that a folder has as an ancestor, if any, so that it can be watched as a folder. */
void pf_watcher_release_ancestor(PfWatcher *watcher, guint64 device, guint64 inode);

/** Forgets all ancestors: the library was restarted. */
void pf_watcher_forget_ancestors(PfWatcher *watcher);

/* --- events --- */

struct inotify_event;

void pf_watcher_handle(PfWatcher *watcher, const struct inotify_event *event);

/** Drops the folders that were moved away and did not turn up again. */
void pf_watcher_drop_moved_away(PfWatcher *watcher);

void pf_watcher_forget_moves(PfWatcher *watcher);
