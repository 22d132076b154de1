/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "feed/fetch.h"

/*
 * The sources of a scan, fetched many at once and handed over as if they were read one after the other, in the order
 * given. Lists of feeds (OPML) and web pages are replaced by the feeds they name; a page that names none, but a way to
 * pay, is one item.
 *
 * So that memory stays bounded, only PF_SCAN_AHEAD sources from the one whose turn it is are fetched ahead, and one
 * that has brought PF_SCAN_KEPT items before its turn rests until then, and so does each that brings one when
 * PF_SCAN_KEPT_SIZE is reached.
 */

#define PF_SCAN_AHEAD 32
#define PF_SCAN_KEPT 1000
#define PF_SCAN_KEPT_SIZE ((gsize)16 * 1024 * 1024) /* bytes, of all sources together */

/** Lists within lists, and pages in these, are followed so deep. */
#define PF_SCAN_MAX_DEPTH 3

/** Feeds that a scan takes from lists and pages, all together. */
#define PF_SCAN_MAX_SOURCES 100000

/** A source that is over. Lent for the call. */
typedef struct {
    const PfFeed *feed;    /* the channel, NULL when nothing of it came */
    const char *fault;     /* what was wrong with a feed that was read all the same, or NULL */
    guint items;           /* that the feed had */
    const GError *failure; /* why it was not read to its end, or NULL */
} PfScanEnd;

/** Is called from the main loop. */
typedef struct {
    const char *contact;                                  /* see pf_http_set_contact() */
    void (*begin)(const char *source, gpointer data);     /* the next source, as it was named: it may have a password */
    PfItemFunc item;                                      /* an item of it */
    gboolean (*end)(const PfScanEnd *end, gpointer data); /* no more of it; returns whether to go on with the next */
    gpointer data;
} PfScanReader;

/** How a line ended. */
typedef enum {
    PF_SCAN_COMPLETE,    /* every source was handed over, or @end did not want more */
    PF_SCAN_INTERRUPTED, /* by SIGINT or SIGTERM: what was read until then was handed over */
} PfScanLineEnd;

/**
 * Reads sources; runs the default main loop meanwhile.
 *
 * @sources: http(s) URLs, file names, file URLs or "-", ends with NULL
 * @unread: (out): how many sources an interrupt has kept from being read to their end
 */
PfScanLineEnd pf_scan_line_run(char **sources, const PfScanReader *reader, guint *unread);
