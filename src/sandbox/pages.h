/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pages for people: an overview of what the sandbox holds, the login, and the programs that a user let in. The page
 * that asks for consent is OAuth's, see oauth.h.
 */
#pragma once

#include "sandbox/service.h"

/** GET /: users and their means, things, the latest flattrs. */
void sandbox_page_overview(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** GET /style.css */
void sandbox_page_style(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** GET /login?return=: the list of users to choose from. @return: a path here, where to go then */
void sandbox_page_ask_login(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** POST /login: user, return, form_token. */
void sandbox_page_login(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** POST /logout: form_token. */
void sandbox_page_logout(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** GET /applications: the user's tokens, without the secrets. */
void sandbox_page_applications(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** POST /applications: revokes the token with the number "grant"; form_token. */
void sandbox_page_revoke(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** GET /claim, /claim/owner/:email: where a hook's event leads the owner of unclaimed things. */
void sandbox_page_claim(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);
