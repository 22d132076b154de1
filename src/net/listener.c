/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

GInetSocketAddress *
pf_listener_read_address(const char *text)
{
    const char *colon = strrchr(text, ':');
    guint64 port = 0;

    if (!colon || !g_ascii_string_to_unsigned(colon + 1, 10, 0, 65535, &port, NULL))
        return NULL;
    g_autofree char *host = g_strndup(text, (gsize)(colon - text));
    gsize length = strlen(host);
    if (g_str_equal(host, "localhost"))
        return G_INET_SOCKET_ADDRESS(g_inet_socket_address_new_from_string("127.0.0.1", (guint)port));
    if (length > 2 && host[0] == '[' && host[length - 1] == ']') {
        memmove(host, host + 1, length - 2);
        host[length - 2] = '\0';
    } else if (strchr(host, ':')) {
        return NULL;
    }
    GSocketAddress *address = g_inet_socket_address_new_from_string(host, (guint)port);
    return address ? G_INET_SOCKET_ADDRESS(address) : NULL;
}

int
pf_listener_open(GInetSocketAddress *address, int backlog, GError **error)
{
    struct sockaddr_storage native;
    gssize size = g_socket_address_get_native_size(G_SOCKET_ADDRESS(address));
    const int yes = 1;

    if (!g_socket_address_to_native(G_SOCKET_ADDRESS(address), &native, sizeof native, error))
        return -1;
    int fd = socket(native.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        bind(fd, (struct sockaddr *)&native, (socklen_t)size) != 0 || listen(fd, backlog) != 0) {
        g_set_error_literal(error, G_IO_ERROR, g_io_error_from_errno(errno), g_strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

static GInetSocketAddress *
read_bound(int fd, GError **error)
{
    struct sockaddr_storage native;
    socklen_t size = sizeof native;

    if (getsockname(fd, (struct sockaddr *)&native, &size) == 0)
        return G_INET_SOCKET_ADDRESS(g_socket_address_new_from_native(&native, size));
    g_set_error_literal(error, G_IO_ERROR, g_io_error_from_errno(errno), g_strerror(errno));
    return NULL;
}

gboolean
pf_listener_read_port(int fd, guint16 *port, GError **error)
{
    g_autoptr(GInetSocketAddress) bound = read_bound(fd, error);

    if (bound)
        *port = g_inet_socket_address_get_port(bound);
    return bound != NULL;
}

char *
pf_listener_dup_base(int fd, GError **error)
{
    g_autoptr(GInetSocketAddress) bound = read_bound(fd, error);

    if (!bound)
        return NULL;
    GInetAddress *address = g_inet_socket_address_get_address(bound);
    g_autofree char *text = g_inet_address_to_string(address);
    return g_strdup_printf(g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV6 ? "http://[%s]:%u"
                                                                                      : "http://%s:%u",
                           text, g_inet_socket_address_get_port(bound));
}

/* An address as /proc/net/tcp has it: the words of the address as the machine has them, and the port. */
static char *
dup_proc_address(const struct sockaddr_storage *address)
{
    const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)address;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)address;
    guint32 words[4];

    if (address->ss_family == AF_INET)
        return g_strdup_printf("%08X:%04X", four->sin_addr.s_addr, ntohs(four->sin_port));
    memcpy(words, &six->sin6_addr, sizeof words);
    return g_strdup_printf("%08X%08X%08X%08X:%04X", words[0], words[1], words[2], words[3], ntohs(six->sin6_port));
}

/* A socket that its program has closed has no owner any more, and is shown as root's: it is in another state then. */
#define ESTABLISHED "01"

/* The line of a socket: number, its address, the other one, state, queues, timer, retransmits, user … */
static gboolean
is_own_line(const char *line, const char *here, const char *there)
{
    char local[48], remote[48], state[8];
    unsigned int user;

    return sscanf(line, " %*d: %47s %47s %7s %*s %*s %*s %u", local, remote, state, &user) == 4 &&
           g_str_equal(local, here) && g_str_equal(remote, there) && g_str_equal(state, ESTABLISHED) &&
           user == geteuid();
}

gboolean
pf_listener_peer_is_user(int connection)
{
    struct sockaddr_storage ours, theirs;
    socklen_t our_size = sizeof ours, their_size = sizeof theirs;
    g_autofree char *text = NULL;

    if (getsockname(connection, (struct sockaddr *)&ours, &our_size) != 0 ||
        getpeername(connection, (struct sockaddr *)&theirs, &their_size) != 0 ||
        !g_file_get_contents(ours.ss_family == AF_INET6 ? "/proc/net/tcp6" : "/proc/net/tcp", &text, NULL, NULL))
        return FALSE;
    g_autofree char *here = dup_proc_address(&theirs);
    g_autofree char *there = dup_proc_address(&ours);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++)
        if (is_own_line(*line, here, there))
            return TRUE;
    return FALSE;
}
