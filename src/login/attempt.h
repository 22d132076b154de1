/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A login that is under way: what was asked of the server, which its answer must fit. It is kept in the file `login` of
 * the state folder, so that another run of the program can finish it by hand:
 *
 *     [login]
 *     api = https://api.example.org/rest/v2
 *     redirect = http://127.0.0.1:40123/
 *     state = …
 *     begun = 1400000000
 */
#pragma once

#include <glib.h>

/** So long a login that is finished by hand may take, seconds. */
#define PF_ATTEMPT_SECONDS 3600

typedef struct {
    char *endpoint; /* the API that the token will be for */
    char *redirect; /* where the server leads the browser back to */
    char *state;    /* comes back with the answer; 128 random bits */
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
