/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sandbox's state: what every handler works on, and the lock over it. Knows nothing of handlers and routes.
 */
#pragma once

#include "sandbox/codes.h"
#include "sandbox/faults.h"
#include "sandbox/hooks.h"
#include "sandbox/rate_limit.h"
#include "sandbox/reply.h"
#include "sandbox/request.h"
#include "sandbox/sessions.h"
#include "sandbox/store.h"

#include <glib.h>

typedef struct {
    GMutex lock;   /* over everything below */
    GCond stopped; /* signalled when @stopping is set */
    gboolean stopping;
    SandboxStore *store;
    SandboxRateLimit *rates;
    SandboxFaults *faults;
    GHashTable *counts; /* "POST /flattr" to how often it came, a gint64 */
    SandboxCodes *codes;
    SandboxSessions *sessions;
    SandboxHooks *hooks;
    gint64 clock_offset;  /* seconds, from the clock that the server was started with */
    gint64 renewed_until; /* the month for which renewal.c knows that all is done; 0: not known yet */
    char *user;           /* the name of the one that the sandbox was started with */
    char *base;           /* "http://127.0.0.1:8080", set once before the first request */
} SandboxService;

/** A route's handler: reads the request, fills the answer. Called under the service's lock. */
typedef void (*SandboxHandler)(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/**
 * Makes a service.
 *
 * @store: (transfer full): what it remembers
 * @user: the name of the user that control calls mean when they name none
 * @rate_limit: requests an hour
 *
 * Returns: (transfer full): the service, without a base yet.
 */
SandboxService *sandbox_service_new(SandboxStore *store, const char *user, gint64 rate_limit);
void sandbox_service_free(SandboxService *service);

/**
 * Waits.
 *
 * @seconds: how long
 *
 * Returns: FALSE when the service was stopped before. Any thread, without the lock.
 */
gboolean sandbox_service_wait(SandboxService *service, double seconds);

/** Ends all waiting, now and later. Any thread, without the lock. */
void sandbox_service_stop(SandboxService *service);

/** Tells the time by the sandbox's clock: seconds since the epoch. Under the lock. */
gint64 sandbox_service_now(const SandboxService *service);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxService, sandbox_service_free)
