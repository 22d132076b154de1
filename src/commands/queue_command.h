/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The subcommands of `podflattr queue`: queue.c has the table of them and lists, the others are in a file of their own.
 */
#pragma once

#include "commands/command.h"
#include "queue/import.h"
#include <jansson.h>
#include <stdio.h>

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

/**
 * Takes in what `queue export` wrote, in the caller's transaction; in the queue's thread.
 *
 * @name: of the file, for messages
 * @results: how many lines came to each result, added to what is there
 *
 * Returns: FALSE with a PF_COMMAND_ERROR that names the line, or a PF_DATABASE_ERROR set; then the transaction must not
 * be committed.
 */
gboolean pf_queue_import_lines(PfQueue *queue, FILE *file, const char *name, guint results[PF_IMPORT_RESULTS],
                               GError **error);

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

/*
 * Entries of the queue as JSON, as `queue list`, `queue show` and `queue export` write them, and back again
 * (queue_json.c).
 */

/** An entry as `queue list` shows it. Returns: (transfer full). */
json_t *pf_queue_json_entry(const PfEntry *entry);

/** An entry with every field that is kept, and its story (of PfEvent *) as "events". Returns: (transfer full). */
json_t *pf_queue_json_whole(const PfEntry *entry, const GPtrArray *story);

/** What is kept beside the entries, such as a payment (ledger.h). @kind: the name of it. Returns: (transfer full).
 */
json_t *pf_queue_json_record(const char *kind, const PfColumns *columns, gconstpointer record);

/** Reads it into a struct that begins with all zero. Errors as pf_queue_json_read(). */
gboolean pf_queue_json_read_record(json_t *object, const PfColumns *columns, gpointer record, GError **error);

/**
 * Reads what pf_queue_json_whole() wrote. Fields that are not known are ignored; what is missing is absent, but for
 * key, url, state, source and created, which must be there.
 *
 * @entry: (out) (transfer full)
 * @story: (out) (transfer full): of PfEvent *
 *
 * Returns: FALSE with a PF_COMMAND_ERROR_DATA set that says which field is wrong. Any thread.
 */
gboolean pf_queue_json_read(json_t *object, PfEntry **entry, GPtrArray **story, GError **error);
