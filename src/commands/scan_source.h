/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One source of a scan: a feed whose items are kept until its turn, or a list or page, which the feeds that it names
 * take the place of. For scan_line.c, which puts the sources in a line; scan_source.c has the items, scan_list.c the
 * lists and pages. Belongs to the thread of the main loop.
 */
#pragma once

#include "commands/scan_line.h"
#include "commands/scan_progress.h"

typedef struct PfScanLine PfScanLine;
typedef struct PfScanSource PfScanSource;

struct PfScanLine {
    const PfScanReader *reader;
    PfFeedPool *pool;
    GMainLoop *loop;
    GQueue sources;   /* of PfScanSource, the one whose turn it is first */
    GHashTable *seen; /* of char *: every source there was, so that lists do not repeat or contain one another */
    gboolean is_interrupted;

    PfScanProgress *progress;
    guint all, done, failing;
    gsize kept_size; /* bytes, of all that is kept until its turn */
};

struct PfScanSource {
    PfScanLine *line;
    char *name;
    guint depth;         /* of lists that it was found in */
    gboolean is_foreign; /* somebody else's list or page names it … */
    gboolean is_private; /* … or the user, and it is in a private network */
    gboolean is_started;
    gboolean has_turn;
    gboolean is_over;
    gboolean is_enough; /* the reader wants no more of it */
    GPtrArray *kept;    /* of PfItem, for its turn */
    gsize kept_size;    /* bytes */
    const PfFeed *feed; /* the parser's, then the summary's */
    PfFeedSummary summary;
    GError *failure;
};

/**
 * Makes a source, which its line counts and knows by its name from now on.
 *
 * @depth: of lists that it was found in, 0 for what the user names
 *
 * Returns: (transfer full): to be put into the line
 */
PfScanSource *pf_scan_source_new(PfScanLine *line, const char *name, guint depth);

/** @source: (transfer full): a PfScanSource */
void pf_scan_source_free(gpointer source);

/**
 * Hands one item to the reader.
 *
 * @item: (transfer full):
 *
 * Returns: whether more are wanted; with an error when not because of a failure of the reader's
 */
gboolean pf_scan_source_hand_over(PfScanSource *source, PfItem *item, GError **error);

/** Takes an item that was read, as a PfItemFunc; @data: its PfScanSource. Keeps it where the source has no turn yet. */
gboolean pf_scan_source_take_item(const PfFeed *feed, PfItem *item, gpointer data, GError **error);

/** Tells the reader that it is a source's turn, unless that was done, and hands over what was kept. */
void pf_scan_source_begin(PfScanSource *source);

/** Tells the reader that a source is over. Returns: whether it wants the next. */
gboolean pf_scan_source_end(PfScanSource *source);

/** Whether a source that is over is a list or a page. */
gboolean pf_scan_source_names_feeds(const PfScanSource *source);

/** Follows a list or a page, whose turn it is. Returns: whether that is what the source is, and it could be followed.
 */
gboolean pf_scan_source_follow(PfScanSource *source);
