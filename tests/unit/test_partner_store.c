/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "partner/partner_store.h"

#include "base/files.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOW ((gint64)1760000000)

typedef struct {
    char *folder;
    PfPartnerStore *store;
} Scratch;

static PfPartnerStore *
open_store(const Scratch *scratch)
{
    g_autoptr(GError) error = NULL;
    PfPartnerStore *store = pf_partner_store_open(scratch->folder, &error);

    g_assert_no_error(error);
    return store;
}

static void
set_up(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *outer = g_dir_make_tmp("podflattr-test-XXXXXX", &error);

    (void)data;
    g_assert_no_error(error);
    scratch->folder = g_build_filename(outer, "state", "events", NULL);
    scratch->store = open_store(scratch);
}

static void
empty_folder(const char *path)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name;

    while (folder && (name = g_dir_read_name(folder))) {
        g_autofree char *inner = g_build_filename(path, name, NULL);
        g_assert_cmpint(g_remove(inner), ==, 0);
    }
    g_assert_cmpint(g_rmdir(path), ==, 0);
}

static void
tear_down(Scratch *scratch, gconstpointer data)
{
    g_autofree char *state = g_path_get_dirname(scratch->folder);
    g_autofree char *outer = g_path_get_dirname(state);

    (void)data;
    pf_partner_store_free(scratch->store);
    empty_folder(scratch->folder);
    g_assert_cmpint(g_rmdir(state), ==, 0);
    g_assert_cmpint(g_rmdir(outer), ==, 0);
    g_free(scratch->folder);
}

static char *
add(const Scratch *scratch, const char *body, gint64 received)
{
    g_autoptr(GError) error = NULL;
    char *name = pf_partner_store_add(scratch->store, body, received, &error);

    g_assert_no_error(error);
    return name;
}

static void
assert_event(const Scratch *scratch, const char *name, const char *body, gint64 received)
{
    g_autoptr(GError) error = NULL;
    gint64 read_received = 0;
    gsize length = 0;
    g_autofree char *read = pf_partner_store_read(scratch->store, name, &length, &read_received, &error);

    g_assert_no_error(error);
    g_assert_cmpmem(read, length, body, strlen(body));
    g_assert_cmpint(read_received, ==, received);
}

/* @bodies: those of all events there must be, the earliest first, separated by spaces */
static void
assert_listed(const Scratch *scratch, const char *bodies)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) names = pf_partner_store_list(scratch->store, &error);
    g_autoptr(GString) listed = g_string_new(NULL);

    g_assert_no_error(error);
    for (guint i = 0; i < names->len; i++) {
        gint64 received;
        gsize length;
        g_autofree char *body = pf_partner_store_read(scratch->store, names->pdata[i], &length, &received, &error);
        g_assert_no_error(error);
        g_string_append_printf(listed, "%s%s", i ? " " : "", body);
    }
    g_assert_cmpstr(listed->str, ==, bodies);
}

static void
plant(const Scratch *scratch, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(scratch->folder, name, NULL);

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static gboolean
is_there(const Scratch *scratch, const char *name)
{
    g_autofree char *path = g_build_filename(scratch->folder, name, NULL);

    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static void
an_event_is_kept_as_it_came_until_it_is_removed(Scratch *scratch, gconstpointer data)
{
    static const char body[] = "_event=pendingclickcreate&x=%00&\r\n \xff\xc3";
    g_autoptr(GError) error = NULL;
    g_autofree char *name = add(scratch, body, NOW);
    g_autofree char *none = add(scratch, "", NOW + 5);

    (void)data;
    assert_event(scratch, name, body, NOW);
    assert_event(scratch, name, body, NOW);
    assert_event(scratch, none, "", NOW + 5);
    g_assert_true(pf_partner_store_remove(scratch->store, none, &error));
    g_assert_true(pf_partner_store_remove(scratch->store, name, &error));
    g_assert_no_error(error);
    assert_listed(scratch, "");
    g_assert_false(is_there(scratch, name));
}

static void
events_outlive_the_store_and_go_on_behind_those_of_before(Scratch *scratch, gconstpointer data)
{
    (void)data;
    g_free(add(scratch, "first", NOW));
    g_free(add(scratch, "second", NOW));
    pf_partner_store_free(scratch->store);
    scratch->store = open_store(scratch);
    g_free(add(scratch, "third", NOW - 3600));
    assert_listed(scratch, "first second third");
}

static void
events_are_listed_in_the_order_in_which_they_came(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GString) expected = g_string_new("0");

    (void)data;
    g_free(add(scratch, "0", NOW));
    /* As many in one second, and after the clock was set back, as no folder lists by chance in their order. */
    for (int i = 1; i < 200; i++) {
        g_autofree char *body = g_strdup_printf("%d", i);
        g_free(add(scratch, body, i < 100 ? NOW : NOW - i));
        g_string_append_printf(expected, " %s", body);
    }
    assert_listed(scratch, expected->str);
}

static void
the_time_is_that_of_arrival_also_for_many_in_a_second(Scratch *scratch, gconstpointer data)
{
    static const gint64 times[] = {0, 1, NOW, NOW, NOW, G_GINT64_CONSTANT(9000000000000)};

    (void)data;
    for (gsize i = 0; i < G_N_ELEMENTS(times); i++) {
        g_autofree char *name = add(scratch, "a=b", times[i]);
        assert_event(scratch, name, "a=b", times[i]);
        g_assert_cmpuint(strlen(name), ==, strlen("0001760000000000000.form"));
    }
}

static void
what_is_no_event_is_not_listed_and_left_alone(Scratch *scratch, gconstpointer data)
{
    static const char *const names[] = {
        "notes.txt",
        "1760000000000000.form",
        "00017600000000000000.form",
        "000176000000000000x.form",
        "0001760000000000000.form.bad",
        "0001760000000000000.form.new",
        "0001760000000000000",
        ".form",
        "-001760000000000000.form",
    };

    (void)data;
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        plant(scratch, names[i], "foreign");
    assert_listed(scratch, "");
    pf_partner_store_free(scratch->store);
    scratch->store = open_store(scratch);
    g_free(add(scratch, "ours", NOW));
    assert_listed(scratch, "ours");
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        g_assert_true(is_there(scratch, names[i]));
}

static void
what_was_damaged_is_listed_and_can_be_set_aside(Scratch *scratch, gconstpointer data)
{
    g_autofree char *aside = NULL;
    g_autofree char *name = add(scratch, "damaged", NOW);

    (void)data;
    plant(scratch, name, "");
    g_free(add(scratch, "whole", NOW));
    assert_event(scratch, name, "", NOW);
    aside = g_strconcat(name, ".bad", NULL);
    g_test_expect_message(G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE, "*cannot be handed over and is set aside*it is no form*");
    pf_partner_store_set_aside(scratch->store, name, "it is no form");
    g_test_assert_expected_messages();
    g_assert_true(is_there(scratch, aside));
    assert_listed(scratch, "whole");
    /* It is told also when it is gone. */
    g_test_expect_message(G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE, "*is set aside*");
    g_test_expect_message(G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE, "*cannot be renamed*");
    pf_partner_store_set_aside(scratch->store, name, "it is no form");
    g_test_assert_expected_messages();
}

static void
an_event_that_is_no_file_or_is_gone_cannot_be_read(Scratch *scratch, gconstpointer data)
{
    static const char name[] = "0001760000000000000.form";
    g_autofree char *path = g_build_filename(scratch->folder, name, NULL);
    g_autoptr(GError) error = NULL;
    gint64 received;
    gsize length;

    (void)data;
    g_assert_null(pf_partner_store_read(scratch->store, name, &length, &received, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
    g_clear_error(&error);
    g_assert_cmpint(g_mkdir(path, 0700), ==, 0);
    g_assert_null(pf_partner_store_read(scratch->store, name, &length, &received, &error));
    g_assert_nonnull(error);
    g_assert_true(error->domain == G_FILE_ERROR);
}

static void
an_event_that_is_gone_is_removed_already(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    (void)data;
    g_assert_true(pf_partner_store_remove(scratch->store, "0001760000000000000.form", &error));
    g_assert_no_error(error);
}

static void
forms_as_long_as_any_come_whole(Scratch *scratch, gconstpointer data)
{
    g_autofree char *body = g_strnfill((gsize)1024 * 1024, 'x');
    g_autofree char *name = add(scratch, body, NOW);

    (void)data;
    assert_event(scratch, name, body, NOW);
}

static void
folder_and_files_are_the_users_alone(Scratch *scratch, gconstpointer data)
{
    mode_t before = umask(0);
    g_autofree char *name = add(scratch, "a=b", NOW);
    g_autofree char *path = g_build_filename(scratch->folder, name, NULL);
    struct stat status;

    (void)data;
    umask(before);
    g_assert_cmpint(stat(scratch->folder, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0700);
    g_assert_cmpint(stat(path, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0600);
}

static void
one_at_a_time_has_the_folder_however_it_ends(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    int result;

    (void)data;
    g_assert_null(pf_partner_store_open(scratch->folder, &error));
    g_assert_error(error, PF_PARTNER_STORE_ERROR, PF_PARTNER_STORE_ERROR_HELD);
    g_assert_nonnull(strstr(error->message, scratch->folder));
    g_clear_pointer(&scratch->store, pf_partner_store_free);

    pid_t child = fork();
    if (child == 0) {
        /* Dies with the folder in its hands. */
        PfPartnerStore *store = pf_partner_store_open(scratch->folder, NULL);
        char *name = store ? pf_partner_store_add(store, "left", NOW, NULL) : NULL;
        _exit(name ? 7 : 1);
    }
    g_assert_cmpint(waitpid(child, &result, 0), ==, child);
    g_assert_cmpint(WEXITSTATUS(result), ==, 7);
    scratch->store = open_store(scratch);
    assert_listed(scratch, "left");
}

static void
a_folder_that_cannot_be_is_an_error(Scratch *scratch, gconstpointer data)
{
    g_autofree char *below = g_build_filename(scratch->folder, "file", "events", NULL);
    g_autoptr(GError) error = NULL;

    (void)data;
    plant(scratch, "file", "");
    g_assert_null(pf_partner_store_open(below, &error));
    g_assert_error(error, PF_PARTNER_STORE_ERROR, PF_PARTNER_STORE_ERROR_FOLDER);
}

static void
a_folder_that_went_away_takes_no_event_unnoticed(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *state = g_path_get_dirname(scratch->folder);

    (void)data;
    g_assert_cmpint(g_rmdir(scratch->folder), ==, 0);
    g_assert_null(pf_partner_store_list(scratch->store, &error));
    g_assert_error(error, PF_PARTNER_STORE_ERROR, PF_PARTNER_STORE_ERROR_FOLDER);
    g_clear_error(&error);
    /* A file in its place: it cannot be made again either. */
    g_assert_true(g_file_set_contents(scratch->folder, "", 0, NULL));
    g_assert_null(pf_partner_store_add(scratch->store, "a=b", NOW, &error));
    g_assert_error(error, PF_PRIVATE_FILE_ERROR, PF_PRIVATE_FILE_ERROR_WRITE);
    g_assert_cmpint(g_remove(scratch->folder), ==, 0);
    g_assert_cmpint(g_mkdir(scratch->folder, 0700), ==, 0);
}

#define ADD(name, function) g_test_add("/partner-store/" name, Scratch, NULL, set_up, function, tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("an event is kept as it came until it is removed", an_event_is_kept_as_it_came_until_it_is_removed);
    ADD("events outlive the store, and go on behind those of before",
        events_outlive_the_store_and_go_on_behind_those_of_before);
    ADD("events are listed in the order in which they came", events_are_listed_in_the_order_in_which_they_came);
    ADD("the time is that of arrival, also for many in a second",
        the_time_is_that_of_arrival_also_for_many_in_a_second);
    ADD("what is no event is not listed, and left alone", what_is_no_event_is_not_listed_and_left_alone);
    ADD("what was damaged is listed, and can be set aside", what_was_damaged_is_listed_and_can_be_set_aside);
    ADD("an event that is no file or is gone cannot be read", an_event_that_is_no_file_or_is_gone_cannot_be_read);
    ADD("an event that is gone is removed already", an_event_that_is_gone_is_removed_already);
    ADD("forms as long as any come whole", forms_as_long_as_any_come_whole);
    ADD("folder and files are the user's alone", folder_and_files_are_the_users_alone);
    ADD("one at a time has the folder, however it ends", one_at_a_time_has_the_folder_however_it_ends);
    ADD("a folder that cannot be is an error", a_folder_that_cannot_be_is_an_error);
    ADD("a folder that went away takes no event unnoticed", a_folder_that_went_away_takes_no_event_unnoticed);
    return g_test_run();
}
