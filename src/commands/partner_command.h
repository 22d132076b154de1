/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The subcommands of `podflattr partner`. Each gets its options checked for what partner.c can know.
 */
#pragma once

#include "commands/command.h"

typedef struct {
    char *identity;
    gboolean me;
    char *format;
    char *listen;
    char *path;
    char *exec;
    char *emails;
    int timeout; /* seconds; 0: not given */
} PfPartnerOptions;

/**
 * partner verify: ties the identity to a user, and prints whether it is theirs.
 *
 * @user: NULL: the token's person
 *
 * Returns: EX_OK when it is theirs, EX_DATAERR when the server says no; 0 with @error set when it has not said.
 */
int pf_partner_verify(const PfApp *app, const char *user, const char *identity, gboolean json, GError **error);

/** partner webhook: serves until SIGTERM or SIGINT. Returns the exit status; @error as a PfCommand's run(). */
int pf_partner_webhook(const PfApp *app, const PfPartnerOptions *options, GError **error);
