/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libflattr with a server: every resource, against flattr-sandbox. */
#include "sandbox_scene.h"

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
    g_assert_true(flattr_session_set_token(scene->session, NULL, NULL));
    g_autoptr(FlattrReply) reply = scene_ask(scene, flattr_request_new_hello());
    g_assert_true(flattr_reply_read_hello(reply, &error));
    g_assert_no_error(error);
}

static void
a_session_flattrs_looks_up_and_knows_who_it_acts_for(Scene *scene, gconstpointer data)
{
    gint64 id = flattr_another(scene, "http://e.org/1");
    g_autoptr(GError) error = NULL;
    FlattrRateLimit limit;

    (void)data;
    flattr_session_set_ca_file(scene->session, "");
    g_assert_cmpint(flattr_session_lookup_url(scene->session, "http://e.org/1", &error), ==, id);
    g_assert_no_error(error);
    g_autoptr(FlattrUser) user = flattr_session_get_user(scene->session, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(flattr_user_get_username(user), ==, "demo");
    g_assert_cmpstr(flattr_user_get_email(user), ==, "demo@example.com");
    g_assert_cmpint(flattr_user_get_registered_at(user), >, 0);
    g_assert_true(flattr_session_get_rate_limit(scene->session, &limit, &error));
    g_assert_no_error(error);
    g_assert_cmpint(limit.current, ==, 3);
    g_assert_cmpint(limit.current + limit.remaining, ==, limit.limit);
}

static void
a_thing_is_created_changed_read_and_deleted(Scene *scene, gconstpointer data)
{
    gint64 id = scene_create(scene, "http://e.org/", "The first title");
    const FlattrThingFields change = {.title = "Another title", .language = "de_DE", .hide = TRUE};
    g_autoptr(GError) error = NULL;

    (void)data;
    scene_assert_done(scene, flattr_request_new_thing_update(id, &change));
    g_autoptr(FlattrReply) reply = scene_ask(scene, flattr_request_new_things(&id, 1));
    g_autoptr(GPtrArray) things = flattr_reply_read_things(reply, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(things->len, ==, 1);
    const FlattrThing *thing = g_ptr_array_index(things, 0);
    g_assert_cmpstr(flattr_thing_get_title(thing), ==, "Another title");
    g_assert_cmpstr(flattr_thing_get_category(thing), ==, "audio");
    g_assert_cmpstr(flattr_thing_get_language(thing), ==, "de_DE");
    g_assert_cmpstr(flattr_user_get_username(flattr_thing_get_owner(thing)), ==, "demo");
    g_assert_cmpstr(flattr_thing_get_tags(thing)[1], ==, "b");
    g_assert_null(flattr_thing_get_tags(thing)[2]);
    g_assert_true(flattr_thing_get_hidden(thing));
    g_assert_false(flattr_thing_get_subscribed(thing));
    g_assert_cmpint(flattr_thing_get_created_at(thing), >, 0);
    g_assert_cmpint(flattr_thing_get_updated_at(thing), >=, flattr_thing_get_created_at(thing));
    g_assert_cmpint(flattr_thing_get_flattrs_user_count(thing), ==, 0);
    g_assert_true(g_str_has_suffix(flattr_thing_get_resource(thing), "/things/1"));
    g_autoptr(FlattrReply) deleted = scene_ask(scene, flattr_request_new_thing_delete(id));
    g_assert_cmpuint(flattr_reply_get_status(deleted), ==, 204);
    g_assert_true(flattr_reply_is_empty(deleted));
    g_assert_false(flattr_reply_is_empty(reply));
    scene_assert_refused(scene, flattr_request_new_thing_delete(id), FLATTR_ERROR_NOT_FOUND);
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
        scene_create(scene, url, "A thing");
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
        g_assert_cmpstr(flattr_user_get_username(flattr_flattr_get_owner(flattr)), ==, "demo");
        g_assert_cmpint(flattr_thing_get_id(flattr_flattr_get_thing(flattr)), ==, id);
        g_assert_null(flattr_iterator_next_flattr(iterators[i], &error));
        g_assert_no_error(error);
        flattr_iterator_free(iterators[i]);
    }
}

static void
objects_come_in_full_when_asked_for(Scene *scene, gconstpointer data)
{
    gint64 id = scene_create(scene, "http://e.org/", "The first title");
    FlattrRequest *request = flattr_request_new_things(&id, 1);
    g_autoptr(GError) error = NULL;

    (void)data;
    flattr_request_set_full(request);
    g_autoptr(FlattrReply) reply = scene_ask(scene, request);
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
    scene_assert_done(scene, flattr_request_new_subscription_create(id));
    scene_assert_refused(scene, flattr_request_new_subscription_create(id), FLATTR_ERROR_SUBSCRIBED);
    for (gboolean expected = FALSE; expected <= TRUE; expected++) {
        gboolean active = !expected;
        g_autoptr(FlattrReply) reply = scene_ask(scene, flattr_request_new_subscription_toggle(id));
        g_assert_true(flattr_reply_read_toggled(reply, &active, &error));
        g_assert_cmpint(active, ==, expected);
    }
    g_autoptr(FlattrReply) reply = scene_ask(scene, flattr_request_new_subscriptions());
    g_autoptr(GPtrArray) subscriptions = flattr_reply_read_subscriptions(reply, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(subscriptions->len, ==, 1);
    const FlattrSubscription *subscription = g_ptr_array_index(subscriptions, 0);
    g_assert_true(flattr_subscription_get_active(subscription));
    g_assert_cmpint(flattr_subscription_get_started_at(subscription), >=,
                    flattr_subscription_get_created_at(subscription));
    g_assert_cmpint(flattr_thing_get_id(flattr_subscription_get_thing(subscription)), ==, id);
    scene_assert_done(scene, flattr_request_new_subscription_delete(id));
    scene_assert_refused(scene, flattr_request_new_subscription_delete(id), FLATTR_ERROR_NOT_FOUND);
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
        g_autoptr(FlattrReply) reply = scene_ask(scene, requests[i]);
        g_autoptr(GPtrArray) activities = flattr_reply_read_activities(reply, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(activities->len, ==, 1);
        const FlattrActivity *activity = g_ptr_array_index(activities, 0);
        g_assert_cmpstr(flattr_activity_get_actor_name(activity), ==, "demo");
        g_assert_cmpstr(flattr_activity_get_verb(activity), ==, "like");
        g_assert_cmpstr(flattr_activity_get_object_name(activity), ==, "http://e.org/1");
        g_assert_cmpstr(flattr_activity_get_object_url(activity), ==, "https://flattr.com/thing/1/http-e-org-1");
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
        g_autoptr(FlattrReply) reply = scene_ask(scene, requests[i]);
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
    scene_assert_done(scene, flattr_request_new_verify("alice", "partner:site:1"));
    scene_assert_done(scene, flattr_request_new_verify(NULL, "partner:site:2"));
    scene_assert_refused(scene, flattr_request_new_verify(NULL, "partner:site:1"), FLATTR_ERROR_UNAUTHORIZED);
}

static void
a_code_that_is_none_gives_no_token(Scene *scene, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(FlattrSession) session = flattr_session_new(scene_get_ready(scene, "token_endpoint"), "test/1", &error);
    g_autoptr(FlattrReply) reply = flattr_session_send_take(
        session,
        flattr_request_new_token(scene_get_ready(scene, "client_id"), scene_get_ready(scene, "client_secret"), "wrong",
                                 "http://e.org/"),
        &error);

    (void)data;
    g_assert_no_error(error);
    /* Not invalid_client: so the client was recognised. */
    g_assert_cmpstr(flattr_reply_get_error_code(reply), ==, "invalid_grant");
    g_assert_null(flattr_reply_read_token(reply, &error));
    g_assert_nonnull(error);
}

static size_t
take_head_line(char *line, size_t size, size_t count, void *reply)
{
    flattr_reply_add_head_line(reply, line, size * count);
    return size * count;
}

static size_t
take_body(char *bytes, size_t size, size_t count, void *reply)
{
    return flattr_reply_append_body(reply, bytes, size * count) ? size * count : 0;
}

/* Sends a request as a program does that has an HTTP client of its own. Returns (transfer full) the answer. */
static FlattrReply *
send_by_hand(const Scene *scene, const FlattrRequest *request)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *endpoint = flattr_endpoint_normalize(scene_get_ready(scene, "api"), &error);
    g_autofree char *address = g_strconcat(endpoint, flattr_request_get_path(request), NULL);
    g_auto(GStrv) lines = flattr_request_dup_headers(request, scene_get_ready(scene, "access_token"));
    FlattrReply *reply = flattr_reply_new();
    struct curl_slist *headers = NULL;
    CURL *handle = curl_easy_init();
    gsize length = 0;

    g_assert_no_error(error);
    for (char **line = lines; *line; line++)
        headers = curl_slist_append(headers, *line);
    curl_easy_setopt(handle, CURLOPT_URL, address);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, flattr_request_get_method(request));
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    if (flattr_request_get_body(request, &length)) {
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, (long)length);
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, flattr_request_get_body(request, NULL));
    }
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_head_line);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, reply);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, reply);
    g_assert_cmpint(curl_easy_perform(handle), ==, CURLE_OK);
    curl_easy_cleanup(handle);
    curl_slist_free_all(headers);
    return reply;
}

static void
a_program_may_send_requests_by_itself(Scene *scene, gconstpointer data)
{
    g_autoptr(FlattrRequest) flattr =
        flattr_request_new_flattr_url("https://flattr.com/submit/auto?user_id=alice&url=http%3A%2F%2Fe.org%2F1");
    g_autoptr(FlattrRequest) list = flattr_request_new_flattrs_of_user(NULL, 1, 1);
    g_autoptr(FlattrReply) flattred = send_by_hand(scene, flattr);
    g_autoptr(FlattrReply) listed = send_by_hand(scene, list);
    g_autoptr(GError) error = NULL;
    FlattrRateLimit limit;

    (void)data;
    g_assert_cmpuint(flattr_reply_get_status(flattred), ==, 200);
    g_assert_true(flattr_reply_is_json(flattred));
    g_assert_true(flattr_reply_is_accepted(flattred));
    g_assert_null(flattr_reply_get_error_code(flattred));
    g_assert_true(flattr_reply_get_rate_limit(flattred, &limit));
    g_assert_cmpint(limit.current, ==, 1);
    g_assert_cmpint(flattr_reply_get_retry_after(flattred, 0), ==, -1);
    g_assert_cmpstr(flattr_reply_get_header(flattred, "content-type"), ==, "application/json;charset=utf-8");
    g_autoptr(FlattrThing) thing = flattr_reply_read_flattr(flattred, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(flattr_thing_get_url(thing), ==, "http://e.org/1");
    g_autoptr(GPtrArray) flattrs = flattr_reply_read_flattrs(listed, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(flattrs->len, ==, 1);
}

typedef struct {
    guint sent, answered;
    GString *seen;
} Trace;

static void
note(const FlattrRequest *request, FlattrReply *reply, const GError *failure, gpointer data)
{
    Trace *trace = data;
    g_auto(GStrv) headers = reply ? flattr_reply_dup_headers(reply) : NULL;
    g_autofree char *lines = headers ? g_strjoinv("\n", headers) : NULL;

    g_assert_no_error(failure);
    *(reply ? &trace->answered : &trace->sent) += 1;
    g_string_append_printf(trace->seen, "%s %s\n%s\n%s\n", flattr_request_get_method(request),
                           flattr_request_get_path(request), lines ? lines : "", flattr_reply_get_body(reply, NULL));
}

static void
each_call_has_a_function_and_a_trace(Scene *scene, gconstpointer data)
{
    const FlattrThingFields fields = {.url = "http://e.org/own", .title = "The first title"};
    const FlattrThingFields change = {.title = "Another title"};
    FlattrSession *session = scene->session;
    gint64 theirs = flattr_another(scene, "http://e.org/1");
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) seen = g_string_new(NULL);
    Trace trace = {.seen = seen};
    FlattrRateLimit limit;

    (void)data;
    flattr_session_set_trace(session, note, &trace);
    g_assert_true(flattr_session_hello(session, &error));
    gint64 own = flattr_session_create_thing(session, &fields, &error);
    g_assert_true(flattr_session_update_thing(session, own, &change, &error));
    g_autoptr(FlattrThing) thing = flattr_session_get_thing(session, own, &error);
    g_assert_cmpstr(flattr_thing_get_title(thing), ==, "Another title");
    g_assert_true(flattr_session_delete_thing(session, own, &error));
    g_assert_null(flattr_session_flattr_thing(session, theirs, &error));
    g_assert_error(error, FLATTR_ERROR, FLATTR_ERROR_FLATTR_ONCE);
    g_clear_error(&error);
    /* What is left is known after a refusal too. */
    g_assert_cmpuint(flattr_reply_get_status(flattr_session_get_last_reply(session)), ==, 403);
    g_assert_true(flattr_reply_get_rate_limit(flattr_session_get_last_reply(session), &limit));
    g_assert_true(flattr_session_subscribe(session, theirs, &error));
    for (int active = 0; active < 2; active++) {
        g_autoptr(FlattrIterator) subscriptions = flattr_session_iterate_subscriptions(session);
        g_assert_true(flattr_session_set_subscription_active(session, theirs, active, &error));
        g_assert_true(flattr_session_set_subscription_active(session, theirs, active, &error));
        const FlattrSubscription *subscription = flattr_iterator_next_subscription(subscriptions, &error);
        g_assert_cmpint(flattr_subscription_get_active(subscription), ==, active);
        g_assert_null(flattr_iterator_next_subscription(subscriptions, &error));
    }
    g_assert_true(flattr_session_unsubscribe(session, theirs, &error));
    g_assert_false(flattr_session_set_subscription_active(session, theirs, TRUE, &error));
    g_assert_error(error, FLATTR_ERROR, FLATTR_ERROR_NOT_FOUND);
    g_clear_error(&error);
    g_autoptr(FlattrIterator) activities = flattr_session_iterate_activities(session, NULL, FALSE);
    g_assert_cmpstr(flattr_activity_get_actor_name(flattr_iterator_next_activity(activities, &error)), ==, "demo");
    g_assert_null(flattr_iterator_next_activity(activities, &error));
    g_autoptr(GPtrArray) categories = flattr_session_list_categories(session, &error);
    g_autoptr(GPtrArray) languages = flattr_session_list_languages(session, &error);
    g_assert_cmpuint(categories->len + languages->len, >, 10);
    g_assert_true(flattr_session_verify(session, NULL, "partner:site:1", &error));
    g_autoptr(FlattrReply) any = flattr_session_call_take(session, flattr_request_new("GET", "/user", NULL), &error);
    g_assert_no_error(error);
    g_assert_true(flattr_reply_is_json(any));
    g_assert_null(flattr_session_call_take(session, flattr_request_new("GET", "/things/99", NULL), &error));
    g_assert_error(error, FLATTR_ERROR, FLATTR_ERROR_NOT_FOUND);
    g_assert_cmpuint(trace.sent, ==, trace.answered);
    g_assert_cmpuint(trace.sent, >, 20);
    g_assert_null(strstr(seen->str, scene_get_ready(scene, "access_token")));
    g_assert_nonnull(strstr(seen->str, "POST /things/1/flattr"));
}

static void
a_search_says_how_much_there_is(Scene *scene, gconstpointer data)
{
    const FlattrSearch search = {.user = "demo"};
    g_autoptr(GError) error = NULL;

    (void)data;
    scene_create(scene, "http://e.org/1", "The first");
    scene_create(scene, "http://e.org/2", "The second");
    g_autoptr(FlattrIterator) found = flattr_session_iterate_search(scene->session, &search);
    g_assert_cmpint(flattr_iterator_get_total(found, &error), ==, 2);
    g_assert_nonnull(flattr_iterator_next_thing(found, &error));
    g_autoptr(FlattrReply) page = scene_ask(scene, flattr_request_new_search(&search, 1, 2));
    FlattrPage read;
    g_assert_true(flattr_reply_get_page(page, &read));
    g_assert_cmpint(read.total, ==, 2);
    g_assert_cmpint(read.items, ==, 1);
    g_assert_cmpint(read.page, ==, 2);
    g_autoptr(FlattrIterator) things = flattr_session_iterate_things(scene->session, NULL);
    g_assert_cmpint(flattr_iterator_get_total(things, &error), ==, -1);
    g_assert_no_error(error);
}

/* Answers the page that asks for consent, as its form does. Returns (transfer full) the address that it leads to. */
static char *
consent(const Scene *scene, const char *redirect_uri, const char *state)
{
    g_autofree char *page = flattr_oauth_dup_authorize_url(
        scene_get_ready(scene, "authorize"), scene_get_ready(scene, "client_id"), redirect_uri, "flattr", state, NULL);
    g_autofree char *form = g_strconcat("decision=allow&", strchr(page, '?') + 1, NULL);
    CURL *handle = curl_easy_init();
    char *address = NULL;

    curl_easy_setopt(handle, CURLOPT_URL, scene_get_ready(scene, "authorize"));
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, form);
    g_assert_cmpint(curl_easy_perform(handle), ==, CURLE_OK);
    g_assert_cmpint(curl_easy_getinfo(handle, CURLINFO_REDIRECT_URL, &address), ==, CURLE_OK);
    char *copy = g_strdup(address);
    curl_easy_cleanup(handle);
    return copy;
}

static void
revoke_token(Scene *scene, const char *token)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(FlattrSession) session =
        flattr_session_new(scene_get_ready(scene, "revocation_endpoint"), "test/1", &error);
    g_autoptr(FlattrReply) reply =
        flattr_session_send_take(session,
                                 flattr_request_new_revocation(scene_get_ready(scene, "client_id"),
                                                               scene_get_ready(scene, "client_secret"), token),
                                 &error);

    g_assert_no_error(error);
    g_assert_cmpuint(flattr_reply_get_status(reply), ==, 200);
}

static void
a_login_ends_with_a_token_that_serves(Scene *scene, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *led_to = consent(scene, "http://127.0.0.1:1/back?x=1", "s3cret");
    g_autofree char *code = flattr_oauth_dup_code(led_to, "s3cret", &error);
    g_autoptr(FlattrSession) session = flattr_session_new(scene_get_ready(scene, "token_endpoint"), "test/1", &error);

    (void)data;
    g_assert_no_error(error);
    g_autoptr(FlattrReply) reply = flattr_session_send_take(
        session,
        flattr_request_new_token(scene_get_ready(scene, "client_id"), scene_get_ready(scene, "client_secret"), code,
                                 "http://127.0.0.1:1/back?x=1"),
        &error);
    g_assert_no_error(error);
    g_autofree char *token = flattr_reply_read_token(reply, &error);
    g_assert_no_error(error);
    g_assert_true(flattr_session_set_token(scene->session, token, NULL));
    g_autoptr(FlattrUser) user = flattr_session_get_user(scene->session, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(flattr_user_get_username(user), ==, "demo");
    /* The scope asked for was "flattr" alone. */
    g_assert_null(flattr_user_get_email(user));
    revoke_token(scene, token);
    g_assert_null(flattr_session_get_user(scene->session, NULL, &error));
    g_assert_error(error, FLATTR_ERROR, FLATTR_ERROR_UNAUTHORIZED);
}

#define ADD(name, function) g_test_add("/flattr-sandbox/" name, Scene, NULL, scene_set_up, function, scene_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("the endpoint says that it is the API", the_endpoint_says_that_it_is_the_api);
    ADD("a session flattrs, looks up and knows who it acts for", a_session_flattrs_looks_up_and_knows_who_it_acts_for);
    ADD("a thing is created, changed, read and deleted", a_thing_is_created_changed_read_and_deleted);
    ADD("an iterator goes through all pages", an_iterator_goes_through_all_pages);
    ADD("flattrs are listed by user and by thing", flattrs_are_listed_by_user_and_by_thing);
    ADD("objects come in full when asked for", objects_come_in_full_when_asked_for);
    ADD("a subscription is made, paused, started and ended", a_subscription_is_made_paused_started_and_ended);
    ADD("activities are read", activities_are_read);
    ADD("categories and languages are read", categories_and_languages_are_read);
    ADD("an identity is verified", an_identity_is_verified);
    ADD("each call has a function and a trace", each_call_has_a_function_and_a_trace);
    ADD("a search says how much there is", a_search_says_how_much_there_is);
    ADD("a program may send requests by itself", a_program_may_send_requests_by_itself);
    ADD("a code that is none gives no token", a_code_that_is_none_gives_no_token);
    ADD("a login ends with a token that serves", a_login_ends_with_a_token_that_serves);
    return g_test_run();
}
