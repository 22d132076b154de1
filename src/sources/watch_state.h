/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the watcher keeps in mind: the folders that it knows, the files that are not finished, and the versions that it
 * has reported. All of it without I/O, in one thread.
 */
#pragma once

#include <glib.h>

/*
 * The folders, each once, by what the watcher finds them by: their watch, their inode, and their name in the folder
 * above. A path is put together from the names, so a renamed folder takes all below it along.
 */

typedef struct PfFolder PfFolder;

struct PfFolder {
    PfFolder *above; /* NULL for a configured folder, and for one that is moved away */
    char *name;      /* in the folder above; the whole path of a configured folder */
    int watch;       /* -1 without */
    guint64 device;
    guint64 inode;
    guint root;          /* the configured folder that it belongs to: an index */
    gint64 mark;         /* files changed before it (ctime, seconds) were seen, 0 for none */
    gboolean is_link;    /* reached through a symbolic link */
    gboolean moved_away; /* was moved away, and may turn up elsewhere */
    gboolean listed;     /* once at least */
    gboolean queued;     /* waits to be listed */
    gboolean polled;     /* no watch could be set */
    gboolean remote;     /* on a file system that may change without inotify's knowing */
    gboolean recheck;    /* a name in it leads nowhere or to a folder with another name: mounts may change that */
    gboolean
        incomplete;   /* its last listing broke off: it is listed again, and what it has did not count as looked at */
    int fault;        /* errno value that keeps it from being read, or 0 */
    GPtrArray *links; /* names of symbolic links in it that lead to folders or nowhere; NULL for none */
};

typedef struct PfTree PfTree;

PfTree *pf_tree_new(void);
void pf_tree_free(PfTree *tree);

/**
 * Adds a folder without a watch.
 *
 * @above: (nullable): the folder above
 * @name: copied
 *
 * Returns: (transfer none): until pf_tree_remove().
 */
PfFolder *pf_tree_add(PfTree *tree, PfFolder *above, const char *name, guint64 device, guint64 inode);

/** Forgets a folder, and no other: those below it must be gone. */
void pf_tree_remove(PfTree *tree, PfFolder *folder);

/** Find a folder. Return: (nullable) (transfer none). */
PfFolder *pf_tree_find_watch(PfTree *tree, int watch);
PfFolder *pf_tree_find_inode(PfTree *tree, guint64 device, guint64 inode);
PfFolder *pf_tree_find_name(PfTree *tree, const PfFolder *above, const char *name);

/** Whether a folder that was there still is. */
gboolean pf_tree_has(const PfTree *tree, const PfFolder *folder);

/** Change what a folder is found by. */
void pf_tree_set_watch(PfTree *tree, PfFolder *folder, int watch);
void pf_tree_move(PfTree *tree, PfFolder *folder, PfFolder *above, const char *name);

/** Takes a folder out of the one above: it and all below it have no path until pf_tree_move(). */
void pf_tree_set_moved_away(PfTree *tree, PfFolder *folder);

/** A folder's path, or one's in it. Returns: (nullable) (transfer full): NULL when it is moved away. */
char *pf_tree_path(const PfFolder *folder, const char *name);

/** Whether a folder is another one or below it. */
gboolean pf_tree_is_below(const PfFolder *folder, const PfFolder *top);

/** Lists a folder and all below it, those above first; all folders for NULL. Returns: (transfer container). */
GPtrArray *pf_tree_list(PfTree *tree, const PfFolder *top);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfTree, pf_tree_free)

/*
 * When a file is finished: when its size and ctime have stayed the same for some seconds after the last event. The
 * decision is pure; PfSettleTimer is the set of files that wait for it, which knows when it must be looked at next.
 */

/** A file that was made but never closed by a writer (a hard link, maybe) is finished after so many seconds. */
#define PF_SETTLE_TIMER_UNCLOSED 60

/** What a file looked like. */
typedef struct {
    gint64 size;    /* bytes */
    gint64 changed; /* ctime, nanoseconds since the epoch */
    guint64 inode;
} PfFileStamp;

/** What made somebody look at a file. */
typedef enum {
    PF_SETTLE_TIMER_CLOSED, /* its writer closed it, or it came under its name by a rename or a link */
    PF_SETTLE_TIMER_LISTED, /* it was found in a listing */
    PF_SETTLE_TIMER_MADE,   /* it was made; it is being written, as far as is known */
} PfSettleCause;

/**
 * Decides how long a file must stay as it is. Pure.
 *
 * @settle: seconds
 * @changed: its ctime, nanoseconds since the epoch
 * @now: the same clock
 *
 * Returns: microseconds from @now; 0 when it is finished already. Never more than @settle (PF_SETTLE_TIMER_UNCLOSED for
 * PF_SETTLE_TIMER_MADE if that is more), so a ctime in the future does not keep it waiting.
 */
gint64 pf_settle_timer_wait(PfSettleCause cause, gint64 settle, gint64 changed, gint64 now);

/** A file that waits. */
typedef struct {
    gpointer folder; /* the owner's */
    char *name;
    char *old_name; /* its first known name before it was renamed, or NULL */
    PfFileStamp look;
    gboolean open; /* it was made, and nobody has closed it since */
    gint64 due;    /* monotonic time, microseconds; G_MAXINT64: until what is beside it says that it is finished */
    GSequenceIter *place;
} PfPending;

void pf_pending_free(PfPending *pending);

typedef struct PfSettleTimer PfSettleTimer;

PfSettleTimer *pf_settle_timer_new(void);
void pf_settle_timer_free(PfSettleTimer *timer);

/** Lets a file wait, or restarts its wait; it keeps its old name then. @file: but for place; copied */
void pf_settle_timer_add(PfSettleTimer *timer, const PfPending *file);

/** Finds a waiting file. Returns: (nullable) (transfer none). */
const PfPending *pf_settle_timer_find(PfSettleTimer *timer, gpointer folder, const char *name);

/** Finds a file that was made and not closed, by its inode. Returns: (nullable) (transfer none). */
const PfPending *pf_settle_timer_find_open(PfSettleTimer *timer, gpointer folder, guint64 inode);

/** Takes a file out of the set. Returns: (nullable) (transfer full): what waited. */
PfPending *pf_settle_timer_steal(PfSettleTimer *timer, gpointer folder, const char *name);

/** Takes the earliest file that is due by @now out of the set. Returns: (nullable) (transfer full). */
PfPending *pf_settle_timer_take_due(PfSettleTimer *timer, gint64 now);

/** When the earliest is due; G_MAXINT64 when nothing waits. */
gint64 pf_settle_timer_next_due(PfSettleTimer *timer);

/** How many wait for a time, not for what is beside them. */
guint pf_settle_timer_count(PfSettleTimer *timer);

/** Forgets all files of a folder. */
void pf_settle_timer_forget_folder(PfSettleTimer *timer, gpointer folder);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfPending, pf_pending_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfSettleTimer, pf_settle_timer_free)

/*
 * Which versions of which files were reported: an event and a listing may both find the same one, and it counts once.
 * The memory is bounded: it holds the latest 16,384 versions at least, and twice as many at most.
 */

/** One version of a file. */
typedef struct {
    guint64 folder; /* the folder's inode, so that hard links in two folders are two files */
    guint64 device;
    guint64 inode;
    gint64 size;
    gint64 changed; /* ctime, nanoseconds */
    guint64 name;   /* g_str_hash() of its base name, so that two links in one folder are two files */
} PfFileVersion;

typedef struct PfSeenCache PfSeenCache;

PfSeenCache *pf_seen_cache_new(void);
void pf_seen_cache_free(PfSeenCache *cache);

/** Notes a version. Returns: whether it is new, that is, to be reported now. */
gboolean pf_seen_cache_add(PfSeenCache *cache, const PfFileVersion *version);

/** Gives the memory back after a burst: forgets all if it holds more than some thousands. Returns: whether it did. */
gboolean pf_seen_cache_shrink(PfSeenCache *cache);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfSeenCache, pf_seen_cache_free)
