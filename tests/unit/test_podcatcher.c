/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What podcatchers know, read from files and databases as each of them writes them. Every test has a home of its own.
 */
#include "sources/podcatcher.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* --- homes --- */

/* Returns: (transfer full): an absolute path for one in the home folder; "config:" and "data:" stand for those. */
static char *
place(const char *name)
{
    if (g_str_has_prefix(name, "config:"))
        return g_build_filename(g_get_user_config_dir(), name + strlen("config:"), NULL);
    if (g_str_has_prefix(name, "data:"))
        return g_build_filename(g_get_user_data_dir(), name + strlen("data:"), NULL);
    return g_build_filename(g_get_home_dir(), name, NULL);
}

/* Replaces @HOME in a text by the home folder. */
static char *
at_home(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, "@HOME", -1);

    return g_strjoinv(g_get_home_dir(), parts);
}

static void
put(const char *name, const char *text)
{
    g_autofree char *path = place(name);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *content = at_home(text);
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
    g_file_set_contents(path, content, -1, &error);
    g_assert_no_error(error);
}

/* Returns: (transfer full): an open database, made with @sql. */
static sqlite3 *
database(const char *name, const char *sql)
{
    g_autofree char *path = place(name);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *statements = at_home(sql);
    sqlite3 *connection;

    g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
    g_assert_cmpint(sqlite3_open(path, &connection), ==, SQLITE_OK);
    g_assert_cmpint(sqlite3_exec(connection, statements, NULL, NULL, NULL), ==, SQLITE_OK);
    return connection;
}

static void
put_database(const char *name, const char *sql)
{
    sqlite3_close(database(name, sql));
}

/* --- questions --- */

/* Returns: (transfer full): the one place where it is set up. */
static PfPodcatcher *
only(const char *name)
{
    g_autoptr(GPtrArray) found = pf_podcatcher_find(pf_podcatcher_get_kind(name));

    g_assert_cmpuint(found->len, ==, 1);
    return g_ptr_array_steal_index(found, 0);
}

static char *
join(GPtrArray *texts)
{
    GString *all = g_string_new(NULL);

    for (guint i = 0; i < texts->len; i++)
        g_string_append_printf(all, "%s%s", i ? " " : "", (char *)texts->pdata[i]);
    return g_string_free(all, FALSE);
}

static void
check_folders(const char *name, const char *expected)
{
    g_autoptr(PfPodcatcher) podcatcher = only(name);
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    g_autofree char *wanted = at_home(expected);

    g_assert_true(pf_podcatcher_list_folders(podcatcher, folders, &error));
    g_assert_no_error(error);
    g_autofree char *got = join(folders);
    g_assert_cmpstr(got, ==, wanted);
}

static void
check_feeds(const char *name, const char *expected, guint left_out)
{
    g_autoptr(PfPodcatcher) podcatcher = only(name);
    g_autoptr(GError) error = NULL;
    g_autoptr(PfPodcatcherFeeds) feeds = pf_podcatcher_list_feeds(podcatcher, &error);

    g_assert_no_error(error);
    g_autofree char *got = join(feeds->urls);
    g_assert_cmpstr(got, ==, expected);
    g_assert_cmpuint(feeds->left_out, ==, left_out);
}

/* @expected: "feed enclosure guid", with "-" for what is not known */
static void
check_file(const char *name, const char *file, const char *former, const char *expected)
{
    g_autoptr(PfPodcatcher) podcatcher = only(name);
    g_autofree char *path = place(file);
    g_auto(PfPodcatcherItem) item = {0};
    g_autoptr(GError) error = NULL;

    g_assert_true(podcatcher->kind->look_up(podcatcher, path, former, &item, &error));
    g_assert_no_error(error);
    g_autofree char *got = g_strdup_printf("%s %s %s", item.feed ? item.feed : "-",
                                           item.enclosure ? item.enclosure : "-", item.guid ? item.guid : "-");
    g_assert_cmpstr(got, ==, expected);
}

/* Asks all, which must fail with a message that has @text, and nothing else must happen. */
static void
check_refusal(const char *name, const char *text)
{
    g_autoptr(PfPodcatcher) podcatcher = only(name);
    g_autoptr(GError) error = NULL;
    g_autoptr(PfPodcatcherFeeds) feeds = pf_podcatcher_list_feeds(podcatcher, &error);

    g_assert_null(feeds);
    g_assert_nonnull(error);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, text));
}

/* --- gPodder --- */

#define GPODDER                                                                                                        \
    "CREATE TABLE podcast (id INTEGER PRIMARY KEY NOT NULL, title TEXT NOT NULL DEFAULT '', url TEXT NOT NULL,"        \
    " link TEXT, auth_username TEXT, auth_password TEXT, download_folder TEXT NOT NULL, pause_subscription INTEGER,"   \
    " section TEXT, payment_url TEXT NULL DEFAULT NULL);"                                                              \
    "CREATE UNIQUE INDEX idx_podcast_url ON podcast (url);"                                                            \
    "CREATE TABLE episode (id INTEGER PRIMARY KEY NOT NULL, podcast_id INTEGER NOT NULL, title TEXT NOT NULL,"         \
    " url TEXT NOT NULL, published INTEGER, guid TEXT NOT NULL, state INTEGER NOT NULL DEFAULT 0,"                     \
    " download_filename TEXT NULL DEFAULT NULL, total_time INTEGER, current_position INTEGER, payment_url TEXT);"      \
    "CREATE TABLE version (version INTEGER); INSERT INTO version VALUES (8);"                                          \
    "INSERT INTO podcast (id, title, url, auth_username, auth_password, download_folder) VALUES"                       \
    " (1, 'Tiny Cast: A/B', 'http://a.example/feed.xml', 'ann', 'secret', 'Tiny Cast_ A_B'),"                          \
    " (2, 'Tiny Cast: A/B', 'https://b.example/feed.xml', NULL, NULL, 'Tiny Cast_ A_B (2)');"                          \
    "INSERT INTO episode (podcast_id, title, url, guid, state, download_filename) VALUES"                              \
    " (1, 'One', 'http://a.example/ep1.mp3?src=rss', 'tag:1', 1, 'ep1.mp3'),"                                          \
    " (1, 'Old', 'http://a.example/old/ep2.mp3', 'tag:old', 2, 'ep2.mp3'),"                                            \
    " (1, 'Two', 'http://a.example/r/track/ep2.mp3', 'tag:2', 0, NULL),"                                               \
    " (1, 'Three', 'http://a.example/r/tracked.mp3', 'tag:3', 0, NULL),"                                               \
    " (1, 'Four', 'http://a.example/4/media.mp3', 'tag:4', 0, NULL),"                                                  \
    " (1, 'Five', 'http://a.example/5/media.mp3', 'tag:5', 0, NULL),"                                                  \
    " (2, 'One', 'https://b.example/ep1.mp3', 'tag:b1', 1, 'ep1.mp3');"

static void
gpodder_says_what_a_file_is(void)
{
    const char *const show = "gPodder/Downloads/Tiny Cast_ A_B";
    g_autofree char *one = g_build_filename(show, "ep1.mp3", NULL);
    g_autofree char *two = g_build_filename(show, "ep2.mp3", NULL);
    g_autofree char *three = g_build_filename(show, "ep3.mp3", NULL);
    g_autofree char *media = g_build_filename(show, "media.mp3", NULL);

    put_database("gPodder/Database", GPODDER);
    check_folders("gpodder", "@HOME/gPodder/Downloads");
    check_feeds("gpodder", "http://a.example/feed.xml https://b.example/feed.xml", 0);
    check_file("gpodder", one, NULL, "http://a.example/feed.xml http://a.example/ep1.mp3?src=rss tag:1");
    check_file("gpodder", "gPodder/Downloads/Tiny Cast_ A_B (2)/ep1.mp3", NULL,
               "https://b.example/feed.xml https://b.example/ep1.mp3 tag:b1");
    g_test_message("not written yet: by the one address that has its name; a deleted episode had the same");
    check_file("gpodder", two, NULL, "http://a.example/feed.xml http://a.example/r/track/ep2.mp3 tag:2");
    g_test_message("or the name that it had before the download was done");
    check_file("gpodder", three, "tracked.mp3.partial",
               "http://a.example/feed.xml http://a.example/r/tracked.mp3 tag:3");
    g_test_message("where two have the name, the feed is all that is certain");
    check_file("gpodder", media, NULL, "http://a.example/feed.xml - -");
    g_test_message("other folders are not its own");
    check_file("gpodder", "Music/Tiny Cast_ A_B/ep1.mp3", NULL, "- - -");
    check_file("gpodder", "gPodder/Downloads/Unknown/ep1.mp3", NULL, "- - -");
}

static void
a_podcatcher_in_a_box_is_found(void)
{
    put_database(".var/app/org.gpodder.gpodder/gPodder/Database", GPODDER);
    check_folders("gpodder", "@HOME/.var/app/org.gpodder.gpodder/gPodder/Downloads");
    put_database("gPodder/Database", GPODDER);
    g_autoptr(GPtrArray) found = pf_podcatcher_find(pf_podcatcher_get_kind("gpodder"));
    g_assert_cmpuint(found->len, ==, 2);
    g_assert_false(((PfPodcatcher *)found->pdata[0])->is_boxed);
    g_assert_true(((PfPodcatcher *)found->pdata[1])->is_boxed);
}

/* --- what can be wrong with a database --- */

static void
a_database_that_cannot_be_read_is_a_message(void)
{
    put("gPodder/Database",
        "not a database at all, but long enough to have a header of one hundred bytes: ............."
        "................................................................");
    check_refusal("gpodder", "damaged, or not a database");
    g_autofree char *path = place("gPodder/Database");
    g_assert_cmpint(g_unlink(path), ==, 0);
    put_database("gPodder/Database", "CREATE TABLE show (id INTEGER)");
    check_refusal("gpodder", "its tables are not those that podflattr knows");
    g_assert_cmpint(g_unlink(path), ==, 0);
    put_database("gPodder/Database", GPODDER);
    g_assert_cmpint(truncate(path, 2000), ==, 0);
    check_refusal("gpodder", "damaged");
}

static void
a_locked_database_is_waited_for_and_then_a_message(void)
{
    sqlite3 *other = database("gPodder/Database", GPODDER "BEGIN EXCLUSIVE; DELETE FROM episode;");
    gint64 start = g_get_monotonic_time();

    check_refusal("gpodder", "another program is writing it");
    g_assert_cmpint(g_get_monotonic_time() - start, <, 10 * G_TIME_SPAN_SECOND);
    g_assert_cmpint(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), ==, SQLITE_OK);
    check_feeds("gpodder", "http://a.example/feed.xml https://b.example/feed.xml", 0);
    sqlite3_close(other);
}

static void
a_huge_question_ends(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = place("gPodder/Database");

    put_database("gPodder/Database", GPODDER);
    g_assert_false(pf_podcatcher_query(
        path, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n", NULL,
        pf_podcatcher_take_feed, NULL, &error));
    g_assert_nonnull(strstr(error->message, "too large"));
}

static void
nothing_is_written(void)
{
    g_autofree char *path = place("gPodder/Database");
    g_autoptr(GError) error = NULL;

    put_database("gPodder/Database", GPODDER);
    g_assert_false(pf_podcatcher_query(path, "DELETE FROM podcast", NULL, pf_podcatcher_take_feed, NULL, &error));
    check_feeds("gpodder", "http://a.example/feed.xml https://b.example/feed.xml", 0);
}

/* --- newsboat --- */

static void
newsboat_and_podboat_say_what_a_file_is(void)
{
    put("config:newsboat/urls", "# feeds\n"
                                "https://a.example/feed.xml tech \"~Tiny\"\n"
                                "\"query:Unread:unread = \\\"yes\\\"\"\n"
                                "exec:~/bin/feed\n"
                                "filter:~/bin/clean:https://c.example/feed.xml\n"
                                "https://b.example/feed.xml\n");
    put("config:newsboat/config", "auto-reload yes\ndownload-path \"~/Pods/%n\"\n");
    put("data:newsboat/queue", "https://a.example/r/1.mp3 \"@HOME/Pods/Tiny/One \\\"x\\\".mp3\"\n"
                               "https://c.example/3.mp3 \"@HOME/Pods/C/Three.mp3\" downloaded\n"
                               "https://a.example/same.mp3 \"@HOME/Pods/Tiny/Same.mp3\"\n");
    put_database("data:newsboat/cache.db",
                 "CREATE TABLE rss_feed (rssurl VARCHAR(1024) PRIMARY KEY NOT NULL, url VARCHAR(1024), title TEXT);"
                 "CREATE TABLE rss_item (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, guid VARCHAR(64) NOT NULL,"
                 " title VARCHAR(1024), url VARCHAR(1024), feedurl VARCHAR(1024) NOT NULL, enclosure_url VARCHAR(1024),"
                 " deleted INTEGER NOT NULL DEFAULT 0);"
                 "INSERT INTO rss_item (guid, title, feedurl, enclosure_url) VALUES"
                 " ('g1', 'One', 'https://a.example/feed.xml', 'https://a.example/r/1.mp3'),"
                 " ('g3', 'Three', 'filter:~/bin/clean:https://c.example/feed.xml', 'https://c.example/3.mp3'),"
                 " ('s1', 'Same', 'https://a.example/feed.xml', 'https://a.example/same.mp3'),"
                 " ('s2', 'Same', 'https://b.example/feed.xml', 'https://a.example/same.mp3');");
    check_folders("newsboat", "@HOME/Pods");
    check_feeds("newsboat", "https://a.example/feed.xml https://b.example/feed.xml", 3);
    check_file("newsboat", "Pods/Tiny/One \"x\".mp3", NULL, "https://a.example/feed.xml https://a.example/r/1.mp3 g1");
    g_test_message("a feed that a program makes has no address");
    check_file("newsboat", "Pods/C/Three.mp3", NULL, "- https://c.example/3.mp3 g3");
    g_test_message("of two items with one enclosure neither is certain");
    check_file("newsboat", "Pods/Tiny/Same.mp3", NULL, "- https://a.example/same.mp3 -");
    check_file("newsboat", "Pods/Tiny/Other.mp3", NULL, "- - -");
}

static void
newsboat_in_the_folder_of_old_is_found(void)
{
    g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;

    put(".newsboat/urls", "https://a.example/feed.xml\n");
    check_feeds("newsboat", "https://a.example/feed.xml", 0);
    g_test_message("the home folder is not watched");
    g_autoptr(PfPodcatcher) podcatcher = only("newsboat");
    g_assert_false(pf_podcatcher_list_folders(podcatcher, folders, &error));
    g_assert_nonnull(strstr(error->message, "set download-path"));
    g_assert_cmpuint(folders->len, ==, 0);
}

/* --- podget --- */

static void
podget_says_what_a_file_is(void)
{
    put(".podget/serverlist", "# list\n"
                              "http://a.example/feed.xml Tech Tiny Cast\n"
                              "http://b.example/feed.xml OPT_RENAME_MDATE Tech Other  Cast USER:ann PASS:secret\n"
                              "http://c.example/1.xml Tech Twice\nhttp://c.example/2.xml Tech Twice\n");
    put(".podget/podgetrc", "# library\nDIR_LIBRARY=\"$HOME/Casts\"   # here\n#DIR_LIBRARY=/x\n");
    put("Casts/.LOG/done", "http://a.example/1/ep1.mp3?x=1&y=2\nhttp://a.example/2/media.mp3\n"
                           "http://a.example/3/media.mp3\n");
    check_folders("podget", "@HOME/Casts");
    check_feeds("podget",
                "http://a.example/feed.xml http://b.example/feed.xml http://c.example/1.xml http://c.example/2.xml", 0);
    check_file("podget", "Casts/Tech/Tiny Cast/ep1.mp3", NULL,
               "http://a.example/feed.xml http://a.example/1/ep1.mp3?x=1&y=2 -");
    check_file("podget", "Casts/Tech/Tiny Cast/media.mp3", NULL, "http://a.example/feed.xml - -");
    check_file("podget", "Casts/Tech/Other Cast/x.mp3", NULL, "http://b.example/feed.xml - -");
    check_file("podget", "Casts/Tech/Twice/ep1.mp3", NULL, "- - -");
    check_file("podget", "Casts/x.mp3", NULL, "- - -");
}

/* --- castget --- */

static void
castget_says_what_a_file_is(void)
{
    put(".castgetrc",
        "[*]\nspool = ~/casts\n\n[tiny]\nurl = http://a.example/feed.xml\n"
        "[other]\nurl = http://b.example/feed.xml\n[own]\nurl=https://c.example/feed\nspool=@HOME/own/\n");
    put(".castget/tiny.xml", "<?xml version=\"1.0\"?>\n<channel version=\"1.0\" rsslastfetched=\"x\">\n"
                             "  <enclosure url=\"http://a.example/ep1.mp3?a=1&amp;b=2\" downloadtime=\"x\"/>\n"
                             "  <enclosure url=\"http://a.example/both.mp3\" downloadtime=\"x\"/>\n</channel>\n");
    put(".castget/other.xml", "<channel><enclosure url=\"http://b.example/both.mp3\" downloadtime=\"x\"/></channel>");
    check_folders("castget", "@HOME/casts @HOME/own");
    check_feeds("castget", "http://a.example/feed.xml http://b.example/feed.xml https://c.example/feed", 0);
    check_file("castget", "casts/ep1.mp3", NULL, "http://a.example/feed.xml http://a.example/ep1.mp3?a=1&b=2 -");
    g_test_message("two channels of one folder have a file of that name");
    check_file("castget", "casts/both.mp3", NULL, "- - -");
    g_test_message("a folder of one channel has its files");
    check_file("castget", "own/2026-11-18-Any.mp3", NULL, "https://c.example/feed - -");
    check_file("castget", "casts/unknown.mp3", NULL, "- - -");
}

/* --- all of them --- */

static void
every_name_of_the_configuration_has_its_program(void)
{
    guint count = 0;

    for (; pf_podcatcher_kinds[count]; count++)
        g_assert_cmpstr(pf_podcatcher_kinds[count]->name, ==, pf_config_podcatchers[count]);
    g_assert_null(pf_config_podcatchers[count]);
    for (guint i = 0; i < count; i++) {
        g_autoptr(GPtrArray) found = pf_podcatcher_find(pf_podcatcher_kinds[i]);
        g_assert_cmpuint(found->len, ==, 0);
    }
}

static void
names_in_the_configuration_are_resolved(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PfConfig) config =
        pf_config_parse("[watch]\nfolders = ~/Pods; gpodder; castget\n[feeds]\nsubscriptions = podget\n", "x", &error);
    g_auto(PfPodcatcherItem) item = {0};

    g_assert_no_error(error);
    put_database("gPodder/Database", GPODDER);
    put(".podget/serverlist", "http://a.example/feed.xml Tech Tiny\n");
    pf_podcatchers_resolve(config);
    g_autofree char *folders = g_strjoinv(" ", config->folder_paths);
    g_autofree char *expected = at_home("@HOME/Pods @HOME/gPodder/Downloads");
    g_assert_cmpstr(folders, ==, expected);
    g_autofree char *file = place("POD/Tech/Tiny/1.mp3");
    g_assert_true(pf_podcatchers_look_up(config, file, NULL, &item));
    g_assert_cmpstr(item.feed, ==, "http://a.example/feed.xml");
    pf_podcatcher_item_clear(&item);
    g_autofree char *foreign = place("Music/1.mp3");
    g_assert_false(pf_podcatchers_look_up(config, foreign, NULL, &item));
}

static void
a_mistyped_name_is_guessed(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(pf_config_parse("[watch]\nfolders = gpoder\n", "x", &error));
    g_assert_nonnull(strstr(error->message, "did you mean 'gpodder'?"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
    g_test_add_func("/podcatcher/gPodder says what a file is", gpodder_says_what_a_file_is);
    g_test_add_func("/podcatcher/a podcatcher in a box is found", a_podcatcher_in_a_box_is_found);
    g_test_add_func("/podcatcher/a database that cannot be read is a message",
                    a_database_that_cannot_be_read_is_a_message);
    g_test_add_func("/podcatcher/a locked database is waited for and then a message",
                    a_locked_database_is_waited_for_and_then_a_message);
    g_test_add_func("/podcatcher/a huge question ends", a_huge_question_ends);
    g_test_add_func("/podcatcher/nothing is written", nothing_is_written);
    g_test_add_func("/podcatcher/newsboat and podboat say what a file is", newsboat_and_podboat_say_what_a_file_is);
    g_test_add_func("/podcatcher/newsboat in the folder of old is found", newsboat_in_the_folder_of_old_is_found);
    g_test_add_func("/podcatcher/podget says what a file is", podget_says_what_a_file_is);
    g_test_add_func("/podcatcher/castget says what a file is", castget_says_what_a_file_is);
    g_test_add_func("/podcatcher/every name of the configuration has its program",
                    every_name_of_the_configuration_has_its_program);
    g_test_add_func("/podcatcher/names in the configuration are resolved", names_in_the_configuration_are_resolved);
    g_test_add_func("/podcatcher/a mistyped name is guessed", a_mistyped_name_is_guessed);
    return g_test_run();
}
