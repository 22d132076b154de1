/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/flattrs.h"

#include "base/clock.h"
#include "sandbox/objects.h"
#include "sandbox/partner.h"
#include "sandbox/request.h"
#include "sandbox/service.h"
#include "sandbox/things.h"

/*
 * The rules of paying, for flattrs and subscriptions alike, in the order in which they are checked: nobody flattrs
 * their own, nor a thing twice in a calendar month (UTC), and it takes one of the user's means.
 */

typedef enum {
    SANDBOX_PAYMENT_DONE,
    SANDBOX_PAYMENT_OWNER,    /* the thing is the user's */
    SANDBOX_PAYMENT_ONCE,     /* flattred in that month already */
    SANDBOX_PAYMENT_NO_MEANS, /* nothing left to pay with */
} SandboxPayment;

/*
 * Flattrs a thing, if the rules allow it, and notes the event for the partner's hook when nobody claimed the thing yet.
 * Under the service's lock, in a transaction.
 *
 * @user: who pays; their means are counted down
 * @thing: its flattrs are counted up
 * @when: seconds since the epoch, in the month that it counts for
 */
static SandboxPayment
sandbox_payment_make(SandboxService *service, SandboxUser *user, SandboxThing *thing, gint64 when)
{
    char month[PF_CLOCK_MONTH_SIZE];

    pf_clock_month(when, month);
    if (thing->owner_id == user->id)
        return SANDBOX_PAYMENT_OWNER;
    if (sandbox_store_has_flattr(service->store, user->id, thing->id, month))
        return SANDBOX_PAYMENT_ONCE;
    if (user->means <= 0)
        return SANDBOX_PAYMENT_NO_MEANS;
    sandbox_store_add_flattr(service->store, user->id, thing->id, month, when);
    sandbox_store_set_means(service->store, user->id, --user->means);
    thing->flattrs++;
    sandbox_partner_tell(service, user, thing);
    return SANDBOX_PAYMENT_DONE;
}

/* The first second of the month that the clock stood in when the months were last gone through. */
#define SETTING "renewed_until"
#define MONTHS_MAX 24

static gint64
read_setting(SandboxService *service)
{
    g_autofree char *text = sandbox_store_get_setting(service->store, SETTING);

    return text ? g_ascii_strtoll(text, NULL, 10) : 0;
}

static void
write_setting(SandboxService *service, gint64 month)
{
    char text[32];

    g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT, month);
    sandbox_store_set_setting(service->store, SETTING, text);
}

/* One without means, or whose thing was flattred by hand, just goes without: that is no reason to stop a subscription.
 */
static void
flattr_subscriptions(SandboxService *service, gint64 month)
{
    g_autoptr(GPtrArray) subscriptions = sandbox_store_list_subscriptions(service->store, 0, TRUE);

    for (guint i = subscriptions->len; i > 0; i--) {
        const SandboxSubscription *subscription = g_ptr_array_index(subscriptions, i - 1);
        g_autoptr(SandboxUser) user = sandbox_store_get_user_by_id(service->store, subscription->user_id);
        if (user && subscription->started_at < month)
            sandbox_payment_make(service, user, subscription->thing, month);
    }
}

static void
go_through_months(SandboxService *service, gint64 done, gint64 current)
{
    g_autoptr(GPtrArray) months = g_ptr_array_new_with_free_func(g_free);

    for (gint64 month = pf_clock_next_month(done); month <= current; month = pf_clock_next_month(month))
        g_ptr_array_add(months, g_memdup2(&month, sizeof month));
    for (guint i = months->len > MONTHS_MAX ? months->len - MONTHS_MAX : 0; i < months->len; i++)
        flattr_subscriptions(service, *(const gint64 *)g_ptr_array_index(months, i));
}

void
sandbox_renewal_run(SandboxService *service, gint64 now)
{
    gint64 current = pf_clock_month_start(now);

    /* A clock that was turned back takes the mark with it: what was flattred in the months to come is known by itself.
     */
    if (service->renewed_until == current)
        return;
    sandbox_store_begin(service->store);
    gint64 done = read_setting(service);
    if (done > 0)
        go_through_months(service, done, current);
    if (done != current)
        write_setting(service, current);
    const char *failure = sandbox_store_end(service->store, TRUE);
    sandbox_hooks_release(service->hooks, !failure);
    if (failure)
        g_message("cannot pay the subscriptions: %s", failure);
    else
        service->renewed_until = current;
}

static void
flattr_thing(SandboxService *service, const SandboxRequest *request, SandboxThing *thing, SandboxAnswer *answer)
{
    switch (sandbox_payment_make(service, request->user, thing, request->now)) {
    case SANDBOX_PAYMENT_OWNER:
        sandbox_answer_set_error(answer, 403, "flattr_owner", "You cannot flattr your own thing");
        break;
    case SANDBOX_PAYMENT_ONCE:
        sandbox_answer_set_error(answer, 403, "flattr_once", "You have already flattred this thing this month");
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
        sandbox_answer_set_error(answer, 400, "invalid_request", "The url parameter is missing or is not a string");
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
    sandbox_answer_take_json(answer, 200, sandbox_object_of_flattrs(service, request, flattrs));
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
        sandbox_answer_set_error(answer, 404, "not_found", "No such user");
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

static const char no_subscription[] = "No such thing or subscription";

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
        sandbox_answer_set_error(answer, 403, "thing_owner", "You cannot subscribe to your own thing");
        return;
    }
    g_autoptr(SandboxSubscription) known = sandbox_store_get_subscription(service->store, request->user->id, thing->id);
    if (known) {
        sandbox_answer_set_error(answer, 403, "subscribed", "You are already subscribed to this thing");
        return;
    }
    sandbox_store_add_subscription(service->store, request->user->id, thing->id, request->now);
    sandbox_answer_take_json(answer, 200,
                             json_pack("{s:s, s:s, s:o}", "message", "ok", "description",
                                       "Successfully subscribed to Thing", "thing",
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
                               start ? "Subscription started" : "Subscription paused");
}

void
sandbox_subscriptions_delete(SandboxService *service, const SandboxRequest *request, SandboxAnswer *answer)
{
    if (sandbox_store_delete_subscription(service->store, request->user->id, sandbox_request_get_id(request)))
        sandbox_answer_set_done(answer, 204);
    else
        sandbox_answer_set_error(answer, 404, "not_found", no_subscription);
}
