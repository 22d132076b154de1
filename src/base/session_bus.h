/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The user's session bus. Each connection is its owner's alone: GLib's shared one ends the process when the bus goes
 * away, and podflattr goes on without a bus.
 */
#pragma once

#include <gio/gio.h>

/** Whether this session has a bus; none is started for it. Any thread. */
gboolean pf_session_bus_is_there(void);

/**
 * Connects to the session bus; the bus may be started for it, as GLib does. Blocks until the bus has answered. When the
 * bus goes away, the connection is closed, and that is all.
 *
 * Returns: (transfer full): the connection, of the thread's default main context; NULL with a G_IO_ERROR or
 * G_DBUS_ERROR set. Any thread.
 */
GDBusConnection *pf_session_bus_connect(GError **error);
