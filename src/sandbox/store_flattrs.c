/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/store_private.h"

void
sandbox_flattr_free(SandboxFlattr *flattr)
{
    if (!flattr)
        return;
    g_free(flattr->user);
    sandbox_thing_free(flattr->thing);
    g_free(flattr);
}

gint64
sandbox_store_count_flattrers(SandboxStore *store, gint64 thing_id)
{
    sqlite3_stmt *row = store_start(store, STORE_COUNT_FLATTRERS, "i", thing_id);

    return store_next(store, row) ? sqlite3_column_int64(row, 0) : 0;
}

gboolean
sandbox_store_has_flattr(SandboxStore *store, gint64 user_id, gint64 thing_id, const char *month)
{
    return store_next(store, store_start(store, STORE_HAS_FLATTR, "iit", thing_id, user_id, month));
}

void
sandbox_store_add_flattr(SandboxStore *store, gint64 user_id, gint64 thing_id, const char *month, gint64 now)
{
    store_next(store, store_start(store, STORE_ADD_FLATTR, "iiti", user_id, thing_id, month, now));
    store_next(store, store_start(store, STORE_COUNT_FLATTR, "ii", now, thing_id));
}

GHashTable *
sandbox_store_count_flattrs_since(SandboxStore *store, gint64 since)
{
    GHashTable *counts = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    sqlite3_stmt *row = store_start(store, STORE_COUNT_SINCE, "i", since);

    while (store_next(store, row)) {
        const gint64 thing = sqlite3_column_int64(row, 0), count = sqlite3_column_int64(row, 1);
        g_hash_table_insert(counts, g_memdup2(&thing, sizeof thing), g_memdup2(&count, sizeof count));
    }
    return counts;
}

GPtrArray *
sandbox_store_list_flattrs(SandboxStore *store, const SandboxFlattrFilter *filter, gint64 count, gint64 skip)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)sandbox_flattr_free);
    sqlite3_stmt *row = store_start(store, STORE_LIST_FLATTRS, "iiiiiii", filter->user_id, filter->thing_id,
                                    filter->owner_id, (gint64)(filter->shown != FALSE), filter->viewer_id, count, skip);
    SandboxThing *thing;

    while ((thing = store_read_thing(store, row))) {
        SandboxFlattr *flattr = g_new0(SandboxFlattr, 1);
        flattr->thing = thing;
        flattr->user = store_text(row, STORE_THING_WIDTH);
        flattr->accepted = sqlite3_column_int64(row, STORE_THING_WIDTH + 1);
        flattr->created_at = sqlite3_column_int64(row, STORE_THING_WIDTH + 2);
        g_ptr_array_add(list, flattr);
    }
    return list;
}
