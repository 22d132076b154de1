/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a file is finished: when its size and ctime have stayed the same for some seconds after the last event. The
 * decision is pure; PfFinish is the set of files that wait for it, which knows when it must be looked at next. One
 * thread.
 */
#pragma once

#include <glib.h>

/** A file that was made but never closed by a writer (a hard link, maybe) is finished after so many seconds. */
#define PF_FINISH_UNCLOSED 60

/** What a file looked like. */
typedef struct {
    gint64 size;    /* bytes */
    gint64 changed; /* ctime, nanoseconds since the epoch */
} PfFinishLook;

/** What made somebody look at a file. */
typedef enum {
    PF_FINISH_CLOSED, /* its writer closed it, or it came under its name by a rename or a link */
    PF_FINISH_LISTED, /* it was found in a listing */
    PF_FINISH_MADE,   /* it was made; it is being written, as far as one knows */
} PfFinishCause;

/**
 * Decides how long a file must stay as it is. Pure.
 *
 * @settle: seconds
 * @changed: its ctime, nanoseconds since the epoch
 * @now: the same clock
 *
 * Returns: microseconds from @now; 0 when it is finished already. Never more than @settle (PF_FINISH_UNCLOSED for
 * PF_FINISH_MADE if that is more), so a ctime in the future does not keep it waiting.
 */
gint64 pf_finish_wait(PfFinishCause cause, gint64 settle, gint64 changed, gint64 now);

/** A file that waits. */
typedef struct {
    gpointer folder; /* the owner's */
    char *name;
    char *former; /* its first known name before it was renamed, or NULL */
    PfFinishLook look;
    gboolean open; /* it was made, and nobody has closed it since */
    gint64 due;    /* monotonic time, microseconds */
    GSequenceIter *place;
} PfPending;

void pf_pending_free(PfPending *pending);

typedef struct PfFinish PfFinish;

PfFinish *pf_finish_new(void);
void pf_finish_free(PfFinish *finish);

/**
 * Lets a file wait, or wait anew when it waits already; it keeps its former name then.
 *
 * @former: (nullable): copied
 * @open: it was made, and nobody has closed it since, as far as one knows
 * @due: when it is to be looked at, monotonic time, microseconds
 */
void pf_finish_add(PfFinish *finish, gpointer folder, const char *name, const char *former, PfFinishLook look,
                   gboolean open, gint64 due);

/** Finds a waiting file. Returns: (nullable) (transfer none). */
const PfPending *pf_finish_find(PfFinish *finish, gpointer folder, const char *name);

/** Takes a file out of the set. Returns: (nullable) (transfer full): what waited. */
PfPending *pf_finish_steal(PfFinish *finish, gpointer folder, const char *name);

/** Takes the earliest file that is due by @now out of the set. Returns: (nullable) (transfer full). */
PfPending *pf_finish_take_due(PfFinish *finish, gint64 now);

/** When the earliest is due; G_MAXINT64 when nothing waits. */
gint64 pf_finish_next_due(PfFinish *finish);

guint pf_finish_count(PfFinish *finish);

/** Forgets all files of a folder. */
void pf_finish_forget_folder(PfFinish *finish, gpointer folder);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfPending, pf_pending_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfFinish, pf_finish_free)
