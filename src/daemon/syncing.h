/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asks the synchronisation server ([feeds] sync, sources/sync_server.h) which feeds its devices follow and what they
 * have played. The feeds are written into a list of the state folder, which [feeds] subscriptions follows like any
 * other; what was played is added to the arrivals. When to ask is up to the caller. Everything happens on the
 * thread's default main context.
 */
#pragma once

#include "config/config.h"
#include "config/credentials.h"
#include "queue/queue.h"

typedef struct PfSyncing PfSyncing;

/** How it went. */
typedef struct {
    gint64 failures;    /* how many in a row have failed; 0 when this one went well */
    gint64 retry_after; /* seconds that the server asks to wait, 0 for none */
    guint added;        /* how many arrivals there are more */
} PfSyncingResult;

typedef void (*PfSyncingDone)(const PfSyncingResult *result, gpointer data);

/** Makes one that asks nothing yet; @queue and @state_dir must outlive it. */
PfSyncing *pf_syncing_new(PfQueue *queue, const char *state_dir);

/** Frees it; what is under way is given up. @syncing: NULL is allowed */
void pf_syncing_free(PfSyncing *syncing);

/**
 * Asks the server that a configuration names; without one, or while an answer is waited for, nothing happens.
 *
 * @done: is called once, always from the main loop
 */
void pf_syncing_begin(PfSyncing *syncing, const PfConfig *config, PfSyncingDone done, gpointer data);

/** Whether an answer is waited for. @syncing: NULL is allowed */
gboolean pf_syncing_is_busy(const PfSyncing *syncing);

/**
 * Reads when the server of a configuration was asked last, and how many times in a row it has failed.
 *
 * @asked: (out): seconds since the epoch; 0 for never
 *
 * Returns: FALSE with a PF_DATABASE_ERROR set.
 */
gboolean pf_syncing_load(PfQueue *queue, const PfConfig *config, gint64 *asked, gint64 *failures, GError **error);

/** Notes that the password of a configuration's server is new: what it was asked with before says nothing. */
gboolean pf_syncing_note_login(PfQueue *queue, const PfConfig *config, GError **error);

/** Where the password of a server is. @name: of PfSyncServer, lent. */
PfCredentials pf_syncing_get_credentials(const PfConfig *config, const char *state_dir, const char *name);

/**
 * Asks a server for its devices, and waits for it: for finding out whether a password is right.
 *
 * @devices: (out): how many there are
 *
 * Returns: FALSE with a PF_SYNC_ERROR set.
 */
gboolean pf_syncing_try(const PfConfig *config, const char *password, guint *devices, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfSyncing, pf_syncing_free)
