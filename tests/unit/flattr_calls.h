/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All of libflattr's calls, and how their answers are read, as a table that a test goes through; for scenes with the
 * things below.
 */
#pragma once

#include "sandbox_scene.h"

/* The things of a scene, by the numbers that the sandbox gives them. */
#define THEIRS 1 /* of "alice" */
#define OWN 2    /* of "demo" */
#define UNPAID 3 /* of "alice" */
#define NOTHING 99

#define AUTO_SUBMIT(user, page) "https://flattr.com/submit/auto?user_id=" user "&url=http%3A%2F%2Fe.org%2F" page

typedef FlattrRequest *(*Make)(void);
typedef gboolean (*Read)(FlattrReply *reply, GError **error);

#define MAKE(name, request)                                                                                            \
    static FlattrRequest *make_##name(void)                                                                            \
    {                                                                                                                  \
        return request;                                                                                                \
    }

static const gint64 both[] = {THEIRS, OWN}, unknown[] = {OWN, NOTHING};
static const FlattrThingFields new_thing = {.url = "http://e.org/created", .title = "A new thing"};
static const FlattrThingFields change = {.title = "Another title"}, bad_change = {.title = "four"};
static const FlattrSearch search = {.query = "thing"}, bad_search = {.sort = "best"};

MAKE(flattr_url, flattr_request_new_flattr_url(AUTO_SUBMIT("alice", "new")))
MAKE(flattr_thing, flattr_request_new_flattr_thing(UNPAID))
MAKE(hello, flattr_request_new_hello())
MAKE(user, flattr_request_new_user(NULL))
MAKE(user_named, flattr_request_new_user("alice"))
MAKE(rate_limit, flattr_request_new_rate_limit())
MAKE(lookup, flattr_request_new_lookup("http://e.org/1"))
MAKE(things, flattr_request_new_things(both, 2))
MAKE(own_things, flattr_request_new_things_of_user(NULL, 30, 1))
MAKE(their_things, flattr_request_new_things_of_user("alice", 30, 1))
MAKE(search, flattr_request_new_search(&search, 30, 1))
MAKE(own_flattrs, flattr_request_new_flattrs_of_user(NULL, 30, 1))
MAKE(their_flattrs, flattr_request_new_flattrs_of_user("alice", 30, 1))
MAKE(flattrs_of_thing, flattr_request_new_flattrs_of_thing(THEIRS, 30, 1))
MAKE(own_activities, flattr_request_new_activities(NULL, FALSE))
MAKE(their_activities, flattr_request_new_activities("alice", TRUE))
MAKE(subscribe, flattr_request_new_subscription_create(UNPAID))
MAKE(toggle, flattr_request_new_subscription_toggle(UNPAID))
MAKE(subscriptions, flattr_request_new_subscriptions())
MAKE(unsubscribe, flattr_request_new_subscription_delete(UNPAID))
MAKE(create, flattr_request_new_thing_create(&new_thing))
MAKE(update, flattr_request_new_thing_update(OWN, &change))
MAKE(delete, flattr_request_new_thing_delete(OWN))
MAKE(categories, flattr_request_new_categories())
MAKE(languages, flattr_request_new_languages())
MAKE(verify, flattr_request_new_verify(NULL, "partner:site:1"))
MAKE(verify_named, flattr_request_new_verify("alice", "partner:site:2"))

#define READ_OBJECT(Type, name)                                                                                        \
    static gboolean read_##name(FlattrReply *reply, GError **error)                                                    \
    {                                                                                                                  \
        g_autoptr(Type) object = flattr_reply_read_##name(reply, error);                                               \
        return object != NULL;                                                                                         \
    }

READ_OBJECT(FlattrThing, flattr)
READ_OBJECT(FlattrUser, user)
READ_OBJECT(GPtrArray, flattrs)
READ_OBJECT(GPtrArray, things)
READ_OBJECT(GPtrArray, subscriptions)
READ_OBJECT(GPtrArray, activities)
READ_OBJECT(GPtrArray, choices)

static gboolean
read_lookup(FlattrReply *reply, GError **error)
{
    return flattr_reply_read_lookup(reply, error) > 0;
}

static gboolean
read_created(FlattrReply *reply, GError **error)
{
    return flattr_reply_read_created(reply, error) > 0;
}

static gboolean
read_toggled(FlattrReply *reply, GError **error)
{
    gboolean active;

    return flattr_reply_read_toggled(reply, &active, error);
}

static gboolean
read_rate_limit(FlattrReply *reply, GError **error)
{
    FlattrRateLimit limit;

    return flattr_reply_read_rate_limit(reply, &limit, error);
}

/* What a call cannot do without; the later ones include those before. */
enum { NEEDS_TOKEN = 1, NEEDS_SCOPE };

/* Each of libflattr's calls, as one that succeeds after those before it. */
static const struct {
    const char *name;
    Make make;
    Read read;
    int needs;
} calls[] = {
    {"flattr a URL", make_flattr_url, read_flattr, NEEDS_SCOPE},
    {"flattr a thing", make_flattr_thing, read_flattr, NEEDS_SCOPE},
    {"hello", make_hello, flattr_reply_read_hello, 0},
    {"user", make_user, read_user, NEEDS_TOKEN},
    {"another user", make_user_named, read_user, 0},
    {"rate limit", make_rate_limit, read_rate_limit, 0},
    {"lookup", make_lookup, read_lookup, 0},
    {"things", make_things, read_things, 0},
    {"own things", make_own_things, read_things, NEEDS_TOKEN},
    {"another's things", make_their_things, read_things, 0},
    {"search", make_search, read_things, 0},
    {"own flattrs", make_own_flattrs, read_flattrs, NEEDS_TOKEN},
    {"another's flattrs", make_their_flattrs, read_flattrs, 0},
    {"a thing's flattrs", make_flattrs_of_thing, read_flattrs, 0},
    {"own activities", make_own_activities, read_activities, NEEDS_TOKEN},
    {"another's activities", make_their_activities, read_activities, 0},
    {"subscribe", make_subscribe, flattr_reply_read_done, NEEDS_SCOPE},
    {"toggle", make_toggle, read_toggled, NEEDS_SCOPE},
    {"subscriptions", make_subscriptions, read_subscriptions, NEEDS_SCOPE},
    {"unsubscribe", make_unsubscribe, flattr_reply_read_done, NEEDS_SCOPE},
    {"create", make_create, read_created, NEEDS_SCOPE},
    {"update", make_update, flattr_reply_read_done, NEEDS_SCOPE},
    {"delete", make_delete, flattr_reply_read_done, NEEDS_SCOPE},
    {"categories", make_categories, read_choices, 0},
    {"languages", make_languages, read_choices, 0},
    {"verify", make_verify, flattr_reply_read_done, NEEDS_TOKEN},
    {"verify another", make_verify_named, flattr_reply_read_done, NEEDS_TOKEN},
};
