/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libflattr with a server: every resource, against flattr-sandbox. */
#include "flattr/flattr.h"

#include <curl/curl.h>
#include <gio/gio.h>
#include <jansson.h>
#include <string.h>

/* A sandbox of its own for each test, and a session with the token of its user "demo". */
typedef struct {
    GSubprocess *process;
    json_t *ready;
    FlattrSession *session;
} Scene;

static const char *
get_ready(const Scene *scene, const char *name)
{
    return json_string_value(json_object_get(scene->ready, name));
}

static void
set_up(Scene *scene, gconstpointer data)
{
    const char *program = g_getenv("FLATTR_SANDBOX");
    g_autoptr(GError) error = NULL;

    (void)data;
    scene->process = g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error,
                                      program ? program : "./flattr-sandbox", "--listen", "127.0.0.1:0", NULL);
    g_assert_no_error(error);
    g_autoptr(GDataInputStream) lines = g_data_input_stream_new(g_subprocess_get_stdout_pipe(scene->process));
    g_autofree char *line = g_data_input_stream_read_line(lines, NULL, NULL, &error);
    g_assert_no_error(error);
    scene->ready = json_loads(line, 0, NULL);
    scene->session = flattr_session_new(get_ready(scene, "api"), "test/1", &error);
    g_assert_no_error(error);
    flattr_session_set_token(scene->session, get_ready(scene, "access_token"));
}

static void
tear_down(Scene *scene, gconstpointer data)
{
    (void)data;
    flattr_session_free(scene->session);
    json_decref(scene->ready);
    g_subprocess_send_signal(scene->process, 15);
    g_assert_true(g_subprocess_wait_check(scene->process, NULL, NULL));
    g_object_unref(scene->process);
}

static FlattrReply *
ask(const Scene *scene, FlattrRequest *request)
{
    g_autoptr(GError) error = NULL;
    FlattrReply *reply = flattr_session_send_take(scene->session, request, &error);

    g_assert_no_error(error);
    return reply;
}

/* Registers a thing of "demo". Returns its id. */
static gint64
create(const Scene *scene, const char *url, const char *title)
{
    const FlattrThingFields fields = {.url = url, .title = title, .tags = "a,b", .category = "audio"};
    g_autoptr(FlattrReply) reply = ask(scene, flattr_request_new_thing_create(&fields));
    g_autoptr(GError) error = NULL;
    gint64 id = flattr_reply_read_created(reply, &error);

    g_assert_no_error(error);
    return id;
}

static void
assert_done(const Scene *scene, FlattrRequest *request)
{
    g_autoptr(FlattrReply) reply = ask(scene, request);
    g_autoptr(GError) error = NULL;

    flattr_reply_check(reply, &error);
    g_assert_no_error(error);
}

static void
assert_refused(const Scene *scene, FlattrRequest *request, FlattrError code)
{
    g_autoptr(FlattrReply) reply = ask(scene, request);
    g_autoptr(GError) error = NULL;

    g_assert_false(flattr_reply_check(reply, &error));
    g_assert_error(error, FLATTR_ERROR, (int)code);
}

/* Makes another user's thing by flattring it. */
static gint64
flattr_another(const Scene *scene, const char *page)
{
    g_autofree char *url = g_strconcat("https://flattr.com/submit/auto?user_id=alice&url=", page, NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(FlattrThing) thing = flattr_session_flattr_url(scene->session, url, &error);

    g_assert_no_error(error);
    return flattr_thing_get_id(thing);
}

static void
the_endpoint_says_that_it_is_the_api(Scene *scene, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    (void)data;
    flattr_session_set_token(scene->session, NULL);
    g_autoptr(FlattrReply) reply = ask(scene, flattr_request_new_hello());
    g_assert_true(flattr_reply_read_hello(reply, &error));
    g_assert_no_error(error);
}

static void
a_thing_is_created_changed_read_and_deleted(Scene *scene, gconstpointer data)
{
    gint64 id = create(scene, "http://e.org/", "The first title");
    const FlattrThingFields change = {.title = "Another title", .language = "de_DE", .hide = TRUE};
    g_autoptr(GError) error = NULL;

    (void)data;
    assert_done(scene, flattr_request_new_thing_update(id, &change));
    g_autoptr(FlattrReply) reply = ask(scene, flattr_request_new_things(&id, 1));
    g_autoptr(GPtrArray) things = flattr_reply_read_things(reply, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(things->len, ==, 1);
    const FlattrThing *thing = g_ptr_array_index(things, 0);
    g_assert_cmpstr(flattr_thing_get_title(thing), ==, "Another title");
    g_assert_cmpstr(flattr_thing_get_category(thing), ==, "audio");
    g_assert_cmpstr(flattr_thing_get_language(thing), ==, "de_DE");
    g_assert_cmpstr(flattr_thing_get_owner(thing), ==, "demo");
    g_assert_cmpstr(flattr_thing_get_tags(thing)[1], ==, "b");
    g_assert_null(flattr_thing_get_tags(thing)[2]);
    g_assert_true(flattr_thing_get_hidden(thing));
    g_assert_false(flattr_thing_get_subscribed(thing));
    g_assert_cmpint(flattr_thing_get_created_at(thing), >, 0);
    assert_done(scene, flattr_request_new_thing_delete(id));
    assert_refused(scene, flattr_request_new_thing_delete(id), FLATTR_ERROR_NOT_FOUND);
}

static void
what_the_server_refuses_is_an_error_by_its_code(Scene *scene, gconstpointer data)
{
    const FlattrThingFields nothing = {.title = "No address"};
    gint64 theirs = flattr_another(scene, "http://e.org/1");
    gint64 own = create(scene, "http://e.org/2", "A title");
    const gint64 unknown[] = {own, 99};

    (void)data;
    assert_refused(scene, flattr_request_new_thing_create(&nothing), FLATTR_ERROR_VALIDATION);
    assert_refused(scene, flattr_request_new_thing_update(theirs, &nothing), FLATTR_ERROR_FORBIDDEN);
    assert_refused(scene, flattr_request_new_thing_delete(theirs), FLATTR_ERROR_FORBIDDEN);
    assert_refused(scene, flattr_request_new_things(unknown, 2), FLATTR_ERROR_NOT_FOUND);
    assert_refused(scene, flattr_request_new_flattr_thing(theirs), FLATTR_ERROR_FLATTR_ONCE);
    assert_refused(scene, flattr_request_new_flattr_thing(own), FLATTR_ERROR_FLATTR_OWNER);
    assert_refused(scene, flattr_request_new_subscription_create(own), FLATTR_ERROR_THING_OWNER);
    assert_refused(scene, flattr_request_new_user_named("no body"), FLATTR_ERROR_NOT_FOUND);
    assert_refused(scene, flattr_request_new_user_things(NULL, 0, 1), FLATTR_ERROR_INVALID_PARAMETERS);
    assert_refused(scene, flattr_request_new_verify("alice", "nonsense"), FLATTR_ERROR_VALIDATION);
    flattr_session_set_token(scene->session, NULL);
    assert_refused(scene, flattr_request_new_subscriptions(), FLATTR_ERROR_UNAUTHORIZED);
}

static void
an_iterator_goes_through_all_pages(Scene *scene, gconstpointer data)
{
    const FlattrSearch search = {.query = "thing", .tags = "a & b", .sort = "relevance"};
    const FlattrThing *thing;
    g_autoptr(GError) error = NULL;
    guint own = 0, found = 0;

    (void)data;
    for (int i = 0; i < 230; i++) {
        g_autofree char *url = g_strdup_printf("http://e.org/%d", i);
        create(scene, url, "A thing");
    }
    g_autoptr(FlattrIterator) things = flattr_session_iterate_things(scene->session, NULL);
    for (gint64 last = G_MAXINT64; (thing = flattr_iterator_next_thing(things, &error)); own++) {
        g_assert_cmpint(flattr_thing_get_id(thing), <, last);
        last = flattr_thing_get_id(thing);
    }
    g_assert_no_error(error);
    g_assert_cmpuint(own, ==, 230);
    g_assert_null(flattr_iterator_next_thing(things, &error));
    g_autoptr(FlattrIterator) results = flattr_session_iterate_search(scene->session, &search);
    while (flattr_iterator_next_thing(results, &error))
        found++;
    g_assert_no_error(error);
    g_assert_cmpuint(found, ==, 230);
}

static void
an_iterator_tells_of_errors(Scene *scene, gconstpointer data)
{
    g_autoptr(FlattrIterator) things = flattr_session_iterate_things(scene->session, "nobody");
    g_autoptr(GError) error = NULL;

    (void)data;
    g_assert_null(flattr_iterator_next_thing(things, &error));
    g_assert_error(error, FLATTR_ERROR, FLATTR_ERROR_NOT_FOUND);
}

static void
flattrs_are_listed_by_user_and_by_thing(Scene *scene, gconstpointer data)
{
    gint64 id = flattr_another(scene, "http://e.org/1");
    g_autoptr(GError) error = NULL;
    FlattrIterator *iterators[] = {
        flattr_session_iterate_flattrs(scene->session, NULL),
        flattr_session_iterate_flattrs(scene->session, "demo"),
        flattr_session_iterate_flattrs_of_thing(scene->session, id),
    };

    (void)data;
    for (gsize i = 0; i < G_N_ELEMENTS(iterators); i++) {
        const FlattrFlattr *flattr = flattr_iterator_next_flattr(iterators[i], &error);
        g_assert_no_error(error);
        g_assert_cmpstr(flattr_flattr_get_owner(flattr), ==, "demo");
        g_assert_cmpint(flattr_thing_get_id(flattr_flattr_get_thing(flattr)), ==, id);
        g_assert_null(flattr_iterator_next_flattr(iterators[i], &error));
        g_assert_no_error(error);
        flattr_iterator_free(iterators[i]);
    }
}

static void
objects_come_in_full_when_asked_for(Scene *scene, gconstpointer data)
{
    gint64 id = create(scene, "http://e.org/", "The first title");
    FlattrRequest *request = flattr_request_new_things(&id, 1);
    g_autoptr(GError) error = NULL;

    (void)data;
    flattr_request_set_full(request);
    g_autoptr(FlattrReply) reply = ask(scene, request);
    g_autoptr(GPtrArray) things = flattr_reply_read_things(reply, &error);
    g_assert_no_error(error);
    g_autofree char *thing = flattr_thing_dup_json(g_ptr_array_index(things, 0));
    g_assert_nonnull(strstr(thing, "\"country\""));

    g_autoptr(FlattrIterator) listed = flattr_session_iterate_things(scene->session, "demo");
    flattr_iterator_set_full(listed);
    const FlattrThing *first = flattr_iterator_next_thing(listed, &error);
    g_assert_no_error(error);
    g_autofree char *same = flattr_thing_dup_json(first);
    g_assert_cmpstr(same, ==, thing);
}

static void
a_subscription_is_made_paused_started_and_ended(Scene *scene, gconstpointer data)
{
    gint64 id = flattr_another(scene, "http://e.org/1");
    g_autoptr(GError) error = NULL;

    (void)data;
    assert_done(scene, flattr_request_new_subscription_create(id));
    assert_refused(scene, flattr_request_new_subscription_create(id), FLATTR_ERROR_SUBSCRIBED);
    for (gboolean expected = FALSE; expected <= TRUE; expected++) {
        gboolean active = !expected;
        g_autoptr(FlattrReply) reply = ask(scene, flattr_request_new_subscription_toggle(id));
        g_assert_true(flattr_reply_read_toggled(reply, &active, &error));
        g_assert_cmpint(active, ==, expected);
    }
    g_autoptr(FlattrReply) reply = ask(scene, flattr_request_new_subscriptions());
    g_autoptr(GPtrArray) subscriptions = flattr_reply_read_subscriptions(reply, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(subscriptions->len, ==, 1);
    const FlattrSubscription *subscription = g_ptr_array_index(subscriptions, 0);
    g_assert_true(flattr_subscription_get_active(subscription));
    g_assert_cmpint(flattr_subscription_get_started_at(subscription), >=,
                    flattr_subscription_get_created_at(subscription));
    g_assert_cmpint(flattr_thing_get_id(flattr_subscription_get_thing(subscription)), ==, id);
    assert_done(scene, flattr_request_new_subscription_delete(id));
    assert_refused(scene, flattr_request_new_subscription_delete(id), FLATTR_ERROR_NOT_FOUND);
}

static void
activities_are_read(Scene *scene, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    (void)data;
    flattr_another(scene, "http://e.org/1");
    FlattrRequest *requests[] = {flattr_request_new_activities(NULL, FALSE),
                                 flattr_request_new_activities("alice", TRUE)};
    for (gsize i = 0; i < G_N_ELEMENTS(requests); i++) {
        g_autoptr(FlattrReply) reply = ask(scene, requests[i]);
        g_autoptr(GPtrArray) activities = flattr_reply_read_activities(reply, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(activities->len, ==, 1);
        const FlattrActivity *activity = g_ptr_array_index(activities, 0);
        g_assert_cmpstr(flattr_activity_get_actor(activity), ==, "demo");
        g_assert_cmpstr(flattr_activity_get_verb(activity), ==, "like");
        g_assert_cmpstr(flattr_activity_get_object(activity), ==, "http://e.org/1");
        g_assert_cmpstr(flattr_activity_get_object_url(activity), ==, "https://flattr.com/thing/1");
        g_assert_cmpstr(flattr_activity_get_title(activity), ==, "demo flattred \"http://e.org/1\"");
        g_assert_nonnull(flattr_activity_get_published(activity));
    }
}

static void
categories_and_languages_are_read(Scene *scene, gconstpointer data)
{
    FlattrRequest *requests[] = {flattr_request_new_categories(), flattr_request_new_languages()};
    static const char *const firsts[] = {"text", "en_GB"};
    g_autoptr(GError) error = NULL;

    (void)data;
    for (gsize i = 0; i < G_N_ELEMENTS(requests); i++) {
        g_autoptr(FlattrReply) reply = ask(scene, requests[i]);
        g_autoptr(GPtrArray) choices = flattr_reply_read_choices(reply, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(flattr_choice_get_id(g_ptr_array_index(choices, 0)), ==, firsts[i]);
        g_assert_nonnull(flattr_choice_get_text(g_ptr_array_index(choices, 0)));
    }
}

static void
an_identity_is_verified(Scene *scene, gconstpointer data)
{
    (void)data;
    flattr_another(scene, "http://e.org/1");
    assert_done(scene, flattr_request_new_verify("alice", "partner:site:1"));
    assert_done(scene, flattr_request_new_verify(NULL, "partner:site:2"));
    assert_refused(scene, flattr_request_new_verify(NULL, "partner:site:1"), FLATTR_ERROR_VALIDATION);
}

static void
a_code_that_is_none_gives_no_token(Scene *scene, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(FlattrSession) session = flattr_session_new(get_ready(scene, "token_endpoint"), "test/1", &error);
    g_autoptr(FlattrReply) reply =
        flattr_session_send_take(session,
                                 flattr_request_new_token(get_ready(scene, "client_id"),
                                                          get_ready(scene, "client_secret"), "wrong", "http://e.org/"),
                                 &error);

    (void)data;
    g_assert_no_error(error);
    /* Not invalid_client: so the client was recognised. */
    g_assert_cmpstr(flattr_reply_get_error_code(reply), ==, "invalid_grant");
    g_assert_null(flattr_reply_read_token(reply, &error));
    g_assert_nonnull(error);
}

/* Answers the page that asks for consent, as its form does. Returns (transfer full) the address that it leads to. */
static char *
consent(const Scene *scene, const char *redirect_uri, const char *state)
{
    g_autofree char *escaped = g_uri_escape_string(redirect_uri, NULL, FALSE);
    g_autofree char *form = g_strdup_printf("response_type=code&decision=allow&scope=flattr&client_id=%s&state=%s&"
                                            "redirect_uri=%s",
                                            get_ready(scene, "client_id"), state, escaped);
    CURL *handle = curl_easy_init();
    char *address = NULL;

    curl_easy_setopt(handle, CURLOPT_URL, get_ready(scene, "authorize"));
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, form);
    g_assert_cmpint(curl_easy_perform(handle), ==, CURLE_OK);
    g_assert_cmpint(curl_easy_getinfo(handle, CURLINFO_REDIRECT_URL, &address), ==, CURLE_OK);
    char *copy = g_strdup(address);
    curl_easy_cleanup(handle);
    return copy;
}

static void
a_login_ends_with_a_token_that_serves(Scene *scene, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *led_to = consent(scene, "http://127.0.0.1:1/back?x=1", "s3cret");
    g_autofree char *code = flattr_oauth_dup_code(led_to, "s3cret", &error);
    g_autoptr(FlattrSession) session = flattr_session_new(get_ready(scene, "token_endpoint"), "test/1", &error);

    (void)data;
    g_assert_no_error(error);
    g_autoptr(FlattrReply) reply = flattr_session_send_take(
        session,
        flattr_request_new_token(get_ready(scene, "client_id"), get_ready(scene, "client_secret"), code,
                                 "http://127.0.0.1:1/back?x=1"),
        &error);
    g_assert_no_error(error);
    g_autofree char *token = flattr_reply_read_token(reply, &error);
    g_assert_no_error(error);
    flattr_session_set_token(scene->session, token);
    g_autoptr(FlattrUser) user = flattr_session_get_user(scene->session, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(flattr_user_get_username(user), ==, "demo");
    /* The scope asked for was "flattr" alone. */
    g_assert_null(flattr_user_get_email(user));
}

#define ADD(name, function) g_test_add("/flattr-sandbox/" name, Scene, NULL, set_up, function, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("the endpoint says that it is the API", the_endpoint_says_that_it_is_the_api);
    ADD("a thing is created, changed, read and deleted", a_thing_is_created_changed_read_and_deleted);
    ADD("what the server refuses is an error by its code", what_the_server_refuses_is_an_error_by_its_code);
    ADD("an iterator goes through all pages", an_iterator_goes_through_all_pages);
    ADD("an iterator tells of errors", an_iterator_tells_of_errors);
    ADD("flattrs are listed by user and by thing", flattrs_are_listed_by_user_and_by_thing);
    ADD("objects come in full when asked for", objects_come_in_full_when_asked_for);
    ADD("a subscription is made, paused, started and ended", a_subscription_is_made_paused_started_and_ended);
    ADD("activities are read", activities_are_read);
    ADD("categories and languages are read", categories_and_languages_are_read);
    ADD("an identity is verified", an_identity_is_verified);
    ADD("a code that is none gives no token", a_code_that_is_none_gives_no_token);
    ADD("a login ends with a token that serves", a_login_ends_with_a_token_that_serves);
    return g_test_run();
}
