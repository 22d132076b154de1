/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/session_bus.h"
#include "base/i18n.h"

char *
pf_session_bus_dup_address(void)
{
    const char *address = g_getenv("DBUS_SESSION_BUS_ADDRESS");
    /* Not g_get_user_runtime_dir(), which makes ~/.cache where there is none. */
    const char *runtime = g_getenv("XDG_RUNTIME_DIR");

    if (address && *address)
        return g_strdup(address);
    if (!runtime)
        return NULL;
    g_autofree char *socket = g_build_filename(runtime, "bus", NULL);
    g_autofree char *escaped = g_dbus_address_escape_value(socket);
    return g_file_test(socket, G_FILE_TEST_EXISTS) ? g_strconcat("unix:path=", escaped, NULL) : NULL;
}

GDBusConnection *
pf_session_bus_connect(GError **error)
{
    g_autofree char *address = pf_session_bus_dup_address();

    if (!address) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("there is no session bus"));
        return NULL;
    }
    return g_dbus_connection_new_for_address_sync(address, PF_SESSION_BUS_FLAGS, NULL, NULL, error);
}
