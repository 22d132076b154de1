/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "flattr/flattr.h"
#include <string.h>

#define COUNT 100

typedef enum { USER_THINGS, SEARCH, USER_FLATTRS, THING_FLATTRS } Kind;

struct FlattrIterator {
    FlattrSession *session; /* not owned */
    Kind kind;
    char *username; /* NULL: the token's person */
    gint64 id;
    char *search[7]; /* in the order of FlattrSearch */
    gboolean full;
    guint page; /* the last one asked for */
    gboolean ended;
    GPtrArray *items; /* of that page; NULL before the first */
    guint next;
};

static FlattrIterator *
new_iterator(FlattrSession *session, Kind kind, const char *username, gint64 id)
{
    FlattrIterator *iterator = g_new0(FlattrIterator, 1);

    iterator->session = session;
    iterator->kind = kind;
    iterator->username = g_strdup(username);
    iterator->id = id;
    return iterator;
}

void
flattr_iterator_free(FlattrIterator *iterator)
{
    if (!iterator)
        return;
    g_free(iterator->username);
    for (gsize i = 0; i < G_N_ELEMENTS(iterator->search); i++)
        g_free(iterator->search[i]);
    g_clear_pointer(&iterator->items, g_ptr_array_unref);
    g_free(iterator);
}

FlattrIterator *
flattr_session_iterate_things(FlattrSession *session, const char *username)
{
    return new_iterator(session, USER_THINGS, username, 0);
}

FlattrIterator *
flattr_session_iterate_search(FlattrSession *session, const FlattrSearch *search)
{
    FlattrIterator *iterator = new_iterator(session, SEARCH, NULL, 0);
    const char *const texts[] = {search->query,    search->url,  search->tags, search->language,
                                 search->category, search->user, search->sort};

    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
        iterator->search[i] = g_strdup(texts[i]);
    return iterator;
}

FlattrIterator *
flattr_session_iterate_flattrs(FlattrSession *session, const char *username)
{
    return new_iterator(session, USER_FLATTRS, username, 0);
}

FlattrIterator *
flattr_session_iterate_flattrs_of_thing(FlattrSession *session, gint64 id)
{
    return new_iterator(session, THING_FLATTRS, NULL, id);
}

void
flattr_iterator_set_full(FlattrIterator *iterator)
{
    iterator->full = TRUE;
}

static FlattrRequest *
new_request(const FlattrIterator *iterator)
{
    char *const *texts = iterator->search;
    const FlattrSearch search = {texts[0], texts[1], texts[2], texts[3], texts[4], texts[5], texts[6]};

    switch (iterator->kind) {
    case USER_THINGS:
        return flattr_request_new_user_things(iterator->username, COUNT, iterator->page);
    case SEARCH:
        return flattr_request_new_search(&search, COUNT, iterator->page);
    case USER_FLATTRS:
        return flattr_request_new_flattrs_of_user(iterator->username, COUNT, iterator->page);
    case THING_FLATTRS:
        break;
    }
    return flattr_request_new_flattrs_of_thing(iterator->id, COUNT, iterator->page);
}

static gboolean
lists_things(const FlattrIterator *iterator)
{
    return iterator->kind == USER_THINGS || iterator->kind == SEARCH;
}

/* A number by which an item differs from its neighbours on other pages. */
static gint64
identify(const FlattrIterator *iterator, gconstpointer item)
{
    if (lists_things(iterator))
        return flattr_thing_get_id(item);

    const FlattrThing *thing = flattr_flattr_get_thing(item);
    const char *owner = flattr_flattr_get_owner(item);
    return (thing ? flattr_thing_get_id(thing) : 0) ^ (flattr_flattr_get_created_at(item) << 20) ^
           ((gint64)g_str_hash(owner ? owner : "") << 32);
}

/* A server that knows no pages sends the first one for ever. */
static gboolean
is_repeated(const FlattrIterator *iterator, const GPtrArray *items)
{
    if (!iterator->items || items->len != iterator->items->len)
        return FALSE;
    for (guint i = 0; i < items->len; i++) {
        if (identify(iterator, g_ptr_array_index(items, i)) !=
            identify(iterator, g_ptr_array_index(iterator->items, i)))
            return FALSE;
    }
    return TRUE;
}

/* Returns FALSE at the end, and with @error set. A page that failed is asked for again by the next call. */
static gboolean
fetch_page(FlattrIterator *iterator, GError **error)
{
    iterator->page++;
    FlattrRequest *request = new_request(iterator);
    if (iterator->full)
        flattr_request_set_full(request);
    g_autoptr(FlattrReply) reply = flattr_session_send_take(iterator->session, request, error);
    g_autoptr(GPtrArray) items = !reply                   ? NULL
                                 : lists_things(iterator) ? flattr_reply_read_things(reply, error)
                                                          : flattr_reply_read_flattrs(reply, error);
    if (!items) {
        iterator->page--;
        return FALSE;
    }
    iterator->ended = items->len == 0 || is_repeated(iterator, items);
    g_clear_pointer(&iterator->items, g_ptr_array_unref);
    iterator->items = g_steal_pointer(&items);
    iterator->next = 0;
    return !iterator->ended;
}

static gconstpointer
next_item(FlattrIterator *iterator, GError **error)
{
    if (iterator->ended)
        return NULL;
    if ((!iterator->items || iterator->next >= iterator->items->len) && !fetch_page(iterator, error))
        return NULL;
    return g_ptr_array_index(iterator->items, iterator->next++);
}

const FlattrThing *
flattr_iterator_next_thing(FlattrIterator *iterator, GError **error)
{
    g_return_val_if_fail(lists_things(iterator), NULL);
    return next_item(iterator, error);
}

const FlattrFlattr *
flattr_iterator_next_flattr(FlattrIterator *iterator, GError **error)
{
    g_return_val_if_fail(!lists_things(iterator), NULL);
    return next_item(iterator, error);
}
