/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pages for people: an overview of what the sandbox holds, the login, and the programs that a user let in. The page
 * that asks for consent is OAuth's, see oauth.h.
 */
#pragma once

#include "sandbox/request.h"
#include "sandbox/service.h"
#include <glib.h>

/*
 * HTML pages for people: a frame with a language, a title, one main heading and the ways to the other pages, and a
 * function that adds markup with everything escaped that comes from elsewhere. No scripts, and headers that forbid
 * them, frames and everything from other servers. Pure; any thread.
 */

/**
 * Begins a page.
 *
 * @title: plain text: of the window and of the main heading
 *
 * Returns: (transfer full): the page, to be ended by sandbox_html_send_take().
 */
GString *sandbox_html_new(const char *title);

/**
 * Adds markup.
 *
 * @format: as printf()'s; what it inserts by %s is escaped, for text and for attributes in double quotes
 */
void sandbox_html_add(GString *page, const char *format, ...) G_GNUC_PRINTF(2, 3);

/**
 * Ends a page and makes it the answer.
 *
 * @page: (transfer full)
 * @leads_to: the scheme of where a form on it may lead to, by a redirection; NULL when to this server only
 */
void sandbox_html_send_take(SandboxAnswer *answer, unsigned int status, GString *page, const char *leads_to);

/** Answers with a page that says what cannot be done. */
void sandbox_html_refuse(SandboxAnswer *answer, unsigned int status, const char *problem);

/*
 * Who looks at the pages: ties requests to sessions, and lets a form through only when it comes from a page that the
 * same browser was given. Under the service's lock.
 */

/** Finds the request's session, or begins one and gives the browser its cookie. Returns it, as sandbox_sessions_add()
 * says. */
SandboxSession *sandbox_visitor_need_session(SandboxService *service, const SandboxRequest *request,
                                             SandboxAnswer *answer);

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
