/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the subcommands of `podflattr partner` share; partner.c has the table of them.
 */
#pragma once

#include "commands/command.h"

/** The options of both. */
typedef struct {
    char *identity;
    gboolean me;
    char *listen;
    char *path;
    char *exec;
    char *emails;
    int timeout; /* seconds; 0: not given */
} PfPartnerOptions;

/** partner webhook: serves until SIGTERM or SIGINT. */
gboolean pf_partner_webhook(const PfCommandCall *call, GError **error);
