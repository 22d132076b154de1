/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/flattr.h"

#include "base/clock.h"
#include "sandbox/objects.h"
#include "sandbox/things.h"

#define COUNT_DEFAULT 30
#define COUNT_MAX 1000
#define PAGE_MAX 1000000

static void
flattr_thing(SandboxService *service, const SandboxRequest *request, SandboxThing *thing, SandboxAnswer *answer)
{
    const SandboxUser *user = request->user;
    char month[PF_CLOCK_MONTH_SIZE];

    pf_clock_month(request->now, month);
    if (thing->owner_id == user->id) {
        sandbox_answer_set_error(answer, 403, "flattr_owner", "The thing is yours, and nobody flattrs their own");
    } else if (sandbox_store_has_flattr(service->store, user->id, thing->id, month)) {
        sandbox_answer_set_error(answer, 403, "flattr_once", "You have flattred the thing in this month already");
    } else if (user->means <= 0) {
        sandbox_answer_set_error(answer, 401, "no_means", "You don't have any money to flattr with");
    } else {
        sandbox_store_add_flattr(service->store, user->id, thing->id, month, request->now);
        sandbox_store_set_means(service->store, user->id, user->means - 1);
        thing->flattrs++;
        sandbox_answer_take_json(answer, 200,
                                 json_pack("{s:s, s:s, s:o}", "message", "ok", "description",
                                           "Thing was successfully flattred", "thing",
                                           sandbox_object_of_mini_thing(service, thing)));
    }
}

void
sandbox_flattr_post_url(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    const char *text = g_hash_table_lookup(request->fields, "url");

    if (!text) {
        sandbox_answer_set_error(answer, 400, "invalid_request", "The url parameter is missing");
        return;
    }
    g_autoptr(SandboxThing) thing = sandbox_things_need(service, text, request->now, answer);
    if (thing)
        flattr_thing(service, request, thing, answer);
}

void
sandbox_flattr_post_thing(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    guint64 id = 0;
    g_autoptr(SandboxThing) thing = NULL;

    if (g_ascii_string_to_unsigned(request->captures[0], 10, 1, G_MAXINT64, &id, NULL))
        thing = sandbox_store_get_thing(service->store, (gint64)id);
    if (thing)
        flattr_thing(service, request, thing, answer);
    else
        sandbox_answer_set_error(answer, 404, "not_found", "No thing was found");
}

/* Leaves the default where there is no such parameter. */
static gboolean
read_number(const SandboxRequest *request, const char *name, guint64 most, guint64 *number)
{
    const char *text = g_hash_table_lookup(request->query, name);

    return !text || g_ascii_string_to_unsigned(text, 10, 1, most, number, NULL);
}

static void
list_flattrs(SandboxService *service, const SandboxRequest *request, const SandboxUser *user, SandboxAnswer *answer)
{
    guint64 count = COUNT_DEFAULT, page = 1;

    if (!read_number(request, "count", COUNT_MAX, &count) || !read_number(request, "page", PAGE_MAX, &page)) {
        sandbox_answer_set_error(answer, 400, "invalid_parameters", "count and page must be numbers from 1 on");
        return;
    }
    g_autoptr(GPtrArray) flattrs =
        sandbox_store_list_flattrs(service->store, user->id, (gint64)count, (gint64)((page - 1) * count));
    json_t *list = json_array();
    for (guint i = 0; i < flattrs->len; i++)
        json_array_append_new(list, sandbox_object_of_flattr(service, request, g_ptr_array_index(flattrs, i)));
    sandbox_answer_take_json(answer, 200, list);
}

void
sandbox_flattr_list_own(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    list_flattrs(service, request, request->user, answer);
}

void
sandbox_flattr_list_of_user(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_autoptr(SandboxUser) user = sandbox_store_get_user(service->store, request->captures[0]);

    if (user)
        list_flattrs(service, request, user, answer);
    else
        sandbox_answer_set_error(answer, 404, "not_found", "There is no such user");
}
