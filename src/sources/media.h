/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a file is audio or video, by its first bytes. Podcatchers save error pages under an episode's name; those
 * must not count as downloads. Any thread.
 */
#pragma once

#include <glib.h>

/*
 * What a file's name alone says: whether it is one that a program uses while it is still writing, and whether it may be
 * an episode or a feed. Pure. Any thread.
 */

typedef enum {
    PF_WATCH_NAME_OTHER,   /* a temporary name, or none that the user wants */
    PF_WATCH_NAME_MEDIA,   /* has the extension of an episode */
    PF_WATCH_NAME_FEED,    /* .xml .rss .atom .opml */
    PF_WATCH_NAME_UNKNOWN, /* may be anything: an episode if its first bytes are certainly audio or video */
} PfWatchName;

/**
 * What downloaders add to a file's name, dot and all, ended by NULL: a name with such an ending is temporary, and the
 * file beside it that lacks the ending is unfinished.
 */
extern const char *const pf_watch_name_unfinished[];

/** The name without a downloader's ending. Returns: (nullable) (transfer full): NULL when it has none. */
char *pf_watch_name_dup_finished(const char *name);

/** Whether a base name is a temporary one: hidden, a backup (~), or with a downloader's ending (.part and so on). */
gboolean pf_watch_name_is_temporary(const char *name);

/**
 * Sorts a base name. Temporary names are PF_WATCH_NAME_OTHER.
 *
 * @wanted: the only extensions that count, without dot, ended by NULL, letters of any case. What has one inside its
 *     name (ep.mp3.1) is PF_WATCH_NAME_UNKNOWN then, every other name PF_WATCH_NAME_OTHER. When empty, the common ones
 *     are PF_WATCH_NAME_MEDIA and all others PF_WATCH_NAME_UNKNOWN.
 */
PfWatchName pf_watch_name_sort(const char *name, const char *const *wanted);

/** How many of the first bytes are looked at. */
#define PF_MEDIA_HEAD 65536

/**
 * Says what a file is by its first bytes. Pure.
 *
 * @length: how many there are; all of the file if that is shorter than PF_MEDIA_HEAD
 *
 * Returns: NULL when it is audio or video, else a short code that says what it is instead: "empty", "html", "text" (XML
 * and JSON too) or "unknown".
 */
const char *pf_media_classify(const guint8 *bytes, gsize length);

/**
 * Says what a file is. Never blocks on what is not a regular file.
 *
 * @reason: (out) (transfer full): when it is refused, pf_media_classify()'s code, or "unreadable"; else NULL
 *
 * Returns: whether it is audio or video.
 */
gboolean pf_media_check(const char *path, char **reason);

/**
 * Whether first bytes are audio or video beyond doubt, where no name says that they should be: of a known
 * container, or audio frames from the first byte on. Text and pictures never are. Pure.
 *
 * @length: as for pf_media_classify()
 */
gboolean pf_media_is_certain(const guint8 *bytes, gsize length);

/**
 * Looks at a file as pf_media_is_certain() does. Never blocks on what is not a regular file.
 *
 * @is_media: (out): FALSE too when it cannot be read
 *
 * Returns: 0, or the errno value that keeps it from being read.
 */
int pf_media_check_certain(const char *path, gboolean *is_media);
