/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was told and is not yet in the store: files of watched folders, and the files in which hooks tell.
 * It is written in the order in which it was told, a batch in a transaction, and what cannot be written stays. One
 * thread.
 */
#pragma once

#include "queue/arrival.h"

typedef struct PfInbox PfInbox;

/** Makes an empty one; what it is given must outlive it. */
PfInbox *pf_inbox_new(PfQueue *queue, const char *state_dir);
void pf_inbox_free(PfInbox *inbox);

/** Tells of a finished file; see PfArrival. All of it is copied. */
void pf_inbox_add_file(PfInbox *inbox, const char *path, const char *former, gint64 size, gint64 changed);

/** Tells that all of a folder was looked at, as of @mark; see pf_arrival_save_marks(). */
void pf_inbox_add_mark(PfInbox *inbox, const char *folder, gint64 mark);

/** Says that hooks may have told something. */
void pf_inbox_ring(PfInbox *inbox);

/** Whether so much is told that it should be written before more is taken: memory is not to grow with a mass of files.
 */
gboolean pf_inbox_is_full(const PfInbox *inbox);

/** Whether all is written. */
gboolean pf_inbox_is_empty(const PfInbox *inbox);

/** When hooks' files are to be looked at again unasked, since one could not be read: seconds since the epoch,
 * G_MAXINT64 for never. */
gint64 pf_inbox_next_look(const PfInbox *inbox);

/**
 * Writes a batch of what hooks have told, and one of what was told here.
 *
 * Returns: FALSE with a PF_DATABASE_ERROR set when that cannot be; it stays told.
 */
gboolean pf_inbox_write(PfInbox *inbox, GError **error);

/**
 * Writes all of what was told here, before the end. What hooks have told is in files, for the next who comes.
 *
 * Returns: FALSE with a PF_DATABASE_ERROR set when that cannot be; it stays told.
 */
gboolean pf_inbox_flush(PfInbox *inbox, GError **error);

/**
 * Takes all that hooks have told into the database. What of it cannot be read is logged, and is no failure.
 *
 * @taken: (out): how much was taken
 *
 * Returns: FALSE with a PF_DATABASE_ERROR set.
 */
gboolean pf_inbox_collect(PfQueue *queue, const char *state_dir, guint *taken, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfInbox, pf_inbox_free)
