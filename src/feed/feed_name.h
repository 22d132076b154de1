/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What podcatchers make of a title or a basename when they name a file or a folder after it, read backwards. Each has
 * rules of its own and users change them, so none is replayed: a name on disk is compared with what it may have been
 * made of, and what a podcatcher puts before or behind it is taken off. Pure; any thread.
 */
#pragma once

#include <glib.h>

typedef enum {
    PF_NAMES_DIFFER,
    PF_NAMES_CUT,   /* the one on disk is the beginning of the other, and long */
    PF_NAMES_AGREE, /* but for what podcatchers leave out or replace, and for case */
    PF_NAMES_EQUAL, /* to the letter */
} PfNames;

/**
 * Compares a name on disk with a title or basename. They agree when their letters and digits are the same in the same
 * order, and what stands between them on disk is there in the other, or replaces what is. Digits are never pushed
 * together: "1-11" is neither "11-1" nor "111".
 *
 * @file: any bytes
 * @name: UTF-8, or any bytes
 */
PfNames pf_feed_name_compare(const char *file, const char *name);

/** Takes " (2)" off a name, which tells it from an earlier file or folder. Returns: (transfer full): maybe unchanged.
 */
char *pf_feed_name_strip_collision(const char *name);

/** A name that may have been made into a file's. Strings are NULL for what it has not. */
typedef struct {
    char *text;        /* UTF-8 */
    char *show;        /* what stood before it, which must be the feed's title */
    char *digest;      /* the first of the enclosure URL's checksum, hexadecimal */
    gint64 day;        /* the day that stood with it, as g_date_get_julian(); 0 for none */
    gboolean whole;    /* nothing was taken off */
    gboolean numbered; /* a number was taken off that only says something in a feed's folder */
} PfNameForm;

/**
 * Lists what a file's name may have been made of, the likeliest first.
 *
 * @stem: the name without its extension; any bytes
 *
 * Returns: (transfer full): of PfNameForm *; the first is the whole name.
 */
GPtrArray *pf_feed_name_list_forms(const char *stem);
