/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/network_watch.h"

#include <errno.h>
#include <glib-unix.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

/* Messages are read in one go up to here, lest routes that change without end keep the main loop from all else. */
#define MOST_AT_ONCE 64

struct PfNetworkWatch {
    int socket;
    GSource *source;
    PfNetworkFunc changed;
    gpointer data;
};

/* What a message says does not matter: a route that came may lead to the server, and one that went may have led astray.
 * So it is no harm either when so many came that the kernel has dropped some (ENOBUFS). */
static gboolean
drain(int descriptor)
{
    gboolean any = FALSE;
    char nothing;

    for (guint i = 0; i < MOST_AT_ONCE; i++) {
        if (recv(descriptor, &nothing, sizeof nothing, MSG_DONTWAIT | MSG_TRUNC) < 0 && errno != ENOBUFS)
            break;
        any = TRUE;
    }
    return any;
}

static gboolean
heard(int descriptor, GIOCondition condition, gpointer data)
{
    PfNetworkWatch *watch = data;

    (void)condition;
    if (drain(descriptor))
        watch->changed(watch->data);
    return G_SOURCE_CONTINUE;
}

PfNetworkWatch *
pf_network_watch_new(PfNetworkFunc changed, gpointer data)
{
    const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE};
    int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);

    if (descriptor < 0)
        return NULL;
    if (bind(descriptor, (const struct sockaddr *)&address, sizeof address) != 0) {
        close(descriptor);
        return NULL;
    }
    PfNetworkWatch *watch = g_new(PfNetworkWatch, 1);
    *watch = (PfNetworkWatch){
        .socket = descriptor, .source = g_unix_fd_source_new(descriptor, G_IO_IN), .changed = changed, .data = data};
    g_source_set_callback(watch->source, G_SOURCE_FUNC(heard), watch, NULL);
    g_source_attach(watch->source, g_main_context_get_thread_default());
    return watch;
}

void
pf_network_watch_free(PfNetworkWatch *watch)
{
    if (!watch)
        return;
    g_source_destroy(watch->source);
    g_source_unref(watch->source);
    close(watch->socket);
    g_free(watch);
}
