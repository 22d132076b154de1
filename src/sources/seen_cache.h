/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which versions of which files were told of: an event and a listing may both see the same one, and it counts once.
 * The memory is bounded: it holds the latest 16,384 versions at least, and twice as many at most. One thread.
 */
#pragma once

#include <glib.h>

/** One version of a file. */
typedef struct {
    guint64 folder; /* the folder's inode, so that hard links in two folders are two files */
    guint64 device;
    guint64 inode;
    gint64 size;
    gint64 changed; /* ctime, nanoseconds */
    guint64 name;   /* g_str_hash() of its base name, so that two links in one folder are two files */
} PfToldVersion;

typedef struct PfTold PfTold;

PfTold *pf_told_new(void);
void pf_told_free(PfTold *told);

/** Notes a version. Returns: whether it is new, that is, to be told of now. */
gboolean pf_told_add(PfTold *told, const PfToldVersion *version);

/** Gives the memory back after a burst: forgets all if it holds more than some thousands. Returns: whether it did. */
gboolean pf_told_shrink(PfTold *told);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfTold, pf_told_free)
