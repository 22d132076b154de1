/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All of libflattr's readers, tried on one answer: what they return must agree with the error they set, and every
 * accessor of what they return must give what can be used.
 */
#pragma once

#include "flattr/flattr.h"
#include <string.h>

/** Makes an answer of a head, lines separated by "\n", and a body. Returns: (transfer full). */
static inline FlattrReply *
readers_reply_of(const char *head, const char *body, gsize length)
{
    FlattrReply *reply = flattr_reply_new();
    g_auto(GStrv) lines = g_strsplit(head, "\n", -1);

    for (char **line = lines; *line; line++)
        flattr_reply_add_head_line(reply, *line, strlen(*line));
    g_assert_true(flattr_reply_append_body(reply, body, length));
    return reply;
}

/* Nothing that comes out of a reader is anything else than text. */
static inline void
readers_check_text(const char *text)
{
    g_assert_true(!text || g_utf8_validate(text, -1, NULL));
}

/* Takes the error, which must be there exactly when there is no result. */
static inline void
readers_check_error(gboolean has_result, GError **error)
{
    g_assert_true(has_result == (*error == NULL));
    if (*error) {
        g_assert_true((*error)->domain == FLATTR_ERROR);
        readers_check_text((*error)->message);
    }
    g_clear_error(error);
}

static inline void
readers_check_thing(const FlattrThing *thing)
{
    if (!thing)
        return;
    readers_check_text(flattr_thing_get_url(thing));
    readers_check_text(flattr_thing_get_link(thing));
    readers_check_text(flattr_thing_get_title(thing));
    readers_check_text(flattr_user_get_username(flattr_thing_get_owner(thing)));
    readers_check_text(flattr_thing_get_description(thing));
    readers_check_text(flattr_thing_get_category(thing));
    readers_check_text(flattr_thing_get_language(thing));
    readers_check_text(flattr_thing_get_resource(thing));
    readers_check_text(flattr_thing_get_image(thing));
    for (const char *const *tag = flattr_thing_get_tags(thing); *tag; tag++)
        readers_check_text(*tag);
}

static inline void
readers_check_user(const FlattrUser *user)
{
    if (!user)
        return;
    readers_check_text(flattr_user_get_username(user));
    readers_check_text(flattr_user_get_resource(user));
    readers_check_text(flattr_user_get_link(user));
    readers_check_text(flattr_user_get_firstname(user));
    readers_check_text(flattr_user_get_lastname(user));
    readers_check_text(flattr_user_get_email(user));
    readers_check_text(flattr_user_get_url(user));
    readers_check_text(flattr_user_get_avatar(user));
    readers_check_text(flattr_user_get_about(user));
    readers_check_text(flattr_user_get_city(user));
    readers_check_text(flattr_user_get_country(user));
}

static inline void
readers_check_flattr(const FlattrFlattr *flattr)
{
    readers_check_thing(flattr_flattr_get_thing(flattr));
    readers_check_text(flattr_user_get_username(flattr_flattr_get_owner(flattr)));
}

static inline void
readers_check_subscription(const FlattrSubscription *subscription)
{
    readers_check_thing(flattr_subscription_get_thing(subscription));
}

static inline void
readers_check_activity(const FlattrActivity *activity)
{
    readers_check_text(flattr_activity_get_title(activity));
    readers_check_text(flattr_activity_get_published(activity));
    readers_check_text(flattr_activity_get_verb(activity));
    readers_check_text(flattr_activity_get_actor_name(activity));
    readers_check_text(flattr_activity_get_object_name(activity));
    readers_check_text(flattr_activity_get_object_url(activity));
    readers_check_text(flattr_activity_get_actor_url(activity));
    readers_check_text(flattr_activity_get_id(activity));
}

static inline void
readers_check_choice(const FlattrChoice *choice)
{
    readers_check_text(flattr_choice_get_id(choice));
    readers_check_text(flattr_choice_get_text(choice));
}

static inline void
readers_try_lists(FlattrReply *reply)
{
    static const struct {
        GPtrArray *(*read)(FlattrReply *, GError **);
        void (*check)(gconstpointer);
    } readers[] = {
        {flattr_reply_read_flattrs, (void (*)(gconstpointer))readers_check_flattr},
        {flattr_reply_read_things, (void (*)(gconstpointer))readers_check_thing},
        {flattr_reply_read_subscriptions, (void (*)(gconstpointer))readers_check_subscription},
        {flattr_reply_read_activities, (void (*)(gconstpointer))readers_check_activity},
        {flattr_reply_read_choices, (void (*)(gconstpointer))readers_check_choice},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(readers); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) items = readers[i].read(reply, &error);
        readers_check_error(items != NULL, &error);
        for (guint item = 0; items && item < items->len; item++) {
            g_assert_nonnull(items->pdata[item]);
            readers[i].check(items->pdata[item]);
        }
    }
}

static inline void
readers_try_single(FlattrReply *reply)
{
    g_autoptr(GError) error = NULL;
    FlattrRateLimit limit;
    gboolean active;

    g_autoptr(FlattrThing) thing = flattr_reply_read_flattr(reply, &error);
    readers_check_error(thing != NULL, &error);
    readers_check_thing(thing);
    g_autoptr(FlattrUser) user = flattr_reply_read_user(reply, &error);
    readers_check_error(user != NULL, &error);
    readers_check_user(user);
    readers_check_error(flattr_reply_read_hello(reply, &error), &error);
    readers_check_error(flattr_reply_read_rate_limit(reply, &limit, &error), &error);
    gint64 found = flattr_reply_read_lookup(reply, &error);
    readers_check_error(found > 0, &error);
    gint64 created = flattr_reply_read_created(reply, &error);
    readers_check_error(created > 0, &error);
    readers_check_error(flattr_reply_read_toggled(reply, &active, &error), &error);
    g_autofree char *token = flattr_reply_read_token(reply, &error);
    readers_check_error(token != NULL, &error);
    readers_check_text(token);
}

/** Has every reader read an answer; aborts where one of them does what it must not. */
static inline void
readers_try(const char *head, const char *body, gsize length)
{
    g_autoptr(FlattrReply) reply = readers_reply_of(head, body, length);
    g_autoptr(GError) error = NULL;
    FlattrRateLimit limit;

    readers_check_error(flattr_reply_check(reply, &error), &error);
    readers_check_text(flattr_reply_get_error_code(reply));
    (void)flattr_reply_get_rate_limit(reply, &limit);
    g_assert_cmpint(flattr_reply_get_retry_after(reply, 0), >=, -1);
    if (flattr_reply_is_accepted(reply))
        g_assert_true(flattr_reply_is_json(reply) && flattr_reply_get_status(reply) / 100 == 2);
    readers_try_single(reply);
    readers_try_lists(reply);
}
