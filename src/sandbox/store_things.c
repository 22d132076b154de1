/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/store_private.h"

/* How many columns every row of a thing has. */
#define THING_WIDTH 13

void
sandbox_thing_free(SandboxThing *thing)
{
    if (!thing)
        return;
    g_free(thing->url);
    g_free(thing->owner);
    g_free(thing->title);
    g_free(thing->description);
    g_free(thing->language);
    g_free(thing->category);
    g_free(thing->tags);
    g_free(thing);
}

void
sandbox_flattr_free(SandboxFlattr *flattr)
{
    if (!flattr)
        return;
    g_free(flattr->user);
    sandbox_thing_free(flattr->thing);
    g_free(flattr);
}

static SandboxThing *
read_thing(SandboxStore *store, sqlite3_stmt *row)
{
    if (!store_next(store, row))
        return NULL;

    SandboxThing *thing = g_new0(SandboxThing, 1);
    thing->id = sqlite3_column_int64(row, 0);
    thing->url = store_text(row, 1);
    thing->owner_id = sqlite3_column_int64(row, 2);
    thing->owner = store_text(row, 3);
    thing->title = store_text(row, 4);
    thing->description = store_text(row, 5);
    thing->language = store_text(row, 6);
    thing->category = store_text(row, 7);
    thing->tags = store_text(row, 8);
    thing->hidden = sqlite3_column_int64(row, 9);
    thing->flattrs = sqlite3_column_int64(row, 10);
    thing->created_at = sqlite3_column_int64(row, 11);
    thing->last_flattr_at = sqlite3_column_int64(row, 12);
    return thing;
}

SandboxThing *
sandbox_store_get_thing(SandboxStore *store, gint64 id)
{
    return read_thing(store, store_start(store, STORE_GET_THING, "i", id));
}

SandboxThing *
sandbox_store_find_thing(SandboxStore *store, const char *url)
{
    return read_thing(store, store_start(store, STORE_FIND_THING, "t", url));
}

SandboxThing *
sandbox_store_add_thing(SandboxStore *store, const SandboxThing *thing)
{
    store_next(store, store_start(store, STORE_ADD_THING, "titttttii", thing->url, thing->owner_id, thing->title,
                                  thing->description, thing->language, thing->category, thing->tags, thing->hidden,
                                  thing->created_at));
    return sandbox_store_find_thing(store, thing->url);
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

GPtrArray *
sandbox_store_list_flattrs(SandboxStore *store, gint64 user_id, gint64 count, gint64 skip)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)sandbox_flattr_free);
    sqlite3_stmt *row = store_start(store, STORE_LIST_FLATTRS, "iii", user_id, count, skip);
    SandboxThing *thing;

    while ((thing = read_thing(store, row))) {
        SandboxFlattr *flattr = g_new0(SandboxFlattr, 1);
        flattr->thing = thing;
        flattr->user = store_text(row, THING_WIDTH);
        flattr->accepted = sqlite3_column_int64(row, THING_WIDTH + 1);
        flattr->created_at = sqlite3_column_int64(row, THING_WIDTH + 2);
        g_ptr_array_add(list, flattr);
    }
    return list;
}
