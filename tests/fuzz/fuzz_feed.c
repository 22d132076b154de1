/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gives the feed parser any bytes there are, whole and in pieces, and looks at what comes out: it must be the same
 * either way, valid UTF-8, and within the limits. For libFuzzer (make fuzz), and for run_feed.c (make check).
 */
#include <stdint.h>
#include <string.h>

#include "feed/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
record(GString *gathered, const char *text)
{
    g_assert_true(!text || g_utf8_validate(text, -1, NULL));
    g_string_append_printf(gathered, "%s|", text ? text : "");
}

static void
record_links(GString *gathered, const GPtrArray *links)
{
    g_assert_cmpuint(links->len, <=, PF_FEED_MAX_LINKS);
    for (guint i = 0; i < links->len; i++)
        record(gathered, links->pdata[i]);
}

static void
record_texts(GString *gathered, const GPtrArray *texts)
{
    gsize size = 0;

    for (guint i = 0; i < texts->len; i++) {
        const PfItemText *text = texts->pdata[i];
        record(gathered, text->html);
        record(gathered, text->base);
        size += strlen(text->html);
    }
    g_assert_cmpuint(size, <=, PF_FEED_MAX_TEXT);
}

static void
record_money(GString *gathered, const GPtrArray *funding, const GPtrArray *values)
{
    for (guint i = 0; i < funding->len; i++) {
        const PfFunding *one = funding->pdata[i];
        g_assert_nonnull(one->url);
        record(gathered, one->url);
        record(gathered, one->text);
    }
    for (guint i = 0; i < values->len; i++) {
        const PfValue *value = values->pdata[i];
        record(gathered, value->suggested);
        for (guint j = 0; j < value->recipients->len; j++)
            record(gathered, ((const PfRecipient *)value->recipients->pdata[j])->address);
    }
}

static gboolean
take_item(const PfFeed *feed, PfItem *item, gpointer data, GError **error)
{
    GString *gathered = data;

    (void)error;
    g_assert_nonnull(feed);
    record(gathered, item->guid);
    record(gathered, item->title);
    record(gathered, item->link);
    record_links(gathered, item->payment_links);
    record_texts(gathered, item->texts);
    record_money(gathered, item->funding, item->values);
    for (guint i = 0; i < item->enclosures->len; i++)
        record(gathered, ((const PfEnclosure *)item->enclosures->pdata[i])->url);
    pf_item_free(item);
    return TRUE;
}

/* Returns: (transfer full): what was read. */
static char *
parse(const char *bytes, size_t size, size_t piece, const char *charset)
{
    GString *gathered = g_string_new(NULL);
    g_autoptr(PfFeedParser) parser = pf_feed_parser_new("https://alpha.example/feed", take_item, gathered);
    g_autoptr(GError) error = NULL;
    gboolean good = TRUE;

    pf_feed_parser_set_charset(parser, charset);
    for (size_t at = 0; good && at < size; at += piece) {
        /* a copy, so that a sanitizer sees every byte read beyond it */
        g_autofree char *copy = g_memdup2(bytes + at, MIN(piece, size - at));
        good = pf_feed_parser_push(parser, copy, MIN(piece, size - at), &error);
    }
    good = good && pf_feed_parser_finish(parser, &error);
    g_assert_true(good == !error);
    g_autoptr(PfFeed) feed = pf_feed_parser_steal_feed(parser);
    record(gathered, error ? error->message : "");
    record(gathered, feed->title);
    record(gathered, feed->link);
    record_links(gathered, feed->payment_links);
    record_links(gathered, feed->feeds);
    record_texts(gathered, feed->texts);
    record_money(gathered, feed->funding, feed->values);
    /* What stands behind the place where a parse fails is seen by the stations before the parser, or not yet. */
    g_assert_true(!pf_feed_parser_get_fault(parser) || g_utf8_validate(pf_feed_parser_get_fault(parser), -1, NULL));
    if (!error)
        record(gathered, pf_feed_parser_get_fault(parser));
    /* libxml2's HTML parser reads broken scripts as it gets them. */
    if (feed->kind == PF_FEED_KIND_PAGE)
        g_string_truncate(gathered, 0);
    return g_string_free(gathered, FALSE);
}

static void
parse_link_header(const char *bytes, size_t size)
{
    g_autofree char *value = g_strndup(size > 0 ? bytes : "", MIN(size, 2000));
    g_autoptr(PfFeedParser) parser = pf_feed_parser_new("https://alpha.example/feed", take_item, NULL);

    pf_feed_parser_add_link_header(parser, value);
    g_autoptr(GString) gathered = g_string_new(NULL);
    g_autoptr(PfFeed) feed = pf_feed_parser_steal_feed(parser);
    record_links(gathered, feed->payment_links);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const charsets[] = {NULL,     NULL,           NULL,        NULL,
                                           "utf-16", "windows-1251", "shift_jis", "no-such-thing"};
    const char *bytes = (const char *)data;
    const char *charset = size > 0 ? charsets[data[size - 1] % G_N_ELEMENTS(charsets)] : NULL;
    g_autofree char *whole = parse(bytes, size, MAX(size, 1), charset);
    g_autofree char *pieces = parse(bytes, size, 1 + size % 13, charset);

    g_assert_cmpstr(whole, ==, pieces);
    parse_link_header(bytes, size);
    return 0;
}
