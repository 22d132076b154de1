/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Objects that come in lists only: subscriptions, activities, choices. */
#include "flattr/objects.h"

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
    return flattr_json_dup_text(subscription->json);
}

const FlattrThing *
flattr_subscription_get_thing(const FlattrSubscription *subscription)
{
    return subscription->thing;
}

gboolean
flattr_subscription_get_active(const FlattrSubscription *subscription)
{
    return flattr_json_get_boolean(subscription->json, "active");
}

gint64
flattr_subscription_get_created_at(const FlattrSubscription *subscription)
{
    return flattr_json_get_integer(subscription->json, "created_at");
}

gint64
flattr_subscription_get_started_at(const FlattrSubscription *subscription)
{
    return flattr_json_get_integer(subscription->json, "started_at");
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
    return flattr_json_dup_text(activity->json);
}

const char *
flattr_activity_get_title(const FlattrActivity *activity)
{
    return flattr_json_get_string(activity->json, "title");
}

const char *
flattr_activity_get_published(const FlattrActivity *activity)
{
    return flattr_json_get_string(activity->json, "published");
}

const char *
flattr_activity_get_verb(const FlattrActivity *activity)
{
    return flattr_json_get_string(activity->json, "verb");
}

const char *
flattr_activity_get_actor(const FlattrActivity *activity)
{
    return flattr_json_get_string(json_object_get(activity->json, "actor"), "displayName");
}

const char *
flattr_activity_get_object(const FlattrActivity *activity)
{
    return flattr_json_get_string(json_object_get(activity->json, "object"), "displayName");
}

const char *
flattr_activity_get_object_url(const FlattrActivity *activity)
{
    return flattr_json_get_string(json_object_get(activity->json, "object"), "url");
}

const char *
flattr_activity_get_id(const FlattrActivity *activity)
{
    return flattr_json_get_string(activity->json, "id");
}

const char *
flattr_activity_get_actor_url(const FlattrActivity *activity)
{
    return flattr_json_get_string(json_object_get(activity->json, "actor"), "url");
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
    return flattr_json_dup_text(choice->json);
}

const char *
flattr_choice_get_id(const FlattrChoice *choice)
{
    return flattr_json_get_string(choice->json, "id");
}

const char *
flattr_choice_get_text(const FlattrChoice *choice)
{
    const char *text = flattr_json_get_string(choice->json, "text");

    return text ? text : flattr_json_get_string(choice->json, "name");
}
