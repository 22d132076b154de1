/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/text.h"

/* Mostly ASCII, with characters of two and three bytes, pieces of them, and any byte at all, NUL included. */
static char
make_byte(void)
{
    static const char pieces[] = "\303\244\342\202\254";
    int what = g_test_rand_int_range(0, 30);

    if (what == 29)
        return (char)g_test_rand_int_range(0, 256);
    return what < 22 ? (char)('a' + what) : pieces[what % 5];
}

static void
it_ends_where_glib_says(void)
{
    char text[40];

    for (int round = 0; round < 200000; round++) {
        gsize length = (gsize)g_test_rand_int_range(0, sizeof text);
        const char *end;

        for (gsize i = 0; i < length; i++)
            text[i] = make_byte();
        g_utf8_validate_len(text, length, &end);
        g_assert_cmpint(pf_utf8_skip(text, text + length) - text, ==, end - text);
    }
}

static void
a_mistyped_word_is_found_again(void)
{
    static const char *const words[] = {"status", "scan", "subscriptions", "played-at-least", NULL};
    static const struct {
        const char *word, *similar;
    } cases[] = {
        {"staus", "status"},
        {"sttus", "status"},
        {"scna", "scan"},
        {"subscription", "subscriptions"},
        {"sub", "subscriptions"},
        {"played_at_least", "played-at-least"},
        {"x", NULL},
        {"frobnicate", NULL},
        {"", NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpstr(pf_text_find_similar(cases[i].word, words), ==, cases[i].similar);
}

static void
check_wrapped(const char *line, int columns, const char *expected)
{
    g_autoptr(GString) text = g_string_new(NULL);

    pf_text_append_wrapped(text, line, columns);
    g_assert_cmpstr(text->str, ==, expected);
}

static void
a_line_goes_on_under_its_last_column(void)
{
    check_wrapped("one two three", 0, "one two three");
    check_wrapped("one two three", 13, "one two three");
    check_wrapped("one two three", 9, "one two\nthree");
    check_wrapped("  --all  every one of them", 17, "  --all  every\n         one of\n         them");
    check_wrapped("a column far behind   words go on", 24, "a column far behind   words\n  go on");
    check_wrapped("url  https://example.org/feed.xml is one", 20, "url  https://example.org/feed.xml\n     is one");
    check_wrapped("is  日本語の長い題名", 10, "is  日本語\n    の長い\n    題名");
    check_wrapped("is  日本語の長い題名", 3, "is  日本語の長い題名");
    check_wrapped("", 1, "");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/utf8/it ends where GLib says", it_ends_where_glib_says);
    g_test_add_func("/text/a mistyped word is found again", a_mistyped_word_is_found_again);
    g_test_add_func("/text/a line goes on under its last column", a_line_goes_on_under_its_last_column);
    return g_test_run();
}
