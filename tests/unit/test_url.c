/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/url.h"

static void
an_address_has_one_identity_however_it_is_spelt(void)
{
    static const struct {
        const char *one, *other;
        gboolean same;
    } cases[] = {
        {"http://a.example/x.mp3", "https://A.example:443/x.mp3", TRUE},
        {"http://a.example/x.mp3", "http://u:p@a.example/x.mp3#t=1", TRUE},
        {"http://a.example/a b", "http://a.example/a%20b", TRUE},
        {"http://a.example/a%20b/", "http://a.example/%61%20b", TRUE},
        {"http://a.example/?a=1&b=2", "http://a.example/?a=1&amp;b=2", TRUE},
        {"http://a.example/?a=1", "http://a.example/?a=2", FALSE},
        {"http://a.example/100%", "http://a.example/100%25", TRUE},
        {"http://a.example/x", "http://b.example/x", FALSE},
        {"http://a.example:81/x", "http://a.example/x", FALSE},
        {"tag:A", "tag:a", FALSE},
        {"a%20b", "a b", FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s, %s", cases[i].one, cases[i].other);
        g_autofree char *one = pf_url_identity(cases[i].one);
        g_autofree char *other = pf_url_identity(cases[i].other);
        g_assert_cmpint(g_str_equal(one, other), ==, cases[i].same);
    }
}

static void
a_file_is_where_the_address_within_another_says(void)
{
    static const struct {
        const char *address, *places; /* joined by blanks */
    } cases[] = {
        {"https://A.example/x.mp3?tk=1", "a.example:/x.mp3?"},
        {"https://dts.podtrac.com/redirect.mp3/cdn.example.org/11/media.mp3?x",
         "dts.podtrac.com:/redirect.mp3/cdn.example.org/11/media.mp3? cdn.example.org:/11/media.mp3?"},
        {"https://op3.dev/e,pg=abc/https://cdn.example.org:8080/10/media.mp3",
         "op3.dev:/e,pg=abc/https://cdn.example.org:8080/10/media.mp3? cdn.example.org:8080/10/media.mp3?"},
        {"https://op3.dev/e/https%3A%2F%2Fcdn.example.org%2Fa.mp3",
         "op3.dev:/e/https://cdn.example.org/a.mp3? cdn.example.org:/a.mp3?"},
        {"https://chrt.fm/track/ABC/pdst.fm/e/cdn.example.org/a.mp3",
         "chrt.fm:/track/ABC/pdst.fm/e/cdn.example.org/a.mp3? pdst.fm:/e/cdn.example.org/a.mp3?"
         " cdn.example.org:/a.mp3?"},
        {"https://a.example/show.opus/b.mp3", "a.example:/show.opus/b.mp3?"},
        {"https://a.example/cdn.example.org", "a.example:/cdn.example.org?"},
        {"https://a.example/..org/x", "a.example:/..org/x?"},
        {"https://a.example/10.2.3.4:80/b.mp3", "a.example:/10.2.3.4:80/b.mp3? 10.2.3.4:80/b.mp3?"},
        {"https://a.example/10.2.3.4/b.mp3", "a.example:/10.2.3.4/b.mp3?"},
        {"tag:x", ""},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(GStrv) places = pf_url_list_places(cases[i].address);
        g_autofree char *joined = g_strjoinv(" ", places);
        g_assert_cmpstr(joined, ==, cases[i].places);
    }
}

static void
a_basename_has_neither_query_nor_folder(void)
{
    static const struct {
        const char *address, *raw, *decoded;
    } cases[] = {
        {"http://a.example/p/ep1.mp3?src=rss#t", "ep1.mp3", "ep1.mp3"},
        {"http://a.example/p/Ep%20One.mp3", "Ep%20One.mp3", "Ep One.mp3"},
        {"http://a.example/p/100%.mp3", "100%.mp3", "100%.mp3"},
        {"http://a.example/p/%00.mp3", "%00.mp3", "%00.mp3"},
        {"http://a.example/p/", "p", "p"},
        {"http://a.example/", NULL, NULL},
        {"http://a.example", NULL, NULL},
        {"/home/me/ep1.mp3", "ep1.mp3", "ep1.mp3"},
        {"ep1.mp3", "ep1.mp3", "ep1.mp3"},
        {"", NULL, NULL},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *raw = pf_url_basename(cases[i].address, FALSE);
        g_autofree char *decoded = pf_url_basename(cases[i].address, TRUE);
        g_assert_cmpstr(raw, ==, cases[i].raw);
        g_assert_cmpstr(decoded, ==, cases[i].decoded);
    }
}

static void
what_is_escaped_does_not_depend_on_the_release_of_libcurl(void)
{
    static const struct {
        const char *reference, *url;
    } cases[] = {
        {"\303\246 b?c d#e f", "http://a.example/x/%C3%A6%20b?c+d#e%20f"},
        {"%c3%a6", "http://a.example/x/%C3%A6"},
        {"%41%7e?%e4%zz#%fa%c", "http://a.example/x/%41%7E?%E4%zz#%FA%c"},
        {"http://b.example/%c3", "http://b.example/%c3"},
        {"#\303\246", "http://a.example/x/y#%C3%A6"},
        {"//b.example/c d", "http://b.example/c%20d"},
        {"https://b.example/\303\246", "https://b.example/\303\246"},
        {"https://b.example/\303\246 d", "https://b.example/%C3%A6%20d"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *url = pf_url_resolve("http://a.example/x/y", cases[i].reference);
        g_assert_cmpstr(url, ==, cases[i].url);
    }
    g_autofree char *joined = pf_url_join("http://a.example/x", "\303\246", "a:b");
    g_assert_cmpstr(joined, ==, "http://%C3%A6:a%3Ab@a.example/x");
}

static void
a_rule_holds_for_every_spelling(void)
{
    static const char *const spellings[] = {
        "http://localhost:81/a/f.xml",    "https://127.0.0.1:81/a/f.xml",     "feed://LocalHost:81/a/f.xml",
        "http://[::1]:81/a/f.xml",        "http://u:p@localhost:81/a/f.xml",  "http://localhost.:81/a/f.xml/",
        "http://localhost:81/a/./f.xml",  "http://localhost:81/b/../a/f.xml", "http://localhost:81/a/%2E/F.xml#x",
        "http://localhost:81//a/%66.xml", "feed:http://localhost:81/a/f.xml", "http://0.0.0.0:81/a/f.xml",
        "http://2130706433:81/a/f.xml",   "http://[::]:81/a/f.xml",           "http://127.1.2.3:81/a/f.xml",
    };
    static const char *const others[] = {"http://localhost/a/f.xml", "http://localhost:81/a/f.xml?x=1",
                                         "http://example.org:81/a/f.xml", "/a/f.xml", "a/f.xml"};
    g_autofree char *key = pf_url_rule_key(spellings[0]);

    for (gsize i = 0; i < G_N_ELEMENTS(spellings); i++) {
        g_autofree char *same = pf_url_rule_key(spellings[i]);
        g_assert_cmpstr(same, ==, key);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autofree char *other = pf_url_rule_key(others[i]);
        g_assert_cmpstr(other, !=, key);
    }
    g_autofree char *file = pf_url_rule_key("file:///home/ann/./f.xml");
    g_assert_cmpstr(file, ==, "/home/ann/f.xml");
    static const char *const names[] = {
        "https://xn--bcher-kva.example/f", "https://b\303\274cher.example/f", "https://B\303\234CHER.example/f",
        "https://bu\314\210cher\343\200\202example/f", "https://\357\275\202\303\274cher.example/f"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *same = pf_url_rule_key(names[i]);
        g_test_message("%s", names[i]);
        g_assert_cmpstr(same, ==, "xn--bcher-kva.example:/f");
    }
}

static void
an_address_may_lack_its_scheme(void)
{
    static const char *const bare[] = {"a.example/x", "A.example:8080/", "127.0.0.1/x", "localhost:1/x", "x.y.org/a b"};
    static const char *const others[] = {
        "a.xml",       "shows/a.xml", "v1.0/a.xml", "/a.example/x", "./a.example/x",
        "../a.org/x",  "a..org/x",    ".org/x",     "a.example",    "a.example:x/",
        "ann@a.org/x", "a.example:/", "",           "12/x",         "http://a.example/x"};

    for (gsize i = 0; i < G_N_ELEMENTS(bare); i++) {
        g_autofree char *url = pf_url_dup_typed(bare[i]);
        g_autofree char *expected = g_strconcat("http://", bare[i], NULL);
        g_assert_cmpstr(url, ==, expected);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autofree char *same = pf_url_dup_typed(others[i]);
        g_assert_cmpstr(same, ==, others[i]);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/web address/what is escaped does not depend on the release of libcurl",
                    what_is_escaped_does_not_depend_on_the_release_of_libcurl);
    g_test_add_func("/web address/an address has one identity however it is spelt",
                    an_address_has_one_identity_however_it_is_spelt);
    g_test_add_func("/web address/a basename has neither query nor folder", a_basename_has_neither_query_nor_folder);
    g_test_add_func("/url/a rule holds for every spelling", a_rule_holds_for_every_spelling);
    g_test_add_func("/web address/an address may lack its scheme", an_address_may_lack_its_scheme);
    g_test_add_func("/url/a file is where the address within another says",
                    a_file_is_where_the_address_within_another_says);
    return g_test_run();
}
