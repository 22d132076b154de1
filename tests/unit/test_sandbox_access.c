/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may do what: scopes, codes, sessions, hooks' addresses, and markup that holds what others wrote. */
#include "sandbox/hooks.h"
#include "sandbox/pages.h"
#include "sandbox/request.h"
#include "sandbox/service.h"
#include "sandbox/things.h"

#include <string.h>

static void
scopes_are_read_by_spaces_or_commas(void)
{
    static const struct {
        const char *text;
        const char *scopes; /* NULL: refused */
    } cases[] = {
        {"", ""},
        {"flattr thing", "flattr thing"},
        {"flattr,thing,email,extendedread", "flattr thing email extendedread"},
        {" flattr , ", "flattr"},
        {"flattr everything", NULL},
        {"Flattr", NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *scopes = sandbox_scopes_read(cases[i].text);
        g_assert_cmpstr(scopes, ==, cases[i].scopes);
    }
}

static void
every_scope_is_explained_in_words(void)
{
    g_auto(GStrv) scopes = g_strsplit(SANDBOX_SCOPES, " ", -1);

    for (char **scope = scopes; *scope; scope++)
        g_assert_cmpstr(sandbox_scope_explain(*scope), !=, *scope);
}

static void
a_code_serves_once_in_time_and_for_its_address(void)
{
    const SandboxCode wanted = {
        .user = (char *)"demo", .redirect_uri = (char *)"http://e.org/", .scopes = (char *)"flattr"};
    g_autoptr(SandboxCodes) codes = sandbox_codes_new();
    g_autofree char *good = sandbox_codes_add(codes, &wanted, 1000);
    g_autofree char *old = sandbox_codes_add(codes, &wanted, 1000);
    g_autofree char *elsewhere = sandbox_codes_add(codes, &wanted, 1000);
    g_autoptr(SandboxCode) code = sandbox_codes_take(codes, good, "http://e.org/", 1599);

    g_assert_nonnull(code);
    g_assert_cmpstr(code->user, ==, "demo");
    g_assert_cmpstr(code->scopes, ==, "flattr");
    g_assert_null(sandbox_codes_take(codes, good, "http://e.org/", 1599));
    g_assert_null(sandbox_codes_take(codes, old, "http://e.org/", 1600));
    g_assert_null(sandbox_codes_take(codes, elsewhere, "http://e.org/2", 1001));
    g_assert_null(sandbox_codes_take(codes, elsewhere, "http://e.org/", 1001));
    g_assert_null(sandbox_codes_take(codes, NULL, "http://e.org/", 1001));
    g_assert_null(sandbox_codes_find_used(codes, good));
    sandbox_codes_add_used(codes, good, g_steal_pointer(&code), "token");
    g_assert_cmpstr(sandbox_codes_find_used(codes, good), ==, "token");
    g_assert_null(sandbox_codes_find_used(codes, old));
}

static void
a_session_is_found_by_its_cookie_among_others(void)
{
    g_autoptr(SandboxSessions) sessions = sandbox_sessions_new();
    SandboxSession *session = sandbox_sessions_add(sessions, "demo");
    g_autofree char *alone = g_strdup_printf("flattr_sandbox=%s", session->name);
    g_autofree char *among = g_strdup_printf("a=b; flattr_sandbox=%s; c=d", session->name);
    g_autofree char *other = g_strdup_printf("xflattr_sandbox=%s", session->name);

    g_assert_true(sandbox_sessions_find(sessions, alone) == session);
    g_assert_true(sandbox_sessions_find(sessions, among) == session);
    g_assert_null(sandbox_sessions_find(sessions, other));
    g_assert_null(sandbox_sessions_find(sessions, "flattr_sandbox="));
    g_assert_null(sandbox_sessions_find(sessions, NULL));
    g_assert_cmpstr(session->form_token, !=, session->name);
    sandbox_sessions_remove(sessions, session);
    g_assert_null(sandbox_sessions_find(sessions, alone));
}

static void
of_too_many_sessions_the_one_unused_longest_goes(void)
{
    g_autoptr(SandboxSessions) sessions = sandbox_sessions_new();
    g_autofree char *kept = g_strdup_printf("flattr_sandbox=%s", sandbox_sessions_add(sessions, NULL)->name);
    g_autofree char *lost = g_strdup_printf("flattr_sandbox=%s", sandbox_sessions_add(sessions, NULL)->name);

    g_assert_nonnull(sandbox_sessions_find(sessions, kept));
    for (int i = 0; i < 999; i++)
        sandbox_sessions_add(sessions, NULL);
    g_assert_nonnull(sandbox_sessions_find(sessions, kept));
    g_assert_null(sandbox_sessions_find(sessions, lost));
}

static void
hooks_go_to_loopback_alone(void)
{
    static const struct {
        const char *url;
        gboolean allowed;
    } cases[] = {
        {"http://127.0.0.1:8080/hook?a=b", TRUE},
        {"https://localhost/", TRUE},
        {"http://[::1]:80/", TRUE},
        {"http://192.0.2.1/", FALSE},
        {"http://127.0.0.1.example.org/", FALSE},
        {"http://localhost@example.org/", FALSE},
        {"http://example.org/#127.0.0.1", FALSE},
        {"ftp://127.0.0.1/", FALSE},
        {"file:///etc/passwd", FALSE},
        {"", FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].url);
        g_assert_cmpint(sandbox_hooks_allow(cases[i].url), ==, cases[i].allowed);
    }
}

static void
markup_escapes_what_others_wrote(void)
{
    g_autoptr(GString) page = g_string_new(NULL);

    sandbox_html_add(page, "<p title=\"%s\">%s</p>", "\"'&", "</p><script>");
    g_assert_cmpstr(page->str, ==, "<p title=\"&quot;&apos;&amp;\">&lt;/p&gt;&lt;script&gt;</p>");
}

static void
a_things_fields_are_checked(void)
{
    static const struct {
        const char *json;
        gboolean valid;
    } cases[] = {
        {"{}", TRUE},
        {"{\"title\":\"12345\",\"description\":null,\"hidden\":true}", TRUE},
        {"{\"title\":\"äöüßé\"}", TRUE},
        {"{\"title\":\"1234\"}", FALSE},
        {"{\"title\":\"\"}", FALSE},
        {"{\"title\":1.5}", FALSE},
        {"{\"description\":\"\"}", TRUE},
        {"{\"category\":\"audio\",\"language\":\"de_DE\"}", TRUE},
        {"{\"category\":\"\"}", FALSE},
        {"{\"language\":[]}", FALSE},
        {"{\"hidden\":\"false\"}", TRUE},
        {"{\"hidden\":2}", FALSE},
        {"{\"unknown\":{}}", TRUE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(SandboxRequest) request = sandbox_request_new("POST", "/rest/v2/things");
        g_autoptr(SandboxThing) thing = g_new0(SandboxThing, 1);

        sandbox_body_read(request, "application/json", cases[i].json, strlen(cases[i].json));
        g_test_message("%s", cases[i].json);
        g_assert_cmpint(sandbox_thing_fields_read(request, thing) == NULL, ==, cases[i].valid);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sandbox-access/scopes are read by spaces or commas", scopes_are_read_by_spaces_or_commas);
    g_test_add_func("/sandbox-access/every scope is explained in words", every_scope_is_explained_in_words);
    g_test_add_func("/sandbox-access/a code serves once, in time and for its address",
                    a_code_serves_once_in_time_and_for_its_address);
    g_test_add_func("/sandbox-access/a session is found by its cookie among others",
                    a_session_is_found_by_its_cookie_among_others);
    g_test_add_func("/sandbox-access/of too many sessions the one unused longest goes",
                    of_too_many_sessions_the_one_unused_longest_goes);
    g_test_add_func("/sandbox-access/hooks go to loopback alone", hooks_go_to_loopback_alone);
    g_test_add_func("/sandbox-access/markup escapes what others wrote", markup_escapes_what_others_wrote);
    g_test_add_func("/sandbox-access/a thing's fields are checked", a_things_fields_are_checked);
    return g_test_run();
}
