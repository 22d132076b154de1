/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control interface below /_sandbox, with which tests set the scene and look behind it. It asks for no token, but
 * refuses what comes from the pages of other sites; it is not rate-limited, meets no faults and is counted nowhere.
 * What a call takes is a JSON object; anything else, an unknown member too, is answered 400 with {"message"}, so that a
 * slip in a test shows. The routes' table says what each does.
 */
#pragma once

#include "sandbox/service.h"

void sandbox_control_get_flattrs(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);
void sandbox_control_get_requests(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);
void sandbox_control_put_means(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);
void sandbox_control_put_rate_limit(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);
void sandbox_control_put_user(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);
void sandbox_control_put_client(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);
void sandbox_control_put_thing(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);
void sandbox_control_post_fault(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);
void sandbox_control_delete_faults(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);
void sandbox_control_post_revoke(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);
void sandbox_control_post_clock(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer);
