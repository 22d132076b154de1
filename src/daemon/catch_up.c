/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/catch_up.h"
#include "daemon/ingest.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/main_loop.h"
#include "daemon/refresher.h"

typedef struct {
    gboolean interrupted;
    GError *failure;
    PfMainLoop *loop;
    PfIngest *ingest;
    PfRefresher *refresh;
} CatchUp;

static void
became_idle(gpointer data)
{
    CatchUp *catch_up = data;

    if (pf_ingest_is_idle(catch_up->ingest) && !pf_refresher_is_busy(catch_up->refresh))
        pf_main_loop_quit(catch_up->loop);
}

/* The user, who is waiting, is told, and can try again. */
static void
failed(const GError *failure, gpointer data)
{
    CatchUp *catch_up = data;

    if (!catch_up->failure)
        catch_up->failure = g_error_copy(failure);
    pf_main_loop_quit(catch_up->loop);
}

static void
interrupted(gpointer data)
{
    CatchUp *catch_up = data;

    catch_up->interrupted = TRUE;
    pf_main_loop_quit(catch_up->loop);
}

/* @done: (out): FALSE when it was interrupted */
static gboolean
drive(const PfApp *app, PfQueue *queue, PfFeedStore *feeds, gboolean *done, GError **error)
{
    CatchUp catch_up = {0};
    const PfOwner owner = {.idle = became_idle, .failed = failed, .data = &catch_up};

    catch_up.loop = pf_main_loop_new(&(PfMainLoopSignals){.stop = interrupted, .data = &catch_up});
    catch_up.refresh = pf_refresher_new(&(PfRefresherSettings){.feeds = feeds, .config = app->config, .owner = &owner});
    catch_up.ingest = pf_ingest_new(&(PfIngestSettings){.queue = queue,
                                                        .feeds = feeds,
                                                        .config = app->config,
                                                        .state_dir = app->state_dir,
                                                        .eager = TRUE,
                                                        .refresh = catch_up.refresh,
                                                        .owner = &owner});
    pf_ingest_note_hooks(catch_up.ingest);
    pf_main_loop_run(catch_up.loop);
    pf_ingest_free(catch_up.ingest);
    pf_refresher_free(catch_up.refresh);
    pf_main_loop_free(catch_up.loop);
    *done = !catch_up.interrupted;
    if (!catch_up.failure)
        return TRUE;
    g_propagate_error(error, catch_up.failure);
    return FALSE;
}

gboolean
pf_catch_up(const PfApp *app, PfQueue *queue, gboolean *done, GError **error)
{
    g_autoptr(PfFeedStore) feeds = NULL;
    gint64 due;
    guint taken;

    *done = TRUE;
    if (!pf_inbox_collect(queue, app->state_dir, &taken, error) ||
        !pf_arrival_read_next_due(queue, pf_clock_now(), &due, error))
        return FALSE;
    if (due > pf_clock_now())
        return TRUE;
    if (!pf_ingest_forget_old(queue, error))
        return FALSE;
    feeds = pf_feed_store_open(app->state_dir, PF_BUSY_COMMAND_MS, error);
    if (!feeds || !pf_subscribe(feeds, app->config, app->state_dir, NULL, error))
        return FALSE;
    return drive(app, queue, feeds, done, error);
}
