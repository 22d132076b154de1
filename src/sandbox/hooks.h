/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A partner's web hook: events are posted to its address as forms, by a thread of their own, so that no request waits
 * for the partner. To loopback only, one attempt each, no redirects followed; what was sent is remembered for tests.
 *
 * sandbox_hooks_list() by any thread; everything else by one at a time.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

typedef struct SandboxHooks SandboxHooks;

SandboxHooks *sandbox_hooks_new(void);

/** Frees them. What is being sent is broken off, what waits is dropped. */
void sandbox_hooks_free(SandboxHooks *hooks);

/** Tells whether an address may be a hook: http or https, on this machine's loopback by number or as "localhost". */
gboolean sandbox_hooks_allow(const char *url);

/**
 * Notes an event. It is sent once sandbox_hooks_release() says so.
 *
 * @url: where to, see sandbox_hooks_allow()
 * @body: the form
 */
void sandbox_hooks_add(SandboxHooks *hooks, const char *url, const char *body);

/** Sends the events noted, or forgets them when what they tell of was not kept. */
void sandbox_hooks_release(SandboxHooks *hooks, gboolean keep);

/**
 * Lists the last events that were sent, the oldest first.
 *
 * Returns: (transfer full): [{"url","body","status","problem"}]; the status is 0 when no answer came.
 */
json_t *sandbox_hooks_list(SandboxHooks *hooks);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxHooks, sandbox_hooks_free)
