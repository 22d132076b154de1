/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the watcher's thread hands to the main loop: finished files and marks in their order, news of the reports, and
 * the one timer. It holds a bounded number of files: the thread waits while the main loop is behind; what the kernel
 * cannot queue meanwhile is found by a listing.
 */
#pragma once

#include "sources/watch.h"

typedef struct PfPost PfPost;

/** Who gets it, on the main context that the post was made on. The post may be freed by any of them. */
typedef struct {
    void (*found)(const PfWatchFile *file, gpointer data);
    void (*looked)(guint folder, gint64 mark, gpointer data);
    void (*changed)(gpointer data);
    void (*timer)(gpointer data);
    gpointer data;
} PfPostReader;

/** Makes one on the thread's default main context. */
PfPost *pf_post_new(const PfPostReader *reader);
void pf_post_free(PfPost *post);

/** Hand over; copied. The watcher's thread. They wait while there is no room, until pf_post_close(). */
void pf_post_put_file(PfPost *post, const PfWatchFile *file);
void pf_post_put_looked(PfPost *post, guint folder, gint64 mark);

/** Says that the reports have changed. The watcher's thread. */
void pf_post_put_changed(PfPost *post);

/** Sets the timer instead of what it was set to: monotonic time, microseconds; G_MAXINT64 for never. Any thread. */
void pf_post_set_timer(PfPost *post, gint64 due);

/** Lets the writer wait no longer, and calls no reader any more. The main thread. */
void pf_post_close(PfPost *post);

/** Once the writer has ended: when no file is left, calls looked() for the marks that are. The main thread. */
void pf_post_read_marks(PfPost *post);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfPost, pf_post_free)
