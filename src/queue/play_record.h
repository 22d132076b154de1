/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records that other programs keep of what was played (PfPlay): what each has said already, so that nothing counts
 * twice, and nothing that is older than the first look at it.
 *
 * As with PfQueue: writing functions are called in a transaction (pf_queue_begin()); errors are PF_DATABASE_ERRORs; one
 * thread.
 */
#pragma once

#include "queue/queue.h"

/** A record, by its name; times are seconds since the epoch, 0 for never. */
typedef struct {
    gint64 first;    /* when it was first looked at: what was played before never counts */
    gint64 asked;    /* when it was last looked at */
    gint64 since;    /* of a server: what it wants to be asked for next */
    gint64 failures; /* how many looks have failed in a row */
    char *fault;     /* of the last look, in words; NULL for none */
} PfPlayRecord;

void pf_play_record_clear(PfPlayRecord *record);

/** Reads what is known of a record. @record: (out): all 0 for one that is not known; clear it. */
gboolean pf_play_record_load(PfQueue *queue, const char *name, PfPlayRecord *record, GError **error);

/** Writes it. */
gboolean pf_play_record_save(PfQueue *queue, const char *name, const PfPlayRecord *record, GError **error);

/**
 * Takes what a record says, and adds an arrival for what is new in it. A position that has moved on counts for what was
 * heard, but for no more than can have been heard since it was last known: a jump to the end is no listening. It is
 * reported in parts of a twentieth of the episode.
 *
 * @name: the record's
 * @record: as it was loaded: with first 0, all that is there is old
 * @plays: of PfPlay
 * @added: (out): how many arrivals
 */
gboolean pf_play_record_take(PfQueue *queue, const char *name, const PfPlayRecord *record, const GPtrArray *plays,
                             gint64 now, guint *added, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PfPlayRecord, pf_play_record_clear)
