/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who looks at the pages: ties requests to sessions, and lets a form through only when it comes from a page that the
 * same browser was given. Under the service's lock.
 */
#pragma once

#include "sandbox/service.h"

/** Finds the request's session, or begins one and gives the browser its cookie. Returns it, as sessions.h says. */
SandboxSession *sandbox_visitor_need_session(SandboxService *service, const SandboxRequest *request,
                                             SandboxAnswer *answer);

/** Ends the request's session, if any, and begins another one, for @user (may be NULL). */
void sandbox_visitor_change_user(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer,
                                 const char *user);

/** Returns the name of the user that a session stands for; without a login the one that the sandbox was started with.
 */
const char *sandbox_visitor_get_user(const SandboxService *service, const SandboxSession *session);

/** Tells whether a request comes from a program and not from a browser, which would give itself away. */
gboolean sandbox_visitor_is_program(const SandboxRequest *request);

/** Begins a form in a page. @action: where it goes */
void sandbox_visitor_add_form(GString *page, const SandboxSession *session, const char *action);

/**
 * Checks a form's token.
 *
 * @answer: gets a page that refuses when it is missing or wrong
 *
 * Returns: the session that the form belongs to, or NULL.
 */
SandboxSession *sandbox_visitor_check_form(SandboxService *service, const SandboxRequest *request,
                                           SandboxAnswer *answer);
