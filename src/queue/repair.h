/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Saves what can still be read of a damaged queue into a new one.
 *
 * The damaged file is copied aside before anything else, with its -wal, page by page past what the disk cannot read,
 * and nothing is thrown away: what cannot be read today may be readable with better tools. Tables are walked from the
 * front and from the back up to the damage, and what lies between is taken from the pages themselves. Entries are taken
 * as they are, so that one that was `sending` or in doubt still is. So are arrivals and the marks of watched folders,
 * without which files would be missed or counted as new. Until the new database is complete, the damaged one stays in
 * its place, and the process may be killed at any moment.
 */
#pragma once

#include "base/database.h"
#include "queue/queue.h"

/*
 * Looks at the queue's database without changing it, not even its schema: is the file sound, do its records belong
 * together, are the counts right? Reads the whole file.
 */

/** How many of SQLite's complaints are kept; more would tell nothing new. */
#define PF_QUEUE_CHECK_MAX_DAMAGES 10

typedef struct {
    gboolean exists;     /* FALSE: there is no database yet, which is no fault */
    GPtrArray *damages;  /* of char *: what SQLite complains of; empty when the file is sound */
    gboolean miscounted; /* the kept counts are not what counting gives */
    gint64 entries;
    gint64 unknown; /* entries held since nobody knows whether they were paid */
    gint64 newest;  /* when an entry last changed, seconds since the epoch; 0 for never */
} PfQueueHealth;

/**
 * Checks the database of a state folder.
 *
 * @busy_ms: how long to wait for other programs, milliseconds
 *
 * Returns: (transfer full): how it is. A damaged file is a finding, no error; NULL with a PF_DATABASE_ERROR set when it
 * cannot be looked at. Any thread.
 */
PfQueueHealth *pf_queue_check(const char *state_dir, int busy_ms, GError **error);
void pf_queue_health_free(PfQueueHealth *health);

/** Counts the entries again, for a sound database whose counts are wrong. Errors are PF_DATABASE_ERRORs. */
gboolean pf_queue_recount(const char *state_dir, int busy_ms, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfQueueHealth, pf_queue_health_free)

typedef struct {
    char *aside;     /* where the damaged file is now */
    gint64 entries;  /* how many were saved */
    gint64 events;   /* rows of their histories */
    gint64 expected; /* how many entries there were, by the counts of the damaged file; -1 when these were unreadable */
    GPtrArray *unreadable; /* of char *: the parts of the files that the disk could not read, in words */
    gboolean is_old; /* what was saved may be older than the last that was written: the server is asked before each
                      * entry is sent, as for a restored backup */
} PfSalvage;

/**
 * Salvages the database of a state folder. The caller holds the sender's lock (queue.h) and has no PfQueue open
 * there.
 *
 * @now: for the names of what is set aside, seconds since the epoch
 *
 * Returns: (transfer full): what was saved; NULL with @error set, the database being as it was:
 * PF_DATABASE_ERROR_BUSY when another program has it open, PF_DATABASE_ERROR_WRITE when there is no room. Any thread.
 */
PfSalvage *pf_queue_salvage(const char *state_dir, gint64 now, GError **error);

/**
 * Saves what can be read of a damaged database into a queue in memory, to be read, and leaves the database as it is.
 * Another program may be using it, but no PfQueue of this process: to read the files releases its locks.
 *
 * @salvage: (out) (transfer full): what was saved; its @aside is NULL
 *
 * Returns: (transfer full): the queue, of which what is changed is lost; NULL with a PF_DATABASE_ERROR set. Any thread.
 */
PfQueue *pf_queue_open_salvaged(const char *state_dir, PfSalvage **salvage, GError **error);
void pf_salvage_free(PfSalvage *salvage);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfSalvage, pf_salvage_free)
