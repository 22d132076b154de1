/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The subcommands of `podflattr queue`: queue.c has the table of them and lists, the others are in a file of their own.
 */
#pragma once

#include "commands/command.h"

/** The options of all subcommands. */
typedef struct {
    char *state;
    char *month, *since, *feed, *show;
    int limit;
    gboolean all;
} PfQueueOptions;

gboolean pf_queue_run_change(const PfCommandCall *call, GError **error);
gboolean pf_queue_run_export(const PfCommandCall *call, GError **error);
gboolean pf_queue_run_import(const PfCommandCall *call, GError **error);
gboolean pf_queue_run_match(const PfCommandCall *call, GError **error);
gboolean pf_queue_run_dismiss(const PfCommandCall *call, GError **error);
gboolean pf_queue_run_pause(const PfCommandCall *call, GError **error);
gboolean pf_queue_run_resume(const PfCommandCall *call, GError **error);

/** Lists the files whose episode is not known. @most: how many are shown; 0: all. */
gboolean pf_queue_list_files(const PfCommandCall *call, guint most, GError **error);

/**
 * Has the episodes of files looked for again that were not found.
 *
 * @word: a file or a folder; NULL for all of them
 * @count: (out): is increased by how many there were
 *
 * Returns: FALSE with @error set, also when @word is none of them (PF_COMMAND_ERROR).
 */
gboolean pf_queue_retry_files(PfQueue *queue, const char *word, gint64 now, guint *count, GError **error);

/** Reads an entry's id as people write it, "12" or "#12". Returns FALSE with a PF_COMMAND_ERROR set. */
gboolean pf_queue_parse_id(const char *text, gint64 *id, GError **error);

/** Sets the error for an id that no entry has, exit status 65. */
void pf_queue_set_unknown(GError **error, gint64 id);
