/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/watch.h"

#include "sources/watch_report.h"
#include "sources/watch_thread.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <signal.h>

G_DEFINE_QUARK(pf_watch_error, pf_watch_error)

struct PfWatch {
    PfWatchSettings settings;
    PfWatcher watcher; /* the thread's, while it runs */
    GThread *thread;
    PfWatchBell *bell;
    PfPost *post;
    int mounts;
    GSource *mounts_source;
    GArray *reports; /* the main thread's */
    GMutex mutex;
    GArray *news; /* the newest reports, under the mutex */
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
    pf_post_put_changed(watch->post);
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
    watcher->finish = pf_finish_new();
    watcher->told = pf_told_new();
    watcher->bell = watch->bell;
    watcher->post = watch->post;
    watcher->ways = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    watcher->limbo = g_hash_table_new(NULL, NULL);
    watcher->bell_watch = -1;
    watcher->next_poll = G_MAXINT64;
    watcher->next_sweep = G_MAXINT64;
    watcher->publish = publish;
    watcher->data = watch;
}

static void
end_watcher(PfWatcher *watcher)
{
    g_queue_clear(&watcher->to_list);
    pf_watcher_forget_moves(watcher);
    g_clear_pointer(&watcher->ways, g_hash_table_unref);
    g_clear_pointer(&watcher->limbo, g_hash_table_unref);
    pf_finish_free(watcher->finish);
    pf_told_free(watcher->told);
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
    return NULL;
}

static void
found(const PfWatchFile *file, gpointer data)
{
    PfWatch *watch = data;

    watch->settings.found(file, watch->settings.data);
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
    watch->settings.changed(watch->settings.data);
}

static void
timer_ran_out(gpointer data)
{
    PfWatch *watch = data;

    pf_watch_bell_ring(watch->bell, PF_BELL_TIME);
}

static gboolean
mounts_changed(int descriptor, GIOCondition condition, gpointer data)
{
    PfWatch *watch = data;

    (void)descriptor;
    (void)condition;
    pf_watch_bell_ring(watch->bell, PF_BELL_EXAMINE);
    return G_SOURCE_CONTINUE;
}

/* A mount makes no inotify event. The kernel tells of it as urgent data of this file, to one poll only. A main loop
 * that finds more urgent sources ready in that poll runs those alone and polls again, so no source may come before
 * this. */
static void
watch_mounts(PfWatch *watch)
{
    watch->mounts = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    if (watch->mounts < 0)
        return;
    watch->mounts_source = g_unix_fd_source_new(watch->mounts, G_IO_PRI);
    g_source_set_priority(watch->mounts_source, G_MININT);
    g_source_set_callback(watch->mounts_source, G_SOURCE_FUNC(mounts_changed), watch, NULL);
    g_source_attach(watch->mounts_source, g_main_context_get_thread_default());
}

PfWatch *
pf_watch_new(const PfWatchSettings *settings, GError **error)
{
    g_autoptr(GError) trouble = NULL;
    PfWatchBell *bell;
    PfWatch *watch;

    if (!g_atomic_int_compare_and_exchange(&is_taken, FALSE, TRUE)) {
        g_set_error(error, PF_WATCH_ERROR, PF_WATCH_ERROR_BUSY, "folders are watched already in this process");
        return NULL;
    }
    bell = pf_watch_bell_new(settings->state_dir, &trouble);
    if (!bell) {
        g_atomic_int_set(&is_taken, FALSE);
        g_set_error(error, PF_WATCH_ERROR, PF_WATCH_ERROR_STATE, "%s", trouble->message);
        return NULL;
    }
    watch = g_new0(PfWatch, 1);
    g_mutex_init(&watch->mutex);
    copy_settings(&watch->settings, settings);
    watch->bell = bell;
    watch->post = pf_post_new(
        &(PfPostReader){.found = found, .looked = looked, .changed = changed, .timer = timer_ran_out, .data = watch});
    watch->reports = pf_watch_report_begin(&watch->settings);
    watch->news = pf_watch_report_copy(watch->reports);
    watch_mounts(watch);
    begin_watcher(watch);
    watch->thread = g_thread_new("watch", run_thread, watch);
    return watch;
}

static void
end_mounts(PfWatch *watch)
{
    if (watch->mounts < 0)
        return;
    g_source_destroy(watch->mounts_source);
    g_source_unref(watch->mounts_source);
    g_close(watch->mounts, NULL);
}

void
pf_watch_free(PfWatch *watch)
{
    if (!watch)
        return;
    pf_post_close(watch->post);
    pf_watch_bell_ring(watch->bell, PF_BELL_STOP);
    g_thread_join(watch->thread);
    g_atomic_int_set(&is_taken, FALSE);
    end_mounts(watch);
    pf_post_read_marks(watch->post);
    pf_post_free(watch->post);
    end_watcher(&watch->watcher);
    pf_watch_bell_free(watch->bell);
    g_array_unref(watch->reports);
    g_array_unref(watch->news);
    g_mutex_clear(&watch->mutex);
    clear_settings(&watch->settings);
    g_free(watch);
}

guint
pf_watch_get_report(PfWatch *watch, const PfWatchReport **reports)
{
    *reports = (const PfWatchReport *)(gpointer)watch->reports->data;
    return watch->reports->len;
}
