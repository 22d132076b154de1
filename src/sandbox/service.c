/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/service.h"

#include "base/clock.h"

#define HOUR 3600

SandboxService *
sandbox_service_new(SandboxStore *store, const char *user, gint64 rate_limit)
{
    SandboxService *service = g_new0(SandboxService, 1);

    g_mutex_init(&service->lock);
    g_cond_init(&service->stopped);
    service->store = store;
    service->rates = sandbox_rate_limit_new(rate_limit, HOUR);
    service->faults = sandbox_faults_new();
    service->counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    service->codes = sandbox_codes_new();
    service->sessions = sandbox_sessions_new();
    service->hooks = sandbox_hooks_new();
    service->user = g_strdup(user);
    return service;
}

void
sandbox_service_free(SandboxService *service)
{
    if (!service)
        return;
    sandbox_store_close(service->store);
    sandbox_rate_limit_free(service->rates);
    sandbox_faults_free(service->faults);
    g_hash_table_unref(service->counts);
    sandbox_codes_free(service->codes);
    sandbox_sessions_free(service->sessions);
    sandbox_hooks_free(service->hooks);
    g_free(service->user);
    g_free(service->base);
    g_mutex_clear(&service->lock);
    g_cond_clear(&service->stopped);
    g_free(service);
}

gint64
sandbox_service_now(const SandboxService *service)
{
    return pf_clock_now() + service->clock_offset;
}

gboolean
sandbox_service_wait(SandboxService *service, double seconds)
{
    gint64 end = g_get_monotonic_time() + (gint64)(seconds * G_USEC_PER_SEC);
    gboolean waited;

    g_mutex_lock(&service->lock);
    while (!service->stopping && g_cond_wait_until(&service->stopped, &service->lock, end))
        ;
    waited = !service->stopping;
    g_mutex_unlock(&service->lock);
    return waited;
}

void
sandbox_service_stop(SandboxService *service)
{
    g_mutex_lock(&service->lock);
    service->stopping = TRUE;
    g_cond_broadcast(&service->stopped);
    g_mutex_unlock(&service->lock);
}
