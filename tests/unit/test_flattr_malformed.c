/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libflattr's readers of answers, on answers that are damaged or hostile. */
#include "flattr_readers.h"
#include <string.h>

/* A place that a value is put into; %s stands for it. */
static const char *const places[] = {
    "%s",
    "[%s]",
    "{\"thing\":%s}",
    "{\"thing\":{\"id\":%s,\"flattrs\":%s,\"url\":%s,\"link\":%s,\"title\":%s,\"owner\":%s,\"description\":%s}}",
    "{\"thing\":{\"category\":%s,\"language\":%s,\"tags\":%s,\"created_at\":%s,\"flattred\":%s,\"hidden\":%s}}",
    "{\"thing\":{\"owner\":{\"username\":%s},\"tags\":[%s]}}",
    "{\"username\":%s,\"resource\":%s,\"link\":%s,\"firstname\":%s,\"lastname\":%s,\"email\":%s}",
    "{\"hourly_limit\":%s,\"remaining_hits\":%s,\"current_hits\":%s,\"reset_time_in_seconds\":%s}",
    "{\"message\":%s,\"location\":%s,\"description\":%s,\"id\":%s,\"link\":%s}",
    "{\"error\":%s,\"error_description\":%s,\"error_uri\":%s}",
    "{\"access_token\":%s,\"token_type\":%s}",
    "{\"things\":%s,\"total_items\":%s,\"items\":%s,\"page\":%s}",
    "{\"things\":[%s],\"items\":[%s]}",
    "[{\"thing\":%s,\"owner\":%s,\"created_at\":%s,\"active\":%s,\"started_at\":%s}]",
    "[{\"id\":%s,\"text\":%s,\"name\":%s}]",
    "{\"items\":[{\"title\":%s,\"published\":%s,\"verb\":%s,\"actor\":%s,\"object\":%s}]}",
    "{\"items\":[{\"actor\":{\"displayName\":%s},\"object\":{\"displayName\":%s,\"url\":%s}}]}",
};

static const char *const values[] = {
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "99999999999999999999999999999999",
    "1.5",
    "1e3",
    "1e308",
    "1e999",
    "-0",
    "01",
    "\"\"",
    "\"1\"",
    "\"99999999999999999999\"",
    "\"text\"",
    "\"a\\u0000b\"",
    "\"\\ud800\"",
    "\"\\ud83d\\ude00\"",
    "\"\\/\"",
    "\"\xff\"",
    "\"\xed\xa0\x80\"",
    "\"\xc0\xaf\"",
    "\"\303\251\"",
    "\"\n\"",
    "[]",
    "[null]",
    "[[[]]]",
    "[1,\"a\",{}]",
    "{}",
    "{\"id\":{}}",
    "{\"a\":1,\"a\":2}",
    "NaN",
    "'a'",
    "",
};

static const char *const heads[] = {
    "HTTP/1.1 200 OK",
    "HTTP/1.1 201 Created",
    "HTTP/1.1 204 No Content",
    "HTTP/1.1 302 Found\nLocation: https://api.example/rest/v2/things/17",
    "HTTP/1.1 302 Found\nLocation: /",
    "HTTP/1.1 400 Bad Request",
    "HTTP/1.1 404 Not Found",
    "HTTP/1.1 503 Service Unavailable\nRetry-After: 99999999999999999999",
    "HTTP/1.1 200 OK\nContent-Type: application/json;charset=utf-16\nX-RateLimit-Limit: 1e3",
    "HTTP/1.1",
    "",
};

static char *
fill(const char *place, const char *value)
{
    g_auto(GStrv) parts = g_strsplit(place, "%s", -1);

    return g_strjoinv(value, parts);
}

static void
every_reader_survives_every_value_in_every_place(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        for (gsize j = 0; j < G_N_ELEMENTS(values); j++) {
            g_autofree char *body = fill(places[i], values[j]);
            for (gsize k = 0; k < G_N_ELEMENTS(heads); k++)
                readers_try(heads[k], body, strlen(body));
        }
    }
}

static void
every_reader_survives_a_body_cut_anywhere(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *body = fill(places[i], "{\"id\":1,\"username\":\"\\u00e9\",\"x\":[-1.5e3,true]}");
        for (gsize length = 0; length <= strlen(body); length++)
            readers_try("HTTP/1.1 200 OK", body, length);
    }
}

static void
what_is_cut_is_an_error(void)
{
    const char *body = "{\"message\":\"ok\",\"thing\":{\"type\":\"thing\",\"id\":17,\"title\":\"T\"}}";

    for (gsize length = 0; length <= strlen(body); length++) {
        g_autoptr(FlattrReply) reply = readers_reply_of("HTTP/1.1 200 OK", body, length);
        g_autoptr(GError) error = NULL;
        g_autoptr(FlattrThing) thing = flattr_reply_read_flattr(reply, &error);

        g_assert_true((thing != NULL) == (length == strlen(body)));
        g_assert_true((error == NULL) == (thing != NULL));
        g_assert_true(flattr_reply_is_accepted(reply) == (thing != NULL));
    }
}

static void
nul_bytes_and_other_encodings_are_no_answers(void)
{
    static const struct {
        const char *bytes;
        gsize length;
    } cases[] = {
        {"{\"message\":\"ok\",\"thing\":{}}\0", 28},
        {"\0{\"message\":\"ok\",\"thing\":{}}", 28},
        {"{\"message\":\"o\0k\",\"thing\":{}}", 28},
        {"\377\376{\0\"\0t\0h\0i\0n\0g\0\"\0:\0{\0}\0}\0", 26},
        {"\0{\0\"\0t\0h\0i\0n\0g\0\"\0:\0{\0}\0}", 24},
        {"{\"message\":\"ok\",\"thing\":{\"title\":\"caf\351\"}}", 40},
        {"{\"thing\":{}} <!-- -->", 21},
        {"{\"thing\":{}}{\"thing\":{}}", 24},
        {"callback({\"thing\":{}})", 22},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(FlattrReply) reply = readers_reply_of("HTTP/1.1 200 OK", cases[i].bytes, cases[i].length);
        g_autoptr(GError) error = NULL;

        g_assert_false(flattr_reply_is_json(reply));
        g_assert_false(flattr_reply_is_accepted(reply));
        g_assert_null(flattr_reply_read_flattr(reply, &error));
        g_assert_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED);
        readers_try("HTTP/1.1 200 OK", cases[i].bytes, cases[i].length);
    }
}

static void
another_message_than_ok_accepts_nothing(void)
{
    static const struct {
        const char *body;
        gboolean is_accepted;
    } cases[] = {
        {"{\"message\":\"ok\"}", TRUE},
        {"{\"thing\":{}}", TRUE},
        {"{\"message\":\"queued\",\"thing\":{}}", FALSE},
        {"{\"message\":\"OK\",\"thing\":{}}", FALSE},
        {"{\"message\":0,\"thing\":{}}", FALSE},
        {"{\"message\":null,\"thing\":{}}", TRUE},
        {"{\"thing\":[{}]}", FALSE},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(FlattrReply) reply = readers_reply_of("HTTP/1.1 200 OK", cases[i].body, strlen(cases[i].body));
        g_test_message("%s", cases[i].body);
        g_assert_true(flattr_reply_is_accepted(reply) == cases[i].is_accepted);
    }
}

static void
deep_nesting_is_refused_not_followed(void)
{
    static const char *const openings[] = {"[", "{\"thing\":", "{\"a\":[", "[{\"owner\":"};

    for (gsize i = 0; i < G_N_ELEMENTS(openings); i++) {
        g_autoptr(GString) body = g_string_new(NULL);
        for (int depth = 0; depth < 10000; depth++)
            g_string_append(body, openings[i]);
        g_autoptr(FlattrReply) reply = readers_reply_of("HTTP/1.1 200 OK", body->str, body->len);
        g_assert_false(flattr_reply_is_json(reply));
        readers_try("HTTP/1.1 200 OK", body->str, body->len);
    }
    g_autofree char *opened = g_strnfill(10000, '[');
    g_autofree char *closed = g_strnfill(10000, ']');
    g_autofree char *whole = g_strconcat("{\"thing\":{\"id\":1,\"tags\":", opened, closed, "}}", NULL);
    g_autoptr(FlattrReply) reply = readers_reply_of("HTTP/1.1 200 OK", whole, strlen(whole));
    g_assert_null(flattr_reply_read_flattr(reply, NULL));
    readers_try("HTTP/1.1 200 OK", whole, strlen(whole));
}

static void
a_body_of_ten_megabytes_is_cut_off_where_it_says(void)
{
    g_autofree char *text = g_strnfill(10 * 1024 * 1024, 'a');
    g_autoptr(FlattrReply) reply = readers_reply_of("HTTP/1.1 200 OK", "{\"thing\":{\"title\":\"", 19);

    g_assert_false(flattr_reply_append_body(reply, text, strlen(text)));
    g_assert_true(flattr_reply_append_body(reply, text, FLATTR_REPLY_MAX_BODY - 19));
    g_assert_false(flattr_reply_append_body(reply, "\"", 1));
    g_assert_true(flattr_reply_append_body(reply, "\"", 0));
    g_assert_false(flattr_reply_is_accepted(reply));
}

static void
long_texts_and_lists_are_read_whole(void)
{
    g_autofree char *title = g_strnfill(3 * 1024 * 1024, 'a');
    g_autofree char *body = g_strconcat("{\"thing\":{\"title\":\"", title, "\"}}", NULL);
    g_autoptr(FlattrReply) reply = readers_reply_of("HTTP/1.1 200 OK", body, strlen(body));
    g_autoptr(FlattrThing) thing = flattr_reply_read_flattr(reply, NULL);
    g_autoptr(GString) list = g_string_new("[{}");

    g_assert_true(strcmp(flattr_thing_get_title(thing), title) == 0);
    for (int i = 1; i < 100000; i++)
        g_string_append(list, i % 2 ? ",null" : ",{\"id\":1}");
    g_string_append_c(list, ']');
    g_autoptr(FlattrReply) many = readers_reply_of("HTTP/1.1 200 OK", list->str, list->len);
    g_autoptr(GPtrArray) things = flattr_reply_read_things(many, NULL);
    g_assert_cmpuint(things->len, ==, 50000);
    readers_try("HTTP/1.1 200 OK", list->str, list->len);
}

static void
numbers_that_do_not_fit_are_no_numbers(void)
{
    static const struct {
        const char *json;
        gint64 number;
    } cases[] = {
        {"9223372036854775807", G_MAXINT64},
        {"\"17\"", 17},
        {"17", 17},
        {"1.5", 0},
        {"null", 0},
        {"{}", 0},
        {"\"abc\"", 0},
        {"[17]", 0},
        {"\"99999999999999999999\"", 0},
        {"\"\"", 0},
        {"\"17 pence\"", 0},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *body = fill("{\"thing\":{\"id\":%s,\"flattrs\":%s,\"created_at\":%s}}", cases[i].json);
        g_autoptr(FlattrReply) reply = readers_reply_of("HTTP/1.1 200 OK", body, strlen(body));
        g_autoptr(FlattrThing) thing = flattr_reply_read_flattr(reply, NULL);

        g_assert_nonnull(thing);
        g_assert_cmpint(flattr_thing_get_id(thing), ==, cases[i].number);
        g_assert_cmpint(flattr_thing_get_flattrs(thing), ==, cases[i].number);
        g_assert_cmpint(flattr_thing_get_created_at(thing), ==, cases[i].number);
    }
    /* jansson refuses the whole text of a number that does not fit. */
    const char *beyond = "{\"thing\":{\"id\":9223372036854775808}}";
    g_autoptr(FlattrReply) reply = readers_reply_of("HTTP/1.1 200 OK", beyond, strlen(beyond));
    g_autoptr(GError) error = NULL;
    g_assert_null(flattr_reply_read_flattr(reply, &error));
    g_assert_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED);
}

static void
heads_are_as_untrusted_as_bodies(void)
{
    static const char *const lines[] = {"HTTP/1.1 99999999999 Many",
                                        "HTTP/ 200",
                                        "HTTP/1.1 -200 OK",
                                        ":",
                                        ": value",
                                        "Name",
                                        "Name:",
                                        "\377\376: \377",
                                        "Retry-After",
                                        "Retry-After: -5",
                                        "Retry-After: Fri, 31 Feb",
                                        "Retry-After: ",
                                        "X-RateLimit-Limit:"};
    g_autofree char *long_line = g_strnfill(1024 * 1024, ':');
    FlattrRateLimit limit;

    for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autoptr(FlattrReply) reply = readers_reply_of(lines[i], "{}", 2);
        flattr_reply_add_head_line(reply, "a\0b: c", 6);
        flattr_reply_add_head_line(reply, long_line, strlen(long_line));
        flattr_reply_add_head_line(reply, "", 0);
        g_assert_cmpint(flattr_reply_get_retry_after(reply, 1000), >=, -1);
        g_assert_false(flattr_reply_get_rate_limit(reply, &limit));
        g_assert_false(flattr_reply_is_accepted(reply));
        readers_try(lines[i], "{\"message\":\"ok\"}", 16);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/malformed/every reader survives every value in every place",
                    every_reader_survives_every_value_in_every_place);
    g_test_add_func("/malformed/every reader survives a body cut anywhere", every_reader_survives_a_body_cut_anywhere);
    g_test_add_func("/malformed/what is cut is an error", what_is_cut_is_an_error);
    g_test_add_func("/malformed/NUL bytes and other encodings are no answers",
                    nul_bytes_and_other_encodings_are_no_answers);
    g_test_add_func("/malformed/another message than ok accepts nothing", another_message_than_ok_accepts_nothing);
    g_test_add_func("/malformed/deep nesting is refused, not followed", deep_nesting_is_refused_not_followed);
    g_test_add_func("/malformed/a body of ten megabytes is cut off where it says",
                    a_body_of_ten_megabytes_is_cut_off_where_it_says);
    g_test_add_func("/malformed/long texts and lists are read whole", long_texts_and_lists_are_read_whole);
    g_test_add_func("/malformed/numbers that do not fit are no numbers", numbers_that_do_not_fit_are_no_numbers);
    g_test_add_func("/malformed/heads are as untrusted as bodies", heads_are_as_untrusted_as_bodies);
    return g_test_run();
}
