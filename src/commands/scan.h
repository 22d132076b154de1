/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

/*
 * The line on a terminal that says how far a scan is. It is drawn over itself, on standard error, and only where that
 * is a terminal and messages are wanted.
 */

typedef struct PfScanProgress PfScanProgress;

/** Makes one that shows nothing yet. */
PfScanProgress *pf_scan_progress_new(void);

/** Takes the line away, and frees it. */
void pf_scan_progress_free(PfScanProgress *progress);

/** Whether there is anybody to see it. */
gboolean pf_scan_progress_is_wanted(const PfScanProgress *progress);

/** Draws the line: @done of @all feeds, @failing of these, and @bytes that came. */
void pf_scan_progress_show(PfScanProgress *progress, guint done, guint all, guint failing, gint64 bytes);

/** Takes the line away, so that something else can be printed. */
void pf_scan_progress_hide(PfScanProgress *progress);
