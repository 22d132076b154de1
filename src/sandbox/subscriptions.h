/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The API's resource "subscriptions": flattring a thing every month by itself. What a new month does is in renewal.h.
 */
#pragma once

#include "sandbox/service.h"

/** GET /user/subscriptions: the token's user's, newest first. */
void sandbox_subscriptions_list(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** POST /things/:id/subscriptions. Errors: not_found, thing_owner, subscribed. */
void sandbox_subscriptions_create(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** PUT /things/:id/subscriptions: pauses an active one and starts a paused one. Errors: not_found. */
void sandbox_subscriptions_toggle(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** DELETE /things/:id/subscriptions. Errors: not_found. */
void sandbox_subscriptions_delete(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);
