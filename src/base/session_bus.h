/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The user's session bus. None is started where there is none, as GLib would do. Each connection is its owner's alone:
 * GLib's shared one ends the process when the bus goes away, and podflattr goes on without a bus.
 */
#pragma once

#include <gio/gio.h>

/** For g_dbus_connection_new_for_address(), for callers that cannot wait for pf_session_bus_connect(). */
#define PF_SESSION_BUS_FLAGS                                                                                           \
    (G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION)

/** Finds the folder of the user's session. Returns: (nullable) (transfer none): XDG_RUNTIME_DIR where that is, as its
 * specification wants it, an absolute path to a folder that is the user's and that nobody else can write. Any thread.
 */
const char *pf_runtime_folder_find(void);

/** Finds the session bus. Returns: (transfer full) (nullable): its address; NULL where there is none. Any thread. */
char *pf_session_bus_dup_address(void);

/**
 * Connects to the session bus. Blocks until the bus has answered, for ten seconds at the most. When the bus goes away,
 * the connection is closed, and that is all.
 *
 * Returns: (transfer full): the connection, of the thread's default main context; NULL with a G_IO_ERROR or
 * G_DBUS_ERROR set, G_IO_ERROR_NOT_FOUND where there is no bus, G_IO_ERROR_TIMED_OUT where it does not answer. Any
 * thread.
 */
GDBusConnection *pf_session_bus_connect(GError **error);
