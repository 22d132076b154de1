/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Objects that come in lists only: subscriptions, activities, choices. */
#include "flattr/objects.h"

struct FlattrSubscription {
    FlattrThing *thing;
    gboolean active;
    gint64 created_at;
    gint64 started_at;
    json_t *json;
};

struct FlattrActivity {
    char *title;
    char *published;
    char *verb;
    char *actor;
    char *object;
    char *object_url;
    json_t *json;
};

struct FlattrChoice {
    char *id;
    char *text;
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
    subscription->active = flattr_json_get_boolean(json, "active");
    subscription->created_at = flattr_json_get_integer(json, "created_at");
    subscription->started_at = flattr_json_get_integer(json, "started_at");
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
    return subscription->active;
}

gint64
flattr_subscription_get_created_at(const FlattrSubscription *subscription)
{
    return subscription->created_at;
}

gint64
flattr_subscription_get_started_at(const FlattrSubscription *subscription)
{
    return subscription->started_at;
}

FlattrActivity *
flattr_activity_new_from_json(const json_t *json)
{
    if (!json_is_object(json))
        return NULL;

    FlattrActivity *activity = g_new0(FlattrActivity, 1);
    activity->json = flattr_json_share(json);
    activity->title = flattr_json_dup_string(json, "title");
    activity->published = flattr_json_dup_string(json, "published");
    activity->verb = flattr_json_dup_string(json, "verb");
    activity->actor = flattr_json_dup_string(json_object_get(json, "actor"), "displayName");
    activity->object = flattr_json_dup_string(json_object_get(json, "object"), "displayName");
    activity->object_url = flattr_json_dup_string(json_object_get(json, "object"), "url");
    return activity;
}

void
flattr_activity_free(FlattrActivity *activity)
{
    if (!activity)
        return;
    g_free(activity->title);
    g_free(activity->published);
    g_free(activity->verb);
    g_free(activity->actor);
    g_free(activity->object);
    g_free(activity->object_url);
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
    return activity->title;
}

const char *
flattr_activity_get_published(const FlattrActivity *activity)
{
    return activity->published;
}

const char *
flattr_activity_get_verb(const FlattrActivity *activity)
{
    return activity->verb;
}

const char *
flattr_activity_get_actor(const FlattrActivity *activity)
{
    return activity->actor;
}

const char *
flattr_activity_get_object(const FlattrActivity *activity)
{
    return activity->object;
}

const char *
flattr_activity_get_object_url(const FlattrActivity *activity)
{
    return activity->object_url;
}

FlattrChoice *
flattr_choice_new_from_json(const json_t *json)
{
    if (!json_is_object(json))
        return NULL;

    FlattrChoice *choice = g_new0(FlattrChoice, 1);
    choice->json = flattr_json_share(json);
    choice->id = flattr_json_dup_string(json, "id");
    choice->text = flattr_json_dup_string(json, "text");
    if (!choice->text)
        choice->text = flattr_json_dup_string(json, "name");
    return choice;
}

void
flattr_choice_free(FlattrChoice *choice)
{
    if (!choice)
        return;
    g_free(choice->id);
    g_free(choice->text);
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
    return choice->id;
}

const char *
flattr_choice_get_text(const FlattrChoice *choice)
{
    return choice->text;
}
