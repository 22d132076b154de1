/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/arrival.h"

#include "base/clock.h"
#include "queue/queue_private.h"

/* In the order in which read_row() expects them. */
#define COLUMNS                                                                                                        \
    "id, source, path, size, changed, former, played, progress, feed, enclosure, guid, title, payment, state, reason," \
    " candidates, seen, next_try, tries, entry"

/* SQLite uses a partial index where a query repeats the index's condition as it stands in queue_schema.c. */
#define NOT_MATCHED "state <> 'matched'"
#define TO_DO "state IN ('new', 'waiting')"
#define OPEN "state IN ('waiting', 'unmatched', 'refused') AND " NOT_MATCHED

/* The schema's CHECK admits no other names. */
static PfArrivalState
state_from_name(const char *name)
{
    PfArrivalState state = PF_ARRIVAL_NEW;

    while (state < PF_ARRIVAL_REFUSED && g_strcmp0(name, pf_arrival_state_name(state)) != 0)
        state++;
    return state;
}

static PfArrival *
read_row(sqlite3_stmt *row)
{
    PfArrival *arrival = pf_arrival_new();

    arrival->id = sqlite3_column_int64(row, 0);
    (void)pf_source_from_name((const char *)sqlite3_column_text(row, 1), &arrival->source);
    arrival->path = pf_database_dup_text(row, 2);
    arrival->size = sqlite3_column_int64(row, 3);
    arrival->changed = sqlite3_column_int64(row, 4);
    arrival->former = pf_database_dup_text(row, 5);
    arrival->played = sqlite3_column_int64(row, 6) != 0;
    arrival->progress = sqlite3_column_int64(row, 7);
    arrival->feed = pf_database_dup_text(row, 8);
    arrival->enclosure = pf_database_dup_text(row, 9);
    arrival->guid = pf_database_dup_text(row, 10);
    arrival->title = pf_database_dup_text(row, 11);
    arrival->payment = pf_database_dup_text(row, 12);
    arrival->state = state_from_name((const char *)sqlite3_column_text(row, 13));
    arrival->reason = pf_database_dup_text(row, 14);
    arrival->candidates = pf_database_dup_text(row, 15);
    arrival->seen = sqlite3_column_int64(row, 16);
    arrival->next_try = sqlite3_column_int64(row, 17);
    arrival->tries = sqlite3_column_int64(row, 18);
    arrival->entry = sqlite3_column_int64(row, 19);
    return arrival;
}

/* --- adding --- */

/* The file itself is what the watcher knows: the same bytes at the same place are no news, whatever became of them. */
static gboolean
find_watched(PfQueue *queue, const PfArrival *draft, gint64 *id, GError **error)
{
    return pf_database_read_number(
        queue->database, id, error,
        "SELECT id FROM arrival WHERE changed = ? AND path = ? AND size = ? AND played = ? ORDER BY id DESC LIMIT 1",
        "ibii", draft->changed, draft->path, draft->size, (gint64)draft->played);
}

/* A file that is told of anew after it was decided upon is played, or downloaded, anew. */
static gboolean
find_told(PfQueue *queue, const PfArrival *draft, gint64 *id, GError **error)
{
    return pf_database_read_number(queue->database, id, error,
                                   "SELECT id FROM arrival WHERE path = ? AND " NOT_MATCHED " AND state <> 'refused'"
                                   " AND played = ? AND feed IS ? AND enclosure IS ? AND guid IS ?"
                                   " ORDER BY id DESC LIMIT 1",
                                   "bisss", draft->path, (gint64)draft->played, draft->feed, draft->enclosure,
                                   draft->guid);
}

/* Words that were not known before may be what it waits for, or what it was given up for. */
static gboolean
learn(PfQueue *queue, gint64 id, const PfArrival *draft, GError **error)
{
    if (!pf_database_run(queue->database, error,
                         "UPDATE arrival SET next_try = ?, state = iif(state = 'unmatched', 'waiting', state)"
                         " WHERE id = ? AND ((title IS NULL AND ? IS NOT NULL) OR (payment IS NULL AND ? IS NOT NULL))",
                         "iiss", draft->next_try, id, draft->title, draft->payment))
        return FALSE;
    return pf_database_run(queue->database, error,
                           "UPDATE arrival SET title = ifnull(title, ?), payment = ifnull(payment, ?),"
                           " progress = max(progress, ?) WHERE id = ?",
                           "ssii", draft->title, draft->payment, draft->progress, id);
}

static gboolean
insert(PfQueue *queue, const PfArrival *draft, gint64 *id, GError **error)
{
    if (!pf_database_run(queue->database, error,
                         "INSERT INTO arrival (source, path, size, changed, former, played, progress, feed, enclosure,"
                         " guid, title, payment, state, reason, candidates, seen, next_try, tries, entry)"
                         " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                         "sbiibiissssssssiziz", pf_source_name(draft->source), draft->path, draft->size, draft->changed,
                         draft->former, (gint64)draft->played, draft->progress, draft->feed, draft->enclosure,
                         draft->guid, draft->title, draft->payment, pf_arrival_state_name(draft->state), draft->reason,
                         draft->candidates, draft->seen, draft->next_try, draft->tries, draft->entry))
        return FALSE;
    *id = pf_database_last_id(queue->database);
    return TRUE;
}

gboolean
pf_arrival_add(PfQueue *queue, const PfArrival *draft, gint64 *id, gboolean *added, GError **error)
{
    gboolean watched = draft->source == PF_SOURCE_WATCH;
    gint64 known = 0;

    if (!(watched ? find_watched : find_told)(queue, draft, &known, error))
        return FALSE;
    *added = known == 0;
    if (!known)
        return insert(queue, draft, id, error);
    *id = known;
    return watched || learn(queue, known, draft, error);
}

gboolean
pf_arrival_settle(PfQueue *queue, const PfArrival *arrival, GError **error)
{
    return pf_database_run(queue->database, error,
                           "UPDATE arrival SET state = ?, reason = ?, candidates = ?, next_try = ?, tries = ?,"
                           " entry = ? WHERE id = ?",
                           "ssszizi", pf_arrival_state_name(arrival->state), arrival->reason, arrival->candidates,
                           arrival->next_try, arrival->tries, arrival->entry, arrival->id);
}

/* --- what is due --- */

/* Consumes *@failure, which preparing @rows may have set. */
static GPtrArray *
read_rows(PfQueue *queue, sqlite3_stmt *rows, GError **failure, GError **error)
{
    g_autoptr(GPtrArray) arrivals = g_ptr_array_new_with_free_func((GDestroyNotify)pf_arrival_free);

    while (rows && pf_database_step(queue->database, rows, failure))
        g_ptr_array_add(arrivals, read_row(rows));
    return pf_queue_finish(failure, error) ? g_steal_pointer(&arrivals) : NULL;
}

GPtrArray *
pf_arrival_list_due(PfQueue *queue, gint64 now, guint most, GError **error)
{
    g_autoptr(GError) failure = NULL;
    sqlite3_stmt *rows = pf_database_prepare(queue->database, &failure,
                                             "SELECT " COLUMNS " FROM arrival WHERE " TO_DO " AND next_try <= ?"
                                             " ORDER BY next_try, id LIMIT ?",
                                             "ii", now, (gint64)most);

    return read_rows(queue, rows, &failure, error);
}

GPtrArray *
pf_arrival_list_path(PfQueue *queue, const char *path, GError **error)
{
    g_autoptr(GError) failure = NULL;
    sqlite3_stmt *rows = pf_database_prepare(
        queue->database, &failure, "SELECT " COLUMNS " FROM arrival WHERE path = ? AND " NOT_MATCHED " ORDER BY id",
        "b", path);

    return read_rows(queue, rows, &failure, error);
}

gboolean
pf_arrival_read_next_due(PfQueue *queue, gint64 *due, GError **error)
{
    *due = G_MAXINT64;
    return pf_database_read_number(
        queue->database, due, error,
        "SELECT next_try FROM arrival WHERE " TO_DO " AND next_try IS NOT NULL ORDER BY next_try LIMIT 1", "");
}

gboolean
pf_arrival_hurry(PfQueue *queue, gint64 now, GError **error)
{
    return pf_database_run(queue->database, error,
                           "UPDATE arrival SET next_try = ? WHERE " TO_DO " AND state = 'waiting' AND next_try > ?",
                           "ii", now, now);
}

/* --- what the user sees --- */

gboolean
pf_arrival_each_open(PfQueue *queue, PfArrivalFunc each, gpointer data, GError **error)
{
    g_autoptr(GError) failure = NULL;
    sqlite3_stmt *row = pf_database_prepare(
        queue->database, &failure,
        "SELECT " COLUMNS " FROM arrival WHERE id IN (SELECT id FROM arrival WHERE " OPEN ") ORDER BY id", "");

    while (row && pf_database_step(queue->database, row, &failure)) {
        g_autoptr(PfArrival) arrival = read_row(row);
        if (!each(arrival, data)) {
            sqlite3_reset(row);
            break;
        }
    }
    return pf_queue_finish(&failure, error);
}

gboolean
pf_arrival_count_open(PfQueue *queue, gint64 *count, gint64 *refused, GError **error)
{
    *count = *refused = 0;
    return pf_database_read_number(queue->database, count, error, "SELECT count(*) FROM arrival WHERE " OPEN, "") &&
           pf_database_read_number(queue->database, refused, error,
                                   "SELECT count(*) FROM arrival WHERE state = 'refused' AND " OPEN, "");
}

/* As read_rows(), for one row at the most. */
static gboolean
read_one(PfQueue *queue, sqlite3_stmt *row, PfArrival **arrival, GError **failure, GError **error)
{
    *arrival = NULL;
    if (row && pf_database_step(queue->database, row, failure)) {
        *arrival = read_row(row);
        sqlite3_reset(row);
    }
    return pf_queue_finish(failure, error);
}

gboolean
pf_arrival_find(PfQueue *queue, const char *path, PfArrival **arrival, GError **error)
{
    g_autoptr(GError) failure = NULL;
    sqlite3_stmt *row = pf_database_prepare(
        queue->database, &failure,
        "SELECT " COLUMNS " FROM arrival WHERE path = ? AND " NOT_MATCHED " ORDER BY id DESC LIMIT 1", "b", path);

    return read_one(queue, row, arrival, &failure, error);
}

gboolean
pf_arrival_find_paid(PfQueue *queue, const char *path, PfArrival **arrival, GError **error)
{
    g_autoptr(GError) failure = NULL;
    sqlite3_stmt *row = pf_database_prepare(queue->database, &failure,
                                            "SELECT " COLUMNS " FROM arrival WHERE path = ? AND payment IS NOT NULL"
                                            " AND state = 'matched' AND entry IS NOT NULL ORDER BY id DESC LIMIT 1",
                                            "b", path);

    return read_one(queue, row, arrival, &failure, error);
}

gboolean
pf_arrival_forget(PfQueue *queue, gint64 before, GError **error)
{
    return pf_database_run(queue->database, error,
                           "DELETE FROM arrival WHERE state IN ('matched', 'refused') AND seen < ?", "i", before);
}

/* --- watched folders --- */

gboolean
pf_arrival_load_marks(PfQueue *queue, const char *folder, gint64 *first, gint64 *mark, GError **error)
{
    g_autoptr(GError) failure = NULL;
    sqlite3_stmt *row = pf_database_prepare(
        queue->database, &failure, "SELECT first, first_part, mark FROM watched WHERE folder = ?", "b", folder);

    *first = 0;
    *mark = 0;
    if (row && pf_database_step(queue->database, row, &failure)) {
        *first = sqlite3_column_int64(row, 0) * PF_CLOCK_NANOSECONDS + sqlite3_column_int64(row, 1);
        *mark = sqlite3_column_int64(row, 2);
        sqlite3_reset(row);
    }
    return pf_queue_finish(&failure, error);
}

gboolean
pf_arrival_save_marks(PfQueue *queue, const char *folder, gint64 first, gint64 mark, GError **error)
{
    return pf_database_run(queue->database, error,
                           "INSERT INTO watched (folder, first, first_part, mark) VALUES (?, ?, ?, ?)"
                           " ON CONFLICT (folder) DO UPDATE SET first = excluded.first,"
                           " first_part = excluded.first_part, mark = excluded.mark",
                           "biii", folder, first / PF_CLOCK_NANOSECONDS, first % PF_CLOCK_NANOSECONDS, mark);
}
