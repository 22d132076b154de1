/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/subscriptions.h"

#include "sandbox/objects.h"

static const char no_subscription[] = "No thing or subscription was found";

void
sandbox_subscriptions_list(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_autoptr(GPtrArray) subscriptions = sandbox_store_list_subscriptions(service->store, request->user->id, FALSE);
    json_t *list = json_array();

    for (guint i = 0; i < subscriptions->len; i++)
        json_array_append_new(list,
                              sandbox_object_of_subscription(service, request, g_ptr_array_index(subscriptions, i)));
    sandbox_answer_take_json(answer, 200, list);
}

void
sandbox_subscriptions_create(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_autoptr(SandboxThing) thing = sandbox_store_get_thing(service->store, sandbox_request_get_id(request));

    if (!thing) {
        sandbox_answer_set_error(answer, 404, "not_found", "No thing was found");
        return;
    }
    if (thing->owner_id == request->user->id) {
        sandbox_answer_set_error(answer, 403, "thing_owner", "The thing is yours, and nobody subscribes to their own");
        return;
    }
    g_autoptr(SandboxSubscription) known = sandbox_store_get_subscription(service->store, request->user->id, thing->id);
    if (known) {
        sandbox_answer_set_error(answer, 403, "subscribed", "You have subscribed to the thing already");
        return;
    }
    sandbox_store_add_subscription(service->store, request->user->id, thing->id, request->now);
    sandbox_answer_take_json(answer, 200,
                             json_pack("{s:s, s:s, s:o}", "message", "ok", "description",
                                       "Thing was successfully subscribed to", "thing",
                                       sandbox_object_of_mini_thing(service, thing)));
}

void
sandbox_subscriptions_toggle(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    g_autoptr(SandboxSubscription) subscription =
        sandbox_store_get_subscription(service->store, request->user->id, sandbox_request_get_id(request));

    if (!subscription) {
        sandbox_answer_set_error(answer, 404, "not_found", no_subscription);
        return;
    }
    gboolean start = !subscription->active;
    sandbox_store_set_active(service->store, subscription->id, start, start ? request->now : subscription->started_at);
    sandbox_answer_set_message(answer, 200, start ? "started" : "paused",
                               start ? "The subscription was started" : "The subscription was paused");
}

void
sandbox_subscriptions_delete(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    if (sandbox_store_delete_subscription(service->store, request->user->id, sandbox_request_get_id(request)))
        sandbox_answer_set_empty(answer, 204);
    else
        sandbox_answer_set_error(answer, 404, "not_found", no_subscription);
}
