/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/renewal.h"

#include "base/clock.h"
#include "sandbox/payment.h"

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
        g_message("the subscriptions could not be paid, since the database failed: %s", failure);
    else
        service->renewed_until = current;
}
