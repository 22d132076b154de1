/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/parse.h"
#include "feed/show.h"
#include "scratch_feeds.h"
#include <string.h>

static const char pays[] =
    "<rss version='2.0' xmlns:podcast='https://podcastindex.org/namespace/1.0'"
    " xmlns:atom='http://www.w3.org/2005/Atom'><channel><title>Two Voices</title><link>https://two.example/</link>"
    "<podcast:guid>917393e3</podcast:guid>"
    "<atom:link rel='payment' href='https://pay.example/1'/><atom:link rel='payment' href='https://fund.example/2'/>"
    "<podcast:value type='lightning' method='lnaddress'>"
    "<podcast:valueRecipient name='App' type='lnaddress' address='app@fee.example' split='99' fee='true'/>"
    "<podcast:valueRecipient name='Ben' type='lnaddress' address='ben@ln.example' split='40'/>"
    "<podcast:valueRecipient name='Ann' type='lnaddress' address='ann@ln.example' split='60' customKey='k'"
    " customValue='v'/>"
    "<podcast:valueRecipient name='Node' type='node' address='02ab' split='70'/>"
    "<podcast:valueRecipient name='None' type='lnaddress' address='nobody' split='80'/>"
    "<podcast:valueRecipient name='Host' type='lnaddress' address='host@fee.example' split='98' fee='1'/>"
    "<podcast:valueRecipient name='Sum' type='lnaddress' address='ann?amount=5@ln.example' split='97'/>"
    "<podcast:valueRecipient name='Back' type='lnaddress' address='a&#x202e;nna@ln.example' split='97'/>"
    "<podcast:valueRecipient name='Part' type='lnaddress' address='ann@ln.example#x' split='97'/>"
    "<podcast:valueRecipient name='Blank' type='lnaddress' address='ann@' split='97'/>"
    "</podcast:value>"
    "<podcast:funding url='https://fund.example/1'>Give</podcast:funding>"
    "<podcast:funding url='https://fund.example/2'>Give more</podcast:funding>"
    "<item><guid>plain</guid></item>"
    "<item><guid>own</guid><podcast:funding url='https://own.example/'>For this one</podcast:funding>"
    "<podcast:value type='lightning' method='lnaddress'>"
    "<podcast:valueRecipient type='lnaddress' address='guest@ln.example'/></podcast:value></item>"
    "</channel></rss>";

static gboolean
take_item(const PfFeed *feed, PfItem *item, gpointer data, GError **error)
{
    PfKnownItem *known = g_new0(PfKnownItem, 1);

    (void)feed;
    (void)error;
    known->item = item;
    g_ptr_array_add(data, known);
    return TRUE;
}

/* Puts the feed and its items into the store, and reads the show back. Returns: (transfer full). */
static PfShow *
store_and_read(Scratch *scratch, GPtrArray *items)
{
    const char *url = "https://two.example/feed";
    g_autoptr(PfFeedParser) parser = pf_feed_parser_new(url, take_item, items);
    gint64 id = scratch_add(scratch, url, PF_FEED_ORIGIN_SUBSCRIPTION);
    g_autoptr(GError) error = NULL;

    g_assert_true(pf_feed_parser_push(parser, pays, strlen(pays), &error));
    g_assert_true(pf_feed_parser_finish(parser, &error));
    g_autoptr(PfFeed) feed = pf_feed_parser_steal_feed(parser);
    pf_feed_store_put_items(scratch->store, id, feed->title, items, 5, &error);
    g_assert_no_error(error);
    g_autoptr(GPtrArray) none = pf_feed_store_list_shows(scratch->store, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(none->len, ==, 0);
    pf_feed_store_put_show(scratch->store, id, feed, &error);
    g_assert_no_error(error);
    scratch_close(scratch);
    scratch_open(scratch);
    g_autoptr(GPtrArray) shows = pf_feed_store_list_shows(scratch->store, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(shows->len, ==, 1);
    return g_ptr_array_steal_index(shows, 0);
}

/* Writes ways as "address (text)", one after the other. Returns: (transfer full). */
static char *
ways_of(const PfShow *show, const PfItem *item)
{
    g_autoptr(GPtrArray) ways = pf_show_list_ways(show, item);
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < ways->len; i++) {
        const PfWay *way = ways->pdata[i];
        g_string_append_printf(text, "%s%d %s (%s)", i ? ", " : "", (int)way->kind, way->address,
                               way->text ? way->text : "");
    }
    return g_string_free(text, FALSE);
}

static void
the_best_way_comes_first(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func((GDestroyNotify)pf_known_item_free);
    g_autoptr(PfShow) show = store_and_read(scratch, items);
    g_autofree char *all = ways_of(show, NULL);
    g_autofree char *plain = ways_of(show, ((PfKnownItem *)items->pdata[0])->item);
    g_autofree char *own = ways_of(show, ((PfKnownItem *)items->pdata[1])->item);

    (void)data;
    g_assert_cmpstr(all, ==,
                    "0 ann@ln.example (Ann), 0 ben@ln.example (Ben), 1 https://fund.example/1 (Give), "
                    "1 https://fund.example/2 (Give more), 2 https://pay.example/1 (), 3 https://two.example/ ()");
    g_assert_cmpstr(plain, ==, all);
    g_assert_cmpstr(own, ==,
                    "0 guest@ln.example (), 1 https://own.example/ (For this one), 2 https://pay.example/1 (), "
                    "2 https://fund.example/2 (), 3 https://two.example/ ()");
}

static void
a_show_that_says_nothing_has_no_way(void)
{
    g_autoptr(PfShow) show = pf_show_new();
    g_autoptr(GPtrArray) ways = pf_show_list_ways(show, NULL);

    g_assert_cmpuint(ways->len, ==, 0);
    g_assert_null(pf_show_pack_ways(show->funding, show->values));
    pf_show_unpack_ways(NULL, show->funding, show->values);
    pf_show_unpack_ways("nonsense", show->funding, show->values);
    pf_show_unpack_ways("{\"funding\":[{}, 1],\"values\":{}}", show->funding, show->values);
    g_assert_cmpuint(show->funding->len + show->values->len, ==, 0);
}

static void
what_was_said_comes_back(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func((GDestroyNotify)pf_known_item_free);
    g_autoptr(PfShow) show = store_and_read(scratch, items);
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) shows = pf_feed_store_list_shows(scratch->store, &error);

    (void)data;
    g_assert_no_error(error);
    g_assert_cmpuint(shows->len, ==, 1);
    g_assert_cmpstr(show->url, ==, "https://two.example/feed");
    g_assert_cmpstr(show->title, ==, "Two Voices");
    g_assert_cmpstr(show->guid, ==, "917393e3");
    g_assert_null(show->owner);
    const PfValue *value = show->values->pdata[0];
    const PfRecipient *app = value->recipients->pdata[0], *ann = value->recipients->pdata[2];
    g_assert_cmpstr(value->method, ==, "lnaddress");
    g_assert_cmpuint(value->recipients->len, ==, 10);
    g_assert_true(app->fee && !ann->fee);
    g_assert_cmpint(ann->split, ==, 60);
    g_assert_cmpstr(ann->custom_key, ==, "k");
    g_assert_cmpstr(ann->custom_value, ==, "v");
}

static void
it_goes_with_its_feed(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func((GDestroyNotify)pf_known_item_free);
    g_autoptr(PfShow) show = store_and_read(scratch, items);
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    g_autoptr(GError) error = NULL;

    (void)data;
    pf_feed_store_keep(scratch->store, none, &error);
    g_assert_no_error(error);
    g_autoptr(GPtrArray) shows = pf_feed_store_list_shows(scratch->store, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(shows->len, ==, 0);
    /* The next feed may get its number. */
    scratch_add(scratch, "https://next.example/feed", PF_FEED_ORIGIN_SUBSCRIPTION);
    g_autoptr(GPtrArray) later = pf_feed_store_list_shows(scratch->store, &error);
    g_assert_cmpuint(later->len, ==, 0);
}

#define ADD(name, function) g_test_add("/show/" name, Scratch, NULL, scratch_set_up, function, scratch_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/show/a show that says nothing has no way", a_show_that_says_nothing_has_no_way);
    ADD("the best way comes first", the_best_way_comes_first);
    ADD("what was said comes back", what_was_said_comes_back);
    ADD("it goes with its feed", it_goes_with_its_feed);
    return g_test_run();
}
