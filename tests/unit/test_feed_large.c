/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds of a shape that libxml2 by itself takes very long for, or ends at. Each is parsed whole and in small pieces: of
 * a byte, or of a few where that would take very long. */
#include <string.h>

#include "feed/parse.h"

static gboolean
count_item(const PfFeed *feed, PfItem *item, gpointer data, GError **error)
{
    (void)feed;
    (void)error;
    pf_item_free(item);
    (*(guint *)data)++;
    return TRUE;
}

/* Returns: (transfer full): the fault, the same both times. */
static char *
parse(const GString *feed, guint expected_items)
{
    const gsize sizes[] = {feed->len, feed->len > 1000000 ? 61 : 1};
    char *fault = NULL;

    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        guint items = 0;
        g_autoptr(PfFeedParser) parser = pf_feed_parser_new("-", count_item, &items);
        for (gsize at = 0; at < feed->len; at += sizes[i])
            g_assert_true(pf_feed_parser_push(parser, feed->str + at, MIN(sizes[i], feed->len - at), NULL));
        g_assert_true(pf_feed_parser_finish(parser, NULL));
        g_assert_cmpuint(items, ==, expected_items);
        if (i > 0)
            g_assert_cmpstr(pf_feed_parser_get_fault(parser), ==, fault);
        g_free(fault);
        fault = g_strdup(pf_feed_parser_get_fault(parser));
    }
    return fault;
}

static void
a_tag_of_very_many_attributes_is_cut_and_closed(void)
{
    static const struct {
        const char *end;
        int attributes;
    } cases[] = {{"/></item>", 5000}, {">/</x:y></item>", 5000}, {"/></item>", 1001}};

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) feed = g_string_new("<rss><channel>\n<item><title>1</title><x:y");
        for (int j = 0; j < cases[i].attributes; j++)
            g_string_append_printf(feed, " a%d='=>/'", j);
        g_string_append(feed, cases[i].end);
        g_string_append(feed, "<item><title>2</title></item></channel></rss>");
        g_autofree char *fault = parse(feed, 2);
        g_assert_cmpstr(fault, ==, "line 2: a tag with more than 1000 attributes; the rest was left out");
    }
}

static void
as_many_attributes_as_may_be_are_no_fault(void)
{
    g_autoptr(GString) feed = g_string_new("<rss><channel><item><title>1</title><x");

    for (int j = 0; j < 1000; j++)
        g_string_append_printf(feed, " a%d=\"'=>/\"", j);
    g_string_append(feed, "/></item></channel></rss>");
    g_autofree char *fault = parse(feed, 1);
    g_assert_null(fault);
}

/* Its item and the one after it are read. */
static void
a_tag_may_be_larger_than_libxml2_takes(void)
{
    static const char *const fillings[] = {"\303\274>'/", "a\n", "&#252;&amp;"};

    for (gsize i = 0; i < G_N_ELEMENTS(fillings); i++) {
        g_autoptr(GString) feed = g_string_new("<rss><channel><item><title>1</title><enclosure url='http://a.example/1'"
                                               " x=\"");
        while (feed->len < 10500000)
            g_string_append(feed, fillings[i]);
        g_string_append(feed, "\" y='>'/></item><item><title>2</title></item></channel></rss>");
        g_autofree char *fault = parse(feed, 2);
        g_assert_nonnull(strstr(fault, ": a tag of more than 8 MiB; the rest was left out"));
    }
}

static void
a_cdata_section_may_be_larger_than_libxml2_takes(void)
{
    g_autoptr(GString) feed = g_string_new("<rss><channel><item><title>1</title><description><![CDATA[");

    while (feed->len < 10500000)
        g_string_append(feed, "\303\274 ]] ]]& ");
    g_string_append(feed, "]]></description></item><item><title>2</title></item></channel></rss>");
    g_autofree char *fault = parse(feed, 2);
    g_assert_cmpstr(fault, ==, "line 1: a text larger than 1 MiB; a part was left out");
}

/* A section that is split gives the very text that it has. */
static gboolean
check_text(const PfFeed *feed, PfItem *item, gpointer data, GError **error)
{
    (void)feed;
    (void)error;
    g_assert_cmpuint(item->texts->len, ==, 1);
    const PfItemText *text = item->texts->pdata[0];
    g_assert_cmpstr(text->html, ==, data);
    pf_item_free(item);
    return TRUE;
}

static void
a_split_cdata_section_has_the_same_text(void)
{
    const gsize sizes[] = {G_MAXSIZE, 1, 7, 4096};
    g_autoptr(GString) html = g_string_new(NULL);

    for (int i = 0; html->len < 200000; i++)
        g_string_append_printf(html, "%d]]\342\202\254]>\357\277\275&]]\n]&amp;<b>]", i);
    g_autofree char *feed = g_strdup_printf("<rss><channel><item><description><![CDATA[%s]]></description></item>"
                                            "</channel></rss>",
                                            html->str);
    gsize length = strlen(feed);
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(PfFeedParser) parser = pf_feed_parser_new("-", check_text, html->str);
        for (gsize at = 0, size; at < length; at += size) {
            size = MIN(sizes[i], length - at);
            g_assert_true(pf_feed_parser_push(parser, feed + at, size, NULL));
        }
        g_assert_true(pf_feed_parser_finish(parser, NULL));
        g_assert_null(pf_feed_parser_get_fault(parser));
    }
}

/* Pushes a page. Returns: (transfer full): its fault, NULL when there was none. */
static char *
parse_page(const GString *page)
{
    guint items = 0;
    g_autoptr(PfFeedParser) parser = pf_feed_parser_new("https://a.example/", count_item, &items);

    g_assert_true(pf_feed_parser_push(parser, page->str, page->len, NULL));
    g_assert_true(pf_feed_parser_finish(parser, NULL));
    g_autoptr(PfFeed) feed = pf_feed_parser_steal_feed(parser);
    const GPtrArray *links = feed->payment_links;
    g_assert_cmpuint(links->len, ==, 1);
    g_assert_cmpstr(links->pdata[0], ==, "https://flattr.com/thing/1");
    return g_strdup(pf_feed_parser_get_fault(parser));
}

static void
a_page_is_read_without_what_nobody_writes(void)
{
    g_autoptr(GString) page = g_string_new("<html>\n<p ");
    g_autofree char *nothing = NULL;

    for (int j = 0; j < 120000; j++)
        g_string_append_printf(page, "a%d=1 ", j);
    g_string_append(page, "><link rel='payment' href='https://flattr.com/thing/1'>\n");
    nothing = parse_page(page);
    g_assert_null(nothing);
    g_string_append(page, "<link rel='payment' ");
    for (int j = 0; j < 1001; j++)
        g_string_append_printf(page, "a%d=1 ", j);
    g_string_append(page, "href='https://flattr.com/thing/2'>");
    g_autofree char *crowded = parse_page(page);
    g_assert_cmpstr(crowded, ==, "line 3: a tag that breaks off, or with more than 1000 attributes or 64 KiB");
}

static void
a_link_that_breaks_off_with_its_page_is_none(void)
{
    g_autoptr(GString) page = g_string_new("<html><link rel='payment' href='https://flattr.com/thing/1'>\n"
                                           "<link rel='payment' href='https://flattr.com/thing/12");
    g_autofree char *fault = parse_page(page);

    g_assert_cmpstr(fault, ==, "line 2: a tag that breaks off, or with more than 1000 attributes or 64 KiB");
}

static void
the_rest_of_a_page_that_is_too_large_is_left_out(void)
{
    g_autoptr(GString) page = g_string_new("<html><link rel='payment' href='https://flattr.com/thing/1'>");
    g_autofree char *text = g_strnfill(9 * 1024 * 1024, 'x');

    g_string_append(page, text);
    g_string_append(page, "<link rel='payment' href='https://flattr.com/thing/2'>");
    g_autofree char *fault = parse_page(page);
    g_assert_cmpstr(fault, ==, "line 1: a web page larger than 8 MiB; the rest was left out");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/large feed/a tag of very many attributes is cut and closed",
                    a_tag_of_very_many_attributes_is_cut_and_closed);
    g_test_add_func("/large feed/as many attributes as may be are no fault", as_many_attributes_as_may_be_are_no_fault);
    g_test_add_func("/large feed/a tag may be larger than libxml2 takes", a_tag_may_be_larger_than_libxml2_takes);
    g_test_add_func("/large feed/a CDATA section may be larger than libxml2 takes",
                    a_cdata_section_may_be_larger_than_libxml2_takes);
    g_test_add_func("/large feed/a split CDATA section has the same text", a_split_cdata_section_has_the_same_text);
    g_test_add_func("/large feed/a page is read without what nobody writes", a_page_is_read_without_what_nobody_writes);
    g_test_add_func("/large feed/a link that breaks off with its page is none",
                    a_link_that_breaks_off_with_its_page_is_none);
    g_test_add_func("/large feed/the rest of a page that is too large is left out",
                    the_rest_of_a_page_that_is_too_large_is_left_out);
    return g_test_run();
}
