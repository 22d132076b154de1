/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A server by which podcatchers keep their subscriptions and what was played in step: gpodder.net, or another that
 * speaks its API (version 2), such as oPodSync; and Nextcloud's app GPodder Sync, by its address that ends with
 * /apps/gpoddersync. Here are the addresses to ask and what the answers say; daemon/syncing.h asks. Read only: nothing
 * is ever changed on it. Pure; any thread.
 */
#pragma once

#include <glib.h>

#define PF_SYNC_ERROR (pf_sync_error_quark())
GQuark pf_sync_error_quark(void);

typedef enum {
    PF_SYNC_ERROR_ADDRESS, /* the setting is none of a server */
    PF_SYNC_ERROR_ANSWER,  /* the answer is not what it should be */
    PF_SYNC_ERROR_REFUSED, /* the password is missing or wrong */
    PF_SYNC_ERROR_FAILED,  /* the server cannot be asked now */
} PfSyncError;

/** The name that [feeds] subscriptions has for the server's subscriptions. */
#define PF_SYNC_NAME "sync"

/** An answer of more bytes is not read. */
#define PF_SYNC_MAX_BYTES ((gint64)8 * 1024 * 1024)

typedef struct {
    char *base; /* its address, without user and slash at the end */
    char *user;
    char *name; /* base with the user in it: names it where passwords and what it said are kept */
    gboolean is_nextcloud;
} PfSyncServer;

/**
 * Reads the setting: https://USER@HOST/PATH. A password does not belong in a file that others may read, and is not sent
 * by http except on this machine.
 *
 * @server: (out): free with pf_sync_server_clear()
 *
 * Returns: FALSE with PF_SYNC_ERROR_ADDRESS set, in words for the user.
 */
gboolean pf_sync_server_parse(const char *setting, PfSyncServer *server, GError **error);
void pf_sync_server_clear(PfSyncServer *server);

/** The list of devices. Returns: (transfer full): NULL for a server that has none but one list for all. */
char *pf_sync_server_dup_devices(const PfSyncServer *server);

/** The subscriptions of a device. @device: NULL where there are none. Returns: (transfer full). */
char *pf_sync_server_dup_feeds(const PfSyncServer *server, const char *device);

/** What was done with episodes. @since: as the server said, or seconds since the epoch. Returns: (transfer full). */
char *pf_sync_server_dup_plays(const PfSyncServer *server, gint64 since);

/** Reads the list of devices. @devices: their ids (char *) are added. Returns: FALSE with a PF_SYNC_ERROR set. */
gboolean pf_sync_read_devices(const char *text, gsize length, GPtrArray *devices, GError **error);

/**
 * Reads the subscriptions of a device.
 *
 * @feeds: addresses (char *) are added, each once, those of the web alone
 *
 * Returns: FALSE with a PF_SYNC_ERROR set.
 */
gboolean pf_sync_read_feeds(const char *text, gsize length, GPtrArray *feeds, GError **error);

/**
 * Reads what was done with episodes: pieces that were played from a position to another.
 *
 * @plays: PfPlay of PF_PLAY_PIECE are added
 * @since: (out): what is to be asked for next; left as it is where the server does not say
 *
 * Returns: FALSE with a PF_SYNC_ERROR set.
 */
gboolean pf_sync_read_plays(const char *text, gsize length, GPtrArray *plays, gint64 *since, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PfSyncServer, pf_sync_server_clear)
