/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/daemon.h"

#include "base/bell.h"
#include "base/clock.h"
#include "base/log.h"
#include "daemon/confine.h"
#include "daemon/dispatch.h"
#include "daemon/notify.h"
#include "daemon/pipeline.h"
#include "daemon/refresh.h"
#include "daemon/report.h"
#include "daemon/subscribe.h"
#include "daemon/watching.h"
#include "queue/queue_lock.h"
#include <errno.h>
#include <glib-unix.h>
#include <signal.h>

/* How long a write waits for a hook or a command that writes, milliseconds. */
#define BUSY_MS 10000

typedef struct {
    PfApp *app;
    GMainLoop *loop;
    PfQueueLock *lock;
    PfQueue *queue;
    PfFeedStore *feeds;
    PfBell *bell;
    PfRefresh *refresh;
    PfPipeline *pipeline;
    PfWatching *watching;
    PfSubscribing *subscribing;
    PfDispatch *dispatch;
    PfReport *report;
    PfWatchdog *watchdog;
    gboolean stopping;
} Daemon;

/* --- what the parts tell each other --- */

static void
files_queued(gpointer data)
{
    pf_dispatch_nudge(((Daemon *)data)->dispatch);
}

static void
feeds_needed(gpointer data)
{
    pf_refresh_wake(((Daemon *)data)->refresh);
}

static void
feeds_brought(gpointer data)
{
    pf_pipeline_hurry(((Daemon *)data)->pipeline);
}

static void
something_changed(gpointer data)
{
    Daemon *daemon = data;

    if (daemon->report)
        pf_report_change(daemon->report);
}

static void
bell_rang(gpointer data)
{
    Daemon *daemon = data;

    pf_pipeline_wake(daemon->pipeline);
    pf_dispatch_nudge(daemon->dispatch);
}

static void
sending_ended(gpointer data)
{
    g_main_loop_quit(((Daemon *)data)->loop);
}

/* --- settings --- */

static gboolean
apply_settings(Daemon *daemon, GError **error)
{
    if (!pf_subscribing_apply(daemon->subscribing, daemon->app->config, error) ||
        !pf_watching_apply(daemon->watching, daemon->app->config, error))
        return FALSE;
    if (!*daemon->app->config->folders)
        g_message("no folder is watched: [watch] folders in %s names none; hooks are heard", daemon->app->config->path);
    pf_refresh_wake(daemon->refresh);
    return TRUE;
}

static gboolean
reload(gpointer data)
{
    Daemon *daemon = data;
    g_autoptr(GError) failure = NULL;

    if (daemon->stopping)
        return G_SOURCE_CONTINUE;
    pf_notify_reloading();
    if (!pf_app_reload(daemon->app, &failure)) {
        g_message("the configuration is wrong, the old one stays: %s", failure->message);
    } else {
        pf_pipeline_set_config(daemon->pipeline, daemon->app->config);
        pf_refresh_set_interval(daemon->refresh, daemon->app->config->refresh);
        pf_dispatch_renew(daemon->dispatch);
        if (apply_settings(daemon, &failure))
            g_message("the configuration was read again");
        else
            g_message("the new configuration cannot be followed: %s", failure->message);
    }
    pf_notify_ready();
    something_changed(daemon);
    return G_SOURCE_CONTINUE;
}

static gboolean
stop(gpointer data)
{
    Daemon *daemon = data;
    g_autoptr(GError) failure = NULL;

    if (daemon->stopping)
        return G_SOURCE_CONTINUE;
    daemon->stopping = TRUE;
    g_info("ending; waiting for the answers that are under way");
    pf_notify_stopping();
    pf_watching_stop(daemon->watching);
    if (!pf_pipeline_finish(daemon->pipeline, &failure))
        g_message("files that were told of last are looked at again at the next start: %s", failure->message);
    pf_dispatch_stop(daemon->dispatch);
    return G_SOURCE_CONTINUE;
}

/* --- life --- */

static void
nothing_more(gpointer data)
{
    something_changed(data);
}

static gboolean
open_stores(Daemon *daemon, GError **error)
{
    const char *state_dir = daemon->app->state_dir;

    daemon->queue = pf_queue_open(state_dir, BUSY_MS, error);
    if (!daemon->queue)
        return FALSE;
    daemon->lock = pf_queue_lock_take(state_dir, error);
    if (!daemon->lock)
        return FALSE;
    daemon->feeds = pf_feed_store_open(state_dir, BUSY_MS, error);
    return daemon->feeds != NULL;
}

static gboolean
open_parts(Daemon *daemon, GError **error)
{
    PfApp *app = daemon->app;

    daemon->refresh = pf_refresh_new(&(PfRefreshSettings){.feeds = daemon->feeds,
                                                          .interval = app->config->refresh,
                                                          .brought = feeds_brought,
                                                          .rested = nothing_more,
                                                          .data = daemon});
    daemon->pipeline = pf_pipeline_new(&(PfPipelineSettings){.queue = daemon->queue,
                                                             .feeds = daemon->feeds,
                                                             .config = app->config,
                                                             .state_dir = app->state_dir,
                                                             .queued = files_queued,
                                                             .needs = feeds_needed,
                                                             .rested = nothing_more,
                                                             .data = daemon});
    daemon->watching = pf_watching_new(&(PfWatchingSettings){.queue = daemon->queue,
                                                             .state_dir = app->state_dir,
                                                             .pipeline = daemon->pipeline,
                                                             .refresh = daemon->refresh,
                                                             .changed = something_changed,
                                                             .data = daemon});
    daemon->subscribing = pf_subscribing_new(daemon->feeds, feeds_needed, daemon);
    daemon->bell = pf_bell_new(app->state_dir, bell_rang, daemon, error);
    return daemon->bell != NULL;
}

static void
close_parts(Daemon *daemon)
{
    pf_watchdog_free(daemon->watchdog);
    pf_report_free(daemon->report);
    pf_dispatch_free(daemon->dispatch);
    pf_bell_free(daemon->bell);
    pf_watching_free(daemon->watching);
    pf_subscribing_free(daemon->subscribing);
    pf_pipeline_free(daemon->pipeline);
    pf_refresh_free(daemon->refresh);
    pf_feed_store_close(daemon->feeds);
    pf_queue_lock_release(daemon->lock);
    pf_queue_close(daemon->queue);
}

/* Nothing but the state folder is written, nothing but what the settings name is read. */
static gboolean
confine(const PfApp *app, GError **error)
{
    g_autoptr(GPtrArray) readable = g_ptr_array_new();
    PfConfineResult result;

    if (app->config->path)
        g_ptr_array_add(readable, app->config->path);
    if (*app->config->ca_file)
        g_ptr_array_add(readable, app->config->ca_file);
    for (char **folder = app->config->folders; *folder; folder++)
        g_ptr_array_add(readable, *folder);
    for (char **source = app->config->subscriptions; *source; source++)
        g_ptr_array_add(readable, *source);
    g_ptr_array_add(readable, NULL);
    if (!pf_confine(&(PfConfineRules){.state_dir = app->state_dir, .readable = (const char *const *)readable->pdata},
                    &result, error))
        return FALSE;
    g_info("%s", result == PF_CONFINE_ABSENT ? "this kernel cannot confine a process (Landlock)"
                                             : "confined: nothing but the state folder can be written");
    return TRUE;
}

static void
serve(Daemon *daemon)
{
    guint signals[] = {g_unix_signal_add(SIGTERM, stop, daemon), g_unix_signal_add(SIGINT, stop, daemon),
                       g_unix_signal_add(SIGHUP, reload, daemon)};

    signal(SIGPIPE, SIG_IGN);
    daemon->dispatch = pf_dispatch_new(&(PfDispatchSettings){
        .queue = daemon->queue, .app = daemon->app, .sent = something_changed, .ended = sending_ended, .data = daemon});
    daemon->report = pf_report_new(daemon->app->state_dir, daemon->queue, daemon->feeds, daemon->watching);
    daemon->watchdog = pf_watchdog_new();
    pf_pipeline_wake(daemon->pipeline);
    pf_notify_ready();
    g_main_loop_run(daemon->loop);
    for (gsize i = 0; i < G_N_ELEMENTS(signals); i++)
        g_source_remove(signals[i]);
}

gboolean
pf_daemon_run(PfApp *app, GError **error)
{
    Daemon daemon = {.app = app};

    if (g_mkdir_with_parents(app->state_dir, 0700) != 0) {
        g_set_error(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_OPEN, "cannot make the state folder %s: %s",
                    app->state_dir, g_strerror(errno));
        return FALSE;
    }
    if (!confine(app, error))
        return FALSE;
    daemon.loop = g_main_loop_new(NULL, FALSE);
    gboolean begun = open_stores(&daemon, error) && open_parts(&daemon, error) && apply_settings(&daemon, error);
    if (begun)
        serve(&daemon);
    close_parts(&daemon);
    g_main_loop_unref(daemon.loop);
    return begun;
}
