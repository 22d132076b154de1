/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/items.h"

#include <string.h>

#include "feed/parse.h"

/* Gathers a description that is cut off right after @start, which text precedes. Returns: (transfer full). */
static char *
cut_after(const char *start)
{
    g_autoptr(PfFeedText) text = pf_feed_text_new();
    g_autofree char *before = g_strnfill(PF_FEED_MAX_TEXT - strlen(start), 'z');
    const PfAttributes none = {0};

    pf_feed_text_begin(text, PF_PLACE_HTML, &none);
    pf_feed_text_add(text, before, strlen(before), FALSE);
    pf_feed_text_add(text, start, strlen(start), FALSE);
    g_assert_false(pf_feed_text_is_cut(text));
    pf_feed_text_add(text, "34567\">pay</a>", 14, FALSE);
    char *html = g_strdup(pf_feed_text_finish(text));
    g_assert_true(pf_feed_text_is_cut(text));
    return html;
}

static void
a_tag_that_was_cut_off_is_left_out(void)
{
    static const char *const starts[] = {
        "<a href=\"https://flattr.com/thing/12",
        "<a title=\"x > y\" href=\"https://flattr.com/thing/12",
        "<a title = 'x > y' href=\"https://flattr.com/thing/12",
        "<a title=\"a <b> c\" href=\"https://flattr.com/thing/12",
        "<a\nhref=https://flattr.com/thing/12",
        "<",
        "</",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(starts); i++) {
        g_autofree char *html = cut_after(starts[i]);

        g_test_message("%s", starts[i]);
        g_assert_cmpuint(strlen(html), ==, PF_FEED_MAX_TEXT - strlen(starts[i]));
        g_assert_cmpuint(strspn(html, "z"), ==, strlen(html));
    }
}

static void
what_is_whole_stays(void)
{
    static const char *const starts[] = {
        "<a title=\"x > y\" href=\"https://flattr.com/thing/12\">", "it's 3 < 4", "<b>it's", "<br/>", "a <3",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(starts); i++) {
        g_autofree char *html = cut_after(starts[i]);

        g_test_message("%s", starts[i]);
        g_assert_cmpuint(strlen(html), ==, PF_FEED_MAX_TEXT);
        g_assert_true(g_str_has_suffix(html, starts[i]));
    }
}

static gboolean
note_item(const PfFeed *feed, PfItem *item, gpointer data, GError **error)
{
    (void)feed;
    (void)error;
    *(gsize *)data = pf_item_get_size(item);
    pf_item_free(item);
    return TRUE;
}

static void
the_links_of_an_item_are_bounded_in_size_as_in_number(void)
{
    g_autofree char *address = g_strnfill(PF_FEED_MAX_TEXT / 2, 'a');
    g_autofree char *link = g_strdup_printf("<enclosure url='https://a.example/%s'/>", address);
    gsize size = 0;
    g_autoptr(PfFeedParser) parser = pf_feed_parser_new("feed.xml", note_item, &size);
    g_autoptr(GError) error = NULL;

    g_assert_true(pf_feed_parser_push(parser, "<rss><channel><item>", 20, &error));
    for (int i = 0; i < 40; i++)
        g_assert_true(pf_feed_parser_push(parser, link, strlen(link), &error));
    g_assert_true(pf_feed_parser_push(parser, "<guid>1</guid></item></channel></rss>", 37, &error));
    g_assert_true(pf_feed_parser_finish(parser, &error));
    g_assert_cmpuint(size, >, PF_FEED_MAX_TEXTS / 2);
    g_assert_cmpuint(size, <=, PF_FEED_MAX_TEXTS + 4096);
    g_assert_nonnull(strstr(pf_feed_parser_get_fault(parser), "left out"));
}

static gboolean
count_guid(const PfFeed *feed, PfItem *item, gpointer data, GError **error)
{
    (void)feed;
    (void)error;
    *(guint *)data += item->guid != NULL;
    pf_item_free(item);
    return TRUE;
}

static void
a_guid_is_that_of_one_item_however_many_have_it(void)
{
    guint with_guid = 0;
    g_autoptr(GString) feed = g_string_new("<rss><channel>");
    g_autoptr(PfFeedParser) parser = pf_feed_parser_new("feed.xml", count_guid, &with_guid);
    g_autoptr(GError) error = NULL;

    for (int i = 0; i < 3000; i++)
        g_string_append_printf(feed,
                               "<item><title>Episode %d</title><link>https://a.example/%d</link>"
                               "<enclosure url='https://a.example/%d.mp3'/><guid>same</guid></item>",
                               i, i, i);
    g_string_append(feed, "</channel></rss>");
    g_assert_true(pf_feed_parser_push(parser, feed->str, feed->len, &error));
    g_assert_true(pf_feed_parser_finish(parser, &error));
    g_assert_cmpuint(with_guid, ==, 1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/feed text/a tag that was cut off is left out", a_tag_that_was_cut_off_is_left_out);
    g_test_add_func("/feed text/what is whole stays", what_is_whole_stays);
    g_test_add_func("/feed text/the links of an item are bounded in size as in number",
                    the_links_of_an_item_are_bounded_in_size_as_in_number);
    g_test_add_func("/feed text/a GUID is that of one item, however many have it",
                    a_guid_is_that_of_one_item_however_many_have_it);
    return g_test_run();
}
