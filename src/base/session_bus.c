/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/session_bus.h"

gboolean
pf_session_bus_is_there(void)
{
    const char *address = g_getenv("DBUS_SESSION_BUS_ADDRESS");
    g_autofree char *usual = g_build_filename(g_get_user_runtime_dir(), "bus", NULL);

    return (address && *address) || g_file_test(usual, G_FILE_TEST_EXISTS);
}

GDBusConnection *
pf_session_bus_connect(GError **error)
{
    g_autofree char *address = g_dbus_address_get_for_bus_sync(G_BUS_TYPE_SESSION, NULL, error);

    if (!address)
        return NULL;
    return g_dbus_connection_new_for_address_sync(
        address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL,
        NULL, error);
}
