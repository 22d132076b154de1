/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The HTTP server: sockets and libmicrohttpd, nothing of the API. It turns what comes in into requests, has the service
 * handle them, and sends the answers, well or as a fault orders.
 *
 * One thread serves each connection. A fault may so sleep where it is met without holding up any other request, which
 * an event loop would have to be taught for each of them; and on loopback a few hundred threads cost a test nothing.
 */
#pragma once

#include "sandbox/service.h"

#include <gio/gio.h>

typedef struct SandboxServer SandboxServer;

/**
 * Listens, and serves from then on in threads of its own.
 *
 * @service: not owned; must outlive the server. Its base is set from the address listened at
 * @address: where; port 0 takes a free one
 * @error: a GIOError when the address cannot be had
 *
 * Returns: (transfer full): the server, or NULL.
 */
SandboxServer *sandbox_server_start(SandboxService *service, GInetSocketAddress *address, GError **error);

/** Stops the service and the server: connections are closed, whatever goes on there, and the threads are waited for. */
void sandbox_server_stop(SandboxServer *server);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxServer, sandbox_server_stop)
