/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/wakeup_socket.h"

#include "base/i18n.h"
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define NAME "bell"

/* How many datagrams are read at once, so that somebody who sends them all the time cannot keep the main loop busy. */
#define MOST_AT_ONCE 64

struct PfWakeupSocket {
    int folder;
    int socket;
    struct stat place; /* of the socket's name, to know it again */
    GSource *source;
    PfWakeupSocketFunc woken;
    gpointer data;
};

G_DEFINE_QUARK(pf_wakeup_socket_error, pf_wakeup_socket_error)

static int
open_folder(const char *state_dir)
{
    return open(state_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* A socket's address has room for 108 bytes, a path may have 4096. */
static struct sockaddr_un
address_in(int folder, const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    g_snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", folder, name);
    return address;
}

static gboolean
heard(int descriptor, GIOCondition condition, gpointer data)
{
    PfWakeupSocket *wakeup = data;
    char nothing;
    guint rings = 0;

    (void)condition;
    while (rings < MOST_AT_ONCE && recv(descriptor, &nothing, sizeof nothing, MSG_DONTWAIT) >= 0)
        rings++;
    if (rings > 0)
        wakeup->woken(wakeup->data);
    return G_SOURCE_CONTINUE;
}

/* The name is taken by a rename, which replaces what a dead process has left, and leaves no moment without a socket. */
static gboolean
publish(PfWakeupSocket *wakeup)
{
    g_autofree char *name = g_strdup_printf(NAME ".%ld", (long)getpid());
    struct sockaddr_un address = address_in(wakeup->folder, name);

    /* The socket's mode becomes that of its name; a chmod after the bind would come too late. */
    if (fchmod(wakeup->socket, 0600) != 0 || (unlinkat(wakeup->folder, name, 0) != 0 && errno != ENOENT) ||
        bind(wakeup->socket, (const struct sockaddr *)&address, sizeof address) != 0)
        return FALSE;
    if (fstatat(wakeup->folder, name, &wakeup->place, AT_SYMLINK_NOFOLLOW) == 0 &&
        renameat(wakeup->folder, name, wakeup->folder, NAME) == 0)
        return TRUE;
    int failure = errno;
    unlinkat(wakeup->folder, name, 0);
    errno = failure;
    return FALSE;
}

static gboolean
open_socket(PfWakeupSocket *wakeup, const char *state_dir)
{
    wakeup->folder = open_folder(state_dir);
    if (wakeup->folder < 0)
        return FALSE;
    wakeup->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return wakeup->socket >= 0 && publish(wakeup);
}

PfWakeupSocket *
pf_wakeup_socket_new(const char *state_dir, PfWakeupSocketFunc woken, gpointer data, GError **error)
{
    g_autoptr(PfWakeupSocket) wakeup = g_new0(PfWakeupSocket, 1);

    wakeup->folder = wakeup->socket = -1;
    wakeup->woken = woken;
    wakeup->data = data;
    if (!open_socket(wakeup, state_dir)) {
        g_set_error(error, PF_WAKEUP_SOCKET_ERROR, PF_WAKEUP_SOCKET_ERROR_SOCKET, _("cannot listen at %s/%s: %s"),
                    state_dir, NAME, g_strerror(errno));
        return NULL;
    }
    wakeup->source = g_unix_fd_source_new(wakeup->socket, G_IO_IN);
    g_source_set_callback(wakeup->source, G_SOURCE_FUNC(heard), wakeup, NULL);
    g_source_attach(wakeup->source, g_main_context_get_thread_default());
    return g_steal_pointer(&wakeup);
}

/* Another listener may have taken the name. */
static void
withdraw(PfWakeupSocket *wakeup)
{
    struct stat now;

    if (fstatat(wakeup->folder, NAME, &now, AT_SYMLINK_NOFOLLOW) == 0 && now.st_ino == wakeup->place.st_ino &&
        now.st_dev == wakeup->place.st_dev)
        unlinkat(wakeup->folder, NAME, 0);
}

void
pf_wakeup_socket_free(PfWakeupSocket *wakeup)
{
    if (!wakeup)
        return;
    if (wakeup->source) {
        withdraw(wakeup);
        g_source_destroy(wakeup->source);
        g_source_unref(wakeup->source);
    }
    if (wakeup->socket >= 0)
        close(wakeup->socket);
    if (wakeup->folder >= 0)
        close(wakeup->folder);
    g_free(wakeup);
}

gboolean
pf_wakeup_socket_signal(const char *state_dir)
{
    int folder = open_folder(state_dir);
    int sender = folder >= 0 ? socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) : -1;
    gboolean listens = FALSE;

    if (sender >= 0) {
        struct sockaddr_un address = address_in(folder, NAME);

        /* When the queue is full, the listener has yet to read the earlier ones. */
        listens = sendto(sender, "", 0, MSG_NOSIGNAL, (const struct sockaddr *)&address, sizeof address) == 0 ||
                  errno == EAGAIN;
        close(sender);
    }
    if (folder >= 0)
        close(folder);
    return listens;
}
