/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libflattr without a server: what it would send, and what it makes of what comes back. */
#include "flattr/flattr.h"
#include "flattr_codes.h"
#include <string.h>

static FlattrReply *
reply_of(const char *head, const char *body)
{
    FlattrReply *reply = flattr_reply_new();
    g_auto(GStrv) lines = g_strsplit(head, "\n", -1);

    for (char **line = lines; *line; line++)
        flattr_reply_add_head_line(reply, *line, strlen(*line));
    g_assert_true(flattr_reply_append_body(reply, body, strlen(body)));
    return reply;
}

/* --- requests --- */

static void
a_flattr_is_posted_as_json(void)
{
    g_autoptr(FlattrRequest) request =
        flattr_request_new_flattr_url("https://flattr.com/submit/auto?url=a&title=\"\303\251\"");
    gsize length = 0;
    const char *body = flattr_request_get_body(request, &length);
    g_auto(GStrv) headers = flattr_request_dup_headers(request, "s3cret");

    g_assert_cmpstr(flattr_request_get_method(request), ==, "POST");
    g_assert_cmpstr(flattr_request_get_path(request), ==, "/flattr");
    g_assert_cmpstr(body, ==, "{\"url\":\"https://flattr.com/submit/auto?url=a&title=\\\"\303\251\\\"\"}");
    g_assert_cmpuint(length, ==, strlen(body));
    g_assert_true(g_strv_contains((const char *const *)headers, "Authorization: Bearer s3cret"));
    g_assert_true(g_strv_contains((const char *const *)headers, "Content-Type: application/json"));
    g_assert_true(g_strv_contains((const char *const *)headers, "Accept: application/json"));
}

static void
a_url_that_is_no_utf8_is_percent_encoded(void)
{
    g_autoptr(FlattrRequest) request = flattr_request_new_flattr_url("http://a/\351?b=c");

    g_assert_cmpstr(flattr_request_get_body(request, NULL), ==, "{\"url\":\"http://a/%E9?b=c\"}");
}

static void
the_gets_have_neither_body_nor_content_type(void)
{
    g_autoptr(FlattrRequest) user = flattr_request_new_user(NULL);
    g_autoptr(FlattrRequest) limit = flattr_request_new_rate_limit();
    g_autoptr(FlattrRequest) hello = flattr_request_new_hello();
    g_auto(GStrv) headers = flattr_request_dup_headers(user, NULL);

    g_assert_cmpstr(flattr_request_get_method(user), ==, "GET");
    g_assert_cmpstr(flattr_request_get_path(user), ==, "/user");
    g_assert_cmpstr(flattr_request_get_path(limit), ==, "/rate_limit");
    g_assert_cmpstr(flattr_request_get_path(hello), ==, "/");
    g_assert_null(flattr_request_get_body(user, NULL));
    g_assert_cmpuint(g_strv_length(headers), ==, 1);
}

static void
a_lookup_encodes_the_whole_url(void)
{
    g_autoptr(FlattrRequest) request =
        flattr_request_new_lookup("https://flattr.com/submit/auto?url=http%3A%2F%2Fa&user_id=b c");

    g_assert_cmpstr(
        flattr_request_get_path(request), ==,
        "/things/lookup/?url=https%3A%2F%2Fflattr.com%2Fsubmit%2Fauto%3Furl%3Dhttp%253A%252F%252Fa%26user_id%3Db%20c");
}

/* --- replies --- */

static void
the_flattred_thing_is_read(void)
{
    g_autoptr(FlattrReply) reply = reply_of(
        "HTTP/1.1 200 OK", "{\"message\":\"ok\",\"description\":\"done\",\"new\":[1],\"thing\":{\"type\":\"thing\","
                           "\"id\":423405,\"url\":\"http:\\/\\/a\\/b\",\"link\":\"https://flattr.com/thing/423405\","
                           "\"title\":\"T\",\"flattrs\":\"8\",\"flattred\":1,\"owner\":{\"username\":\"o\"}}}");
    g_autoptr(GError) error = NULL;
    g_autoptr(FlattrThing) thing = flattr_reply_read_flattr(reply, &error);

    g_assert_no_error(error);
    g_assert_cmpint(flattr_thing_get_id(thing), ==, 423405);
    g_assert_cmpstr(flattr_thing_get_url(thing), ==, "http://a/b");
    g_assert_cmpstr(flattr_thing_get_link(thing), ==, "https://flattr.com/thing/423405");
    g_assert_cmpstr(flattr_thing_get_title(thing), ==, "T");
    g_assert_cmpint(flattr_thing_get_flattrs(thing), ==, 8);
    g_assert_true(flattr_thing_get_flattred(thing));
    g_assert_cmpstr(flattr_user_get_username(flattr_thing_get_owner(thing)), ==, "o");
}

static void
missing_and_mistyped_fields_are_absent(void)
{
    g_autoptr(FlattrReply) reply =
        reply_of("HTTP/1.1 200 OK",
                 "{\"thing\":{\"id\":null,\"url\":7,\"title\":[],\"flattred\":\"0\",\"owner\":\"o\",\"link\":{}}}");
    g_autoptr(FlattrThing) thing = flattr_reply_read_flattr(reply, NULL);

    g_assert_nonnull(thing);
    g_assert_cmpint(flattr_thing_get_id(thing), ==, 0);
    g_assert_null(flattr_thing_get_url(thing));
    g_assert_null(flattr_thing_get_title(thing));
    g_assert_null(flattr_thing_get_link(thing));
    g_assert_null(flattr_user_get_username(flattr_thing_get_owner(thing)));
    g_assert_false(flattr_thing_get_flattred(thing));
}

static void
the_person_is_read(void)
{
    g_autoptr(FlattrReply) reply =
        reply_of("HTTP/2 200", "{\"type\":\"user\",\"username\":\"demo\",\"email\":\"d@example.org\","
                               "\"resource\":\"r\",\"link\":\"l\",\"firstname\":\"F\"}");
    g_autoptr(FlattrUser) user = flattr_reply_read_user(reply, NULL);

    g_assert_cmpstr(flattr_user_get_username(user), ==, "demo");
    g_assert_cmpstr(flattr_user_get_email(user), ==, "d@example.org");
    g_assert_cmpstr(flattr_user_get_resource(user), ==, "r");
    g_assert_cmpstr(flattr_user_get_link(user), ==, "l");
    g_assert_cmpstr(flattr_user_get_firstname(user), ==, "F");
    g_assert_null(flattr_user_get_lastname(user));
}

static void
an_object_keeps_all_that_was_sent_and_outlives_the_reply(void)
{
    FlattrReply *reply = reply_of("HTTP/2 200", "[{\"type\": \"flattr\", \"thing\": {\"id\": 7, \"new\": [1]}}]");
    GPtrArray *flattrs = flattr_reply_read_flattrs(reply, NULL);
    g_autoptr(FlattrFlattr) flattr = g_ptr_array_steal_index(flattrs, 0);

    g_ptr_array_unref(flattrs);
    flattr_reply_free(reply);
    g_autofree char *whole = flattr_flattr_dup_json(flattr);
    g_autofree char *part = flattr_thing_dup_json(flattr_flattr_get_thing(flattr));
    g_assert_cmpstr(whole, ==, "{\"type\":\"flattr\",\"thing\":{\"id\":7,\"new\":[1]}}");
    g_assert_cmpstr(part, ==, "{\"id\":7,\"new\":[1]}");
}

static void
every_error_code_of_the_api_has_its_error(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(documented_codes); i++) {
        g_autofree char *head = g_strdup_printf("HTTP/1.1 %d X", documented_codes[i].status);
        g_autofree char *body =
            g_strdup_printf("{\"error\":\"%s\",\"error_description\":\"why\"}", documented_codes[i].code);
        g_autoptr(FlattrReply) reply = reply_of(head, body);
        g_autoptr(GError) error = NULL;

        g_assert_null(flattr_reply_read_flattr(reply, &error));
        g_assert_error(error, FLATTR_ERROR, (int)documented_codes[i].error);
        g_assert_nonnull(strstr(error->message, "why"));
        g_assert_cmpstr(flattr_reply_get_error_code(reply), ==, documented_codes[i].code);
    }
}

static void
what_is_no_answer_of_the_api_is_an_error(void)
{
    static const struct {
        const char *head;
        const char *body;
        FlattrError error;
    } cases[] = {
        {"HTTP/1.1 200 OK", "", FLATTR_ERROR_MALFORMED},
        {"HTTP/1.1 200 OK", "{\"message\":\"ok\",\"thi", FLATTR_ERROR_MALFORMED},
        {"HTTP/1.1 200 OK", "[]", FLATTR_ERROR_MALFORMED},
        {"HTTP/1.1 200 OK", "{\"thing\":[]}", FLATTR_ERROR_MALFORMED},
        {"HTTP/1.1 200 OK", "\"ok\"", FLATTR_ERROR_MALFORMED},
        {"HTTP/1.1 200 OK", "<html>log in to this hotel</html>", FLATTR_ERROR_MALFORMED},
        {"HTTP/1.1 401 No", "<html>proxy</html>", FLATTR_ERROR_SERVER},
        {"HTTP/1.1 503 No", "", FLATTR_ERROR_SERVER},
        {"HTTP/1.1 403 No", "{\"error\":7}", FLATTR_ERROR_SERVER},
        {"nonsense", "{}", FLATTR_ERROR_SERVER},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(FlattrReply) reply = reply_of(cases[i].head, cases[i].body);
        g_autoptr(GError) error = NULL;

        g_assert_null(flattr_reply_read_flattr(reply, &error));
        g_assert_error(error, FLATTR_ERROR, (int)cases[i].error);
    }
}

static void
nesting_and_size_are_bounded(void)
{
    g_autofree char *brackets = g_strnfill(10000, '[');
    g_autoptr(FlattrReply) deep = reply_of("HTTP/1.1 200 OK", brackets);
    g_autoptr(FlattrReply) long_one = reply_of("HTTP/1.1 200 OK", "");
    g_autofree char *chunk = g_strnfill(FLATTR_REPLY_MAX_BODY, 'x');

    g_assert_false(flattr_reply_is_json(deep));
    g_assert_true(flattr_reply_append_body(long_one, chunk, FLATTR_REPLY_MAX_BODY));
    g_assert_false(flattr_reply_append_body(long_one, "x", 1));
}

static void
a_lookup_gives_the_id_of_the_thing(void)
{
    g_autoptr(FlattrReply) found = reply_of("HTTP/1.1 302 Found\nLocation: https://api/rest/v2/things/7",
                                            "{\"message\":\"found\",\"location\":\"x/8\"}");
    g_autoptr(FlattrReply) without_header =
        reply_of("HTTP/1.1 302 Found", "{\"message\":\"found\",\"location\":\"x/8\"}");
    g_autoptr(FlattrReply) missing =
        reply_of("HTTP/1.1 404 No", "{\"message\":\"not_found\",\"description\":\"none\"}");
    g_autoptr(FlattrReply) elsewhere = reply_of("HTTP/1.1 302 Found\nLocation: http://evil/", "{}");
    g_autoptr(GError) not_found = NULL;
    g_autoptr(GError) malformed = NULL;

    g_assert_cmpint(flattr_reply_read_lookup(found, NULL), ==, 7);
    g_assert_cmpint(flattr_reply_read_lookup(without_header, NULL), ==, 8);
    g_assert_cmpint(flattr_reply_read_lookup(missing, &not_found), ==, 0);
    g_assert_error(not_found, FLATTR_ERROR, FLATTR_ERROR_NOT_FOUND);
    g_assert_cmpint(flattr_reply_read_lookup(elsewhere, &malformed), ==, 0);
    g_assert_error(malformed, FLATTR_ERROR, FLATTR_ERROR_MALFORMED);
}

static void
the_rate_limit_is_read_from_headers_and_body(void)
{
    g_autoptr(FlattrReply) reply =
        reply_of("HTTP/1.1 200 OK\r\nx-ratelimit-limit: 1000\r\nX-RateLimit-Remaining: 986 \r\n"
                 "X-RateLimit-Current: 14\r\nX-RateLimit-Reset: 1342521939\r\n\r\n",
                 "{\"hourly_limit\":5000,\"remaining_hits\":\"7\",\"current_hits\":1,"
                 "\"reset_time_in_seconds\":9,\"reset_time\":\"x\"}");
    g_autoptr(FlattrReply) partial = reply_of("HTTP/1.1 200 OK\nX-RateLimit-Limit: many", "{}");
    FlattrRateLimit limit = {0};

    g_assert_true(flattr_reply_get_rate_limit(reply, &limit));
    g_assert_cmpint(limit.limit, ==, 1000);
    g_assert_cmpint(limit.remaining, ==, 986);
    g_assert_cmpint(limit.current, ==, 14);
    g_assert_cmpint(limit.reset, ==, 1342521939);
    g_assert_true(flattr_reply_read_rate_limit(reply, &limit, NULL));
    g_assert_cmpint(limit.limit, ==, 5000);
    g_assert_cmpint(limit.remaining, ==, 7);
    limit.limit = -5;
    g_assert_false(flattr_reply_get_rate_limit(partial, &limit));
    g_assert_cmpint(limit.limit, ==, -5);
}

static void
retry_after_comes_in_seconds_or_as_a_date(void)
{
    static const struct {
        const char *value;
        gint64 seconds; /* at 1994-11-06T08:49:00Z */
    } cases[] = {
        {"Retry-After: 120", 120},
        {"Retry-After: Sun, 06 Nov 1994 08:49:37 GMT", 37},
        {"Retry-After: Sun, 06 Nov 1994 08:00:00 GMT", 0},
        {"Retry-After: soon", -1},
        {"Retry-After: -5", -1},
        {"X: y", -1},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *head = g_strconcat("HTTP/1.1 503 X\n", cases[i].value, NULL);
        g_autoptr(FlattrReply) reply = reply_of(head, "");
        g_assert_cmpint(flattr_reply_get_retry_after(reply, 784111740), ==, cases[i].seconds);
    }
}

static void
only_the_api_says_that_something_was_done(void)
{
    static const struct {
        const char *head, *body;
        int error; /* -1: none */
    } cases[] = {
        {"HTTP/1.1 200 OK\nContent-Type: application/json;charset=utf-8", "{\"message\":\"ok\"}", -1},
        {"HTTP/1.1 200 OK", "{\"message\":\"ok\"}", -1},
        {"HTTP/1.1 204 No Content", "", -1},
        {"HTTP/1.1 200 OK\nContent-Type: Application/JSON", "", -1},
        {"HTTP/1.1 200 OK\nContent-Type: text/html", "", FLATTR_ERROR_MALFORMED},
        {"HTTP/1.1 200 OK", "", FLATTR_ERROR_MALFORMED},
        {"HTTP/1.1 200 OK\nContent-Type: text/html", "<html>Log in to this network</html>", FLATTR_ERROR_MALFORMED},
        {"HTTP/1.1 200 OK\nContent-Type: application/json", "{\"message\":", FLATTR_ERROR_MALFORMED},
        {"HTTP/1.1 200 OK", "{\"error\":\"server_error\"}", FLATTR_ERROR_MALFORMED},
        {"HTTP/1.1 302 Found\nLocation: http://other/", "", FLATTR_ERROR_MALFORMED},
        {"HTTP/1.1 302 Found\nContent-Type: application/json", "{}", FLATTR_ERROR_MALFORMED},
        {"HTTP/1.1 304 Not Modified", "", FLATTR_ERROR_MALFORMED},
        {"HTTP/1.1 403 X", "{\"error\":\"forbidden\"}", FLATTR_ERROR_FORBIDDEN},
        {"HTTP/1.1 404 X", "<html>", FLATTR_ERROR_SERVER},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(FlattrReply) reply = reply_of(cases[i].head, cases[i].body);
        g_autoptr(GError) error = NULL;

        g_test_message("%s %s", cases[i].head, cases[i].body);
        g_assert_true(flattr_reply_read_done(reply, &error) == (cases[i].error == -1));
        if (cases[i].error == -1)
            g_assert_no_error(error);
        else
            g_assert_error(error, FLATTR_ERROR, cases[i].error);
    }
}

static void
the_whole_of_a_reply_can_be_had(void)
{
    g_autoptr(FlattrReply) reply = reply_of("HTTP/1.1 403 X\nB: c", "{\"error\":\"x\",\"error_description\":\"Why\"}");
    FlattrReply *same = flattr_reply_ref(reply);
    g_auto(GStrv) headers = flattr_reply_dup_headers(reply);
    gsize length = 0;

    g_assert_cmpstr(headers[0], ==, "b: c");
    g_assert_null(headers[1]);
    g_assert_cmpstr(flattr_reply_get_body(reply, &length), ==, "{\"error\":\"x\",\"error_description\":\"Why\"}");
    g_assert_cmpuint(length, ==, strlen(flattr_reply_get_body(reply, NULL)));
    g_assert_cmpstr(flattr_reply_get_description(reply), ==, "Why");
    g_assert_null(flattr_reply_get_message(reply));
    flattr_reply_free(same);
    g_assert_cmpuint(flattr_reply_get_status(reply), ==, 403);
}

static void
the_page_of_a_search_is_read(void)
{
    g_autoptr(FlattrReply) reply =
        reply_of("HTTP/1.1 200 X", "{\"total_items\":\"35\",\"items\":2,\"page\":2,\"things\":[{},{}]}");
    g_autoptr(FlattrReply) silent = reply_of("HTTP/1.1 200 X", "{\"things\":[]}");
    g_autoptr(FlattrReply) list = reply_of("HTTP/1.1 200 X", "[]");
    FlattrPage page = {0};

    g_assert_true(flattr_reply_get_page(reply, &page));
    g_assert_cmpint(page.total, ==, 35);
    g_assert_cmpint(page.items, ==, 2);
    g_assert_cmpint(page.page, ==, 2);
    g_assert_true(flattr_reply_get_page(silent, &page));
    g_assert_cmpint(page.total, ==, -1);
    g_assert_false(flattr_reply_get_page(list, &page));
}

static void
only_the_last_head_counts(void)
{
    g_autoptr(FlattrReply) reply = reply_of("HTTP/1.1 100 Continue\nRetry-After: 9\n\nHTTP/1.1 200 OK\nA: b", "{}");

    g_assert_cmpuint(flattr_reply_get_status(reply), ==, 200);
    g_assert_null(flattr_reply_get_header(reply, "Retry-After"));
    g_assert_cmpstr(flattr_reply_get_header(reply, "a"), ==, "b");
}

/* --- the endpoint --- */

static void
the_token_never_travels_in_the_clear(void)
{
    static const struct {
        const char *endpoint;
        const char *expected; /* NULL: refused */
    } cases[] = {
        {"https://api.flattr.com/rest/v2", "https://api.flattr.com/rest/v2"},
        {"https://api.flattr.com/rest/v2//", "https://api.flattr.com/rest/v2"},
        {"http://127.0.0.1:8080/rest/v2/", "http://127.0.0.1:8080/rest/v2"},
        {"http://[::1]:8080/rest/v2", "http://[::1]:8080/rest/v2"},
        {"http://localhost/rest/v2", "http://localhost/rest/v2"},
        {"http://api.flattr.com/rest/v2", NULL},
        {"http://127.0.0.1.evil.example/rest", NULL},
        {"http://localhost.evil.example/", NULL},
        {"http://10.0.0.1/rest/v2", NULL},
        {"ftp://127.0.0.1/", NULL},
        {"https://user:pass@host/", NULL},
        {"https://host/?a=b", NULL},
        {"https://host/#a", NULL},
        {"api.flattr.com/rest", NULL},
        {"", NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *normalized = flattr_endpoint_normalize(cases[i].endpoint, &error);

        g_assert_cmpstr(normalized, ==, cases[i].expected);
        if (!cases[i].expected)
            g_assert_error(error, FLATTR_ERROR, FLATTR_ERROR_ENDPOINT);
    }
}

static void
what_would_break_out_of_a_request_is_refused(void)
{
    static const char *const tokens[] = {"", "a b", "a\r\nX: y", "a\nb", "\x7f", "t\303\244"};
    g_autoptr(FlattrSession) session = flattr_session_new("http://127.0.0.1:1/rest/v2", "test/0", NULL);
    g_autoptr(FlattrRequest) hello = flattr_request_new_hello();

    for (gsize i = 0; i < G_N_ELEMENTS(tokens); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(flattr_session_set_token(session, tokens[i], &error));
        g_assert_error(error, FLATTR_ERROR, FLATTR_ERROR_ARGUMENT);
        g_assert_false(flattr_token_check(tokens[i], NULL));
        g_assert_null(flattr_request_dup_headers(hello, tokens[i]));
    }

    const FlattrThingFields fields = {.url = "http://e.org/\n"}, nowhere = {.title = "A thing"};
    FlattrRequest *const requests[] = {
        flattr_request_new_flattr_url("http://e.org/\r\n"),
        flattr_request_new_flattr_url(""),
        flattr_request_new_lookup("http://e.org/\x01"),
        flattr_request_new_thing_create(&fields),
        flattr_request_new_user(""),
        flattr_request_new_things_of_user("", 1, 1),
        flattr_request_new_thing_create(&nowhere),
        flattr_request_new("GET", "/a b", NULL),
        flattr_request_new("GET", "/a\r\nX: y", NULL),
        flattr_request_new("GET", "/a#b", NULL),
        flattr_request_new("GET\r\nX: y", "/a", NULL),
        flattr_request_new("", "/a", NULL),
        flattr_request_new("get", "/a", NULL),
        flattr_request_new("GET", "/../../elsewhere", NULL),
        flattr_request_new("GET", "/a/.%2E?b", NULL),
        flattr_request_new("GET", "/a/.", NULL),
        flattr_request_new_user(".."),
        flattr_request_new_things_of_user("..", 1, 1),
        flattr_request_new_verify("..", "partner:example:1"),
    };
    for (gsize i = 0; i < G_N_ELEMENTS(requests); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_false(flattr_request_check(requests[i], NULL));
        g_assert_null(flattr_session_send_take(session, requests[i], &error));
        g_assert_error(error, FLATTR_ERROR, FLATTR_ERROR_ARGUMENT);
    }

    FlattrRequest *const good[] = {
        flattr_request_new("PATCH", "/a/..b/.c/...?d=/../", NULL),
        flattr_request_new_user("..a"),
    };
    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        g_assert_true(flattr_request_check(good[i], NULL));
        flattr_request_free(good[i]);
    }
    g_autoptr(GError) header = NULL;
    g_assert_null(flattr_session_new("http://127.0.0.1:9/", "test/1\r\nX: y", &header));
    g_assert_error(header, FLATTR_ERROR, FLATTR_ERROR_ARGUMENT);
}

static void
the_headers_and_the_library_are_of_one_version(void)
{
    g_assert_cmpstr(flattr_get_version(), ==, PF_VERSION);
    g_assert_true(FLATTR_CHECK_VERSION(0, 2, 0));
    g_assert_false(FLATTR_CHECK_VERSION(FLATTR_MAJOR_VERSION, FLATTR_MINOR_VERSION, FLATTR_MICRO_VERSION + 1));
    g_assert_false(FLATTR_CHECK_VERSION(FLATTR_MAJOR_VERSION + 1, 0, 0));
}

/* A port that takes connections and never answers. Returns (transfer full) the socket and the address. */
static GSocket *
listen_silently(char **endpoint)
{
    g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
    g_autoptr(GSocketAddress) any = g_inet_socket_address_new(loopback, 0);
    GSocket *listening = g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);

    g_assert_true(g_socket_bind(listening, any, FALSE, NULL) && g_socket_listen(listening, NULL));
    g_autoptr(GSocketAddress) bound = g_socket_get_local_address(listening, NULL);
    *endpoint = g_strdup_printf("http://127.0.0.1:%u", g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound)));
    return listening;
}

static void
a_call_ends_at_its_time_or_when_it_is_cancelled(void)
{
    g_autofree char *endpoint = NULL;
    g_autoptr(GSocket) silent = listen_silently(&endpoint);
    g_autoptr(FlattrSession) session = flattr_session_new(endpoint, "test/0", NULL);
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GError) error = NULL;
    gint64 begin = g_get_monotonic_time();

    flattr_session_set_timeouts(session, 1000, 100);
    g_assert_false(flattr_session_hello(session, &error));
    g_assert_error(error, FLATTR_ERROR, FLATTR_ERROR_NO_ANSWER);
    g_clear_error(&error);
    flattr_session_set_timeouts(session, 0, 0);
    flattr_session_set_cancellable(session, cancellable);
    g_cancellable_cancel(cancellable);
    g_assert_false(flattr_session_hello(session, &error));
    g_assert_nonnull(strstr(error->message, "cancelled"));
    /* Neither waited for the limits that hold by default. */
    g_assert_cmpint(g_get_monotonic_time() - begin, <, 15 * G_USEC_PER_SEC);
}

static void
nothing_was_sent_to_a_closed_port(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(FlattrSession) session = flattr_session_new("http://127.0.0.1:1/rest/v2", "test/0", &error);

    g_assert_no_error(error);
    g_assert_null(flattr_session_get_user(session, NULL, &error));
    g_assert_error(error, FLATTR_ERROR, FLATTR_ERROR_UNREACHABLE);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/request/a flattr is posted as JSON", a_flattr_is_posted_as_json);
    g_test_add_func("/request/a URL that is no UTF-8 is percent-encoded", a_url_that_is_no_utf8_is_percent_encoded);
    g_test_add_func("/request/the GETs have neither body nor content type",
                    the_gets_have_neither_body_nor_content_type);
    g_test_add_func("/request/a lookup encodes the whole URL", a_lookup_encodes_the_whole_url);
    g_test_add_func("/reply/the flattred thing is read", the_flattred_thing_is_read);
    g_test_add_func("/reply/missing and mistyped fields are absent", missing_and_mistyped_fields_are_absent);
    g_test_add_func("/reply/the person is read", the_person_is_read);
    g_test_add_func("/reply/an object keeps all that was sent and outlives the reply",
                    an_object_keeps_all_that_was_sent_and_outlives_the_reply);
    g_test_add_func("/reply/every error code of the API has its error", every_error_code_of_the_api_has_its_error);
    g_test_add_func("/reply/what is no answer of the API is an error", what_is_no_answer_of_the_api_is_an_error);
    g_test_add_func("/reply/nesting and size are bounded", nesting_and_size_are_bounded);
    g_test_add_func("/reply/a lookup gives the id of the thing", a_lookup_gives_the_id_of_the_thing);
    g_test_add_func("/reply/the rate limit is read from headers and body",
                    the_rate_limit_is_read_from_headers_and_body);
    g_test_add_func("/reply/Retry-After comes in seconds or as a date", retry_after_comes_in_seconds_or_as_a_date);
    g_test_add_func("/reply/only the API says that something was done", only_the_api_says_that_something_was_done);
    g_test_add_func("/reply/the whole of a reply can be had", the_whole_of_a_reply_can_be_had);
    g_test_add_func("/reply/the page of a search is read", the_page_of_a_search_is_read);
    g_test_add_func("/request/what would break out of a request is refused",
                    what_would_break_out_of_a_request_is_refused);
    g_test_add_func("/version/the headers and the library are of one version",
                    the_headers_and_the_library_are_of_one_version);
    g_test_add_func("/session/a call ends at its time or when it is cancelled",
                    a_call_ends_at_its_time_or_when_it_is_cancelled);
    g_test_add_func("/reply/only the last head counts", only_the_last_head_counts);
    g_test_add_func("/endpoint/the token never travels in the clear", the_token_never_travels_in_the_clear);
    g_test_add_func("/session/nothing was sent to a closed port", nothing_was_sent_to_a_closed_port);
    return g_test_run();
}
