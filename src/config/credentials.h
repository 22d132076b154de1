/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The access token. It is looked for in three places, and the first that has one counts: the environment variable
 * PODFLATTR_TOKEN; the file `podflattr-token` in $CREDENTIALS_DIRECTORY, where systemd puts what a unit loads as a
 * credential; and the store, where a login puts it: a file of its own or the desktop's keyring (secret_service.h),
 * as the configuration says. What is stored belongs to one server and is used for no other. The password of a
 * synchronisation server is kept in the same store, and nowhere else.
 *
 * Functions here set a PF_CONFIG_ERROR, PF_PRIVATE_FILE_ERROR or PF_SECRET_SERVICE_ERROR. No message holds the token.
 */
#pragma once

#include "config/config.h"

/** Where the store is and whom the token is for. All lent. */
typedef struct {
    PfTokenStore store;
    const char *state_dir;
    const char *endpoint; /* the server's API, normalized; or a synchronisation server's name (PfSyncServer) */
    gboolean is_password; /* of a synchronisation server: kept beside the token, and in the store alone */
} PfCredentials;

/**
 * Finds the token for a server.
 *
 * @token: (out) (transfer full): the token; NULL when there is none for that server
 *
 * Returns: FALSE with an error set when there are credentials that must not be used.
 */
gboolean pf_credentials_load(const PfCredentials *credentials, char **token, GError **error);

typedef struct PfCredentialsLoad PfCredentialsLoad;

/**
 * Is called once, from the main loop of the thread that asked, with what pf_credentials_load() would give.
 *
 * @endpoint: the server that was asked about
 * @token: (transfer full): NULL when there is none, or with @error
 * @error: lent; NULL when the credentials could be read
 */
typedef void (*PfCredentialsLoaded)(const char *endpoint, char *token, const GError *error, gpointer data);

/**
 * Finds the token for a server without holding up the thread that asks: a keyring may take its time.
 *
 * @credentials: copied
 *
 * Returns: what pf_credentials_load_abandon() takes, until @loaded is called.
 */
PfCredentialsLoad *pf_credentials_load_begin(const PfCredentials *credentials, PfCredentialsLoaded loaded,
                                             gpointer data);

/** Has `loaded` not be called any more. NULL does nothing. */
void pf_credentials_load_abandon(PfCredentialsLoad *load);

/** Puts a token into the store, in place of the one before. May have the desktop ask the user. */
gboolean pf_credentials_save(const PfCredentials *credentials, const char *token, GError **error);

/** Removes the stored token. @was_there: (out) */
gboolean pf_credentials_forget(const PfCredentials *credentials, gboolean *was_there, GError **error);

/** What comes before the store at present. Returns: (transfer full): its name for people; NULL when nothing does. */
char *pf_credentials_dup_override(void);
