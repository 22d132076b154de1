/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes as what stands in a list of feeds, and as an address in one. A list on the web must never name a file of this
 * machine, and what it names must be an address that can be fetched.
 */
#include <string.h>

#include "feed/opml.h"
#include "feed/parse.h"

#define HEAD "<opml version=\"2.0\"><body><outline text=\"all\">"

int LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size);

static const char *const documents[] = {"https://alpha.example/list.opml", "/home/ann/list.opml", "list.opml", "-"};

static void
check_address(const char *address, const char *document)
{
    const char *scheme = g_uri_peek_scheme(address);
    gboolean is_web = g_strcmp0(scheme, "http") == 0 || g_strcmp0(scheme, "https") == 0;

    g_assert_true(g_utf8_validate(address, -1, NULL));
    g_assert_true(is_web || (g_strcmp0(scheme, "file") == 0 && document != documents[0]));
}

static gboolean
no_item(const PfFeed *feed, PfItem *item, gpointer data, GError **error)
{
    (void)feed;
    (void)item;
    (void)data;
    (void)error;
    g_assert_not_reached();
}

static void
try_list(const char *bytes, gsize size, const char *document)
{
    g_autoptr(PfFeedParser) parser = pf_feed_parser_new(document, no_item, NULL);
    gboolean good =
        pf_feed_parser_push(parser, HEAD, strlen(HEAD), NULL) && pf_feed_parser_push(parser, bytes, size, NULL);

    if (good)
        pf_feed_parser_finish(parser, NULL);
    g_autoptr(PfFeed) feed = pf_feed_parser_steal_feed(parser);
    g_assert_cmpuint(feed->feeds->len, <=, PF_FEED_MAX_ITEMS);
    for (guint i = 0; i < feed->feeds->len; i++)
        check_address(feed->feeds->pdata[i], document);
}

int
LLVMFuzzerTestOneInput(const guint8 *bytes, gsize size)
{
    g_autofree char *text = g_strndup((const char *)bytes, size);
    g_autofree char *valid = g_utf8_make_valid(text, -1);

    for (gsize i = 0; i < G_N_ELEMENTS(documents); i++) {
        g_autofree char *address = pf_opml_resolve(valid, documents[i]);
        if (address)
            check_address(address, documents[i]);
        try_list((const char *)bytes, size, documents[i]);
    }
    return 0;
}
