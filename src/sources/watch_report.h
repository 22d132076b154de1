/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the watched folders fare, in words for people. A set of reports is owned like a string, so that the watcher's
 * thread can hand it to the main loop.
 */
#pragma once

#include "sources/watch_thread.h"

/** Makes the reports that stand before anything was looked at: all folders are being listed. Returns: (transfer full).
 */
GArray *pf_watch_report_begin(const PfWatchSettings *settings);

/**
 * Reports on what the thread knows. The watcher's thread.
 *
 * @last: the reports before: a state that stays keeps its time
 *
 * Returns: (transfer full): of PfWatchReport; NULL when nothing has changed.
 */
GArray *pf_watch_report_make(const PfWatcher *watcher, const GArray *last);

/** Copies reports. Returns: (transfer full): freed by g_array_unref(). */
GArray *pf_watch_report_copy(const GArray *reports);
