/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OAuth 2's authorization code flow (RFC 6749), for the one client that the store's settings name and the one user that
 * the sandbox was started with: there is no password, the page asks only whether to allow. Any http or https address
 * may be redirected to. Codes are good once and for ten minutes, and are kept in memory.
 */
#pragma once

#include "sandbox/service.h"

/** GET /oauth/authorize: the page that asks. A wrong client or address is answered 400 and never redirected to. */
void sandbox_oauth_ask(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** POST /oauth/authorize: the page's form, with decision=allow or deny; redirects with a code or an error. */
void sandbox_oauth_decide(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** POST /oauth/token: a code for a token; the client shows itself by Basic authentication. */
void sandbox_oauth_exchange(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** Makes the empty table of codes for a service. Returns (transfer full) it. */
GHashTable *sandbox_oauth_new_codes(void);

/**
 * Reads a list of scopes, by spaces or commas.
 *
 * Returns: (transfer full): the same by spaces; NULL when one is none of the API's.
 */
char *sandbox_oauth_read_scopes(const char *text);
