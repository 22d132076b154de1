/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many requests a client may still make. Every client (a token, or an address without one) has a window of its own
 * that begins with its first request; when it is over, counting restarts. Kept in memory only.
 *
 * Not locked: one thread at a time.
 */
#pragma once

#include <glib.h>

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
