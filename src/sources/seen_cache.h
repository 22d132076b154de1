/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which versions of which files were reported: an event and a listing may both find the same one, and it counts once.
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
} PfFileVersion;

typedef struct PfSeenCache PfSeenCache;

PfSeenCache *pf_seen_cache_new(void);
void pf_seen_cache_free(PfSeenCache *cache);

/** Notes a version. Returns: whether it is new, that is, to be reported now. */
gboolean pf_seen_cache_add(PfSeenCache *cache, const PfFileVersion *version);

/** Gives the memory back after a burst: forgets all if it holds more than some thousands. Returns: whether it did. */
gboolean pf_seen_cache_shrink(PfSeenCache *cache);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfSeenCache, pf_seen_cache_free)
