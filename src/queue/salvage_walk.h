/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks a table of a damaged database past what cannot be read.
 */
#pragma once

#include <glib.h>
#include <sqlite3.h>

/** Where a table's end cannot be found, so many row ids behind the last readable row are asked for one by one. */
#define PF_SALVAGE_WALK_BLIND 1000000

/**
 * Copies every row that SQLite can read, and that today's table takes, from one database into another. Columns that
 * only one of the two has are left out.
 *
 * @from: the damaged one
 * @to: the new one, in a transaction
 * @table: its name, in both; not one WITHOUT ROWID
 *
 * Returns: FALSE when the new database could not be written; what is wrong is then @to's last error. That a table of
 * @from is unreadable altogether is no failure. In the connections' thread.
 */
gboolean pf_salvage_walk(sqlite3 *from, sqlite3 *to, const char *table);
