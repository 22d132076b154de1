/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers that are lists of objects, and those that tell what became of one. */
#include "flattr/objects.h"
#include "flattr/reply.h"

typedef gpointer (*NewFromJson)(const json_t *json);

/* Items that are no objects are left out. */
static GPtrArray *
read_items(const json_t *list, NewFromJson new_item, GDestroyNotify free_item)
{
    GPtrArray *items = g_ptr_array_new_with_free_func(free_item);

    for (size_t i = 0; i < json_array_size(list); i++) {
        gpointer item = new_item(json_array_get(list, i));
        if (item)
            g_ptr_array_add(items, item);
    }
    return items;
}

static gpointer
new_flattr(const json_t *json)
{
    return flattr_flattr_new_from_json(json);
}

static gpointer
new_thing(const json_t *json)
{
    return flattr_thing_new_from_json(json);
}

static gpointer
new_subscription(const json_t *json)
{
    return flattr_subscription_new_from_json(json);
}

static gpointer
new_activity(const json_t *json)
{
    return flattr_activity_new_from_json(json);
}

static gpointer
new_choice(const json_t *json)
{
    return flattr_choice_new_from_json(json);
}

GPtrArray *
flattr_reply_read_flattrs(FlattrReply *reply, GError **error)
{
    const json_t *list = flattr_reply_read_array(reply, "flattrs", error);

    return list ? read_items(list, new_flattr, (GDestroyNotify)flattr_flattr_free) : NULL;
}

GPtrArray *
flattr_reply_read_things(FlattrReply *reply, GError **error)
{
    const json_t *object = flattr_reply_read_object(reply, NULL);
    const json_t *list = object ? json_object_get(object, "things") : flattr_reply_read_array(reply, "things", error);

    /* A single thing comes as it is, and a list where the API's own page shows a single one. */
    if (object && !list && json_object_get(object, "id")) {
        GPtrArray *single = g_ptr_array_new_with_free_func((GDestroyNotify)flattr_thing_free);
        g_ptr_array_add(single, flattr_thing_new_from_json(object));
        return single;
    }
    if (object && !json_is_array(list)) {
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED, "the server answered %u without things",
                    flattr_reply_get_status(reply));
        return NULL;
    }
    return list ? read_items(list, new_thing, (GDestroyNotify)flattr_thing_free) : NULL;
}

gint64
flattr_reply_read_created(FlattrReply *reply, GError **error)
{
    const json_t *object = flattr_reply_read_object(reply, error);
    gint64 id = object ? flattr_json_get_integer(object, "id") : 0;

    if (object && id <= 0) {
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED, "the server does not say which thing it made");
        return 0;
    }
    return id;
}

GPtrArray *
flattr_reply_read_subscriptions(FlattrReply *reply, GError **error)
{
    const json_t *list = flattr_reply_read_array(reply, "subscriptions", error);

    return list ? read_items(list, new_subscription, (GDestroyNotify)flattr_subscription_free) : NULL;
}

gboolean
flattr_reply_read_toggled(FlattrReply *reply, gboolean *active, GError **error)
{
    const json_t *object = flattr_reply_read_object(reply, error);
    const char *message = object ? json_string_value(json_object_get(object, "message")) : NULL;
    gboolean started = g_strcmp0(message, "started") == 0;

    if (!object)
        return FALSE;
    if (!started && g_strcmp0(message, "paused") != 0) {
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED,
                    "the server does not say whether the subscription was started or paused");
        return FALSE;
    }
    *active = started;
    return TRUE;
}

GPtrArray *
flattr_reply_read_activities(FlattrReply *reply, GError **error)
{
    const json_t *object = flattr_reply_read_object(reply, error);

    if (!object)
        return NULL;
    if (!json_is_array(json_object_get(object, "items"))) {
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED, "the server answered %u without activities",
                    flattr_reply_get_status(reply));
        return NULL;
    }
    return read_items(json_object_get(object, "items"), new_activity, (GDestroyNotify)flattr_activity_free);
}

GPtrArray *
flattr_reply_read_choices(FlattrReply *reply, GError **error)
{
    const json_t *list = flattr_reply_read_array(reply, "choices", error);

    return list ? read_items(list, new_choice, (GDestroyNotify)flattr_choice_free) : NULL;
}
