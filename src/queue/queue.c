/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/queue.h"

#include "base/episode.h"
#include "queue/queue_private.h"
#include "queue/schema.h"

#include <errno.h>

/* A clock that was set back by less, seconds, is put up with. */
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
pf_queue_set_patience(PfQueue *queue, int busy_ms)
{
    pf_database_set_patience(queue->database, busy_ms);
}

gboolean
pf_queue_begin(PfQueue *queue, GError **error)
{
    return pf_database_begin(queue->database, error);
}

gboolean
pf_queue_end(PfQueue *queue, GError **error)
{
    return pf_database_end(queue->database, error);
}

/* --- entries --- */

PfEntry *
pf_queue_read_row(sqlite3_stmt *row)
{
    PfEntry *entry = pf_entry_new();

    entry->id = sqlite3_column_int64(row, 0);
    entry->key = pf_database_dup_text(row, 1);
    entry->period = pf_database_dup_text(row, 2);
    entry->url = pf_database_dup_text(row, 3);
    /* The schema's CHECK admits no other state; an unknown source (of a later version) stays the first one. */
    (void)pf_entry_state_from_name((const char *)sqlite3_column_text(row, 4), &entry->state);
    entry->reason = pf_database_dup_text(row, 5);
    entry->attempts = sqlite3_column_int64(row, 6);
    entry->own_faults = sqlite3_column_int64(row, 7);
    entry->next_attempt = sqlite3_column_int64(row, 8);
    entry->doubt = sqlite3_column_int64(row, 9);
    entry->feed = pf_database_dup_text(row, 10);
    entry->guid = pf_database_dup_text(row, 11);
    entry->title = pf_database_dup_text(row, 12);
    entry->file = pf_database_dup_text(row, 13);
    (void)pf_source_from_name((const char *)sqlite3_column_text(row, 14), &entry->source);
    entry->created = sqlite3_column_int64(row, 15);
    entry->updated = sqlite3_column_int64(row, 16);
    entry->thing_id = sqlite3_column_int64(row, 17);
    entry->thing_link = pf_database_dup_text(row, 18);
    entry->thing_title = pf_database_dup_text(row, 19);
    entry->by_hand = sqlite3_column_int64(row, 20) == 0;
    entry->counted = sqlite3_column_int64(row, 21);
    entry->checked = sqlite3_column_int64(row, 22);
    entry->sent_as = pf_database_dup_text(row, 23);
    entry->enclosure = pf_database_dup_text(row, 24);
    entry->published = sqlite3_column_int64(row, 25);
    return entry;
}

gboolean
pf_queue_finish(GError **failure, GError **error)
{
    if (!*failure)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(failure));
    return FALSE;
}

gboolean
pf_queue_add_event(PfQueue *queue, gint64 entry, const char *what, PfEntryState state, const char *reason,
                   const char *answer, gint64 now, GError **error)
{
    return pf_database_run(queue->database, error,
                           "INSERT INTO event (entry, at, what, state, reason, answer) VALUES (?, ?, ?, ?, ?, ?)",
                           "iissss", entry, now, what, pf_entry_state_name(state), reason, answer);
}

static PfEntry *
find_due_of(PfQueue *queue, gint64 priority, gint64 now, GError **error)
{
    sqlite3_stmt *row =
        pf_database_prepare(queue->database, error,
                            "SELECT " PF_QUEUE_COLUMNS " FROM entry WHERE state = 'queued' AND priority = ?"
                            " AND next_attempt <= ? AND (doubt IS NULL OR checked IS NOT NULL)"
                            " ORDER BY next_attempt, id LIMIT 1",
                            "ii", priority, now);
    if (!row || !pf_database_step(queue->database, row, error))
        return NULL;
    PfEntry *entry = pf_queue_read_row(row);
    sqlite3_reset(row);
    return entry;
}

PfEntry *
pf_queue_find_due(PfQueue *queue, gint64 now, GError **error)
{
    g_autoptr(GError) failure = NULL;
    PfEntry *entry = NULL;

    for (gint64 priority = 0; priority <= 1 && !entry && !failure; priority++)
        entry = find_due_of(queue, priority, now, &failure);
    (void)pf_queue_finish(&failure, error);
    return entry;
}

gboolean
pf_queue_claim(PfQueue *queue, PfEntry *entry, const char *account, gint64 now, GError **error)
{
    entry->state = PF_ENTRY_SENDING;
    entry->attempts++;
    g_free(entry->sent_as);
    entry->sent_as = g_strdup(account);
    return pf_database_run(queue->database, error,
                           "UPDATE entry SET state = 'sending', attempts = ?, sent_as = ?, updated = ? WHERE id = ?",
                           "isii", entry->attempts, account, now, entry->id) &&
           pf_queue_add_event(queue, entry->id, "sending", PF_ENTRY_SENDING, entry->reason, NULL, now, error);
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
pf_queue_mend_times(PfQueue *queue, gint64 now, GError **error)
{
    return pf_database_run(queue->database, error,
                           "UPDATE entry SET next_attempt = ? WHERE state = 'queued' AND priority IN (0, 1)"
                           " AND next_attempt > ? AND updated > ?",
                           "iii", now, now, now + CLOCK_SLACK);
}

GPtrArray *
pf_queue_list_doubtful(PfQueue *queue, gint64 now, guint most, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func((GDestroyNotify)pf_entry_free);
    sqlite3_stmt *row = pf_database_prepare(queue->database, &failure,
                                            "SELECT " PF_QUEUE_COLUMNS " FROM entry WHERE state = 'queued'"
                                            " AND doubt IS NOT NULL AND checked IS NULL AND next_attempt <= ?"
                                            " ORDER BY next_attempt, id LIMIT ?",
                                            "ii", now, (gint64)most);

    while (row && pf_database_step(queue->database, row, &failure))
        g_ptr_array_add(entries, pf_queue_read_row(row));
    return pf_queue_finish(&failure, error) ? g_steal_pointer(&entries) : NULL;
}

gboolean
pf_queue_settle(PfQueue *queue, const PfEntry *entry, const char *what, const char *answer, gint64 now, GError **error)
{
    return pf_database_run(
               queue->database, error,
               "UPDATE entry SET state = ?, reason = ?, attempts = ?, own_faults = ?, next_attempt = ?, doubt = ?,"
               " checked = ?, thing_id = ?, thing_link = ?, thing_title = ?, updated = ? WHERE id = ?",
               "ssiizzzzssii", pf_entry_state_name(entry->state), entry->reason, entry->attempts, entry->own_faults,
               entry->next_attempt, entry->doubt, entry->checked, entry->thing_id, entry->thing_link,
               entry->thing_title, now, entry->id) &&
           pf_queue_add_event(queue, entry->id, what, entry->state, entry->reason, answer, now, error);
}

gboolean
pf_queue_read_next_due(PfQueue *queue, gint64 *due, GError **error)
{
    *due = G_MAXINT64;
    return pf_database_read_number(
        queue->database, due, error,
        "SELECT due FROM (SELECT min(at) AS due FROM ("
        "SELECT min(next_attempt) AS at FROM entry WHERE state = 'held' AND next_attempt IS NOT NULL"
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

gboolean
pf_queue_count(PfQueue *queue, gint64 counts[PF_ENTRY_STATES], GError **error)
{
    g_autoptr(GError) failure = NULL;
    sqlite3_stmt *row = pf_database_prepare(queue->database, &failure, "SELECT state, entries FROM tally", "");

    while (row && pf_database_step(queue->database, row, &failure)) {
        PfEntryState state;
        if (pf_entry_state_from_name((const char *)sqlite3_column_text(row, 0), &state))
            counts[state] = sqlite3_column_int64(row, 1);
    }
    return pf_queue_finish(&failure, error);
}

gboolean
pf_queue_read(PfQueue *queue, gint64 id, PfEntry **entry, GError **error)
{
    g_autoptr(GError) failure = NULL;
    sqlite3_stmt *row =
        pf_database_prepare(queue->database, &failure, "SELECT " PF_QUEUE_COLUMNS " FROM entry WHERE id = ?", "i", id);

    *entry = NULL;
    if (row && pf_database_step(queue->database, row, &failure)) {
        *entry = pf_queue_read_row(row);
        sqlite3_reset(row);
    }
    return pf_queue_finish(&failure, error);
}

gboolean
pf_queue_each(PfQueue *queue, PfEntryState state, PfEntryFunc each, gpointer data, GError **error)
{
    g_autoptr(GError) failure = NULL;
    gboolean any = state == PF_ENTRY_STATES;
    /* The index holds every state but the one that most entries are in, which SQLite has to be told. */
    const char *sql = any                          ? "SELECT " PF_QUEUE_COLUMNS " FROM entry ORDER BY id"
                      : state == PF_ENTRY_FLATTRED ? "SELECT " PF_QUEUE_COLUMNS
                                                     " FROM entry WHERE state = ? ORDER BY id"
                                                   : "SELECT " PF_QUEUE_COLUMNS " FROM entry WHERE state = ?"
                                                     " AND state <> 'flattred' ORDER BY id";
    sqlite3_stmt *row =
        pf_database_prepare(queue->database, &failure, sql, any ? "" : "s", any ? NULL : pf_entry_state_name(state));

    while (row && pf_database_step(queue->database, row, &failure)) {
        g_autoptr(PfEntry) entry = pf_queue_read_row(row);
        if (!each(entry, data)) {
            sqlite3_reset(row);
            break;
        }
    }
    return pf_queue_finish(&failure, error);
}

/* How entries come in, once each: an address in another spelling is the same. */

/* What the user named by hand goes out before what came by itself. */
static gint64
priority_of(PfSource source)
{
    return source == PF_SOURCE_ADD || source == PF_SOURCE_SCAN ? 0 : 1;
}

/* Whether a row (its id, its feed, and what else was asked for) is of the draft's episode. */
typedef gboolean (*IsSame)(sqlite3_stmt *row, const PfEntry *draft);

/* Takes the first row that is of the draft's episode. */
static gboolean
find_row(PfQueue *queue, sqlite3_stmt *row, IsSame is_same, const PfEntry *draft, gint64 *id, GError **error)
{
    g_autoptr(GError) failure = NULL;

    while (pf_database_step(queue->database, row, &failure)) {
        if (is_same(row, draft)) {
            *id = sqlite3_column_int64(row, 0);
            sqlite3_reset(row);
            break;
        }
    }
    return pf_queue_finish(&failure, error);
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
    sqlite3_stmt *row =
        pf_database_prepare(queue->database, error,
                            "SELECT id, feed FROM entry WHERE guid = ? AND period = '' ORDER BY id", "s", draft->guid);
    return row && find_row(queue, row, has_same_guid, draft, id, error);
}

static gboolean
find_page(PfQueue *queue, const PfEntry *draft, gint64 *id, GError **error)
{
    g_auto(GStrv) pages = pf_episode_list_spellings(draft->key);

    if (*id || !draft->feed || !draft->title || !pages[0])
        return TRUE;
    sqlite3_stmt *row = pf_database_prepare(queue->database, error,
                                            "SELECT id, feed FROM entry WHERE key IN (?, ?, ?) AND period = ''"
                                            " AND title = ? ORDER BY id",
                                            "ssss", pages[0], pages[1], pages[2], draft->title);
    return row && find_row(queue, row, is_of_feed, draft, id, error);
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
    sqlite3_stmt *row = pf_database_prepare(queue->database, error,
                                            "SELECT id, feed, title, published, created FROM entry WHERE enclosure = ?"
                                            " AND period = '' ORDER BY id",
                                            "s", draft->enclosure);
    return row && find_row(queue, row, has_same_enclosure, draft, id, error);
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

    if (!pf_database_run(
            queue->database, error,
            "INSERT INTO entry (key, period, url, state, reason, next_attempt, priority, feed, guid, title, file,"
            " source, created, updated, counted, enclosure, published)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            "ssssszisssssiizsz", draft->key, period, draft->url, pf_entry_state_name(draft->state), draft->reason,
            draft->next_attempt, priority_of(draft->source), draft->feed, draft->guid, draft->title, draft->file,
            pf_source_name(draft->source), draft->created, draft->created, draft->counted,
            draft->guid ? NULL : draft->enclosure, draft->guid ? 0 : draft->published))
        return FALSE;
    *id = pf_database_last_id(queue->database);
    return pf_queue_add_event(queue, *id, "added", draft->state, draft->reason, NULL, draft->created, error);
}
