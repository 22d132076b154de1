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

struct PfWatchWakeup {
    int descriptor;
    GMutex mutex;
    GCond signalled;
    PfWakeupCall calls;
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

PfWatchWakeup *
pf_watch_wakeup_new(const char *state_dir, GError **error)
{
    int descriptor = open_file(state_dir, error);
    PfWatchWakeup *wakeup;

    if (descriptor < 0)
        return NULL;
    wakeup = g_new0(PfWatchWakeup, 1);
    wakeup->descriptor = descriptor;
    g_mutex_init(&wakeup->mutex);
    g_cond_init(&wakeup->signalled);
    return wakeup;
}

void
pf_watch_wakeup_free(PfWatchWakeup *wakeup)
{
    if (!wakeup)
        return;
    g_close(wakeup->descriptor, NULL);
    g_mutex_clear(&wakeup->mutex);
    g_cond_clear(&wakeup->signalled);
    g_free(wakeup);
}

int
pf_watch_wakeup_get_descriptor(const PfWatchWakeup *wakeup)
{
    return wakeup->descriptor;
}

void
pf_watch_wakeup_signal(PfWatchWakeup *wakeup, PfWakeupCall call)
{
    char byte;

    g_mutex_lock(&wakeup->mutex);
    wakeup->calls |= call;
    wakeup->stopping |= (call & PF_WAKEUP_STOP) != 0;
    g_cond_signal(&wakeup->signalled);
    g_mutex_unlock(&wakeup->mutex);
    /* After the call is noted, since the thread looks for it as soon as it hears the file. */
    while (pread(wakeup->descriptor, &byte, 1, 0) < 0 && errno == EINTR)
        continue;
}

PfWakeupCall
pf_watch_wakeup_take(PfWatchWakeup *wakeup)
{
    PfWakeupCall calls;

    g_mutex_lock(&wakeup->mutex);
    calls = wakeup->calls;
    wakeup->calls = 0;
    g_mutex_unlock(&wakeup->mutex);
    return calls;
}

void
pf_watch_wakeup_wait(PfWatchWakeup *wakeup)
{
    g_mutex_lock(&wakeup->mutex);
    while (wakeup->calls == 0)
        g_cond_wait(&wakeup->signalled, &wakeup->mutex);
    g_mutex_unlock(&wakeup->mutex);
}

gboolean
pf_watch_wakeup_is_stopping(PfWatchWakeup *wakeup)
{
    gboolean stopping;

    g_mutex_lock(&wakeup->mutex);
    stopping = wakeup->stopping;
    g_mutex_unlock(&wakeup->mutex);
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
} Message;

typedef struct {
    GSource source;
    PfWatchChannel *channel;
} ChannelSource;

struct PfWatchChannel {
    PfWatchChannelReader reader;
    GSource *source;
    GMutex mutex;
    GCond room;
    GQueue messages;
    gboolean changed;
    gboolean closed;
    gint64 timer;
    guint read; /* since memory was last given back */
    guint held; /* messages of the turn that is being read; the main thread's */
};

static void
free_message(gpointer pointer)
{
    Message *message = pointer;

    g_free((char *)message->file.path);
    g_free((char *)message->file.old_name);
    g_free(message);
}

/* With the mutex held. */
static void
set_ready(PfWatchChannel *channel)
{
    gboolean now = channel->messages.length > 0 || channel->changed;

    g_source_set_ready_time(channel->source, now ? 0 : channel->timer == G_MAXINT64 ? -1 : channel->timer);
}

static void
read_message(PfWatchChannel *channel, const Message *message)
{
    if (message->file.path)
        channel->reader.found(&message->file, channel->reader.data);
    else
        channel->reader.looked(message->folder, message->mark, channel->reader.data);
}

/* What is to be done in one turn of the main loop. */
typedef struct {
    GQueue messages;
    gboolean changed;
    gboolean timer;
    gboolean trim;
} Turn;

static void
take_turn(PfWatchChannel *channel, Turn *turn)
{
    g_mutex_lock(&channel->mutex);
    g_queue_init(&turn->messages);
    while (channel->messages.length > 0 && turn->messages.length < PF_BATCH_WATCH_EVENTS)
        g_queue_push_tail(&turn->messages, g_queue_pop_head(&channel->messages));
    g_cond_signal(&channel->room);
    turn->changed = channel->changed;
    channel->changed = FALSE;
    turn->timer = channel->timer <= g_get_monotonic_time();
    if (turn->timer)
        channel->timer = G_MAXINT64;
    channel->read += turn->messages.length;
    turn->trim = channel->messages.length == 0 && channel->read > BURST;
    if (turn->trim)
        channel->read = 0;
    set_ready(channel);
    g_mutex_unlock(&channel->mutex);
}

static gboolean
dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
    PfWatchChannel *channel = ((ChannelSource *)source)->channel;
    Message *message;
    Turn turn;

    (void)callback;
    (void)data;
    take_turn(channel, &turn);
    /* Any reader may free the channel; its source is then destroyed, but lives until this function returns. */
    if (turn.timer)
        channel->reader.timer(channel->reader.data);
    if (turn.changed && !g_source_is_destroyed(source))
        channel->reader.changed(channel->reader.data);
    while ((message = g_queue_pop_head(&turn.messages)) != NULL) {
        if (!g_source_is_destroyed(source)) {
            channel->held = turn.messages.length;
            read_message(channel, message);
        }
        free_message(message);
    }
    if (turn.trim)
        pf_memory_give_back();
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_functions = {.dispatch = dispatch};

PfWatchChannel *
pf_watch_channel_new(const PfWatchChannelReader *reader)
{
    PfWatchChannel *channel = g_new0(PfWatchChannel, 1);

    channel->reader = *reader;
    channel->timer = G_MAXINT64;
    g_mutex_init(&channel->mutex);
    g_cond_init(&channel->room);
    g_queue_init(&channel->messages);
    channel->source = g_source_new(&source_functions, sizeof(ChannelSource));
    ((ChannelSource *)channel->source)->channel = channel;
    g_source_set_static_name(channel->source, "watched folders");
    g_source_attach(channel->source, g_main_context_get_thread_default());
    return channel;
}

void
pf_watch_channel_free(PfWatchChannel *channel)
{
    if (!channel)
        return;
    g_source_destroy(channel->source);
    g_source_unref(channel->source);
    g_queue_clear_full(&channel->messages, free_message);
    g_mutex_clear(&channel->mutex);
    g_cond_clear(&channel->room);
    g_free(channel);
}

static void
put_message(PfWatchChannel *channel, Message *message)
{
    g_mutex_lock(&channel->mutex);
    while (channel->messages.length >= ROOM && !channel->closed)
        g_cond_wait(&channel->room, &channel->mutex);
    g_queue_push_tail(&channel->messages, message);
    if (channel->messages.length == 1)
        set_ready(channel);
    g_mutex_unlock(&channel->mutex);
}

void
pf_watch_channel_put_file(PfWatchChannel *channel, const PfWatchFile *file)
{
    Message *message = g_new0(Message, 1);

    message->file = *file;
    message->file.path = g_strdup(file->path);
    message->file.old_name = g_strdup(file->old_name);
    put_message(channel, message);
}

void
pf_watch_channel_put_looked(PfWatchChannel *channel, guint folder, gint64 mark)
{
    Message *message = g_new0(Message, 1);

    message->folder = folder;
    message->mark = mark;
    put_message(channel, message);
}

void
pf_watch_channel_put_changed(PfWatchChannel *channel)
{
    g_mutex_lock(&channel->mutex);
    channel->changed = TRUE;
    set_ready(channel);
    g_mutex_unlock(&channel->mutex);
}

void
pf_watch_channel_set_timer(PfWatchChannel *channel, gint64 due)
{
    g_mutex_lock(&channel->mutex);
    if (channel->timer != due) {
        channel->timer = due;
        set_ready(channel);
    }
    g_mutex_unlock(&channel->mutex);
}

void
pf_watch_channel_close(PfWatchChannel *channel)
{
    g_source_destroy(channel->source);
    g_mutex_lock(&channel->mutex);
    channel->closed = TRUE;
    g_cond_signal(&channel->room);
    g_mutex_unlock(&channel->mutex);
}

void
pf_watch_channel_read_marks(PfWatchChannel *channel)
{
    if (channel->held > 0)
        return;
    for (GList *link = channel->messages.head; link; link = link->next) {
        if (((Message *)link->data)->file.path)
            return;
    }
    for (GList *link = channel->messages.head; link; link = link->next)
        read_message(channel, link->data);
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

    return g_strdup_printf("the limit on inotify watches is reached: %u folders are only scanned every %d seconds; "
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
        return g_strdup_printf("inotify cannot be used (%s): the folders are only scanned every %d seconds",
                               g_strerror(code), PF_WATCHER_POLL);
    return g_strdup_printf("the limit on inotify instances or open files is reached: the folders are only scanned "
                           "every %d seconds; set fs.inotify.max_user_instances to %" G_GINT64_FORMAT
                           " or more (it is %" G_GINT64_FORMAT "), or raise the limit on open files",
                           PF_WATCHER_POLL, 2 * limit, limit);
}

#define NO_ANSWER "does not answer: its file system hangs; check the disk, or the server that it is mounted from"

static char *
describe_unreadable(const Count *count)
{
    g_autofree char *path = pf_tree_path(count->first_unreadable, NULL);
    g_autofree char *name = g_filename_display_name(path ? path : "");

    int fault = count->first_unreadable->fault;
    /* The service gives up reading what it need not read before it meets the links in what it reads. */
    const char *fix = fault != EACCES ? ""
                                      : "; let this user read it, or, where a link leads to it, name its target in "
                                        "[watch] folders and restart the service";

    if (fault == ETIMEDOUT)
        return g_strdup_printf("%s: " NO_ANSWER, name);
    if (count->unreadable == 1)
        return g_strdup_printf("%s cannot be read: %s%s", name, g_strerror(fault), fix);
    return g_strdup_printf("%u folders cannot be read; the first is %s: %s%s", count->unreadable, name,
                           g_strerror(fault), fix);
}

/* Returns: (nullable) (transfer full): the one problem that the user should fix first. */
static char *
describe_fault(const PfWatcher *watcher, const PfRoot *root, const Count *count)
{
    if (root->fault == ETIMEDOUT)
        return g_strdup(NO_ANSWER);
    if (root->fault)
        return g_strdup_printf("%s", root->fault == ENOTDIR ? "not a folder, or a parent of it is a file"
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
    GSource *mounts_source;
    GArray *reports; /* the main thread's */
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

    pf_watch_wakeup_signal(watch->wakeup, PF_WAKEUP_TIME);
}

static gboolean
mounts_changed(int descriptor, GIOCondition condition, gpointer data)
{
    PfWatch *watch = data;

    (void)descriptor;
    (void)condition;
    pf_watch_wakeup_signal(watch->wakeup, PF_WAKEUP_MOUNTS);
    return G_SOURCE_CONTINUE;
}

/* A mount makes no inotify event. The kernel reports it as urgent data of this file, to one poll only. A main loop
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

static void
end_mounts(PfWatch *watch)
{
    if (watch->mounts < 0)
        return;
    g_source_destroy(watch->mounts_source);
    g_source_unref(watch->mounts_source);
    g_close(watch->mounts, NULL);
    watch->mounts = -1;
}

/* How long the thread's end is waited for, microseconds: a file system may not answer. */
#define LAST_WAIT (2500 * G_TIME_SPAN_MILLISECOND)

/* Waits for the thread's end. Returns: whether it has ended. */
static gboolean
wait_for_end(PfWatch *watch, gint64 patience)
{
    gint64 deadline = g_get_monotonic_time() + patience;

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
    pf_watch_channel_read_marks(watch->channel);
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
                    abandoned ? "a folder that was watched still does not answer"
                              : "folders are watched already in this process");
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
    watch->channel = pf_watch_channel_new(&(PfWatchChannelReader){
        .found = found, .looked = looked, .changed = changed, .timer = timer_ran_out, .data = watch});
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
        release(watch);
        return;
    }
    g_message("a watched folder does not answer, and is not waited for");
    end_mounts(watch);
    abandoned = watch;
}

guint
pf_watch_get_report(PfWatch *watch, const PfWatchReport **reports)
{
    *reports = (const PfWatchReport *)(gpointer)watch->reports->data;
    return watch->reports->len;
}
