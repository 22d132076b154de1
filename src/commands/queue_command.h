/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The subcommands of `podflattr queue`: queue.c has the table of them and lists, the others are in a file of their own.
 */
#pragma once

#include "commands/command.h"

/** What follows "podflattr queue SUBCOMMAND". */
typedef struct {
    const char *name; /* the subcommand's */
    gboolean json;
    gboolean all;
    char **operands; /* NULL-terminated */
    guint count;     /* of operands */
} PfQueueArguments;

/* Each returns the exit status, as PfCommand.run does. */
int pf_queue_run_show(PfApp *app, const PfQueueArguments *arguments, GError **error);
int pf_queue_run_change(PfApp *app, const PfQueueArguments *arguments, GError **error);
int pf_queue_run_export(PfApp *app, const PfQueueArguments *arguments, GError **error);
int pf_queue_run_import(PfApp *app, const PfQueueArguments *arguments, GError **error);
int pf_queue_run_match(PfApp *app, const PfQueueArguments *arguments, GError **error);
int pf_queue_run_dismiss(PfApp *app, const PfQueueArguments *arguments, GError **error);
int pf_queue_run_pause(PfApp *app, const PfQueueArguments *arguments, GError **error);
int pf_queue_run_resume(PfApp *app, const PfQueueArguments *arguments, GError **error);

/** Lists the files that no item was found for: `queue --state unmatched`. Returns the exit status. */
int pf_queue_run_unmatched(PfApp *app, gboolean json, GError **error);

/** Reads an entry's id as people write it, "12" or "#12". Returns FALSE with a PF_COMMAND_ERROR set. */
gboolean pf_queue_parse_id(const char *text, gint64 *id, GError **error);

/** Sets the error for an id that no entry has, exit status 65. */
void pf_queue_set_unknown(GError **error, gint64 id);
