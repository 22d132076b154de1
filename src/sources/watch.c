/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/watch.h"

#include "base/i18n.h"
#include "base/memory.h"
#include "sources/watch_thread.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/*
 * How the watched folders fare, in words for people. A set of reports is owned like a string, so that the watcher's
 * thread can hand it to the main loop.
 */

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

/* Makes the reports that stand before anything was looked at: all folders are being listed. Returns: (transfer full).
 */
static GArray *
pf_watch_report_begin(const PfWatchSettings *settings)
{
    GArray *reports = make_reports(settings->n_folders);
    gint64 now = g_get_real_time() / G_USEC_PER_SEC;

    for (guint i = 0; i < settings->n_folders; i++)
        add_report(reports, settings->folders[i].path, (PfWatchReport){.state = PF_WATCH_LISTING, .since = now});
    return reports;
}

/* Copies reports. Returns: (transfer full): freed by g_array_unref(). */
static GArray *
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

    return g_strdup_printf(_("the limit on inotify watches is reached: %u folders are only scanned every %d seconds; "
                             "set fs.inotify.max_user_watches to %" PRId64 " or more (it is %" PRId64
                             "): sysctl fs.inotify.max_user_watches=%" PRId64),
                           polled, PF_WATCHER_POLL, MAX(65536, MAX(2 * limit, 2 * (gint64)polled)), limit,
                           MAX(65536, MAX(2 * limit, 2 * (gint64)polled)));
}

static char *
describe_no_inotify(int code)
{
    gint64 limit = read_limit(LIMIT_OF_INSTANCES);

    if (code != EMFILE)
        return g_strdup_printf(_("inotify cannot be used (%s): the folders are only scanned every %d seconds"),
                               g_strerror(code), PF_WATCHER_POLL);
    return g_strdup_printf(_("the limit on inotify instances or open files is reached: the folders are only scanned "
                             "every %d seconds; set fs.inotify.max_user_instances to %" PRId64
                             " or more (it is %" PRId64 "), or raise the limit on open files"),
                           PF_WATCHER_POLL, 2 * limit, limit);
}

#define NO_ANSWER _("does not answer: its file system hangs; check the disk, or the server that it is mounted from")

static char *
describe_unreadable(const Count *count)
{
    g_autofree char *path = pf_tree_path(count->first_unreadable, NULL);
    g_autofree char *name = g_filename_display_name(path ? path : "");

    int fault = count->first_unreadable->fault;
    /* The service gives up reading what it need not read before it meets the links in what it reads. */
    const char *fix = fault != EACCES ? ""
                                      : _("; give this user permission to read it, or, if a link leads to it, name its "
                                          "target in [watch] folders and restart the service");

    if (fault == ETIMEDOUT)
        return g_strdup_printf("%s: %s", name, NO_ANSWER);
    if (count->unreadable == 1)
        return g_strdup_printf(_("%s cannot be read: %s%s"), name, g_strerror(fault), fix);
    return g_strdup_printf(_("%u folders cannot be read; the first is %s: %s%s"), count->unreadable, name,
                           g_strerror(fault), fix);
}

/* Returns: (nullable) (transfer full): the one problem that the user should fix first. */
static char *
describe_fault(const PfWatcher *watcher, const PfRoot *root, const Count *count)
{
    if (root->fault == ETIMEDOUT)
        return g_strdup(NO_ANSWER);
    if (root->fault)
        return g_strdup_printf("%s", root->fault == ENOTDIR ? _("not a folder, or a parent of it is a file")
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

/*
 * Reports on what the thread knows. The watcher's thread.
 *
 * @last: the reports before: a state that stays keeps its time
 *
 * Returns: (transfer full): of PfWatchReport; NULL when nothing has changed.
 */
static GArray *
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

G_DEFINE_QUARK(pf_watch_error, pf_watch_error)

struct PfWatch {
    PfWatchSettings settings;
    PfWatcher watcher; /* the thread's, while it runs */
    GThread *thread;
    PfWatchWakeup *wakeup;
    PfWatchChannel *channel;
    int mounts;
    GSource *mounts_source; /* waits for a change, or for the pause after one */
    GArray *reports;        /* the main thread's */
    GMutex mutex;
    GArray *news; /* the newest reports, under the mutex */
    GCond ended;
    gboolean has_ended; /* the thread, under the mutex */
};

/* libinotifytools has one state a process. */
static gint is_taken;

static void
copy_settings(PfWatchSettings *copy, const PfWatchSettings *settings)
{
    PfWatchFolder *folders = g_new0(PfWatchFolder, settings->n_folders);

    for (guint i = 0; i < settings->n_folders; i++) {
        folders[i] = settings->folders[i];
        folders[i].path = g_canonicalize_filename(settings->folders[i].path, "/");
    }
    *copy = *settings;
    copy->folders = folders;
    copy->extensions = (const char *const *)g_strdupv((char **)settings->extensions);
    copy->state_dir = NULL;
}

static void
clear_settings(PfWatchSettings *settings)
{
    for (guint i = 0; i < settings->n_folders; i++)
        g_free(settings->folders[i].path);
    g_free((gpointer)settings->folders);
    g_strfreev((char **)settings->extensions);
}

/* The watcher's thread. */
static void
publish(gpointer data)
{
    PfWatch *watch = data;
    GArray *news = pf_watch_report_make(&watch->watcher, watch->news);

    if (!news)
        return;
    g_mutex_lock(&watch->mutex);
    g_array_unref(watch->news);
    watch->news = news;
    g_mutex_unlock(&watch->mutex);
    pf_watch_channel_put_changed(watch->channel);
}

static void
begin_watcher(PfWatch *watch)
{
    PfWatcher *watcher = &watch->watcher;

    watcher->settings = &watch->settings;
    watcher->roots = g_new0(PfRoot, watch->settings.n_folders);
    for (guint i = 0; i < watch->settings.n_folders; i++) {
        const PfWatchFolder *folder = &watch->settings.folders[i];
        watcher->roots[i] = (PfRoot){.path = folder->path, .first = folder->first, .mark = folder->mark};
    }
    watcher->tree = pf_tree_new();
    watcher->settle_timer = pf_settle_timer_new();
    watcher->seen = pf_seen_cache_new();
    watcher->wakeup = watch->wakeup;
    watcher->channel = watch->channel;
    watcher->ancestors = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    watcher->dropped_watches = g_hash_table_new(NULL, NULL);
    watcher->unreadable = g_hash_table_new(NULL, NULL);
    watcher->started = g_get_monotonic_time();
    watcher->wakeup_watch = -1;
    watcher->next_poll = G_MAXINT64;
    watcher->next_drop = G_MAXINT64;
    watcher->publish = publish;
    watcher->data = watch;
}

static void
end_watcher(PfWatcher *watcher)
{
    g_queue_clear(&watcher->to_list);
    pf_watcher_forget_moves(watcher);
    g_clear_pointer(&watcher->ancestors, g_hash_table_unref);
    g_clear_pointer(&watcher->dropped_watches, g_hash_table_unref);
    g_clear_pointer(&watcher->unreadable, g_hash_table_unref);
    g_clear_pointer(&watcher->remote_mounts, g_ptr_array_unref);
    pf_settle_timer_free(watcher->settle_timer);
    pf_seen_cache_free(watcher->seen);
    pf_tree_free(watcher->tree);
    g_free(watcher->roots);
}

static gpointer
run_thread(gpointer data)
{
    PfWatch *watch = data;
    sigset_t all;

    /* Signals are the main thread's. */
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    pf_watcher_run(&watch->watcher);
    g_mutex_lock(&watch->mutex);
    watch->has_ended = TRUE;
    g_cond_signal(&watch->ended);
    g_mutex_unlock(&watch->mutex);
    return NULL;
}

static void
looked(guint folder, gint64 mark, gpointer data)
{
    PfWatch *watch = data;

    watch->settings.looked(watch->settings.folders[folder].path, mark, watch->settings.data);
}

static void
changed(gpointer data)
{
    PfWatch *watch = data;

    g_mutex_lock(&watch->mutex);
    g_array_unref(watch->reports);
    watch->reports = pf_watch_report_copy(watch->news);
    g_mutex_unlock(&watch->mutex);
    watch->settings.changed(watch->settings.changed_data);
}

static void
timer_ran_out(gpointer data)
{
    PfWatch *watch = data;

    pf_watch_wakeup_signal(watch->wakeup, PF_WAKEUP_TIME);
}

/* How long to wait after a change of the mounts before the next is looked for, milliseconds: some hosts mount all the
 * time. */
#define MOUNTS_PAUSE 1000

static void await_mounts(PfWatch *watch);

static void
drop_mounts_source(PfWatch *watch)
{
    g_source_destroy(watch->mounts_source);
    g_clear_pointer(&watch->mounts_source, g_source_unref);
}

static gboolean
pause_ended(gpointer data)
{
    PfWatch *watch = data;

    drop_mounts_source(watch);
    await_mounts(watch);
    return G_SOURCE_REMOVE;
}

static gboolean
mounts_changed(int descriptor, GIOCondition condition, gpointer data)
{
    PfWatch *watch = data;

    (void)descriptor;
    (void)condition;
    pf_watch_wakeup_signal(watch->wakeup, PF_WAKEUP_MOUNTS);
    drop_mounts_source(watch);
    watch->mounts_source = g_timeout_source_new(MOUNTS_PAUSE);
    g_source_set_callback(watch->mounts_source, pause_ended, watch, NULL);
    g_source_attach(watch->mounts_source, g_main_context_get_thread_default());
    return G_SOURCE_REMOVE;
}

/* A mount makes no inotify event. The kernel reports it as urgent data of this file, to one poll only; when nobody
 * polls, it reports it to the next one. A main loop that finds more urgent sources ready in that poll runs those alone
 * and polls again, so no source may come before this. */
static void
await_mounts(PfWatch *watch)
{
    watch->mounts_source = g_unix_fd_source_new(watch->mounts, G_IO_PRI);
    g_source_set_priority(watch->mounts_source, G_MININT);
    g_source_set_callback(watch->mounts_source, G_SOURCE_FUNC(mounts_changed), watch, NULL);
    g_source_attach(watch->mounts_source, g_main_context_get_thread_default());
}

static void
watch_mounts(PfWatch *watch)
{
    watch->mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    if (watch->mounts >= 0)
        await_mounts(watch);
}

static void
end_mounts(PfWatch *watch)
{
    if (watch->mounts < 0)
        return;
    drop_mounts_source(watch);
    close(watch->mounts);
    watch->mounts = -1;
}

/* How long the thread's end is waited for, microseconds: a file system may not answer. */
#define LAST_WAIT (2500 * G_TIME_SPAN_MILLISECOND)

/* Waits for the thread's end. Returns: whether it has ended. */
static gboolean
wait_for_end(PfWatch *watch, gint64 timeout)
{
    gint64 deadline = g_get_monotonic_time() + timeout;

    g_mutex_lock(&watch->mutex);
    while (!watch->has_ended && g_cond_wait_until(&watch->ended, &watch->mutex, deadline))
        continue;
    gboolean has_ended = watch->has_ended;
    g_mutex_unlock(&watch->mutex);
    return has_ended;
}

/* Frees what a thread that has ended has used. */
static void
release(PfWatch *watch)
{
    g_thread_join(watch->thread);
    g_atomic_int_set(&is_taken, FALSE);
    end_mounts(watch);
    pf_watch_channel_free(watch->channel);
    end_watcher(&watch->watcher);
    pf_watch_wakeup_free(watch->wakeup);
    g_array_unref(watch->reports);
    g_array_unref(watch->news);
    g_mutex_clear(&watch->mutex);
    g_cond_clear(&watch->ended);
    clear_settings(&watch->settings);
    g_free(watch);
}

/* One whose thread still waited for a file system when it was freed. It uses the library's state until it ends. */
static PfWatch *abandoned;

PfWatch *
pf_watch_new(const PfWatchSettings *settings, GError **error)
{
    g_autoptr(GError) trouble = NULL;
    PfWatchWakeup *wakeup;
    PfWatch *watch;

    if (abandoned && wait_for_end(abandoned, 0))
        release(g_steal_pointer(&abandoned));
    if (!g_atomic_int_compare_and_exchange(&is_taken, FALSE, TRUE)) {
        g_set_error(error, PF_WATCH_ERROR, PF_WATCH_ERROR_BUSY, "%s",
                    abandoned ? _("a folder that was watched still does not answer")
                              : _("folders are watched already in this process"));
        return NULL;
    }
    wakeup = pf_watch_wakeup_new(settings->state_dir, &trouble);
    if (!wakeup) {
        g_atomic_int_set(&is_taken, FALSE);
        g_set_error(error, PF_WATCH_ERROR, PF_WATCH_ERROR_STATE, "%s", trouble->message);
        return NULL;
    }
    watch = g_new0(PfWatch, 1);
    g_mutex_init(&watch->mutex);
    g_cond_init(&watch->ended);
    copy_settings(&watch->settings, settings);
    watch->wakeup = wakeup;
    watch->channel = pf_watch_channel_new(&(PfWatchChannelReader){.found = settings->found,
                                                                  .found_data = settings->data,
                                                                  .looked = looked,
                                                                  .changed = changed,
                                                                  .timer = timer_ran_out,
                                                                  .data = watch});
    watch->reports = pf_watch_report_begin(&watch->settings);
    watch->news = pf_watch_report_copy(watch->reports);
    watch_mounts(watch);
    begin_watcher(watch);
    watch->thread = g_thread_new("watch", run_thread, watch);
    return watch;
}

void
pf_watch_free(PfWatch *watch)
{
    if (!watch)
        return;
    pf_watch_channel_close(watch->channel);
    pf_watch_wakeup_signal(watch->wakeup, PF_WAKEUP_STOP);
    if (wait_for_end(watch, LAST_WAIT)) {
        pf_watch_channel_read_marks(watch->channel);
        release(watch);
        return;
    }
    g_message(_("a watched folder does not answer; not waiting for it"));
    end_mounts(watch);
    abandoned = watch;
}

guint
pf_watch_get_report(PfWatch *watch, const PfWatchReport **reports)
{
    *reports = (const PfWatchReport *)(gpointer)watch->reports->data;
    return watch->reports->len;
}
