/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one table of everything that the sandbox answers: method and path to handler, with what a request needs to get
 * there. Constant; any thread.
 */
#pragma once

#include "sandbox/service.h"

typedef struct {
    SandboxArea area;
    const char *method;
    const char *pattern; /* "/users/:username": a part with a colon captures */
    SandboxHandler handle;
    const char *scope;    /* that the token must have; NULL: none */
    gboolean needs_token; /* else a token is read when there is one */
    guint forms;          /* that the answer can be had in, of formats.h; 0: JSON, XML and YAML */
    gboolean unlimited;   /* neither counted for nor told of the rate limit */
    const char *about;    /* what it does, for the list that the control interface gives */
} SandboxRoute;

/*
 * What happens to every request: it passes the gates (faults, rate limit, format, token, scope), goes to its route's
 * handler and comes back as an answer, written in the form that was asked for. Handlers run one at a time, under the
 * service's lock, and each in one transaction of the store that is kept when the answer's status is below 400, or the
 * answer says so.
 */

/**
 * Handles a request. May take as long as a fault orders, but ends soon after sandbox_service_stop(). Any thread.
 *
 * @request: read, and completed by what is found out on the way
 * @answer: a new one, to be filled
 */
void sandbox_handle(SandboxService *service, SandboxRequest *request, SandboxAnswer *answer);
