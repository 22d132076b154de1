/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/watch.h"

#include "base/limits.h"
#include "base/memory.h"
#include "sources/watch_thread.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

struct PfWatchBell {
    int descriptor;
    GMutex mutex;
    GCond rung;
    PfBellCall calls;
    gboolean stopping;
};

/* Reading is all that rings it: that needs no room on the disk, and no descriptor. */
static int
open_file(const char *state_dir, GError **error)
{
    g_autofree char *path = g_build_filename(state_dir, "watch-XXXXXX", NULL);
    int descriptor = g_mkstemp_full(path, O_RDWR | O_CLOEXEC, 0600);
    int code = descriptor < 0 || write(descriptor, "\n", 1) != 1 ? errno : 0;

    if (descriptor >= 0)
        g_unlink(path);
    if (code == 0)
        return descriptor;
    g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(code), "cannot write a file in %s: %s", state_dir,
                g_strerror(code));
    if (descriptor >= 0)
        g_close(descriptor, NULL);
    return -1;
}

PfWatchBell *
pf_watch_bell_new(const char *state_dir, GError **error)
{
    int descriptor = open_file(state_dir, error);
    PfWatchBell *bell;

    if (descriptor < 0)
        return NULL;
    bell = g_new0(PfWatchBell, 1);
    bell->descriptor = descriptor;
    g_mutex_init(&bell->mutex);
    g_cond_init(&bell->rung);
    return bell;
}

void
pf_watch_bell_free(PfWatchBell *bell)
{
    if (!bell)
        return;
    g_close(bell->descriptor, NULL);
    g_mutex_clear(&bell->mutex);
    g_cond_clear(&bell->rung);
    g_free(bell);
}

int
pf_watch_bell_get_descriptor(const PfWatchBell *bell)
{
    return bell->descriptor;
}

void
pf_watch_bell_ring(PfWatchBell *bell, PfBellCall call)
{
    char byte;

    g_mutex_lock(&bell->mutex);
    bell->calls |= call;
    bell->stopping |= (call & PF_BELL_STOP) != 0;
    g_cond_signal(&bell->rung);
    g_mutex_unlock(&bell->mutex);
    /* After the call is noted, since the thread looks for it as soon as it hears the file. */
    while (pread(bell->descriptor, &byte, 1, 0) < 0 && errno == EINTR)
        continue;
}

PfBellCall
pf_watch_bell_take(PfWatchBell *bell)
{
    PfBellCall calls;

    g_mutex_lock(&bell->mutex);
    calls = bell->calls;
    bell->calls = 0;
    g_mutex_unlock(&bell->mutex);
    return calls;
}

void
pf_watch_bell_wait(PfWatchBell *bell)
{
    g_mutex_lock(&bell->mutex);
    while (bell->calls == 0)
        g_cond_wait(&bell->rung, &bell->mutex);
    g_mutex_unlock(&bell->mutex);
}

gboolean
pf_watch_bell_is_stopping(PfWatchBell *bell)
{
    gboolean stopping;

    g_mutex_lock(&bell->mutex);
    stopping = bell->stopping;
    g_mutex_unlock(&bell->mutex);
    return stopping;
}

/* So many files wait for the main loop at most. */
#define ROOM 4096
/* Memory is given back after a burst of so many. */
#define BURST 8192

typedef struct {
    PfWatchFile file; /* path is NULL for a mark */
    guint folder;
    gint64 mark;
} Letter;

typedef struct {
    GSource source;
    PfPost *post;
} PostSource;

struct PfPost {
    PfPostReader reader;
    GSource *source;
    GMutex mutex;
    GCond room;
    GQueue letters;
    gboolean changed;
    gboolean closed;
    gint64 timer;
    guint read; /* since memory was last given back */
    guint held; /* letters of the turn that is being read; the main thread's */
};

static void
free_letter(gpointer pointer)
{
    Letter *letter = pointer;

    g_free((char *)letter->file.path);
    g_free((char *)letter->file.former);
    g_free(letter);
}

/* With the mutex held. */
static void
set_ready(PfPost *post)
{
    gboolean now = post->letters.length > 0 || post->changed;

    g_source_set_ready_time(post->source, now ? 0 : post->timer == G_MAXINT64 ? -1 : post->timer);
}

static void
read_letter(PfPost *post, const Letter *letter)
{
    if (letter->file.path)
        post->reader.found(&letter->file, post->reader.data);
    else
        post->reader.looked(letter->folder, letter->mark, post->reader.data);
}

/* What is to be done in one turn of the main loop. */
typedef struct {
    GQueue letters;
    gboolean changed;
    gboolean timer;
    gboolean trim;
} Turn;

static void
take_turn(PfPost *post, Turn *turn)
{
    g_mutex_lock(&post->mutex);
    g_queue_init(&turn->letters);
    while (post->letters.length > 0 && turn->letters.length < PF_BATCH_WATCH_EVENTS)
        g_queue_push_tail(&turn->letters, g_queue_pop_head(&post->letters));
    g_cond_signal(&post->room);
    turn->changed = post->changed;
    post->changed = FALSE;
    turn->timer = post->timer <= g_get_monotonic_time();
    if (turn->timer)
        post->timer = G_MAXINT64;
    post->read += turn->letters.length;
    turn->trim = post->letters.length == 0 && post->read > BURST;
    if (turn->trim)
        post->read = 0;
    set_ready(post);
    g_mutex_unlock(&post->mutex);
}

static gboolean
dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
    PfPost *post = ((PostSource *)source)->post;
    Letter *letter;
    Turn turn;

    (void)callback;
    (void)data;
    take_turn(post, &turn);
    /* Any reader may free the post; its source is then destroyed, but lives until this function returns. */
    if (turn.timer)
        post->reader.timer(post->reader.data);
    if (turn.changed && !g_source_is_destroyed(source))
        post->reader.changed(post->reader.data);
    while ((letter = g_queue_pop_head(&turn.letters)) != NULL) {
        if (!g_source_is_destroyed(source)) {
            post->held = turn.letters.length;
            read_letter(post, letter);
        }
        free_letter(letter);
    }
    if (turn.trim)
        pf_memory_give_back();
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_functions = {.dispatch = dispatch};

PfPost *
pf_post_new(const PfPostReader *reader)
{
    PfPost *post = g_new0(PfPost, 1);

    post->reader = *reader;
    post->timer = G_MAXINT64;
    g_mutex_init(&post->mutex);
    g_cond_init(&post->room);
    g_queue_init(&post->letters);
    post->source = g_source_new(&source_functions, sizeof(PostSource));
    ((PostSource *)post->source)->post = post;
    g_source_set_static_name(post->source, "watched folders");
    g_source_attach(post->source, g_main_context_get_thread_default());
    return post;
}

void
pf_post_free(PfPost *post)
{
    if (!post)
        return;
    g_source_destroy(post->source);
    g_source_unref(post->source);
    g_queue_clear_full(&post->letters, free_letter);
    g_mutex_clear(&post->mutex);
    g_cond_clear(&post->room);
    g_free(post);
}

static void
put_letter(PfPost *post, Letter *letter)
{
    g_mutex_lock(&post->mutex);
    while (post->letters.length >= ROOM && !post->closed)
        g_cond_wait(&post->room, &post->mutex);
    g_queue_push_tail(&post->letters, letter);
    if (post->letters.length == 1)
        set_ready(post);
    g_mutex_unlock(&post->mutex);
}

void
pf_post_put_file(PfPost *post, const PfWatchFile *file)
{
    Letter *letter = g_new0(Letter, 1);

    letter->file = *file;
    letter->file.path = g_strdup(file->path);
    letter->file.former = g_strdup(file->former);
    put_letter(post, letter);
}

void
pf_post_put_looked(PfPost *post, guint folder, gint64 mark)
{
    Letter *letter = g_new0(Letter, 1);

    letter->folder = folder;
    letter->mark = mark;
    put_letter(post, letter);
}

void
pf_post_put_changed(PfPost *post)
{
    g_mutex_lock(&post->mutex);
    post->changed = TRUE;
    set_ready(post);
    g_mutex_unlock(&post->mutex);
}

void
pf_post_set_timer(PfPost *post, gint64 due)
{
    g_mutex_lock(&post->mutex);
    if (post->timer != due) {
        post->timer = due;
        set_ready(post);
    }
    g_mutex_unlock(&post->mutex);
}

void
pf_post_close(PfPost *post)
{
    g_source_destroy(post->source);
    g_mutex_lock(&post->mutex);
    post->closed = TRUE;
    g_cond_signal(&post->room);
    g_mutex_unlock(&post->mutex);
}

void
pf_post_read_marks(PfPost *post)
{
    if (post->held > 0)
        return;
    for (GList *link = post->letters.head; link; link = link->next) {
        if (((Letter *)link->data)->file.path)
            return;
    }
    for (GList *link = post->letters.head; link; link = link->next)
        read_letter(post, link->data);
}

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
                                         "[watch] folders and restart the service";

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
