/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sender's entries between the store and the wire: those that were taken and wait to be sent, and those whose
 * verdict is known and waits to be written. Both change in one transaction, so that one commit serves many entries.
 *
 * An entry taken is committed as `sending` before it is given out. How far ahead entries are taken follows the pace at
 * which the server answers: a slow server leaves next to nothing in doubt when the program is killed. One thread.
 */
#pragma once

#include "queue/account.h"
#include "queue/sender.h"

typedef struct PfBatch PfBatch;

/** Makes an empty batch. @settings and @account must outlive it. */
PfBatch *pf_batch_new(const PfSenderSettings *settings, PfAccount *account);
void pf_batch_free(PfBatch *batch);

/**
 * Notes a verdict, to be written with the next commit.
 *
 * @entry: (transfer full): as it is to be written
 * @is_answer: whether this is the answer to a flattr, or that to the question whether it had been carried out
 * @told: (transfer full): for the entry's story
 */
void pf_batch_add_verdict_take(PfBatch *batch, PfEntry *entry, gboolean is_answer, char *told);

/** How long the verdicts may still wait for others, milliseconds; -1 when there are none. */
gint64 pf_batch_get_patience(const PfBatch *batch);

/** Whether there are entries to be given out. */
gboolean pf_batch_is_empty(const PfBatch *batch);

/**
 * Writes the verdicts and the account and takes the next entries, in one transaction. What was taken and must not be
 * sent after all (the gate has closed, the user has paused, @stopping) goes back to its place. Calls the settings'
 * review and progress functions.
 *
 * @busy: requests under way
 *
 * Returns: FALSE with @error set when the store failed: then nothing of it counts, and nothing more must be sent.
 */
gboolean pf_batch_commit(PfBatch *batch, guint busy, gboolean stopping, gint64 now, GError **error);

/**
 * Gives out the next entry to be sent, if one more may be under way.
 *
 * Returns: (transfer full) (nullable): the entry, committed as `sending`.
 */
PfEntry *pf_batch_next(PfBatch *batch, guint busy, gint64 now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfBatch, pf_batch_free)
