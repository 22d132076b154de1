/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/item_identity.h"
#include "feed/match.h"
#include "scratch_feeds.h"
#include <string.h>

#define FEED_A "https://a.example/feed"
#define FEED_B "https://b.example/feed"

static PfKnownFeed *
find(Scratch *scratch, const char *url)
{
    g_autoptr(GError) error = NULL;
    PfKnownFeed *feed = NULL;

    pf_feed_store_find(scratch->store, url, &feed, &error);
    g_assert_no_error(error);
    return feed;
}

/* How many items are filed under an identifier. */
static guint
count_under(Scratch *scratch, const char *identifier)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GHashTable) items =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, (GDestroyNotify)pf_known_item_free);
    PfFeedItems found = {.items = items, .most = 100};

    pf_feed_lookup_key(scratch->store, pf_feed_key_of_identifier(identifier), 0, &found, &error);
    g_assert_no_error(error);
    return g_hash_table_size(items);
}

static void
put_feed(Scratch *scratch, const PfKnownFeed *feed, gint64 keep_since)
{
    g_autoptr(GError) error = NULL;

    pf_feed_store_put_feed(scratch->store, feed, G_MAXINT64, keep_since, &error);
    g_assert_no_error(error);
}

static void
set_title(Scratch *scratch, gint64 id, const char *title)
{
    g_autoptr(PfKnownFeed) feed = scratch_read(scratch, id);

    g_free(feed->title);
    feed->title = g_strdup(title);
    put_feed(scratch, feed, 0);
}

static void
a_feed_is_added_once_and_keeps_what_is_written(Scratch *scratch, gconstpointer data)
{
    (void)data;
    gint64 id = scratch_add(scratch, FEED_A, PF_FEED_ORIGIN_SUBSCRIPTION);
    g_assert_cmpint(scratch_add(scratch, FEED_A, PF_FEED_ORIGIN_HOOK), ==, id);

    g_autoptr(PfKnownFeed) feed = scratch_read(scratch, id);
    g_assert_cmpstr(feed->url, ==, FEED_A);
    g_assert_cmpstr(feed->address, ==, FEED_A);
    g_assert_cmpint(feed->next, ==, 100);
    g_assert_null(feed->title);
    g_free(feed->address);
    feed->address = g_strdup(FEED_B);
    feed->title = g_strdup("Tiny Cast");
    feed->etag = g_strdup("e");
    feed->last_modified = g_strdup("l");
    feed->payments = g_strdup("p");
    feed->fault = g_strdup("f");
    feed->fetched = 1;
    feed->tried = 2;
    feed->next = G_MAXINT64;
    feed->failures = 3;
    feed->gone = TRUE;
    put_feed(scratch, feed, 0);
    scratch_close(scratch);
    scratch_open(scratch);

    g_autoptr(PfKnownFeed) again = find(scratch, FEED_B);
    g_assert_cmpint(again->id, ==, id);
    g_assert_cmpstr(again->title, ==, "Tiny Cast");
    g_assert_cmpstr(again->etag, ==, "e");
    g_assert_cmpstr(again->last_modified, ==, "l");
    g_assert_cmpstr(again->payments, ==, "p");
    g_assert_cmpstr(again->fault, ==, "f");
    g_assert_cmpint(again->fetched, ==, 1);
    g_assert_cmpint(again->tried, ==, 2);
    g_assert_cmpint(again->next, ==, G_MAXINT64);
    g_assert_cmpint(again->failures, ==, 3);
    g_assert_true(again->gone);
    g_assert_null(find(scratch, "https://c.example/"));
}

static void
a_hooks_feed_becomes_a_subscription_and_never_the_reverse(Scratch *scratch, gconstpointer data)
{
    (void)data;
    gint64 id = scratch_add(scratch, FEED_A, PF_FEED_ORIGIN_HOOK);
    scratch_add(scratch, FEED_A, PF_FEED_ORIGIN_SUBSCRIPTION);
    scratch_add(scratch, FEED_A, PF_FEED_ORIGIN_HOOK);
    g_autoptr(PfKnownFeed) feed = scratch_read(scratch, id);
    g_assert_cmpint(feed->origin, ==, PF_FEED_ORIGIN_SUBSCRIPTION);
}

static void
subscriptions_that_are_no_longer_named_go_with_their_items(Scratch *scratch, gconstpointer data)
{
    const ItemWords words = {.guid = "g1", .title = "One more"};
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) urls = g_ptr_array_new();

    (void)data;
    gint64 gone = scratch_add(scratch, FEED_A, PF_FEED_ORIGIN_SUBSCRIPTION);
    gint64 moved = scratch_add(scratch, FEED_B, PF_FEED_ORIGIN_SUBSCRIPTION);
    gint64 hooked = scratch_add(scratch, "https://c.example/", PF_FEED_ORIGIN_HOOK);
    for (gint64 id = gone; id <= hooked; id++)
        scratch_put(scratch, id, "T", &words, 1, 5);
    g_autoptr(PfKnownFeed) feed = scratch_read(scratch, moved);
    g_free(feed->address);
    feed->address = g_strdup("https://b.example/new");
    put_feed(scratch, feed, 0);
    g_ptr_array_add(urls, (gpointer) "https://b.example/new");
    g_assert_cmpint(count_under(scratch, "g1"), ==, 3);
    pf_feed_store_keep(scratch->store, urls, &error);
    g_assert_no_error(error);
    g_assert_null(scratch_read(scratch, gone));
    g_assert_cmpint(count_under(scratch, "g1"), ==, 2);

    /* A fetch that was under way brings nothing back. */
    scratch_put(scratch, gone, "T", &words, 1, 6);
    g_assert_cmpint(count_under(scratch, "g1"), ==, 2);
}

/* More than are looked at under any one key. Read again, they are the same and not as many new ones. */
static void
guids_that_differ_in_their_fragments_are_as_many_items_each_time(Scratch *scratch, gconstpointer data)
{
    enum { ITEMS = 1200 };
    gint64 id = scratch_add(scratch, FEED_A, PF_FEED_ORIGIN_SUBSCRIPTION);
    g_autoptr(GHashTable) items =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, (GDestroyNotify)pf_known_item_free);
    gint64 key = pf_feed_key_of_identifier("https://a.example/");
    g_autoptr(GError) error = NULL;
    PfFeedItems found = {.items = items, .most = 3 * ITEMS};

    (void)data;
    for (int i = 0; i < 2 * ITEMS; i++) {
        g_autofree char *guid = g_strdup_printf("https://a.example/#%d", i % ITEMS);
        const ItemWords words = {.guid = guid};
        scratch_put(scratch, id, "T", &words, 1, 5);
    }
    pf_feed_lookup_key(scratch->store, key, 0, &found, &error);
    g_assert_no_error(error);
    g_assert_cmpint(g_hash_table_size(items), ==, ITEMS);
}

static gboolean
want_all(gint64 id, const char *address, gpointer data)
{
    (void)id;
    (void)address;
    (void)data;
    return TRUE;
}

static gboolean
want_others(gint64 id, const char *address, gpointer data)
{
    (void)id;
    return !g_str_has_prefix(address, data);
}

static void
due_feeds_come_longest_due_first(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    gint64 due = 0, ids[3];

    (void)data;
    pf_feed_store_read_next_due(scratch->store, &due, &error);
    g_assert_no_error(error);
    g_assert_cmpint(due, ==, G_MAXINT64);
    for (int i = 0; i < 3; i++) {
        g_autofree char *url = g_strdup_printf("https://a.example/%d", i);
        ids[i] =
            pf_feed_store_add(scratch->store, url, PF_FEED_ORIGIN_SUBSCRIPTION, i == 0 ? G_MAXINT64 : 30 - i, &error);
        g_assert_no_error(error);
    }
    g_autoptr(GPtrArray) all =
        pf_feed_store_list_due(scratch->store, 30, (PfKnownFeedChoice){10, want_all, NULL}, &error);
    g_assert_cmpint(all->len, ==, 2);
    g_assert_cmpint(((PfKnownFeed *)all->pdata[0])->id, ==, ids[2]);
    g_autoptr(GPtrArray) none =
        pf_feed_store_list_due(scratch->store, 27, (PfKnownFeedChoice){10, want_all, NULL}, &error);
    g_assert_cmpint(none->len, ==, 0);
    pf_feed_store_read_next_due(scratch->store, &due, &error);
    g_assert_cmpint(due, ==, 28);
}

static void
due_feeds_that_are_not_wanted_keep_no_place_of_others(Scratch *scratch, gconstpointer data)
{
    const char *const hosts[] = {"https://slow.example/", "https://good.example/"};
    g_autoptr(GError) error = NULL;

    (void)data;
    for (int i = 0; i < 20; i++) {
        g_autofree char *url = g_strdup_printf("%s%d", hosts[i / 10], i);
        pf_feed_store_add(scratch->store, url, PF_FEED_ORIGIN_SUBSCRIPTION, i, &error);
        g_assert_no_error(error);
    }
    g_autoptr(GPtrArray) due =
        pf_feed_store_list_due(scratch->store, 30, (PfKnownFeedChoice){5, want_others, (gpointer)hosts[0]}, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(due->len, ==, 5);
    g_assert_cmpstr(((PfKnownFeed *)due->pdata[0])->url, ==, "https://good.example/10");
    g_assert_cmpstr(((PfKnownFeed *)due->pdata[4])->url, ==, "https://good.example/14");
}

static guint
hurry(Scratch *scratch, const GArray *ids, gint64 since, gint64 now)
{
    g_autoptr(GError) error = NULL;
    guint count = 77;

    pf_feed_store_make_due(scratch->store, &(PfFeedsWanted){.ids = ids, .since = since, .most = 3, .now = now}, &count,
                           &error);
    g_assert_no_error(error);
    return count;
}

static void
hurry_spares_what_was_just_tried_is_gone_or_is_a_file(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));

    (void)data;
    gint64 waiting = scratch_add(scratch, "https://a.example/1", PF_FEED_ORIGIN_SUBSCRIPTION);
    gint64 tried = scratch_add(scratch, "https://a.example/2", PF_FEED_ORIGIN_SUBSCRIPTION);
    gint64 gone = scratch_add(scratch, "https://a.example/3", PF_FEED_ORIGIN_SUBSCRIPTION);
    scratch_add(scratch, "file:///feed.xml", PF_FEED_ORIGIN_FILE);
    g_autoptr(PfKnownFeed) tried_feed = scratch_read(scratch, tried);
    tried_feed->tried = 40;
    put_feed(scratch, tried_feed, 0);
    g_autoptr(PfKnownFeed) gone_feed = scratch_read(scratch, gone);
    gone_feed->gone = TRUE;
    put_feed(scratch, gone_feed, 0);

    g_array_append_val(ids, tried);
    g_assert_cmpint(hurry(scratch, ids, 40, 50), ==, 0);
    g_assert_cmpint(hurry(scratch, NULL, 40, 50), ==, 1);
    g_assert_cmpint(hurry(scratch, NULL, 40, 50), ==, 1); /* which is due already, and to be asked all the same */
    g_assert_cmpint(hurry(scratch, ids, 41, 50), ==, 1);
    g_array_index(ids, gint64, 0) = gone;
    g_assert_cmpint(hurry(scratch, ids, 50000, 86400), ==, 0);
    g_assert_cmpint(hurry(scratch, ids, 50000, 86401), ==, 1); /* once a day, when it alone is meant */
    g_autoptr(PfKnownFeed) feed = scratch_read(scratch, waiting);
    g_assert_cmpint(feed->next, <=, 50);
}

static void
hurry_is_for_a_few_times_a_day(Scratch *scratch, gconstpointer data)
{
    const gint64 day = 20000 * (gint64)86400;
    gint64 id = scratch_add(scratch, "https://a.example/1", PF_FEED_ORIGIN_SUBSCRIPTION);
    g_autoptr(PfKnownFeed) feed = scratch_read(scratch, id);

    (void)data;
    for (gint64 now = day; now < day + 4 * 86400; now += 3600) {
        /* Asked in its turn an hour ago, and due in another. */
        feed->tried = now - 3600;
        feed->next = now + 3600;
        put_feed(scratch, feed, 0);
        gint64 hour = (now - day) / 3600 % 24;
        g_assert_cmpint(hurry(scratch, NULL, now - 300, now), ==, hour < 3);
        g_assert_cmpint(hurry(scratch, NULL, now - 300, now), ==, hour < 3); /* which is the same time */
    }
    /* What is due by itself needs no hurry; a clock that is set back begins another day. */
    feed->next = day + 5 * 86400 - 1;
    put_feed(scratch, feed, 0);
    g_assert_cmpint(hurry(scratch, NULL, day + 5 * 86400 - 2, day + 5 * 86400 - 1), ==, 1);
    feed->tried = day;
    feed->next = day + 86400;
    put_feed(scratch, feed, 0);
    g_assert_cmpint(hurry(scratch, NULL, day + 1000, day + 2000), ==, 1);
}

/* Returns when a feed is due that is hurried at 1000, in an answer that was asked for at @asked and says "at 9000". */
static gint64
due_after_answer(Scratch *scratch, gint64 asked, gint64 gone, gint64 not_before)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_autoptr(GError) error = NULL;
    g_autofree char *url = g_strdup_printf("https://a.example/%d", g_test_rand_int());
    gint64 id = scratch_add(scratch, url, PF_FEED_ORIGIN_SUBSCRIPTION);
    g_autoptr(PfKnownFeed) read = scratch_read(scratch, id);

    g_array_append_val(ids, id);
    g_assert_cmpint(hurry(scratch, ids, 700, 1000), ==, 1);
    read->tried = asked;
    read->next = 9000;
    read->gone = gone;
    read->not_before = not_before;
    pf_feed_store_put_feed(scratch->store, read, asked, 0, &error);
    g_assert_no_error(error);
    g_autoptr(PfKnownFeed) after = scratch_read(scratch, id);
    return after->next;
}

static void
what_is_hurried_while_it_is_read_stays_due(Scratch *scratch, gconstpointer data)
{
    (void)data;
    g_assert_cmpint(due_after_answer(scratch, 699, 0, 0), <=, 1000);
    g_assert_cmpint(due_after_answer(scratch, 700, 0, 0), ==, 9000);
    g_assert_cmpint(due_after_answer(scratch, 699, 999, 0), ==, 9000);
    g_assert_cmpint(due_after_answer(scratch, 699, 0, 8000), ==, 9000);
}

static void
hurry_keeps_the_peace_that_a_server_asked_for(Scratch *scratch, gconstpointer data)
{
    static const struct {
        gint64 not_before;
        guint made_due;
    } cases[] = {{0, 1}, {50, 1}, {51, 0}, {50 + 86400, 0}, {51 + 86400, 1}};
    g_autoptr(GError) error = NULL;
    gboolean any;

    (void)data;
    gint64 id = scratch_add(scratch, "https://a.example/1", PF_FEED_ORIGIN_SUBSCRIPTION);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(PfKnownFeed) feed = scratch_read(scratch, id);
        feed->next = 100000;
        feed->not_before = cases[i].not_before;
        put_feed(scratch, feed, 0);
        g_assert_true(
            pf_feed_store_has_unasked(scratch->store, &(PfFeedsWanted){.since = 40, .now = 50}, &any, &error));
        g_assert_cmpint(any, ==, cases[i].made_due);
        g_assert_cmpuint(hurry(scratch, NULL, 40, 50), ==, cases[i].made_due);
    }
}

static void
times_in_the_future_are_bounded_by_now(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    (void)data;
    gint64 id = scratch_add(scratch, "https://a.example/1", PF_FEED_ORIGIN_SUBSCRIPTION);
    gint64 never = pf_feed_store_add(scratch->store, "https://a.example/2", PF_FEED_ORIGIN_HOOK, 9000, &error);
    g_assert_no_error(error);
    gint64 file = pf_feed_store_add(scratch->store, "file:///feed.xml", PF_FEED_ORIGIN_FILE, G_MAXINT64, &error);
    g_assert_no_error(error);
    g_autoptr(PfKnownFeed) feed = scratch_read(scratch, id);
    feed->tried = 5000;
    feed->next = 8000;
    put_feed(scratch, feed, 0);
    g_assert_true(pf_feed_store_bound_times(scratch->store, 4990, &error));
    g_autoptr(PfKnownFeed) near = scratch_read(scratch, id);
    g_assert_cmpint(near->next, ==, 8000);
    g_assert_true(pf_feed_store_bound_times(scratch->store, 1000, &error));
    g_assert_no_error(error);
    g_autoptr(PfKnownFeed) corrected = scratch_read(scratch, id);
    g_assert_cmpint(corrected->tried, ==, 1000);
    g_assert_cmpint(corrected->next, ==, 1000);
    g_autoptr(PfKnownFeed) new_one = scratch_read(scratch, never);
    g_assert_cmpint(new_one->next, ==, 1000);
    g_autoptr(PfKnownFeed) of_file = scratch_read(scratch, file);
    g_assert_cmpint(of_file->next, ==, G_MAXINT64);
}

static void
items_are_replaced_and_found_by_what_they_have_now(Scratch *scratch, gconstpointer data)
{
    const ItemWords first[] = {{.guid = "g1", .title = "Frist Title", .enclosure = "https://a.example/1.mp3"},
                               {.title = "No guid", .enclosure = "https://a.example/2.mp3"},
                               {.title = "Page only", .link = "https://a.example/page"}};
    const ItemWords second[] = {
        {.guid = "g1", .title = "First title", .enclosure = "https://a.example/1b.mp3"},
        {.title = "No guid, new title", .enclosure = "https://a.example/2.mp3"},
        {.title = "Page only", .link = "https://a.example/page", .date = "2026-01-01T00:00:00Z"}};

    (void)data;
    gint64 feed = scratch_add(scratch, FEED_A, PF_FEED_ORIGIN_SUBSCRIPTION);
    scratch_put(scratch, feed, "T", first, 3, 5);
    scratch_put(scratch, feed, "T", second, 3, 6);
    g_assert_cmpint(count_under(scratch, "g1"), ==, 1);
    g_assert_cmpint(count_under(scratch, "https://a.example/1.mp3"), ==, 0);
    g_assert_cmpint(count_under(scratch, "http://a.example/1b.mp3"), ==, 1);
    g_assert_cmpint(count_under(scratch, "https://a.example/2.mp3"), ==, 1);
    g_assert_cmpint(count_under(scratch, "https://a.example/page"), ==, 1);
}

static void
an_item_comes_back_as_it_was_written(Scratch *scratch, gconstpointer data)
{
    const ItemWords words = {.guid = "g1",
                             .title = "Ünï \"q\"\n",
                             .enclosure = "https://a.example/\t1.ogg",
                             .type = "audio/ogg",
                             .length = 5000000000,
                             .link = "https://a.example/page",
                             .date = "1970-01-01T00:00:00Z"};
    g_autoptr(GError) error = NULL;
    g_autoptr(GHashTable) items =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, (GDestroyNotify)pf_known_item_free);
    PfFeedItems found = {.items = items, .most = 1, .more = TRUE};

    (void)data;
    gint64 feed = scratch_add(scratch, FEED_A, PF_FEED_ORIGIN_SUBSCRIPTION);
    scratch_put(scratch, feed, "Tiny Cast", &words, 1, 5);
    pf_feed_lookup_key(scratch->store, pf_feed_key_of_identifier("g1"), feed, &found, &error);
    g_assert_no_error(error);
    g_assert_false(found.more);
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, items);
    g_assert_true(g_hash_table_iter_next(&iter, NULL, &value));
    const PfKnownItem *known = value;
    const PfEnclosure *enclosure = known->item->enclosures->pdata[0];
    g_assert_cmpint(known->seen, ==, 5);
    g_assert_cmpint(known->feed->id, ==, feed);
    g_assert_cmpstr(known->feed->title, ==, "Tiny Cast");
    g_assert_cmpstr(known->item->title, ==, words.title);
    g_assert_cmpstr(known->item->link, ==, words.link);
    g_assert_cmpint(known->item->duration, ==, -1);
    g_assert_true(known->item->has_published);
    g_assert_cmpint(known->item->published, ==, 0);
    g_assert_cmpstr(enclosure->url, ==, words.enclosure);
    g_assert_cmpstr(enclosure->type, ==, "audio/ogg");
    g_assert_cmpint(enclosure->length, ==, 5000000000);
    g_assert_cmpstr(known->payments, ==, "pay for g1");
}

static void
items_that_a_feed_no_longer_lists_are_kept_for_a_while(Scratch *scratch, gconstpointer data)
{
    const ItemWords words[] = {{.guid = "old"}, {.guid = "new"}};

    (void)data;
    gint64 feed = scratch_add(scratch, FEED_A, PF_FEED_ORIGIN_SUBSCRIPTION);
    gint64 other = scratch_add(scratch, FEED_B, PF_FEED_ORIGIN_SUBSCRIPTION);
    scratch_put(scratch, feed, "T", words, 2, 5);
    scratch_put(scratch, other, "T", words, 1, 5);
    scratch_put(scratch, feed, "T", words + 1, 1, 9);
    g_autoptr(PfKnownFeed) known = scratch_read(scratch, feed);
    put_feed(scratch, known, 5);
    g_assert_cmpint(count_under(scratch, "old"), ==, 2);
    put_feed(scratch, known, 0);
    g_assert_cmpint(count_under(scratch, "old"), ==, 2);
    put_feed(scratch, known, 6);
    g_assert_cmpint(count_under(scratch, "old"), ==, 1);
    g_assert_cmpint(count_under(scratch, "new"), ==, 1);
}

static void
a_folder_names_its_feed_by_any_podcatchers_rules(Scratch *scratch, gconstpointer data)
{
    static const struct {
        const char *path;
        guint feeds;
        const char *root;
    } cases[] = {
        {"/pods/Tiny Cast_ A_B/x.mp3", 1, NULL},
        {"/pods/Tiny Cast_ A_B/x.mp3", 1, "/pods"},
        {"/pods/Tiny Cast_ A_B/2026/x.mp3", 1, "/pods"},
        {"/pods/Tiny Cast: A/B/x.mp3", 1, "/pods"}, /* as podboat has it */
        {"/pods/Tiny Cast: A/B/2026/May/Oil/x.mp3", 1, "/pods"},
        {"/pods/Tiny Cast: A/B/x.mp3", 0, "/pods/Tiny Cast: A"},
        {"/pods/Tiny Cast_ A_B/x.mp3", 0, "/pods/Tiny Cast_ A_B"},
        {"/pods/Tiny Cast_ A_B/2026/x.mp3", 0, "/pods/Tiny Cast_ A_B"},
        {"/pods/Tiny Cast_ A_B (2)/x.mp3", 1, NULL},
        {"/pods/Tiny Cast AB/x.mp3", 1, NULL}, /* as castget has it */
        {"/pods/Tiny_Cast__A_B/2026/x.mp3", 1, NULL},
        {"/pods/Tiny Cast/x.mp3", 0, NULL},
        {"/pods/Tiny Cast A B C/x.mp3", 0, NULL},
        {"/x.mp3", 0, NULL},
        {"/\xff/\xff/x.mp3", 0, NULL},
    };

    (void)data;
    set_title(scratch, scratch_add(scratch, FEED_A, PF_FEED_ORIGIN_SUBSCRIPTION), "Tiny Cast: A/B");
    set_title(scratch, scratch_add(scratch, FEED_B, PF_FEED_ORIGIN_SUBSCRIPTION), "…");
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_test_message("%s", cases[i].path);
        g_autoptr(GPtrArray) feeds = pf_feed_store_list_for_path(scratch->store, cases[i].path, cases[i].root, &error);
        g_assert_no_error(error);
        g_assert_cmpint(feeds->len, ==, cases[i].feeds);
    }
}

static gboolean
append_url(const PfKnownFeed *feed, gpointer data)
{
    g_string_append_printf(data, "%s ", feed->url);
    return TRUE;
}

static void
failing_feeds_are_counted_and_all_are_listed(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GString) urls = g_string_new(NULL);
    gint64 known, failing;

    (void)data;
    scratch_add(scratch, "https://c.example/", PF_FEED_ORIGIN_SUBSCRIPTION);
    for (int i = 0; i < 2; i++) {
        g_autoptr(PfKnownFeed) feed =
            scratch_read(scratch, scratch_add(scratch, i == 0 ? FEED_B : FEED_A, PF_FEED_ORIGIN_SUBSCRIPTION));
        feed->failures = 1;
        put_feed(scratch, feed, 0);
    }
    pf_feed_store_count(scratch->store, &known, &failing, &error);
    g_assert_no_error(error);
    g_assert_cmpint(known, ==, 3);
    g_assert_cmpint(failing, ==, 2);
    pf_feed_store_each(scratch->store, append_url, urls, &error);
    g_assert_no_error(error);
    g_assert_cmpstr(urls->str, ==, FEED_A " " FEED_B " https://c.example/ ");
}

/* Puts another file in the store's place, opens it, and sees that it is empty and usable and the other one kept. */
static void
check_set_aside(Scratch *scratch)
{
    g_autofree char *old = g_build_filename(scratch->folder, "feeds.db.old", NULL);

    g_test_expect_message(G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE, "*starting a new one*");
    scratch_open(scratch);
    g_test_assert_expected_messages();
    g_assert_true(g_file_test(old, G_FILE_TEST_EXISTS));
    g_assert_null(find(scratch, FEED_A));
    scratch_add(scratch, FEED_A, PF_FEED_ORIGIN_SUBSCRIPTION);
    scratch_close(scratch);
}

static void
a_file_that_cannot_be_used_is_set_aside(Scratch *scratch, gconstpointer data)
{
    g_autofree char *path = g_build_filename(scratch->folder, "feeds.db", NULL);
    g_autofree char *noise = g_strnfill(20000, 'x');
    g_autoptr(GError) error = NULL;

    (void)data;
    scratch_add(scratch, FEED_A, PF_FEED_ORIGIN_SUBSCRIPTION);
    scratch_close(scratch);
    g_file_set_contents(path, noise, -1, &error);
    g_assert_no_error(error);
    check_set_aside(scratch);

    g_autoptr(PfDatabase) database = pf_database_open(path, 1000, &error);
    pf_database_execute(database, "PRAGMA user_version = 999", &error);
    g_assert_no_error(error);
    g_clear_pointer(&database, pf_database_close);
    check_set_aside(scratch);
}

static void
damage_that_shows_later_is_set_aside_too(Scratch *scratch, gconstpointer data)
{
    g_autofree char *path = g_build_filename(scratch->folder, "feeds.db", NULL);
    g_autofree char *bytes = NULL;
    g_autoptr(GError) error = NULL;
    gsize length;

    (void)data;
    scratch_add(scratch, FEED_A, PF_FEED_ORIGIN_SUBSCRIPTION);
    scratch_close(scratch);
    g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
    memset(bytes + 4096, 0x55, length - 4096);
    g_file_set_contents(path, bytes, (gssize)length, &error);
    g_assert_no_error(error);
    scratch_open(scratch);
    g_assert_cmpint(pf_feed_store_add(scratch->store, FEED_B, PF_FEED_ORIGIN_HOOK, 0, &error), ==, 0);
    g_assert_error(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_CORRUPT);
    g_test_expect_message(G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE, "*starting a new one*");
    scratch_close(scratch);
    g_test_assert_expected_messages();
    scratch_open(scratch);
    scratch_add(scratch, FEED_B, PF_FEED_ORIGIN_HOOK);
}

#define ADD(name, function) g_test_add("/feed store/" name, Scratch, NULL, scratch_set_up, function, scratch_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("a feed is added once and keeps what is written", a_feed_is_added_once_and_keeps_what_is_written);
    ADD("a hook's feed becomes a subscription and never the reverse",
        a_hooks_feed_becomes_a_subscription_and_never_the_reverse);
    ADD("subscriptions that are no longer named go with their items",
        subscriptions_that_are_no_longer_named_go_with_their_items);
    ADD("due feeds come longest due first", due_feeds_come_longest_due_first);
    ADD("due feeds that are not wanted keep no place of others", due_feeds_that_are_not_wanted_keep_no_place_of_others);
    ADD("hurry spares what was just tried, is gone or is a file",
        hurry_spares_what_was_just_tried_is_gone_or_is_a_file);
    ADD("a feed is hurried a few times a day", hurry_is_for_a_few_times_a_day);
    ADD("what is hurried while it is read stays due", what_is_hurried_while_it_is_read_stays_due);
    ADD("hurry keeps the peace that a server asked for", hurry_keeps_the_peace_that_a_server_asked_for);
    ADD("times in the future are bounded by now", times_in_the_future_are_bounded_by_now);
    ADD("items are replaced and found by what they have now", items_are_replaced_and_found_by_what_they_have_now);
    ADD("GUIDs that differ in their fragments are as many items each time",
        guids_that_differ_in_their_fragments_are_as_many_items_each_time);
    ADD("an item comes back as it was written", an_item_comes_back_as_it_was_written);
    ADD("items that a feed no longer lists are kept for a while",
        items_that_a_feed_no_longer_lists_are_kept_for_a_while);
    ADD("a folder names its feed by any podcatcher's rules", a_folder_names_its_feed_by_any_podcatchers_rules);
    ADD("failing feeds are counted and all are listed", failing_feeds_are_counted_and_all_are_listed);
    ADD("a file that cannot be used is set aside", a_file_that_cannot_be_used_is_set_aside);
    ADD("damage that shows later is set aside too", damage_that_shows_later_is_set_aside_too);
    return g_test_run();
}
