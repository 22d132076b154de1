/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "flattr/objects.h"

struct FlattrUser {
    char *username;
    char *resource;
    char *link;
    char *firstname;
    char *lastname;
    char *email;
    json_t *json;
};

struct FlattrThing {
    gint64 id;
    gint64 flattrs;
    char *url;
    char *link;
    char *title;
    char *owner;
    char *description;
    char *category;
    char *language;
    GStrv tags;
    gint64 created_at;
    gboolean flattred;
    gboolean subscribed;
    gboolean hidden;
    json_t *json;
};

struct FlattrFlattr {
    FlattrThing *thing;
    char *owner;
    gint64 created_at;
    json_t *json;
};

char *
flattr_json_dup_string(const json_t *object, const char *name)
{
    return g_strdup(json_string_value(json_object_get(object, name)));
}

gint64
flattr_json_get_integer(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    gint64 number = 0;

    if (!json_is_string(value))
        return json_integer_value(value);
    /* A number that does not fit is none: the nearest one would be another thing's id. */
    return g_ascii_string_to_signed(json_string_value(value), 10, G_MININT64, G_MAXINT64, &number, NULL) ? number : 0;
}

gboolean
flattr_json_get_boolean(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    /* Servers write booleans as 0 and 1 too. */
    return json_is_true(value) || flattr_json_get_integer(object, name) != 0;
}

json_t *
flattr_json_share(const json_t *json)
{
    return json_incref((json_t *)json);
}

char *
flattr_json_dup_text(const json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);
    char *copy = g_strdup(text);

    free(text);
    return copy;
}

FlattrUser *
flattr_user_new_from_json(const json_t *json)
{
    if (!json_is_object(json))
        return NULL;

    FlattrUser *user = g_new0(FlattrUser, 1);
    user->json = flattr_json_share(json);
    user->username = flattr_json_dup_string(json, "username");
    user->resource = flattr_json_dup_string(json, "resource");
    user->link = flattr_json_dup_string(json, "link");
    user->firstname = flattr_json_dup_string(json, "firstname");
    user->lastname = flattr_json_dup_string(json, "lastname");
    user->email = flattr_json_dup_string(json, "email");
    return user;
}

void
flattr_user_free(FlattrUser *user)
{
    if (!user)
        return;
    g_free(user->username);
    g_free(user->resource);
    g_free(user->link);
    g_free(user->firstname);
    g_free(user->lastname);
    g_free(user->email);
    json_decref(user->json);
    g_free(user);
}

char *
flattr_user_dup_json(const FlattrUser *user)
{
    return flattr_json_dup_text(user->json);
}

const char *
flattr_user_get_username(const FlattrUser *user)
{
    return user->username;
}

const char *
flattr_user_get_resource(const FlattrUser *user)
{
    return user->resource;
}

const char *
flattr_user_get_link(const FlattrUser *user)
{
    return user->link;
}

const char *
flattr_user_get_firstname(const FlattrUser *user)
{
    return user->firstname;
}

const char *
flattr_user_get_lastname(const FlattrUser *user)
{
    return user->lastname;
}

const char *
flattr_user_get_email(const FlattrUser *user)
{
    return user->email;
}

static GStrv
dup_tags(const json_t *list)
{
    g_autoptr(GStrvBuilder) tags = g_strv_builder_new();

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *tag = json_string_value(json_array_get(list, i));
        if (tag)
            g_strv_builder_add(tags, tag);
    }
    return g_strv_builder_end(tags);
}

FlattrThing *
flattr_thing_new_from_json(const json_t *json)
{
    if (!json_is_object(json))
        return NULL;

    FlattrThing *thing = g_new0(FlattrThing, 1);
    thing->json = flattr_json_share(json);
    thing->id = flattr_json_get_integer(json, "id");
    thing->flattrs = flattr_json_get_integer(json, "flattrs");
    thing->url = flattr_json_dup_string(json, "url");
    thing->link = flattr_json_dup_string(json, "link");
    thing->title = flattr_json_dup_string(json, "title");
    thing->owner = flattr_json_dup_string(json_object_get(json, "owner"), "username");
    thing->description = flattr_json_dup_string(json, "description");
    thing->category = flattr_json_dup_string(json, "category");
    thing->language = flattr_json_dup_string(json, "language");
    thing->tags = dup_tags(json_object_get(json, "tags"));
    thing->created_at = flattr_json_get_integer(json, "created_at");
    thing->flattred = flattr_json_get_boolean(json, "flattred");
    thing->subscribed = flattr_json_get_boolean(json, "subscribed");
    thing->hidden = flattr_json_get_boolean(json, "hidden");
    return thing;
}

void
flattr_thing_free(FlattrThing *thing)
{
    if (!thing)
        return;
    g_free(thing->url);
    g_free(thing->link);
    g_free(thing->title);
    g_free(thing->owner);
    g_free(thing->description);
    g_free(thing->category);
    g_free(thing->language);
    g_strfreev(thing->tags);
    json_decref(thing->json);
    g_free(thing);
}

char *
flattr_thing_dup_json(const FlattrThing *thing)
{
    return flattr_json_dup_text(thing->json);
}

gint64
flattr_thing_get_id(const FlattrThing *thing)
{
    return thing->id;
}

gint64
flattr_thing_get_flattrs(const FlattrThing *thing)
{
    return thing->flattrs;
}

const char *
flattr_thing_get_url(const FlattrThing *thing)
{
    return thing->url;
}

const char *
flattr_thing_get_link(const FlattrThing *thing)
{
    return thing->link;
}

const char *
flattr_thing_get_title(const FlattrThing *thing)
{
    return thing->title;
}

const char *
flattr_thing_get_owner(const FlattrThing *thing)
{
    return thing->owner;
}

gboolean
flattr_thing_get_flattred(const FlattrThing *thing)
{
    return thing->flattred;
}

const char *
flattr_thing_get_description(const FlattrThing *thing)
{
    return thing->description;
}

const char *
flattr_thing_get_category(const FlattrThing *thing)
{
    return thing->category;
}

const char *
flattr_thing_get_language(const FlattrThing *thing)
{
    return thing->language;
}

const char *const *
flattr_thing_get_tags(const FlattrThing *thing)
{
    return (const char *const *)thing->tags;
}

gint64
flattr_thing_get_created_at(const FlattrThing *thing)
{
    return thing->created_at;
}

gboolean
flattr_thing_get_subscribed(const FlattrThing *thing)
{
    return thing->subscribed;
}

gboolean
flattr_thing_get_hidden(const FlattrThing *thing)
{
    return thing->hidden;
}

FlattrFlattr *
flattr_flattr_new_from_json(const json_t *json)
{
    if (!json_is_object(json))
        return NULL;

    FlattrFlattr *flattr = g_new0(FlattrFlattr, 1);
    flattr->json = flattr_json_share(json);
    flattr->thing = flattr_thing_new_from_json(json_object_get(json, "thing"));
    flattr->owner = flattr_json_dup_string(json_object_get(json, "owner"), "username");
    flattr->created_at = flattr_json_get_integer(json, "created_at");
    return flattr;
}

void
flattr_flattr_free(FlattrFlattr *flattr)
{
    if (!flattr)
        return;
    flattr_thing_free(flattr->thing);
    g_free(flattr->owner);
    json_decref(flattr->json);
    g_free(flattr);
}

char *
flattr_flattr_dup_json(const FlattrFlattr *flattr)
{
    return flattr_json_dup_text(flattr->json);
}

const FlattrThing *
flattr_flattr_get_thing(const FlattrFlattr *flattr)
{
    return flattr->thing;
}

gint64
flattr_flattr_get_created_at(const FlattrFlattr *flattr)
{
    return flattr->created_at;
}

const char *
flattr_flattr_get_owner(const FlattrFlattr *flattr)
{
    return flattr->owner;
}
