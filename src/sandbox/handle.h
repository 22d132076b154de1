/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens to every request: it passes the gates (faults, rate limit, format, token, scope), goes to its route's
 * handler and comes back as an answer. Handlers run one at a time, under the service's lock, and each in one
 * transaction of the store that is kept when the answer's status is below 400.
 */
#pragma once

#include "sandbox/service.h"

/**
 * Handles a request. May take as long as a fault orders, but ends soon after sandbox_service_stop(). Any thread.
 *
 * @request: read, and completed by what is found out on the way
 * @answer: a new one, to be filled
 */
void sandbox_handle(SandboxService *service, SandboxRequest *request, SandboxAnswer *answer);
