/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/files.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utime.h>

typedef struct {
    char *folder;
    char *path;
} Scratch;

static void
set_up(Scratch *scratch, gconstpointer data)
{
    (void)data;
    scratch->folder = g_dir_make_tmp("test_private_file.XXXXXX", NULL);
    scratch->path = g_build_filename(scratch->folder, "new", "secret", NULL);
}

static void
tear_down(Scratch *scratch, gconstpointer data)
{
    g_autofree char *inner = g_path_get_dirname(scratch->path);

    (void)data;
    g_unlink(scratch->path);
    g_rmdir(inner);
    g_rmdir(scratch->folder);
    g_free(scratch->path);
    g_free(scratch->folder);
}

static void
what_is_written_is_read_and_is_the_users_alone(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    struct stat status;

    (void)data;
    umask(0);
    g_assert_true(pf_private_file_write(scratch->path, "one", &error));
    g_assert_no_error(error);
    g_assert_cmpint(stat(scratch->path, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0600);
    g_assert_true(pf_private_file_read(scratch->path, &text, &error));
    g_assert_cmpstr(text, ==, "one");
}

static void
what_is_remembered_of_a_hundred_thousand_files_is_read_whole(Scratch *scratch, gconstpointer data)
{
    g_autofree char *read = NULL;
    g_autofree char *ids = g_strnfill(700000, '7');

    (void)data;
    g_assert_true(pf_private_file_write(scratch->path, ids, NULL));
    g_assert_true(pf_private_file_read(scratch->path, &read, NULL));
    g_assert_true(g_str_equal(read, ids));
}

static void
a_file_is_replaced_and_never_changed(Scratch *scratch, gconstpointer data)
{
    g_autofree char *kept = g_build_filename(scratch->folder, "kept", NULL);
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    struct stat status;

    (void)data;
    g_assert_true(pf_private_file_write(scratch->path, "old", NULL));
    g_assert_cmpint(link(scratch->path, kept), ==, 0);
    g_assert_cmpint(chmod(scratch->path, 0644), ==, 0);
    g_assert_true(pf_private_file_write(scratch->path, "new", NULL));
    g_assert_cmpint(stat(scratch->path, &status), ==, 0);
    g_assert_cmpint(status.st_mode & 0777, ==, 0600);
    g_assert_true(g_file_get_contents(kept, &before, NULL, NULL));
    g_assert_cmpstr(before, ==, "old");
    g_assert_true(pf_private_file_read(scratch->path, &after, NULL));
    g_assert_cmpstr(after, ==, "new");
    g_unlink(kept);
}

/* The number of names in a folder. */
static guint
count_names(const char *path)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    guint count = 0;

    while (g_dir_read_name(folder))
        count++;
    return count;
}

/* A disk that is full is a limit on the size of files here. */
static void
what_was_there_stays_when_the_new_one_cannot_be_written(Scratch *scratch, gconstpointer data)
{
    g_autofree char *folder = g_path_get_dirname(scratch->path);
    g_autofree char *large = g_strnfill(8192, 'x');
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    struct rlimit usual, small;

    (void)data;
    g_assert_true(pf_private_file_write(scratch->path, "old", NULL));
    signal(SIGXFSZ, SIG_IGN);
    g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &usual), ==, 0);
    small = (struct rlimit){.rlim_cur = 4096, .rlim_max = usual.rlim_max};
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &small), ==, 0);
    gboolean written = pf_private_file_write(scratch->path, large, &error);
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &usual), ==, 0);
    g_assert_false(written);
    g_assert_error(error, PF_PRIVATE_FILE_ERROR, PF_PRIVATE_FILE_ERROR_WRITE);
    g_assert_nonnull(strstr(error->message, g_strerror(EFBIG)));
    g_assert_true(pf_private_file_read(scratch->path, &text, NULL));
    g_assert_cmpstr(text, ==, "old");
    g_assert_cmpuint(count_names(folder), ==, 1);
}

static void
what_others_can_read_is_not_used(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    char *text = NULL;

    (void)data;
    g_assert_true(pf_private_file_write(scratch->path, "secret text", NULL));
    g_assert_cmpint(chmod(scratch->path, 0640), ==, 0);
    g_assert_false(pf_private_file_read(scratch->path, &text, &error));
    g_assert_error(error, PF_PRIVATE_FILE_ERROR, PF_PRIVATE_FILE_ERROR_READ);
    g_assert_null(text);
    g_assert_nonnull(strstr(error->message, "chmod 600"));
    g_assert_null(strstr(error->message, "secret text"));
}

static void
no_file_is_no_error_and_neither_is_removing_none(Scratch *scratch, gconstpointer data)
{
    gboolean was_there = TRUE;
    char *text = NULL;

    (void)data;
    g_assert_true(pf_private_file_read(scratch->path, &text, NULL));
    g_assert_null(text);
    g_assert_true(pf_private_file_remove(scratch->path, &was_there, NULL));
    g_assert_false(was_there);
    g_assert_true(pf_private_file_write(scratch->path, "x", NULL));
    g_assert_true(pf_private_file_remove(scratch->path, &was_there, NULL));
    g_assert_true(was_there);
    g_assert_cmpint(access(scratch->path, F_OK), !=, 0);
}

static void
what_cannot_be_written_is_told(Scratch *scratch, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    (void)data;
    g_assert_false(pf_private_file_write("/proc/none/secret", "x", &error));
    g_assert_error(error, PF_PRIVATE_FILE_ERROR, PF_PRIVATE_FILE_ERROR_WRITE);
    g_assert_nonnull(strstr(error->message, "/proc/none"));
    g_assert_nonnull(scratch->path);
}

static void
what_killed_processes_were_writing_is_removed(Scratch *scratch, gconstpointer data)
{
    static const struct {
        const char *name;
        gboolean is_old, goes;
    } files[] = {
        {"token.new-a1B2c3", TRUE, TRUE}, {"daemon.json.new-ZZZZZZ", FALSE, FALSE},
        {"queue.db.backup", TRUE, FALSE}, {"token.new-a1B2c3d", TRUE, FALSE},
        {"token", TRUE, FALSE},
    };
    const struct utimbuf long_ago = {1, 1};

    (void)data;
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(scratch->folder, files[i].name, NULL);
        g_assert_true(g_file_set_contents(path, "x", 1, NULL));
        if (files[i].is_old)
            g_assert_cmpint(utime(path, &long_ago), ==, 0);
    }
    g_assert_cmpuint(pf_private_file_sweep(scratch->folder, FALSE), ==, 1);
    g_assert_cmpuint(pf_private_file_sweep(scratch->folder, TRUE), ==, 1);
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(scratch->folder, files[i].name, NULL);
        g_assert_cmpint(g_file_test(path, G_FILE_TEST_EXISTS), ==, !files[i].goes);
        g_unlink(path);
    }
    g_assert_cmpuint(pf_private_file_sweep("/nowhere", TRUE), ==, 0);
}

int
main(int argc, char **argv)
{
    const struct {
        const char *name;
        void (*test)(Scratch *, gconstpointer);
    } tests[] = {
        {"/private_file/what_is_written_is_read_and_is_the_users_alone",
         what_is_written_is_read_and_is_the_users_alone},
        {"/private_file/what_is_remembered_of_a_hundred_thousand_files_is_read_whole",
         what_is_remembered_of_a_hundred_thousand_files_is_read_whole},
        {"/private_file/a_file_is_replaced_and_never_changed", a_file_is_replaced_and_never_changed},
        {"/private_file/what_was_there_stays_when_the_new_one_cannot_be_written",
         what_was_there_stays_when_the_new_one_cannot_be_written},
        {"/private_file/what_others_can_read_is_not_used", what_others_can_read_is_not_used},
        {"/private_file/no_file_is_no_error_and_neither_is_removing_none",
         no_file_is_no_error_and_neither_is_removing_none},
        {"/private_file/what_cannot_be_written_is_told", what_cannot_be_written_is_told},
        {"/private_file/what_killed_processes_were_writing_is_removed", what_killed_processes_were_writing_is_removed},
    };

    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].name, Scratch, NULL, set_up, tests[i].test, tear_down);
    return g_test_run();
}
