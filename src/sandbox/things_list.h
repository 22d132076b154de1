/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The API's lists of things. A hidden thing is in none of them, but for its owner with a token of the scope
 * "extendedread".
 */
#pragma once

#include "sandbox/service.h"

/** GET /user/things?count=&page=&full: the token's user's, newest first. Errors: invalid_parameters. */
void sandbox_things_list_own(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** GET /users/:username/things?count=&page=&full, newest first. Errors: not_found, invalid_parameters. */
void sandbox_things_list_of_user(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** GET /things/search, see search.h; also count, page and full. Errors: invalid_parameters. */
void sandbox_things_search(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);
