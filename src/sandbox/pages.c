/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/pages.h"

#include "base/clock.h"

#include <string.h>

static const char frame_begin[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>%s - flattr-sandbox</title>\n"
    "<link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n<body>\n"
    "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n"
    "<header>\n<nav aria-label=\"Pages\">\n<ul>\n<li><a href=\"/\">Overview</a></li>\n"
    "<li><a href=\"/applications\">Applications</a></li>\n<li><a href=\"/login\">Log in</a></li>\n</ul>\n</nav>\n"
    "</header>\n<main id=\"main\">\n<h1>%s</h1>\n";

static const char frame_end[] =
    "</main>\n<footer>\n<p>This is flattr-sandbox, a test server of the Flattr API. It is "
    "neither a bank nor Flattr: no money moves here, and there are no passwords.</p>\n</footer>\n"
    "</body>\n</html>\n";

static const char style[] =
    ":root { --ink: #1c1e22; --back: #faf9f6; --line: #767676; --link: #0645ad; color-scheme: light dark; }\n"
    "@media (prefers-color-scheme: dark) {\n"
    " :root { --ink: #ecebe7; --back: #14161a; --line: #8a8f99; --link: #8ac4ff; }\n"
    "}\n"
    "body { max-width: 60rem; margin: 0 auto; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif;\n"
    " color: var(--ink); background: var(--back); overflow-wrap: anywhere; }\n"
    "nav ul { display: flex; flex-wrap: wrap; gap: 1rem; padding: 0; list-style: none; }\n"
    "footer { margin-top: 2rem; border-top: 1px solid var(--line); }\n"
    "a { color: var(--link); }\n"
    /* A name may be written from right to left. */
    "b { unicode-bidi: isolate; }\n"
    "h1 { line-height: 1.2; }\n"
    "table { border-collapse: collapse; margin: 0 0 2rem; }\n"
    "caption { text-align: left; font-weight: bold; }\n"
    "th, td { border: 1px solid var(--line); padding: 0.25rem 0.5rem; text-align: left; vertical-align: top; }\n"
    /* Long names and addresses are broken, so that columns get narrow; what is ours stays whole. */
    "thead th, time, button { overflow-wrap: normal; }\n"
    "td ul { margin: 0; padding-left: 1.25rem; }\n"
    "button, select { font: inherit; margin: 0.2rem 0; padding: 0.4rem 0.8rem; max-width: 100%; }\n"
    ":focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }\n"
    ".skip { position: absolute; left: -100rem; }\n"
    ".skip:focus { position: static; }\n"
    /* Where columns have no room, each row is a block of its own, and each cell says what the head of its column says,
     * which is still read to who cannot see it. */
    "@media (max-width: 40rem) {\n"
    " table, caption, tbody, tr, th, td { display: block; }\n"
    " thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }\n"
    " tbody tr { border: 1px solid var(--line); margin: 0.5rem 0; }\n"
    " th, td { border: 0; }\n"
    " td::before { content: attr(data-label) \": \"; }\n"
    "}\n";

void
sandbox_html_add(GString *page, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_autofree char *markup = g_markup_vprintf_escaped(format, arguments);
    va_end(arguments);
    g_string_append(page, markup);
}

GString *
sandbox_html_new(const char *title)
{
    GString *page = g_string_new(NULL);

    sandbox_html_add(page, frame_begin, title, title);
    return page;
}

/* Adds a time as people read it. @time: seconds since the epoch */
static void
sandbox_html_add_time(GString *page, gint64 time)
{
    char text[PF_CLOCK_TEXT_SIZE];

    pf_clock_format(time, text);
    sandbox_html_add(page, "<time datetime=\"%s\">%.10s %.8s UTC</time>", text, text,
                     strlen(text) > 11 ? text + 11 : "");
}

void
sandbox_html_send_take(SandboxAnswer *answer, unsigned int status, GString *page, const char *leads_to)
{
    g_string_append(page, frame_end);
    sandbox_answer_set_text(answer, status, "text/html; charset=utf-8", page->str);
    g_string_free(page, TRUE);
    /* Browsers hold a form's redirections to form-action too, so the page that leads to a program must name more. */
    g_autofree char *policy =
        g_strdup_printf("default-src 'none'; style-src 'self'; base-uri 'none'; "
                        "frame-ancestors 'none'; form-action 'self'%s%s%s",
                        leads_to ? " http: https: " : "", leads_to ? leads_to : "", leads_to ? ":" : "");
    sandbox_answer_add_header(answer, "Content-Security-Policy", policy);
    sandbox_answer_add_header(answer, "X-Frame-Options", "DENY");
    sandbox_answer_add_header(answer, "X-Content-Type-Options", "nosniff");
    sandbox_answer_add_header(answer, "Referrer-Policy", "same-origin");
    sandbox_answer_add_header(answer, "Cache-Control", "no-store");
}

void
sandbox_html_refuse(SandboxAnswer *answer, unsigned int status, const char *problem)
{
    GString *page = sandbox_html_new("Something went wrong");

    sandbox_html_add(page, "<p>%s.</p>\n<p><a href=\"/\">Go to the overview</a></p>\n", problem);
    sandbox_html_send_take(answer, status, page, NULL);
}

/* Returns the style sheet that the pages ask for, static. */
static const char *
sandbox_html_style(void)
{
    return style;
}

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

/* Ends the request's session, if any, and begins another one, for @user (may be NULL). */
static void
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

/* How long each table is at most. */
#define ROWS_MAX 100

static gboolean
is_shown(const SandboxThing *thing, gconstpointer data)
{
    (void)data;
    return !thing->hidden;
}

static void
add_users(SandboxService *service, GString *page)
{
    g_autoptr(GPtrArray) users = sandbox_store_list_users(service->store, ROWS_MAX);

    g_string_append(
        page, "<h2>Users</h2>\n<table>\n<caption>How many flattrs each user can still pay for</caption>\n<thead><tr>"
              "<th scope=\"col\">User</th><th scope=\"col\">Means</th></tr></thead>\n<tbody>\n");
    for (guint i = 0; i < users->len; i++) {
        const SandboxUser *user = g_ptr_array_index(users, i);
        sandbox_html_add(page,
                         "<tr><th scope=\"row\"><bdi>%s</bdi></th><td data-label=\"Means\">%" G_GINT64_FORMAT
                         " %s</td></tr>\n",
                         user->name, user->means, user->means == 1 ? "flattr" : "flattrs");
    }
    g_string_append(page, "</tbody>\n</table>\n");
}

static void
add_things(SandboxService *service, GString *page)
{
    g_autoptr(GPtrArray) things = sandbox_store_filter_things(service->store, is_shown, NULL, ROWS_MAX);

    g_string_append(page, "<h2>Things</h2>\n");
    if (!things->len) {
        g_string_append(page, "<p>Nothing is registered yet.</p>\n");
        return;
    }
    g_string_append(page, "<table>\n<caption>Newest first</caption>\n<thead><tr>"
                          "<th scope=\"col\">Title</th><th scope=\"col\">Owner</th><th scope=\"col\">Flattrs</th>"
                          "<th scope=\"col\">Address</th></tr></thead>\n<tbody>\n");
    for (guint i = 0; i < things->len; i++) {
        const SandboxThing *thing = g_ptr_array_index(things, i);
        /* Every thing's address was checked to be http or https when it was registered. */
        sandbox_html_add(
            page,
            "<tr><th scope=\"row\"><bdi>%s</bdi></th><td data-label=\"Owner\"><bdi>%s</bdi></td>"
            "<td data-label=\"Flattrs\">%" G_GINT64_FORMAT "</td>"
            "<td data-label=\"Address\"><a rel=\"noreferrer noopener\" href=\"%s\"><bdi>%s</bdi></a></td></tr>\n",
            thing->title, thing->owner, thing->flattrs, thing->url, thing->url);
    }
    g_string_append(page, "</tbody>\n</table>\n");
}

static void
add_flattrs(SandboxService *service, GString *page)
{
    const SandboxFlattrFilter filter = {.shown = TRUE};
    g_autoptr(GPtrArray) flattrs = sandbox_store_list_flattrs(service->store, &filter, ROWS_MAX, 0);

    g_string_append(page, "<h2>Latest flattrs</h2>\n");
    if (!flattrs->len) {
        g_string_append(page, "<p>Nothing has been flattred yet.</p>\n");
        return;
    }
    g_string_append(page, "<table>\n<caption>Newest first</caption>\n<thead><tr>"
                          "<th scope=\"col\">Time</th><th scope=\"col\">Who</th><th scope=\"col\">What</th>"
                          "</tr></thead>\n<tbody>\n");
    for (guint i = 0; i < flattrs->len; i++) {
        const SandboxFlattr *flattr = g_ptr_array_index(flattrs, i);
        g_string_append(page, "<tr><th scope=\"row\">");
        sandbox_html_add_time(page, flattr->created_at);
        sandbox_html_add(
            page, "</th><td data-label=\"Who\"><bdi>%s</bdi></td><td data-label=\"What\"><bdi>%s</bdi></td></tr>\n",
            flattr->user, flattr->thing->title);
    }
    g_string_append(page, "</tbody>\n</table>\n");
}

void
sandbox_page_overview(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    GString *page = sandbox_html_new("Overview");

    (void)request;
    sandbox_html_add(page, "<p>The API is at <code>%s/rest/v2</code>. By the sandbox's clock it is ", service->base);
    sandbox_html_add_time(page, sandbox_service_now(service));
    g_string_append(page, ".</p>\n");
    add_users(service, page);
    add_things(service, page);
    add_flattrs(service, page);
    sandbox_html_send_take(answer, 200, page, NULL);
}

void
sandbox_page_style(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    (void)service;
    (void)request;
    sandbox_answer_set_text(answer, 200, "text/css; charset=utf-8", sandbox_html_style());
    sandbox_answer_add_header(answer, "X-Content-Type-Options", "nosniff");
}

void
sandbox_page_claim(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    GString *page = sandbox_html_new("Claim your things");

    (void)service;
    (void)request;
    g_string_append(page, "<p>Somebody flattred things of yours before you had an account. They become yours when the "
                          "site that you published them on confirms who you are, by the call <code>POST "
                          "/users/:username/verify</code> of the API.</p>\n");
    sandbox_html_send_take(answer, 200, page, NULL);
}

/* How long each list is at most. */
#define PAGES_ACCOUNT_ROWS_MAX 1000

/* Leads only to a path here: neither to another server ("//host", which some browsers also read in "/\host"), nor out
 * of the header. */
static const char *
check_return(const char *path)
{
    gboolean local = path && path[0] == '/' && path[1] != '/' && path[1] != '\\';

    for (const char *at = path; local && *at; at++)
        local = g_ascii_isgraph(*at);
    return local ? path : "/";
}

static void
redirect(SandboxAnswer *answer, const char *path)
{
    sandbox_answer_set_empty(answer, 303);
    sandbox_answer_add_header(answer, "Location", path);
    sandbox_answer_add_header(answer, "Cache-Control", "no-store");
}

static void
add_options(SandboxService *service, GString *page, const char *chosen)
{
    g_autoptr(GPtrArray) users = sandbox_store_list_users(service->store, PAGES_ACCOUNT_ROWS_MAX);

    for (guint i = 0; i < users->len; i++) {
        const char *name = ((const SandboxUser *)g_ptr_array_index(users, i))->name;
        /* A name with a colon stands for an owner who has no account yet. */
        if (!strchr(name, ':'))
            sandbox_html_add(page, "<option value=\"%s\"%s>%s</option>\n", name,
                             g_str_equal(name, chosen) ? " selected" : "", name);
    }
}

void
sandbox_page_ask_login(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    SandboxSession *session = sandbox_visitor_need_session(service, request, answer);
    const char *user = sandbox_visitor_get_user(service, session);
    GString *page = sandbox_html_new("Log in");

    sandbox_html_add(page,
                     "<p>You are <b>%s</b>. This is a sandbox, so there is no password: choose who you want to "
                     "be.</p>\n",
                     user);
    sandbox_visitor_add_form(page, session, "/login");
    sandbox_html_add(page, "<input type=\"hidden\" name=\"return\" value=\"%s\">\n",
                     check_return(g_hash_table_lookup(request->query, "return")));
    g_string_append(page, "<p><label for=\"user\">User</label>\n<select id=\"user\" name=\"user\">\n");
    add_options(service, page, user);
    g_string_append(page, "</select>\n<button>Log in</button></p>\n</form>\n");
    if (session->user) {
        sandbox_visitor_add_form(page, session, "/logout");
        g_string_append(page, "<p><button>Log out</button></p>\n</form>\n");
    }
    sandbox_html_send_take(answer, 200, page, NULL);
}

void
sandbox_page_login(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    const char *name = g_hash_table_lookup(request->fields, "user");

    if (!sandbox_visitor_check_form(service, request, answer))
        return;
    g_autoptr(SandboxUser) user = sandbox_store_get_user(service->store, name ? name : "");
    if (!user || strchr(user->name, ':')) {
        sandbox_html_refuse(answer, 400, "No such user");
        return;
    }
    /* A new session, so that nobody can have prepared the one that is logged in. */
    sandbox_visitor_change_user(service, request, answer, user->name);
    redirect(answer, check_return(g_hash_table_lookup(request->fields, "return")));
}

void
sandbox_page_logout(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    if (!sandbox_visitor_check_form(service, request, answer))
        return;
    sandbox_visitor_change_user(service, request, answer, NULL);
    redirect(answer, "/login");
}

static void
add_grant(GString *page, const SandboxSession *session, const SandboxGrant *grant)
{
    g_auto(GStrv) scopes = g_strsplit(grant->scopes, " ", -1);
    const char *name = *grant->application ? grant->application : "unnamed";

    sandbox_html_add(page, "<tr><th scope=\"row\"><bdi>%s</bdi></th><td data-label=\"Allowed\">", name);
    sandbox_html_add_time(page, grant->created_at);
    g_string_append(page, "</td><td data-label=\"It may\"><ul>\n<li>read what is public</li>\n");
    for (char **scope = scopes; *scope && **scope; scope++)
        sandbox_html_add(page, "<li>%s</li>\n", sandbox_scope_explain(*scope));
    g_string_append(page, "</ul></td><td data-label=\"Stop it\">\n");
    sandbox_visitor_add_form(page, session, "/applications");
    sandbox_html_add(page,
                     "<button name=\"grant\" value=\"%" G_GINT64_FORMAT
                     "\" aria-label=\"Revoke %s, number %" G_GINT64_FORMAT "\">Revoke</button>\n</form></td></tr>\n",
                     grant->id, name, grant->id);
}

static void
add_grants(GString *page, const SandboxSession *session, const char *user, GPtrArray *grants)
{
    if (!grants || !grants->len) {
        sandbox_html_add(page, "<p>No program may act for <b>%s</b>.</p>\n", user);
        return;
    }
    sandbox_html_add(page,
                     "<p>These programs may act for <b>%s</b>. Once revoked, a program can do nothing more.</p>\n"
                     "<table>\n<caption>Programs, newest first</caption>\n<thead><tr><th scope=\"col\">Program</th>"
                     "<th scope=\"col\">Allowed</th><th scope=\"col\">It may</th><th scope=\"col\">Stop it</th></tr>"
                     "</thead>\n<tbody>\n",
                     user);
    for (guint i = 0; i < grants->len; i++)
        add_grant(page, session, g_ptr_array_index(grants, i));
    g_string_append(page, "</tbody>\n</table>\n");
}

void
sandbox_page_applications(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    SandboxSession *session = sandbox_visitor_need_session(service, request, answer);
    const char *name = sandbox_visitor_get_user(service, session);
    g_autoptr(SandboxUser) user = sandbox_store_get_user(service->store, name);
    g_autoptr(GPtrArray) grants =
        user ? sandbox_store_list_grants(service->store, user->id, PAGES_ACCOUNT_ROWS_MAX) : NULL;
    GString *page = sandbox_html_new("Applications");

    add_grants(page, session, name, grants);
    g_string_append(page, "<p><a href=\"/login?return=/applications\">Log in as another user</a></p>\n");
    sandbox_html_send_take(answer, 200, page, NULL);
}

void
sandbox_page_revoke(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    const SandboxSession *session = sandbox_visitor_check_form(service, request, answer);
    const char *text = g_hash_table_lookup(request->fields, "grant");
    guint64 id = 0;

    if (!session)
        return;
    g_autoptr(SandboxUser) user = sandbox_store_get_user(service->store, sandbox_visitor_get_user(service, session));
    if (!user || !text || !g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT64, &id, NULL) ||
        !sandbox_store_revoke_grant(service->store, user->id, (gint64)id)) {
        sandbox_html_refuse(answer, 404, "No such application, or it is already revoked");
        return;
    }
    redirect(answer, "/applications");
}
