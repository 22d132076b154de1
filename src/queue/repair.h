/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saves what can still be read of a damaged queue into a new one.
 *
 * The damaged file is copied aside before anything else, with its -wal, and nothing is thrown away: what cannot be read
 * today may be readable with better tools. Tables are walked by row id from the front and from the back up to the
 * damage, and what lies between is asked for row by row. Entries are taken as they are, so that one that was `sending`
 * or in doubt still is. So are arrivals and the marks of watched folders, without which files would be missed or
 * counted as new. Until the new database is complete, the damaged one stays in its place.
 */
#pragma once

#include "base/database.h"

typedef struct {
    char *aside;     /* where the damaged file is now */
    gint64 entries;  /* how many were saved */
    gint64 events;   /* rows of their stories */
    gint64 expected; /* how many entries there were, by the counts of the damaged file; -1 when these were unreadable */
} PfSalvage;

/**
 * Salvages the database of a state folder. The caller holds the sender's lock (queue_lock.h) and has no PfQueue open
 * there.
 *
 * @now: for the names of what is set aside, seconds since the epoch
 *
 * Returns: (transfer full): what was saved; NULL with @error set, the database being as it was:
 * PF_DATABASE_ERROR_BUSY when another program has it open, PF_DATABASE_ERROR_WRITE when there is no room. Any thread.
 */
PfSalvage *pf_queue_salvage(const char *state_dir, gint64 now, GError **error);
void pf_salvage_free(PfSalvage *salvage);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfSalvage, pf_salvage_free)
