/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The API's resource "flattrs": paying for a thing, and the lists of what was paid for. The rules stand in the order in
 * which they are checked: the thing must exist or be one that can be made (not_found, validation), belong to somebody
 * else (flattr_owner), not be flattred by this user in this calendar month, UTC (flattr_once), and the user must have
 * means left (no_means). A flattr takes one.
 */
#pragma once

#include "sandbox/service.h"

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
