/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/wakeup_socket.h"
#include "scratch_queue.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void
count(gpointer data)
{
    (*(guint *)data)++;
}

static PfWakeupSocket *
listen_in(const char *folder, guint *rings)
{
    g_autoptr(GError) error = NULL;
    PfWakeupSocket *wakeup = pf_wakeup_socket_new(folder, count, rings, &error);

    g_assert_no_error(error);
    return wakeup;
}

/* Dispatches all that is ready. */
static void
settle(void)
{
    while (g_main_context_iteration(NULL, FALSE))
        ;
}

static void
a_ring_is_heard(Scratch *scratch, gconstpointer data)
{
    guint rings = 0;
    g_autoptr(PfWakeupSocket) wakeup = listen_in(scratch->folder, &rings);

    (void)data;
    settle();
    g_assert_cmpuint(rings, ==, 0);
    g_assert_true(pf_wakeup_socket_signal(scratch->folder));
    settle();
    g_assert_cmpuint(rings, ==, 1);
    g_assert_true(pf_wakeup_socket_signal(scratch->folder));
    settle();
    g_assert_cmpuint(rings, ==, 2);
}

static void
rings_that_come_together_are_one(Scratch *scratch, gconstpointer data)
{
    guint rings = 0;
    g_autoptr(PfWakeupSocket) wakeup = listen_in(scratch->folder, &rings);

    (void)data;
    /* More than a socket holds: who rings then does not wait. */
    for (guint i = 0; i < 2000; i++)
        g_assert_true(pf_wakeup_socket_signal(scratch->folder));
    settle();
    g_assert_cmpuint(rings, >=, 1);
    g_assert_cmpuint(rings, <, 100);
}

static void
nobody_listening_is_no_error(Scratch *scratch, gconstpointer data)
{
    g_autofree char *none = g_build_filename(scratch->folder, "none", NULL);
    g_autofree char *path = g_build_filename(scratch->folder, "bell", NULL);
    guint rings = 0;

    (void)data;
    g_assert_false(pf_wakeup_socket_signal(scratch->folder));
    g_assert_false(pf_wakeup_socket_signal(none));
    pf_wakeup_socket_free(listen_in(scratch->folder, &rings));
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    g_assert_false(pf_wakeup_socket_signal(scratch->folder));
}

static void
the_socket_is_private(Scratch *scratch, gconstpointer data)
{
    g_autofree char *path = g_build_filename(scratch->folder, "bell", NULL);
    guint rings = 0;
    mode_t before = umask(0);
    g_autoptr(PfWakeupSocket) wakeup = listen_in(scratch->folder, &rings);
    struct stat status;

    (void)data;
    umask(before);
    g_assert_cmpint(lstat(path, &status), ==, 0);
    g_assert_true(S_ISSOCK(status.st_mode));
    g_assert_cmpint(status.st_mode & 07777, ==, 0600);
}

/* A file that nobody listens at any more, as a killed process leaves it. */
static void
what_a_dead_process_left_is_replaced(Scratch *scratch, gconstpointer data)
{
    g_autofree char *path = g_build_filename(scratch->folder, "bell", NULL);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int dead = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    guint rings = 0;

    (void)data;
    g_assert_cmpuint(g_strlcpy(address.sun_path, path, sizeof address.sun_path), <, sizeof address.sun_path);
    g_assert_cmpint(bind(dead, (const struct sockaddr *)&address, sizeof address), ==, 0);
    close(dead);
    g_assert_false(pf_wakeup_socket_signal(scratch->folder));
    g_autoptr(PfWakeupSocket) wakeup = listen_in(scratch->folder, &rings);
    g_assert_true(pf_wakeup_socket_signal(scratch->folder));
    settle();
    g_assert_cmpuint(rings, ==, 1);
}

static void
the_last_listener_hears_and_stays_when_the_first_goes(Scratch *scratch, gconstpointer data)
{
    guint first_rings = 0, last_rings = 0;
    PfWakeupSocket *first = listen_in(scratch->folder, &first_rings);
    g_autoptr(PfWakeupSocket) last = listen_in(scratch->folder, &last_rings);

    (void)data;
    pf_wakeup_socket_free(first);
    g_assert_true(pf_wakeup_socket_signal(scratch->folder));
    settle();
    g_assert_cmpuint(first_rings, ==, 0);
    g_assert_cmpuint(last_rings, ==, 1);
}

static void
a_long_path_is_no_hindrance(Scratch *scratch, gconstpointer data)
{
    g_autofree char *name = g_strnfill(200, 'x');
    g_autofree char *folder = g_build_filename(scratch->folder, name, name, NULL);
    guint rings = 0;

    (void)data;
    g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
    g_autoptr(PfWakeupSocket) wakeup = listen_in(folder, &rings);
    g_assert_true(pf_wakeup_socket_signal(folder));
    settle();
    g_assert_cmpuint(rings, ==, 1);
}

static void
a_folder_that_is_missing_is_named(Scratch *scratch, gconstpointer data)
{
    g_autofree char *none = g_build_filename(scratch->folder, "none", NULL);
    g_autoptr(GError) error = NULL;

    (void)data;
    g_assert_null(pf_wakeup_socket_new(none, count, NULL, &error));
    g_assert_error(error, PF_WAKEUP_SOCKET_ERROR, PF_WAKEUP_SOCKET_ERROR_SOCKET);
    g_assert_nonnull(strstr(error->message, none));
}

#define ADD(name, function) g_test_add("/bell/" name, Scratch, NULL, scratch_set_up, function, scratch_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("a ring is heard", a_ring_is_heard);
    ADD("rings that come together are one", rings_that_come_together_are_one);
    ADD("nobody listening is no error", nobody_listening_is_no_error);
    ADD("the socket is private", the_socket_is_private);
    ADD("what a dead process left is replaced", what_a_dead_process_left_is_replaced);
    ADD("the last listener hears, and stays when the first goes",
        the_last_listener_hears_and_stays_when_the_first_goes);
    ADD("a long path is no hindrance", a_long_path_is_no_hindrance);
    ADD("a folder that is missing is named", a_folder_that_is_missing_is_named);
    return g_test_run();
}
