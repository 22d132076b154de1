/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libflattr with a server that says no: every call and every error that the API documents for it, by flattr-sandbox. */
#include "flattr_calls.h"
#include "flattr_codes.h"

static void
set_up(Scene *scene, gconstpointer data)
{
    scene_set_up(scene, data);
    scene_order(scene, "PUT", "thing", "{\"url\":\"http://e.org/1\",\"user\":\"alice\"}");
    g_assert_cmpint(scene_create(scene, "http://e.org/2", "An own thing"), ==, OWN);
    scene_order(scene, "PUT", "thing", "{\"url\":\"http://e.org/3\",\"user\":\"alice\"}");
}

/* Makes a call. @expected: -1 when it must succeed */
static void
assert_call(const Scene *scene, const char *name, FlattrRequest *request, Read read, int expected)
{
    g_autoptr(FlattrReply) reply = scene_ask(scene, request);
    g_autoptr(GError) error = NULL;
    gboolean done = read(reply, &error);

    g_test_message("%s: %s", name, error ? error->message : "done");
    if (expected < 0)
        g_assert_no_error(error);
    else
        g_assert_error(error, FLATTR_ERROR, expected);
    g_assert_true(done == (expected < 0));
}

/* As "demo" or another one, with a new token. @scopes: separated by spaces */
static void
log_in(const Scene *scene, const char *user, const char *scopes)
{
    g_autofree char *order = g_strdup_printf("{\"user\":\"%s\",\"means\":100,\"scopes\":\"%s\"}", user, scopes);
    json_t *answer = scene_control(scene, "PUT", "user", order);

    g_assert_true(
        flattr_session_set_token(scene->session, json_string_value(json_object_get(answer, "access_token")), NULL));
    json_decref(answer);
}

static void
every_call_succeeds_when_nothing_is_in_its_way(Scene *scene, gconstpointer data)
{
    (void)data;
    for (gsize i = 0; i < G_N_ELEMENTS(calls); i++)
        assert_call(scene, calls[i].name, calls[i].make(), calls[i].read, -1);
}

static void
an_unknown_token_is_refused_by_every_call(Scene *scene, gconstpointer data)
{
    (void)data;
    g_assert_true(flattr_session_set_token(scene->session, "wrong", NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(calls); i++)
        assert_call(scene, calls[i].name, calls[i].make(), calls[i].read, FLATTR_ERROR_UNAUTHORIZED);
}

static void
without_a_token_only_what_is_public_is_answered(Scene *scene, gconstpointer data)
{
    (void)data;
    g_assert_true(flattr_session_set_token(scene->session, NULL, NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(calls); i++)
        assert_call(scene, calls[i].name, calls[i].make(), calls[i].read,
                    calls[i].needs >= NEEDS_TOKEN ? (int)FLATTR_ERROR_UNAUTHORIZED : -1);
}

static void
a_token_without_scopes_is_refused_where_one_is_needed(Scene *scene, gconstpointer data)
{
    (void)data;
    log_in(scene, "demo", "email extendedread");
    for (gsize i = 0; i < G_N_ELEMENTS(calls); i++) {
        /* Deleting a thing is documented with one refusal for whatever forbids it. */
        int refusal = calls[i].make == make_delete ? FLATTR_ERROR_FORBIDDEN : FLATTR_ERROR_INSUFFICIENT_SCOPE;
        assert_call(scene, calls[i].name, calls[i].make(), calls[i].read, calls[i].needs >= NEEDS_SCOPE ? refusal : -1);
    }
}

static void
beyond_the_rate_limit_every_call_is_refused_but_the_one_that_tells_it(Scene *scene, gconstpointer data)
{
    (void)data;
    scene_order(scene, "PUT", "rate-limit", "{\"limit\":0,\"window\":3600}");
    for (gsize i = 0; i < G_N_ELEMENTS(calls); i++)
        assert_call(scene, calls[i].name, calls[i].make(), calls[i].read,
                    calls[i].make == make_rate_limit ? -1 : (int)FLATTR_ERROR_RATE_LIMIT_EXCEEDED);

    g_autoptr(FlattrReply) reply = scene_ask(scene, flattr_request_new_user(NULL));
    FlattrRateLimit limit;
    g_assert_true(flattr_reply_get_rate_limit(reply, &limit));
    g_assert_cmpint(limit.limit, ==, 0);
    g_assert_cmpint(limit.remaining, ==, 0);
    g_assert_cmpint(limit.reset, >, g_get_real_time() / G_USEC_PER_SEC);
}

/* What the sandbox's rules refuse no such request for is ordered of it. */
static void
every_documented_code_is_the_error_of_its_name_in_every_call(Scene *scene, gconstpointer data)
{
    (void)data;
    for (gsize i = 0; i < G_N_ELEMENTS(documented_codes); i++) {
        g_autofree char *order = g_strdup_printf(
            "{\"path\":\"*\",\"kind\":\"status\",\"status\":%d,\"error\":\"%s\",\"times\":%" G_GSIZE_FORMAT "}",
            documented_codes[i].status, documented_codes[i].code, G_N_ELEMENTS(calls));
        scene_order(scene, "POST", "faults", order);
        for (gsize call = 0; call < G_N_ELEMENTS(calls); call++)
            assert_call(scene, calls[call].name, calls[call].make(), calls[call].read, (int)documented_codes[i].error);
    }
}

MAKE(flattr_once_url, flattr_request_new_flattr_url(AUTO_SUBMIT("alice", "1")))
MAKE(flattr_own_url, flattr_request_new_flattr_url(AUTO_SUBMIT("demo", "2")))
MAKE(flattr_unknown_url, flattr_request_new_flattr_url("http://e.org/unknown"))
MAKE(flattr_no_url, flattr_request_new_flattr_url("no address"))
MAKE(flattr_mismatch, flattr_request_new_flattr_url(AUTO_SUBMIT("bob", "1")))
MAKE(flattr_once, flattr_request_new_flattr_thing(THEIRS))
MAKE(flattr_own, flattr_request_new_flattr_thing(OWN))
MAKE(flattr_unknown, flattr_request_new_flattr_thing(NOTHING))
MAKE(lookup_unknown, flattr_request_new_lookup("http://e.org/unknown"))
MAKE(lookup_mismatch, flattr_request_new_lookup(AUTO_SUBMIT("bob", "1")))
MAKE(lookup_no_url, flattr_request_new_lookup("no address"))
MAKE(nobody, flattr_request_new_user("no body"))
MAKE(user_as_stream, flattr_request_new_user("alice.as"))
MAKE(nobodys_things, flattr_request_new_things_of_user("nobody", 30, 1))
MAKE(no_things, flattr_request_new_things_of_user(NULL, 0, 1))
MAKE(unknown_things, flattr_request_new_things(unknown, 2))
MAKE(unknown_sort, flattr_request_new_search(&bad_search, 30, 1))
MAKE(no_flattrs, flattr_request_new_flattrs_of_user(NULL, 0, 1))
MAKE(nobodys_flattrs, flattr_request_new_flattrs_of_user("nobody", 30, 1))
MAKE(nothings_flattrs, flattr_request_new_flattrs_of_thing(NOTHING, 30, 1))
MAKE(nobodys_activities, flattr_request_new_activities("nobody", FALSE))
MAKE(subscribe_own, flattr_request_new_subscription_create(OWN))
MAKE(subscribe_again, flattr_request_new_subscription_create(THEIRS))
MAKE(subscribe_unknown, flattr_request_new_subscription_create(NOTHING))
MAKE(toggle_unknown, flattr_request_new_subscription_toggle(NOTHING))
MAKE(unsubscribe_unknown, flattr_request_new_subscription_delete(NOTHING))
static const FlattrThingFields nowhere = {.url = "no address", .title = "A new thing"};
MAKE(create_nowhere, flattr_request_new_thing_create(&nowhere))
MAKE(update_badly, flattr_request_new_thing_update(OWN, &bad_change))
MAKE(update_theirs, flattr_request_new_thing_update(THEIRS, &change))
MAKE(update_unknown, flattr_request_new_thing_update(NOTHING, &change))
MAKE(delete_theirs, flattr_request_new_thing_delete(THEIRS))
MAKE(delete_unknown, flattr_request_new_thing_delete(NOTHING))
MAKE(verify_nonsense, flattr_request_new_verify(NULL, "nonsense"))
MAKE(verify_nobody, flattr_request_new_verify("nobody", "partner:site:1"))

static void
the_servers_rules_are_errors_by_their_codes(Scene *scene, gconstpointer data)
{
    static const struct {
        Make make;
        Read read;
        FlattrError error;
    } refusals[] = {
        {make_flattr_once_url, read_flattr, FLATTR_ERROR_FLATTR_ONCE},
        {make_flattr_own_url, read_flattr, FLATTR_ERROR_FLATTR_OWNER},
        {make_flattr_url, read_flattr, FLATTR_ERROR_NO_MEANS},
        {make_flattr_unknown_url, read_flattr, FLATTR_ERROR_NOT_FOUND},
        {make_flattr_no_url, read_flattr, FLATTR_ERROR_INVALID_PARAMETERS},
        {make_flattr_mismatch, read_flattr, FLATTR_ERROR_VALIDATION},
        {make_flattr_once, read_flattr, FLATTR_ERROR_FLATTR_ONCE},
        {make_flattr_own, read_flattr, FLATTR_ERROR_FLATTR_OWNER},
        {make_flattr_thing, read_flattr, FLATTR_ERROR_NO_MEANS},
        {make_flattr_unknown, read_flattr, FLATTR_ERROR_NOT_FOUND},
        {make_lookup_unknown, read_lookup, FLATTR_ERROR_NOT_FOUND},
        {make_lookup_mismatch, read_lookup, FLATTR_ERROR_VALIDATION},
        {make_lookup_no_url, read_lookup, FLATTR_ERROR_INVALID_PARAMETERS},
        {make_nobody, read_user, FLATTR_ERROR_NOT_FOUND},
        {make_user_as_stream, read_user, FLATTR_ERROR_NOT_ACCEPTABLE},
        {make_nobodys_things, read_things, FLATTR_ERROR_NOT_FOUND},
        {make_no_things, read_things, FLATTR_ERROR_INVALID_PARAMETERS},
        {make_unknown_things, read_things, FLATTR_ERROR_NOT_FOUND},
        {make_unknown_sort, read_things, FLATTR_ERROR_INVALID_PARAMETERS},
        {make_no_flattrs, read_flattrs, FLATTR_ERROR_INVALID_PARAMETERS},
        {make_nobodys_flattrs, read_flattrs, FLATTR_ERROR_NOT_FOUND},
        {make_nothings_flattrs, read_flattrs, FLATTR_ERROR_NOT_FOUND},
        {make_nobodys_activities, read_activities, FLATTR_ERROR_NOT_FOUND},
        {make_subscribe_own, flattr_reply_check, FLATTR_ERROR_THING_OWNER},
        {make_subscribe_again, flattr_reply_check, FLATTR_ERROR_SUBSCRIBED},
        {make_subscribe_unknown, flattr_reply_check, FLATTR_ERROR_NOT_FOUND},
        {make_toggle_unknown, read_toggled, FLATTR_ERROR_NOT_FOUND},
        {make_unsubscribe_unknown, flattr_reply_check, FLATTR_ERROR_NOT_FOUND},
        {make_create_nowhere, read_created, FLATTR_ERROR_VALIDATION},
        {make_update_badly, flattr_reply_check, FLATTR_ERROR_VALIDATION},
        {make_update_theirs, flattr_reply_check, FLATTR_ERROR_FORBIDDEN},
        {make_update_unknown, flattr_reply_check, FLATTR_ERROR_NOT_FOUND},
        {make_delete_theirs, flattr_reply_check, FLATTR_ERROR_FORBIDDEN},
        {make_delete_unknown, flattr_reply_check, FLATTR_ERROR_NOT_FOUND},
        {make_verify_nonsense, flattr_reply_check, FLATTR_ERROR_UNAUTHORIZED},
        {make_verify_nobody, flattr_reply_check, FLATTR_ERROR_NOT_FOUND},
    };

    (void)data;
    scene_assert_done(scene, flattr_request_new_flattr_thing(THEIRS));
    scene_assert_done(scene, flattr_request_new_subscription_create(THEIRS));
    scene_order(scene, "PUT", "means", "{\"means\":0}");
    for (gsize i = 0; i < G_N_ELEMENTS(refusals); i++) {
        g_autofree char *name = g_strdup_printf("row %" G_GSIZE_FORMAT, i);
        assert_call(scene, name, refusals[i].make(), refusals[i].read, (int)refusals[i].error);
    }
}

static void
a_request_that_is_too_long_is_an_invalid_one(Scene *scene, gconstpointer data)
{
    g_autofree char *padding = g_strnfill(70000, 'x');
    g_autofree char *url = g_strconcat("http://e.org/", padding, NULL);

    (void)data;
    assert_call(scene, "POST /flattr", flattr_request_new_flattr_url(url), read_flattr, FLATTR_ERROR_INVALID_REQUEST);
}

static void
who_is_no_partner_verifies_nobody(Scene *scene, gconstpointer data)
{
    (void)data;
    log_in(scene, "eve", "flattr thing email extendedread");
    assert_call(scene, "verify another", make_verify_named(), flattr_reply_check, FLATTR_ERROR_UNAUTHORIZED);
}

static void
a_session_says_the_same(Scene *scene, gconstpointer data)
{
    FlattrIterator *things[] = {
        flattr_session_iterate_things(scene->session, "nobody"),
        flattr_session_iterate_search(scene->session, &bad_search),
    };
    FlattrIterator *flattrs[] = {
        flattr_session_iterate_flattrs(scene->session, "nobody"),
        flattr_session_iterate_flattrs_of_thing(scene->session, NOTHING),
    };
    static const FlattrError errors[] = {FLATTR_ERROR_NOT_FOUND, FLATTR_ERROR_INVALID_PARAMETERS};
    FlattrRateLimit limit;
    GError *error = NULL;

    (void)data;
    for (gsize i = 0; i < G_N_ELEMENTS(things); i++) {
        g_assert_null(flattr_iterator_next_thing(things[i], &error));
        g_assert_error(error, FLATTR_ERROR, (int)errors[i]);
        g_clear_error(&error);
        g_assert_null(flattr_iterator_next_flattr(flattrs[i], &error));
        g_assert_error(error, FLATTR_ERROR, FLATTR_ERROR_NOT_FOUND);
        g_clear_error(&error);
        flattr_iterator_free(things[i]);
        flattr_iterator_free(flattrs[i]);
    }
    scene_order(scene, "PUT", "means", "{\"means\":0}");
    g_assert_null(flattr_session_flattr_url(scene->session, "http://e.org/3", &error));
    g_assert_error(error, FLATTR_ERROR, FLATTR_ERROR_NO_MEANS);
    g_clear_error(&error);
    g_assert_cmpint(flattr_session_lookup_url(scene->session, "http://e.org/unknown", &error), ==, 0);
    g_assert_error(error, FLATTR_ERROR, FLATTR_ERROR_NOT_FOUND);
    g_clear_error(&error);
    g_assert_true(flattr_session_set_token(scene->session, "wrong", NULL));
    g_assert_null(flattr_session_get_user(scene->session, NULL, &error));
    g_assert_error(error, FLATTR_ERROR, FLATTR_ERROR_UNAUTHORIZED);
    g_clear_error(&error);
    g_assert_false(flattr_session_get_rate_limit(scene->session, &limit, &error));
    g_assert_error(error, FLATTR_ERROR, FLATTR_ERROR_UNAUTHORIZED);
    g_clear_error(&error);
}

#define ADD(name, function) g_test_add("/flattr-sandbox/" name, Scene, NULL, set_up, function, scene_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("every call succeeds when nothing is in its way", every_call_succeeds_when_nothing_is_in_its_way);
    ADD("an unknown token is refused by every call", an_unknown_token_is_refused_by_every_call);
    ADD("without a token only what is public is answered", without_a_token_only_what_is_public_is_answered);
    ADD("a token without scopes is refused where one is needed", a_token_without_scopes_is_refused_where_one_is_needed);
    ADD("beyond the rate limit every call is refused but the one that tells it",
        beyond_the_rate_limit_every_call_is_refused_but_the_one_that_tells_it);
    ADD("every documented code is the error of its name, in every call",
        every_documented_code_is_the_error_of_its_name_in_every_call);
    ADD("the server's rules are errors by their codes", the_servers_rules_are_errors_by_their_codes);
    ADD("a request that is too long is an invalid one", a_request_that_is_too_long_is_an_invalid_one);
    ADD("who is no partner verifies nobody", who_is_no_partner_verifies_nobody);
    ADD("a session says the same", a_session_says_the_same);
    return g_test_run();
}
