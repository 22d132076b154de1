/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scopes of tokens: what a program may do for a user. Pure; any thread.
 */
#pragma once

#include <glib.h>

/*
 * Secrets: tokens, codes, session names. Any thread.
 */

/**
 * Makes a secret that nobody can guess.
 *
 * Returns: (transfer full): 40 hexadecimal digits.
 */
char *sandbox_secret_new(void);

/** Every scope that there is. */
#define SANDBOX_SCOPES "flattr thing email extendedread"

/**
 * Tells whether a token's scopes hold one.
 *
 * @scopes: separated by spaces or commas, or NULL
 */
gboolean sandbox_scopes_hold(const char *scopes, const char *scope);

/**
 * Reads a list of scopes, by spaces or commas.
 *
 * Returns: (transfer full): the same by spaces; NULL when one is none of the API's.
 */
char *sandbox_scopes_read(const char *text);

/** Says what a scope lets a program do, in a few words for the user; static. @scope: one of SANDBOX_SCOPES */
const char *sandbox_scope_explain(const char *scope);
