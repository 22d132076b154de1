/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/dispatch.h"

#include "base/alarm.h"
#include "base/clock.h"
#include "daemon/tell.h"
#include "queue/runner.h"
#include "queue/submit.h"

#define IN_FLIGHT 4

/* How long after a failure of the store the sender is started again, seconds. */
#define STORE_WAIT 60

struct PfDispatch {
    PfDispatchSettings settings;
    PfAlarm *alarm;
    PfRunner *runner; /* NULL while a new one is to be made */
    char *token;      /* what the runner sends with, lent to it like the endpoint */
    char *endpoint;
    char *ca_file;
    guint restart_source;
    gboolean failing;
    gboolean renewing; /* the runner is stopped to be replaced */
    gboolean stopping;
};

/* --- what a runner asks and tells --- */

/* What the policy says of the entry now, which may be another thing than when it was queued. */
static gboolean
review(PfEntry *entry, gpointer data)
{
    const PfDispatch *dispatch = data;

    return pf_submit_review(dispatch->settings.app->config, entry, pf_clock_now());
}

static void
tell_entry(const PfEntry *entry, gpointer data)
{
    (void)data;
    pf_tell_entry(entry);
}

static void
tell_failure(PfDispatch *dispatch, const GError *failure)
{
    if (failure && !dispatch->failing)
        g_message("sending waits: %s; tried again every %d seconds", failure->message, STORE_WAIT);
    if (!failure && dispatch->failing)
        g_message("sending goes on");
    dispatch->failing = failure != NULL;
}

static gboolean restart(gpointer data);

static gboolean
rested(gint64 wake, const GError *error, gpointer data)
{
    PfDispatch *dispatch = data;

    (void)wake;
    tell_failure(dispatch, error);
    dispatch->settings.sent(dispatch->settings.data);
    if (dispatch->stopping || dispatch->renewing) {
        /* Not from within the runner's own call. */
        dispatch->restart_source = g_idle_add(restart, dispatch);
        return FALSE;
    }
    if (error)
        pf_alarm_set(dispatch->alarm, pf_clock_now() + STORE_WAIT);
    return TRUE;
}

/* --- runners --- */

/* Credentials that must not be used are none: the gate is closed for it, and the message says how to mend them. */
static char *
load_token(const PfDispatch *dispatch, gboolean tell)
{
    const PfApp *app = dispatch->settings.app;
    g_autoptr(GError) failure = NULL;
    char *token = NULL;

    if (!pf_app_load_token(app, &token, &failure) && tell)
        g_message("%s", failure->message);
    return token;
}

static void
start_runner(PfDispatch *dispatch)
{
    const PfApp *app = dispatch->settings.app;

    g_free(dispatch->token);
    g_free(dispatch->endpoint);
    g_free(dispatch->ca_file);
    dispatch->token = load_token(dispatch, TRUE);
    dispatch->endpoint = g_strdup(app->endpoint);
    dispatch->ca_file = g_strdup(app->config->ca_file);
    dispatch->renewing = FALSE;
    dispatch->runner = pf_runner_new(&(PfSenderSettings){.queue = dispatch->settings.queue,
                                                         .endpoint = dispatch->endpoint,
                                                         .ca_file = dispatch->ca_file,
                                                         .token = dispatch->token,
                                                         .in_flight = IN_FLIGHT,
                                                         .per_month = app->config->per_month,
                                                         .review = review,
                                                         .progress = tell_entry,
                                                         .data = dispatch});
    pf_runner_start(dispatch->runner, rested, dispatch);
}

/* The runner has ended: for good, or to be replaced. */
static gboolean
restart(gpointer data)
{
    PfDispatch *dispatch = data;

    dispatch->restart_source = 0;
    g_clear_pointer(&dispatch->runner, pf_runner_free);
    if (dispatch->stopping)
        dispatch->settings.ended(dispatch->settings.data);
    else
        start_runner(dispatch);
    return G_SOURCE_REMOVE;
}

static void
alarm_rang(gpointer data)
{
    PfDispatch *dispatch = data;

    if (dispatch->runner && !dispatch->stopping && !dispatch->renewing)
        pf_runner_start(dispatch->runner, rested, dispatch);
}

/* --- what is asked of it --- */

void
pf_dispatch_renew(PfDispatch *dispatch)
{
    if (dispatch->stopping || dispatch->renewing)
        return;
    dispatch->renewing = TRUE;
    pf_runner_stop(dispatch->runner);
}

void
pf_dispatch_nudge(PfDispatch *dispatch)
{
    g_autofree char *token = load_token(dispatch, FALSE);

    if (dispatch->stopping || dispatch->renewing)
        return;
    if (g_strcmp0(token, dispatch->token) != 0)
        pf_dispatch_renew(dispatch);
    else
        pf_runner_nudge(dispatch->runner);
}

void
pf_dispatch_stop(PfDispatch *dispatch)
{
    gboolean renewing = dispatch->renewing;

    if (dispatch->stopping)
        return;
    dispatch->stopping = TRUE;
    if (!renewing)
        pf_runner_stop(dispatch->runner);
}

PfDispatch *
pf_dispatch_new(const PfDispatchSettings *settings)
{
    PfDispatch *dispatch = g_new0(PfDispatch, 1);

    dispatch->settings = *settings;
    dispatch->alarm = pf_alarm_new(alarm_rang, dispatch);
    start_runner(dispatch);
    return dispatch;
}

void
pf_dispatch_free(PfDispatch *dispatch)
{
    if (!dispatch)
        return;
    g_clear_handle_id(&dispatch->restart_source, g_source_remove);
    pf_runner_free(dispatch->runner);
    pf_alarm_free(dispatch->alarm);
    g_free(dispatch->token);
    g_free(dispatch->endpoint);
    g_free(dispatch->ca_file);
    g_free(dispatch);
}
