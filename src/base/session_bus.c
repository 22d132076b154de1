/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/session_bus.h"
#include "base/i18n.h"
#include <sys/stat.h>
#include <unistd.h>

/* How long a bus may take to let this program in, seconds: GLib itself would wait for ever. */
#define TIMEOUT 10

const char *
pf_runtime_folder_find(void)
{
    /* Not g_get_user_runtime_dir(), which makes ~/.cache where there is none. */
    const char *path = g_getenv("XDG_RUNTIME_DIR");
    struct stat status;

    /* After "su", it may be another user's; who else can write it could put a bus of their own there, which would be
     * given the access token to keep. */
    return path && g_path_is_absolute(path) && stat(path, &status) == 0 && S_ISDIR(status.st_mode) &&
                   status.st_uid == geteuid() && !(status.st_mode & 022)
               ? path
               : NULL;
}

char *
pf_session_bus_dup_address(void)
{
    const char *address = g_getenv("DBUS_SESSION_BUS_ADDRESS");
    const char *runtime = pf_runtime_folder_find();

    if (address && *address)
        return g_strdup(address);
    if (!runtime)
        return NULL;
    g_autofree char *socket = g_build_filename(runtime, "bus", NULL);
    g_autofree char *escaped = g_dbus_address_escape_value(socket);
    return g_file_test(socket, G_FILE_TEST_EXISTS) ? g_strconcat("unix:path=", escaped, NULL) : NULL;
}

typedef struct {
    GCancellable *cancellable;
    GMutex mutex;
    GCond connected;
    gboolean is_connected; /* or has failed, under the mutex */
} Connecting;

/* A thread, since the connection's main context is not iterated while it is made. */
static gpointer
limit_time(gpointer data)
{
    Connecting *connecting = data;
    gint64 deadline = g_get_monotonic_time() + TIMEOUT * G_TIME_SPAN_SECOND;

    g_mutex_lock(&connecting->mutex);
    while (!connecting->is_connected && g_cond_wait_until(&connecting->connected, &connecting->mutex, deadline))
        continue;
    if (!connecting->is_connected)
        g_cancellable_cancel(connecting->cancellable);
    g_mutex_unlock(&connecting->mutex);
    return NULL;
}

GDBusConnection *
pf_session_bus_connect(GError **error)
{
    g_autofree char *address = pf_session_bus_dup_address();
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GError) failure = NULL;
    Connecting connecting = {.cancellable = cancellable};

    if (!address) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("there is no session bus"));
        return NULL;
    }
    g_mutex_init(&connecting.mutex);
    g_cond_init(&connecting.connected);
    GThread *limit = g_thread_new("bus", limit_time, &connecting);
    GDBusConnection *bus =
        g_dbus_connection_new_for_address_sync(address, PF_SESSION_BUS_FLAGS, NULL, cancellable, &failure);
    g_mutex_lock(&connecting.mutex);
    connecting.is_connected = TRUE;
    g_cond_signal(&connecting.connected);
    g_mutex_unlock(&connecting.mutex);
    g_thread_join(limit);
    g_mutex_clear(&connecting.mutex);
    g_cond_clear(&connecting.connected);
    if (g_error_matches(failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, _("the session bus does not answer"));
    else if (failure)
        g_propagate_error(error, g_steal_pointer(&failure));
    /* cppcheck-suppress memleak; the thread is joined */
    return bus;
}
