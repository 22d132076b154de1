/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/store_private.h"

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

SandboxThing *
store_read_thing(SandboxStore *store, sqlite3_stmt *row)
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
    thing->updated_at = sqlite3_column_int64(row, 13);
    return thing;
}

SandboxThing *
sandbox_store_get_thing(SandboxStore *store, gint64 id)
{
    return store_read_thing(store, store_start(store, STORE_GET_THING, "i", id));
}

SandboxThing *
sandbox_store_find_thing(SandboxStore *store, const char *url)
{
    return store_read_thing(store, store_start(store, STORE_FIND_THING, "t", url));
}

SandboxThing *
sandbox_store_add_thing(SandboxStore *store, const SandboxThing *thing)
{
    store_next(store, store_start(store, STORE_ADD_THING, "titttttii", thing->url, thing->owner_id, thing->title,
                                  thing->description, thing->language, thing->category, thing->tags, thing->hidden,
                                  thing->created_at));
    return sandbox_store_find_thing(store, thing->url);
}

void
sandbox_store_update_thing(SandboxStore *store, const SandboxThing *thing)
{
    store_next(store,
               store_start(store, STORE_UPDATE_THING, "tttttiii", thing->title, thing->description, thing->language,
                           thing->category, thing->tags, thing->hidden, thing->updated_at, thing->id));
}

void
sandbox_store_delete_thing(SandboxStore *store, gint64 id)
{
    store_next(store, store_start(store, STORE_UNSUBSCRIBE_ALL, "i", id));
    store_next(store, store_start(store, STORE_DELETE_THING, "i", id));
}

GPtrArray *
sandbox_store_list_things(SandboxStore *store, gint64 owner_id, gboolean hidden_too, gint64 count, gint64 skip)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)sandbox_thing_free);
    sqlite3_stmt *row =
        store_start(store, STORE_LIST_THINGS_OF, "iiii", owner_id, (gint64)(hidden_too != FALSE), count, skip);
    SandboxThing *thing;

    while ((thing = store_read_thing(store, row)))
        g_ptr_array_add(list, thing);
    return list;
}

GPtrArray *
sandbox_store_filter_things(SandboxStore *store, SandboxThingFilter filter, gconstpointer data, gsize most)
{
    GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)sandbox_thing_free);
    sqlite3_stmt *row = store_start(store, STORE_LIST_THINGS, "");
    SandboxThing *thing;

    while (list->len < most && (thing = store_read_thing(store, row))) {
        if (!filter || filter(thing, data))
            g_ptr_array_add(list, thing);
        else
            sandbox_thing_free(thing);
    }
    return list;
}
