/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What another program's own record says was played: a synchronisation server's (sync_server.h), or a podcatcher's
 * database (podcatcher.h). Only what such a record is certain of becomes a PfPlay.
 */
#pragma once

#include <glib.h>

typedef enum {
    PF_PLAY_PIECE,    /* something that happened once: `heard` seconds of it, to end at `at` */
    PF_PLAY_POSITION, /* how far it has been played until now: `position` */
    PF_PLAY_COUNT,    /* how often it has been played to its end: `count` */
} PfPlayKind;

/** Strings are NULL where nothing is known; times are seconds since the epoch, 0 unknown. */
typedef struct {
    PfPlayKind kind;
    char *name; /* names the piece, or the episode, in its record; the same each time */
    char *path; /* of the file, absolute; NULL for a stream, which is its enclosure */
    char *feed;
    char *enclosure;
    char *guid;
    char *title;
    gint64 heard;    /* seconds of content */
    gint64 position; /* seconds */
    gint64 count;
    gint64 duration; /* seconds, 0 unknown */
    gint64 at;       /* when the program that played it wrote this down */
} PfPlay;

/** Frees one; NULL is allowed. */
void pf_play_free(PfPlay *play);

/** Makes a list of them, which frees them. Returns: (transfer full). */
GPtrArray *pf_play_list_new(void);

/** Makes a name of fixed length of @count parts, of which some may be NULL. Returns: (transfer full). Pure. */
char *pf_play_dup_name(const char *const *parts, gsize count);

/** No episode is longer, seconds: what claims to be is in another unit, or nonsense. */
#define PF_PLAY_LONGEST ((gint64)7 * 86400)

/** A time as programs write it: since the epoch, in seconds, or in thousandths or millionths of one. Returns: seconds;
 * 0 for one before the epoch. Pure. */
gint64 pf_play_read_time(gint64 written);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfPlay, pf_play_free)
