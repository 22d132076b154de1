/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/queue_private.h"

/* Each step leads from the version before it to its own; the number of steps is the schema's version (user_version).
 * A step that was released is never changed: another one is added. */
static const char *const steps[] = {
    /* 1. Times are seconds since the epoch.
     *
     * entry: one thing to flattr. (key, period) is unique: period is '' for what is flattred once for good,
     * 'YYYY-MM' for a channel's link, which is flattred once a month. doubt is when a request went out whose result
     * is unknown. priority is 0 for what the user added by hand and 1 for what came by itself. event: the story of
     * each entry: what happened (added, sending, answer …), the state and reason after it, and what the server
     * answered. tally: how many entries are in each state, kept by triggers, so that a status need not count a
     * million rows. gate, rate_limit: one row each at the most; no row is an open gate and an unknown limit. token
     * is a fingerprint of the access token that was refused, so that a new one opens the gate. */
    "CREATE TABLE entry ("
    "  id INTEGER PRIMARY KEY,"
    "  key TEXT NOT NULL,"
    "  period TEXT NOT NULL DEFAULT '',"
    "  url TEXT NOT NULL,"
    "  state TEXT NOT NULL CHECK (state IN ('held','queued','sending','flattred','owned','failed','dropped')),"
    "  reason TEXT,"
    "  attempts INTEGER NOT NULL DEFAULT 0,"
    "  own_faults INTEGER NOT NULL DEFAULT 0,"
    "  next_attempt INTEGER,"
    "  doubt INTEGER,"
    "  priority INTEGER NOT NULL,"
    "  feed TEXT, guid TEXT, title TEXT, file TEXT,"
    "  source TEXT NOT NULL,"
    "  created INTEGER NOT NULL,"
    "  updated INTEGER NOT NULL,"
    "  thing_id INTEGER, thing_link TEXT, thing_title TEXT,"
    "  UNIQUE (key, period)"
    ") STRICT;"
    "CREATE INDEX entry_due ON entry (priority, next_attempt, id) WHERE state = 'queued';"
    "CREATE INDEX entry_held ON entry (next_attempt) WHERE state = 'held' AND next_attempt IS NOT NULL;"
    "CREATE INDEX entry_state ON entry (state, id) WHERE state <> 'flattred';"
    "CREATE INDEX entry_paid ON entry (updated) WHERE state = 'flattred';"
    "CREATE TABLE event ("
    "  id INTEGER PRIMARY KEY,"
    "  entry INTEGER NOT NULL REFERENCES entry (id) ON DELETE CASCADE,"
    "  at INTEGER NOT NULL,"
    "  what TEXT NOT NULL,"
    "  state TEXT NOT NULL,"
    "  reason TEXT,"
    "  answer TEXT"
    ") STRICT;"
    "CREATE INDEX event_entry ON event (entry, id);"
    "CREATE TABLE tally (state TEXT PRIMARY KEY, entries INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "INSERT INTO tally VALUES "
    "('held',0),('queued',0),('sending',0),('flattred',0),('owned',0),('failed',0),('dropped',0);"
    "CREATE TRIGGER entry_tally_insert AFTER INSERT ON entry BEGIN"
    "  UPDATE tally SET entries = entries + 1 WHERE state = new.state;"
    "END;"
    "CREATE TRIGGER entry_tally_update AFTER UPDATE OF state ON entry WHEN old.state <> new.state BEGIN"
    "  UPDATE tally SET entries = entries - 1 WHERE state = old.state;"
    "  UPDATE tally SET entries = entries + 1 WHERE state = new.state;"
    "END;"
    "CREATE TRIGGER entry_tally_delete AFTER DELETE ON entry BEGIN"
    "  UPDATE tally SET entries = entries - 1 WHERE state = old.state;"
    "END;"
    "CREATE TABLE gate ("
    "  id INTEGER PRIMARY KEY CHECK (id = 1),"
    "  reason TEXT NOT NULL,"
    "  since INTEGER NOT NULL,"
    "  next_probe INTEGER,"
    "  probes INTEGER NOT NULL,"
    "  token TEXT"
    ") STRICT;"
    "CREATE TABLE rate_limit ("
    "  id INTEGER PRIMARY KEY CHECK (id = 1),"
    "  hits_limit INTEGER NOT NULL,"
    "  remaining INTEGER NOT NULL,"
    "  current INTEGER NOT NULL,"
    "  reset INTEGER NOT NULL"
    ") STRICT;",
    /* 2. checked is when the server was last asked in full whether a doubtful request had been carried out, and did not
     * know of it. */
    "ALTER TABLE entry ADD COLUMN checked INTEGER;"
    "CREATE INDEX entry_doubt ON entry (next_attempt, id) WHERE doubt IS NOT NULL AND state = 'queued';",
    /* 3. counted is the first second of the day (UTC) in which an entry that came by itself counts against its feed's
     * daily limit; NULL for what the user named. pause: one row while the user has paused sending, apart from the gate
     * so that what closed that is not forgotten. The guid finds the same episode under another key. */
    "ALTER TABLE entry ADD COLUMN counted INTEGER;"
    "CREATE INDEX entry_guid ON entry (guid) WHERE guid IS NOT NULL AND period = '';"
    "CREATE INDEX entry_counted ON entry (feed, counted) WHERE counted IS NOT NULL;"
    "CREATE TABLE pause ("
    "  id INTEGER PRIMARY KEY CHECK (id = 1),"
    "  since INTEGER NOT NULL"
    ") STRICT;"
    /* A gate of version 1 could be closed for it. */
    "INSERT INTO pause (id, since) SELECT 1, since FROM gate WHERE reason = 'paused';"
    "DELETE FROM gate WHERE reason = 'paused';",
    /* 4. sent_as is a fingerprint of the account (server and token) that the last request was sent with. */
    "ALTER TABLE entry ADD COLUMN sent_as TEXT;",
    /* 5. Smaller indexes: each ends with the row's id by itself. */
    "DROP INDEX event_entry;"
    "CREATE INDEX event_entry ON event (entry);"
    "DROP INDEX entry_due;"
    "CREATE INDEX entry_due ON entry (priority, next_attempt) WHERE state = 'queued';",
    /* 6. arrival: a file that was finished (played = 0) or played (1), as somebody told of it; see arrival.h for the
     * states. path and former are BLOBs, since file names need not be UTF-8. size is -1, changed (the file's ctime,
     * nanoseconds) 0 and progress (percent) -1 where they are unknown. candidates is JSON. entry is what became of it;
     * no foreign key, since an arrival is to outlive the damage that took its entry. watched: the marks of the
     * watched folders, seconds since the epoch by the file system's clock.
     *
     * Most arrivals are matched, so the indexes leave those out. Only arrival_changed has all of them: it finds a file
     * by its ctime, which hardly two files share, in a tenth of the room that their paths would take. */
    "CREATE TABLE arrival ("
    "  id INTEGER PRIMARY KEY,"
    "  source TEXT NOT NULL,"
    "  path BLOB NOT NULL,"
    "  size INTEGER NOT NULL,"
    "  changed INTEGER NOT NULL,"
    "  former BLOB,"
    "  played INTEGER NOT NULL,"
    "  progress INTEGER NOT NULL,"
    "  feed TEXT, enclosure TEXT, guid TEXT, title TEXT, payment TEXT,"
    "  state TEXT NOT NULL CHECK (state IN ('new','waiting','unmatched','matched','refused')),"
    "  reason TEXT,"
    "  candidates TEXT,"
    "  seen INTEGER NOT NULL,"
    "  next_try INTEGER,"
    "  tries INTEGER NOT NULL,"
    "  entry INTEGER"
    ") STRICT;"
    "CREATE INDEX arrival_changed ON arrival (changed);"
    "CREATE INDEX arrival_path ON arrival (path) WHERE state <> 'matched';"
    "CREATE INDEX arrival_state ON arrival (state) WHERE state <> 'matched';"
    "CREATE INDEX arrival_due ON arrival (next_try) WHERE state IN ('new', 'waiting');"
    "CREATE TABLE watched (folder BLOB PRIMARY KEY, first INTEGER NOT NULL, mark INTEGER NOT NULL) STRICT;",
    /* 7. What an entry without a guid is known by when its link has changed (see pf_queue_add()): enclosure is what all
     * spellings of its enclosure's address have in common (web_address.h), published when the feed says that it was,
     * seconds since the epoch. Both are NULL where they are unknown, and where there is a guid, as most have.
     * arrival_payment finds what a podcatcher told of a file together with a payment link. watched.first_part are the
     * nanoseconds of `first`. */
    "ALTER TABLE entry ADD COLUMN enclosure TEXT;"
    "ALTER TABLE entry ADD COLUMN published INTEGER;"
    "CREATE INDEX entry_enclosure ON entry (enclosure) WHERE enclosure IS NOT NULL;"
    "CREATE INDEX arrival_payment ON arrival (path) WHERE payment IS NOT NULL;"
    "ALTER TABLE watched ADD COLUMN first_part INTEGER NOT NULL DEFAULT 0;",
    /* 8. hook: the files in STATE/hooks that were taken in, and when: one that could not be removed, or was read by two
     * processes, is one telling all the same. Kept for a while after the file is gone. */
    "CREATE TABLE hook (name TEXT PRIMARY KEY, taken INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX hook_taken ON hook (taken);",
};

static gboolean
read_version(PfDatabase *database, const char *path, gint64 *version, GError **error)
{
    const gint64 newest = G_N_ELEMENTS(steps);

    *version = 0;
    if (!pf_database_read_number(database, version, error, "PRAGMA user_version", ""))
        return FALSE;
    if (*version >= 0 && *version <= newest)
        return TRUE;
    g_set_error(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_VERSION,
                "%s: written by a newer podflattr (schema %" G_GINT64_FORMAT ", this one knows %" G_GINT64_FORMAT
                "); use that one",
                path, *version, newest);
    return FALSE;
}

gboolean
pf_queue_schema_check(PfDatabase *database, const char *path, GError **error)
{
    gint64 version;

    return read_version(database, path, &version, error);
}

static gboolean
migrate(PfDatabase *database, const char *path, GError **error)
{
    gint64 version;

    if (!read_version(database, path, &version, error))
        return FALSE;
    for (; version < (gint64)G_N_ELEMENTS(steps); version++) {
        g_autofree char *stamp = g_strdup_printf("PRAGMA user_version = %" G_GINT64_FORMAT, version + 1);

        if (!pf_database_execute(database, steps[version], error) || !pf_database_execute(database, stamp, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
pf_queue_schema_prepare(PfDatabase *database, const char *path, GError **error)
{
    gint64 version = 0;

    /* Readers of a database of today need no lock for writing. */
    if (!pf_database_read_number(database, &version, error, "PRAGMA user_version", ""))
        return FALSE;
    if (version == G_N_ELEMENTS(steps))
        return TRUE;
    g_autoptr(PfTransaction) transaction = pf_database_begin(database, error);
    return transaction && migrate(database, path, error) && pf_transaction_commit(g_steal_pointer(&transaction), error);
}
