/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sources/media.h"

static const char *const extensions[] = {"mp3", "M4A", "tar.gz", NULL};

static void
names_are_sorted_by_their_extension_in_any_case(void)
{
    static const struct {
        const char *name;
        PfWatchName sort;
    } cases[] = {
        {"ep.mp3", PF_WATCH_NAME_MEDIA},
        {"EP.MP3", PF_WATCH_NAME_MEDIA},
        {"a.b.m4a", PF_WATCH_NAME_MEDIA},
        {"feed.xml", PF_WATCH_NAME_FEED},
        {"feed.RSS", PF_WATCH_NAME_FEED},
        {"feed.Atom", PF_WATCH_NAME_FEED},
        {"all.opml", PF_WATCH_NAME_FEED},
        {"ep.ogg", PF_WATCH_NAME_OTHER},
        {"mp3", PF_WATCH_NAME_OTHER},
        {"ep.mp3.", PF_WATCH_NAME_UNKNOWN},
        {"", PF_WATCH_NAME_OTHER},
        {"emp3", PF_WATCH_NAME_OTHER},
        {"\xff\xfe.mp3", PF_WATCH_NAME_MEDIA},
        {".mp3", PF_WATCH_NAME_OTHER},
        {"ep.mp3.part", PF_WATCH_NAME_OTHER},
        {"ep.mp3?src=rss", PF_WATCH_NAME_MEDIA},
        {"what?.mp3", PF_WATCH_NAME_MEDIA},
        {"ep?.ogg", PF_WATCH_NAME_OTHER},
        {"page?x=ep.mp3.part", PF_WATCH_NAME_OTHER},
        {"ep.mp3.1", PF_WATCH_NAME_UNKNOWN},
        {"ep.mp3_", PF_WATCH_NAME_UNKNOWN},
        {"ep.mp3_source=rss", PF_WATCH_NAME_UNKNOWN},
        {"ep.MP3 (2)", PF_WATCH_NAME_UNKNOWN},
        {"ep.mp3x.1", PF_WATCH_NAME_OTHER},
        {"ep", PF_WATCH_NAME_OTHER},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(pf_watch_name_sort(cases[i].name, extensions), ==, cases[i].sort);
}

static void
without_wanted_extensions_every_other_name_is_unknown(void)
{
    static const char *const any[] = {NULL};

    g_assert_cmpint(pf_watch_name_sort("ep.opus", any), ==, PF_WATCH_NAME_MEDIA);
    g_assert_cmpint(pf_watch_name_sort("ep.mp3?src=rss", any), ==, PF_WATCH_NAME_MEDIA);
    g_assert_cmpint(pf_watch_name_sort("ep.mp3.1", any), ==, PF_WATCH_NAME_UNKNOWN);
    g_assert_cmpint(pf_watch_name_sort("download", any), ==, PF_WATCH_NAME_UNKNOWN);
    g_assert_cmpint(pf_watch_name_sort("feed.xml", any), ==, PF_WATCH_NAME_FEED);
    g_assert_cmpint(pf_watch_name_sort("ep.mp3.aria2", any), ==, PF_WATCH_NAME_OTHER);
}

static void
a_downloaders_file_names_the_one_that_it_belongs_to(void)
{
    static const struct {
        const char *name;
        const char *finished;
    } cases[] = {{"ep.mp3.aria2", "ep.mp3"},  {"ep.mp3.st", "ep.mp3"}, {"ep.mp3.PART", "ep.mp3"},
                 {"a-lftp-pget-status", "a"}, {"ep.mp3", NULL},        {".part", NULL}};

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *finished = pf_watch_name_dup_finished(cases[i].name);
        g_assert_cmpstr(finished, ==, cases[i].finished);
    }
}

static void
temporary_names_are_known(void)
{
    static const char *const temporary[] = {
        "ep.mp3.partial", "ep.mp3.part", "ep.tmp", "ep.mp3.crdownload", "ep.download",  "ep.mp3.PART", ".ep.mp3",
        "ep.mp3~",        ".",           "",       "x.Partial",         "ep.mp3.aria2", "ep.mp3.ytdl"};
    static const char *const lasting[] = {"ep.mp3", "part", "partial", "ep.parts", "tmp.mp3", "~ep.mp3", "a.part.mp3"};

    for (gsize i = 0; i < G_N_ELEMENTS(temporary); i++)
        g_assert_true(pf_watch_name_is_temporary(temporary[i]));
    for (gsize i = 0; i < G_N_ELEMENTS(lasting); i++)
        g_assert_false(pf_watch_name_is_temporary(lasting[i]));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/watch_name/names_are_sorted_by_their_extension_in_any_case",
                    names_are_sorted_by_their_extension_in_any_case);
    g_test_add_func("/watch_name/without_wanted_extensions_every_other_name_is_unknown",
                    without_wanted_extensions_every_other_name_is_unknown);
    g_test_add_func("/watch_name/a_downloaders_file_names_the_one_that_it_belongs_to",
                    a_downloaders_file_names_the_one_that_it_belongs_to);
    g_test_add_func("/watch_name/temporary_names_are_known", temporary_names_are_known);
    return g_test_run();
}
