/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tells when routes change: the moment to try again a server that could not be reached. The kernel is asked itself
 * (rtnetlink(7)), without GNetworkMonitor: that one tells of a change of whether there is a network at all, and of
 * others only in some versions of GLib and by some of its back ends, while a server may become reachable by any route,
 * as that of a VPN or a neighbour's; and it keeps D-Bus connections open for as long as the process lives. A watch
 * costs a socket, and wakes the process up for nothing but such changes; keep one only while something waits for them.
 */
#pragma once

#include <glib.h>

typedef struct PfNetworkWatch PfNetworkWatch;

/** Is called after routes have changed, once for what came at a time, from the main loop. It may free the watch. */
typedef void (*PfNetworkFunc)(gpointer data);

/**
 * Begins to watch, on the thread's default main context.
 *
 * Returns: (transfer full); NULL where the system does not allow it.
 */
PfNetworkWatch *pf_network_watch_new(PfNetworkFunc changed, gpointer data);

/** Ends it. @watch: or NULL */
void pf_network_watch_free(PfNetworkWatch *watch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfNetworkWatch, pf_network_watch_free)
