/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/find.h"
#include "feed_match_rows.h"

static PfFound
find(Scratch *scratch, const PfFileClues *clues)
{
    g_autoptr(GError) error = NULL;
    PfFileClues sized = *clues;
    PfFound found = {0};

    if (sized.size == 0)
        sized.size = -1;
    pf_feed_find(scratch->store, &sized, &found, &error);
    g_assert_no_error(error);
    g_assert_cmpint(found.items->len, <=, PF_FIND_MAX);
    return found;
}

/* Returns: what was found, as a row expects it. */
static char *
find_word(Scratch *scratch, const PfFileClues *clues)
{
    g_auto(PfFound) found = find(scratch, clues);

    return row_word(found.items, found.sure);
}

static void
add_feeds(Scratch *scratch)
{
    for (gsize i = 0; i < G_N_ELEMENTS(feeds); i++) {
        g_autoptr(PfKnownFeed) feed =
            scratch_read(scratch, scratch_add(scratch, feeds[i].url, PF_FEED_ORIGIN_SUBSCRIPTION));
        g_autoptr(GError) error = NULL;
        g_assert_cmpint(feed->id, ==, i + 1);
        feed->title = g_strdup(feeds[i].title);
        pf_feed_store_put_feed(scratch->store, feed, G_MAXINT64, 0, &error);
        g_assert_no_error(error);
    }
}

static void
put_row(Scratch *scratch, const Row *row, gboolean reverse)
{
    for (guint i = 0; i < MOST_ITEMS; i++) {
        guint index = reverse ? MOST_ITEMS - 1 - i : i;
        if (row->items[index].words.guid)
            scratch_put(scratch, row->items[index].feed + 1, NULL, &row->items[index].words, 1, 5);
    }
}

static void
forget_all(Scratch *scratch)
{
    for (gint64 id = 1; id <= (gint64)G_N_ELEMENTS(feeds); id++) {
        g_autoptr(PfKnownFeed) feed = scratch_read(scratch, id);
        g_autoptr(GError) error = NULL;
        pf_feed_store_put_feed(scratch->store, feed, G_MAXINT64, G_MAXINT64, &error);
        g_assert_no_error(error);
    }
}

static void
the_store_finds_what_the_match_chooses_in_any_order_of_insertion(Scratch *scratch, gconstpointer data)
{
    (void)data;
    add_feeds(scratch);
    for (gsize i = 0; i < 2 * G_N_ELEMENTS(names); i++) {
        const Row *row = names + i / 2;
        put_row(scratch, row, i % 2 == 1);
        g_autofree char *found = find_word(scratch, &row->clues);
        g_test_message("%s", row->who);
        g_assert_cmpstr(found, ==, row->expected);
        forget_all(scratch);
    }
}

/* What was several can become one only by an item for which more speaks; and none here does, whatever is added. */
static void
another_item_never_makes_one_of_several(Scratch *scratch, gconstpointer data)
{
    (void)data;
    add_feeds(scratch);
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        const Row *row = names + i;
        if (!g_str_equal(row->expected, SEVERAL))
            continue;
        put_row(scratch, row, FALSE);
        for (gsize j = 0; j < G_N_ELEMENTS(names); j++) {
            /* An item that has the file's own name to the letter, as some rows' items do, would rightly win. */
            const ItemWords *words = &names[j].items[0].words;
            ItemWords other = {.guid = "other",
                               .title = words->title,
                               .enclosure = "https://c.example/other.mp3",
                               .date = words->date};
            if (!words->guid || names[j].items[0].feed != 0)
                continue;
            scratch_put(scratch, 1, NULL, &other, 1, 6);
            g_autofree char *found = find_word(scratch, &row->clues);
            g_test_message("%s, %s", row->who, names[j].who);
            g_assert_cmpstr(found, ==, SEVERAL);
        }
        forget_all(scratch);
    }
}

/* The same feed a hundred times over, enough that no look-up sees all of it; and another one. */
static void
add_crowd(Scratch *scratch)
{
    const ItemWords special = {.guid = "s", .title = "Unheard", .enclosure = "https://s.example/special-first.mp3"};

    scratch_put(scratch, scratch_add(scratch, FEED_A, PF_FEED_ORIGIN_SUBSCRIPTION), "Special", &special, 1, 5);
    for (int i = 0; i < 100; i++) {
        g_autofree char *url = g_strdup_printf("https://crowd.example/%d", i);
        g_autofree char *title = g_strdup_printf("Crowd %d", i);
        g_autofree char *enclosure = g_strdup_printf("https://crowd.example/%d/first.mp3", i);
        g_autofree char *guid = g_strdup_printf("c%d", i);
        const ItemWords words[] = {{.guid = "1", .title = "First episode", .enclosure = enclosure},
                                   {.guid = guid, .title = "Second episode", .enclosure = "https://cdn.example/2.mp3"}};
        scratch_put(scratch, scratch_add(scratch, url, PF_FEED_ORIGIN_SUBSCRIPTION), title, words, 2, 5);
    }
}

static void
in_a_crowd_only_the_feed_tells(Scratch *scratch, gconstpointer data)
{
    static const struct {
        PfFileClues clues;
        const char *feed;
    } cases[] = {
        {{.path = "/p/Crowd 77/first.mp3"}, "Crowd 77"},
        {{.path = "/p/Crowd 77/First episode.mp3"}, "Crowd 77"},
        {{.path = "/p/?", .guid = "1", .feed = "https://crowd.example/55"}, "Crowd 55"},
        {{.path = "/p/first.mp3", .feed = "https://crowd.example/55"}, "Crowd 55"},
        {{.path = "/p/?", .enclosure = "https://crowd.example/99/first.mp3"}, "Crowd 99"},
        /* Its last part is everybody's, its whole nobody else's. */
        {{.path = "/p/special-first.mp3"}, "Special"},
    };

    (void)data;
    add_crowd(scratch);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(PfFound) found = find(scratch, &cases[i].clues);
        g_assert_cmpint(found.items->len, ==, 1);
        g_assert_cmpstr(((const PfKnownItem *)found.items->pdata[0])->feed->title, ==, cases[i].feed);
    }
    const PfFileClues alone = {.path = "/p/first.mp3", .size = -1};
    g_auto(PfFound) found = find(scratch, &alone);
    g_assert_cmpint(found.items->len, ==, PF_FIND_MAX);
    g_assert_cmpuint(found.witnesses, ==, PF_WITNESS_NAME);
}

/* What GNOME Podcasts and recorders leave of a name: the show's folder, and the size or the day. */
static void
in_its_folder_a_size_or_a_day_is_enough_that_one_item_has(Scratch *scratch, gconstpointer data)
{
    const ItemWords words[] = {
        {.guid = "a", .title = "A", .enclosure = "https://a.example/1", .length = 200, .date = "2026-07-01T10:00:00Z"},
        {.guid = "b", .title = "B", .enclosure = "https://a.example/2", .length = 300, .date = "2026-07-08T10:00:00Z"},
        {.guid = "c", .title = "C", .enclosure = "https://a.example/3", .length = 300, .date = "2026-07-15T10:00:00Z"},
        {.guid = "tag:d,2026:4", .title = "Number 4", .enclosure = "https://a.example/tiny-ep4.mp3", .length = 400},
    };
    static const struct {
        PfFileClues clues;
        const char *expected;
    } cases[] = {
        {{.path = "/w/Tiny Cast/123.mp3", .root = "/w", .size = 200}, "a"},
        {{.path = "/w/Tiny Cast/123.mp3", .root = "/w", .size = 300}, SEVERAL},
        {{.path = "/w/Tiny Cast/123.mp3", .root = "/w", .size = 201}, NONE},
        {{.path = "/w/Tiny Cast/2026-07-08_10h00m.mp3", .root = "/w"}, "b"},
        {{.path = "/w/Tiny Cast/2026-07-08-something.mp3", .root = "/w"}, NONE},
        {{.path = "/w/Other/123.mp3", .root = "/w", .size = 200}, NONE},
        /* An episode that is not known yet, as long as a known one to the byte. */
        {{.path = "/w/Tiny Cast/tiny-ep44.mp3", .root = "/w", .size = 400}, NONE},
        {{.path = "/w/Tiny Cast/Number 44.mp3", .root = "/w", .size = 400}, NONE},
        {{.path = "/w/Tiny Cast/something.mp3", .root = "/w", .size = 400}, "tag:d,2026:4"},
    };

    (void)data;
    scratch_put(scratch, scratch_add(scratch, FEED_A, PF_FEED_ORIGIN_SUBSCRIPTION), "Tiny Cast", words, 4, 5);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *found = find_word(scratch, &cases[i].clues);
        g_test_message("%s", cases[i].clues.path);
        g_assert_cmpstr(found, ==, cases[i].expected);
    }
}

/* A feed can call itself what it likes: a folder that has any such name is not its place. */
static void
a_feed_that_is_called_like_any_folder_does_not_own_it(Scratch *scratch, gconstpointer data)
{
    const ItemWords words = {.guid = "a", .title = "Intro", .enclosure = "https://a.example/x.mp3"};
    static const struct {
        PfFileClues clues;
        const char *expected;
    } cases[] = {
        {{.path = "/w/Music/Intro.mp3", .root = "/w"}, UNSURE},
        {{.path = "/w/2026/Intro.mp3", .root = "/w"}, UNSURE},
        {{.path = "/w/Tiny/Intro.mp3", .root = "/w"}, "a"},
    };

    (void)data;
    scratch_put(scratch, scratch_add(scratch, FEED_A, PF_FEED_ORIGIN_SUBSCRIPTION), "Music", &words, 1, 5);
    scratch_put(scratch, scratch_add(scratch, FEED_B, PF_FEED_ORIGIN_SUBSCRIPTION), "Tiny", &words, 1, 5);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *found = find_word(scratch, &cases[i].clues);
        g_test_message("%s", cases[i].clues.path);
        g_assert_cmpstr(found, ==, cases[i].expected);
    }
}

static void
a_subscription_stays_for_the_same_episode_elsewhere(Scratch *scratch, gconstpointer data)
{
    const ItemWords words = {.guid = "urn:x:1", .title = "One episode", .enclosure = "https://a.example/1.mp3"};
    const PfFileClues clues = {.path = "/p/One episode.mp3"};

    (void)data;
    scratch_put(scratch, scratch_add(scratch, "https://hook.example/", PF_FEED_ORIGIN_HOOK), "H", &words, 1, 5);
    scratch_put(scratch, scratch_add(scratch, FEED_A, PF_FEED_ORIGIN_SUBSCRIPTION), "A", &words, 1, 5);
    scratch_put(scratch, scratch_add(scratch, FEED_B, PF_FEED_ORIGIN_SUBSCRIPTION), "B", &words, 1, 5);
    g_auto(PfFound) found = find(scratch, &clues);
    g_assert_cmpint(found.items->len, ==, 1);
    g_assert_cmpstr(((const PfKnownItem *)found.items->pdata[0])->feed->url, ==, FEED_A);
    g_assert_cmpuint(found.witnesses, ==, PF_WITNESS_TITLE);
    g_assert_cmpstr(((const PfKnownItem *)found.items->pdata[0])->payments, ==, "pay for urn:x:1");
}

static void
set_channel_payments(Scratch *scratch, gint64 id, const char *payments)
{
    g_autoptr(PfKnownFeed) feed = scratch_read(scratch, id);
    g_autoptr(GError) error = NULL;

    g_free(feed->payments);
    feed->payments = g_strdup(payments);
    pf_feed_store_put_feed(scratch->store, feed, G_MAXINT64, 0, &error);
    g_assert_no_error(error);
}

/* The links of the second feed are the same but for the channel's: even that is another payee. */
static void
two_payees_of_one_episode_are_two(Scratch *scratch, gconstpointer data)
{
    const ItemWords words = {.guid = "urn:x:1", .title = "One episode", .enclosure = "https://a.example/1.mp3"};
    const PfFileClues clues = {.path = "/p/1.mp3", .enclosure = "https://a.example/1.mp3"};
    gint64 one = scratch_add(scratch, FEED_A, PF_FEED_ORIGIN_SUBSCRIPTION);
    gint64 other = scratch_add(scratch, FEED_B, PF_FEED_ORIGIN_SUBSCRIPTION);

    (void)data;
    scratch_put(scratch, one, "A", &words, 1, 5);
    scratch_put(scratch, other, "B", &words, 1, 5);
    set_channel_payments(scratch, one, "pay A");
    set_channel_payments(scratch, other, "pay B");
    g_autofree char *two = find_word(scratch, &clues);
    g_assert_cmpstr(two, ==, SEVERAL);
    set_channel_payments(scratch, other, "pay A");
    g_autofree char *same = find_word(scratch, &clues);
    g_assert_cmpstr(same, ==, "urn:x:1");
}

static void
the_user_names_items_exactly(Scratch *scratch, gconstpointer data)
{
    static const ItemWords words[] = {
        {.guid = "1", .title = "First", .enclosure = "https://a.example/1.mp3", .link = "https://a.example/page1"},
        {.guid = "https://a.example/page2", .title = "Second", .link = "https://a.example/page2"},
    };
    static const struct {
        const char *name;
        guint witnesses, items;
    } cases[] = {
        {"1", PF_WITNESS_GUID, 2}, /* of two feeds: the user is shown both */
        {"https://a.example/page2", PF_WITNESS_GUID, 1},
        {"http://a.example/1.mp3", PF_WITNESS_ENCLOSURE, 1},
        {"http://a.example/page1/", 0, 1},
        {"First", 0, 0},
        {"1.mp3", 0, 0},
        {"", 0, 0},
    };
    const ItemWords other = {.guid = "1", .title = "Other", .enclosure = "https://b.example/1.mp3"};

    (void)data;
    scratch_put(scratch, scratch_add(scratch, FEED_A, PF_FEED_ORIGIN_SUBSCRIPTION), "A", words, 2, 5);
    scratch_put(scratch, scratch_add(scratch, FEED_B, PF_FEED_ORIGIN_SUBSCRIPTION), "B", &other, 1, 5);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_auto(PfFound) found = {0};
        pf_feed_find_named(scratch->store, cases[i].name, &found, &error);
        g_assert_no_error(error);
        g_assert_cmpint(found.items->len, ==, cases[i].items);
        g_assert_cmpuint(found.witnesses, ==, cases[i].witnesses);
    }
}

#define ADD(name, function) g_test_add("/feed find/" name, Scratch, NULL, scratch_set_up, function, scratch_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("the store finds what the match chooses, in any order of insertion",
        the_store_finds_what_the_match_chooses_in_any_order_of_insertion);
    ADD("another item never makes one of several", another_item_never_makes_one_of_several);
    ADD("in a crowd only the feed tells", in_a_crowd_only_the_feed_tells);
    ADD("in its folder a size or a day is enough that one item has",
        in_its_folder_a_size_or_a_day_is_enough_that_one_item_has);
    ADD("a feed that is called like any folder does not own it", a_feed_that_is_called_like_any_folder_does_not_own_it);
    ADD("a subscription stays for the same episode elsewhere", a_subscription_stays_for_the_same_episode_elsewhere);
    ADD("two payees of one episode are two", two_payees_of_one_episode_are_two);
    ADD("the user names items exactly", the_user_names_items_exactly);
    return g_test_run();
}
