/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/episode.h"

static void
a_guid_is_global_when_it_looks_made_to_be(void)
{
    static const struct {
        const char *guid;
        gboolean global;
    } cases[] = {
        {NULL, FALSE},
        {"", FALSE},
        {"1", FALSE},
        {"episode-7", FALSE},
        {"123456789012345", FALSE},
        {"12345678901234567890", FALSE},
        {"fifteen-letters", FALSE},
        {"sixteen--letters", TRUE},
        {"1234567890123456a", TRUE},
        {"5f0c4e3a-1d5b-4a57-9ac4-3cf0a0e1b0d2", TRUE},
        {"https://a.example/1", TRUE},
        {"HTTP://a/", TRUE},
        {"soundcloud://x", TRUE},
        {"://x", FALSE},
        {"http://", FALSE},
        {"1http://a", FALSE},
        {"tag:a.example,2026:1", TRUE},
        {"tag:", FALSE},
        {"urn:isbn:1", TRUE},
        {"URN:x", TRUE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].guid ? cases[i].guid : "(none)");
        g_assert_cmpint(pf_episode_guid_is_global(cases[i].guid), ==, cases[i].global);
    }
}

static void
a_feed_is_the_same_however_it_is_written(void)
{
    static const struct {
        const char *one, *other;
        gboolean same;
    } cases[] = {
        {NULL, NULL, FALSE},
        {"https://a.example/f", NULL, FALSE},
        {"https://a.example/f", "https://a.example/f", TRUE},
        {"https://a.example/f", "http://A.example:80/f/", TRUE},
        {"https://a.example/f", "feed:https://a.example/f#top", TRUE},
        {"https://a.example/f", "feed://a.example/f", TRUE},
        {"https://a.example/f", "itpc://a.example/f", TRUE},
        {"https://a.example/my f", "https://a.example/my%20f", TRUE},
        {"https://u:p@a.example/f", "https://a.example/f", TRUE},
        {"https://a.example", "https://a.example/", TRUE},
        {"https://a.example/f?x=1", "https://a.example/f?x=2", FALSE},
        {"https://a.example/mp3", "https://a.example/ogg", FALSE},
        {"https://a.example:81/f", "https://a.example/f", FALSE},
        {"https://a.example/F", "https://a.example/f", FALSE},
        {"feed.xml", "feed.xml", TRUE},
        {"feed.xml", "./feed.xml", FALSE},
        {"http://", "http://", TRUE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s, %s", cases[i].one ? cases[i].one : "-", cases[i].other ? cases[i].other : "-");
        g_assert_cmpint(pf_episode_same_feed(cases[i].one, cases[i].other), ==, cases[i].same);
        g_assert_cmpint(pf_episode_same_feed(cases[i].other, cases[i].one), ==, cases[i].same);
    }
}

static void
a_page_is_spelt_with_and_without_www_and_tls(void)
{
    static const struct {
        const char *page, *others;
    } cases[] = {
        {"http://a.example/1", "https://a.example/1 http://www.a.example/1 https://www.a.example/1 "
                               "http://a.example/1/ https://a.example/1/ http://www.a.example/1/ "
                               "https://www.a.example/1/"},
        {"https://www.a/?x", "http://a/?x https://a/?x http://www.a/?x "
                             "http://a/?x/ https://a/?x/ http://www.a/?x/ https://www.a/?x/"},
        {"HTTPS://WWW.a/", "http://a https://a http://www.a https://www.a http://a/ https://a/ http://www.a/"},
        {"thing:1", ""},
        {"httpx://a/", ""},
        {"https://", ""},
        {"http://www.", ""},
        {"http:///", "http:// https:// http://www. https://www. https:/// http://www./ https://www./"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(GStrv) spellings = pf_episode_list_spellings(cases[i].page);
        g_autofree char *others = g_strjoinv(" ", spellings);
        g_assert_cmpstr(others, ==, cases[i].others);
    }
}

#define MP3 .feed = "https://f.example/mp3", .key = "https://p.example/1", .payee = "user:ann"
#define UUID "5f0c4e3a-1d5b-4a57-9ac4-3cf0a0e1b0d2"
#define DATED .title = "One", .published = 1000, .enclosure

static void
the_same_episode_is_the_same_payee(void)
{
    static const struct {
        const char *name;
        PfEpisode one, other;
        PfEpisodeRelation relation;
    } cases[] = {
        {"the same thing",
         {MP3},
         {.feed = "https://g/", .key = "https://p.example/1", .payee = "user:ann"},
         PF_EPISODE_SAME},
        {"a thing claimed for another payee",
         {MP3},
         {.feed = "https://g/", .key = "https://p.example/1", .payee = "user:eve"},
         PF_EPISODE_CONTESTED},
        {"a feed corrects its payee",
         {MP3},
         {.feed = "http://F.example/mp3", .key = "https://p.example/1", .payee = "user:bob"},
         PF_EPISODE_SAME},
        {"a thing by its number has an unknown owner",
         {.key = "thing:1", .payee = "host:flattr.com"},
         {.key = "thing:1", .payee = "user:ann"},
         PF_EPISODE_SAME},
        {"a global guid, one payee",
         {MP3, .guid = UUID},
         {.feed = "https://f.example/ogg", .key = "k", .payee = "user:ann", .guid = UUID},
         PF_EPISODE_SAME},
        {"a global guid, another payee",
         {MP3, .guid = UUID},
         {.feed = "https://g/", .key = "k", .payee = "user:eve", .guid = UUID},
         PF_EPISODE_OTHER},
        {"a global guid, a payee that cannot be compared",
         {MP3, .guid = UUID},
         {.feed = "https://g/", .key = "thing:6", .payee = "host:flattr.com", .guid = UUID},
         PF_EPISODE_CONTESTED},
        {"a short guid in another feed",
         {MP3, .guid = "1"},
         {.feed = "https://g/", .key = "k", .payee = "user:ann", .guid = "1"},
         PF_EPISODE_OTHER},
        {"a guid in one feed, whoever is paid",
         {MP3, .guid = "1"},
         {.feed = "https://f.example/mp3", .key = "k", .payee = "user:bob", .guid = "1"},
         PF_EPISODE_SAME},
        {"a guid that its feed uses for every episode",
         {MP3, .guid = "1", DATED = "cdn.example:/one.mp3?"},
         {.feed = "https://f.example/mp3",
          .key = "k",
          .payee = "user:ann",
          .guid = "1",
          .title = "Two",
          .published = 2000,
          .enclosure = "cdn.example:/two.mp3?"},
         PF_EPISODE_OTHER},
        {"a guid whose episode got another title and file on the day it came",
         {MP3, .guid = "1", DATED = "cdn.example:/one.mp3?"},
         {.feed = "https://f.example/mp3",
          .key = "k",
          .payee = "user:ann",
          .guid = "1",
          .title = "One, corrected",
          .published = 1000,
          .enclosure = "cdn.example:/one-2.mp3?"},
         PF_EPISODE_SAME},
        {"a month is its own", {MP3, .period = "2026-01"}, {MP3, .period = "2026-02"}, PF_EPISODE_OTHER},
        {"a channel's link contested in a month",
         {MP3, .period = "2026-01"},
         {.feed = "https://g/", .key = "https://p.example/1", .payee = "user:eve", .period = "2026-01"},
         PF_EPISODE_CONTESTED},
        {"guid and page change with the host",
         {MP3, .guid = UUID, DATED = "old.example:/audio/one.mp3?"},
         {.feed = "https://new.example/f",
          .key = "https://new.example/one",
          .payee = "user:ann",
          .guid = "other-guid-of-it",
          DATED = "new.example:/shows/audio/one.mp3?token=1"},
         PF_EPISODE_SAME},
        {"the same for another payee",
         {MP3, .guid = UUID, DATED = "old.example:/audio/one.mp3?"},
         {.feed = "https://new.example/f",
          .key = "https://new.example/one",
          .payee = "user:eve",
          DATED = "new.example:/audio/one.mp3?"},
         PF_EPISODE_OTHER},
        {"a slash at the end of guid and page",
         {MP3, .guid = "https://p.example/1", .title = "One"},
         {.feed = "https://f.example/mp3",
          .key = "https://p.example/1/",
          .payee = "user:ann",
          .guid = "https://p.example/1/",
          .title = "One"},
         PF_EPISODE_SAME},
        {"two guids with one enclosure and another date",
         {MP3, .guid = "1", DATED = "cdn.example:/latest.mp3?"},
         {.feed = "https://f.example/mp3",
          .key = "k",
          .payee = "user:ann",
          .guid = "2",
          .title = "One",
          .published = 2000,
          .enclosure = "cdn.example:/latest.mp3?"},
         PF_EPISODE_OTHER},
        {"two files of one host and date",
         {MP3, .guid = "1", DATED = "cdn.example:/a?id=1"},
         {.feed = "https://f.example/mp3", .key = "k", .payee = "user:ann", .guid = "2", DATED = "cdn.example:/a?id=2"},
         PF_EPISODE_OTHER},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].name);
        g_assert_cmpint(pf_episode_compare(&cases[i].one, &cases[i].other), ==, cases[i].relation);
        g_assert_cmpint(pf_episode_compare(&cases[i].other, &cases[i].one), ==, cases[i].relation);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/episode/a guid is global when it looks made to be", a_guid_is_global_when_it_looks_made_to_be);
    g_test_add_func("/episode/a feed is the same however it is written", a_feed_is_the_same_however_it_is_written);
    g_test_add_func("/episode/a page is spelt with and without www and TLS",
                    a_page_is_spelt_with_and_without_www_and_tls);
    g_test_add_func("/episode/the same episode is the same payee", the_same_episode_is_the_same_payee);
    return g_test_run();
}
