/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/visitor.h"

#include "sandbox/html.h"

#define TOKEN_FIELD "form_token"

static SandboxSession *
begin_session(SandboxService *service, SandboxAnswer *answer, const char *user)
{
    SandboxSession *session = sandbox_sessions_add(service->sessions, user);
    /* Lax: sent along when a program leads the browser here, and not with what other sites post. */
    g_autofree char *cookie =
        g_strdup_printf(SANDBOX_SESSION_COOKIE "=%s; Path=/; HttpOnly; SameSite=Lax", session->name);

    sandbox_answer_add_header(answer, "Set-Cookie", cookie);
    return session;
}

SandboxSession *
sandbox_visitor_need_session(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    SandboxSession *session = sandbox_sessions_find(service->sessions, request->cookies);

    return session ? session : begin_session(service, answer, NULL);
}

void
sandbox_visitor_change_user(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer,
                            const char *user)
{
    SandboxSession *session = sandbox_sessions_find(service->sessions, request->cookies);

    if (session)
        sandbox_sessions_remove(service->sessions, session);
    begin_session(service, answer, user);
}

const char *
sandbox_visitor_get_user(const SandboxService *service, const SandboxSession *session)
{
    return session->user ? session->user : service->user;
}

gboolean
sandbox_visitor_is_program(const SandboxRequest *request)
{
    return !request->cookies && !request->from_page;
}

void
sandbox_visitor_add_form(GString *page, const SandboxSession *session, const char *action)
{
    sandbox_html_add(page,
                     "<form method=\"post\" action=\"%s\">\n"
                     "<input type=\"hidden\" name=\"" TOKEN_FIELD "\" value=\"%s\">\n",
                     action, session->form_token);
}

SandboxSession *
sandbox_visitor_check_form(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    SandboxSession *session = sandbox_sessions_find(service->sessions, request->cookies);
    const char *token = g_hash_table_lookup(request->fields, TOKEN_FIELD);

    if (session && g_strcmp0(token, session->form_token) == 0)
        return session;
    sandbox_html_refuse(answer, 403,
                        "The form is not from a page that your browser was given here, or that page is too "
                        "old; reload the page and try again");
    return NULL;
}
