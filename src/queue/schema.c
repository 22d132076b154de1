/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/i18n.h"
#include "queue/queue_private.h"

/* Databases of other numbers are refused; there is no released version whose databases would have to be converted. */
#define SCHEMA_VERSION 16

/*
 * Times are seconds since the epoch. What there is stands in two texts, since C promises no more than 4095 bytes for
 * one. What is about entries alone:
 */
static const char entry_tables[] =
    /* entry: one thing to flattr for one payee. (key, payee, period) is unique: payee is pf_payment_dup_payee(), period
     * is '' for what is flattred once for good, 'YYYY-MM' for a channel's link, which is flattred once a month. doubt
     * is when a request went out whose result is unknown, doubt_server the same by the server's clock (NULL where that
     * was not known), checked when the server was last asked in full whether that had been carried out, and did not
     * know of it, sent_as a fingerprint of the account (server and token) that the last request was sent with. priority
     * is 0 for what the user added by hand and 1 for what came by itself. counted is the first second of the day (UTC)
     * in which an entry that came by itself counts against the daily limits; NULL for what the user named, and once
     * that day is long past. address is where the feed was found in the end, if that is another address than feed.
     *
     * owed is why nothing can be sent for an entry, 'no_link' or 'no_server': it is owed, now or when it is released,
     * and never sent; url is NULL for no_link. NULL for what can be sent. show names the show (submit.h), of any
     * entry that is of one; seconds is how long the episode is, heard how much of it was heard, NULL where unknown.
     *
     * month is the frozen month that an owed entry counts in, see settled_month.
     *
     * By these an episode is known whose GUID or link has changed (see episode.h): enclosure is what all spellings of
     * its enclosure's address have in common (url.h), published when the feed says that it was. Both are NULL where
     * they are unknown. */
    "CREATE TABLE entry ("
    "  id INTEGER PRIMARY KEY,"
    "  key TEXT NOT NULL,"
    "  period TEXT NOT NULL DEFAULT '',"
    "  url TEXT,"
    "  state TEXT NOT NULL"
    "    CHECK (state IN ('held','queued','sending','flattred','owned','failed','dropped','owed')),"
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
    "  checked INTEGER,"
    "  counted INTEGER,"
    "  sent_as TEXT,"
    "  enclosure TEXT,"
    "  published INTEGER,"
    "  owed TEXT CHECK (owed IN ('no_link','no_server')),"
    "  show TEXT, show_title TEXT,"
    "  seconds INTEGER, heard INTEGER,"
    "  payee TEXT NOT NULL DEFAULT '',"
    "  doubt_server INTEGER,"
    "  address TEXT,"
    "  month TEXT,"
    "  UNIQUE (key, payee, period),"
    "  CHECK (url IS NOT NULL OR owed = 'no_link'),"
    "  CHECK (owed IS NULL OR state IN ('held','dropped','owed')),"
    "  CHECK (state <> 'owed' OR owed IS NOT NULL)"
    ") STRICT;"
    /* Each index ends with the row's id by itself. */
    "CREATE INDEX entry_due ON entry (priority, next_attempt) WHERE state = 'queued';"
    "CREATE INDEX entry_held ON entry (next_attempt) WHERE state = 'held' AND next_attempt IS NOT NULL;"
    "CREATE INDEX entry_state ON entry (state, id) WHERE state <> 'flattred';"
    "CREATE INDEX entry_paid ON entry (updated) WHERE state = 'flattred';"
    "CREATE INDEX entry_doubt ON entry (next_attempt, id) WHERE doubt IS NOT NULL AND state = 'queued';"
    "CREATE INDEX entry_guid ON entry (guid) WHERE guid IS NOT NULL AND period = '';"
    "CREATE INDEX entry_counted ON entry (counted) WHERE counted IS NOT NULL;"
    "CREATE INDEX entry_counted_feed ON entry (feed, counted) WHERE counted IS NOT NULL;"
    "CREATE INDEX entry_counted_payee ON entry (payee, counted) WHERE counted IS NOT NULL;"
    "CREATE INDEX entry_came ON entry (created) WHERE file IS NOT NULL;"
    "CREATE INDEX entry_enclosure ON entry (enclosure) WHERE enclosure IS NOT NULL AND guid IS NULL;"
    "CREATE INDEX entry_published ON entry (published) WHERE published IS NOT NULL;"
    /* event: the history of each entry: what happened (added, sending, answer …), the state and reason after it, and
     * what the server answered. */
    "CREATE TABLE event ("
    "  id INTEGER PRIMARY KEY,"
    "  entry INTEGER NOT NULL REFERENCES entry (id) ON DELETE CASCADE,"
    "  at INTEGER NOT NULL,"
    "  what TEXT NOT NULL,"
    "  state TEXT NOT NULL,"
    "  reason TEXT,"
    "  answer TEXT,"
    "  times INTEGER NOT NULL DEFAULT 1"
    ") STRICT;"
    "CREATE INDEX event_entry ON event (entry);"
    /* tally: how many entries are in each state, kept by triggers, so that a status need not count a million rows. */
    "CREATE TABLE tally (state TEXT PRIMARY KEY, entries INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "INSERT INTO tally VALUES "
    "('held',0),('queued',0),('sending',0),('flattred',0),('owned',0),('failed',0),('dropped',0),('owed',0);"
    "CREATE TRIGGER entry_tally_insert AFTER INSERT ON entry BEGIN"
    "  UPDATE tally SET entries = entries + 1 WHERE state = new.state;"
    "END;"
    "CREATE TRIGGER entry_tally_update AFTER UPDATE OF state ON entry WHEN old.state <> new.state BEGIN"
    "  UPDATE tally SET entries = entries - 1 WHERE state = old.state;"
    "  UPDATE tally SET entries = entries + 1 WHERE state = new.state;"
    "END;"
    "CREATE TRIGGER entry_tally_delete AFTER DELETE ON entry BEGIN"
    "  UPDATE tally SET entries = entries - 1 WHERE state = old.state;"
    "END;";

/* All else, and last the version. */
static const char other_tables[] =
    /* gate, rate_limit, pause: one row each at the most. No row is an open gate, an unknown limit, and no pause. token
     * is a fingerprint of the access token that was refused, so that a new one opens the gate. The user's pause is
     * apart from the gate so that what closed that is not forgotten. */
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
    ") STRICT;"
    "CREATE TABLE pause ("
    "  id INTEGER PRIMARY KEY CHECK (id = 1),"
    "  since INTEGER NOT NULL"
    ") STRICT;"
    /* arrival: a file that was finished (played = 0) or played (1); see arrival.h for the states. path and former are
     * BLOBs, since file names need not be UTF-8. size is -1, changed (the file's ctime, nanoseconds) 0 and progress
     * (percent) -1 where they are unknown; device and inode are NULL until the file was looked at. candidates is JSON.
     * entry is what became of it; no foreign key, since an arrival is to outlive the damage that took its entry.
     *
     * heard (seconds), duration (seconds) and started (seconds since the epoch) are 0 where they are unknown. episode
     * names the episode that a played one was found to be: what was heard of that in pieces is added up by it.
     *
     * Most arrivals are matched, so the indexes leave those out. Only arrival_changed has all of them: it finds a file
     * by its ctime, which hardly two files share, in a tenth of the room that their paths would take. arrival_payment
     * finds a file that a podcatcher has named together with a payment link, arrival_named one that it has named the
     * feed of. */
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
    "  heard INTEGER NOT NULL,"
    "  duration INTEGER NOT NULL,"
    "  started INTEGER NOT NULL,"
    "  state TEXT NOT NULL CHECK (state IN ('new','waiting','unmatched','matched','refused')),"
    "  reason TEXT,"
    "  candidates TEXT,"
    "  seen INTEGER NOT NULL,"
    "  next_try INTEGER,"
    "  tries INTEGER NOT NULL,"
    "  entry INTEGER,"
    "  episode TEXT,"
    "  device INTEGER,"
    "  inode INTEGER"
    ") STRICT;"
    "CREATE INDEX arrival_changed ON arrival (changed);"
    "CREATE INDEX arrival_path ON arrival (path) WHERE state <> 'matched';"
    "CREATE INDEX arrival_state ON arrival (state) WHERE state <> 'matched';"
    "CREATE INDEX arrival_due ON arrival (next_try) WHERE state IN ('new', 'waiting', 'unmatched');"
    "CREATE INDEX arrival_inode ON arrival (inode) WHERE inode IS NOT NULL;"
    "CREATE INDEX arrival_episode ON arrival (episode) WHERE episode IS NOT NULL;"
    "CREATE INDEX arrival_named ON arrival (path) WHERE feed IS NOT NULL;"
    "CREATE INDEX arrival_payment ON arrival (path) WHERE payment IS NOT NULL;"
    /* folder: of which feeds, and how many, the files in a folder were found to be. */
    "CREATE TABLE folder ("
    "  path BLOB NOT NULL,"
    "  feed TEXT NOT NULL,"
    "  files INTEGER NOT NULL,"
    "  PRIMARY KEY (path, feed)"
    ") STRICT;"
    /* watched: the marks of the watched folders, seconds since the epoch by the file system's clock; first_part are the
     * nanoseconds of first. */
    "CREATE TABLE watched ("
    "  folder BLOB PRIMARY KEY,"
    "  first INTEGER NOT NULL,"
    "  mark INTEGER NOT NULL,"
    "  first_part INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"
    /* hook: the files in STATE/hooks that were taken in, and when: one that could not be removed, or was read by two
     * processes, is one event all the same. Kept for a while after the file is gone. */
    "CREATE TABLE hook (name TEXT PRIMARY KEY, taken INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX hook_taken ON hook (taken);"
    /* play_record: records that other programs keep of what was played, as PfPlayRecord; play: what each of them has
     * said: place is a position or a count, unsaid the seconds of it that are not reported yet, at when it was so. */
    "CREATE TABLE play_record ("
    "  row INTEGER PRIMARY KEY,"
    "  name TEXT NOT NULL UNIQUE,"
    "  first INTEGER NOT NULL,"
    "  asked INTEGER NOT NULL,"
    "  since INTEGER NOT NULL,"
    "  failures INTEGER NOT NULL,"
    "  fault TEXT"
    ") STRICT;"
    "CREATE TABLE play ("
    "  row INTEGER PRIMARY KEY,"
    "  record TEXT NOT NULL,"
    "  name TEXT NOT NULL,"
    "  is_piece INTEGER NOT NULL,"
    "  place INTEGER NOT NULL,"
    "  unsaid INTEGER NOT NULL,"
    "  at INTEGER NOT NULL,"
    "  UNIQUE (record, name)"
    ") STRICT;"
    /* generation: one row, the name of the run of this database in this state folder; the file STATE/generation has it
     * too. Where the two differ, the database is a copy of another day or another machine, see pf_queue_open(). since
     * is when the run began. */
    "CREATE TABLE generation ("
    "  id INTEGER PRIMARY KEY CHECK (id = 1),"
    "  name TEXT NOT NULL,"
    "  since INTEGER NOT NULL"
    ") STRICT;"
    /* person: whose account a token is of, both as fingerprints, as far as the server was asked. */
    "CREATE TABLE person (token TEXT PRIMARY KEY, person TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    /* settled_month: the months whose shares were written down when the first of them was settled; settled_share: those
     * shares, of the freezing that `frozen` is the time of; settlement: each payment for a show, by whom and how; see
     * ledger.h. Amounts are in the currency's smallest unit; undone is 0 for a payment that stands. */
    "CREATE TABLE settled_month ("
    "  month TEXT PRIMARY KEY,"
    "  frozen INTEGER NOT NULL,"
    "  budget INTEGER NOT NULL,"
    "  currency TEXT NOT NULL,"
    "  weight TEXT NOT NULL"
    ") STRICT;"
    "CREATE TABLE settled_share ("
    "  row INTEGER PRIMARY KEY,"
    "  month TEXT NOT NULL,"
    "  frozen INTEGER NOT NULL,"
    "  show TEXT NOT NULL,"
    "  title TEXT,"
    "  episodes INTEGER NOT NULL,"
    "  seconds INTEGER NOT NULL,"
    "  share INTEGER NOT NULL,"
    "  currency TEXT NOT NULL,"
    "  UNIQUE (month, show)"
    ") STRICT;"
    "CREATE TABLE settlement ("
    "  row INTEGER PRIMARY KEY,"
    "  id TEXT NOT NULL UNIQUE,"
    "  month TEXT NOT NULL,"
    "  show TEXT NOT NULL,"
    "  title TEXT,"
    "  amount INTEGER NOT NULL,"
    "  currency TEXT NOT NULL,"
    "  paid_at INTEGER NOT NULL,"
    "  noted INTEGER NOT NULL,"
    "  who TEXT, how TEXT, method TEXT, link TEXT,"
    "  fee INTEGER NOT NULL DEFAULT 0,"
    "  reference TEXT,"
    "  undone INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"
    "PRAGMA user_version = " G_STRINGIFY(SCHEMA_VERSION) ";";

/* @version: (out): SCHEMA_VERSION, or 0 for a database without tables */
static gboolean
read_version(PfDatabase *database, const char *path, gint64 *version, GError **error)
{
    gint64 used = 0;

    *version = 0;
    if (!pf_database_read_number(database, version, error, "PRAGMA user_version", "") ||
        !pf_database_read_number(database, &used, error, "SELECT count(*) FROM sqlite_schema", ""))
        return FALSE;
    if (*version == SCHEMA_VERSION || (*version == 0 && !used))
        return TRUE;
    if (*version > SCHEMA_VERSION)
        g_set_error(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_VERSION,
                    _("%s: written by a newer podflattr (schema %" PRId64 ", this one needs %d); use that version"),
                    path, *version, SCHEMA_VERSION);
    else
        g_set_error(
            error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_VERSION,
            _("%s: written by an older podflattr (schema %" PRId64 ", this one needs %d); run 'podflattr "
              "queue export' of that version, move the file away, then run 'podflattr queue import' of this one"),
            path, *version, SCHEMA_VERSION);
    return FALSE;
}

gboolean
pf_queue_schema_check(PfDatabase *database, const char *path, GError **error)
{
    gint64 version;

    return read_version(database, path, &version, error);
}

static gboolean
create(PfDatabase *database, const char *path, GError **error)
{
    gint64 version;

    return read_version(database, path, &version, error) &&
           (version == SCHEMA_VERSION ||
            (pf_database_execute(database, entry_tables, error) && pf_database_execute(database, other_tables, error)));
}

gboolean
pf_queue_schema_prepare(PfDatabase *database, const char *path, GError **error)
{
    gint64 version = 0;

    /* Readers of a database that is there need no lock for writing. */
    if (!pf_database_read_number(database, &version, error, "PRAGMA user_version", ""))
        return FALSE;
    if (version == SCHEMA_VERSION)
        return TRUE;
    g_autoptr(PfTransaction) transaction = pf_database_begin(database, error);
    return transaction && create(database, path, error) && pf_transaction_commit(g_steal_pointer(&transaction), error);
}
