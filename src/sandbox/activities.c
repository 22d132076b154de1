/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/activities.h"

#include "sandbox/atom.h"
#include "sandbox/objects.h"

#define ITEMS_MAX 30

static void
answer_take_items(SandboxService *service, const SandboxRequest *request, json_t *items, SandboxAnswer *answer)
{
    if (sandbox_request_choose_form(request, TRUE) == SANDBOX_FORM_STREAM) {
        sandbox_answer_take_json_as(answer, 200, "application/stream+json", json_pack("{s:o}", "items", items));
        return;
    }
    const char *type = g_hash_table_lookup(request->query, "type");
    g_autofree char *path = g_uri_escape_string(request->path, "/:@", FALSE);
    g_autofree char *address =
        g_strconcat(service->base, "/rest/v2", path, ".atom", type ? "?type=" : NULL, type, NULL);
    g_autofree char *feed = sandbox_atom_dup_feed(address, request->now, items);
    sandbox_answer_set_text(answer, 200, "application/atom+xml;charset=utf-8", feed);
    json_decref(items);
}

static void
list_activities(SandboxService *service, const SandboxRequest *request, SandboxFlattrFilter filter, gint64 user_id,
                SandboxAnswer *answer)
{
    const char *type = g_hash_table_lookup(request->query, "type");

    if (!type || g_str_equal(type, "outgoing")) {
        filter.user_id = user_id;
    } else if (g_str_equal(type, "incoming")) {
        filter.owner_id = user_id;
    } else {
        sandbox_answer_set_error(answer, 400, "invalid_parameters", "type must be outgoing or incoming");
        return;
    }
    g_autoptr(GPtrArray) flattrs = sandbox_store_list_flattrs(service->store, &filter, ITEMS_MAX, 0);
    json_t *items = json_array();
    for (guint i = 0; i < flattrs->len; i++)
        json_array_append_new(items, sandbox_object_of_activity(g_ptr_array_index(flattrs, i)));
    answer_take_items(service, request, items, answer);
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
