/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "flattr/private.h"

/* What the accessors give they read from the JSON, and lend its strings. */
struct FlattrUser {
    json_t *json;
};

struct FlattrThing {
    GStrv tags;
    FlattrUser *owner;
    json_t *json;
};

struct FlattrFlattr {
    FlattrThing *thing;
    FlattrUser *owner;
    json_t *json;
};

/* The JSON of an object, which may be NULL: jansson reads nothing from that. */
#define JSON_OF(object) ((object) ? (object)->json : NULL)

const char *
flattr_json_get_string(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
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
    char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
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
    return user;
}

void
flattr_user_free(FlattrUser *user)
{
    if (!user)
        return;
    json_decref(user->json);
    g_free(user);
}

char *
flattr_user_dup_json(const FlattrUser *user)
{
    return flattr_json_dup_text(JSON_OF(user));
}

const char *
flattr_user_get_username(const FlattrUser *user)
{
    return flattr_json_get_string(JSON_OF(user), "username");
}

const char *
flattr_user_get_resource(const FlattrUser *user)
{
    return flattr_json_get_string(JSON_OF(user), "resource");
}

const char *
flattr_user_get_link(const FlattrUser *user)
{
    return flattr_json_get_string(JSON_OF(user), "link");
}

const char *
flattr_user_get_firstname(const FlattrUser *user)
{
    return flattr_json_get_string(JSON_OF(user), "firstname");
}

const char *
flattr_user_get_lastname(const FlattrUser *user)
{
    return flattr_json_get_string(JSON_OF(user), "lastname");
}

const char *
flattr_user_get_email(const FlattrUser *user)
{
    return flattr_json_get_string(JSON_OF(user), "email");
}

const char *
flattr_user_get_url(const FlattrUser *user)
{
    return flattr_json_get_string(JSON_OF(user), "url");
}

const char *
flattr_user_get_avatar(const FlattrUser *user)
{
    return flattr_json_get_string(JSON_OF(user), "avatar");
}

const char *
flattr_user_get_about(const FlattrUser *user)
{
    return flattr_json_get_string(JSON_OF(user), "about");
}

const char *
flattr_user_get_city(const FlattrUser *user)
{
    return flattr_json_get_string(JSON_OF(user), "city");
}

const char *
flattr_user_get_country(const FlattrUser *user)
{
    return flattr_json_get_string(JSON_OF(user), "country");
}

gint64
flattr_user_get_registered_at(const FlattrUser *user)
{
    return flattr_json_get_integer(JSON_OF(user), "registered_at");
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
    thing->tags = dup_tags(json_object_get(json, "tags"));
    thing->owner = flattr_user_new_from_json(json_object_get(json, "owner"));
    return thing;
}

void
flattr_thing_free(FlattrThing *thing)
{
    if (!thing)
        return;
    g_strfreev(thing->tags);
    flattr_user_free(thing->owner);
    json_decref(thing->json);
    g_free(thing);
}

char *
flattr_thing_dup_json(const FlattrThing *thing)
{
    return flattr_json_dup_text(JSON_OF(thing));
}

gint64
flattr_thing_get_id(const FlattrThing *thing)
{
    return flattr_json_get_integer(JSON_OF(thing), "id");
}

gint64
flattr_thing_get_flattrs(const FlattrThing *thing)
{
    return flattr_json_get_integer(JSON_OF(thing), "flattrs");
}

const char *
flattr_thing_get_url(const FlattrThing *thing)
{
    return flattr_json_get_string(JSON_OF(thing), "url");
}

const char *
flattr_thing_get_link(const FlattrThing *thing)
{
    return flattr_json_get_string(JSON_OF(thing), "link");
}

const char *
flattr_thing_get_title(const FlattrThing *thing)
{
    return flattr_json_get_string(JSON_OF(thing), "title");
}

const FlattrUser *
flattr_thing_get_owner(const FlattrThing *thing)
{
    return thing ? thing->owner : NULL;
}

gboolean
flattr_thing_get_flattred(const FlattrThing *thing)
{
    return flattr_json_get_boolean(JSON_OF(thing), "flattred");
}

const char *
flattr_thing_get_description(const FlattrThing *thing)
{
    return flattr_json_get_string(JSON_OF(thing), "description");
}

const char *
flattr_thing_get_category(const FlattrThing *thing)
{
    return flattr_json_get_string(JSON_OF(thing), "category");
}

const char *
flattr_thing_get_language(const FlattrThing *thing)
{
    return flattr_json_get_string(JSON_OF(thing), "language");
}

const char *const *
flattr_thing_get_tags(const FlattrThing *thing)
{
    static const char *const none[] = {NULL};

    return thing ? (const char *const *)thing->tags : none;
}

gint64
flattr_thing_get_created_at(const FlattrThing *thing)
{
    return flattr_json_get_integer(JSON_OF(thing), "created_at");
}

gboolean
flattr_thing_get_subscribed(const FlattrThing *thing)
{
    return flattr_json_get_boolean(JSON_OF(thing), "subscribed");
}

gboolean
flattr_thing_get_hidden(const FlattrThing *thing)
{
    return flattr_json_get_boolean(JSON_OF(thing), "hidden");
}

const char *
flattr_thing_get_resource(const FlattrThing *thing)
{
    return flattr_json_get_string(JSON_OF(thing), "resource");
}

const char *
flattr_thing_get_image(const FlattrThing *thing)
{
    return flattr_json_get_string(JSON_OF(thing), "image");
}

gint64
flattr_thing_get_flattrs_user_count(const FlattrThing *thing)
{
    return flattr_json_get_integer(JSON_OF(thing), "flattrs_user_count");
}

gint64
flattr_thing_get_last_flattr_at(const FlattrThing *thing)
{
    return flattr_json_get_integer(JSON_OF(thing), "last_flattr_at");
}

gint64
flattr_thing_get_updated_at(const FlattrThing *thing)
{
    return flattr_json_get_integer(JSON_OF(thing), "updated_at");
}

FlattrFlattr *
flattr_flattr_new_from_json(const json_t *json)
{
    if (!json_is_object(json))
        return NULL;

    FlattrFlattr *flattr = g_new0(FlattrFlattr, 1);
    flattr->json = flattr_json_share(json);
    flattr->thing = flattr_thing_new_from_json(json_object_get(json, "thing"));
    flattr->owner = flattr_user_new_from_json(json_object_get(json, "owner"));
    return flattr;
}

void
flattr_flattr_free(FlattrFlattr *flattr)
{
    if (!flattr)
        return;
    flattr_thing_free(flattr->thing);
    flattr_user_free(flattr->owner);
    json_decref(flattr->json);
    g_free(flattr);
}

char *
flattr_flattr_dup_json(const FlattrFlattr *flattr)
{
    return flattr_json_dup_text(JSON_OF(flattr));
}

const FlattrThing *
flattr_flattr_get_thing(const FlattrFlattr *flattr)
{
    return flattr ? flattr->thing : NULL;
}

gint64
flattr_flattr_get_created_at(const FlattrFlattr *flattr)
{
    return flattr_json_get_integer(JSON_OF(flattr), "created_at");
}

const FlattrUser *
flattr_flattr_get_owner(const FlattrFlattr *flattr)
{
    return flattr ? flattr->owner : NULL;
}

/* Objects that come in lists only: subscriptions, activities, choices. */

struct FlattrSubscription {
    FlattrThing *thing;
    json_t *json;
};

struct FlattrActivity {
    json_t *json;
};

struct FlattrChoice {
    json_t *json;
};

FlattrSubscription *
flattr_subscription_new_from_json(const json_t *json)
{
    if (!json_is_object(json))
        return NULL;

    FlattrSubscription *subscription = g_new0(FlattrSubscription, 1);
    subscription->json = flattr_json_share(json);
    subscription->thing = flattr_thing_new_from_json(json_object_get(json, "thing"));
    return subscription;
}

void
flattr_subscription_free(FlattrSubscription *subscription)
{
    if (!subscription)
        return;
    flattr_thing_free(subscription->thing);
    json_decref(subscription->json);
    g_free(subscription);
}

char *
flattr_subscription_dup_json(const FlattrSubscription *subscription)
{
    return flattr_json_dup_text(JSON_OF(subscription));
}

const FlattrThing *
flattr_subscription_get_thing(const FlattrSubscription *subscription)
{
    return subscription ? subscription->thing : NULL;
}

gboolean
flattr_subscription_get_active(const FlattrSubscription *subscription)
{
    return flattr_json_get_boolean(JSON_OF(subscription), "active");
}

gint64
flattr_subscription_get_created_at(const FlattrSubscription *subscription)
{
    return flattr_json_get_integer(JSON_OF(subscription), "created_at");
}

gint64
flattr_subscription_get_started_at(const FlattrSubscription *subscription)
{
    return flattr_json_get_integer(JSON_OF(subscription), "started_at");
}

FlattrActivity *
flattr_activity_new_from_json(const json_t *json)
{
    if (!json_is_object(json))
        return NULL;

    FlattrActivity *activity = g_new0(FlattrActivity, 1);
    activity->json = flattr_json_share(json);
    return activity;
}

void
flattr_activity_free(FlattrActivity *activity)
{
    if (!activity)
        return;
    json_decref(activity->json);
    g_free(activity);
}

char *
flattr_activity_dup_json(const FlattrActivity *activity)
{
    return flattr_json_dup_text(JSON_OF(activity));
}

const char *
flattr_activity_get_title(const FlattrActivity *activity)
{
    return flattr_json_get_string(JSON_OF(activity), "title");
}

const char *
flattr_activity_get_published(const FlattrActivity *activity)
{
    return flattr_json_get_string(JSON_OF(activity), "published");
}

const char *
flattr_activity_get_verb(const FlattrActivity *activity)
{
    return flattr_json_get_string(JSON_OF(activity), "verb");
}

const char *
flattr_activity_get_actor_name(const FlattrActivity *activity)
{
    return flattr_json_get_string(json_object_get(JSON_OF(activity), "actor"), "displayName");
}

const char *
flattr_activity_get_object_name(const FlattrActivity *activity)
{
    return flattr_json_get_string(json_object_get(JSON_OF(activity), "object"), "displayName");
}

const char *
flattr_activity_get_object_url(const FlattrActivity *activity)
{
    return flattr_json_get_string(json_object_get(JSON_OF(activity), "object"), "url");
}

const char *
flattr_activity_get_id(const FlattrActivity *activity)
{
    return flattr_json_get_string(JSON_OF(activity), "id");
}

const char *
flattr_activity_get_actor_url(const FlattrActivity *activity)
{
    return flattr_json_get_string(json_object_get(JSON_OF(activity), "actor"), "url");
}

FlattrChoice *
flattr_choice_new_from_json(const json_t *json)
{
    if (!json_is_object(json))
        return NULL;

    FlattrChoice *choice = g_new0(FlattrChoice, 1);
    choice->json = flattr_json_share(json);
    return choice;
}

void
flattr_choice_free(FlattrChoice *choice)
{
    if (!choice)
        return;
    json_decref(choice->json);
    g_free(choice);
}

char *
flattr_choice_dup_json(const FlattrChoice *choice)
{
    return flattr_json_dup_text(JSON_OF(choice));
}

const char *
flattr_choice_get_id(const FlattrChoice *choice)
{
    return flattr_json_get_string(JSON_OF(choice), "id");
}

const char *
flattr_choice_get_text(const FlattrChoice *choice)
{
    const char *text = flattr_json_get_string(JSON_OF(choice), "text");

    return text ? text : flattr_json_get_string(JSON_OF(choice), "name");
}
