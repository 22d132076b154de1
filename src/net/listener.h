/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a server of ours listens: reads the address that the user names, opens the socket, and says where it is. The
 * socket is made here and not by libmicrohttpd, which would not say why an address cannot be had. Any thread.
 */
#pragma once

#include <gio/gio.h>

/**
 * Reads "127.0.0.1:80", "[::1]:80" or "localhost:80", which is 127.0.0.1. Pure: no name is resolved.
 *
 * Returns: (transfer full): the address; NULL for anything else.
 */
GInetSocketAddress *pf_listener_read_address(const char *text);

/**
 * Opens a socket that listens; it is closed when another program is run.
 *
 * @address: where; port 0 takes a free one
 * @backlog: how many connections may wait to be accepted
 *
 * Returns: the socket, to be closed by the caller; -1 with a GIOError set when the address cannot be had.
 */
int pf_listener_open(GInetSocketAddress *address, int backlog, GError **error);

/** Finds the port that a socket listens at. Returns FALSE with a GIOError set. */
gboolean pf_listener_read_port(int fd, guint16 *port, GError **error);

/** Says where a socket listens: "http://127.0.0.1:8080". Returns: (transfer full): NULL with a GIOError set. */
char *pf_listener_dup_base(int fd, GError **error);

/**
 * Finds out whether a connection from this machine is the user's own: the kernel lists whose each socket is.
 *
 * @connection: one that was accepted, and is still open at both ends
 *
 * Returns: FALSE also when the kernel does not say, as for connections from elsewhere. Any thread.
 */
gboolean pf_listener_peer_is_user(int connection);
