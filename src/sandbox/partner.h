/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Partner sites: their users' things are flattred before anybody claims them, a hook tells the site, and "verify" ties
 * a Flattr account to one of the site's users, which gives it the things that wait. The sandbox has one partner: the
 * user that it was started with, for any namespace and without a hook, until the control interface says otherwise.
 */
#pragma once

#include "sandbox/service.h"

/** POST /users/:username/verify with the partner's token. Errors: unauthorized, not_found, as below. */
void sandbox_partner_verify_user(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** POST /user/verify: the token's user. Errors: invalid_parameters; unauthorized for an identity that is none. */
void sandbox_partner_verify_own(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** Control: PUT /_sandbox/partner {user, namespace, hook}. */
void sandbox_partner_configure(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/** Control: GET /_sandbox/hooks: the events that were sent. */
void sandbox_partner_list_hooks(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);

/**
 * Notes the event "pendingclickcreate" for the hook, if there is one and the thing is unclaimed: its owner is no
 * account, but an identifier such as "email:…" or "partner:site:123". Under the service's lock.
 *
 * @user: who flattred
 */
void sandbox_partner_tell(SandboxService *service, const SandboxUser *user, const SandboxThing *thing);
