/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The API's resource "flattrs": paying for a thing, and the lists of what was paid for. The rules stand in the order in
 * which they are checked: the thing must exist or be one that can be made (not_found, validation), belong to somebody
 * else (flattr_owner), not be flattred by this user in this calendar month, UTC (flattr_once), and the user must have
 * means left (no_means). A flattr takes one.
 */
#pragma once

#include "sandbox/service.h"

/*
 * What a new month brings: every active subscription flattrs its thing once, at the month's first second.
 */

/**
 * Catches up with the clock: goes through the months that began since it was last called, the oldest first. Of a clock
 * that jumped by years only the last two years count. One that goes back pays nothing at that; the months that it then
 * passes again flattr what they did not before, and nothing twice. Under the service's lock, outside of a transaction.
 *
 * @now: seconds since the epoch
 */
void sandbox_renewal_run(SandboxService *service, gint64 now);

/** POST /flattr with a url. Errors: those above, invalid_request, invalid_parameters. */
void sandbox_flattr_post_url(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** POST /things/:id/flattr. Errors: those above. */
void sandbox_flattr_post_thing(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** GET /user/flattrs?count=&page=&full: the token's user's, newest first. Errors: invalid_parameters. */
void sandbox_flattr_list_own(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** GET /users/:username/flattrs?count=&page=&full: none when the user hides them, and none of hidden things but to
 * their owner. Errors: not_found, invalid_parameters. */
void sandbox_flattr_list_of_user(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** GET /things/:id/flattrs?count=&page=&full: without those of users who hide them. Errors: not_found, as above. */
void sandbox_flattr_list_of_thing(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/*
 * The API's resource "subscriptions": flattring a thing every month by itself. What a new month does is
 * sandbox_renewal_run().
 */

/** GET /user/subscriptions: the token's user's, newest first. */
void sandbox_subscriptions_list(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** POST /things/:id/subscriptions. Errors: not_found, thing_owner, subscribed. */
void sandbox_subscriptions_create(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** PUT /things/:id/subscriptions: pauses an active one and starts a paused one. Errors: not_found. */
void sandbox_subscriptions_toggle(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** DELETE /things/:id/subscriptions. Errors: not_found. */
void sandbox_subscriptions_delete(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);
