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

/*
 * The API's resource "activities": activity streams of the last flattrs that a user gave ("outgoing", unless asked
 * otherwise) or got for their things ("incoming"); as JSON Activity Streams 1.0, or as an Atom feed.
 */

/** GET /user/activities?type=: the token's user's. Errors: invalid_parameters. */
void sandbox_activities_list_own(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** GET /users/:username/activities?type=. Errors: not_found, invalid_parameters. */
void sandbox_activities_list_of_user(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);
