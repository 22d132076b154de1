/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of a salvage: the damaged database is locked, copied aside, and in the end replaced. Errors are
 * PF_DATABASE_ERRORs. Any thread.
 */
#pragma once

#include <glib.h>

/**
 * Locks a state folder's database against every other program that uses SQLite.
 *
 * Returns: a descriptor for pf_salvage_files_unlock(); -1 with @error set, BUSY when a program has it open.
 */
int pf_salvage_files_lock(const char *state_dir, GError **error);
void pf_salvage_files_unlock(int lock);

/**
 * Copies the database and its -wal to a dated name in the same folder, durably.
 *
 * @now: the date, seconds since the epoch
 *
 * Returns: (transfer full): the copy's path; NULL with @error set, nothing being left behind.
 */
char *pf_salvage_files_copy_aside(const char *state_dir, gint64 now, GError **error);

/** Removes such a copy again, for a salvage that came to nothing. */
void pf_salvage_files_remove_aside(const char *aside);

/** Makes an empty scratch folder, without what an earlier attempt has left. Returns: (transfer full): its path. */
char *pf_salvage_files_make_scratch(const char *state_dir, GError **error);

/** Removes it. */
void pf_salvage_files_remove_scratch(const char *scratch);

/** Puts the scratch folder's database in the place of the damaged one, whose -wal and -shm go. */
gboolean pf_salvage_files_replace(const char *state_dir, const char *scratch, GError **error);
