/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/store_private.h"

void
sandbox_subscription_free(SandboxSubscription *subscription)
{
    if (!subscription)
        return;
    sandbox_thing_free(subscription->thing);
    g_free(subscription);
}

static SandboxSubscription *
read_subscription(SandboxStore *store, sqlite3_stmt *row)
{
    SandboxThing *thing = store_read_thing(store, row);

    if (!thing)
        return NULL;
    SandboxSubscription *subscription = g_new0(SandboxSubscription, 1);
    subscription->thing = thing;
    subscription->id = sqlite3_column_int64(row, STORE_THING_WIDTH);
    subscription->user_id = sqlite3_column_int64(row, STORE_THING_WIDTH + 1);
    subscription->active = sqlite3_column_int64(row, STORE_THING_WIDTH + 2) != 0;
    subscription->created_at = sqlite3_column_int64(row, STORE_THING_WIDTH + 3);
    subscription->started_at = sqlite3_column_int64(row, STORE_THING_WIDTH + 4);
    return subscription;
}

SandboxSubscription *
sandbox_store_get_subscription(SandboxStore *store, gint64 user_id, gint64 thing_id)
{
    return read_subscription(store, store_start(store, STORE_GET_SUBSCRIPTION, "ii", user_id, thing_id));
}

void
sandbox_store_add_subscription(SandboxStore *store, gint64 user_id, gint64 thing_id, gint64 now)
{
    store_next(store, store_start(store, STORE_ADD_SUBSCRIPTION, "iiii", user_id, thing_id, now, now));
}

void
sandbox_store_set_active(SandboxStore *store, gint64 id, gboolean active, gint64 started_at)
{
    store_next(store, store_start(store, STORE_SET_ACTIVE, "iii", (gint64)(active != FALSE), started_at, id));
}

gboolean
sandbox_store_delete_subscription(SandboxStore *store, gint64 user_id, gint64 thing_id)
{
    store_next(store, store_start(store, STORE_DELETE_SUBSCRIPTION, "ii", user_id, thing_id));
    return sqlite3_changes(store->database) > 0;
}

GPtrArray *
sandbox_store_list_subscriptions(SandboxStore *store, gint64 user_id, gboolean active_only)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)sandbox_subscription_free);
    sqlite3_stmt *row = store_start(store, STORE_LIST_SUBSCRIPTIONS, "ii", user_id, (gint64)(active_only != FALSE));
    SandboxSubscription *subscription;

    while ((subscription = read_subscription(store, row)))
        g_ptr_array_add(list, subscription);
    return list;
}
