/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/session_bus.h"
#include <glib/gstdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* A scratch folder with a socket "bus" in it, to which everybody can connect and where nobody answers. */
typedef struct {
    char *folder;
    char *socket_path;
    int listener;
} Scene;

static void
set_up(Scene *scene, gconstpointer data)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    (void)data;
    g_unsetenv("DBUS_SESSION_BUS_ADDRESS");
    scene->folder = g_dir_make_tmp("podflattr-XXXXXX", NULL);
    scene->socket_path = g_build_filename(scene->folder, "bus", NULL);
    g_strlcpy(address.sun_path, scene->socket_path, sizeof address.sun_path);
    scene->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(scene->listener, (const struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(listen(scene->listener, 8), ==, 0);
}

static void
tear_down(Scene *scene, gconstpointer data)
{
    (void)data;
    close(scene->listener);
    g_assert_cmpint(g_unlink(scene->socket_path), ==, 0);
    g_assert_cmpint(g_rmdir(scene->folder), ==, 0);
    g_free(scene->socket_path);
    g_free(scene->folder);
}

static void
assert_found(const char *runtime, const char *expected)
{
    g_autofree char *wanted = expected ? g_strconcat("unix:path=", expected, NULL) : NULL;

    if (runtime)
        g_setenv("XDG_RUNTIME_DIR", runtime, TRUE);
    else
        g_unsetenv("XDG_RUNTIME_DIR");
    g_autofree char *found = pf_session_bus_dup_address();
    g_assert_cmpstr(found, ==, wanted);
}

static void
only_a_folder_of_ones_own_has_a_bus(Scene *scene, gconstpointer data)
{
    g_autofree char *link = g_strconcat(scene->folder, "-link", NULL);
    g_autofree char *name = g_path_get_basename(scene->folder);

    (void)data;
    assert_found(NULL, NULL);
    assert_found("", NULL);
    assert_found("/nonexistent", NULL);
    assert_found(scene->socket_path, NULL); /* is not a folder */
    assert_found(scene->folder, scene->socket_path);
    g_assert_cmpint(g_chdir(g_get_tmp_dir()), ==, 0);
    assert_found(name, NULL); /* relative */
    g_assert_cmpint(g_chmod(scene->folder, 0777), ==, 0);
    assert_found(scene->folder, NULL);
    g_assert_cmpint(g_chmod(scene->folder, 0720), ==, 0);
    assert_found(scene->folder, NULL);
    g_assert_cmpint(g_chmod(scene->folder, 0700), ==, 0);
    g_assert_cmpint(symlink(scene->folder, link), ==, 0);
    g_autofree char *linked = g_build_filename(link, "bus", NULL);
    assert_found(link, linked);
    if (geteuid() == 0) {
        g_assert_cmpint(chown(scene->folder, 65534, 65534), ==, 0);
        assert_found(scene->folder, NULL);
        assert_found(link, NULL);
        g_assert_cmpint(chown(scene->folder, 0, 0), ==, 0);
    }
    g_assert_cmpint(g_unlink(link), ==, 0);
}

static void
a_bus_that_does_not_answer_is_not_waited_for(Scene *scene, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    (void)data;
    g_setenv("XDG_RUNTIME_DIR", scene->folder, TRUE);
    g_assert_null(pf_session_bus_connect(&error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/session-bus/only a folder of one's own has a bus", Scene, NULL, set_up,
               only_a_folder_of_ones_own_has_a_bus, tear_down);
    g_test_add("/session-bus/a bus that does not answer is not waited for", Scene, NULL, set_up,
               a_bus_that_does_not_answer_is_not_waited_for, tear_down);
    return g_test_run();
}
