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
        {"http://a.example/1", "https://a.example/1 http://www.a.example/1 https://www.a.example/1"},
        {"https://www.a.example/1?x", "http://a.example/1?x https://a.example/1?x http://www.a.example/1?x"},
        {"HTTPS://WWW.a/", "http://a/ https://a/ http://www.a/"},
        {"thing:1", ""},
        {"httpx://a/", ""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(GStrv) spellings = pf_episode_list_spellings(cases[i].page);
        g_autofree char *others = g_strjoinv(" ", spellings);
        g_assert_cmpstr(others, ==, cases[i].others);
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
    return g_test_run();
}
