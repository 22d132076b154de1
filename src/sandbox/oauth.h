/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OAuth 2 (RFC 6749) for the clients that the store knows: the flow by code, with PKCE (RFC 7636) where a client asks
 * for it, and the one that gives a token at once (response_type=token). There is no password: whoever sits at the
 * browser chooses a user, and is the one that the sandbox was started with until then. Users are led back to the server
 * that the client is registered with; those of a client that is registered without one, to any http or https address,
 * and to any with a scheme of a program's own.
 *
 * A browser's form must carry the token of the page that it came from. A program that is none (no cookie, and no header
 * that says where it comes from) may send the form without, for tests, and gets codes alone.
 */
#pragma once

#include "sandbox/service.h"

/** GET /oauth/authorize: the page that asks. A wrong client or address is answered 400 and never redirected to. */
void sandbox_oauth_ask(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** POST /oauth/authorize: the page's form, with decision=allow or deny; redirects with a code, a token or an error. */
void sandbox_oauth_decide(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** POST /oauth/revoke (RFC 7009): ends a token; the client shows itself as for a token. 200, known or not. */
void sandbox_oauth_revoke(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** POST /oauth/token: a code for a token; the client shows itself by Basic authentication or in the body. A
 * code that comes again is refused, and its token revoked. */
void sandbox_oauth_exchange(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);
