/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Wakes another process: a datagram socket named "bell" in the state folder. A datagram says that there is something
 * new in the store and carries nothing else, so one that nobody receives loses nothing.
 *
 * The socket is the user's alone (0600), and works however long the folder's path is.
 */
#pragma once

#include <glib.h>

#define PF_WAKEUP_SOCKET_ERROR (pf_wakeup_socket_error_quark())
GQuark pf_wakeup_socket_error_quark(void);

typedef enum {
    PF_WAKEUP_SOCKET_ERROR_SOCKET, /* the socket cannot be made */
} PfWakeupSocketError;

typedef struct PfWakeupSocket PfWakeupSocket;

/** Called from the main loop when a datagram has come. */
typedef void (*PfWakeupSocketFunc)(gpointer data);

/**
 * Listens, on the thread's default main context. Datagrams that come together are one call. An earlier listener of the
 * same folder receives nothing from then on; queue/queue.h decides who may listen.
 *
 * @state_dir: the folder; it must exist
 *
 * Returns: (transfer full): the socket; NULL with a PF_WAKEUP_SOCKET_ERROR set.
 */
PfWakeupSocket *pf_wakeup_socket_new(const char *state_dir, PfWakeupSocketFunc woken, gpointer data, GError **error);

/** Stops listening, in the thread that began to. */
void pf_wakeup_socket_free(PfWakeupSocket *wakeup);

/** Wakes the listener, without ever waiting. Returns whether somebody listens; that nobody does is no error. Any
 * thread. */
gboolean pf_wakeup_socket_signal(const char *state_dir);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfWakeupSocket, pf_wakeup_socket_free)
