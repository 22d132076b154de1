/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/watch_report.h"

#include <errno.h>
#include <string.h>

#define LIMIT_OF_WATCHES "/proc/sys/fs/inotify/max_user_watches"
#define LIMIT_OF_INSTANCES "/proc/sys/fs/inotify/max_user_instances"

static void
clear_report(gpointer pointer)
{
    PfWatchReport *report = pointer;

    g_free((char *)report->path);
    g_free((char *)report->fault);
}

static GArray *
make_reports(guint length)
{
    GArray *reports = g_array_sized_new(FALSE, TRUE, sizeof(PfWatchReport), length);

    g_array_set_clear_func(reports, clear_report);
    return reports;
}

static void
add_report(GArray *reports, const char *path, PfWatchReport report)
{
    g_array_append_val(reports, report);
    g_array_index(reports, PfWatchReport, reports->len - 1).path = g_strdup(path);
}

GArray *
pf_watch_report_begin(const PfWatchSettings *settings)
{
    GArray *reports = make_reports(settings->n_folders);
    gint64 now = g_get_real_time() / G_USEC_PER_SEC;

    for (guint i = 0; i < settings->n_folders; i++)
        add_report(reports, settings->folders[i].path, (PfWatchReport){.state = PF_WATCH_LISTING, .since = now});
    return reports;
}

GArray *
pf_watch_report_copy(const GArray *reports)
{
    GArray *copy = make_reports(reports->len);

    for (guint i = 0; i < reports->len; i++) {
        PfWatchReport report = g_array_index(reports, PfWatchReport, i);
        report.fault = g_strdup(report.fault);
        add_report(copy, report.path, report);
    }
    return copy;
}

static gint64
read_limit(const char *file)
{
    g_autofree char *text = NULL;

    return g_file_get_contents(file, &text, NULL, NULL) ? g_ascii_strtoll(text, NULL, 10) : 0;
}

/* What is counted in one configured folder. */
typedef struct {
    guint watches;
    guint polled;
    guint remote;
    guint queued;
    guint unreadable;
    const PfFolder *first_unreadable;
} Count;

static Count
count_folders(const PfWatcher *watcher, const PfFolder *top)
{
    g_autoptr(GPtrArray) folders = pf_tree_list(watcher->tree, top);
    Count count = {0};

    for (guint i = 0; i < folders->len; i++) {
        const PfFolder *folder = folders->pdata[i];
        count.watches += folder->watch >= 0;
        count.polled += folder->polled;
        count.remote += folder->remote;
        count.queued += folder->queued;
        count.unreadable += folder->fault != 0;
        if (folder->fault && !count.first_unreadable)
            count.first_unreadable = folder;
    }
    return count;
}

/* Twice the limit, or twice what is needed. */
static char *
describe_no_watches(guint polled)
{
    gint64 limit = read_limit(LIMIT_OF_WATCHES);

    return g_strdup_printf("the limit of watches is reached: %u folders are looked through every %d seconds only; "
                           "set fs.inotify.max_user_watches to %" G_GINT64_FORMAT " or more (it is %" G_GINT64_FORMAT
                           "): sysctl fs.inotify.max_user_watches=%" G_GINT64_FORMAT,
                           polled, PF_WATCHER_POLL, MAX(65536, MAX(2 * limit, 2 * (gint64)polled)), limit,
                           MAX(65536, MAX(2 * limit, 2 * (gint64)polled)));
}

static char *
describe_no_inotify(int code)
{
    gint64 limit = read_limit(LIMIT_OF_INSTANCES);

    if (code != EMFILE)
        return g_strdup_printf("inotify cannot be used (%s): the folders are looked through every %d seconds only",
                               g_strerror(code), PF_WATCHER_POLL);
    return g_strdup_printf("inotify's instances, or this program's open files, are used up: the folders are looked "
                           "through every %d seconds only; set fs.inotify.max_user_instances to %" G_GINT64_FORMAT
                           " or more (it is %" G_GINT64_FORMAT "), or raise the limit of open files",
                           PF_WATCHER_POLL, 2 * limit, limit);
}

static char *
describe_unreadable(const Count *count)
{
    g_autofree char *path = pf_tree_path(count->first_unreadable, NULL);
    g_autofree char *name = g_filename_display_name(path ? path : "");

    int fault = count->first_unreadable->fault;
    /* The service gives up reading what it need not read before it meets the links in what it reads. */
    const char *mend = fault != EACCES ? ""
                                       : "; let this user read it, or, where a link leads to it, name its target in "
                                         "[watch] folders and start the service anew";

    if (count->unreadable == 1)
        return g_strdup_printf("%s cannot be read: %s%s", name, g_strerror(fault), mend);
    return g_strdup_printf("%u folders cannot be read; the first is %s: %s%s", count->unreadable, name,
                           g_strerror(fault), mend);
}

/* Returns: (nullable) (transfer full): the one thing that the user should mend first. */
static char *
describe_fault(const PfWatcher *watcher, const PfRoot *root, const Count *count)
{
    if (root->fault)
        return g_strdup_printf("%s", root->fault == ENOTDIR ? "there is no folder of this name, but a file on the way"
                                                            : g_strerror(root->fault));
    if (watcher->no_inotify == ENOSPC)
        return describe_no_watches(MAX(count->polled, 1));
    if (watcher->no_inotify)
        return describe_no_inotify(watcher->no_inotify);
    if (count->polled && watcher->no_watches)
        return describe_no_watches(count->polled);
    return count->unreadable ? describe_unreadable(count) : NULL;
}

static PfWatchReport
report_root(const PfWatcher *watcher, const PfRoot *root)
{
    const PfFolder *top = root->present ? pf_tree_find_inode(watcher->tree, root->device, root->inode) : NULL;
    Count count = {0};
    PfWatchReport report = {.state = PF_WATCH_MISSING};

    if (top)
        count = count_folders(watcher, top);
    if (top)
        report.state = count.queued ? PF_WATCH_LISTING : count.polled || count.remote ? PF_WATCH_POLLED : PF_WATCH_ON;
    report.watches = count.watches;
    report.fault = describe_fault(watcher, root, &count);
    return report;
}

GArray *
pf_watch_report_make(const PfWatcher *watcher, const GArray *last)
{
    GArray *reports = make_reports(last->len);
    gboolean changed = FALSE;

    for (guint i = 0; i < last->len; i++) {
        const PfWatchReport *before = &g_array_index(last, PfWatchReport, i);
        PfWatchReport report = report_root(watcher, &watcher->roots[i]);
        report.since = report.state == before->state ? before->since : g_get_real_time() / G_USEC_PER_SEC;
        changed |= report.state != before->state || report.watches != before->watches ||
                   g_strcmp0(report.fault, before->fault) != 0;
        add_report(reports, before->path, report);
    }
    if (!changed)
        g_clear_pointer(&reports, g_array_unref);
    return reports;
}
