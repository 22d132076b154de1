/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/queue.h"

#include "base/episode.h"
#include "queue/queue_private.h"

#include <errno.h>

#define SELECT "SELECT " PF_ENTRY_COLUMNS(PF_COLUMN_SQL_NAME) "id FROM entry"

/* Seconds by which a clock may be set back without consequences. */
#define CLOCK_SLACK 600

PfQueue *
pf_queue_open(const char *state_dir, int busy_ms, GError **error)
{
    g_autofree char *path = g_build_filename(state_dir, "queue.db", NULL);
    g_autoptr(PfQueue) queue = g_new0(PfQueue, 1);

    if (g_mkdir_with_parents(state_dir, 0700) != 0) {
        g_set_error(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_OPEN, "cannot make the state folder %s: %s", state_dir,
                    g_strerror(errno));
        return NULL;
    }
    queue->database = pf_database_open(path, busy_ms, error);
    if (!queue->database || !pf_queue_schema_prepare(queue->database, path, error))
        return NULL;
    return g_steal_pointer(&queue);
}

void
pf_queue_close(PfQueue *queue)
{
    if (!queue)
        return;
    pf_database_close(queue->database);
    g_free(queue);
}

gboolean
pf_queue_shrink(PfQueue *queue)
{
    return pf_database_shrink(queue->database);
}

void
pf_queue_set_busy_timeout(PfQueue *queue, int busy_ms)
{
    pf_database_set_busy_timeout(queue->database, busy_ms);
}

PfTransaction *
pf_queue_begin(PfQueue *queue, GError **error)
{
    return pf_database_begin(queue->database, error);
}

gboolean
pf_queue_end(PfQueue *queue, GError **error)
{
    if (!*error)
        return pf_transaction_commit(queue->database, error);
    pf_transaction_rollback(queue->database);
    return FALSE;
}

/* --- rows --- */

static PfEntry *
read_row(sqlite3_stmt *row)
{
    PfEntry *entry = pf_entry_new();

    pf_columns_read(&pf_entry_columns, row, entry);
    return entry;
}

static gboolean
take_one(sqlite3_stmt *row, gpointer data)
{
    PfEntry **entry = data;

    *entry = read_row(row);
    return FALSE;
}

static gboolean
take_all(sqlite3_stmt *row, gpointer data)
{
    g_ptr_array_add(data, read_row(row));
    return TRUE;
}

gboolean
pf_queue_insert(PfQueue *queue, const PfEntry *entry, gint64 *id, GError **error)
{
    if (!pf_database_run_record(queue->database, error,
                                "INSERT INTO entry (" PF_ENTRY_COLUMNS(
                                    PF_COLUMN_SQL_NAME) "id)"
                                                        " VALUES (" PF_ENTRY_COLUMNS(PF_COLUMN_SQL_ARGUMENT) "NULL)",
                                &pf_entry_columns, entry))
        return FALSE;
    *id = pf_database_last_id(queue->database);
    return TRUE;
}

gboolean
pf_queue_update(PfQueue *queue, const PfEntry *entry, GError **error)
{
    return pf_database_run_record(
        queue->database, error,
        "UPDATE entry SET state = :state, reason = :reason, attempts = :attempts, own_faults = :own_faults,"
        " next_attempt = :next_attempt, doubt = :doubt, checked = :checked, sent_as = :sent_as, thing_id = :thing_id,"
        " thing_link = :thing_link, thing_title = :thing_title, owed = :owed, updated = :updated WHERE id = :id",
        &pf_entry_columns, entry);
}

gboolean
pf_queue_add_event(PfQueue *queue, gint64 entry, const char *what, PfEntryState state, const char *reason,
                   const char *answer, gint64 now, GError **error)
{
    return pf_database_run(queue->database, error,
                           "INSERT INTO event (entry, at, what, state, reason, answer) VALUES (?, ?, ?, ?, ?, ?)",
                           "iissss", entry, now, what, pf_entry_state_name(state), reason, answer);
}

PfEntry *
pf_queue_find_due(PfQueue *queue, gint64 now, GError **error)
{
    PfEntry *entry = NULL;
    gboolean readable = TRUE;

    for (gint64 priority = 0; priority <= 1 && !entry && readable; priority++)
        readable = pf_database_each(
            queue->database,
            pf_database_prepare(queue->database, error,
                                SELECT " WHERE state = 'queued' AND priority = ? AND next_attempt <= ?"
                                       " AND (doubt IS NULL OR checked IS NOT NULL) ORDER BY next_attempt, id LIMIT 1",
                                "ii", priority, now),
            take_one, &entry, error);
    return entry;
}

gboolean
pf_queue_claim(PfQueue *queue, PfEntry *entry, const char *account, gint64 now, GError **error)
{
    entry->state = PF_ENTRY_SENDING;
    entry->attempts++;
    g_free(entry->sent_as);
    entry->sent_as = g_strdup(account);
    return pf_queue_settle(queue, entry, "sending", NULL, now, error);
}

gboolean
pf_queue_adopt_orphans(PfQueue *queue, gint64 now, GError **error)
{
    /* `updated` of such an entry is when it was claimed, just before its request left. That it is not 'flattred' goes
     * without saying, but not for SQLite, which would read a million entries instead of the index without it. */
    return pf_database_run(queue->database, error,
                           "INSERT INTO event (entry, at, what, state, reason)"
                           " SELECT id, ?, 'interrupted', 'queued', 'interrupted' FROM entry"
                           " WHERE state = 'sending' AND state <> 'flattred'",
                           "i", now) &&
           pf_database_run(queue->database, error,
                           "UPDATE entry SET state = 'queued', reason = 'interrupted', doubt = ifnull(doubt, updated),"
                           " checked = NULL,"
                           " updated = ? WHERE state = 'sending' AND state <> 'flattred'",
                           "i", now);
}

gboolean
pf_queue_correct_times(PfQueue *queue, gint64 now, GError **error)
{
    return pf_database_run(queue->database, error,
                           "UPDATE entry SET next_attempt = ? WHERE state = 'queued' AND priority IN (0, 1)"
                           " AND next_attempt > ? AND updated > ?",
                           "iii", now, now, now + CLOCK_SLACK);
}

GPtrArray *
pf_queue_list_doubtful(PfQueue *queue, gint64 now, guint most, GError **error)
{
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func((GDestroyNotify)pf_entry_free);
    sqlite3_stmt *rows = pf_database_prepare(queue->database, error,
                                             SELECT " WHERE state = 'queued' AND doubt IS NOT NULL AND checked IS NULL"
                                                    " AND next_attempt <= ? ORDER BY next_attempt, id LIMIT ?",
                                             "ii", now, (gint64)most);

    return pf_database_each(queue->database, rows, take_all, entries, error) ? g_steal_pointer(&entries) : NULL;
}

gboolean
pf_queue_settle(PfQueue *queue, PfEntry *entry, const char *what, const char *answer, gint64 now, GError **error)
{
    entry->updated = now;
    return pf_queue_update(queue, entry, error) &&
           pf_queue_add_event(queue, entry->id, what, entry->state, entry->reason, answer, now, error);
}

gboolean
pf_queue_read_next_due(PfQueue *queue, gint64 *due, GError **error)
{
    *due = G_MAXINT64;
    return pf_database_read_number(
        queue->database, due, error,
        "SELECT due FROM (SELECT min(at) AS due FROM ("
        "SELECT min(next_attempt) AS at FROM entry WHERE state = 'held' AND next_attempt IS NOT NULL AND owed IS NULL"
        " UNION ALL SELECT min(next_attempt) FROM entry WHERE state = 'queued' AND priority = 0"
        " UNION ALL SELECT min(next_attempt) FROM entry WHERE state = 'queued' AND priority = 1)) WHERE due IS NOT "
        "NULL",
        "");
}

gboolean
pf_queue_count_feed_since(PfQueue *queue, const char *feed, gint64 day, gint64 *count, GError **error)
{
    *count = 0;
    return pf_database_read_number(queue->database, count, error,
                                   "SELECT count(*) FROM entry WHERE feed = ? AND counted >= ?"
                                   " AND state NOT IN ('failed', 'dropped')",
                                   "si", feed, day);
}

gboolean
pf_queue_count_paid_since(PfQueue *queue, gint64 since, gint64 *count, GError **error)
{
    *count = 0;
    return pf_database_read_number(queue->database, count, error,
                                   "SELECT count(*) FROM entry WHERE state = 'flattred' AND updated >= ?", "i", since);
}

static gboolean
take_count(sqlite3_stmt *row, gpointer data)
{
    gint64 *counts = data;
    PfEntryState state;

    if (pf_entry_state_from_name((const char *)sqlite3_column_text(row, 0), &state))
        counts[state] = sqlite3_column_int64(row, 1);
    return TRUE;
}

gboolean
pf_queue_count(PfQueue *queue, gint64 counts[PF_ENTRY_STATES], GError **error)
{
    return pf_database_each(queue->database,
                            pf_database_prepare(queue->database, error, "SELECT state, entries FROM tally", ""),
                            take_count, counts, error);
}

gboolean
pf_queue_read(PfQueue *queue, gint64 id, PfEntry **entry, GError **error)
{
    *entry = NULL;
    return pf_database_each(queue->database,
                            pf_database_prepare(queue->database, error, SELECT " WHERE id = ?", "i", id), take_one,
                            entry, error);
}

typedef struct {
    PfEntryFunc each;
    gpointer data;
} EachEntry;

static gboolean
pass_on(sqlite3_stmt *row, gpointer data)
{
    const EachEntry *caller = data;
    g_autoptr(PfEntry) entry = read_row(row);

    return caller->each(entry, caller->data);
}

gboolean
pf_queue_each(PfQueue *queue, PfEntryState state, PfEntryFunc each, gpointer data, GError **error)
{
    gboolean any = state == PF_ENTRY_STATES;
    /* The index holds every state but the one that most entries are in, which SQLite has to be told. */
    const char *sql = any                          ? SELECT " ORDER BY id"
                      : state == PF_ENTRY_FLATTRED ? SELECT " WHERE state = ? ORDER BY id"
                                                   : SELECT " WHERE state = ? AND state <> 'flattred' ORDER BY id";
    sqlite3_stmt *rows =
        pf_database_prepare(queue->database, error, sql, any ? "" : "s", any ? NULL : pf_entry_state_name(state));
    EachEntry caller = {each, data};

    return pf_database_each(queue->database, rows, pass_on, &caller, error);
}

/* --- history --- */

void
pf_event_free(PfEvent *event)
{
    if (!event)
        return;
    g_free(event->what);
    g_free(event->state);
    g_free(event->reason);
    g_free(event->answer);
    g_free(event);
}

static gboolean
take_event(sqlite3_stmt *row, gpointer data)
{
    PfEvent *event = g_new0(PfEvent, 1);

    event->at = sqlite3_column_int64(row, 0);
    event->what = pf_database_dup_text(row, 1);
    event->state = pf_database_dup_text(row, 2);
    event->reason = pf_database_dup_text(row, 3);
    event->answer = pf_database_dup_text(row, 4);
    g_ptr_array_add(data, event);
    return TRUE;
}

GPtrArray *
pf_queue_read_history(PfQueue *queue, gint64 entry, GError **error)
{
    g_autoptr(GPtrArray) history = g_ptr_array_new_with_free_func((GDestroyNotify)pf_event_free);
    sqlite3_stmt *rows = pf_database_prepare(
        queue->database, error, "SELECT at, what, state, reason, answer FROM event WHERE entry = ? ORDER BY id", "i",
        entry);

    return pf_database_each(queue->database, rows, take_event, history, error) ? g_steal_pointer(&history) : NULL;
}

static gboolean
take_text(sqlite3_stmt *row, gpointer data)
{
    char **text = data;

    *text = pf_database_dup_text(row, 0);
    return FALSE;
}

gboolean
pf_queue_read_last_answer(PfQueue *queue, char **answer, GError **error)
{
    *answer = NULL;
    return pf_database_each(
        queue->database,
        pf_database_prepare(queue->database, error,
                            "SELECT answer FROM event WHERE answer IS NOT NULL ORDER BY id DESC LIMIT 1", ""),
        take_text, answer, error);
}

/* --- adding, once each: an address in another spelling is the same --- */

/* Whether a row (its id, its feed, and what else was asked for) is of the draft's episode. */
typedef gboolean (*IsSame)(sqlite3_stmt *row, const PfEntry *draft);

typedef struct {
    IsSame is_same;
    const PfEntry *draft;
    gint64 *id;
} Search;

/* Takes the first row that is of the draft's episode. */
static gboolean
take_same(sqlite3_stmt *row, gpointer data)
{
    const Search *search = data;

    if (!search->is_same(row, search->draft))
        return TRUE;
    *search->id = sqlite3_column_int64(row, 0);
    return FALSE;
}

static gboolean
find_row(PfQueue *queue, sqlite3_stmt *rows, IsSame is_same, const PfEntry *draft, gint64 *id, GError **error)
{
    Search search = {is_same, draft, id};

    return pf_database_each(queue->database, rows, take_same, &search, error);
}

static gboolean
is_of_feed(sqlite3_stmt *row, const PfEntry *draft)
{
    return pf_episode_same_feed((const char *)sqlite3_column_text(row, 1), draft->feed);
}

/* A guid that several feeds use ("1") can have several entries; each is looked at. */
static gboolean
has_same_guid(sqlite3_stmt *row, const PfEntry *draft)
{
    return pf_episode_guid_is_global(draft->guid) || is_of_feed(row, draft);
}

static gboolean
find_guid(PfQueue *queue, const PfEntry *draft, gint64 *id, GError **error)
{
    if (!draft->guid)
        return TRUE;
    sqlite3_stmt *rows =
        pf_database_prepare(queue->database, error,
                            "SELECT id, feed FROM entry WHERE guid = ? AND period = '' ORDER BY id", "s", draft->guid);
    return find_row(queue, rows, has_same_guid, draft, id, error);
}

static gboolean
find_page(PfQueue *queue, const PfEntry *draft, gint64 *id, GError **error)
{
    g_auto(GStrv) pages = pf_episode_list_spellings(draft->key);

    if (*id || !draft->feed || !draft->title || !pages[0])
        return TRUE;
    sqlite3_stmt *rows = pf_database_prepare(queue->database, error,
                                             "SELECT id, feed FROM entry WHERE key IN (?, ?, ?) AND period = ''"
                                             " AND title = ? ORDER BY id",
                                             "ssss", pages[0], pages[1], pages[2], draft->title);
    return find_row(queue, rows, is_of_feed, draft, id, error);
}

static gboolean
has_same_enclosure(sqlite3_stmt *row, const PfEntry *draft)
{
    const char *title = (const char *)sqlite3_column_text(row, 2);
    gint64 published = sqlite3_column_int64(row, 3);

    if (!is_of_feed(row, draft) || (!title && !draft->title) ||
        (title && draft->title && !g_str_equal(title, draft->title)))
        return FALSE;
    if (published && draft->published)
        return published == draft->published;
    return MAX(published, draft->published) <= MIN(sqlite3_column_int64(row, 4), draft->created) + PF_QUEUE_DATE_SLACK;
}

static gboolean
find_enclosure(PfQueue *queue, const PfEntry *draft, gint64 *id, GError **error)
{
    if (*id || !draft->enclosure)
        return TRUE;
    sqlite3_stmt *rows = pf_database_prepare(queue->database, error,
                                             "SELECT id, feed, title, published, created FROM entry WHERE enclosure = ?"
                                             " AND period = '' ORDER BY id",
                                             "s", draft->enclosure);
    return find_row(queue, rows, has_same_enclosure, draft, id, error);
}

gboolean
pf_queue_find_same(PfQueue *queue, const PfEntry *draft, gint64 *id, GError **error)
{
    const char *period = draft->period ? draft->period : "";

    *id = 0;
    if (!pf_database_read_number(queue->database, id, error, "SELECT id FROM entry WHERE key = ? AND period = ?", "ss",
                                 draft->key, period))
        return FALSE;
    return *id || *period ||
           (find_guid(queue, draft, id, error) && find_page(queue, draft, id, error) &&
            find_enclosure(queue, draft, id, error));
}

gboolean
pf_queue_add(PfQueue *queue, const PfEntry *draft, gint64 *id, gboolean *added, GError **error)
{
    const char *period = draft->period ? draft->period : "";
    gint64 known = 0;

    if (!pf_queue_find_same(queue, draft, &known, error))
        return FALSE;
    *added = known == 0;
    *id = known;
    if (known)
        return TRUE;

    PfEntry entry = {.key = draft->key,
                     .period = (char *)period,
                     .url = draft->url,
                     .state = draft->state,
                     .reason = draft->reason,
                     .next_attempt = draft->next_attempt,
                     .by_hand = draft->source == PF_SOURCE_ADD || draft->source == PF_SOURCE_SCAN,
                     .feed = draft->feed,
                     .guid = draft->guid,
                     .title = draft->title,
                     .file = draft->file,
                     .source = draft->source,
                     .created = draft->created,
                     .updated = draft->created,
                     .counted = draft->counted,
                     .owed = draft->owed,
                     .show = draft->show,
                     .show_title = draft->show_title,
                     .seconds = draft->seconds,
                     .heard = draft->heard,
                     .enclosure = draft->guid ? NULL : draft->enclosure,
                     .published = draft->guid ? 0 : draft->published};
    if (!pf_queue_insert(queue, &entry, id, error))
        return FALSE;
    return pf_queue_add_event(queue, *id, "added", draft->state, draft->reason, NULL, draft->created, error);
}
