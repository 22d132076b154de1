/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libflattr's readers, and every accessor of what they return, on answers as the API documents them. */
#include "flattr_readers.h"
#include <string.h>

#define THING                                                                                                          \
    "{\"type\":\"thing\",\"resource\":\"https:\\/\\/api.flattr.com\\/rest\\/v2\\/things\\/423405\","                   \
    "\"link\":\"https:\\/\\/flattr.com\\/thing\\/423405\",\"id\":423405,\"url\":\"http:\\/\\/blog.example\\/1\","      \
    "\"flattrs\":8,\"flattrs_user_count\":7,\"title\":\"An episode\",\"description\":\"About \\u00e9clairs\","         \
    "\"tags\":[\"cake\",\"audio\"],\"language\":\"en_GB\",\"category\":\"audio\",\"created_at\":1319704532,"           \
    "\"owner\":{\"type\":\"user\",\"resource\":\"https:\\/\\/api.flattr.com\\/rest\\/v2\\/users\\/maker\","            \
    "\"link\":\"https:\\/\\/flattr.com\\/profile\\/maker\",\"username\":\"maker\"},\"hidden\":0,\"image\":\"\","       \
    "\"flattred\":true,\"subscribed\":1,\"last_flattr_at\":1319704600,\"updated_at\":\"1319705000\"}"

static void
assert_thing(const FlattrThing *thing)
{
    g_assert_cmpint(flattr_thing_get_id(thing), ==, 423405);
    g_assert_cmpstr(flattr_thing_get_url(thing), ==, "http://blog.example/1");
    g_assert_cmpstr(flattr_thing_get_link(thing), ==, "https://flattr.com/thing/423405");
    g_assert_cmpstr(flattr_thing_get_title(thing), ==, "An episode");
    g_assert_cmpstr(flattr_user_get_username(flattr_thing_get_owner(thing)), ==, "maker");
    g_assert_cmpint(flattr_thing_get_flattrs(thing), ==, 8);
    g_assert_cmpstr(flattr_thing_get_description(thing), ==, "About \303\251clairs");
    g_assert_cmpstr(flattr_thing_get_category(thing), ==, "audio");
    g_assert_cmpstr(flattr_thing_get_language(thing), ==, "en_GB");
    g_assert_cmpstrv(flattr_thing_get_tags(thing), ((const char *const[]){"cake", "audio", NULL}));
    g_assert_cmpint(flattr_thing_get_created_at(thing), ==, 1319704532);
    g_assert_true(flattr_thing_get_flattred(thing));
    g_assert_true(flattr_thing_get_subscribed(thing));
    g_assert_false(flattr_thing_get_hidden(thing));
    g_assert_cmpstr(flattr_thing_get_resource(thing), ==, "https://api.flattr.com/rest/v2/things/423405");
    g_assert_cmpstr(flattr_thing_get_image(thing), ==, "");
    g_assert_cmpint(flattr_thing_get_flattrs_user_count(thing), ==, 7);
    g_assert_cmpint(flattr_thing_get_last_flattr_at(thing), ==, 1319704600);
    g_assert_cmpint(flattr_thing_get_updated_at(thing), ==, 1319705000);
}

static FlattrReply *
answer(const char *body)
{
    return readers_reply_of("HTTP/1.1 200 OK\nContent-Type: application/json;charset=utf-8", body, strlen(body));
}

static void
things_are_read_alone_in_lists_and_from_searches(void)
{
    static const char *const bodies[] = {THING, "[" THING "]",
                                         "{\"total_items\":1,\"items\":1,\"page\":1,\"things\":[" THING "]}"};

    for (gsize i = 0; i < G_N_ELEMENTS(bodies); i++) {
        g_autoptr(FlattrReply) reply = answer(bodies[i]);
        g_autoptr(GPtrArray) things = flattr_reply_read_things(reply, NULL);
        g_assert_cmpuint(things->len, ==, 1);
        assert_thing(things->pdata[0]);
    }
    g_autoptr(FlattrReply) reply =
        answer("{\"message\":\"ok\",\"description\":\"Thing was successfully flattred\",\"thing\":" THING "}");
    g_autoptr(FlattrThing) thing = flattr_reply_read_flattr(reply, NULL);
    assert_thing(thing);
    g_assert_true(flattr_reply_is_accepted(reply));
}

static void
a_user_is_read(void)
{
    g_autoptr(FlattrReply) reply =
        answer("{\"type\":\"user\",\"resource\":\"https:\\/\\/api.flattr.com\\/rest\\/v2\\/users\\/ann\",\"link\":"
               "\"https:\\/\\/flattr.com\\/profile\\/ann\",\"username\":\"ann\",\"url\":\"http:\\/\\/ann.example\","
               "\"firstname\":\"Ann\",\"lastname\":\"\",\"avatar\":\"http:\\/\\/ann.example\\/"
               "a.png\",\"about\":\"Cakes\",\"city\":\"Malm\\u00f6\","
               "\"country\":\"Sweden\",\"email\":\"ann@example.org\",\"registered_at\":1270832467}");
    g_autoptr(FlattrUser) user = flattr_reply_read_user(reply, NULL);

    g_assert_cmpstr(flattr_user_get_username(user), ==, "ann");
    g_assert_cmpstr(flattr_user_get_resource(user), ==, "https://api.flattr.com/rest/v2/users/ann");
    g_assert_cmpstr(flattr_user_get_link(user), ==, "https://flattr.com/profile/ann");
    g_assert_cmpstr(flattr_user_get_firstname(user), ==, "Ann");
    g_assert_cmpstr(flattr_user_get_lastname(user), ==, "");
    g_assert_cmpstr(flattr_user_get_email(user), ==, "ann@example.org");
    g_assert_cmpstr(flattr_user_get_url(user), ==, "http://ann.example");
    g_assert_cmpstr(flattr_user_get_avatar(user), ==, "http://ann.example/a.png");
    g_assert_cmpstr(flattr_user_get_about(user), ==, "Cakes");
    g_assert_cmpstr(flattr_user_get_city(user), ==, "Malm\303\266");
    g_assert_cmpstr(flattr_user_get_country(user), ==, "Sweden");
    g_assert_cmpint(flattr_user_get_registered_at(user), ==, 1270832467);
}

static void
flattrs_and_subscriptions_are_read(void)
{
    g_autoptr(FlattrReply) reply =
        answer("[{\"type\":\"flattr\",\"thing\":" THING ",\"owner\":{\"type\":\"user\",\"username\":\"ann\"},"
               "\"created_at\":1316697578}]");
    g_autoptr(GPtrArray) flattrs = flattr_reply_read_flattrs(reply, NULL);
    g_assert_cmpuint(flattrs->len, ==, 1);
    assert_thing(flattr_flattr_get_thing(flattrs->pdata[0]));
    g_assert_cmpstr(flattr_user_get_username(flattr_flattr_get_owner(flattrs->pdata[0])), ==, "ann");
    g_assert_cmpint(flattr_flattr_get_created_at(flattrs->pdata[0]), ==, 1316697578);

    g_autoptr(FlattrReply) other =
        answer("[{\"type\":\"subscription\",\"active\":1,\"created_at\":1316697578,\"started_at\":\"1316697579\","
               "\"thing\":" THING "},{\"type\":\"subscription\",\"active\":false}]");
    g_autoptr(GPtrArray) subscriptions = flattr_reply_read_subscriptions(other, NULL);
    g_assert_cmpuint(subscriptions->len, ==, 2);
    assert_thing(flattr_subscription_get_thing(subscriptions->pdata[0]));
    g_assert_true(flattr_subscription_get_active(subscriptions->pdata[0]));
    g_assert_cmpint(flattr_subscription_get_created_at(subscriptions->pdata[0]), ==, 1316697578);
    g_assert_cmpint(flattr_subscription_get_started_at(subscriptions->pdata[0]), ==, 1316697579);
    g_assert_false(flattr_subscription_get_active(subscriptions->pdata[1]));
    g_assert_null(flattr_subscription_get_thing(subscriptions->pdata[1]));
}

static void
activities_and_choices_are_read(void)
{
    g_autoptr(FlattrReply) reply = answer(
        "{\"items\":[{\"published\":\"2012-01-04T10:20:30+01:00\",\"title\":\"ann flattred \\\"An episode\\\"\","
        "\"actor\":{\"displayName\":\"ann\",\"url\":\"https:\\/\\/flattr.com\\/profile\\/ann\",\"objectType\":"
        "\"person\"},\"verb\":\"like\",\"object\":{\"displayName\":\"An episode\",\"url\":\"https:\\/\\/flattr.com"
        "\\/thing\\/1\",\"objectType\":\"bookmark\"},\"id\":\"tag:flattr.com,2012-01-04:ann\\/flattr\\/1\"}]}");
    g_autoptr(GPtrArray) activities = flattr_reply_read_activities(reply, NULL);
    const FlattrActivity *activity = activities->pdata[0];
    g_assert_cmpstr(flattr_activity_get_published(activity), ==, "2012-01-04T10:20:30+01:00");
    g_assert_cmpstr(flattr_activity_get_title(activity), ==, "ann flattred \"An episode\"");
    g_assert_cmpstr(flattr_activity_get_verb(activity), ==, "like");
    g_assert_cmpstr(flattr_activity_get_actor_name(activity), ==, "ann");
    g_assert_cmpstr(flattr_activity_get_object_name(activity), ==, "An episode");
    g_assert_cmpstr(flattr_activity_get_object_url(activity), ==, "https://flattr.com/thing/1");
    g_assert_cmpstr(flattr_activity_get_actor_url(activity), ==, "https://flattr.com/profile/ann");
    g_assert_cmpstr(flattr_activity_get_id(activity), ==, "tag:flattr.com,2012-01-04:ann/flattr/1");

    g_autoptr(FlattrReply) other =
        answer("[{\"id\":\"en_GB\",\"text\":\"English\"},{\"id\":\"audio\",\"name\":\"Audio\"}]");
    g_autoptr(GPtrArray) choices = flattr_reply_read_choices(other, NULL);
    g_assert_cmpstr(flattr_choice_get_id(choices->pdata[0]), ==, "en_GB");
    g_assert_cmpstr(flattr_choice_get_text(choices->pdata[0]), ==, "English");
    g_assert_cmpstr(flattr_choice_get_text(choices->pdata[1]), ==, "Audio");
}

static void
what_became_of_a_thing_is_read(void)
{
    g_autoptr(FlattrReply) created = answer("{\"id\":431547,\"link\":\"https:\\/\\/api.flattr.com\\/rest\\/v2\\/things"
                                            "\\/431547\",\"message\":\"ok\",\"description\":\"Thing was created "
                                            "successfully\"}");
    g_autoptr(FlattrReply) found = answer("{\"message\":\"found\",\"location\":\"https:\\/\\/api.flattr.com\\/rest"
                                          "\\/v2\\/things\\/450287\"}");
    g_autoptr(FlattrReply) paused = answer("{\"message\":\"paused\",\"description\":\"Subscription is paused\"}");
    g_autoptr(FlattrReply) hello = answer("{\"message\":\"hello_world\",\"description\":\"Welcome\"}");
    g_autoptr(FlattrReply) token = answer("{\"access_token\":\"dlXR\",\"token_type\":\"bearer\"}");
    g_autofree char *read_token = flattr_reply_read_token(token, NULL);
    gboolean active = TRUE;

    g_assert_cmpint(flattr_reply_read_created(created, NULL), ==, 431547);
    g_assert_cmpint(flattr_reply_read_lookup(found, NULL), ==, 450287);
    g_assert_true(flattr_reply_read_toggled(paused, &active, NULL));
    g_assert_false(active);
    g_assert_cmpstr(read_token, ==, "dlXR");
    g_assert_true(flattr_reply_read_hello(hello, NULL));
    g_assert_false(flattr_reply_read_hello(paused, NULL));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/documented/things are read alone, in lists and from searches",
                    things_are_read_alone_in_lists_and_from_searches);
    g_test_add_func("/documented/a user is read", a_user_is_read);
    g_test_add_func("/documented/flattrs and subscriptions are read", flattrs_and_subscriptions_are_read);
    g_test_add_func("/documented/activities and choices are read", activities_and_choices_are_read);
    g_test_add_func("/documented/what became of a thing is read", what_became_of_a_thing_is_read);
    return g_test_run();
}
