/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entries of the queue as JSON, as `queue list`, `queue show` and `queue export` write them, and back again.
 */
#pragma once

#include "commands/command.h"
#include <jansson.h>

/** An entry as `queue list` shows it. Returns: (transfer full). */
json_t *pf_queue_json_entry(const PfEntry *entry);

/** An entry with every field that is kept, and its story (of PfEvent *) as "events". Returns: (transfer full). */
json_t *pf_queue_json_whole(const PfEntry *entry, const GPtrArray *story);

/** What is kept beside the entries, such as a payment (settlement.h). @kind: the name of it. Returns: (transfer full).
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
