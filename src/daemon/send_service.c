/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/send_service.h"

#include "base/clock.h"
#include "base/wallclock_timer.h"
#include "config/credentials.h"
#include "config/secret_service.h"
#include "daemon/event_log.h"
#include "queue/send_loop.h"
#include "queue/submit.h"

#define IN_FLIGHT 4

/* How long after a failure of the store the sender is started again, seconds. */
#define STORE_WAIT 60

/* How long after a keyring could not be read it is tried again, seconds. */
#define KEYRING_WAIT 60

struct PfDispatch {
    PfDispatchSettings settings;
    PfAlarm *alarm;
    PfRunner *runner; /* NULL while a new one is to be made, which a token must be known for */
    char *token;      /* what the runner sends with, lent to it like the endpoint */
    char *endpoint;
    char *ca_file;
    PfCredentialsLoad *load; /* under way; NULL otherwise */
    gboolean load_again;     /* something may have changed since it began */
    char *fault;             /* why the credentials cannot be read, as it was told; NULL when they can */
    guint keyring_source;
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

static void
start_runner(PfDispatch *dispatch)
{
    const PfApp *app = dispatch->settings.app;

    g_free(dispatch->ca_file);
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

/* --- the token --- */

static void begin_load(PfDispatch *dispatch);

static void
tell_fault(PfDispatch *dispatch, const GError *fault)
{
    if (fault && g_strcmp0(fault->message, dispatch->fault) != 0)
        g_message("%s", fault->message);
    if (!fault && dispatch->fault)
        g_message("the access token's place can be read again");
    g_free(dispatch->fault);
    dispatch->fault = fault ? g_strdup(fault->message) : NULL;
}

static gboolean
try_keyring(gpointer data)
{
    PfDispatch *dispatch = data;

    dispatch->keyring_source = 0;
    begin_load(dispatch);
    return G_SOURCE_REMOVE;
}

static void
use_token(PfDispatch *dispatch, const char *endpoint, const char *token)
{
    if (!dispatch->runner) {
        g_free(dispatch->token);
        g_free(dispatch->endpoint);
        dispatch->token = g_strdup(token);
        dispatch->endpoint = g_strdup(endpoint);
        start_runner(dispatch);
    } else if (g_strcmp0(token, dispatch->token) != 0) {
        pf_dispatch_renew(dispatch);
    } else {
        pf_runner_nudge(dispatch->runner);
    }
}

/*
 * Credentials that must not be used are none: the gate is closed for it, and the message says how to mend them. But a
 * keyring that is locked, or does not answer, says nothing against the token that it gave before.
 */
static void
token_loaded(const char *endpoint, char *loaded, const GError *error, gpointer data)
{
    PfDispatch *dispatch = data;
    g_autofree char *token = loaded;
    gboolean again = dispatch->load_again;

    dispatch->load = NULL;
    dispatch->load_again = FALSE;
    if (dispatch->stopping)
        return;
    tell_fault(dispatch, error);
    if (error && error->domain == PF_SECRET_SERVICE_ERROR) {
        if (g_strcmp0(endpoint, dispatch->endpoint) == 0)
            token = g_strdup(dispatch->token);
        if (dispatch->keyring_source == 0)
            dispatch->keyring_source = g_timeout_add_seconds(KEYRING_WAIT, try_keyring, dispatch);
    }
    /* Never to another server than the one whose it is. */
    if (!dispatch->renewing && g_str_equal(endpoint, dispatch->settings.app->endpoint))
        use_token(dispatch, endpoint, token);
    if (again || !dispatch->runner)
        begin_load(dispatch);
}

static void
begin_load(PfDispatch *dispatch)
{
    const PfCredentials credentials = pf_app_get_credentials(dispatch->settings.app);

    if (dispatch->load)
        dispatch->load_again = TRUE;
    else
        dispatch->load = pf_credentials_load_begin(&credentials, token_loaded, dispatch);
}

/* The runner has ended: for good, or to be replaced. */
static gboolean
restart(gpointer data)
{
    PfDispatch *dispatch = data;

    dispatch->restart_source = 0;
    dispatch->renewing = FALSE;
    g_clear_pointer(&dispatch->runner, pf_runner_free);
    if (dispatch->stopping)
        dispatch->settings.ended(dispatch->settings.data);
    else
        begin_load(dispatch);
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
    if (!dispatch->runner) {
        begin_load(dispatch);
        return;
    }
    dispatch->renewing = TRUE;
    pf_runner_stop(dispatch->runner);
}

void
pf_dispatch_nudge(PfDispatch *dispatch)
{
    if (!dispatch->stopping && !dispatch->renewing)
        begin_load(dispatch);
}

void
pf_dispatch_stop(PfDispatch *dispatch)
{
    if (dispatch->stopping)
        return;
    dispatch->stopping = TRUE;
    if (!dispatch->runner)
        dispatch->restart_source = g_idle_add(restart, dispatch);
    else if (!dispatch->renewing)
        pf_runner_stop(dispatch->runner);
}

PfDispatch *
pf_dispatch_new(const PfDispatchSettings *settings)
{
    PfDispatch *dispatch = g_new0(PfDispatch, 1);

    dispatch->settings = *settings;
    dispatch->alarm = pf_alarm_new(alarm_rang, dispatch);
    begin_load(dispatch);
    return dispatch;
}

void
pf_dispatch_free(PfDispatch *dispatch)
{
    if (!dispatch)
        return;
    g_clear_handle_id(&dispatch->restart_source, g_source_remove);
    g_clear_handle_id(&dispatch->keyring_source, g_source_remove);
    pf_credentials_load_abandon(dispatch->load);
    pf_runner_free(dispatch->runner);
    pf_alarm_free(dispatch->alarm);
    g_free(dispatch->token);
    g_free(dispatch->endpoint);
    g_free(dispatch->ca_file);
    g_free(dispatch->fault);
    g_free(dispatch);
}
