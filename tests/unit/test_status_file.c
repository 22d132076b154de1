/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/status_file.h"
#include <glib/gstdio.h>

typedef struct {
    char *folder;
    char *path;
} Scratch;

static void
set_up(Scratch *scratch, gconstpointer data)
{
    (void)data;
    scratch->folder = g_dir_make_tmp("podflattr-test-XXXXXX", NULL);
    scratch->path = g_build_filename(scratch->folder, "daemon.json", NULL);
}

static void
tear_down(Scratch *scratch, gconstpointer data)
{
    (void)data;
    g_remove(scratch->path);
    g_rmdir(scratch->folder);
    g_free(scratch->path);
    g_free(scratch->folder);
}

static void
what_is_saved_is_read_by_who_knows_the_process(Scratch *scratch, gconstpointer data)
{
    g_autoptr(PfDaemonState) state = pf_daemon_state_new(12, 1780000000);
    g_autoptr(GError) error = NULL;

    (void)data;
    g_ptr_array_add(state->folders, pf_daemon_folder_new("/pods \"a\"", "watched", 1780000001, 3, NULL));
    g_ptr_array_add(state->folders, pf_daemon_folder_new("/p/\xff", "missing", 1780000002, 0, "make it"));
    g_assert_true(pf_daemon_state_save(state, scratch->folder, &error));
    g_assert_no_error(error);

    g_autoptr(PfDaemonState) read = pf_daemon_state_load(scratch->folder, 12);
    g_assert_nonnull(read);
    g_assert_cmpint(read->since, ==, 1780000000);
    g_assert_cmpuint(read->folders->len, ==, 2);
    const PfDaemonFolder *first = read->folders->pdata[0], *second = read->folders->pdata[1];
    g_assert_cmpstr(first->path, ==, "/pods \"a\"");
    g_assert_cmpint(first->watches, ==, 3);
    g_assert_null(first->fault);
    g_assert_cmpstr(second->state, ==, "missing");
    g_assert_cmpstr(second->fault, ==, "make it");
    g_assert_true(g_utf8_validate(second->path, -1, NULL));
    g_assert_null(pf_daemon_state_load(scratch->folder, 13));
    g_assert_null(pf_daemon_state_load(scratch->folder, 0));
    pf_daemon_state_remove(scratch->folder);
    g_assert_null(pf_daemon_state_load(scratch->folder, 12));
}

static void
a_file_that_says_something_else_is_no_service(Scratch *scratch, gconstpointer data)
{
    static const char *const texts[] = {"",
                                        "{",
                                        "[]",
                                        "null",
                                        "{\"pid\": \"12\"}",
                                        "{\"pid\": 12, \"since\": 1}",
                                        "{\"pid\": 12, \"since\": null, \"folders\": []}"};

    (void)data;
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_assert_true(g_file_set_contents(scratch->path, texts[i], -1, NULL));
        g_assert_null(pf_daemon_state_load(scratch->folder, 12));
    }
    /* Folders that cannot be read are left out. */
    g_assert_true(
        g_file_set_contents(scratch->path, "{\"pid\": 12, \"since\": 1, \"folders\": [1, {}, null]}", -1, NULL));
    g_autoptr(PfDaemonState) state = pf_daemon_state_load(scratch->folder, 12);
    g_assert_nonnull(state);
    g_assert_cmpuint(state->folders->len, ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/daemon_state/what is saved is read by who knows the process", Scratch, NULL, set_up,
               what_is_saved_is_read_by_who_knows_the_process, tear_down);
    g_test_add("/daemon_state/a file that says something else is no service", Scratch, NULL, set_up,
               a_file_that_says_something_else_is_no_service, tear_down);
    return g_test_run();
}
