/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/activities.h"

#include "sandbox/objects.h"

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
