/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The API's resource "users", and the two small ones that tell a client where it stands: the greeting at the endpoint
 * itself, and the rate limit.
 */
#pragma once

#include "sandbox/service.h"

/** GET /: tells that the API is there. */
void sandbox_users_get_hello(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** GET /user: the token's user, with what its scopes let see. */
void sandbox_users_get_self(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** GET /users/:username. Errors: not_found. */
void sandbox_users_get(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** GET /rate_limit: as the X-RateLimit headers of other answers would say. */
void sandbox_users_get_rate_limit(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);
