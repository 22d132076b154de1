/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/users.h"

#include "sandbox/objects.h"

void
sandbox_users_get_hello(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    (void)service;
    (void)request;
    sandbox_answer_take_json(answer, 200,
                             json_pack("{s:s, s:s}", "message", "hello_world", "description",
                                       "This is flattr-sandbox, a test server of the Flattr API"));
}

void
sandbox_users_get_self(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    sandbox_answer_take_json(answer, 200, sandbox_object_of_user(service, request->user, request->scopes));
}

void
sandbox_users_get(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_autoptr(SandboxUser) user = sandbox_store_get_user(service->store, request->captures[0]);

    if (user)
        sandbox_answer_take_json(answer, 200, sandbox_object_of_user(service, user, NULL));
    else
        sandbox_answer_set_error(answer, 404, "not_found", "There is no such user");
}

void
sandbox_users_get_rate_limit(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    SandboxRate rate = sandbox_rate_limit_peek(service->rates, sandbox_request_client(request), request->now);
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(rate.reset);
    g_autofree char *text = date ? g_date_time_format(date, "%a, %d %b %Y %H:%M:%S +0000 GMT") : g_strdup("");

    sandbox_answer_take_json(answer, 200,
                             json_pack("{s:I, s:I, s:I, s:I, s:s}", "hourly_limit", (json_int_t)rate.limit,
                                       "remaining_hits", (json_int_t)rate.remaining, "current_hits",
                                       (json_int_t)rate.current, "reset_time_in_seconds", (json_int_t)rate.reset,
                                       "reset_time", text));
}

#define ITEMS_MAX 30

static void
list_activities(SandboxService *service, const SandboxRequest *request, SandboxFlattrFilter filter, gint64 user_id,
                SandboxAnswer *answer)
{
    const char *type = g_hash_table_lookup(request->query, "type");

    if (!type || !*type || g_str_equal(type, "outgoing")) {
        filter.user_id = user_id;
    } else if (g_str_equal(type, "incoming")) {
        filter.owner_id = user_id;
    } else {
        sandbox_answer_set_error(answer, 400, "invalid_parameters", "type must be outgoing or incoming");
        return;
    }
    g_autoptr(GPtrArray) flattrs = sandbox_store_list_flattrs(service->store, &filter, ITEMS_MAX, 0);
    json_t *list = json_array();
    for (guint i = 0; i < flattrs->len; i++)
        json_array_append_new(list, sandbox_object_of_flattr(service, request, g_ptr_array_index(flattrs, i)));
    sandbox_answer_take_json(answer, 200, list);
}

void
sandbox_activities_list_own(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    const char *type = g_hash_table_lookup(request->query, "type");
    /* What one gave is never hidden from oneself; what others gave is. */
    const SandboxFlattrFilter filter = {.shown = g_strcmp0(type, "incoming") == 0,
                                        .viewer_id = sandbox_request_viewer(request)};

    list_activities(service, request, filter, request->user->id, answer);
}

void
sandbox_activities_list_of_user(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_autoptr(SandboxUser) user = sandbox_store_get_user(service->store, request->captures[0]);

    const SandboxFlattrFilter filter = {.shown = TRUE, .viewer_id = sandbox_request_viewer(request)};
    if (user)
        list_activities(service, request, filter, user->id, answer);
    else
        sandbox_answer_set_error(answer, 404, "not_found", "There is no such user");
}
