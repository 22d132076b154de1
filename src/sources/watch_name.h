/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a file's name alone says: whether it is one that a program uses while it is still writing, and whether it may be
 * an episode or a feed. Pure. Any thread.
 */
#pragma once

#include <glib.h>

typedef enum {
    PF_WATCH_NAME_OTHER, /* nothing for us, or a temporary name */
    PF_WATCH_NAME_MEDIA, /* ends in one of the wanted extensions */
    PF_WATCH_NAME_FEED,  /* .xml .rss .atom .opml */
} PfWatchName;

/** Whether a base name is a temporary one: hidden, a backup (~), or with a downloader's ending (.part and so on). */
gboolean pf_watch_name_is_temporary(const char *name);

/**
 * Sorts a base name. Temporary names are PF_WATCH_NAME_OTHER.
 *
 * @extensions: the wanted ones without dot, ended by NULL; letters of any case
 */
PfWatchName pf_watch_name_sort(const char *name, const char *const *extensions);
