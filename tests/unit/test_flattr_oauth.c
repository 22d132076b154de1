/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libflattr's OAuth without a server, and answers with which a list must not be misled. */
#include "flattr/flattr.h"

#include <string.h>

static FlattrReply *
reply_of(const char *status, const char *body)
{
    FlattrReply *reply = flattr_reply_new();
    g_autofree char *line = g_strdup_printf("HTTP/1.1 %s", status);

    flattr_reply_add_head_line(reply, line, strlen(line));
    g_assert_true(flattr_reply_append_body(reply, body, strlen(body)));
    return reply;
}

static void
the_address_to_open_escapes_what_it_is_given(void)
{
    g_autofree char *url = flattr_oauth_dup_authorize_url("https://e.org/authorize?x=1", "a&b",
                                                          "http://127.0.0.1:1/?c=d", "flattr thing", "s=t", NULL);

    g_assert_cmpstr(url, ==,
                    "https://e.org/authorize?x=1&response_type=code&client_id=a%26b&redirect_uri=http%3A%2F%2F127.0.0.1"
                    "%3A1%2F%3Fc%3Dd&scope=flattr%20thing&state=s%3Dt");
    g_autoptr(GError) error = NULL;
    g_assert_null(flattr_oauth_dup_authorize_url("no address", "a", "b", "c", "d", &error));
    g_assert_error(error, FLATTR_ERROR, FLATTR_ERROR_ARGUMENT);
}

static void
what_a_program_is_registered_with_need_not_be_named(void)
{
    g_autofree char *url = flattr_oauth_dup_authorize_url("https://e.org/", "a", NULL, NULL, "s", NULL);

    g_assert_cmpstr(url, ==, "https://e.org/?response_type=code&client_id=a&state=s");
}

static void
no_login_begins_without_a_state(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(flattr_oauth_dup_authorize_url("https://e.org/", "a", "http://b/", "flattr", "", &error));
    g_assert_error(error, FLATTR_ERROR, FLATTR_ERROR_ARGUMENT);
}

static void
the_scope_comes_with_the_token(void)
{
    g_autoptr(FlattrReply) reply = reply_of("200 OK", "{\"access_token\":\"t\",\"scope\":\"flattr email\"}");
    g_autoptr(FlattrReply) silent = reply_of("200 OK", "{\"access_token\":\"t\"}");

    g_assert_cmpstr(flattr_reply_get_scope(reply), ==, "flattr email");
    g_assert_null(flattr_reply_get_scope(silent));
}

static void
a_code_is_taken_with_the_right_state_only(void)
{
    static const struct {
        const char *address;
        const char *code; /* NULL: an error */
        FlattrError error;
    } cases[] = {
        {"http://127.0.0.1:1/back?code=abc&state=s%20t", "abc", 0},
        {"http://127.0.0.1:1/back?x=1&state=s+t&code=a%26b", "a&b", 0},
        {"http://127.0.0.1:1/back?code=abc", NULL, FLATTR_ERROR_MALFORMED},
        {"http://127.0.0.1:1/back?code=abc&state=other", NULL, FLATTR_ERROR_MALFORMED},
        {"http://127.0.0.1:1/back?error=access_denied", NULL, FLATTR_ERROR_MALFORMED},
        {"http://127.0.0.1:1/back?error=access_denied&state=s%20t", NULL, FLATTR_ERROR_UNAUTHORIZED},
        {"http://127.0.0.1:1/back?state=s%20t", NULL, FLATTR_ERROR_MALFORMED},
        {"http://127.0.0.1:1/back", NULL, FLATTR_ERROR_MALFORMED},
        {"", NULL, FLATTR_ERROR_MALFORMED},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *code = flattr_oauth_dup_code(cases[i].address, "s t", &error);

        g_test_message("%s", cases[i].address);
        g_assert_cmpstr(code, ==, cases[i].code);
        if (!cases[i].code)
            g_assert_error(error, FLATTR_ERROR, (int)cases[i].error);
    }
}

static void
the_client_shows_itself_and_no_token_goes_along(void)
{
    g_autoptr(FlattrRequest) request = flattr_request_new_token("id", "secret", "c\"", "http://e.org/");
    g_auto(GStrv) headers = flattr_request_dup_headers(request, "token");

    g_assert_true(g_strv_contains((const char *const *)headers, "Authorization: Basic aWQ6c2VjcmV0"));
    g_assert_cmpuint(g_strv_length(headers), ==, 3);
    g_assert_cmpstr(flattr_request_get_path(request), ==, "");
    g_assert_cmpstr(flattr_request_get_body(request, NULL), ==,
                    "{\"grant_type\":\"authorization_code\",\"code\":\"c\\\"\",\"redirect_uri\":\"http://e.org/\"}");
}

/* The example of RFC 7636, appendix B. */
static void
a_code_is_bound_to_a_verifier(void)
{
    const char *verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    g_autofree char *challenge = flattr_oauth_dup_challenge(verifier);
    g_autoptr(FlattrRequest) request =
        flattr_request_new_token_verified("id", "secret", "c", "http://e.org/", verifier);

    g_assert_cmpstr(challenge, ==, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    g_assert_cmpstr(flattr_request_get_body(request, NULL), ==,
                    "{\"grant_type\":\"authorization_code\",\"code\":\"c\",\"redirect_uri\":\"http://e.org/\","
                    "\"code_verifier\":\"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk\"}");
}

static void
a_token_is_revoked_by_a_form(void)
{
    g_autoptr(FlattrRequest) request = flattr_request_new_revocation("id", "secret", "a+b&c");
    g_auto(GStrv) headers = flattr_request_dup_headers(request, "token");

    g_assert_true(g_strv_contains((const char *const *)headers, "Authorization: Basic aWQ6c2VjcmV0"));
    g_assert_true(g_strv_contains((const char *const *)headers, "Content-Type: application/x-www-form-urlencoded"));
    g_assert_cmpstr(flattr_request_get_method(request), ==, "POST");
    g_assert_cmpstr(flattr_request_get_body(request, NULL), ==, "token=a%2Bb%26c&token_type_hint=access_token");
}

static void
a_token_is_read_when_it_is_a_bearer_token(void)
{
    static const struct {
        const char *status;
        const char *body;
        const char *token; /* NULL: an error */
    } cases[] = {
        {"200 OK", "{\"access_token\":\"t\",\"token_type\":\"Bearer\"}", "t"},
        {"200 OK", "{\"access_token\":\"t\"}", "t"},
        {"200 OK", "{\"access_token\":\"\"}", NULL},
        {"200 OK", "{\"access_token\":\"t\",\"token_type\":\"mac\"}", NULL},
        {"200 OK", "[]", NULL},
        {"400 Bad Request", "{\"error\":\"invalid_grant\",\"access_token\":\"t\"}", NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(FlattrReply) reply = reply_of(cases[i].status, cases[i].body);
        g_autoptr(GError) error = NULL;
        g_autofree char *token = flattr_reply_read_token(reply, &error);

        g_test_message("%s", cases[i].body);
        g_assert_cmpstr(token, ==, cases[i].token);
        g_assert_true((error == NULL) == (cases[i].token != NULL));
    }
}

static void
things_come_single_as_a_list_or_from_a_search(void)
{
    static const struct {
        const char *body;
        int count; /* -1: an error */
    } cases[] = {
        {"{\"id\":1}", 1},
        {"[{\"id\":1},{\"id\":\"2\"},7,null]", 2},
        {"[]", 0},
        {"{\"total_items\":1,\"things\":[{\"id\":1}]}", 1},
        {"{\"things\":{}}", -1},
        {"{\"message\":\"ok\"}", -1},
        {"\"text\"", -1},
        {"[{\"id\":1}", -1},
        {"", -1},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(FlattrReply) reply = reply_of("200 OK", cases[i].body);
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) things = flattr_reply_read_things(reply, &error);

        g_test_message("%s", cases[i].body);
        g_assert_cmpint(things ? (int)things->len : -1, ==, cases[i].count);
        g_assert_true((error == NULL) == (things != NULL));
    }
}

static void
what_does_not_say_what_became_of_it_is_an_error(void)
{
    g_autoptr(FlattrReply) unsure = reply_of("200 OK", "{\"message\":\"ok\"}");
    g_autoptr(GError) toggled = NULL, created = NULL, activities = NULL, choices = NULL;
    gboolean active = TRUE;

    g_assert_false(flattr_reply_read_toggled(unsure, &active, &toggled));
    g_assert_error(toggled, FLATTR_ERROR, FLATTR_ERROR_MALFORMED);
    g_assert_true(active);
    g_assert_cmpint(flattr_reply_read_created(unsure, &created), ==, 0);
    g_assert_error(created, FLATTR_ERROR, FLATTR_ERROR_MALFORMED);
    g_assert_null(flattr_reply_read_activities(unsure, &activities));
    g_assert_error(activities, FLATTR_ERROR, FLATTR_ERROR_MALFORMED);
    g_assert_null(flattr_reply_read_choices(unsure, &choices));
    g_assert_error(choices, FLATTR_ERROR, FLATTR_ERROR_MALFORMED);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/flattr-oauth/the address to open escapes what it is given",
                    the_address_to_open_escapes_what_it_is_given);
    g_test_add_func("/flattr-oauth/what a program is registered with need not be named",
                    what_a_program_is_registered_with_need_not_be_named);
    g_test_add_func("/flattr-oauth/no login begins without a state", no_login_begins_without_a_state);
    g_test_add_func("/flattr-oauth/the scope comes with the token", the_scope_comes_with_the_token);
    g_test_add_func("/flattr-oauth/a code is taken with the right state only",
                    a_code_is_taken_with_the_right_state_only);
    g_test_add_func("/flattr-oauth/the client shows itself, and no token goes along",
                    the_client_shows_itself_and_no_token_goes_along);
    g_test_add_func("/flattr-oauth/a code is bound to a verifier", a_code_is_bound_to_a_verifier);
    g_test_add_func("/flattr-oauth/a token is revoked by a form", a_token_is_revoked_by_a_form);
    g_test_add_func("/flattr-oauth/a token is read when it is a bearer token",
                    a_token_is_read_when_it_is_a_bearer_token);
    g_test_add_func("/flattr-reply/things come single, as a list or from a search",
                    things_come_single_as_a_list_or_from_a_search);
    g_test_add_func("/flattr-reply/what does not say what became of it is an error",
                    what_does_not_say_what_became_of_it_is_an_error);
    return g_test_run();
}
