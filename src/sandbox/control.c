/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/control.h"

#include "base/clock.h"
#include "sandbox/request.h"
#include "sandbox/things.h"
#include "sandbox/urls.h"

#include <string.h>

/* Ten years both ways: enough for any test, and no date beyond what the clock can write. */
#define OFFSET_MAX ((json_int_t)10 * 366 * 86400)
#define WINDOW_DEFAULT 3600

static void
say(SandboxAnswer *answer, unsigned int status, const char *message)
{
    sandbox_answer_take_json(answer, status, json_pack("{s:s}", "message", message));
}

void
sandbox_control_get_flattrs(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    const SandboxFlattrFilter everything = {0};
    g_autoptr(GPtrArray) flattrs = sandbox_store_list_flattrs(service->store, &everything, -1, 0);
    json_t *list = json_array();

    (void)request;
    for (guint i = flattrs->len; i > 0; i--) {
        const SandboxFlattr *flattr = g_ptr_array_index(flattrs, i - 1);
        char date[PF_CLOCK_TEXT_SIZE];
        json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:I, s:s}", "user", flattr->user, "url",
                                              flattr->thing->url, "thing", (json_int_t)flattr->thing->id, "accepted",
                                              (json_int_t)flattr->accepted, "created_at",
                                              pf_clock_format(flattr->created_at, date)));
    }
    sandbox_answer_take_json(answer, 200, list);
}

void
sandbox_control_get_requests(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    GHashTableIter iterator;
    gpointer name, count;
    json_t *object = json_object();

    (void)request;
    g_hash_table_iter_init(&iterator, service->counts);
    while (g_hash_table_iter_next(&iterator, &name, &count))
        json_object_set_new(object, name, json_integer(*(const gint64 *)count));
    sandbox_answer_take_json(answer, 200, object);
}

void
sandbox_control_put_means(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    const char *name = service->user;
    json_int_t means = 0;

    if (!sandbox_request_read_object(request, answer, "{s?s, s:I}", "user", &name, "means", &means))
        return;
    g_autoptr(SandboxUser) user = sandbox_store_get_user(service->store, name);
    if (!user || means < 0) {
        say(answer, 400, user ? "'means' must be at least 0" : "No such user");
        return;
    }
    sandbox_store_set_means(service->store, user->id, means);
    say(answer, 200, "ok");
}

void
sandbox_control_put_rate_limit(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    json_int_t limit = 0, window = WINDOW_DEFAULT;

    if (!sandbox_request_read_object(request, answer, "{s:I, s?I}", "limit", &limit, "window", &window))
        return;
    if (limit < 0 || window < 1 || window > OFFSET_MAX) {
        say(answer, 400, "'limit' must be at least 0, and 'window' must be at least 1 second");
        return;
    }
    sandbox_rate_limit_set(service->rates, limit, window);
    say(answer, 200, "ok");
}

void
sandbox_control_put_user(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    const char *name = NULL, *wanted = SANDBOX_SCOPES;
    json_int_t means = 0;
    int hides = -1; /* not given */

    if (!sandbox_request_read_object(request, answer, "{s:s, s?I, s?s, s?b}", "user", &name, "means", &means, "scopes",
                                     &wanted, "hides_flattrs", &hides))
        return;
    gboolean keeps_means = !json_object_get(request->json, "means");
    g_autofree char *scopes = sandbox_scopes_read(wanted);
    if (!*name || means < 0 || !scopes) {
        say(answer, 400,
            scopes ? "'user' must not be empty, and 'means' must be at least 0"
                   : "'scopes' must be some of: " SANDBOX_SCOPES);
        return;
    }
    g_autoptr(SandboxUser) user = sandbox_store_need_user(service->store, name, sandbox_service_now(service));
    g_autofree char *token = sandbox_secret_new();
    if (!user)
        return;
    if (keeps_means)
        means = user->means;
    sandbox_store_set_means(service->store, user->id, means);
    if (hides >= 0)
        sandbox_store_set_hides_flattrs(service->store, user->id, hides);
    const SandboxGrant grant = {
        .application = (char *)"a control call", .scopes = scopes, .created_at = sandbox_service_now(service)};
    sandbox_store_add_token(service->store, token, user->id, &grant);
    sandbox_answer_take_json(
        answer, 200,
        json_pack("{s:s, s:I, s:s, s:s}", "user", name, "means", means, "access_token", token, "scopes", scopes));
}

void
sandbox_control_put_client(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    const char *id = NULL, *secret = NULL, *address = "", *name = "";

    if (!sandbox_request_read_object(request, answer, "{s:s, s:s, s?s, s?s}", "client_id", &id, "client_secret",
                                     &secret, "redirect_uri", &address, "name", &name))
        return;
    if (!*id || !*secret || strchr(id, ':') || (*address && !sandbox_url_is_callback(address))) {
        say(answer, 400,
            "'client_id' and 'client_secret' must not be empty, 'client_id' must not contain a colon, and "
            "'redirect_uri' must be an "
            "absolute URL");
        return;
    }
    const SandboxClient client = {
        .id = (char *)id, .secret = (char *)secret, .redirect_uri = (char *)address, .name = (char *)name};
    sandbox_store_set_client(service->store, &client);
    say(answer, 200, "ok");
}

void
sandbox_control_put_thing(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    const char *page = NULL, *owner = NULL, *title = NULL;

    if (!sandbox_request_read_object(request, answer, "{s:s, s:s, s?s}", "url", &page, "user", &owner, "title", &title))
        return;
    g_autoptr(SandboxThing) known = sandbox_store_find_thing(service->store, page);
    if (known || !*owner || !sandbox_url_is_web(page)) {
        say(answer, 400,
            known ? "A thing with that 'url' already exists"
                  : "'url' must be a web address, and 'user' must not be empty");
        return;
    }
    const SandboxUrl about = {.page = (char *)page, .owner = (char *)owner, .title = (char *)title};
    g_autoptr(SandboxThing) thing = sandbox_things_add(service, &about, sandbox_service_now(service));
    if (thing)
        sandbox_answer_take_json(answer, 201, json_pack("{s:I}", "id", (json_int_t)thing->id));
}

void
sandbox_control_post_fault(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_autofree char *wrong = request->json ? sandbox_faults_add(service->faults, request->json)
                                           : g_strdup("The body must be a JSON object, sent as application/json");

    say(answer, wrong ? 400 : 200, wrong ? wrong : "ok");
}

void
sandbox_control_delete_faults(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    (void)request;
    sandbox_faults_clear(service->faults);
    sandbox_service_end_delays(service);
    say(answer, 200, "ok");
}

void
sandbox_control_post_revoke(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    const char *token = NULL;

    if (!sandbox_request_read_object(request, answer, "{s:s}", "access_token", &token))
        return;
    if (sandbox_store_revoke_token(service->store, token))
        say(answer, 200, "ok");
    else
        say(answer, 400, "No such token, or it is already revoked");
}

void
sandbox_control_post_clock(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    json_int_t offset = 0;
    const char *from = "start";

    if (!sandbox_request_read_object(request, answer, "{s:I, s?s}", "offset", &offset, "from", &from))
        return;
    if (offset < -OFFSET_MAX || offset > OFFSET_MAX) {
        say(answer, 400, "'offset' must be within ten years");
        return;
    }
    if (!g_str_equal(from, "start") && !g_str_equal(from, "real")) {
        say(answer, 400, "'from' must be start or real");
        return;
    }
    gint64 real = g_get_real_time() / G_USEC_PER_SEC;
    service->clock_offset = offset + (g_str_equal(from, "real") ? real - pf_clock_now() : 0);
    say(answer, 200, "ok");
}
