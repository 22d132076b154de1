/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/html.h"

#include <string.h>

static void
a_piece_ends_where_a_parser_says(void)
{
    /* A "|" stands where the first piece ends; there is none where it does not end. */
    static const char *const cases[] = {
        "text|<a>",
        "text|",
        "<a>|text",
        "</a >|",
        "<a title=\"x > y\">|z",
        "<a title = 'x > y'>|z",
        "<a title=\"x",
        "<a title=x\"y>|z\">",
        "<a",
        "<",
        "<|<a>",
        "< a|<b>",
        "<3 you|<b>",
        "<!-- <a> -->|b",
        "<!-- <a>",
        "<!DOCTYPE html>|<html>",
        "<script>if (a < b) '</b>'; |</script>",
        "<SCRIPT>x|</script>",
        "<script>x",
        "<style>a > b|</style >",
        "<script src='x'/>|<a>",
        "<script/>|<a>",
        "<script async />|<a>",
        "<script src=x/>y|</script>",
        "<scripting>|x</script>",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(GStrv) parts = g_strsplit(cases[i], "|", 2);
        g_autofree char *text = g_strjoinv("", parts);
        const char *end = pf_html_end_of_piece(text);

        g_test_message("%s", cases[i]);
        if (parts[1])
            g_assert_cmpint(end - text, ==, (gssize)strlen(parts[0]));
        else
            g_assert_null(end);
    }
}

static gboolean
is_unreadable(const char *start, const char *repeated, guint count, const char *rest)
{
    g_autoptr(GString) text = g_string_new(start);

    for (guint i = 0; i < count; i++)
        g_string_append(text, repeated);
    g_string_append(text, rest);
    return pf_html_is_unreadable(text->str, text->str + text->len);
}

static void
a_tag_that_nobody_writes_is_not_read(void)
{
    g_assert_false(is_unreadable("<a ", "b=1 ", 1000, ">"));
    g_assert_true(is_unreadable("<a ", "b=1 ", 1001, ">"));
    g_assert_true(is_unreadable("<a ", "b=''", 2001, ">"));
    g_assert_true(is_unreadable("<a ", "b ", 2001, ">"));
    g_assert_true(is_unreadable("<a href='", "x", 20, ""));
    g_assert_true(is_unreadable("<a href=", "x", 20, ""));
    g_assert_false(is_unreadable("<a href='", "x", 20, "'"));
    /* Whatever a parser takes for the quotes of a value. */
    g_assert_true(is_unreadable("<a =\"", "b ", 2001, "\">"));
    g_assert_false(is_unreadable("<a href='", "x", PF_HTML_MAX_TAG - 20, "'>"));
    g_assert_true(is_unreadable("<a href='", "x", PF_HTML_MAX_TAG, "'>"));
    /* The text of a script is no tag of its own, but may be too long all the same. */
    g_assert_false(is_unreadable("<script>", "b = 1; ", 5000, ""));
    g_assert_true(is_unreadable("<script>", "b = 1; ", 10000, ""));
    g_assert_false(is_unreadable("", "b = 1; ", 10000, ""));
    g_assert_false(is_unreadable("<!-- ", "b = 1; ", 10000, "-->"));
}

static void
tags_are_known_by_their_whole_name(void)
{
    g_assert_true(pf_html_is_tag("<link>", "link"));
    g_assert_true(pf_html_is_tag("<LINK rel=x>", "link"));
    g_assert_true(pf_html_is_tag("<link", "link"));
    g_assert_true(pf_html_is_tag("</link>", "/link"));
    g_assert_false(pf_html_is_tag("</link>", "link"));
    g_assert_true(pf_html_is_tag("<link\n>", "link"));
    g_assert_true(pf_html_is_tag("<link/>", "link"));
    g_assert_false(pf_html_is_tag("<link2>", "link"));
    g_assert_false(pf_html_is_tag("<link\303\227>", "link"));
    g_assert_false(pf_html_is_tag("<link<a>", "link"));
    g_assert_false(pf_html_is_tag("link>", "link"));
    g_assert_false(pf_html_is_tag("<", "link"));
}

static void
names_are_those_of_html_4(void)
{
    static const struct {
        const char *name;
        gunichar character;
    } entities[] = {{"AElig", 0xC6},     {"Aelig", 0},       {"aacute", 0xE1}, {"apos", '\''}, {"euro", 0x20AC},
                    {"nbsp", 0xA0},      {"nbs", 0},         {"nbspx", 0},     {"", 0},        {"zwj", 0x200D},
                    {"thetasym", 0x3D1}, {"hearts", 0x2665}, {"zwnj", 0x200C}};
    static const char *const elements[] = {"a", "br", "h1", "meta", "isindex", "var"};
    static const char *const others[] = {"", "rss", "channel", "item", "h7", "article"};

    for (gsize i = 0; i < G_N_ELEMENTS(entities); i++)
        g_assert_cmpuint(pf_html_entity(entities[i].name), ==, entities[i].character);
    for (gsize i = 0; i < G_N_ELEMENTS(elements); i++)
        g_assert_true(pf_html_is_element(elements[i]));
    for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
        g_assert_false(pf_html_is_element(others[i]) || pf_html_is_void(others[i]));
    g_assert_true(pf_html_is_void("area") && pf_html_is_void("br") && pf_html_is_void("param"));
    g_assert_false(pf_html_is_void("a") || pf_html_is_void("p") || pf_html_is_void("script"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/html markup/a piece ends where a parser says", a_piece_ends_where_a_parser_says);
    g_test_add_func("/html markup/a tag that nobody writes is not read", a_tag_that_nobody_writes_is_not_read);
    g_test_add_func("/html markup/tags are known by their whole name", tags_are_known_by_their_whole_name);
    g_test_add_func("/html markup/names are those of HTML 4", names_are_those_of_html_4);
    return g_test_run();
}
