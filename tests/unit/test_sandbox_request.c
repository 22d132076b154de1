/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/formats.h"

#include <string.h>

static void
paths_are_split_into_area_and_path(void)
{
    static const struct {
        const char *whole;
        const char *path;
        SandboxArea area;
        SandboxForm form;
    } cases[] = {
        {"/rest/v2", "/", SANDBOX_AREA_API, SANDBOX_FORM_NONE},
        {"/rest/v2/", "/", SANDBOX_AREA_API, SANDBOX_FORM_NONE},
        {"/rest/v2/flattr//", "/flattr", SANDBOX_AREA_API, SANDBOX_FORM_NONE},
        {"/rest/v2/things/1.json", "/things/1", SANDBOX_AREA_API, SANDBOX_FORM_JSON},
        {"/rest/v2/things/1.xml", "/things/1", SANDBOX_AREA_API, SANDBOX_FORM_XML},
        {"/rest/v2/things/lookup/q/http://e.org/a.xml/", "/things/lookup", SANDBOX_AREA_API, SANDBOX_FORM_NONE},
        {"/rest/v2/users/j.doe", "/users/j.doe", SANDBOX_AREA_API, SANDBOX_FORM_NONE},
        {"/rest/v20", "/rest/v20", SANDBOX_AREA_NONE, SANDBOX_FORM_NONE},
        {"/_sandbox/faults", "/faults", SANDBOX_AREA_CONTROL, SANDBOX_FORM_NONE},
        {"/", "/", SANDBOX_AREA_NONE, SANDBOX_FORM_NONE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SandboxRequest) request = sandbox_request_new("GET", cases[i].whole);

        g_test_message("%s", cases[i].whole);
        g_assert_cmpint(request->area, ==, cases[i].area);
        g_assert_cmpstr(request->path, ==, cases[i].path);
        g_assert_cmpint(request->form, ==, cases[i].form);
    }
}

static void
the_closest_accepted_range_decides(void)
{
    static const struct {
        const char *accept;
        SandboxForm form;
    } cases[] = {
        {NULL, SANDBOX_FORM_JSON},
        {"", SANDBOX_FORM_JSON},
        {"*/*", SANDBOX_FORM_JSON},
        {"application/json", SANDBOX_FORM_JSON},
        {"Application/JSON; charset=utf-8", SANDBOX_FORM_JSON},
        {"text/html, application/*;q=0.2", SANDBOX_FORM_JSON},
        {"application/stream+json", SANDBOX_FORM_JSON},
        {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", SANDBOX_FORM_JSON},
        {"text/html", SANDBOX_FORM_OTHER},
        {"application/atom+xml", SANDBOX_FORM_OTHER},
        {"application/xml", SANDBOX_FORM_XML},
        {"text/xml", SANDBOX_FORM_XML},
        {"application/yaml", SANDBOX_FORM_YAML},
        {"application/json;q=0", SANDBOX_FORM_OTHER},
        {"*/*, application/json;q=0.0", SANDBOX_FORM_XML},
        {"application/json, */*;q=0", SANDBOX_FORM_JSON},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SandboxRequest) request = sandbox_request_new("GET", "/rest/v2/categories");

        g_test_message("%s", cases[i].accept ? cases[i].accept : "NULL");
        request->accept = g_strdup(cases[i].accept);
        g_assert_cmpint(sandbox_formats_choose(request, SANDBOX_FORMS_PLAIN), ==, cases[i].form);
    }
}

/* An answer with a list of one flattr, written in another form. Returns (transfer full) it. */
static SandboxAnswer *
write_as(const char *path, SandboxForm form, gboolean quirks)
{
    g_autoptr(SandboxRequest) request = sandbox_request_new("GET", path);
    SandboxAnswer *answer = sandbox_answer_new();

    g_hash_table_replace(request->query, g_strdup("jsonp"), g_strdup(strstr(path, "jsonp") ? "a.b" : ""));
    sandbox_answer_take_json(answer, 200,
                             json_pack("[{s:s, s:{s:s, s:i, s:s, s:s, s:b, s:s}, s:{s:s, s:s}, s:I}]", "type", "flattr",
                                       "thing", "type", "thing", "id", 7, "title", "It's <1> & more", "link",
                                       "https://flattr.com/thing/7", "hidden", FALSE, "image", "", "owner", "username",
                                       "ann", "link", "https://flattr.com/profile/ann", "created_at",
                                       (json_int_t)1325668032));
    sandbox_formats_apply(request, form, "http://base", quirks, answer);
    return answer;
}

static void
an_answer_is_written_in_every_form(void)
{
    static const struct {
        SandboxForm form;
        const char *type;
        const char *parts[4];
    } cases[] = {
        {SANDBOX_FORM_JSON, "application/json;charset=utf-8", {"[{\"type\":\"flattr\""}},
        {SANDBOX_FORM_XML,
         "text/xml;charset=utf-8",
         {"<response><flattr><type>flattr</type><thing>", "<title>It&apos;s &lt;1&gt; &amp; more</title>",
          "<hidden>false</hidden>", "</flattr></response>\n"}},
        {SANDBOX_FORM_YAML,
         "application/yaml;charset=utf-8",
         {"-\n  type: \"flattr\"\n", "  thing:\n    type: \"thing\"\n", "    id: 7\n", "    hidden: false\n"}},
        {SANDBOX_FORM_STREAM,
         "application/stream+json",
         {"{\"items\":[{\"published\":\"2012-01-04T10:07:12+01:00\"",
          "\"title\":\"ann flattred \\\"It's <1> & more\\\"\"", "\"url\":\"https://flattr.com/thing/7/Its-1-more\"",
          "\"id\":\"tag:flattr.com,2012-01-04:ann/flattr/7\""}},
        {SANDBOX_FORM_ATOM,
         "application/atom+xml;charset=utf-8",
         {"<published>2012-01-04T10:07:12+01:00</published>", "schema/1.0/like</activity:verb>", "<name>ann</name>"}},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SandboxAnswer) answer = write_as("/rest/v2/user/flattrs", cases[i].form, FALSE);

        g_test_message("%s", answer->body);
        g_assert_cmpstr(answer->type, ==, cases[i].type);
        for (gsize part = 0; part < G_N_ELEMENTS(cases[i].parts) && cases[i].parts[part]; part++)
            g_assert_nonnull(strstr(answer->body, cases[i].parts[part]));
    }
}

static void
quirks_change_numbers_booleans_slashes_and_what_is_empty(void)
{
    g_autoptr(SandboxAnswer) answer = write_as("/rest/v2/user/flattrs", SANDBOX_FORM_JSON, TRUE);

    g_assert_nonnull(strstr(answer->body, "\"id\":\"7\""));
    g_assert_nonnull(strstr(answer->body, "\"hidden\":0"));
    g_assert_nonnull(strstr(answer->body, "https:\\/\\/flattr.com\\/thing\\/7\""));
    g_assert_null(strstr(answer->body, "image"));
}

static void
jsonp_calls_a_function_and_nothing_else(void)
{
    static const char *const refused[] = {"", "a b", "alert(1)", "1a", "a;b", "a-b", "\303\244"};
    g_autoptr(SandboxAnswer) answer = write_as("/rest/v2/user/flattrs?jsonp", SANDBOX_FORM_JSON, FALSE);

    g_assert_true(g_str_has_prefix(answer->body, "a.b([{"));
    g_assert_true(g_str_has_suffix(answer->body, "]);"));
    g_assert_cmpstr(answer->type, ==, "application/javascript;charset=utf-8");
    for (gsize i = 0; i < G_N_ELEMENTS(refused); i++)
        g_assert_false(sandbox_formats_is_callback(refused[i]));
    g_assert_true(sandbox_formats_is_callback("jQuery_1.$x"));
}

static void
bodies_are_forms_or_json_objects(void)
{
    static const struct {
        const char *type;
        const char *body;
        const char *url; /* NULL: unreadable */
    } cases[] = {
        {"application/json", "{\"url\":\"http:\\/\\/e.org\"}", "http://e.org"},
        {"application/json;charset=utf-8", "{\"url\":7}", "7"},
        {"application/x-www-form-urlencoded", "a=b&url=http%3A%2F%2Fe.org+x", "http://e.org x"},
        {"application/x-www-form-urlencoded", "url=1&url=2", "2"},
        {"application/x-www-form-urlencoded", "url=%", NULL},
        {"application/x-www-form-urlencoded", "url=%ff", NULL},
        {"application/x-www-form-urlencoded", "url=%00", NULL},
        {"application/json", "[\"url\"]", NULL},
        {"application/json", "{\"url\":", NULL},
        {"application/json", "{\"url\":\"a\\u0000b\"}", NULL},
        {"application/json", "{\"url\":\"\xff\"}", NULL},
        {"text/plain", "url=x", NULL},
        {NULL, "url=x", NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SandboxRequest) request = sandbox_request_new("POST", "/rest/v2/flattr");

        sandbox_body_read(request, cases[i].type, cases[i].body, strlen(cases[i].body));
        g_test_message("%s", cases[i].body);
        g_assert_true((request->body_problem == NULL) == (cases[i].url != NULL));
        if (cases[i].url)
            g_assert_cmpstr(g_hash_table_lookup(request->fields, "url"), ==, cases[i].url);
    }
}

static void
scopes_are_words_between_spaces_or_commas(void)
{
    g_assert_true(sandbox_scopes_hold("flattr thing", "thing"));
    g_assert_true(sandbox_scopes_hold("flattr,thing", "thing"));
    g_assert_false(sandbox_scopes_hold("things", "thing"));
    g_assert_false(sandbox_scopes_hold("", "thing"));
    g_assert_false(sandbox_scopes_hold(NULL, "thing"));
}

static void
a_stream_comes_as_json_or_as_atom(void)
{
    static const struct {
        const char *path;
        const char *accept;
        SandboxForm form;
    } cases[] = {
        {"/rest/v2/user/activities", NULL, SANDBOX_FORM_STREAM},
        {"/rest/v2/user/activities", "application/atom+xml, application/stream+json", SANDBOX_FORM_STREAM},
        {"/rest/v2/user/activities", "application/atom+xml", SANDBOX_FORM_ATOM},
        {"/rest/v2/user/activities", "application/json", SANDBOX_FORM_STREAM},
        {"/rest/v2/user/activities.as", "text/html", SANDBOX_FORM_STREAM},
        {"/rest/v2/user/activities.atom", "application/json", SANDBOX_FORM_ATOM},
        {"/rest/v2/user/activities.json", NULL, SANDBOX_FORM_OTHER},
        {"/rest/v2/user/activities.xml", "application/atom+xml", SANDBOX_FORM_OTHER},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SandboxRequest) request = sandbox_request_new("GET", cases[i].path);

        g_test_message("%s, %s", cases[i].path, cases[i].accept ? cases[i].accept : "NULL");
        request->accept = g_strdup(cases[i].accept);
        g_assert_cmpint(sandbox_formats_choose(request, SANDBOX_FORMS_STREAM), ==, cases[i].form);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sandbox-request/paths are split into area and path", paths_are_split_into_area_and_path);
    g_test_add_func("/sandbox-request/the closest accepted range decides", the_closest_accepted_range_decides);
    g_test_add_func("/sandbox-request/an answer is written in every form", an_answer_is_written_in_every_form);
    g_test_add_func("/sandbox-request/quirks change numbers, booleans, slashes and what is empty",
                    quirks_change_numbers_booleans_slashes_and_what_is_empty);
    g_test_add_func("/sandbox-request/JSONP calls a function and nothing else",
                    jsonp_calls_a_function_and_nothing_else);
    g_test_add_func("/sandbox-request/bodies are forms or JSON objects", bodies_are_forms_or_json_objects);
    g_test_add_func("/sandbox-request/scopes are words between spaces or commas",
                    scopes_are_words_between_spaces_or_commas);
    g_test_add_func("/request/a stream comes as JSON or as Atom", a_stream_comes_as_json_or_as_atom);
    return g_test_run();
}
