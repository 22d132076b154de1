/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lock that makes one process the sender: a locked file in the state folder that holds the process's id. The kernel
 * releases it when the process ends, however it ends.
 */
#pragma once

#include <glib.h>

#define PF_QUEUE_LOCK_ERROR (pf_queue_lock_error_quark())
GQuark pf_queue_lock_error_quark(void);

typedef enum {
    PF_QUEUE_LOCK_ERROR_HELD, /* another process sends; the message names it */
    PF_QUEUE_LOCK_ERROR_FILE, /* the file cannot be made or locked */
} PfQueueLockError;

typedef struct PfQueueLock PfQueueLock;

/** Takes the lock of a state folder, without waiting. Returns NULL with a PF_QUEUE_LOCK_ERROR set. */
PfQueueLock *pf_queue_lock_take(const char *state_dir, GError **error);
void pf_queue_lock_release(PfQueueLock *lock);

/** The process that holds the lock of a state folder; 0 when nobody does. */
gint64 pf_queue_lock_get_holder(const char *state_dir);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfQueueLock, pf_queue_lock_release)
