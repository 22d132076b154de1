/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Link headers, well-formed and not (RFC 8288, section 3 and appendix B.2). */
#include "feed/sniff.h"

static void
links_are_found_around_what_is_none(void)
{
    static const struct {
        const char *value;
        const char *found; /* separated by blanks */
    } cases[] = {
        {"<https://a.example/>; rel=payment", "https://a.example/"},
        {"<>; rel=payment, <b>; rel=payment", "https://feed.example/dir/b"},
        {", ,<a>;rel=payment,,<b>;rel=payment,", "https://feed.example/dir/a https://feed.example/dir/b"},
        {"a; rel=payment, <b>; rel=payment", "https://feed.example/dir/b"},
        {"<a> rel=payment, <b>; rel=payment", "https://feed.example/dir/b"},
        {"<a>; rel=payment <b>; rel=payment, <c>; rel=payment", "https://feed.example/dir/c"},
        {"<a>; title=\"x, <n>; rel=payment\" y, <b>; rel=payment", "https://feed.example/dir/b"},
        {"<a>; title=\"x, <n>; rel=payment", ""},
        {"<a, <b>; rel=payment, <c>; rel=payment", "https://feed.example/dir/b https://feed.example/dir/c"},
        {"<a,b>; rel=x=y, <c>; rel=payment", "https://feed.example/dir/c"},
        {"<a>; rel=payment; anchor=\"#x\", <b>; rel=payment; anchor=\"\"", "https://feed.example/dir/b"},
        {"\\, <b>; rel=payment", "https://feed.example/dir/b"},
        {"\"\\", ""},
        {"<", ""},
        {"", ""},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) urls =
            pf_feed_header_find_links(cases[i].value, "payment", "https://feed.example/dir/f.xml");
        g_ptr_array_add(urls, NULL);
        g_autofree char *found = g_strjoinv(" ", (char **)urls->pdata);
        g_test_message("%s", cases[i].value);
        g_assert_cmpstr(found, ==, cases[i].found);
    }
}

/* A header of 300 kB, which is as many as libcurl takes, is read; a test that hangs here has found a value that is
 * looked through again and again. */
static void
a_hostile_header_is_read_to_its_end(void)
{
    static const char *const pieces[] = {"<", "<>", "\"", "\\\"", "<a>;", "<a>;x=\"", ";", " ", "<a>; rel=payment ",
                                         "\\"};

    for (gsize i = 0; i < G_N_ELEMENTS(pieces); i++) {
        g_autoptr(GString) value = g_string_new(NULL);
        while (value->len < 300000)
            g_string_append(value, pieces[i]);
        g_autoptr(GPtrArray) urls = pf_feed_header_find_links(value->str, "payment", "https://feed.example/");
        g_assert_cmpuint(urls->len, ==, 0);
    }
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/header/links are found around what is none", links_are_found_around_what_is_none);
    g_test_add_func("/header/a hostile header is read to its end", a_hostile_header_is_read_to_its_end);
    return g_test_run();
}
