/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "feed/opml.h"
#include "sources/subscriptions.h"

/* What a subscription list gave. */
typedef struct {
    GPtrArray *feeds;
    GPtrArray *files;
    GPtrArray *found;
} Read;

static Read
read_list(const char *first, const char *second)
{
    const char *const names[] = {first, second, NULL};
    Read result = {.files = g_ptr_array_new_with_free_func(g_free),
                   .found = g_ptr_array_new_with_free_func((GDestroyNotify)pf_subscription_free)};

    result.feeds = pf_subscriptions_read((char **)names, g_get_tmp_dir(), result.files, result.found);
    return result;
}

static void
clear_read(Read *result)
{
    g_ptr_array_unref(result->feeds);
    g_ptr_array_unref(result->files);
    g_ptr_array_unref(result->found);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Read, clear_read)

static const PfSubscription *
subscription_of(const Read *result, guint number)
{
    const PfSubscription *subscription = result->found->pdata[number];

    g_test_message("%s: %s", subscription->name, subscription->fault);
    return subscription;
}

static char *
data_file(const char *name)
{
    return g_canonicalize_filename(name, g_getenv("PF_SOURCE"));
}

static void
check_strings(const GPtrArray *strings, const char *const *expected)
{
    for (guint i = 0; i < strings->len; i++)
        g_test_message("%s", (char *)strings->pdata[i]);
    g_assert_cmpuint(strings->len, ==, g_strv_length((char **)expected));
    for (guint i = 0; i < strings->len; i++)
        g_assert_cmpstr(strings->pdata[i], ==, expected[i]);
}

static void
outlines_at_any_depth_and_in_any_case_are_feeds(void)
{
    g_autofree char *path = data_file("tests/data/opml/nested.opml");
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *beside = g_canonicalize_filename("shows/local feed.xml", folder);
    g_autofree char *beside_url = g_filename_to_uri(beside, NULL, NULL);
    g_auto(Read) result = read_list(path, NULL);

    check_strings(result.feeds,
                  (const char *const[]){"https://a.example/feed.xml", "http://b.example/feed?x=1&y=2",
                                        "https://c.example/feed.xml", "file:///srv/feeds/d.xml", beside_url, NULL});
    check_strings(result.files, (const char *const[]){path, NULL});
    g_assert_null(subscription_of(&result, 0)->fault);
}

static void
urls_stand_for_themselves_and_are_named_once(void)
{
    g_autofree char *path = data_file("tests/data/opml/nested.opml");
    g_auto(Read) result = read_list("https://c.example/feed.xml", path);

    g_assert_cmpuint(result.feeds->len, ==, 5);
    g_assert_cmpstr(result.feeds->pdata[0], ==, "https://c.example/feed.xml");
    g_assert_cmpstr(result.feeds->pdata[1], ==, "https://a.example/feed.xml");
}

static void
a_feed_address_stands_for_one_on_the_web(void)
{
    g_auto(Read) result = read_list("feed://a.example/feed.xml", "feed:https://b.example/feed.xml");
    g_auto(Read) others = read_list("ITPC://c.example/feed.xml", "d.example/feed.xml");

    check_strings(result.feeds, (const char *const[]){"http://a.example/feed.xml", "https://b.example/feed.xml", NULL});
    g_assert_null(subscription_of(&result, 0)->fault);
    check_strings(others.feeds, (const char *const[]){"http://c.example/feed.xml", "http://d.example/feed.xml", NULL});
}

static void
a_file_url_names_a_list_too(void)
{
    g_autofree char *path = data_file("tests/data/opml/nested.opml");
    g_autofree char *url = g_filename_to_uri(path, NULL, NULL);
    g_auto(Read) result = read_list(url, path);

    g_assert_cmpuint(result.feeds->len, ==, 5);
    check_strings(result.files, (const char *const[]){path, NULL});
}

/* A file in the scratch folder with this text. Returns: (transfer full). */
static char *
write_file(const char *name, const char *text)
{
    char *path = g_build_filename(g_get_tmp_dir(), name, NULL);

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    return path;
}

static void
what_is_wrong_is_told_and_the_rest_is_read(void)
{
    g_autofree char *path = data_file("tests/data/opml/nested.opml");
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *empty = write_file("pf-empty.opml", "<opml version='2.0'><body></body></opml>");
    g_autofree char *prose = write_file("pf-prose.txt", "Dear diary,\ntoday I read https://a.example/ again.\n");
    const struct {
        const char *subscription;
        const char *fault; /* what it contains */
        const char *fix;
    } cases[] = {
        {"gpoder", "'gpoder' is neither a feed's URL, nor a file, nor a podcatcher", "did you mean 'gpodder'?"},
        {"subscriptions.opml", "'subscriptions.opml' is neither", "begins with / or ~/"},
        {"ftp://ann:secret@a.example/", "'ftp://ann@a.example/' is neither", "http"},
        {"htp://a.example/", "'htp://a.example/' is neither", "http"},
        {"\"https://a.example/feed\"", "is neither", "remove the quotes"},
        {"https://a.example/1,https://a.example/2", "is neither", "semicolons"},
        {"https://a.example/1 https://a.example/2", "is neither", "semicolons"},
        {"https://a.example/1 # mine", "is neither", "line of its own"},
        {"$HOME/list.opml", "is neither", "write ~/"},
        {"/nowhere/list.opml", "/nowhere/list.opml: No such file or directory", "export"},
        {"/nowhere/a.opml,/nowhere/b.opml", "No such file or directory", "semicolons"},
        {"~/nowhere.opml", "/nowhere.opml: No such file or directory", "export"},
        {folder, "a folder", "[watch]"},
        {"/dev/null", "not a regular file", "name a feed"},
        {empty, "lists no feeds", "export"},
        {prose, "neither a feed, nor an OPML file, nor a list", ""},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Read) result = read_list(cases[i].subscription, path);
        const PfSubscription *wrong = subscription_of(&result, 0);

        g_assert_nonnull(wrong->fault);
        g_assert_nonnull(strstr(wrong->fault, cases[i].fault));
        g_assert_nonnull(strstr(wrong->fault, cases[i].fix));
        g_assert_cmpuint(wrong->feeds, ==, 0);
        g_assert_null(subscription_of(&result, 1)->fault);
        g_assert_cmpuint(result.feeds->len, ==, 5);
    }
    (void)remove(empty);
    (void)remove(prose);
}

static void
a_comma_in_a_url_is_part_of_it(void)
{
    g_auto(Read) result = read_list("https://a.example/a,b?u=http://c.example/$x*", "https://a.example/c:8080/~d/");

    check_strings(result.feeds, (const char *const[]){"https://a.example/a,b?u=http://c.example/$x*",
                                                      "https://a.example/c:8080/~d/", NULL});
}

static void
a_feed_file_is_a_feed(void)
{
    g_autofree char *path = data_file("tests/data/feeds/rss-with-everything/input.xml");
    g_autofree char *url = g_filename_to_uri(path, NULL, NULL);
    g_auto(Read) result = read_list(path, NULL);

    check_strings(result.feeds, (const char *const[]){url, NULL});
    check_strings(result.files, (const char *const[]){path, NULL});
    g_assert_cmpint(subscription_of(&result, 0)->kind, ==, PF_SUBSCRIPTION_FILE);
    g_assert_null(subscription_of(&result, 0)->fault);
}

static void
lists_of_podcatchers_are_read(void)
{
    static const struct {
        const char *text;
        guint feeds, left_out;
    } cases[] = {
        {"# newsboat\nhttps://a.example/1 tag \"~My title\"\n\n\"query:All:unread = \\\"yes\\\"\"\n"
         "exec:~/bin/x\n\"filter:~/bin/y:https://c.example/\"\nhttps://b.example/2\n",
         2, 3},
        {"# podget\nhttps://a.example/1 Tech Some Show\nhttps://b.example/2 No_Category Another USER:a PASS:b\n", 2, 0},
        {"[*]\nspool=/home/ann/pods\n[one]\nurl=https://a.example/1\nspool = /x\n[two]\nurl = https://b.example/2\n", 2,
         0},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = write_file("pf-list", cases[i].text);
        g_auto(Read) result = read_list(path, NULL);
        const PfSubscription *list = subscription_of(&result, 0);

        check_strings(result.feeds, (const char *const[]){"https://a.example/1", "https://b.example/2", NULL});
        g_assert_cmpint(list->kind, ==, PF_SUBSCRIPTION_LIST);
        g_assert_cmpuint(list->left_out, ==, cases[i].left_out);
        g_assert_null(list->fault);
        (void)remove(path);
    }
}

static void
a_missing_list_is_a_file_to_watch(void)
{
    g_auto(Read) result = read_list("/nowhere/list.opml", NULL);

    check_strings(result.files, (const char *const[]){"/nowhere/list.opml", NULL});
}

static void
only_a_list_that_is_a_file_names_files(void)
{
    static const struct {
        const char *text;
        const char *document;
        const char *address;
    } cases[] = {
        {" feed.xml ", "https://a.example/lists/all.opml", "https://a.example/lists/feed.xml"},
        {"//b.example/feed", "https://a.example/all.opml", "https://b.example/feed"},
        {"HTTPS://a.example/", "/home/ann/all.opml", "HTTPS://a.example/"},
        {"../feed.xml", "/home/ann/all.opml", "file:///home/feed.xml"},
        {"/srv/feed.xml", "/home/ann/all.opml", "file:///srv/feed.xml"},
        {"/srv/feed.xml", "https://a.example/all.opml", "https://a.example/srv/feed.xml"},
        {"file:///etc/passwd", "https://a.example/all.opml", NULL},
        {"ftp://a.example/", "https://a.example/all.opml", NULL},
        {"ftp://a.example/", "/home/ann/all.opml", NULL},
        {"javascript:alert(1)", "/home/ann/all.opml", NULL},
        {"  ", "/home/ann/all.opml", NULL},
        {"feed://a.example/x", "https://a.example/all.opml", "http://a.example/x"},
        {"Feed:https://a.example/x", "/home/ann/all.opml", "https://a.example/x"},
        {"feed:file:///etc/passwd", "https://a.example/all.opml", NULL},
        {"feed:x.xml", "/home/ann/all.opml", NULL},
        {"itpc://a.example/x", "/home/ann/all.opml", "http://a.example/x"},
        {"pcast:https://a.example/x", "https://a.example/all.opml", "https://a.example/x"},
        {"podcast://http://a.example/x", "/home/ann/all.opml", "http://a.example/x"},
        {"b.example/x.xml", "https://a.example/lists/all.opml", "http://b.example/x.xml"},
        {"127.0.0.1:8000/x", "/home/ann/all.opml", "http://127.0.0.1:8000/x"},
        {"shows/x.xml", "https://a.example/lists/all.opml", "https://a.example/lists/shows/x.xml"},
        {"v1.0/x.xml", "https://a.example/lists/all.opml", "https://a.example/lists/v1.0/x.xml"},
        {"gopher://a.example/", "/home/ann/all.opml", NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *address = pf_opml_resolve(cases[i].text, cases[i].document);

        g_test_message("%s in %s", cases[i].text, cases[i].document);
        g_assert_cmpstr(address, ==, cases[i].address);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/subscriptions/outlines at any depth and in any case are feeds",
                    outlines_at_any_depth_and_in_any_case_are_feeds);
    g_test_add_func("/subscriptions/URLs stand for themselves and are named once",
                    urls_stand_for_themselves_and_are_named_once);
    g_test_add_func("/subscriptions/a feed: address stands for one on the web",
                    a_feed_address_stands_for_one_on_the_web);
    g_test_add_func("/subscriptions/a file URL names a list too", a_file_url_names_a_list_too);
    g_test_add_func("/subscriptions/what is wrong is told and the rest is read",
                    what_is_wrong_is_told_and_the_rest_is_read);
    g_test_add_func("/subscriptions/a comma in a URL is part of it", a_comma_in_a_url_is_part_of_it);
    g_test_add_func("/subscriptions/a feed file is a feed", a_feed_file_is_a_feed);
    g_test_add_func("/subscriptions/lists of podcatchers are read", lists_of_podcatchers_are_read);
    g_test_add_func("/subscriptions/a missing list is a file to watch", a_missing_list_is_a_file_to_watch);
    g_test_add_func("/subscriptions/only a list that is a file names files", only_a_list_that_is_a_file_names_files);
    return g_test_run();
}
