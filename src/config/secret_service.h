/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The access token in the desktop's keyring, by the Secret Service interface that GNOME Keyring, KWallet and KeePassXC
 * have on the session bus (https://specifications.freedesktop.org/secret-service-spec/). A token is an item with the
 * attributes xdg:schema = org.podflattr.Token and api = the server's address, in the default collection.
 *
 * Every call waits for the answer, in whichever thread it is made. Messages are words for a person, and hold no secret.
 */
#pragma once

#include <glib.h>

#define PF_SECRET_SERVICE_ERROR (pf_secret_service_error_quark())
GQuark pf_secret_service_error_quark(void);

typedef enum {
    PF_SECRET_SERVICE_ERROR_ABSENT, /* there is no bus, no such service, or no collection */
    PF_SECRET_SERVICE_ERROR_LOCKED, /* the keyring is locked, and the user did not unlock it */
    PF_SECRET_SERVICE_ERROR_FAILED, /* it does not do what it should */
} PfSecretServiceError;

/**
 * Finds the token for a server. Asks the user nothing: a locked keyring is an error.
 *
 * @token: (out) (transfer full): NULL when there is none for that server
 */
gboolean pf_secret_service_load(const char *endpoint, char **token, GError **error);

/** Stores a token in place of the one before; the service may ask the user to unlock the keyring. */
gboolean pf_secret_service_save(const char *endpoint, const char *token, GError **error);

/** Removes the token for a server; may ask the user too. @was_there: (out) */
gboolean pf_secret_service_forget(const char *endpoint, gboolean *was_there, GError **error);
