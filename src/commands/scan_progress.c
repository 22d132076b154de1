/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/scan_progress.h"

#include "base/log.h"
#include <stdio.h>
#include <unistd.h>

struct PfScanProgress {
    gboolean is_wanted;
    gboolean is_shown;
};

PfScanProgress *
pf_scan_progress_new(void)
{
    PfScanProgress *progress = g_new0(PfScanProgress, 1);

    progress->is_wanted = isatty(STDERR_FILENO) && pf_log_is_shown(PF_LOG_NORMAL);
    return progress;
}

void
pf_scan_progress_free(PfScanProgress *progress)
{
    if (!progress)
        return;
    pf_scan_progress_hide(progress);
    g_free(progress);
}

gboolean
pf_scan_progress_is_wanted(const PfScanProgress *progress)
{
    return progress->is_wanted;
}

void
pf_scan_progress_show(PfScanProgress *progress, guint done, guint all, guint failing, gint64 bytes)
{
    if (!progress->is_wanted)
        return;
    g_autofree char *size = g_format_size((guint64)bytes);
    /* Results that wait in a buffer would otherwise come out in the middle of the line. */
    fflush(stdout);
    fprintf(stderr, "\r\033[K%u of %u feeds, %s", done, all, size);
    if (failing > 0)
        fprintf(stderr, ", %u failing", failing);
    fflush(stderr);
    progress->is_shown = TRUE;
}

void
pf_scan_progress_hide(PfScanProgress *progress)
{
    if (!progress->is_shown)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    progress->is_shown = FALSE;
}
