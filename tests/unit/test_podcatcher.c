/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What podcatchers know, read from files and databases as each of them writes them. Every test has a home of its own.
 */
#include "sources/podcatcher.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* --- homes --- */

/* Removes a file, or a folder with all that is in it. */
static void
remove_all(const char *path)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name;

    while (folder && (name = g_dir_read_name(folder))) {
        g_autofree char *inner = g_build_filename(path, name, NULL);
        remove_all(inner);
    }
    g_assert_cmpint(g_remove(path), ==, 0);
}

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

/* Replaces @HOME in a text by the home folder, and @DATA by that for data. */
static char *
at_home(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, "@HOME", -1);

    g_autofree char *home = g_strjoinv(g_get_home_dir(), parts);
    g_auto(GStrv) others = g_strsplit(home, "@DATA", -1);
    return g_strjoinv(g_get_user_data_dir(), others);
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

    g_assert_true(pf_podcatcher_look_up(podcatcher, path, former, &item, &error));
    g_assert_no_error(error);
    g_autofree char *got = g_strdup_printf("%s %s %s", item.feed ? item.feed : "-",
                                           item.enclosure ? item.enclosure : "-", item.guid ? item.guid : "-");
    g_assert_cmpstr(got, ==, expected);
}

/* @expected: "kind position-or-count/duration at enclosure guid path", each followed by a blank and a semicolon */
static void
check_plays(const char *name, const char *expected)
{
    g_autoptr(PfPodcatcher) podcatcher = only(name);
    g_autoptr(GPtrArray) plays = pf_play_list_new();
    g_autoptr(GString) got = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *wanted = at_home(expected);

    gboolean listed = podcatcher->kind->list_plays(podcatcher, plays, &error);
    g_assert_no_error(error);
    g_assert_true(listed);
    for (guint i = 0; i < plays->len; i++) {
        const PfPlay *play = plays->pdata[i];
        g_assert_cmpuint(strlen(play->name), ==, 40);
        g_string_append_printf(got, "%s %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %s %s %s %s;",
                               play->kind == PF_PLAY_COUNT ? "count" : "position",
                               play->kind == PF_PLAY_COUNT ? play->count : play->position, play->duration, play->at,
                               play->feed ? play->feed : "-", play->enclosure, play->guid ? play->guid : "-",
                               play->path ? play->path : "-");
    }
    g_assert_cmpstr(got->str, ==, wanted);
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
gpodder_is_where_its_variables_say(void)
{
    g_autofree char *home = place("data:gp/");
    g_autofree char *downloads = place("Casts/");

    put_database("data:gp/Database", GPODDER);
    g_setenv("GPODDER_HOME", home, TRUE);
    g_setenv("GPODDER_DOWNLOAD_DIR", downloads, TRUE);
    check_folders("gpodder", "@HOME/Casts");
    check_file("gpodder", "Casts/Tiny Cast_ A_B/ep1.mp3", NULL,
               "http://a.example/feed.xml http://a.example/ep1.mp3?src=rss tag:1");
    g_unsetenv("GPODDER_HOME");
    g_unsetenv("GPODDER_DOWNLOAD_DIR");
}

static void
a_podcatcher_in_a_box_is_found(void)
{
    put_database(".var/app/org.gpodder.gpodder/gPodder/Database", GPODDER);
    check_folders("gpodder", "@HOME/.var/app/org.gpodder.gpodder/gPodder/Downloads");
    put_database("gPodder/Database", GPODDER);
    g_autoptr(GPtrArray) found = pf_podcatcher_find(pf_podcatcher_get_kind("gpodder"));
    g_assert_cmpuint(found->len, ==, 2);
    g_assert_false(((PfPodcatcher *)found->pdata[0])->is_sandboxed);
    g_assert_true(((PfPodcatcher *)found->pdata[1])->is_sandboxed);
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
    check_refusal("gpodder", "its tables are not the ones that podflattr expects");
    g_assert_cmpint(g_unlink(path), ==, 0);
    put_database("gPodder/Database", GPODDER);
    g_assert_cmpint(truncate(path, 2000), ==, 0);
    check_refusal("gpodder", "damaged");
    g_test_message("what would never answer is not opened");
    g_assert_cmpint(g_unlink(path), ==, 0);
    g_assert_cmpint(mkfifo(path, 0600), ==, 0);
    check_refusal("gpodder", "not a regular file");
    g_autofree char *list = place("data:rhythmbox/rhythmdb.xml");
    put("data:rhythmbox/rhythmdb.xml", "");
    g_assert_cmpint(g_unlink(list), ==, 0);
    g_assert_cmpint(mkfifo(list, 0600), ==, 0);
    check_refusal("rhythmbox", "not a regular file");
}

static void
a_value_of_another_type_is_passed_over(void)
{
    put_database(
        "data:gnome-podcasts/podcasts.db",
        "CREATE TABLE source (id, uri); CREATE TABLE shows (id, title, source_id);"
        "CREATE TABLE episodes (id, title, uri, local_uri, guid, show_id, duration, play_position);"
        "INSERT INTO source VALUES (1, 'https://a.example/feed.xml'), (2, x'68747470733a2f2fff2e6578616d706c65'),"
        " (3, NULL), (4, 17), (5, x'00ff');"
        "INSERT INTO shows VALUES (1, 'Tiny', 1), (2, NULL, 2), (3, 3.5, 3), ('x', x'ff', 1);"
        "INSERT INTO episodes VALUES"
        " (1, x'ff', 'https://a.example/1.mp3', '@HOME/1.mp3', x'fffe', 1, -5, 90),"
        " (2, NULL, 'https://a.example/2.mp3', NULL, NULL, 1, 3600000, 1e300),"
        " (3, 1, 'https://a.example/3.mp3', x'ff', 3, 1, 'long', '60'),"
        " (4, 1, x'00', '@HOME/4.mp3', 3, 1, 1, 5), (5, 1, 'https://a.example/5.mp3', NULL, 'g', 2, 1, 5),"
        " (6, 1, 'https://a.example/6.mp3', NULL, 'g', 1, 1e300, -9e300);");
    check_feeds("gnome-podcasts", "https://a.example/feed.xml", 4);
    check_file("gnome-podcasts", "1.mp3", NULL, "https://a.example/feed.xml https://a.example/1.mp3 -");
    check_file("gnome-podcasts", "4.mp3", NULL, "https://a.example/feed.xml - 3");
    check_plays("gnome-podcasts", "position 90/0 0 https://a.example/feed.xml https://a.example/1.mp3 - @HOME/1.mp3;"
                                  "position 60/0 0 https://a.example/feed.xml https://a.example/3.mp3 3 -;");
}

static void
a_locked_database_is_waited_for_and_then_a_message(void)
{
    sqlite3 *other = database("gPodder/Database", GPODDER "BEGIN EXCLUSIVE; DELETE FROM episode;");
    gint64 start = g_get_monotonic_time();

    check_refusal("gpodder", "another program is writing to it");
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
    g_test_message("nor the log of a database that is not open, or its index");
    g_autofree char *log = place("data:KDE/kasts/database.db3-wal"), *index = place("data:KDE/kasts/database.db3-shm");
    put_database("data:KDE/kasts/database.db3",
                 "PRAGMA journal_mode = WAL; CREATE TABLE Feeds (feeduid INTEGER PRIMARY KEY, name TEXT, url TEXT,"
                 " dirname TEXT); INSERT INTO Feeds VALUES (1, 'Tiny', 'https://a.example/feed.xml', 'Tiny');");
    check_feeds("kasts", "https://a.example/feed.xml", 0);
    g_assert_false(g_file_test(log, G_FILE_TEST_EXISTS) || g_file_test(index, G_FILE_TEST_EXISTS));
    put("data:KDE/kasts/database.db3-wal", "");
    check_feeds("kasts", "https://a.example/feed.xml", 0);
    g_assert_false(g_file_test(index, G_FILE_TEST_EXISTS));
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
    g_test_message("two episodes that are downloaded to one name");
    put("data:newsboat/queue", "https://a.example/r/1.mp3 \"@HOME/Pods/1.mp3\" downloaded\n"
                               "https://evil.example/1.mp3 \"@HOME/Pods/1.mp3\"\n");
    check_file("newsboat", "Pods/1.mp3", NULL, "- - -");
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
        "[other]\nurl = feed://b.example/feed.xml\n[own]\nurl=https://c.example/feed\nspool=@HOME/own/\n");
    put(".castget/tiny.xml", "<?xml version=\"1.0\"?>\n<channel version=\"1.0\" rsslastfetched=\"x\">\n"
                             "  <enclosure url=\"http://a.example/ep1.mp3?a=1&amp;b=2\" downloadtime=\"x\"/>\n"
                             "  <enclosure url=\"http://a.example/both.mp3\" downloadtime=\"x\"/>\n</channel>\n");
    put(".castget/other.xml", "<channel><enclosure url=\"http://b.example/both.mp3\" downloadtime=\"x\"/>"
                              "<enclosure url=\"http://b.example/ep3.mp3\" downloadtime=\"x\"/></channel>");
    check_folders("castget", "@HOME/casts @HOME/own");
    check_feeds("castget", "http://a.example/feed.xml http://b.example/feed.xml https://c.example/feed", 0);
    check_file("castget", "casts/ep1.mp3", NULL, "http://a.example/feed.xml http://a.example/ep1.mp3?a=1&b=2 -");
    g_test_message("two channels of one folder have a file of that name");
    check_file("castget", "casts/both.mp3", NULL, "- - -");
    g_test_message("a folder of one channel has its files");
    check_file("castget", "own/2026-11-18-Any.mp3", NULL, "https://c.example/feed - -");
    check_file("castget", "casts/unknown.mp3", NULL, "- - -");
    g_test_message("an address is the same as in the list of feeds, however it is written");
    check_file("castget", "casts/ep3.mp3", NULL, "http://b.example/feed.xml http://b.example/ep3.mp3 -");
}

/* --- greg --- */

static void
greg_says_which_feed_a_file_is_of(void)
{
    put("config:greg/greg.conf", "[DEFAULT]\n# where\nDownload directory = ~/Casts\n[Tiny]\nmime_type = audio\n");
    put("data:greg/data/data", "[Tiny]\nurl = http://a.example/feed.xml\ndate_info = available\n\n"
                               "[Other]\nurl = http://b.example/feed.xml\n");
    put("data:greg/data/Tiny", "{\"entrylink\": \"ep1.mp3\", \"linkdate\": [2026, 11, 18]}\n"
                               "{\"entrylink\": \"media.mp3\", \"linkdate\": [2026, 11, 18]}\n");
    put("data:greg/data/Other", "{\"entrylink\": \"media.mp3\", \"linkdate\": [2026, 11, 19]}\nnot json\n");
    check_folders("greg", "@HOME/Casts");
    check_feeds("greg", "http://a.example/feed.xml http://b.example/feed.xml", 0);
    check_file("greg", "Casts/ep1.mp3", NULL, "http://a.example/feed.xml - -");
    check_file("greg", "Casts/Other/any.mp3", NULL, "http://b.example/feed.xml - -");
    check_file("greg", "Casts/media.mp3", NULL, "- - -");
    check_file("greg", "Casts/new.mp3", NULL, "- - -");
}

/* --- yt-dlp --- */

static void
yt_dlp_says_where_a_file_came_from(void)
{
    put("config:yt-dlp/config", "# mine\n-x --audio-format mp3\n-P \"~/My Casts\"\n-o '~/Shows/%(title)s.%(ext)s'\n"
                                "\"--paths=home:@HOME/third\"\n--write-info-json\n");
    put("My Casts/One [1].info.json", "{\"id\": \"1\", \"title\": \"One\", \"url\": \"https://a.example/1.mp3\"}");
    put("My Casts/Two.info.json", "{\"id\": ");
    check_folders("yt-dlp", "@HOME/My Casts @HOME/Shows @HOME/third");
    check_feeds("yt-dlp", "", 0);
    check_file("yt-dlp", "My Casts/One [1].mp3", NULL, "- https://a.example/1.mp3 -");
    check_file("yt-dlp", "My Casts/Three.mp3", NULL, "- - -");
    g_autoptr(PfPodcatcher) podcatcher = only("yt-dlp");
    g_autofree char *broken = place("My Casts/Two.mp3");
    g_auto(PfPodcatcherItem) item = {0};
    g_autoptr(GError) error = NULL;
    g_assert_false(pf_podcatcher_look_up(podcatcher, broken, NULL, &item, &error));
    g_assert_error(error, PF_PODCATCHER_ERROR, PF_PODCATCHER_ERROR_CONTENT);
}

/* --- Rhythmbox --- */

#define RHYTHMDB                                                                                                       \
    "<?xml version=\"1.0\" standalone=\"yes\"?>\n<rhythmdb version=\"2.0\">\n"                                         \
    "  <entry type=\"song\">\n    <title>Song</title>\n    <location>file://@HOME/Music/A/1.mp3</location>\n"          \
    "    <mountpoint>http://x.example/</mountpoint>\n  </entry>\n"                                                     \
    "  <entry type=\"podcast-feed\">\n    <title>Tiny</title>\n    <location>http://a.example/feed.xml</location>\n"   \
    "  </entry>\n"                                                                                                     \
    "  <entry type=\"podcast-post\">\n    <title>One &amp; two</title>\n"                                              \
    "    <location>file://@HOME/Casts/Tiny%20Cast:%20A_B/ep1.mp3</location>\n"                                         \
    "    <mountpoint>http://a.example/ep1.mp3?a=1&amp;b=2</mountpoint>\n"                                              \
    "    <subtitle>http://a.example/feed.xml</subtitle>\n    <podcast-guid>tag:1</podcast-guid>\n"                     \
    "    <status>100</status>\n    <album>Tiny Cast: A/B</album>\n  </entry>\n"                                        \
    "  <entry type=\"podcast-post\">\n    <title>Not here</title>\n"                                                   \
    "    <location>http://a.example/ep2.mp3</location>\n    <subtitle>http://a.example/feed.xml</subtitle>\n"          \
    "  </entry>\n"

static void
rhythmbox_says_what_a_file_is(void)
{
    put("data:rhythmbox/rhythmdb.xml", RHYTHMDB "</rhythmdb>\n");
    check_folders("rhythmbox", "@HOME/Casts");
    check_feeds("rhythmbox", "http://a.example/feed.xml", 0);
    check_file("rhythmbox", "Casts/Tiny Cast: A_B/ep1.mp3", NULL,
               "http://a.example/feed.xml http://a.example/ep1.mp3?a=1&b=2 tag:1");
    check_file("rhythmbox", "Music/A/1.mp3", NULL, "- - -");
    g_test_message("half written");
    put("data:rhythmbox/rhythmdb.xml", RHYTHMDB);
    check_refusal("rhythmbox", "incomplete");
}

/* --- Kasts --- */

static void
kasts_says_what_a_file_is_also_while_it_runs(void)
{
    g_autofree char *checksum = g_compute_checksum_for_string(G_CHECKSUM_MD5, "https://a.example/1.mp3", -1);
    g_autofree char *file = g_strdup_printf("data:KDE/kasts/enclosures/Tiny/One.%.6s.mp3", checksum);
    sqlite3 *kasts = database(
        "data:KDE/kasts/database.db3",
        "PRAGMA journal_mode = WAL;"
        "CREATE TABLE Feeds (feeduid INTEGER PRIMARY KEY, name TEXT, url TEXT, dirname TEXT);"
        "CREATE TABLE Entries (entryuid INTEGER PRIMARY KEY, feeduid INTEGER, id TEXT, title TEXT, read BOOL);"
        "CREATE TABLE Enclosures (enclosureuid INTEGER PRIMARY KEY, entryuid INTEGER, feeduid INTEGER, duration "
        "INTEGER,"
        " size INTEGER, title TEXT, type TEXT, url TEXT, playposition INTEGER, downloaded INTEGER);"
        "INSERT INTO Feeds VALUES (1, 'Tiny', 'https://a.example/feed.xml', 'Tiny');"
        "INSERT INTO Entries VALUES (1, 1, 'tag:1', 'One', 0), (2, 1, 'tag:2', 'Two', 0);"
        "INSERT INTO Enclosures (entryuid, feeduid, url, downloaded) VALUES (1, 1, 'https://a.example/1.mp3', 4),"
        " (2, 1, 'https://a.example/2.mp3', 0);");

    check_folders("kasts", "@DATA/KDE/kasts/enclosures");
    check_feeds("kasts", "https://a.example/feed.xml", 0);
    check_file("kasts", file, NULL, "https://a.example/feed.xml https://a.example/1.mp3 tag:1");
    check_file("kasts", "data:KDE/kasts/enclosures/Tiny/One.000000.mp3", NULL, "- - -");
    check_file("kasts", "data:KDE/kasts/enclosures/Tiny/One.mp3", NULL, "- - -");
    g_test_message("and when it has ended, and its log is gone, which is followed all the same");
    sqlite3_close(kasts);
    check_file("kasts", file, NULL, "https://a.example/feed.xml https://a.example/1.mp3 tag:1");
    g_autoptr(PfPodcatcher) podcatcher = only("kasts");
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *log = place("data:KDE/kasts/database.db3-wal");
    pf_podcatcher_add_files(podcatcher, files);
    g_assert_true(g_ptr_array_find_with_equal_func(files, log, g_str_equal, NULL));
    put("config:kastsrc", "[General]\nStoragePath=file://@HOME/Casts\n");
    check_folders("kasts", "@HOME/Casts/enclosures");
}

static void
kasts_of_old_is_read_too(void)
{
    g_autofree char *checksum = g_compute_checksum_for_string(G_CHECKSUM_MD5, "https://a.example/1.mp3", -1);
    g_autofree char *file =
        g_strdup_printf(".var/app/org.kde.kasts/data/KDE/kasts/enclosures/Tiny/One.%.6s.mp3", checksum);

    put_database(
        ".var/app/org.kde.kasts/data/KDE/kasts/database.db3",
        "CREATE TABLE Feeds (name TEXT, url TEXT, dirname TEXT);"
        "CREATE TABLE Entries (feed TEXT, id TEXT, title TEXT);"
        "CREATE TABLE Enclosures (feed TEXT, id TEXT, url TEXT, downloaded INTEGER);"
        "INSERT INTO Feeds VALUES ('Tiny', 'https://a.example/feed.xml', 'Tiny');"
        "INSERT INTO Entries VALUES ('https://a.example/feed.xml', 'tag:1', 'One');"
        "INSERT INTO Enclosures VALUES ('https://a.example/feed.xml', 'tag:1', 'https://a.example/1.mp3', 3);");
    check_file("kasts", file, NULL, "https://a.example/feed.xml https://a.example/1.mp3 tag:1");
}

/* --- GNOME Podcasts --- */

static void
gnome_podcasts_says_what_a_file_is(void)
{
    put_database(
        "data:gnome-podcasts/podcasts.db",
        "CREATE TABLE source (id INTEGER PRIMARY KEY, uri TEXT NOT NULL);"
        "CREATE TABLE shows (id INTEGER PRIMARY KEY, title TEXT NOT NULL, source_id INTEGER);"
        "CREATE TABLE episodes (id INTEGER PRIMARY KEY, title TEXT NOT NULL, uri TEXT, local_uri TEXT, guid TEXT,"
        " played INTEGER, play_position INTEGER, duration INTEGER, show_id INTEGER);"
        "INSERT INTO source VALUES (1, 'https://a.example/feed.xml');"
        "INSERT INTO shows VALUES (7, 'Tiny', 1);"
        "INSERT INTO episodes (id, title, uri, local_uri, guid, show_id) VALUES"
        " (123, 'One', 'https://a.example/1.mp3', '@DATA/gnome-podcasts/Downloads/Tiny/123.mp3', 'tag:1', 7),"
        " (124, 'Two', 'https://a.example/2.mp3', NULL, NULL, 7);");
    check_folders("gnome-podcasts", "@DATA/gnome-podcasts/Downloads");
    check_feeds("gnome-podcasts", "https://a.example/feed.xml", 0);
    check_file("gnome-podcasts", "data:gnome-podcasts/Downloads/Tiny/123.mp3", NULL,
               "https://a.example/feed.xml https://a.example/1.mp3 tag:1");
    g_test_message("not written yet: by the number");
    check_file("gnome-podcasts", "data:gnome-podcasts/Downloads/Tiny/124.mp3", NULL,
               "https://a.example/feed.xml https://a.example/2.mp3 -");
    check_file("gnome-podcasts", "data:gnome-podcasts/Downloads/Other/124.mp3", NULL, "- - -");
    check_file("gnome-podcasts", "Music/Tiny/124.mp3", NULL, "- - -");
}

/* --- Clementine --- */

static void
clementine_says_what_a_file_is(void)
{
    put_database("config:Clementine/clementine.db",
                 "CREATE TABLE podcasts (url TEXT NOT NULL, title TEXT);"
                 "CREATE TABLE podcast_episodes (podcast_id INTEGER, title TEXT, url TEXT, local_url TEXT,"
                 " downloaded BOOL, listened BOOL);"
                 "INSERT INTO podcasts VALUES ('https://a.example/feed.xml', 'Tiny');"
                 "INSERT INTO podcast_episodes VALUES"
                 " (1, 'One', 'https://a.example/1.mp3', 'file://@HOME/Casts/Tiny/2026-11-18-It%27s%20one.mp3', 1, 0),"
                 " (1, 'Two', 'https://a.example/2.mp3', '', 0, 0);");
    check_folders("clementine", "@HOME/Casts");
    check_feeds("clementine", "https://a.example/feed.xml", 0);
    check_file("clementine", "Casts/Tiny/2026-11-18-It's one.mp3", NULL,
               "https://a.example/feed.xml https://a.example/1.mp3 -");
    check_file("clementine", "Casts/Tiny/2026-11-19-Two.mp3", NULL, "- - -");
    put("config:Clementine/Clementine.conf", "[Podcasts]\ndownload_dir=@HOME/Elsewhere\n");
    check_folders("clementine", "@HOME/Elsewhere");
}

/* --- castero and shellcaster --- */

static void
castero_says_what_a_file_is(void)
{
    put_database("data:castero/castero.db",
                 "CREATE TABLE feed (key TEXT PRIMARY KEY, title TEXT);"
                 "CREATE TABLE episode (id INTEGER PRIMARY KEY, feed_key TEXT, title TEXT, enclosure TEXT, played BIT);"
                 "INSERT INTO feed VALUES ('https://a.example/feed.xml', 'Tiny Cast');"
                 "INSERT INTO episode VALUES (12, 'https://a.example/feed.xml', 'One', 'https://a.example/1.mp3', 0);");
    check_folders("castero", "@DATA/castero/downloaded");
    check_feeds("castero", "https://a.example/feed.xml", 0);
    check_file("castero", "data:castero/downloaded/Tiny_Cast/12-One.mp3", NULL,
               "https://a.example/feed.xml https://a.example/1.mp3 -");
    check_file("castero", "data:castero/downloaded/Tiny_Cast/13-Two.mp3", NULL, "- - -");
    check_file("castero", "Music/Tiny_Cast/12-One.mp3", NULL, "- - -");
    g_test_message("a number that was given again, and one that begins a title of an older castero");
    check_file("castero", "data:castero/downloaded/Tiny_Cast/12-Another.mp3", NULL, "- - -");
    check_file("castero", "data:castero/downloaded/Other/12-One.mp3", NULL, "- - -");
    check_file("castero", "data:castero/downloaded/Tiny_Cast/12-One_more.mp3", NULL, "- - -");
    check_file("castero", "data:castero/downloaded/Tiny_Cast/12-", NULL, "- - -");
    g_test_message("a folder of the user's may be written with a / at its end");
    put("config:castero/castero.conf", "[client]\n[downloads]\ncustom_download_dir = ~/Casts/\n");
    check_folders("castero", "@HOME/Casts");
    check_file("castero", "Casts/Tiny_Cast/12-One.mp3", NULL, "https://a.example/feed.xml https://a.example/1.mp3 -");
}

static void
shellcaster_says_what_a_file_is(void)
{
    put("config:shellcaster/config.toml", "# here\n#download_path = \"/x\"\ndownload_path = \"~/Casts\"\n");
    put_database("config:shellcaster/data.db",
                 "CREATE TABLE podcasts (id INTEGER PRIMARY KEY NOT NULL, title TEXT NOT NULL, url TEXT NOT NULL);"
                 "CREATE TABLE episodes (id INTEGER PRIMARY KEY NOT NULL, podcast_id INTEGER, title TEXT NOT NULL,"
                 " url TEXT NOT NULL, guid TEXT, played INTEGER);"
                 "CREATE TABLE files (id INTEGER PRIMARY KEY NOT NULL, episode_id INTEGER, path TEXT NOT NULL UNIQUE);"
                 "INSERT INTO podcasts VALUES (1, 'Tiny', 'https://a.example/feed.xml');"
                 "INSERT INTO episodes VALUES (5, 1, 'One', 'https://a.example/1.mp3', 'tag:1', 0);"
                 "INSERT INTO files VALUES (1, 5, '@HOME/Casts/Tiny/One_20261118_120000.mp3');");
    check_folders("shellcaster", "@HOME/Casts");
    check_feeds("shellcaster", "https://a.example/feed.xml", 0);
    check_file("shellcaster", "Casts/Tiny/One_20261118_120000.mp3", NULL,
               "https://a.example/feed.xml https://a.example/1.mp3 tag:1");
    check_file("shellcaster", "Casts/Tiny/Two_20261118_120000.mp3", NULL, "- - -");
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

/* What the podcatchers of a configuration say together. */
static void
check_together(const char *names, const char *file, const char *expected)
{
    g_autofree char *text = g_strdup_printf("[feeds]\nsubscriptions = %s\n", names);
    g_autoptr(PfConfig) config = pf_config_parse(text, "x", NULL);
    g_auto(PfPodcatcherItem) item = {0};
    g_autofree char *path = place(file);

    g_assert_cmpint(pf_podcatchers_look_up(config, path, NULL, &item), ==, !g_str_equal(expected, "- -"));
    g_autofree char *got = g_strdup_printf("%s %s", item.feed ? item.feed : "-", item.enclosure ? item.enclosure : "-");
    g_assert_cmpstr(got, ==, expected);
}

static void
podcatchers_that_share_a_folder_are_weighed(void)
{
    put_database("gPodder/Database", GPODDER);
    put(".castgetrc", "[tiny]\nurl=http://c.example/feed.xml\nspool=~/gPodder/Downloads/Tiny Cast_ A_B\n");
    g_test_message("what is known of an episode outranks where it is");
    check_together("gpodder; castget", "gPodder/Downloads/Tiny Cast_ A_B/ep1.mp3",
                   "http://a.example/feed.xml http://a.example/ep1.mp3?src=rss");
    g_test_message("two that go by the folder alone know nothing");
    check_together("gpodder; castget", "gPodder/Downloads/Tiny Cast_ A_B/other.mp3", "- -");
    check_together("gpodder", "gPodder/Downloads/Tiny Cast_ A_B/other.mp3", "http://a.example/feed.xml -");
    check_together("castget", "gPodder/Downloads/Tiny Cast_ A_B/ep1.mp3", "http://c.example/feed.xml -");
    g_test_message("an address that came in a file beside it is the last to be believed");
    put("config:yt-dlp/config", "-P ~/gPodder/Downloads/Tiny Cast_ A_B\n");
    put("gPodder/Downloads/Tiny Cast_ A_B/other.info.json", "{\"url\": \"http://evil.example/other.mp3\"}");
    check_together("yt-dlp", "gPodder/Downloads/Tiny Cast_ A_B/other.mp3", "- http://evil.example/other.mp3");
    check_together("yt-dlp; castget", "gPodder/Downloads/Tiny Cast_ A_B/other.mp3", "http://c.example/feed.xml -");
    g_test_message("two that say the same are believed");
    put(".castgetrc", "[tiny]\nurl=https://a.example/feed.xml\nspool=~/gPodder/Downloads/Tiny Cast_ A_B\n");
    check_together("gpodder; castget", "gPodder/Downloads/Tiny Cast_ A_B/other.mp3", "http://a.example/feed.xml -");
}

static void
a_mistyped_name_is_guessed(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(pf_config_parse("[watch]\nfolders = gpoder\n", "x", &error));
    g_assert_nonnull(strstr(error->message, "did you mean 'gpodder'?"));
}

static void
run_at_home(gconstpointer test)
{
    g_assert_cmpint(g_mkdir_with_parents(g_get_home_dir(), 0700), ==, 0);
    ((void (*)(void))test)();
    remove_all(g_get_home_dir());
}

static void
add(const char *name, void (*test)(void))
{
    g_test_add_data_func(name, (gconstpointer)test, run_at_home);
}

/* --- what was played --- */

static void
what_was_played_is_told_where_it_is_certain(void)
{
    put_database("gPodder/Database",
                 GPODDER "ALTER TABLE episode ADD COLUMN current_position_updated INTEGER;"
                         "ALTER TABLE episode ADD COLUMN is_new INTEGER;"
                         "UPDATE episode SET is_new = 0;"
                         "UPDATE episode SET current_position = 300, total_time = 3600, current_position_updated = 5000"
                         " WHERE guid = 'tag:1';"
                         "UPDATE episode SET current_position = 400, total_time = 0, current_position_updated = 6000"
                         " WHERE guid = 'tag:2';"
                         "UPDATE episode SET current_position = 400, total_time = 3600 WHERE guid = 'tag:3';");
    check_plays("gpodder", "position 300/3600 5000 http://a.example/feed.xml http://a.example/ep1.mp3?src=rss tag:1 "
                           "@HOME/gPodder/Downloads/Tiny Cast_ A_B/ep1.mp3;"
                           "position 400/0 6000 http://a.example/feed.xml http://a.example/r/track/ep2.mp3 tag:2 -;");

    put_database(
        "data:KDE/kasts/database.db3",
        "CREATE TABLE Feeds (feeduid INTEGER PRIMARY KEY, name TEXT, url TEXT, dirname TEXT);"
        "CREATE TABLE Entries (entryuid INTEGER PRIMARY KEY, feeduid INTEGER, id TEXT, title TEXT, read BOOL);"
        "CREATE TABLE Enclosures (entryuid INTEGER, feeduid INTEGER, duration INTEGER, url TEXT, playposition INTEGER);"
        "INSERT INTO Feeds VALUES (1, 'Tiny', 'https://a.example/feed.xml', 'Tiny');"
        "INSERT INTO Entries VALUES (1, 1, 'tag:1', 'One', 0), (2, 1, 'tag:2', 'Two', 1);"
        "INSERT INTO Enclosures VALUES (1, 1, 3600, 'https://a.example/1.mp3', 61500),"
        " (2, 1, 3600, 'https://a.example/2.mp3', 0);");
    check_plays("kasts", "position 61/3600 0 https://a.example/feed.xml https://a.example/1.mp3 tag:1 -;");

    put_database("data:gnome-podcasts/podcasts.db",
                 "CREATE TABLE source (id INTEGER PRIMARY KEY, uri TEXT NOT NULL);"
                 "CREATE TABLE shows (id INTEGER PRIMARY KEY, title TEXT NOT NULL, source_id INTEGER);"
                 "CREATE TABLE episodes (id INTEGER PRIMARY KEY, title TEXT NOT NULL, uri TEXT, local_uri TEXT,"
                 " guid TEXT, show_id INTEGER, duration INTEGER, played INTEGER, play_position INTEGER);"
                 "INSERT INTO source VALUES (3, 'https://a.example/feed.xml'); INSERT INTO shows VALUES (7, 'Tiny', 3);"
                 "INSERT INTO episodes VALUES"
                 " (1, 'One', 'https://a.example/1.mp3', '/p/1.mp3', 'tag:1', 7, 3600, NULL, 90),"
                 " (2, 'Two', 'https://a.example/2.mp3', NULL, 'tag:2', 7, 3600, 1700000000, 0);");
    check_plays("gnome-podcasts",
                "position 90/3600 0 https://a.example/feed.xml https://a.example/1.mp3 tag:1 /p/1.mp3;");

    put_database("data:castero/castero.db",
                 "CREATE TABLE feed (key TEXT PRIMARY KEY, title TEXT);"
                 "CREATE TABLE episode (id INTEGER PRIMARY KEY, feed_key TEXT, title TEXT, enclosure TEXT, played BIT);"
                 "CREATE TABLE progress (ep_id INTEGER PRIMARY KEY, time INTEGER);"
                 "INSERT INTO feed VALUES ('https://a.example/feed.xml', 'Tiny');"
                 "INSERT INTO episode VALUES (1, 'https://a.example/feed.xml', 'One', 'https://a.example/1.mp3', 0),"
                 " (2, 'https://a.example/feed.xml', 'Two', 'https://a.example/2.mp3', 1);"
                 "INSERT INTO progress VALUES (1, 30000);");
    check_plays("castero", "position 30/0 0 https://a.example/feed.xml https://a.example/1.mp3 - -;");

    put("data:rhythmbox/rhythmdb.xml",
        "<?xml version=\"1.0\"?>\n<rhythmdb version=\"2.0\">\n<entry type=\"podcast-post\"><title>One</title>"
        "<location>file://@HOME/Casts/Tiny/1.mp3</location><mountpoint>http://a.example/1.mp3</mountpoint>"
        "<subtitle>http://a.example/feed.xml</subtitle><podcast-guid>tag:1</podcast-guid><duration>60</duration>"
        "<play-count>2</play-count><last-played>7000</last-played></entry>\n"
        "<entry type=\"podcast-post\"><title>Two</title><location>http://a.example/2.mp3</location>"
        "<subtitle>http://a.example/feed.xml</subtitle><play-count>1</play-count></entry>\n"
        "<entry type=\"podcast-post\"><title>Three</title><location>http://a.example/3.mp3</location>"
        "<subtitle>http://a.example/feed.xml</subtitle></entry>\n</rhythmdb>\n");
    check_plays("rhythmbox",
                "count 2/60 7000 http://a.example/feed.xml http://a.example/1.mp3 tag:1 @HOME/Casts/Tiny/1.mp3;"
                "count 1/0 0 http://a.example/feed.xml http://a.example/2.mp3 - -;");

    put("config:newsboat/urls", "http://a.example/feed.xml\n");
    put("data:newsboat/queue", "http://a.example/1.mp3 \"/p/a \\\"b\\\".mp3\" finished\n"
                               "http://a.example/2.mp3 \"/p/2.mp3\" played\nhttp://a.example/3.mp3 \"/p/3.mp3\"\n");
    check_plays("newsboat", "count 1/0 0 - http://a.example/1.mp3 - /p/a \"b\".mp3;");

    g_test_message("what marks an episode as it is started is certain of nothing");
    g_assert_null(pf_podcatcher_get_kind("clementine")->list_plays);
    g_assert_null(pf_podcatcher_get_kind("shellcaster")->list_plays);
}

int
main(int argc, char **argv)
{
    g_autofree char *top = g_dir_make_tmp("podflattr-test-XXXXXX", NULL);
    g_autofree char *home = g_build_filename(top, "home", NULL);
    g_autofree char *config = g_build_filename(home, ".config", NULL);
    g_autofree char *data = g_build_filename(home, ".local", "share", NULL);

    g_setenv("HOME", home, TRUE);
    g_setenv("XDG_CONFIG_HOME", config, TRUE);
    g_setenv("XDG_DATA_HOME", data, TRUE);
    g_unsetenv("GPODDER_HOME");
    g_unsetenv("GPODDER_DOWNLOAD_DIR");
    g_test_init(&argc, &argv, NULL);
    add("/podcatcher/gPodder says what a file is", gpodder_says_what_a_file_is);
    add("/podcatcher/gPodder is where its variables say", gpodder_is_where_its_variables_say);
    add("/podcatcher/a podcatcher in a box is found", a_podcatcher_in_a_box_is_found);
    add("/podcatcher/a database that cannot be read is a message", a_database_that_cannot_be_read_is_a_message);
    add("/podcatcher/a value of another type is passed over", a_value_of_another_type_is_passed_over);
    add("/podcatcher/a locked database is waited for and then a message",
        a_locked_database_is_waited_for_and_then_a_message);
    add("/podcatcher/a huge question ends", a_huge_question_ends);
    add("/podcatcher/nothing is written", nothing_is_written);
    add("/podcatcher/newsboat and podboat say what a file is", newsboat_and_podboat_say_what_a_file_is);
    add("/podcatcher/newsboat in the folder of old is found", newsboat_in_the_folder_of_old_is_found);
    add("/podcatcher/podget says what a file is", podget_says_what_a_file_is);
    add("/podcatcher/castget says what a file is", castget_says_what_a_file_is);
    add("/podcatcher/greg says which feed a file is of", greg_says_which_feed_a_file_is_of);
    add("/podcatcher/yt-dlp says where a file came from", yt_dlp_says_where_a_file_came_from);
    add("/podcatcher/Rhythmbox says what a file is", rhythmbox_says_what_a_file_is);
    add("/podcatcher/Kasts says what a file is also while it runs", kasts_says_what_a_file_is_also_while_it_runs);
    add("/podcatcher/Kasts of old is read too", kasts_of_old_is_read_too);
    add("/podcatcher/GNOME Podcasts says what a file is", gnome_podcasts_says_what_a_file_is);
    add("/podcatcher/Clementine says what a file is", clementine_says_what_a_file_is);
    add("/podcatcher/castero says what a file is", castero_says_what_a_file_is);
    add("/podcatcher/shellcaster says what a file is", shellcaster_says_what_a_file_is);
    add("/podcatcher/what was played is told where it is certain", what_was_played_is_told_where_it_is_certain);
    add("/podcatcher/every name of the configuration has its program", every_name_of_the_configuration_has_its_program);
    add("/podcatcher/names in the configuration are resolved", names_in_the_configuration_are_resolved);
    add("/podcatcher/podcatchers that share a folder are weighed", podcatchers_that_share_a_folder_are_weighed);
    add("/podcatcher/a mistyped name is guessed", a_mistyped_name_is_guessed);
    int result = g_test_run();
    g_rmdir(top);
    return result;
}
