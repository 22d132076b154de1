/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a file sound or film, by its first bytes? Podcatchers save error pages under an episode's name; those must not
 * count as downloads. Any thread.
 */
#pragma once

#include <glib.h>

/*
 * What a file's name alone says: whether it is one that a program uses while it is still writing, and whether it may be
 * an episode or a feed. Pure. Any thread.
 */

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

/** So many first bytes are looked at. */
#define PF_MEDIA_HEAD 65536

/**
 * Judges a file's first bytes. Pure.
 *
 * @length: how many there are; all of the file if that is shorter than PF_MEDIA_HEAD
 *
 * Returns: NULL when it is sound or film, else a short code that says what it is instead: "empty", "html", "text" (XML
 * and JSON too) or "unknown".
 */
const char *pf_media_judge(const guint8 *bytes, gsize length);

/**
 * Judges a file. Never blocks on what is no regular file.
 *
 * @reason: (out) (transfer full): when it is refused, pf_media_judge()'s code, or "unreadable"; else NULL
 *
 * Returns: whether it is sound or film.
 */
gboolean pf_media_check(const char *path, char **reason);
