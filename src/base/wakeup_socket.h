/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bell between processes: a datagram socket named "bell" in the state folder. Ringing says that there is something
 * new in the store and carries nothing else, so a ring that nobody hears loses nothing.
 *
 * The socket is the user's alone (0600), and works however long the folder's path is.
 */
#pragma once

#include <glib.h>

#define PF_BELL_ERROR (pf_bell_error_quark())
GQuark pf_bell_error_quark(void);

typedef enum {
    PF_BELL_ERROR_SOCKET, /* the socket cannot be made */
} PfBellError;

typedef struct PfBell PfBell;

/** Is called when the bell rang, from the main loop. */
typedef void (*PfBellFunc)(gpointer data);

/**
 * Listens, on the thread's default main context. Rings that come together are one call. An earlier listener of the same
 * folder hears nothing from then on; who may be the one is decided elsewhere (queue_lock.h).
 *
 * @state_dir: the folder; it must exist
 *
 * Returns: (transfer full): the bell; NULL with a PF_BELL_ERROR set.
 */
PfBell *pf_bell_new(const char *state_dir, PfBellFunc ring, gpointer data, GError **error);

/** Stops listening, in the thread that began to. */
void pf_bell_free(PfBell *bell);

/** Rings, without ever waiting. Returns whether somebody listens; that nobody does is no error. Any thread. */
gboolean pf_bell_ring(const char *state_dir);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfBell, pf_bell_free)
