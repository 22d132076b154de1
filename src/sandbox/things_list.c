/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/things_list.h"

#include "sandbox/objects.h"
#include "sandbox/paging.h"
#include "sandbox/search.h"

typedef struct {
    const SandboxSearch *search;
    gint64 viewer_id; /* who sees their own hidden things too; 0: nobody */
} Filter;

static json_t *
describe_things(SandboxService *service, const SandboxRequest *request, GPtrArray *things, gint64 first, gint64 count)
{
    json_t *list = json_array();

    for (gint64 i = first; i < MIN(first + count, things->len); i++)
        json_array_append_new(list, sandbox_object_of_thing(service, request, g_ptr_array_index(things, i)));
    return list;
}

static void
list_things(SandboxService *service, const SandboxRequest *request, const SandboxUser *owner, SandboxAnswer *answer)
{
    SandboxPaging paging;

    if (!sandbox_paging_read(request, &paging, answer))
        return;
    g_autoptr(GPtrArray) things = sandbox_store_list_things(
        service->store, owner->id, sandbox_request_viewer(request) == owner->id, paging.count, paging.skip);
    sandbox_answer_take_json(answer, 200, describe_things(service, request, things, 0, paging.count));
}

void
sandbox_things_list_own(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    list_things(service, request, request->user, answer);
}

void
sandbox_things_list_of_user(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_autoptr(SandboxUser) user = sandbox_store_get_user(service->store, request->captures[0]);

    if (user)
        list_things(service, request, user, answer);
    else
        sandbox_answer_set_error(answer, 404, "not_found", "There is no such user");
}

static gboolean
is_found(const SandboxThing *thing, gconstpointer data)
{
    const Filter *filter = data;

    return (!thing->hidden || thing->owner_id == filter->viewer_id) && sandbox_search_match(filter->search, thing);
}

void
sandbox_things_search(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    const char *problem = NULL;
    SandboxPaging paging;
    g_autoptr(SandboxSearch) search = sandbox_search_new(request->query, &problem);

    if (!search) {
        sandbox_answer_set_error(answer, 400, "invalid_parameters", problem);
        return;
    }
    if (!sandbox_paging_read(request, &paging, answer))
        return;
    const Filter filter = {.search = search, .viewer_id = sandbox_request_viewer(request)};
    gint64 since = sandbox_search_since(search, request->now);
    g_autoptr(GPtrArray) things = sandbox_store_filter_things(service->store, is_found, &filter, G_MAXUINT);
    g_autoptr(GHashTable) recent = since >= 0 ? sandbox_store_count_flattrs_since(service->store, since) : NULL;
    sandbox_search_sort(search, things, recent);
    json_t *page = describe_things(service, request, things, paging.skip, paging.count);
    sandbox_answer_take_json(answer, 200,
                             json_pack("{s:I, s:I, s:I, s:o}", "total_items", (json_int_t)things->len, "items",
                                       (json_int_t)json_array_size(page), "page", (json_int_t)paging.page, "things",
                                       page));
}
