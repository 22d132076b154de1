/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/pages.h"

#include "sandbox/html.h"

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

    g_string_append(page, "<h2>Users</h2>\n<table>\n<caption>What each can still pay</caption>\n<thead><tr>"
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
    g_string_append(page, "<table>\n<caption>The newest first</caption>\n<thead><tr>"
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
    g_string_append(page, "<table>\n<caption>The newest first</caption>\n<thead><tr>"
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
    GString *page = sandbox_html_new("Claim what waits for you");

    (void)service;
    (void)request;
    g_string_append(page, "<p>Somebody flattred things of yours before you had an account. They become yours when the "
                          "site that you published them on confirms who you are, by the call <code>POST "
                          "/users/:username/verify</code> of the API.</p>\n");
    sandbox_html_send_take(answer, 200, page, NULL);
}
