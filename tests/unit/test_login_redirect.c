/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a login's answer is listened for, and the page that it is answered with. */
#include "config/config.h"
#include "login/login_server.h"
#include <string.h>

static void
loopback_is_listened_at_and_nothing_else(void)
{
    static const struct {
        const char *text;
        gboolean listens;
        guint16 port;
        const char *address; /* at port 4711 when it listens */
    } cases[] = {
        {"http://127.0.0.1/", TRUE, 0, "http://127.0.0.1:4711/"},
        {"http://127.0.0.1", TRUE, 0, "http://127.0.0.1:4711/"},
        {"http://localhost/back", TRUE, 0, "http://localhost:4711/back"},
        {"http://[::1]:4711/a%20b/", TRUE, 4711, "http://[::1]:4711/a%20b/"},
        {"https://example.org/back", FALSE, 0, "https://example.org/back"},
        {"https://example.org:444/", FALSE, 444, "https://example.org:444/"},
        {"https://127.0.0.1:444/", FALSE, 444, "https://127.0.0.1:444/"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(PfRedirect) redirect = pf_redirect_parse(cases[i].text, &error);

        g_test_message("%s", cases[i].text);
        g_assert_no_error(error);
        g_autofree char *address = pf_redirect_dup_address(redirect, cases[i].listens ? 4711 : 0);
        g_assert_cmpint(redirect->listen != NULL, ==, cases[i].listens);
        g_assert_cmpint(redirect->port, ==, cases[i].port);
        g_assert_cmpstr(address, ==, cases[i].address);
    }
}

static void
an_address_that_would_give_the_code_away_is_refused(void)
{
    static const char *const bad[] = {
        "",
        "127.0.0.1",
        "nowhere/",
        "http://",
        "http://example.org/",
        "http://192.168.1.2/",
        "http://127.0.0.1.example.org/",
        "ftp://127.0.0.1/",
        "javascript:alert(1)",
        "http://127.0.0.1/?x=1",
        "http://127.0.0.1/#x",
        "https://user:password@example.org/",
        "http://127.0.0.1:99999/",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        g_test_message("%s", bad[i]);
        g_assert_null(pf_redirect_parse(bad[i], &error));
        g_assert_error(error, PF_CONFIG_ERROR, PF_CONFIG_ERROR_CONTENT);
        g_assert_true(g_str_has_prefix(error->message, "redirect '"));
    }
}

static void
only_its_own_path_is_the_target(void)
{
    g_autoptr(PfRedirect) root = pf_redirect_parse("http://127.0.0.1", NULL);
    g_autoptr(PfRedirect) deep = pf_redirect_parse("http://127.0.0.1/a/b", NULL);

    g_assert_true(pf_redirect_is_target(root, "/?code=1"));
    g_assert_true(pf_redirect_is_target(root, "/"));
    g_assert_false(pf_redirect_is_target(root, "/favicon.ico"));
    g_assert_false(pf_redirect_is_target(root, ""));
    g_assert_true(pf_redirect_is_target(deep, "/a/b?code=1"));
    g_assert_false(pf_redirect_is_target(deep, "/a/b/?code=1"));
    g_assert_false(pf_redirect_is_target(deep, "/a/?code=/b"));
}

static void
what_comes_from_elsewhere_is_no_markup_in_the_page(void)
{
    const PfPage page = {200, "<title>", (char *)"</p><script>alert(\"1\")</script>&"};
    g_autofree char *html = pf_page_dup_html(&page);

    g_assert_null(strstr(html, "<script"));
    g_assert_nonnull(strstr(html, "&lt;/p&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;"));
    g_assert_nonnull(strstr(html, "<h1>&lt;title&gt;</h1>"));
}

/* Else browsers would not use it. */
static void
the_style_of_the_page_is_the_one_that_its_policy_names(void)
{
    const PfPage page = {200, "title", (char *)"text"};
    g_autofree char *html = pf_page_dup_html(&page);
    const char *style = strstr(html, "<style>") + strlen("<style>");
    const char *end = strstr(style, "</style>");
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    guint8 digest[32];
    gsize length = sizeof digest;

    g_assert_nonnull(end);
    g_checksum_update(checksum, (const guchar *)style, end - style);
    g_checksum_get_digest(checksum, digest, &length);
    g_autofree char *hash = g_base64_encode(digest, length);
    g_autofree char *source = g_strdup_printf("style-src 'sha256-%s';", hash);
    g_assert_true(g_str_equal(pf_page_headers[2], "Content-Security-Policy"));
    g_assert_nonnull(strstr(pf_page_headers[3], source));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/redirect/loopback_is_listened_at_and_nothing_else", loopback_is_listened_at_and_nothing_else);
    g_test_add_func("/redirect/an_address_that_would_give_the_code_away_is_refused",
                    an_address_that_would_give_the_code_away_is_refused);
    g_test_add_func("/redirect/only_its_own_path_is_the_target", only_its_own_path_is_the_target);
    g_test_add_func("/redirect/what_comes_from_elsewhere_is_no_markup_in_the_page",
                    what_comes_from_elsewhere_is_no_markup_in_the_page);
    g_test_add_func("/redirect/the_style_of_the_page_is_the_one_that_its_policy_names",
                    the_style_of_the_page_is_the_one_that_its_policy_names);
    return g_test_run();
}
