/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The events that were answered and whose command has not succeeded yet: a folder with a file for each, which holds the
 * form as it came and is named after the time when it came. So neither a crash nor a command that fails loses one. One
 * process at a time has the folder, since two would hand over each event twice. One thread.
 */
#pragma once

#include <glib.h>

/*
 * The e-mail addresses of a partner's users. The server names owners by their addresses' MD5 hash alone; to complete
 * the address where they claim their things, the partner must know whose it is.
 */

/**
 * Reads a file of addresses, one a line; empty lines and those that begin with "#" are skipped. Each is found by the
 * hash of the address as it is written, and of it lower-cased.
 *
 * @path: the file
 *
 * Returns: (transfer full): hashes to addresses; NULL with a GFileError set, or a GConvertError when a line is no
 * address.
 */
GHashTable *pf_partner_emails_load(const char *path, GError **error);

#define PF_PARTNER_STORE_ERROR (pf_partner_store_error_quark())
GQuark pf_partner_store_error_quark(void);

typedef enum {
    PF_PARTNER_STORE_ERROR_FOLDER, /* the folder cannot be made, read or locked */
    PF_PARTNER_STORE_ERROR_HELD,   /* another process has it */
} PfPartnerStoreError;

typedef struct PfPartnerStore PfPartnerStore;

/** Opens, and makes where there is none, a folder; locked until it is freed, however the process ends. */
PfPartnerStore *pf_partner_store_open(const char *folder, GError **error);
void pf_partner_store_free(PfPartnerStore *store);

/**
 * Stores an event; it is on the disk when this returns.
 *
 * @body: the form, without NULs
 * @received: when it came, seconds since the epoch
 *
 * Returns: (transfer full): its name; NULL with a PF_PRIVATE_FILE_ERROR set.
 */
char *pf_partner_store_add(PfPartnerStore *store, const char *body, gint64 received, GError **error);

/** The names of all events, the earliest first. Returns: (transfer full): NULL with a PF_PARTNER_STORE_ERROR set. */
GPtrArray *pf_partner_store_list(const PfPartnerStore *store, GError **error);

/**
 * Reads an event.
 *
 * @length: (out): the form's bytes
 * @received: (out): as it was stored
 *
 * Returns: (transfer full): the form; NULL with a GFileError set.
 */
char *pf_partner_store_read(const PfPartnerStore *store, const char *name, gsize *length, gint64 *received,
                            GError **error);

/** Removes an event that was dealt with. Returns FALSE with a PF_PRIVATE_FILE_ERROR set. */
gboolean pf_partner_store_remove(PfPartnerStore *store, const char *name, GError **error);

/** Adds ".bad" to the name of an event that cannot be read, so that it is in nobody's way, and tells of it. */
void pf_partner_store_set_aside(PfPartnerStore *store, const char *name, const char *fault);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfPartnerStore, pf_partner_store_free)
