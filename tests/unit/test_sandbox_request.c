/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/request.h"

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
        {"/rest/v2/things/1.xml", "/things/1", SANDBOX_AREA_API, SANDBOX_FORM_OTHER},
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
        gboolean json;
    } cases[] = {
        {NULL, TRUE},
        {"", TRUE},
        {"*/*", TRUE},
        {"application/json", TRUE},
        {"Application/JSON; charset=utf-8", TRUE},
        {"text/html, application/*;q=0.2", TRUE},
        {"text/html", FALSE},
        {"application/xml", FALSE},
        {"application/json;q=0", FALSE},
        {"*/*, application/json;q=0.0", FALSE},
        {"application/json;q=0, */*", FALSE},
        {"application/json, */*;q=0", TRUE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SandboxRequest) request = sandbox_request_new("GET", "/rest/v2/categories");

        g_test_message("%s", cases[i].accept ? cases[i].accept : "NULL");
        request->accept = g_strdup(cases[i].accept);
        g_assert_cmpint(sandbox_request_choose_form(request, FALSE), ==,
                        cases[i].json ? SANDBOX_FORM_JSON : SANDBOX_FORM_OTHER);
    }
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
        {"/rest/v2/user/activities", "application/json", SANDBOX_FORM_OTHER},
        {"/rest/v2/user/activities.as", "text/html", SANDBOX_FORM_STREAM},
        {"/rest/v2/user/activities.atom", "application/json", SANDBOX_FORM_ATOM},
        {"/rest/v2/user/activities.json", NULL, SANDBOX_FORM_OTHER},
        {"/rest/v2/user/activities.xml", "application/atom+xml", SANDBOX_FORM_OTHER},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SandboxRequest) request = sandbox_request_new("GET", cases[i].path);

        g_test_message("%s, %s", cases[i].path, cases[i].accept ? cases[i].accept : "NULL");
        request->accept = g_strdup(cases[i].accept);
        g_assert_cmpint(sandbox_request_choose_form(request, TRUE), ==, cases[i].form);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sandbox-request/paths are split into area and path", paths_are_split_into_area_and_path);
    g_test_add_func("/sandbox-request/the closest accepted range decides", the_closest_accepted_range_decides);
    g_test_add_func("/sandbox-request/bodies are forms or JSON objects", bodies_are_forms_or_json_objects);
    g_test_add_func("/sandbox-request/scopes are words between spaces or commas",
                    scopes_are_words_between_spaces_or_commas);
    g_test_add_func("/request/a stream comes as JSON or as Atom", a_stream_comes_as_json_or_as_atom);
    return g_test_run();
}
