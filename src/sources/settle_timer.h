/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a file is finished: when its size and ctime have stayed the same for some seconds after the last event. The
 * decision is pure; PfSettleTimer is the set of files that wait for it, which knows when it must be looked at next. One
 * thread.
 */
#pragma once

#include <glib.h>

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
 * The memory is bounded: it holds the latest 16,384 versions at least, and twice as many at most. One thread.
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
