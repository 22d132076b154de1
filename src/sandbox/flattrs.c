/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/flattrs.h"

#include "sandbox/objects.h"
#include "sandbox/paging.h"
#include "sandbox/payment.h"
#include "sandbox/things.h"

static void
flattr_thing(SandboxService *service, const SandboxRequest *request, SandboxThing *thing, SandboxAnswer *answer)
{
    switch (sandbox_payment_make(service, request->user, thing, request->now)) {
    case SANDBOX_PAYMENT_OWNER:
        sandbox_answer_set_error(answer, 403, "flattr_owner", "The thing is yours, and nobody flattrs their own");
        break;
    case SANDBOX_PAYMENT_ONCE:
        sandbox_answer_set_error(answer, 403, "flattr_once", "You have flattred the thing in this month already");
        break;
    case SANDBOX_PAYMENT_NO_MEANS:
        sandbox_answer_set_error(answer, 401, "no_means", "You don't have any money to flattr with");
        break;
    case SANDBOX_PAYMENT_DONE:
        sandbox_answer_take_json(answer, 200,
                                 json_pack("{s:s, s:s, s:o}", "message", "ok", "description",
                                           "Thing was successfully flattred", "thing",
                                           sandbox_object_of_mini_thing(service, thing)));
        break;
    }
}

void
sandbox_flattr_post_url(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    const char *text = NULL;

    if (!sandbox_request_get_field(request, "url", &text) || !text) {
        sandbox_answer_set_error(answer, 400, "invalid_request", "The url parameter is missing or no text");
        return;
    }
    g_autoptr(SandboxThing) thing = sandbox_things_need(service, text, request->now, answer);
    if (thing)
        flattr_thing(service, request, thing, answer);
}

void
sandbox_flattr_post_thing(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_autoptr(SandboxThing) thing = sandbox_store_get_thing(service->store, sandbox_request_get_id(request));

    if (thing)
        flattr_thing(service, request, thing, answer);
    else
        sandbox_answer_set_error(answer, 404, "not_found", "No thing was found");
}

static void
list_flattrs(SandboxService *service, const SandboxRequest *request, const SandboxFlattrFilter *filter,
             SandboxAnswer *answer)
{
    SandboxPaging paging;

    if (!sandbox_paging_read(request, &paging, answer))
        return;
    g_autoptr(GPtrArray) flattrs = sandbox_store_list_flattrs(service->store, filter, paging.count, paging.skip);
    json_t *list = json_array();
    for (guint i = 0; i < flattrs->len; i++)
        json_array_append_new(list, sandbox_object_of_flattr(service, request, g_ptr_array_index(flattrs, i)));
    sandbox_answer_take_json(answer, 200, list);
}

void
sandbox_flattr_list_own(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    const SandboxFlattrFilter filter = {.user_id = request->user->id};

    list_flattrs(service, request, &filter, answer);
}

void
sandbox_flattr_list_of_user(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_autoptr(SandboxUser) user = sandbox_store_get_user(service->store, request->captures[0]);

    if (!user) {
        sandbox_answer_set_error(answer, 404, "not_found", "There is no such user");
        return;
    }
    const SandboxFlattrFilter filter = {
        .user_id = user->id, .shown = TRUE, .viewer_id = sandbox_request_viewer(request)};
    list_flattrs(service, request, &filter, answer);
}

void
sandbox_flattr_list_of_thing(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_autoptr(SandboxThing) thing = sandbox_store_get_thing(service->store, sandbox_request_get_id(request));

    if (!thing) {
        sandbox_answer_set_error(answer, 404, "not_found", "No thing was found");
        return;
    }
    /* Who knows a hidden thing by its number is shown it, and so what it got. */
    const SandboxFlattrFilter filter = {.thing_id = thing->id, .shown = TRUE, .viewer_id = thing->owner_id};
    list_flattrs(service, request, &filter, answer);
}
