/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fsync() is the test's own here: no disk fails when a test wants it to. */
#include "base/files.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int flushed; /* how often */
static int refusal; /* errno of the next ones; 0: they succeed */
static struct stat last;

int
fsync(int descriptor)
{
    flushed++;
    g_assert_cmpint(fstat(descriptor, &last), ==, 0);
    errno = refusal;
    return refusal == 0 ? 0 : -1;
}

/* Flushes a folder that is there. */
static gboolean
flush_one(int fault)
{
    g_autofree char *path = g_dir_make_tmp("test-folder-XXXXXX", NULL);
    struct stat own;

    g_assert_cmpint(stat(path, &own), ==, 0);
    flushed = 0;
    refusal = fault;
    errno = 0;
    gboolean done = pf_folder_flush(path);
    int after = errno;
    g_assert_cmpint(flushed, ==, 1);
    g_assert_cmpuint(last.st_ino, ==, own.st_ino);
    g_rmdir(path);
    errno = after;
    return done;
}

static void
the_folder_itself_is_flushed(void)
{
    g_assert_true(flush_one(0));
}

static void
a_file_system_that_cannot_flush_a_folder_is_believed(void)
{
    g_assert_true(flush_one(EINVAL));
    g_assert_true(flush_one(ENOTSUP));
    g_assert_true(flush_one(ENOSYS));
}

static void
a_disk_that_fails_is_told(void)
{
    g_assert_false(flush_one(EIO));
    g_assert_cmpint(errno, ==, EIO);
    g_assert_false(flush_one(ENOSPC));
    g_assert_cmpint(errno, ==, ENOSPC);
}

static void
what_is_no_folder_is_told(void)
{
    flushed = 0;
    g_assert_false(pf_folder_flush("/dev/null"));
    g_assert_cmpint(errno, ==, ENOTDIR);
    g_assert_false(pf_folder_flush("/nowhere/at/all"));
    g_assert_cmpint(errno, ==, ENOENT);
    g_assert_cmpint(flushed, ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/folder/the folder itself is flushed", the_folder_itself_is_flushed);
    g_test_add_func("/folder/a file system that cannot flush a folder is believed",
                    a_file_system_that_cannot_flush_a_folder_is_believed);
    g_test_add_func("/folder/a disk that fails is told", a_disk_that_fails_is_told);
    g_test_add_func("/folder/what is no folder is told", what_is_no_folder_is_told);
    return g_test_run();
}
