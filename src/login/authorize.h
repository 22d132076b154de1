/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The steps of OAuth 2's authorization code flow (RFC 6749, 4.1), each on its own: the address to open, the answer that
 * comes back, the code for a token, and whose token that is. What asks a server waits for its answer.
 */
#pragma once

#include "config/config.h"
#include "flattr/flattr.h"
#include "login/attempt.h"

/** Checks what the configuration says of the server's pages and of this client. FALSE: a PF_CONFIG_ERROR is set. */
gboolean pf_authorize_check(const PfConfig *config, GError **error);

/** Writes the address that the person is to open; it holds no secret. Returns: (transfer full). For what was checked.
 */
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
 * Exchanges the code for a token, and asks who that is.
 *
 * @token: (out) (transfer full): set on success
 *
 * Returns: (transfer full): the person; NULL with a PF_LOGIN_ERROR_REFUSED, PF_CONFIG_ERROR or FLATTR_ERROR set.
 */
FlattrUser *pf_authorize_exchange(const PfConfig *config, const PfAttempt *attempt, const char *code, char **token,
                                  GError **error);

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
