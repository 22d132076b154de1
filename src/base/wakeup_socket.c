/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/wakeup_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define NAME "bell"

/* So many rings are read in one go, lest somebody who rings without end keeps the main loop from all else. */
#define MOST_AT_ONCE 64

struct PfBell {
    int folder;
    int socket;
    struct stat place; /* of the socket's name, to know it again */
    GSource *source;
    PfBellFunc ring;
    gpointer data;
};

G_DEFINE_QUARK(pf_bell_error, pf_bell_error)

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
    PfBell *bell = data;
    char nothing;
    guint rings = 0;

    (void)condition;
    while (rings < MOST_AT_ONCE && recv(descriptor, &nothing, sizeof nothing, MSG_DONTWAIT) >= 0)
        rings++;
    if (rings > 0)
        bell->ring(bell->data);
    return G_SOURCE_CONTINUE;
}

/* The name is taken by a rename, which replaces what a dead process has left, and leaves no moment without a bell. */
static gboolean
hang_up(PfBell *bell)
{
    g_autofree char *name = g_strdup_printf(NAME ".%ld", (long)getpid());
    struct sockaddr_un address = address_in(bell->folder, name);

    /* The socket's mode becomes that of its name; a chmod after the bind would come too late. */
    if (fchmod(bell->socket, 0600) != 0 || (unlinkat(bell->folder, name, 0) != 0 && errno != ENOENT) ||
        bind(bell->socket, (const struct sockaddr *)&address, sizeof address) != 0)
        return FALSE;
    if (fstatat(bell->folder, name, &bell->place, AT_SYMLINK_NOFOLLOW) == 0 &&
        renameat(bell->folder, name, bell->folder, NAME) == 0)
        return TRUE;
    int failure = errno;
    unlinkat(bell->folder, name, 0);
    errno = failure;
    return FALSE;
}

static gboolean
open_bell(PfBell *bell, const char *state_dir)
{
    bell->folder = open_folder(state_dir);
    if (bell->folder < 0)
        return FALSE;
    bell->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return bell->socket >= 0 && hang_up(bell);
}

PfBell *
pf_bell_new(const char *state_dir, PfBellFunc ring, gpointer data, GError **error)
{
    g_autoptr(PfBell) bell = g_new0(PfBell, 1);

    bell->folder = bell->socket = -1;
    bell->ring = ring;
    bell->data = data;
    if (!open_bell(bell, state_dir)) {
        g_set_error(error, PF_BELL_ERROR, PF_BELL_ERROR_SOCKET, "cannot listen at %s/" NAME ": %s", state_dir,
                    g_strerror(errno));
        return NULL;
    }
    bell->source = g_unix_fd_source_new(bell->socket, G_IO_IN);
    g_source_set_callback(bell->source, G_SOURCE_FUNC(heard), bell, NULL);
    g_source_attach(bell->source, g_main_context_get_thread_default());
    return g_steal_pointer(&bell);
}

/* Another listener may have taken the name. */
static void
take_down(PfBell *bell)
{
    struct stat now;

    if (fstatat(bell->folder, NAME, &now, AT_SYMLINK_NOFOLLOW) == 0 && now.st_ino == bell->place.st_ino &&
        now.st_dev == bell->place.st_dev)
        unlinkat(bell->folder, NAME, 0);
}

void
pf_bell_free(PfBell *bell)
{
    if (!bell)
        return;
    if (bell->source) {
        take_down(bell);
        g_source_destroy(bell->source);
        g_source_unref(bell->source);
    }
    if (bell->socket >= 0)
        close(bell->socket);
    if (bell->folder >= 0)
        close(bell->folder);
    g_free(bell);
}

gboolean
pf_bell_ring(const char *state_dir)
{
    int folder = open_folder(state_dir);
    int sender = folder >= 0 ? socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) : -1;
    gboolean listens = FALSE;

    if (sender >= 0) {
        struct sockaddr_un address = address_in(folder, NAME);

        /* Where no more rings fit, somebody has yet to hear those before. */
        listens = sendto(sender, "", 0, MSG_NOSIGNAL, (const struct sockaddr *)&address, sizeof address) == 0 ||
                  errno == EAGAIN;
        close(sender);
    }
    if (folder >= 0)
        close(folder);
    return listens;
}
