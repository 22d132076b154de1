/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Says how the service is: to systemd in a line, and to `podflattr status` in a file (daemon_state.h). What changes
 * within a moment is said once.
 */
#pragma once

#include "daemon/watching.h"
#include "feed/store.h"
#include "queue/queue.h"

typedef struct PfReport PfReport;

/** Makes one, which begins with what is now; what it is given must outlive it. */
PfReport *pf_report_new(const char *state_dir, PfQueue *queue, PfFeedStore *feeds, PfWatching *watching);

/** Frees it; the file is removed: there is no service any more. */
void pf_report_free(PfReport *report);

/** Says that something has changed. */
void pf_report_change(PfReport *report);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfReport, pf_report_free)
