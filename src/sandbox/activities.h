/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The API's resource "activities": activity streams of the last flattrs that a user gave ("outgoing", unless asked
 * otherwise) or got for their things ("incoming"); as JSON Activity Streams 1.0, or as an Atom feed.
 */
#pragma once

#include "sandbox/service.h"

/** GET /user/activities?type=: the token's user's. Errors: invalid_parameters. */
void sandbox_activities_list_own(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** GET /users/:username/activities?type=. Errors: not_found, invalid_parameters. */
void sandbox_activities_list_of_user(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);
