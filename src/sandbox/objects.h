/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The API's objects as JSON: users, things, flattrs, subscriptions, activities. All return (transfer full) JSON; under
 * the service's lock.
 */
#pragma once

#include "sandbox/service.h"

/**
 * Writes a user.
 *
 * @scopes: of the user's own token, which show more; NULL for anybody's eyes
 */
json_t *sandbox_object_of_user(const SandboxService *service, const SandboxUser *user, const char *scopes);

/** Writes a thing as it stands in the answer to a flattr. */
json_t *sandbox_object_of_mini_thing(const SandboxService *service, const SandboxThing *thing);

/**
 * Writes a thing in full.
 *
 * @request: whose token says whether it is flattred (in this month), and whose "full" parameter how its owner is shown
 */
json_t *sandbox_object_of_thing(const SandboxService *service, const SandboxRequest *request,
                                const SandboxThing *thing);

/**
 * Writes a list of flattrs, each with the thing and its owner, who flattred it, and when.
 *
 * @request: whose "full" parameter says whether things and users are shown in full
 * @flattrs: of SandboxFlattr
 */
json_t *sandbox_object_of_flattrs(const SandboxService *service, const SandboxRequest *request,
                                  const GPtrArray *flattrs);

/** Writes a subscription, with the thing in full. @request: as sandbox_object_of_thing() */
json_t *sandbox_object_of_subscription(const SandboxService *service, const SandboxRequest *request,
                                       const SandboxSubscription *subscription);

/*
 * The API's resource "users", and the two small ones that tell a client where it stands: the greeting at the endpoint
 * itself, and the rate limit.
 */

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
