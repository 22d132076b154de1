/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sandbox itself, without a socket: takes a request, lets it through the gates that all requests pass (faults, rate
 * limit, format, token, scope), hands it to its route's handler and gives the answer.
 *
 * sandbox_service_handle() may be called by any thread. Handlers run one at a time, under the service's lock, and each
 * in one transaction of the store that is kept when the answer's status is below 400.
 */
#pragma once

#include "sandbox/faults.h"
#include "sandbox/rate_limit.h"
#include "sandbox/reply.h"
#include "sandbox/request.h"
#include "sandbox/store.h"

#include <glib.h>

/** Every scope that there is. */
#define SANDBOX_SCOPES "flattr thing email extendedread"

typedef struct {
    GMutex lock;   /* over everything below */
    GCond stopped; /* signalled when @stopping is set */
    gboolean stopping;
    SandboxStore *store;
    SandboxRateLimit *rates;
    SandboxFaults *faults;
    GHashTable *counts;  /* "POST /flattr" to how often it came, a gint64 */
    GHashTable *codes;   /* of OAuth, see oauth.h */
    gint64 clock_offset; /* seconds */
    char *user;          /* the name of the one that the sandbox was started with */
    char *base;          /* "http://127.0.0.1:8080", set once before the first request */
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
 * Handles a request. May take as long as a fault orders, but ends soon after sandbox_service_stop().
 *
 * @request: read, and completed by what is found out on the way
 * @answer: a new one, to be filled
 */
void sandbox_service_handle(SandboxService *service, SandboxRequest *request, SandboxAnswer *answer);

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

/**
 * Makes a secret that nobody can guess.
 *
 * Returns: (transfer full): 40 hexadecimal digits.
 */
char *sandbox_service_new_secret(void);

/** Tells the time by the sandbox's clock: seconds since the epoch. Under the lock. */
gint64 sandbox_service_now(const SandboxService *service);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxService, sandbox_service_free)
