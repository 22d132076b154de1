/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sandbox's state: what every handler works on, and the lock over it. Knows nothing of handlers and routes.
 */
#pragma once

#include "sandbox/faults.h"
#include "sandbox/hooks.h"
#include "sandbox/request.h"
#include "sandbox/store.h"
#include <glib.h>

/*
 * How many requests a client may still make. Every client (a token, or an address without one) has a window of its own
 * that begins with its first request; when it is over, counting restarts. Kept in memory only.
 *
 * Not locked: one thread at a time.
 */

typedef struct SandboxRateLimit SandboxRateLimit;

/** Where a client stands: what the X-RateLimit headers say. */
typedef struct {
    gint64 limit;
    gint64 remaining;
    gint64 current; /* requests let through in this window */
    gint64 reset;   /* seconds since the epoch, when the window ends */
} SandboxRate;

/**
 * Makes a limit.
 *
 * @limit: requests a window
 * @window: its length in seconds, at least 1
 *
 * Returns: (transfer full): the limit.
 */
SandboxRateLimit *sandbox_rate_limit_new(gint64 limit, gint64 window);
void sandbox_rate_limit_free(SandboxRateLimit *rates);

/** Sets limit and window (as above), and forgets what was counted: the next @limit requests of each client pass. */
void sandbox_rate_limit_set(SandboxRateLimit *rates, gint64 limit, gint64 window);

/**
 * Tells where a client stands, without counting.
 *
 * @client: any text that names it
 * @now: seconds since the epoch
 */
SandboxRate sandbox_rate_limit_peek(SandboxRateLimit *rates, const char *client, gint64 now);

/**
 * Counts a request, if the client may make it.
 *
 * @rate: set to where the client stands then
 *
 * Returns: whether it may. A refused request is not counted.
 */
gboolean sandbox_rate_limit_take(SandboxRateLimit *rates, const char *client, gint64 now, SandboxRate *rate);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxRateLimit, sandbox_rate_limit_free)

/*
 * Who sits at which browser: sessions by cookie, each with the token that its forms must carry, so that no other site
 * can send them. Kept in memory, for as long as the server runs; of too many the one unused longest is forgotten.
 *
 * Not locked: one thread at a time.
 */

/** The cookie's name. */
#define SANDBOX_SESSION_COOKIE "flattr_sandbox"

typedef struct SandboxSessions SandboxSessions;

typedef struct {
    char *name;       /* the cookie's value, secret */
    char *form_token; /* secret */
    char *user;       /* who logged in; NULL: nobody yet */
    guint64 used;     /* the higher, the later */
} SandboxSession;

SandboxSessions *sandbox_sessions_new(void);
void sandbox_sessions_free(SandboxSessions *sessions);

/**
 * Finds the session that a request belongs to.
 *
 * @cookies: the Cookie header, or NULL
 *
 * Returns: the session, which belongs to @sessions and is good until the next call; or NULL.
 */
SandboxSession *sandbox_sessions_find(SandboxSessions *sessions, const char *cookies);

/**
 * Begins a session.
 *
 * @user: who logged in, or NULL
 *
 * Returns: the session, as above.
 */
SandboxSession *sandbox_sessions_add(SandboxSessions *sessions, const char *user);

/** Ends a session. */
void sandbox_sessions_remove(SandboxSessions *sessions, SandboxSession *session);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxSessions, sandbox_sessions_free)

/*
 * OAuth's authorization codes: good once, for ten minutes and for one address. Kept in memory only.
 *
 * Not locked: one thread at a time.
 */

typedef struct SandboxCodes SandboxCodes;

/** What a code stands for. */
typedef struct {
    char *user; /* the name of the one who allowed it */
    char *client_id;
    char *redirect_uri;
    char *scopes;    /* separated by spaces */
    char *challenge; /* PKCE's (RFC 7636), as SHA-256 in base64url; NULL when there is none */
    gint64 end;      /* seconds since the epoch */
    char *token;     /* that was given for it; NULL until then */
} SandboxCode;

SandboxCodes *sandbox_codes_new(void);
void sandbox_codes_free(SandboxCodes *codes);
void sandbox_code_free(SandboxCode *code);

/**
 * Makes a code, and forgets those that are too old.
 *
 * @wanted: what it stands for; its end and token do not count
 * @now: seconds since the epoch
 *
 * Returns: (transfer full): the code.
 */
char *sandbox_codes_add(SandboxCodes *codes, const SandboxCode *wanted, gint64 now);

/**
 * Uses a code up, whether it fits or not.
 *
 * @name: the code, or NULL
 * @redirect_uri: must be the one that the code was made for
 *
 * Returns: (transfer full): what it stands for; NULL when it is unknown, used, too old or for another address.
 */
SandboxCode *sandbox_codes_take(SandboxCodes *codes, const char *name, const char *redirect_uri, gint64 now);

/** Remembers which token a code was given for, until the code would have ended. @code: (transfer full): as taken */
void sandbox_codes_add_used(SandboxCodes *codes, const char *name, SandboxCode *code, const char *token);

/**
 * Finds the token that was given for a code which comes again: somebody else may have it (RFC 6749 §4.1.2).
 *
 * Returns: the token, good until the next call; NULL when the code was not used.
 */
const char *sandbox_codes_find_used(const SandboxCodes *codes, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxCodes, sandbox_codes_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxCode, sandbox_code_free)

typedef struct {
    GMutex lock;        /* over everything below */
    GCond woken;        /* signalled when what follows changes */
    guint delays_ended; /* how often */
    gboolean stopping;
    SandboxStore *store;
    SandboxRateLimit *rates;
    SandboxFaults *faults;
    GHashTable *counts; /* "POST /flattr" to how often it came, a gint64 */
    SandboxCodes *codes;
    SandboxSessions *sessions;
    SandboxHooks *hooks;
    gint64 clock_offset;  /* seconds, from the clock that the server was started with */
    gint64 renewed_until; /* the month for which flattrs.c knows that all is done; 0: not known yet */
    char *user;           /* the name of the one that the sandbox was started with */
    char *base;           /* "http://127.0.0.1:8080", set once before the first request, as the next two */
    gboolean quirks;      /* answers have the real service's oddities */
    gboolean no_control;  /* there is no control interface */
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
 * Waits until the time is over or the delays are ended.
 *
 * @seconds: how long
 *
 * Returns: FALSE when the service was stopped before. Any thread, without the lock.
 */
gboolean sandbox_service_wait(SandboxService *service, double seconds);

/** Ends all waiting that has begun. Any thread, with the lock. */
void sandbox_service_end_delays(SandboxService *service);

/** Ends all waiting, now and later. Any thread, without the lock. */
void sandbox_service_stop(SandboxService *service);

/** Tells the time by the sandbox's clock: seconds since the epoch. Under the lock. */
gint64 sandbox_service_now(const SandboxService *service);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxService, sandbox_service_free)
