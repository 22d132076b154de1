/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The steps of OAuth 2's authorization code flow (RFC 6749, 4.1), each on its own: the address to open, the answer that
 * comes back, the code for a token, and whose token that is. What asks a server waits for its answer.
 */
#pragma once

#include "config/config.h"
#include "flattr/flattr.h"
#include <gio/gio.h>
#include <glib.h>

/*
 * What can go wrong in a login. Settings that are wrong are PF_CONFIG_ERRORs, a server that cannot be reached is a
 * FLATTR_ERROR. No message holds a token, a code or a secret.
 */

#define PF_LOGIN_ERROR (pf_login_error_quark())
GQuark pf_login_error_quark(void);

typedef enum {
    PF_LOGIN_ERROR_REFUSED, /* the person or the server said no */
    PF_LOGIN_ERROR_FOREIGN, /* an answer is none, or one to another login */
    PF_LOGIN_ERROR_TIMEOUT, /* nobody answered in time */
    PF_LOGIN_ERROR_LISTEN,  /* the answer cannot be listened for */
} PfLoginError;

/*
 * A login that is under way: what was asked of the server, which its answer must fit. It is kept in the file `login` of
 * the state folder, so that another run of the program can finish it by hand:
 *
 *     [login]
 *     api = https://api.example.org/rest/v2
 *     redirect = http://127.0.0.1:40123/
 *     state = …
 *     verifier = …
 *     begun = 1400000000
 */

/** So long a login that is finished by hand may take, seconds. */
#define PF_ATTEMPT_SECONDS 3600

typedef struct {
    char *endpoint; /* the API that the token will be for */
    char *redirect; /* where the server leads the browser back to */
    char *state;    /* comes back with the answer; 128 random bits */
    char *verifier; /* PKCE's; 256 random bits */
    gint64 begun;   /* seconds since the epoch */
} PfAttempt;

/** Begins one, with a state of its own. Returns: (transfer full). */
PfAttempt *pf_attempt_new(const char *endpoint, const char *redirect);
void pf_attempt_free(PfAttempt *attempt);

/** Keeps it in place of an earlier one. Returns FALSE with a PF_PRIVATE_FILE_ERROR set. */
gboolean pf_attempt_save(const PfAttempt *attempt, const char *state_dir, GError **error);

/**
 * Finds the one that is kept.
 *
 * Returns: (transfer full); NULL with a PF_PRIVATE_FILE_ERROR set, or a PF_LOGIN_ERROR_FOREIGN when there is none for
 * that API, or one that is too old.
 */
PfAttempt *pf_attempt_load(const char *state_dir, const char *endpoint, GError **error);

/** Forgets the one that is kept. Returns FALSE with a PF_PRIVATE_FILE_ERROR set. */
gboolean pf_attempt_forget(const char *state_dir, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfAttempt, pf_attempt_free)

/** Checks what the configuration says of the server's pages and of this client. FALSE: a PF_CONFIG_ERROR is set. */
gboolean pf_authorize_check(const PfConfig *config, GError **error);

/** Writes the address that the person is to open. Who knows it could answer in the person's place: it is for their eyes
 * and their browser only. Returns: (transfer full). For what was checked. */
char *pf_authorize_dup_address(const PfConfig *config, const PfAttempt *attempt);

/**
 * Reads the answer that the browser was led back with.
 *
 * @address: where it was led, whole
 *
 * Returns: (transfer full): the code; NULL with PF_LOGIN_ERROR_REFUSED set, or _FOREIGN for what is no answer to this
 * attempt, from whomever it is.
 */
char *pf_authorize_read_code(const PfAttempt *attempt, const char *address, GError **error);

/**
 * Exchanges the code for a token.
 *
 * Returns: (transfer full); NULL with a PF_LOGIN_ERROR_REFUSED, PF_CONFIG_ERROR or FLATTR_ERROR set.
 */
char *pf_authorize_exchange(const PfConfig *config, const PfAttempt *attempt, const char *code, GError **error);

/**
 * Has the server revoke a token, at the revocation endpoint of the configuration, which must not be empty.
 *
 * Returns: FALSE with a PF_CONFIG_ERROR, PF_LOGIN_ERROR or FLATTR_ERROR set: the token may still be good.
 */
gboolean pf_authorize_revoke(const PfConfig *config, const char *token, GError **error);

/** Asks whose a token is. Returns: (transfer full); NULL with a FLATTR_ERROR set. */
FlattrUser *pf_authorize_ask_user(const PfConfig *config, const char *endpoint, const char *token, GError **error);

/** The full name of a person. Returns: (transfer full): "" when the server does not say. */
char *pf_authorize_dup_full_name(const FlattrUser *user);

/**
 * Finds out whether a token is of another account than the one that logged in last, at the same API.
 *
 * @former: (out) (transfer full): the name of that one; set when this returns TRUE
 */
gboolean pf_account_is_other(const char *state_dir, const char *endpoint, const char *username, char **former);

/** Notes who has logged in, in the file `account` of the state folder. Returns FALSE with a PF_PRIVATE_FILE_ERROR set.
 */
gboolean pf_account_note(const char *state_dir, const char *endpoint, const char *username, GError **error);

/*
 * The person's browser.
 */

/**
 * Has an address opened, by xdg-open, which goes by the desktop's settings and $BROWSER, or else by GLib. Never by a
 * shell. Waits for nothing; what the browser says is thrown away, and of what this program was given in its environment
 * it does not get the token.
 *
 * Returns: FALSE when there is nothing that could open it. That it could is no proof that it did.
 */
gboolean pf_browser_open(const char *address);

/**
 * The same for an address that nobody else on this machine may see, as everybody can see what programs are called with:
 * the browser is given a file of the user's that leads there. Remove it with pf_browser_forget_private().
 *
 * @state_dir: where the file is written, as login.html
 *
 * Returns: also FALSE when the file cannot be written.
 */
gboolean pf_browser_open_private(const char *address, const char *state_dir);

/** Removes that file. */
void pf_browser_forget_private(const char *state_dir);

/*
 * The address that the server leads the person's browser back to, with its answer. On loopback it is this program that
 * listens there (RFC 8252, 7.3); anywhere else the person has to carry the answer over. Pure; any thread.
 */

/** A redirect address, taken apart. */
typedef struct {
    GUri *uri;
    GInetAddress *listen; /* where to listen; NULL: it is not for this machine to listen there */
    guint16 port;         /* where to listen; 0 for any that is free */
} PfRedirect;

/**
 * Reads the setting.
 *
 * Returns: (transfer full): the address; NULL with a PF_CONFIG_ERROR set when it is neither http on loopback nor https,
 * or has a user, a query or a fragment.
 */
PfRedirect *pf_redirect_parse(const char *text, GError **error);
void pf_redirect_free(PfRedirect *redirect);

/**
 * Writes the address as it is sent to the server.
 *
 * @port: the one that is listened at; 0 when none is
 *
 * Returns: (transfer full).
 */
char *pf_redirect_dup_address(const PfRedirect *redirect, guint16 port);

/**
 * Whether a request is for the redirect address, and not for some other page that browsers ask for by themselves.
 *
 * @target: of the request: path and query, as they came
 */
gboolean pf_redirect_is_target(const PfRedirect *redirect, const char *target);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfRedirect, pf_redirect_free)
