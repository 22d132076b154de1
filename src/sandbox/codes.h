/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OAuth's authorization codes: good once, for ten minutes and for one address. Kept in memory only.
 *
 * Not locked: one thread at a time.
 */
#pragma once

#include <glib.h>

typedef struct SandboxCodes SandboxCodes;

/** What a code stands for. */
typedef struct {
    char *user; /* the name of the one who allowed it */
    char *redirect_uri;
    char *scopes; /* separated by spaces */
    gint64 end;   /* seconds since the epoch */
} SandboxCode;

SandboxCodes *sandbox_codes_new(void);
void sandbox_codes_free(SandboxCodes *codes);
void sandbox_code_free(SandboxCode *code);

/**
 * Makes a code, and forgets those that are too old.
 *
 * @now: seconds since the epoch
 *
 * Returns: (transfer full): the code.
 */
char *sandbox_codes_add(SandboxCodes *codes, const char *user, const char *redirect_uri, const char *scopes,
                        gint64 now);

/**
 * Uses a code up, whether it fits or not.
 *
 * @name: the code, or NULL
 * @redirect_uri: must be the one that the code was made for
 *
 * Returns: (transfer full): what it stands for; NULL when it is unknown, used, too old or for another address.
 */
SandboxCode *sandbox_codes_take(SandboxCodes *codes, const char *name, const char *redirect_uri, gint64 now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxCodes, sandbox_codes_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxCode, sandbox_code_free)
