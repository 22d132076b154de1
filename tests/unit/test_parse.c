/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each folder in tests/data/feeds is a case: input.xml, input.html or input.json, the address it comes from (a file
 * "address", else "feed.xml"), what HTTP said of it (files "charset" and "link", if any) and expected.jsonl, an item a
 * line and at last what is known of the whole; what only few feeds have is left out where it is empty. Each is parsed
 * in one piece, byte by byte and in pieces of random sizes. With PF_TEST_REWRITE=1 the expectations are rewritten,
 * for reading before they are kept.
 */
#include <jansson.h>
#include <malloc.h>
#include <string.h>

#include "base/clock.h"
#include "feed/parse.h"

static json_t *
json_text(const char *text)
{
    json_t *value = text ? json_string(text) : json_null();

    g_assert_nonnull(value); /* jansson refuses what is not UTF-8 */
    return value;
}

static json_t *
json_texts(const GPtrArray *texts)
{
    json_t *array = json_array();

    for (guint i = 0; i < texts->len; i++)
        json_array_append_new(array, json_text(texts->pdata[i]));
    return array;
}

static json_t *
json_enclosures(const GPtrArray *enclosures)
{
    json_t *array = json_array();

    for (guint i = 0; i < enclosures->len; i++) {
        const PfEnclosure *enclosure = enclosures->pdata[i];
        json_t *value = json_object();
        json_object_set_new(value, "url", json_text(enclosure->url));
        json_object_set_new(value, "type", json_text(enclosure->type));
        json_object_set_new(value, "length", json_integer(enclosure->length));
        if (enclosure->is_alternate)
            json_object_set_new(value, "alternate", json_true());
        json_array_append_new(array, value);
    }
    return array;
}

static json_t *
json_html(const GPtrArray *texts)
{
    json_t *array = json_array();

    for (guint i = 0; i < texts->len; i++) {
        const PfItemText *text = texts->pdata[i];
        json_array_append_new(array,
                              json_pack("{s:o, s:o}", "html", json_text(text->html), "base", json_text(text->base)));
    }
    return array;
}

static json_t *
json_funding(const GPtrArray *list)
{
    json_t *array = json_array();

    for (guint i = 0; i < list->len; i++) {
        const PfFunding *funding = list->pdata[i];
        json_array_append_new(
            array, json_pack("{s:o, s:o}", "url", json_text(funding->url), "text", json_text(funding->text)));
    }
    return array;
}

static json_t *
json_recipient(const PfRecipient *recipient)
{
    json_t *value = json_object();

    json_object_set_new(value, "name", json_text(recipient->name));
    json_object_set_new(value, "type", json_text(recipient->type));
    json_object_set_new(value, "address", json_text(recipient->address));
    json_object_set_new(value, "split", json_integer(recipient->split));
    json_object_set_new(value, "custom_key", json_text(recipient->custom_key));
    json_object_set_new(value, "custom_value", json_text(recipient->custom_value));
    json_object_set_new(value, "fee", json_boolean(recipient->fee));
    return value;
}

static json_t *
json_values(const GPtrArray *list)
{
    json_t *array = json_array();

    for (guint i = 0; i < list->len; i++) {
        const PfValue *pay = list->pdata[i];
        json_t *value = json_object();
        json_t *recipients = json_array();
        for (guint j = 0; j < pay->recipients->len; j++)
            json_array_append_new(recipients, json_recipient(pay->recipients->pdata[j]));
        json_object_set_new(value, "type", json_text(pay->type));
        json_object_set_new(value, "method", json_text(pay->method));
        json_object_set_new(value, "suggested", json_text(pay->suggested));
        json_object_set_new(value, "recipients", recipients);
        json_array_append_new(array, value);
    }
    return array;
}

/* Adds a text that most feeds do not have. */
static void
set_text(json_t *object, const char *name, const char *text)
{
    if (text)
        json_object_set_new(object, name, json_text(text));
}

/* Adds a list that most feeds do not have. */
static void
set_list(json_t *object, const char *name, json_t *list)
{
    if (json_array_size(list) > 0)
        json_object_set(object, name, list);
    json_decref(list);
}

static gboolean
record_item(const PfFeed *feed, PfItem *item, gpointer data, GError **error)
{
    char published[PF_CLOCK_TEXT_SIZE];
    json_t *value = json_object();

    (void)error;
    g_assert_nonnull(feed);
    json_object_set_new(value, "guid", json_text(item->guid));
    json_object_set_new(value, "title", json_text(item->title));
    json_object_set_new(value, "link", json_text(item->link));
    json_object_set_new(value, "published",
                        json_text(item->has_published ? pf_clock_format(item->published, published) : NULL));
    if (item->duration >= 0)
        json_object_set_new(value, "duration", json_integer(item->duration));
    json_object_set_new(value, "enclosures", json_enclosures(item->enclosures));
    json_object_set_new(value, "payment_links", json_texts(item->payment_links));
    set_list(value, "texts", json_html(item->texts));
    set_list(value, "funding", json_funding(item->funding));
    set_list(value, "value", json_values(item->values));
    json_array_append_new(data, value);
    pf_item_free(item);
    return TRUE;
}

static const char *
error_name(const GError *error)
{
    static const char *const names[] = {"not a feed", "limit", "unreadable", "unreachable"};

    g_assert_true(error->domain == PF_FEED_ERROR);
    return names[error->code];
}

/* What is known of a whole document. */
static json_t *
record_feed(const PfFeed *feed, const char *fault, const GError *error)
{
    json_t *whole = json_object();

    if (feed->kind == PF_FEED_KIND_PAGE)
        json_object_set_new(whole, "kind", json_text("page"));
    json_object_set_new(whole, "title", json_text(feed->title));
    json_object_set_new(whole, "link", json_text(feed->link));
    json_object_set_new(whole, "payment_links", json_texts(feed->payment_links));
    set_text(whole, "guid", feed->guid);
    set_text(whole, "owner", feed->owner);
    set_text(whole, "image", feed->image);
    set_text(whole, "new_address", feed->new_address);
    set_text(whole, "next_page", feed->next_page);
    set_list(whole, "feeds", json_texts(feed->feeds));
    set_list(whole, "texts", json_html(feed->texts));
    set_list(whole, "funding", json_funding(feed->funding));
    set_list(whole, "value", json_values(feed->values));
    json_object_set_new(whole, "fault", json_text(fault));
    json_object_set_new(whole, "error", json_text(error ? error_name(error) : NULL));
    json_object_set_new(whole, "message", json_text(error ? error->message : NULL));
    return whole;
}

/* Reads a file of a case, trimmed. Returns: (transfer full): its text, or NULL where there is none. */
static char *
read_word(const char *folder, const char *name)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) ? g_strstrip(text) : NULL;
}

/* Parses a case in pieces of @size, or of random sizes where that is 0. */
static json_t *
parse_in_pieces(const char *folder, const char *bytes, gsize length, gsize size)
{
    json_t *lines = json_array();
    g_autofree char *given = read_word(folder, "address");
    g_autofree char *charset = read_word(folder, "charset");
    g_autofree char *link = read_word(folder, "link");
    const char *address = given ? given : "feed.xml";
    g_autoptr(PfFeedParser) parser = pf_feed_parser_new(address, record_item, lines);
    g_autoptr(GError) error = NULL;
    gboolean good = TRUE;

    pf_feed_parser_set_charset(parser, charset);
    if (link)
        pf_feed_parser_add_link_header(parser, link);
    for (gsize at = 0, step; good && at < length; at += step) {
        step = size ? size : (gsize)g_test_rand_int_range(1, 300);
        step = MIN(step, length - at);
        g_autofree char *piece = g_memdup2(bytes + at, step); /* so that a sanitizer sees every byte read beyond it */
        good = pf_feed_parser_push(parser, piece, step, &error);
    }
    good = good && pf_feed_parser_finish(parser, &error);
    g_assert_true(good == !error);
    g_autoptr(PfFeed) feed = pf_feed_parser_steal_feed(parser);
    g_assert_cmpstr(feed->address, ==, address);
    json_array_append_new(lines, record_feed(feed, pf_feed_parser_get_fault(parser), error));
    return lines;
}

static char *
to_lines(const json_t *values)
{
    GString *text = g_string_new(NULL);
    gsize i;
    json_t *value;

    json_array_foreach (values, i, value) {
        char *line = json_dumps(value, 0);
        g_string_append_printf(text, "%s\n", line);
        free(line);
    }
    return g_string_free(text, FALSE);
}

static void
case_gives_what_it_must(gconstpointer data)
{
    g_autofree char *xml = g_build_filename(data, "input.xml", NULL);
    g_autofree char *html = g_build_filename(data, "input.html", NULL);
    g_autofree char *json = g_build_filename(data, "input.json", NULL);
    g_autofree char *expected_name = g_build_filename(data, "expected.jsonl", NULL);
    g_autofree char *bytes = NULL, *expected = NULL;
    static const gsize sizes[] = {G_MAXSIZE, 1, 0, 0, 3};
    gsize length;

    g_assert_true(g_file_get_contents(xml, &bytes, &length, NULL) || g_file_get_contents(html, &bytes, &length, NULL) ||
                  g_file_get_contents(json, &bytes, &length, NULL));
    for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
        json_t *got = parse_in_pieces(data, bytes, length, sizes[i]);
        g_autofree char *lines = to_lines(got);
        json_decref(got);
        if (i == 0 && g_getenv("PF_TEST_REWRITE"))
            g_assert_true(g_file_set_contents(expected_name, lines, -1, NULL));
        if (!expected)
            g_assert_true(g_file_get_contents(expected_name, &expected, NULL, NULL));
        g_assert_cmpstr(lines, ==, expected);
    }
}

/* How many items come before the callback is to end the parse, and with what. */
typedef struct {
    guint items;
    guint end_after;
    gboolean with_error;
} Counting;

static gboolean
count_item(const PfFeed *feed, PfItem *item, gpointer data, GError **error)
{
    Counting *counting = data;

    (void)feed;
    pf_item_free(item);
    if (++counting->items != counting->end_after)
        return TRUE;
    if (counting->with_error)
        g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC, "the disk is full");
    return FALSE;
}

static const char many[] = "<rss version='2.0'><channel>";
static const char one[] = "<item><title>An episode of many</title><guid>guid</guid><description>"
                          "<![CDATA[some text & more of it, so that it is as large as a short item]]></description>"
                          "<enclosure url='https://alpha.example/1.mp3' length='1' type='audio/mpeg'/></item>\n";

/* Pushes @count items. Returns what the last push did. */
static gboolean
push_items(PfFeedParser *parser, guint count, GError **error)
{
    gboolean good = pf_feed_parser_push(parser, many, strlen(many), error);

    for (guint i = 0; good && i < count; i++)
        good = pf_feed_parser_push(parser, one, strlen(one), error);
    return good;
}

static void
the_callback_can_end_the_parse(void)
{
    for (int with_error = 0; with_error <= 1; with_error++) {
        Counting counting = {.end_after = 3, .with_error = with_error};
        g_autoptr(PfFeedParser) parser = pf_feed_parser_new("-", count_item, &counting);
        g_autoptr(GError) error = NULL;

        gboolean good = push_items(parser, 1000, &error);
        g_assert_cmpuint(counting.items, ==, 3);
        g_assert_cmpint(good, ==, !with_error);
        g_assert_cmpint(pf_feed_parser_is_done(parser), ==, !with_error);
        if (with_error) {
            g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC);
            g_clear_error(&error);
            g_assert_false(pf_feed_parser_push(parser, one, strlen(one), &error));
            g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC);
        } else {
            g_assert_true(pf_feed_parser_finish(parser, &error));
        }
        g_assert_cmpuint(counting.items, ==, 3);
    }
}

static void
memory_does_not_grow_with_the_feed(void)
{
    Counting counting = {0};
    g_autoptr(PfFeedParser) parser = pf_feed_parser_new("-", count_item, &counting);

    g_assert_true(push_items(parser, 1000, NULL));
    gsize before = mallinfo2().uordblks;
    for (guint i = 1000; i < 90000; i++)
        g_assert_true(pf_feed_parser_push(parser, one, strlen(one), NULL));
    gsize after = mallinfo2().uordblks;
    g_assert_cmpuint(counting.items, >=, 89990); /* libxml2 may still hold the last */
    g_assert_cmpuint(after, <, before + 1024 * 1024);
}

static void
too_many_items_are_a_limit(void)
{
    Counting counting = {0};
    g_autoptr(PfFeedParser) parser = pf_feed_parser_new("-", count_item, &counting);
    g_autoptr(GError) error = NULL;

    g_assert_false(push_items(parser, PF_FEED_MAX_ITEMS + 10, &error));
    g_assert_error(error, PF_FEED_ERROR, PF_FEED_ERROR_LIMIT);
    g_assert_cmpuint(counting.items, ==, PF_FEED_MAX_ITEMS);
    g_assert_nonnull(strstr(error->message, "100000 items"));
}

static gboolean
check_cut(const PfFeed *feed, PfItem *item, gpointer data, GError **error)
{
    guint *items = data;

    (void)feed;
    (void)error;
    g_assert_cmpuint(strlen(item->title), ==, PF_FEED_MAX_TEXT - 1); /* a character of two bytes did not fit */
    g_assert_true(g_utf8_validate(item->title, -1, NULL));
    g_assert_cmpuint(item->payment_links->len, ==, PF_FEED_MAX_LINKS);
    g_assert_cmpuint(strlen(item->payment_links->pdata[0]), ==, PF_FEED_MAX_TEXT);
    (*items)++;
    pf_item_free(item);
    return TRUE;
}

static void
long_texts_and_lists_are_cut_off(void)
{
    guint items = 0;
    g_autoptr(PfFeedParser) parser = pf_feed_parser_new("-", check_cut, &items);
    g_autoptr(GString) feed = g_string_new("<rss xmlns:a='http://www.w3.org/2005/Atom'><channel><item><title>x");
    g_autofree char *address = g_strnfill(PF_FEED_MAX_TEXT + 5, 'a');

    for (int i = 0; i < 1500000; i++)
        g_string_append(feed, "\303\274");
    g_string_append_printf(feed, "</title><a:link rel='payment' href='%s'/>", address);
    for (int i = 0; i < PF_FEED_MAX_LINKS + 10; i++)
        g_string_append(feed, "<a:link rel='payment' href='https://pay.example/'/>");
    g_string_append(feed, "</item></channel></rss>");
    g_assert_true(pf_feed_parser_push(parser, feed->str, feed->len, NULL));
    g_assert_true(pf_feed_parser_finish(parser, NULL));
    g_assert_cmpuint(items, ==, 1);
}

int
main(int argc, char **argv)
{
    const char *source = g_getenv("PF_SOURCE");
    g_autofree char *folder = g_build_filename(source ? source : ".", "tests", "data", "feeds", NULL);
    g_autoptr(GDir) cases = NULL;
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *name;

    g_test_init(&argc, &argv, NULL);
    cases = g_dir_open(folder, 0, NULL);
    g_assert_nonnull(cases);
    while ((name = g_dir_read_name(cases))) {
        g_autofree char *path = g_strconcat("/feed parser/case/", name, NULL);
        g_ptr_array_add(names, g_build_filename(folder, name, NULL));
        g_test_add_data_func(path, names->pdata[names->len - 1], case_gives_what_it_must);
    }
    g_test_add_func("/feed parser/the callback can end the parse", the_callback_can_end_the_parse);
    g_test_add_func("/feed parser/memory does not grow with the feed", memory_does_not_grow_with_the_feed);
    g_test_add_func("/feed parser/too many items are a limit", too_many_items_are_a_limit);
    g_test_add_func("/feed parser/long texts and lists are cut off", long_texts_and_lists_are_cut_off);
    return g_test_run();
}
