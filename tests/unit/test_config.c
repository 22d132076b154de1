/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config/config.h"
#include <stdio.h>
#include <string.h>

static void
an_empty_file_gives_the_defaults(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PfConfig) config = pf_config_parse("", "c", &error);

    g_assert_no_error(error);
    g_assert_cmpstr(config->api, ==, "none");
    g_assert_false(pf_config_has_server(config));
    g_assert_cmpint(config->settle, ==, 2);
    g_assert_cmpint(config->refresh, ==, 6 * 3600);
    g_assert_cmpint(config->trigger, ==, PF_TRIGGER_DOWNLOAD);
    g_assert_cmpint(config->played_at_least, ==, 80);
    g_assert_cmpint(config->delay, ==, 0);
    g_assert_false(config->confirm);
    g_assert_cmpint(config->channel_links, ==, PF_CHANNEL_LINKS_MONTHLY);
    g_assert_true(config->html_links);
    g_assert_false(config->discoverable);
    g_assert_cmpint(config->per_feed_per_day, ==, 10);
    g_assert_cmpint(config->per_month, ==, 0);
    g_assert_cmpuint(g_strv_length(config->folders), ==, 0);
    g_assert_cmpuint(g_strv_length(config->extensions), ==, 0);
    g_assert_cmpint(pf_config_get_rule(config, "https://any/"), ==, PF_RULE_ALWAYS);
    g_assert_cmpint(pf_config_get_rule(config, NULL), ==, PF_RULE_ALWAYS);
}

static void
every_kind_of_value_is_read(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PfConfig) config = pf_config_parse("# comment\n[flattr]\napi = http://127.0.0.1:1/rest/v2 \n"
                                                 "[watch]\nfolders = /a b;; ~/c ;\nsettle=1m\n"
                                                 "[policy]\ntrigger=play\ndelay=2d\nconfirm=Yes\nper-month=30\n"
                                                 "[feed https://example.org/feed.xml]\nrule=never\n"
                                                 "[feed https://example.org/other]\nrule = ask\n",
                                                 "c", &error);

    g_assert_no_error(error);
    g_assert_cmpstr(config->api, ==, "http://127.0.0.1:1/rest/v2");
    g_assert_true(pf_config_has_server(config));
    g_assert_cmpuint(g_strv_length(config->folders), ==, 2);
    g_assert_cmpstr(config->folders[0], ==, "/a b");
    g_assert_cmpstr(config->folders[1], ==, "~/c");
    g_assert_cmpint(config->settle, ==, 60);
    g_assert_cmpint(config->trigger, ==, PF_TRIGGER_PLAY);
    g_assert_cmpint(config->delay, ==, 2 * 86400);
    g_assert_true(config->confirm);
    g_assert_cmpint(config->per_month, ==, 30);
    g_assert_cmpint(pf_config_get_rule(config, "https://example.org/feed.xml"), ==, PF_RULE_NEVER);
    g_assert_cmpint(pf_config_get_rule(config, "https://example.org/other"), ==, PF_RULE_ASK);
}

static void
all_mistakes_are_told_at_once_with_their_lines(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PfConfig) config =
        pf_config_parse("[policy]\n\nper-month = many\ncolour = red\ntrigger = listen\n"
                        "[watch]\nsettle = 2 weeks\n[flatter]\napi = x\n"
                        "[feed https://a/]\nrule = sometimes\ncolour = x\n[policy]\nconfirm = perhaps\n",
                        "/etc/c.conf", &error);
    g_auto(GStrv) lines = NULL;

    g_assert_null(config);
    g_assert_error(error, PF_CONFIG_ERROR, PF_CONFIG_ERROR_CONTENT);
    lines = g_strsplit(error->message, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, 8);
    g_assert_cmpstr(lines[0], ==, "/etc/c.conf:3: per-month 'many' must be a number from 0 to 1000000");
    g_assert_cmpstr(lines[1], ==, "/etc/c.conf:4: unknown key 'colour' in [policy]; see 'podflattr config --example'");
    g_assert_cmpstr(lines[2], ==, "/etc/c.conf:5: trigger 'listen' must be download or play");
    g_assert_cmpstr(lines[3], ==, "/etc/c.conf:14: confirm 'perhaps' must be yes or no");
    g_assert_true(g_str_has_prefix(lines[4], "/etc/c.conf:7: settle '2 weeks' must be a duration such as 90s"));
    g_assert_true(g_str_has_prefix(lines[5], "/etc/c.conf:8: unknown group [flatter]"));
    g_assert_cmpstr(lines[6], ==, "/etc/c.conf:11: rule 'sometimes' must be always, never or ask");
    g_assert_cmpstr(
        lines[7], ==,
        "/etc/c.conf:12: unknown key 'colour' in [feed https://a/]; use rule, show, share, paid-elsewhere or link");
}

static void
note_repetition(const char *key, guint before, guint line, gpointer data)
{
    g_string_append_printf(data, "%s %u %u;", key, before, line);
}

static void
a_key_that_comes_twice_is_found(void)
{
    static const struct {
        const char *text;
        const char *found;
    } cases[] = {
        {"[policy]\nper-day=1\nper-day=2\nper-day = 3", "per-day 2 3;per-day 3 4;"},
        {"[watch]\nfolders=/a\n[feeds]\nrefresh=6h\n[watch]\n folders = /b", "folders 2 6;"},
        {"[feed https://a.example/f]\nrule=never\n[feed HTTP://A.example/./f/]\nrule=always", "rule 2 4;"},
        {"[policy]\n#per-day=1\nper-day=2\n[policy]\nper-month=3", ""},
        {"[feed https://a.example/f]\nrule=never\n[feed https://a.example/g]\nrule=always", ""},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(PfConfig) config = pf_config_parse(cases[i].text, "c", &error);
        g_autoptr(GString) found = g_string_new(NULL);

        g_assert_no_error(error);
        pf_config_each_repetition(config, note_repetition, found);
        g_assert_cmpstr(found->str, ==, cases[i].found);
    }
}

static void
values_out_of_range_are_refused(void)
{
    static const char *const bad[] = {
        "[policy]\nplayed-at-least=0",
        "[policy]\nplayed-at-least=101",
        "[policy]\nper-month=-1",
        "[policy]\nper-month=1.5",
        "[policy]\nper-month=",
        "[policy]\nper-month=99999999999999999999",
        "[policy]\ndelay=9999999999999d",
        "[feeds]\nrefresh=1s",
        "[policy]\nconfirm=",
        "[policy]\nper-month=5m",
        "[flattr]\napi=\\xff",
        "[watch]\nfolders=Podcasts",
        "[watch]\nfolders=/a;./b",
        "[watch]\nfolders=~ann/a",
        "[report]\nbudget=10",
        "[report]\nbudget=10 EURO",
        "[report]\nbudget=1.234 EUR",
        "[report]\ncap-percent=0",
        "[report]\nminimum=1.00001",
        "[report]\nminimum=1,000",
        "[report]\nminimum=-1",
        "[report]\nweight=listeners",
        "[feed f]\nshare=101",
        "[feed f]\nlink=javascript:alert(1)",
        "[feed f]\nlink=a b@c.example",
        "[feed f]\npaid-elsewhere=maybe",
        "[feed f]\nshow=",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(PfConfig) config = pf_config_parse(bad[i], "c", &error);

        g_test_message("%s", bad[i]);
        g_assert_null(config);
        g_assert_error(error, PF_CONFIG_ERROR, PF_CONFIG_ERROR_CONTENT);
        g_assert_true(g_str_has_prefix(error->message, "c:2: "));
    }
}

static void
extensions_are_read_as_people_write_them(void)
{
    static const char *const good[] = {"mp3;ogg", "*.mp3;*.ogg", ".mp3; .ogg", "mp3,ogg", "mp3 ogg", "*.mp3, .ogg;"};

    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autofree char *text = g_strconcat("[watch]\nextensions=", good[i], NULL);
        g_autoptr(PfConfig) config = pf_config_parse(text, "c", NULL);
        g_autofree char *list = g_strjoinv(" ", config->extensions);

        g_assert_cmpstr(list, ==, "mp3 ogg");
    }
    g_assert_null(pf_config_parse("[watch]\nextensions=/x", "c", NULL));
    g_assert_null(pf_config_parse("[watch]\nextensions=mp*", "c", NULL));
}

static void
what_is_right_of_a_wrong_file_is_read(void)
{
    g_autoptr(GError) fault = NULL;
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "pf-config", NULL);

    g_assert_true(g_file_set_contents(path, "[policy]\nper-month = x\nper-feed-per-day = 3\n", -1, NULL));
    g_autoptr(PfConfig) config = pf_config_load_rest(path, TRUE, &fault);
    g_assert_error(fault, PF_CONFIG_ERROR, PF_CONFIG_ERROR_CONTENT);
    g_assert_cmpint(config->per_feed_per_day, ==, 3);
    g_assert_cmpint(config->per_month, ==, 0);
    g_assert_cmpint(remove(path), ==, 0);

    g_autoptr(PfConfig) copy = pf_config_copy(config);
    g_assert_cmpint(copy->per_feed_per_day, ==, 3);
    g_autofree char *place = pf_config_dup_place(copy, "policy", "per-feed-per-day");
    g_assert_true(g_str_has_suffix(place, ":3: per-feed-per-day"));
    g_autofree char *nowhere = pf_config_dup_place(copy, "watch", "folders");
    g_assert_cmpstr(nowhere, ==, "folders");
}

static void
a_file_with_a_nul_character_is_refused_whole(void)
{
    static const char text[] = "[policy]\nper-month = 3\0\n[feed https://a.example/]\nrule = never\n";
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("podflattr-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "podflattr.conf", NULL);

    g_assert_true(g_file_set_contents(path, text, sizeof text - 1, NULL));
    g_assert_null(pf_config_load(path, TRUE, &error));
    g_assert_error(error, PF_CONFIG_ERROR, PF_CONFIG_ERROR_CONTENT);
    g_assert_nonnull(strstr(error->message, "NUL"));
    g_assert_cmpint(remove(path), ==, 0);
    g_assert_cmpint(remove(folder), ==, 0);
}

static void
bytes_that_are_not_utf_8_are_told_of_in_utf_8(void)
{
    static const char *const bad[] = {"[policy]\nc\xff=no", "[p\xff]\nconfirm=no", "[policy]\n\xff",
                                      "[policy]\nconfirm=\xff", "[feed https://\xff/]\nrule=\xff"};

    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(pf_config_parse(bad[i], "c", &error));
        g_test_message("%s", error->message);
        g_assert_error(error, PF_CONFIG_ERROR, PF_CONFIG_ERROR_CONTENT);
        g_assert_true(g_utf8_validate(error->message, -1, NULL));
    }
}

static void
a_line_that_is_none_is_named(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) headless = NULL;

    g_assert_null(pf_config_parse("[policy]\nconfirm=no\nwhat is this\n", "c", &error));
    g_assert_true(g_str_has_prefix(error->message, "c:3: "));
    g_assert_null(pf_config_parse("\nconfirm=no\n", "c", &headless));
    g_assert_true(g_str_has_prefix(headless->message, "c:2: "));
}

static void
the_example_is_a_good_file_and_so_is_every_line_of_it(void)
{
    g_autofree char *example = pf_config_dup_example();
    g_auto(GStrv) lines = g_strsplit(example, "\n", -1);
    g_autoptr(GString) active = g_string_new(NULL);
    g_autoptr(GError) error = NULL;

    for (char **line = lines; *line; line++) {
        const char *text = **line == '#' && (g_ascii_islower((*line)[1]) || (*line)[1] == '[') ? *line + 1 : *line;
        g_string_append_printf(active, "%s\n", text);
    }
    g_autoptr(PfConfig) plain = pf_config_parse(example, "example", &error);
    g_assert_no_error(error);
    g_autoptr(PfConfig) uncommented = pf_config_parse(active->str, "example", &error);
    g_assert_no_error(error);
    g_assert_cmpstr(uncommented->api, ==, plain->api);
    g_assert_cmpint(uncommented->refresh, ==, plain->refresh);
}

static void
a_missing_file_is_an_error_only_when_it_was_named(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PfConfig) config = pf_config_load("/nonexistent/podflattr.conf", FALSE, &error);

    g_assert_no_error(error);
    g_assert_nonnull(config);
    g_assert_null(config->path);
    g_assert_null(pf_config_load("/nonexistent/podflattr.conf", TRUE, &error));
    g_assert_error(error, PF_CONFIG_ERROR, PF_CONFIG_ERROR_FILE);
}

static void
a_feed_has_settings_of_its_own(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PfConfig) config = pf_config_parse(
        "[report]\nbudget = 5000 sats\nminimum = 2,50\nweight = minutes\n[feed https://a.example/feed]\nshow = A\n"
        "link = tip@a.example\nshare = 0.25\npaid-elsewhere = yes\n",
        "c", &error);

    g_assert_no_error(error);
    g_assert_cmpint(config->budget.minor, ==, 5000);
    g_assert_cmpstr(config->budget.currency, ==, "sat");
    g_assert_cmpint(pf_config_get_minimum(config, "EUR"), ==, 250);
    g_assert_cmpint(pf_config_get_minimum(config, "KWD"), ==, 2500);
    g_assert_cmpint(pf_config_get_minimum(config, "JPY"), ==, 2);
    const PfFeedSettings *settings = pf_config_get_feed(config, "HTTP://A.example/feed/");
    g_assert_cmpstr(settings->show, ==, "A");
    g_assert_cmpstr(settings->link, ==, "tip@a.example");
    g_assert_cmpint(settings->factor, ==, 250);
    g_assert_true(settings->paid_elsewhere);
    g_assert_cmpint(pf_config_get_feed(config, "https://b.example/")->factor, ==, 1000);
    g_assert_null(pf_config_get_feed(config, NULL)->link);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/config/a file with a NUL character is refused whole",
                    a_file_with_a_nul_character_is_refused_whole);
    g_test_add_func("/config/an empty file gives the defaults", an_empty_file_gives_the_defaults);
    g_test_add_func("/config/every kind of value is read", every_kind_of_value_is_read);
    g_test_add_func("/config/all mistakes are told at once with their lines",
                    all_mistakes_are_told_at_once_with_their_lines);
    g_test_add_func("/config/a key that comes twice is found", a_key_that_comes_twice_is_found);
    g_test_add_func("/config/values out of range are refused", values_out_of_range_are_refused);
    g_test_add_func("/config/bytes that are not UTF-8 are told of in UTF-8",
                    bytes_that_are_not_utf_8_are_told_of_in_utf_8);
    g_test_add_func("/config/a line that is none is named", a_line_that_is_none_is_named);
    g_test_add_func("/config/the example is a good file, and so is every line of it",
                    the_example_is_a_good_file_and_so_is_every_line_of_it);
    g_test_add_func("/config/a missing file is an error only when it was named",
                    a_missing_file_is_an_error_only_when_it_was_named);
    g_test_add_func("/config/a feed has settings of its own", a_feed_has_settings_of_its_own);
    g_test_add_func("/config/extensions are read as people write them", extensions_are_read_as_people_write_them);
    g_test_add_func("/config/what is right of a wrong file is read", what_is_right_of_a_wrong_file_is_read);
    return g_test_run();
}
