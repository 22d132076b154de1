/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each test is systemd: it listens at a datagram socket in a scratch folder and hears what the module says. */
#include "daemon/sd_notify.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

typedef struct {
    char *folder;
    char *path;
    int socket;
} Manager;

static void
set_up(Manager *manager, gconstpointer data)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval timeout = {.tv_sec = 30};

    (void)data;
    manager->folder = g_dir_make_tmp("podflattr-notify-XXXXXX", NULL);
    manager->path = g_build_filename(manager->folder, "notify", NULL);
    g_assert_cmpuint(g_strlcpy(address.sun_path, manager->path, sizeof address.sun_path), <, sizeof address.sun_path);
    manager->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(manager->socket, (struct sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint(setsockopt(manager->socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout), ==, 0);
    g_setenv("NOTIFY_SOCKET", manager->path, TRUE);
}

static void
tear_down(Manager *manager, gconstpointer data)
{
    (void)data;
    g_unsetenv("NOTIFY_SOCKET");
    g_unsetenv("WATCHDOG_USEC");
    g_unsetenv("WATCHDOG_PID");
    close(manager->socket);
    g_unlink(manager->path);
    g_rmdir(manager->folder);
    g_free(manager->path);
    g_free(manager->folder);
}

/* The next message, which must be there or come. */
static char *
hear(Manager *manager)
{
    char text[1024];
    ssize_t length = recv(manager->socket, text, sizeof text, 0);

    g_assert_cmpint(length, >=, 0);
    return g_strndup(text, (gsize)length);
}

static void
assert_silence(Manager *manager)
{
    char byte;

    g_assert_cmpint(recv(manager->socket, &byte, 1, MSG_DONTWAIT), ==, -1);
}

static void
assert_hears(Manager *manager, const char *expected)
{
    g_autofree char *message = hear(manager);

    g_assert_cmpstr(message, ==, expected);
}

static void
states_are_told_in_order(Manager *manager, gconstpointer data)
{
    (void)data;
    pf_sd_notify_ready();
    pf_sd_notify_status("3 entries wait");
    pf_sd_notify_stopping();
    assert_hears(manager, "READY=1");
    assert_hears(manager, "STATUS=3 entries wait");
    assert_hears(manager, "STOPPING=1");
    assert_silence(manager);
}

static void
a_status_cannot_pass_for_another_message(Manager *manager, gconstpointer data)
{
    (void)data;
    pf_sd_notify_status("Title\nMAINPID=1\nREADY=1");
    assert_hears(manager, "STATUS=Title MAINPID=1 READY=1");
}

static void
a_reload_carries_the_time_it_began(Manager *manager, gconstpointer data)
{
    gint64 before = g_get_monotonic_time();

    (void)data;
    pf_sd_notify_reloading();
    g_autofree char *message = hear(manager);
    g_auto(GStrv) lines = g_strsplit(message, "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), ==, 2);
    g_assert_cmpstr(lines[0], ==, "RELOADING=1");
    g_assert_true(g_str_has_prefix(lines[1], "MONOTONIC_USEC="));
    gint64 told = g_ascii_strtoll(strchr(lines[1], '=') + 1, NULL, 10);
    g_assert_cmpint(told, >=, before);
    g_assert_cmpint(told, <=, g_get_monotonic_time());
}

static void
a_turning_main_loop_keeps_the_watchdog_quiet(Manager *manager, gconstpointer data)
{
    (void)data;
    g_setenv("WATCHDOG_USEC", "20000", TRUE);
    g_autoptr(PfWatchdog) watchdog = pf_watchdog_new();
    g_assert_nonnull(watchdog);
    assert_hears(manager, "WATCHDOG=1");
    for (int i = 0; i < 3; i++) {
        g_main_context_iteration(NULL, TRUE);
        assert_hears(manager, "WATCHDOG=1");
    }
    g_clear_pointer(&watchdog, pf_watchdog_free);
    assert_silence(manager);
    g_assert_false(g_main_context_pending(NULL));
}

static int polled_for;

static gint
note_timeout(GPollFD *descriptors, guint count, gint timeout)
{
    (void)descriptors;
    (void)count;
    polled_for = timeout;
    return 0;
}

static void
nothing_wakes_up_when_no_watchdog_is_asked_for(Manager *manager, gconstpointer data)
{
    GPollFunc usual = g_main_context_get_poll_func(NULL);

    (void)data;
    g_assert_null(pf_watchdog_new());
    g_setenv("WATCHDOG_USEC", "20000", TRUE);
    g_setenv("WATCHDOG_PID", "1", TRUE);
    g_assert_null(pf_watchdog_new());
    assert_silence(manager);
    g_main_context_set_poll_func(NULL, note_timeout);
    g_main_context_iteration(NULL, TRUE);
    g_main_context_set_poll_func(NULL, usual);
    g_assert_cmpint(polled_for, ==, -1);
    pf_watchdog_free(NULL);
}

static void
without_systemd_nothing_happens(void)
{
    g_unsetenv("NOTIFY_SOCKET");
    g_unsetenv("WATCHDOG_USEC");
    pf_sd_notify_ready();
    pf_sd_notify_status("text");
    pf_sd_notify_reloading();
    pf_sd_notify_stopping();
    g_assert_null(pf_watchdog_new());
}

static void
add(const char *path, void (*test)(Manager *manager, gconstpointer data))
{
    g_test_add(path, Manager, NULL, set_up, test, tear_down);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/notify/without systemd nothing happens", without_systemd_nothing_happens);
    add("/notify/nothing wakes up when no watchdog is asked for", nothing_wakes_up_when_no_watchdog_is_asked_for);
#ifdef HAVE_LIBSYSTEMD
    add("/notify/states are told in order", states_are_told_in_order);
    add("/notify/a status cannot pass for another message", a_status_cannot_pass_for_another_message);
    add("/notify/a reload carries the time it began", a_reload_carries_the_time_it_began);
    add("/notify/a turning main loop keeps the watchdog quiet", a_turning_main_loop_keeps_the_watchdog_quiet);
#else
    (void)states_are_told_in_order;
    (void)a_status_cannot_pass_for_another_message;
    (void)a_reload_carries_the_time_it_began;
    (void)a_turning_main_loop_keeps_the_watchdog_quiet;
#endif
    return g_test_run();
}
