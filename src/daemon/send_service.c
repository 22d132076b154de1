/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/send_service.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/main_loop.h"
#include "config/credentials.h"
#include "config/secret_service.h"
#include "daemon/event_log.h"
#include "queue/sender.h"

#define IN_FLIGHT 4

/* How long after a failure of the store the sender is started again, seconds. */
#define STORE_WAIT 60

/* How long after a keyring could not be read it is tried again, seconds. */
#define KEYRING_WAIT 60

struct PfSendService {
    PfSendServiceSettings settings;
    PfAlarm *alarm;
    PfSendLoop *loop; /* NULL while a new one is to be made, which a token must be known for */
    PfConfig *config; /* what the loop sends with, lent to it like the token and the endpoint */
    char *token;
    char *endpoint;
    PfCredentialsLoad *load; /* under way; NULL otherwise */
    gboolean load_again;     /* something may have changed since it began */
    char *fault;             /* why the credentials cannot be read, as it was logged; NULL when they can */
    guint keyring_source;
    guint restart_source;
    gboolean failing;
    gboolean probes;   /* the next loop tries one entry whatever the gate waits for */
    gboolean renewing; /* the loop is stopped to be replaced */
    gboolean stopping;
};

/* --- what a loop tells --- */

static void
tell_entry(const PfEntry *entry, gpointer data)
{
    (void)data;
    pf_event_log_entry(entry);
}

static void
tell_failure(PfSendService *service, const GError *failure)
{
    if (failure && !service->failing)
        g_message(_("sending is on hold: %s; retrying every %d seconds"), failure->message, STORE_WAIT);
    if (!failure && service->failing)
        g_message(_("sending resumed"));
    service->failing = failure != NULL;
}

static gboolean restart(gpointer data);

static gboolean
run_ended(gint64 wake, const GError *error, gpointer data)
{
    PfSendService *service = data;

    (void)wake;
    tell_failure(service, error);
    service->settings.owner->idle(service->settings.owner->data);
    if (service->stopping || service->renewing) {
        /* Not from within the loop's own call. */
        service->restart_source = g_idle_add(restart, service);
        return FALSE;
    }
    if (error) {
        pf_alarm_set(service->alarm, pf_clock_now() + STORE_WAIT);
        service->settings.owner->failed(error, service->settings.owner->data);
    }
    return TRUE;
}

/* --- runners --- */

static void
start_loop(PfSendService *service)
{
    pf_config_free(service->config);
    service->config = pf_config_copy(service->settings.app->config);
    service->renewing = FALSE;
    service->loop = pf_send_loop_new(&(PfSenderSettings){.queue = service->settings.queue,
                                                         .endpoint = service->endpoint,
                                                         .config = service->config,
                                                         .token = service->token,
                                                         .in_flight = IN_FLIGHT,
                                                         .probe_now = service->probes,
                                                         .progress = tell_entry});
    service->probes = FALSE;
    pf_send_loop_start(service->loop, run_ended, service);
}

/* --- the token --- */

static void begin_load(PfSendService *service);

static void
tell_fault(PfSendService *service, const GError *fault)
{
    if (fault && g_strcmp0(fault->message, service->fault) != 0)
        g_message("%s", fault->message);
    if (!fault && service->fault)
        g_message(_("the access token can be read again"));
    g_free(service->fault);
    service->fault = fault ? g_strdup(fault->message) : NULL;
}

static gboolean
try_keyring(gpointer data)
{
    PfSendService *service = data;

    service->keyring_source = 0;
    begin_load(service);
    return G_SOURCE_REMOVE;
}

static void
use_token(PfSendService *service, const char *endpoint, const char *token)
{
    if (!service->loop) {
        g_free(service->token);
        g_free(service->endpoint);
        service->token = g_strdup(token);
        service->endpoint = g_strdup(endpoint);
        start_loop(service);
    } else if (g_strcmp0(token, service->token) != 0) {
        pf_send_service_restart(service);
    } else {
        pf_send_loop_wake(service->loop);
    }
}

/*
 * Credentials that must not be used are none: the gate is closed for it, and the message says how to fix them. But a
 * keyring that is locked, or does not answer, says nothing against the token that it gave before.
 */
static void
token_loaded(const char *endpoint, char *loaded, const GError *error, gpointer data)
{
    PfSendService *service = data;
    g_autofree char *token = loaded;
    gboolean again = service->load_again;

    service->load = NULL;
    service->load_again = FALSE;
    if (service->stopping)
        return;
    tell_fault(service, error);
    if (error && error->domain == PF_SECRET_SERVICE_ERROR) {
        if (g_strcmp0(endpoint, service->endpoint) == 0)
            token = g_strdup(service->token);
        if (service->keyring_source == 0)
            service->keyring_source = g_timeout_add_seconds(KEYRING_WAIT, try_keyring, service);
    }
    /* Never to another server than the one whose it is. */
    if (!service->renewing && g_strcmp0(endpoint, service->settings.app->endpoint) == 0)
        use_token(service, endpoint, token);
    if (again || !service->loop)
        begin_load(service);
}

/* Without a server nothing is sent, and nobody wakes up for it; a new configuration begins here again. */
static void
begin_load(PfSendService *service)
{
    const PfCredentials credentials = pf_app_get_credentials(service->settings.app);

    if (!credentials.endpoint)
        return;
    if (service->load)
        service->load_again = TRUE;
    else
        service->load = pf_credentials_load_begin(&credentials, token_loaded, service);
}

/* The loop has ended: for good, or to be replaced. */
static gboolean
restart(gpointer data)
{
    PfSendService *service = data;

    service->restart_source = 0;
    service->renewing = FALSE;
    g_clear_pointer(&service->loop, pf_send_loop_free);
    if (service->stopping)
        pf_main_loop_quit(service->settings.loop);
    else
        begin_load(service);
    return G_SOURCE_REMOVE;
}

static void
alarm_rang(gpointer data)
{
    PfSendService *service = data;

    if (service->loop && !service->stopping && !service->renewing)
        pf_send_loop_start(service->loop, run_ended, service);
}

/* --- what is asked of it --- */

void
pf_send_service_restart(PfSendService *service)
{
    if (service->stopping || service->renewing)
        return;
    if (!service->loop) {
        begin_load(service);
        return;
    }
    service->renewing = TRUE;
    pf_send_loop_stop(service->loop);
}

void
pf_send_service_retry(PfSendService *service)
{
    service->probes = TRUE;
    pf_send_service_restart(service);
}

void
pf_send_service_wake(PfSendService *service)
{
    if (!service->stopping && !service->renewing)
        begin_load(service);
}

void
pf_send_service_stop(PfSendService *service)
{
    if (service->stopping)
        return;
    service->stopping = TRUE;
    if (!service->loop)
        service->restart_source = g_idle_add(restart, service);
    else if (!service->renewing)
        pf_send_loop_stop(service->loop);
}

PfSendService *
pf_send_service_new(const PfSendServiceSettings *settings)
{
    PfSendService *service = g_new0(PfSendService, 1);

    service->settings = *settings;
    service->alarm = pf_alarm_new(alarm_rang, service);
    begin_load(service);
    return service;
}

void
pf_send_service_free(PfSendService *service)
{
    if (!service)
        return;
    g_clear_handle_id(&service->restart_source, g_source_remove);
    g_clear_handle_id(&service->keyring_source, g_source_remove);
    pf_credentials_load_abandon(service->load);
    pf_send_loop_free(service->loop);
    pf_alarm_free(service->alarm);
    g_free(service->token);
    g_free(service->endpoint);
    pf_config_free(service->config);
    g_free(service->fault);
    g_free(service);
}
