/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/daemon.h"

#include "base/clock.h"
#include "base/file_access.h"
#include "base/files.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/main_loop.h"
#include "base/memory.h"
#include "base/state_folder.h"
#include "base/wakeup_socket.h"
#include "daemon/ingest.h"
#include "daemon/landlock.h"
#include "daemon/listening.h"
#include "daemon/notices.h"
#include "daemon/notifier.h"
#include "daemon/plays.h"
#include "daemon/refresher.h"
#include "daemon/sd_notify.h"
#include "daemon/send_service.h"
#include "daemon/settings_check.h"
#include "daemon/status_file.h"
#include "daemon/watching.h"
#include "queue/queue.h"
#include "queue/spool.h"
#include "sources/podcatcher.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* How long after a failure the settings are tried to be followed again, seconds. */
#define SETTINGS_WAIT 10

/* How long the idle work waits after it was done, milliseconds: of many files that come one after the other, each
 * leaves the parts idle. */
#define REST 1000

/* How often what is too old is forgotten, seconds. */
#define FORGET_EVERY ((gint64)86400)

typedef struct {
    PfApp *app;
    PfOwner owner;    /* what the parts are given of it */
    PfMainLoop *loop; /* NULL until it serves */
    PfQueueLock *lock;
    PfQueue *queue;
    PfFeedStore *feeds;
    PfWakeupSocket *wakeup;
    PfRefresher *refresh;
    PfIngest *ingest;
    PfWatching *watching;
    PfSubscribing *subscribing;
    PfListening *listening;
    PfPlays *plays;
    PfSendService *sending;
    PfStatusFile *report;
    PfNotices *notices;
    PfWatchdog *watchdog;
    PfAlarm *settings_alarm;
    PfAlarm *forget_alarm;
    guint rest;        /* the source that ends it; 0 when the idle work may be done at once */
    gboolean was_idle; /* a part became idle during the rest */
    gboolean behind;   /* the settings could not be followed at the last try */
    gboolean stopping;
    GError *failure; /* why it ends, if nobody asked it to */
} Daemon;

static void
begin_to_stop(Daemon *daemon)
{
    g_autoptr(GError) failure = NULL;

    if (daemon->stopping)
        return;
    daemon->stopping = TRUE;
    g_info(_("stopping; waiting for outstanding answers"));
    pf_sd_notify_stopping();
    /* Whoever stops it does not want to wait for other programs. */
    pf_queue_set_busy_timeout(daemon->queue, PF_BUSY_STOPPING_MS);
    pf_watching_stop(daemon->watching);
    pf_listening_stop(daemon->listening);
    if (!pf_ingest_finish(daemon->ingest, &failure))
        g_message(_("the last files reported are examined again at the next start: %s"), failure->message);
    pf_send_service_stop(daemon->sending);
}

/* --- what the parts say --- */

static void
something_changed(gpointer data)
{
    Daemon *daemon = data;

    if (daemon->report)
        pf_status_file_change(daemon->report);
}

static void
woken(gpointer data)
{
    Daemon *daemon = data;

    pf_ingest_note_hooks(daemon->ingest);
    pf_refresher_note_login(daemon->refresh);
    pf_send_service_wake(daemon->sending);
}

/* Tells what there is to tell. When all parts are idle, what a mass of files or feeds took is given back: the stores
 * would keep some megabytes of their files in memory, and the allocator what was freed. */
static void
do_idle_work(Daemon *daemon)
{
    if (!daemon->stopping && daemon->notices)
        pf_notices_look(daemon->notices);
    if (!pf_ingest_is_idle(daemon->ingest) || pf_refresher_is_busy(daemon->refresh))
        return;
    gboolean shrunk = pf_queue_shrink(daemon->queue);
    shrunk |= pf_feed_store_shrink(daemon->feeds);
    if (shrunk)
        pf_memory_give_back();
}

static gboolean
rest_is_over(gpointer data)
{
    Daemon *daemon = data;

    if (!daemon->was_idle) {
        daemon->rest = 0;
        return G_SOURCE_REMOVE;
    }
    daemon->was_idle = FALSE;
    do_idle_work(daemon);
    return G_SOURCE_CONTINUE;
}

/* A part has done what there was to do. */
static void
part_is_idle(gpointer data)
{
    Daemon *daemon = data;

    something_changed(daemon);
    if (daemon->rest) {
        daemon->was_idle = TRUE;
        return;
    }
    daemon->rest = g_timeout_add(REST, rest_is_over, daemon);
    do_idle_work(daemon);
}

/* Whoever opens a damaged store sets it aside or reports it, so the service ends, and systemd restarts it. So it is
 * with one that is not at its place any more: the next start opens what is there then. */
static void
store_failed(const GError *failure, gpointer data)
{
    Daemon *daemon = data;

    if (daemon->stopping || (!pf_database_error_is_damage(failure) &&
                             !g_error_matches(failure, PF_DATABASE_ERROR, PF_DATABASE_ERROR_MOVED)))
        return;
    daemon->failure = g_error_copy(failure);
    begin_to_stop(daemon);
}

static void
retry_sending(gpointer data)
{
    Daemon *daemon = data;

    if (!daemon->stopping)
        pf_send_service_retry(daemon->sending);
}

/* --- settings --- */

static gboolean
apply_settings(Daemon *daemon, GError **error)
{
    if (!pf_watching_apply(daemon->watching, daemon->app->config, error) ||
        !pf_subscribing_apply(daemon->subscribing, daemon->app->config, error))
        return FALSE;
    pf_settings_check_log(daemon->app);
    return TRUE;
}

static void
try_to_open(const char *path, gpointer data)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    /* The helper opens files, and lists no folder. */
    *(gboolean *)data =
        file < 0 && errno == EACCES && (!pf_file_helper_allows(path) || g_file_test(path, G_FILE_TEST_IS_DIR));
    if (file >= 0)
        close(file);
}

/* Files in a folder that was not named when the service confined itself are opened by the helper; that folder can be
 * listed only where one beside it was named then. */
static void
allow_settings(const PfConfig *config)
{
    g_autoptr(GPtrArray) readable = pf_landlock_list_readable(config);

    pf_file_helper_update((const char *const *)readable->pdata);
    for (guint i = 0; readable->pdata[i]; i++) {
        const char *path = readable->pdata[i];
        gboolean *is_closed = g_new0(gboolean, 1);
        if (!pf_call_in_time(path, PF_FILE_TIMEOUT_MS, try_to_open, is_closed, g_free))
            continue;
        if (*is_closed)
            g_message(_("the running service may not read %s; restart it"), path);
        g_free(is_closed);
    }
}

/* The obstacle may go away: a program that holds the store, a folder that comes back. Logs it the first time. */
G_GNUC_PRINTF(2, 3)
static void
follow_later(Daemon *daemon, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    g_autofree char *message = g_strdup_vprintf(format, values);
    va_end(values);
    if (!daemon->behind)
        g_message("%s", message);
    daemon->behind = TRUE;
    pf_alarm_set(daemon->settings_alarm, pf_clock_now() + SETTINGS_WAIT);
}

/* There is something new in the podcatchers' records of what was played. */
static void
plays_heard(gpointer data)
{
    Daemon *daemon = data;

    if (!daemon->stopping)
        pf_ingest_note_hooks(daemon->ingest);
}

/* A podcatcher may download to another folder now, and its list may have what files have waited for. */
static void
lists_changed(gpointer data)
{
    Daemon *daemon = data;
    g_autoptr(GError) failure = NULL;

    if (daemon->stopping)
        return;
    pf_podcatchers_resolve(daemon->app->config);
    allow_settings(daemon->app->config);
    if (!pf_watching_apply(daemon->watching, daemon->app->config, &failure))
        follow_later(daemon, _("cannot watch the podcatchers' folders yet: %s; retrying every %d seconds"),
                     failure->message, SETTINGS_WAIT);
    pf_refresher_wake(daemon->refresh);
    pf_ingest_note_lists(daemon->ingest);
    pf_plays_look(daemon->plays, daemon->app->config);
}

/* Follows a configuration that was read while the service runs. */
static void
follow_settings(gpointer data)
{
    Daemon *daemon = data;
    g_autoptr(GError) failure = NULL;

    if (daemon->stopping)
        return;
    if (apply_settings(daemon, &failure)) {
        g_message(_("configuration reloaded"));
        daemon->behind = FALSE;
        pf_alarm_set(daemon->settings_alarm, G_MAXINT64);
    } else {
        follow_later(daemon, _("cannot apply the new configuration yet: %s; retrying every %d seconds"),
                     failure->message, SETTINGS_WAIT);
    }
    pf_refresher_wake(daemon->refresh);
    something_changed(daemon);
}

static void
reload(gpointer data)
{
    Daemon *daemon = data;
    g_autoptr(GError) failure = NULL;

    if (daemon->stopping)
        return;
    pf_sd_notify_reloading();
    if (!pf_app_reload(daemon->app, &failure)) {
        g_message(_("the configuration is wrong; keeping the previous one: %s"), failure->message);
    } else {
        pf_podcatchers_resolve(daemon->app->config);
        pf_ingest_set_config(daemon->ingest, daemon->app->config);
        pf_refresher_set_config(daemon->refresh, daemon->app->config);
        pf_send_service_restart(daemon->sending);
        allow_settings(daemon->app->config);
        pf_listening_apply(daemon->listening, daemon->app->config);
        pf_plays_look(daemon->plays, daemon->app->config);
        pf_notifier_reload();
        pf_notices_look(daemon->notices);
        follow_settings(daemon);
    }
    pf_sd_notify_ready();
}

static void
stop(gpointer data)
{
    begin_to_stop(data);
}

/* --- life --- */

static void
forget_daily(gpointer data)
{
    Daemon *daemon = data;
    g_autoptr(GError) failure = NULL;

    if (!daemon->stopping && !pf_ingest_forget_old(daemon->queue, &failure))
        g_info(_("%s (old records are forgotten later)"), failure->message);
    pf_alarm_set(daemon->forget_alarm, pf_clock_now() + FORGET_EVERY);
}

/* Files that processes were writing when they were killed; one of them may hold a token. */
static void
sweep(const char *state_dir)
{
    g_autofree char *hooks = pf_hook_file_folder(state_dir);
    guint swept = pf_private_file_sweep(state_dir, TRUE) + pf_private_file_sweep(hooks, TRUE);

    if (swept > 0)
        g_info(ngettext("removed %u temporary file of processes that were killed",
                        "removed %u temporary files of processes that were killed", swept),
               swept);
}

static gboolean
open_stores(Daemon *daemon, GError **error)
{
    g_autoptr(GError) failure = NULL;
    const char *state_dir = daemon->app->state_dir;

    daemon->queue = pf_queue_open(state_dir, PF_BUSY_SERVICE_MS, error);
    if (!daemon->queue)
        return FALSE;
    daemon->lock = pf_queue_lock_take(state_dir, &failure);
    if (!daemon->lock) {
        gint64 holder = pf_queue_lock_get_holder(state_dir);
        if (g_error_matches(failure, PF_QUEUE_LOCK_ERROR, PF_QUEUE_LOCK_ERROR_HELD))
            g_set_error(error, PF_QUEUE_LOCK_ERROR, PF_QUEUE_LOCK_ERROR_HELD,
                        _("process %" PRId64
                          " is running as the service already, or is sending; 'podflattr status' shows "
                          "which. Stop it first (systemctl --user stop podflattr), or use another --state-dir"),
                        holder);
        else
            g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    sweep(state_dir);
    daemon->feeds = pf_feed_store_open(state_dir, PF_BUSY_SERVICE_MS, error);
    return daemon->feeds && pf_ingest_forget_old(daemon->queue, error);
}

static gboolean
open_parts(Daemon *daemon, GError **error)
{
    PfApp *app = daemon->app;

    daemon->owner =
        (PfOwner){.idle = part_is_idle, .changed = something_changed, .failed = store_failed, .data = daemon};
    daemon->sending = pf_send_service_new(
        &(PfSendServiceSettings){.queue = daemon->queue, .app = app, .loop = daemon->loop, .owner = &daemon->owner});
    daemon->refresh = pf_refresher_new(&(PfRefresherSettings){.feeds = daemon->feeds,
                                                              .config = app->config,
                                                              .queue = daemon->queue,
                                                              .state_dir = app->state_dir,
                                                              .owner = &daemon->owner});
    daemon->ingest = pf_ingest_new(&(PfIngestSettings){.queue = daemon->queue,
                                                       .feeds = daemon->feeds,
                                                       .config = app->config,
                                                       .state_dir = app->state_dir,
                                                       .refresh = daemon->refresh,
                                                       .sending = daemon->sending,
                                                       .owner = &daemon->owner});
    daemon->watching = pf_watching_new(&(PfWatchingSettings){
        .queue = daemon->queue, .state_dir = app->state_dir, .ingest = daemon->ingest, .owner = &daemon->owner});
    daemon->listening = pf_listening_new(daemon->ingest, daemon->feeds);
    daemon->plays = pf_plays_new(daemon->queue, plays_heard, daemon);
    daemon->subscribing = pf_subscribing_new(daemon->feeds, app->state_dir, lists_changed, daemon);
    daemon->wakeup = pf_wakeup_socket_new(app->state_dir, woken, daemon, error);
    return daemon->wakeup != NULL;
}

static void
close_parts(Daemon *daemon)
{
    pf_watchdog_free(daemon->watchdog);
    pf_alarm_free(daemon->settings_alarm);
    pf_alarm_free(daemon->forget_alarm);
    pf_notices_free(daemon->notices);
    pf_status_file_free(daemon->report);
    pf_wakeup_socket_free(daemon->wakeup);
    pf_watching_free(daemon->watching);
    pf_listening_free(daemon->listening);
    pf_plays_free(daemon->plays);
    pf_subscribing_free(daemon->subscribing);
    pf_ingest_free(daemon->ingest);
    pf_refresher_free(daemon->refresh);
    pf_send_service_free(daemon->sending);
    if (daemon->rest)
        g_source_remove(daemon->rest);
    pf_feed_store_close(daemon->feeds);
    pf_queue_lock_release(daemon->lock);
    pf_queue_close(daemon->queue);
}

/* In the helper, which reads the settings itself. */
static GPtrArray *
list_readable(gpointer data)
{
    PfApp *app = data;

    if (!pf_app_reload(app, NULL))
        return NULL;
    pf_podcatchers_resolve(app->config);
    return pf_landlock_list_readable(app->config);
}

/* Nothing but the state folder is written, nothing but what the settings name is read. */
static gboolean
confine(PfApp *app, GError **error)
{
    g_autoptr(GPtrArray) readable = pf_landlock_list_readable(app->config);
    g_autofree char *ca_file = *app->config->ca_file ? pf_config_dup_path(app->config->ca_file) : NULL;
    const PfLandlockRules rules = {
        .state_dir = app->state_dir, .readable = (const char *const *)readable->pdata, .ca_file = ca_file};
    PfLandlockResult result;

    if (!pf_file_helper_start(rules.readable, list_readable, app, pf_landlock_only_read))
        g_message(_("cannot start the helper process (%s): a folder that is mounted or created again is read only "
                    "after a restart"),
                  g_strerror(errno));
    if (!pf_landlock_restrict(&rules, &result, error))
        return FALSE;
    g_info("%s", result == PF_LANDLOCK_ABSENT ? _("this kernel has no Landlock; the service is not confined")
                                              : _("confined by Landlock: only the state folder can be written"));
    return TRUE;
}

static void
serve(Daemon *daemon)
{
    daemon->report = pf_status_file_new(daemon->app->state_dir, daemon->queue, daemon->feeds, daemon->watching);
    daemon->notices = pf_notices_new(daemon->queue, daemon->app);
    pf_notifier_set_retry(retry_sending, daemon);
    pf_notices_look(daemon->notices);
    daemon->settings_alarm = pf_alarm_new(follow_settings, daemon);
    daemon->forget_alarm = pf_alarm_new(forget_daily, daemon);
    pf_alarm_set(daemon->forget_alarm, pf_clock_now() + FORGET_EVERY);
    daemon->watchdog = pf_watchdog_new();
    pf_listening_apply(daemon->listening, daemon->app->config);
    pf_plays_look(daemon->plays, daemon->app->config);
    pf_ingest_note_hooks(daemon->ingest);
    pf_refresher_wake(daemon->refresh);
    pf_sd_notify_ready();
    pf_main_loop_run(daemon->loop);
}

gboolean
pf_daemon_run(PfApp *app, GError **error)
{
    Daemon daemon = {.app = app};

    if (!pf_state_folder_prepare(app->state_dir, error))
        return FALSE;
    if (!pf_notifier_start(app))
        g_message(_("cannot start the process that shows notices: %s"), g_strerror(errno));
    if (!confine(app, error)) {
        pf_notifier_stop();
        return FALSE;
    }
    /* Before the lock is taken, which tells others whom to signal. Signals are answered once the loop runs. */
    daemon.loop =
        pf_main_loop_new(&(PfMainLoopSignals){.stop = stop, .reload = reload, .ignores_pipe = TRUE, .data = &daemon});
    gboolean begun = open_stores(&daemon, error) && open_parts(&daemon, error) && apply_settings(&daemon, error);
    if (begun)
        serve(&daemon);
    close_parts(&daemon);
    pf_file_helper_stop();
    pf_notifier_stop();
    /* The loop, and its handlers of signals, stay until the process has ended: without them a second SIGTERM would kill
     * it, and it would seem to have failed. */
    if (daemon.failure)
        g_propagate_error(error, daemon.failure);
    return begun && !daemon.failure;
}
