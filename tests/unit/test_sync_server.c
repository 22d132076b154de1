/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The addresses that a synchronisation server is asked by, and what its answers say. */
#include "sources/sync_server.h"

#include "sources/play.h"
#include <string.h>

static void
addresses_are_those_of_the_api(void)
{
    g_auto(PfSyncServer) server = {0}, cloud = {0};
    g_autoptr(GError) error = NULL;

    g_assert_true(pf_sync_server_parse("https://ann%40home@sync.example/podcasts/", &server, &error));
    g_assert_no_error(error);
    g_autofree char *devices = pf_sync_server_dup_devices(&server);
    g_autofree char *feeds = pf_sync_server_dup_feeds(&server, "my phone/1");
    g_autofree char *plays = pf_sync_server_dup_plays(&server, 1700000000);
    g_assert_cmpstr(devices, ==, "https://sync.example/podcasts/api/2/devices/ann%40home.json");
    g_assert_cmpstr(feeds, ==,
                    "https://sync.example/podcasts/api/2/subscriptions/ann%40home/my%20phone%2F1.json?since=0");
    g_assert_cmpstr(plays, ==, "https://sync.example/podcasts/api/2/episodes/ann%40home.json?since=1700000000");

    g_assert_true(pf_sync_server_parse("https://ann@cloud.example/index.php/apps/gpoddersync", &cloud, &error));
    g_assert_null(pf_sync_server_dup_devices(&cloud));
    g_autofree char *all = pf_sync_server_dup_feeds(&cloud, NULL);
    g_autofree char *actions = pf_sync_server_dup_plays(&cloud, 0);
    g_assert_cmpstr(all, ==, "https://cloud.example/index.php/apps/gpoddersync/subscriptions?since=0");
    g_assert_cmpstr(actions, ==, "https://cloud.example/index.php/apps/gpoddersync/episode_action?since=0");
}

static void
what_is_no_server_is_refused_and_no_password_shown(void)
{
    static const char *const settings[] = {"ann@sync.example",
                                           "https://sync.example",
                                           "http://ann@sync.example",
                                           "https://ann@sync.example/?a=1",
                                           "https://ann:secret@sync.example",
                                           "ftp://ann@sync.example",
                                           "https://"};

    for (gsize i = 0; i < G_N_ELEMENTS(settings); i++) {
        g_auto(PfSyncServer) server = {0};
        g_autoptr(GError) error = NULL;
        g_test_message("%s", settings[i]);
        g_assert_false(pf_sync_server_parse(settings[i], &server, &error));
        g_assert_error(error, PF_SYNC_ERROR, PF_SYNC_ERROR_ADDRESS);
        g_assert_null(strstr(error->message, "secret"));
        g_assert_null(server.name);
    }
    g_auto(PfSyncServer) here = {0};
    g_assert_true(pf_sync_server_parse("http://ann@127.0.0.1:8080", &here, NULL));
}

static void
feeds_of_a_device_are_those_of_the_web(void)
{
    static const char answer[] =
        "{\"add\": [\"https://a.example/f\", \"file:///etc/passwd\", 7, \"https://a.example/f\","
        " \"http://b.example/f\", \"\"], \"remove\": [\"https://c.example/f\"]}";
    g_autoptr(GPtrArray) feeds = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) devices = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;

    g_assert_true(pf_sync_read_feeds(answer, strlen(answer), feeds, &error));
    g_assert_cmpuint(feeds->len, ==, 2);
    g_assert_cmpstr(feeds->pdata[1], ==, "http://b.example/f");
    static const char list[] = "[{\"id\": \"phone\", \"caption\": \"x\"}, {\"caption\": \"none\"}, 3, {\"id\": \"\"}]";
    g_assert_true(pf_sync_read_devices(list, strlen(list), devices, &error));
    g_assert_cmpuint(devices->len, ==, 1);
    g_assert_cmpstr(devices->pdata[0], ==, "phone");
}

/* Returns: (transfer full): "heard/duration at enclosure guid;" of each play. */
static char *
read_plays(const char *actions)
{
    g_autofree char *answer = g_strdup_printf("{\"actions\": [%s], \"timestamp\": 77}", actions);
    g_autoptr(GPtrArray) plays = pf_play_list_new();
    GString *got = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    gint64 since = 0;

    g_assert_true(pf_sync_read_plays(answer, strlen(answer), plays, &since, &error));
    g_assert_no_error(error);
    g_assert_cmpint(since, ==, 77);
    for (guint i = 0; i < plays->len; i++) {
        const PfPlay *play = plays->pdata[i];
        g_string_append_printf(got, "%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %s;", play->heard,
                               play->duration, play->at, play->guid ? play->guid : "-");
    }
    return g_string_free(got, FALSE);
}

#define EPISODE "\"podcast\": \"https://a.example/f\", \"episode\": \"https://a.example/1.mp3\", "

static void
an_action_is_a_piece_where_it_says_from_where_to_where(void)
{
    static const struct {
        const char *action, *expected;
    } rows[] = {
        {"{" EPISODE
         "\"action\": \"play\", \"timestamp\": \"2023-11-14T22:13:20\", \"started\": 15, \"position\": 120, "
         "\"total\": 500}",
         "105/500 1700000000 -;"},
        {"{" EPISODE
         "\"action\": \"PLAY\", \"guid\": \"g\", \"timestamp\": \"2023-11-15T00:13:20+02:00\", \"started\": "
         "0, \"position\": 600, \"total\": 500}",
         "500/500 1700000000 g;"},
        {"{" EPISODE "\"action\": \"play\", \"timestamp\": 1700000000, \"started\": \"0\", \"position\": \"60.5\"}",
         "60/0 1700000000 -;"},
        /* started only; marked as played; backwards; other actions; no time; no feed; impossible numbers */
        {"{" EPISODE "\"action\": \"play\", \"timestamp\": \"2023-11-14T22:13:20\"}", ""},
        {"{" EPISODE "\"action\": \"play\", \"timestamp\": \"2023-11-14T22:13:20\", \"position\": 500, \"total\": 500}",
         ""},
        {"{" EPISODE
         "\"action\": \"play\", \"timestamp\": \"2023-11-14T22:13:20\", \"started\": 500, \"position\": 500, "
         "\"total\": 500}",
         ""},
        {"{" EPISODE "\"action\": \"play\", \"timestamp\": \"2023-11-14T22:13:20\", \"started\": 90, \"position\": 10}",
         ""},
        {"{" EPISODE
         "\"action\": \"download\", \"timestamp\": \"2023-11-14T22:13:20\", \"started\": 0, \"position\": 9}",
         ""},
        {"{" EPISODE "\"action\": \"play\", \"started\": 0, \"position\": 90}", ""},
        {"{" EPISODE "\"action\": \"play\", \"timestamp\": \"yesterday\", \"started\": 0, \"position\": 90}", ""},
        {"{\"podcast\": \"file:///x\", \"episode\": \"https://a.example/1.mp3\", \"action\": \"play\", \"timestamp\": "
         "1700000000, \"started\": 0, \"position\": 90}",
         ""},
        {"{" EPISODE "\"action\": \"play\", \"timestamp\": 1700000000, \"started\": -1, \"position\": 90}", ""},
        {"{" EPISODE "\"action\": \"play\", \"timestamp\": 1700000000, \"started\": 0, \"position\": 1e300}", ""},
        /* a client's milliseconds, and a number that no integer holds, beside one that is fine */
        {"{" EPISODE "\"action\": \"play\", \"timestamp\": 1700000000123, \"started\": 0, \"position\": 90}",
         "90/0 1700000000 -;"},
        {"{" EPISODE
         "\"action\": \"play\", \"timestamp\": 1700000000, \"started\": 0, \"position\": 99999999999999999999},"
         "{" EPISODE "\"action\": \"play\", \"timestamp\": 1700000000, \"started\": 0, \"position\": 60, \"total\": "
         "99999999999999999999}",
         "60/0 1700000000 -;"},
        {"7, null, []", ""},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = read_plays(rows[i].action);
        g_test_message("%s", rows[i].action);
        g_assert_cmpstr(got, ==, rows[i].expected);
    }
}

static void
what_is_no_answer_is_an_error(void)
{
    static const char *const answers[] = {"",
                                          "<html>",
                                          "[]",
                                          "{}",
                                          "{\"actions\": 3, \"timestamp\": 9}",
                                          "\"x\"",
                                          "{\"actions\": [}",
                                          "{\"\\\xc3\xbc",
                                          "{\"timestamp\": 9}"};

    for (gsize i = 0; i < G_N_ELEMENTS(answers); i++) {
        g_autoptr(GPtrArray) plays = pf_play_list_new();
        g_autoptr(GError) error = NULL;
        gint64 since = 5;
        g_assert_false(pf_sync_read_plays(answers[i], strlen(answers[i]), plays, &since, &error));
        g_assert_error(error, PF_SYNC_ERROR, PF_SYNC_ERROR_ANSWER);
        g_assert_true(g_utf8_validate(error->message, -1, NULL));
        g_assert_cmpint(since, ==, 5);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sync-server/addresses are those of the API", addresses_are_those_of_the_api);
    g_test_add_func("/sync-server/what is no server is refused, and no password shown",
                    what_is_no_server_is_refused_and_no_password_shown);
    g_test_add_func("/sync-server/feeds of a device are those of the web", feeds_of_a_device_are_those_of_the_web);
    g_test_add_func("/sync-server/an action is a piece where it says from where to where",
                    an_action_is_a_piece_where_it_says_from_where_to_where);
    g_test_add_func("/sync-server/what is no answer is an error", what_is_no_answer_is_an_error);
    return g_test_run();
}
