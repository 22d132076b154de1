/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/arrival.h"

#include "base/clock.h"
#include "queue/queue_private.h"

#define SELECT "SELECT " PF_ARRIVAL_COLUMNS(PF_COLUMN_SQL_NAME) "id FROM arrival"

/* Nothing is put off for longer, seconds; what seems to be was put off on a clock that was ahead. */
#define LONGEST_WAIT ((gint64)86400)

/* SQLite uses a partial index where a query repeats the index's condition as it stands in schema.c. */
#define NOT_MATCHED "state <> 'matched'"
#define TO_DO "state IN ('new', 'waiting', 'unmatched')"
/* What was heard of one file in pieces is one file. */
#define LATER_PIECE                                                                                                    \
    "heard > 0 AND EXISTS (SELECT 1 FROM arrival AS earlier WHERE earlier.path = arrival.path"                         \
    " AND earlier.state <> 'matched' AND earlier.state = arrival.state AND earlier.id < arrival.id"                    \
    " AND earlier.heard > 0)"
#define OPEN                                                                                                           \
    "state IN ('waiting', 'unmatched', 'refused') AND " NOT_MATCHED " AND reason IS NOT '" PF_ARRIVAL_STRAY            \
    "' AND NOT (" LATER_PIECE ")"

/* --- rows --- */

static PfArrival *
read_row(sqlite3_stmt *row)
{
    PfArrival *arrival = pf_arrival_new();

    pf_columns_read(&pf_arrival_columns, row, arrival);
    return arrival;
}

static gboolean
take_one(sqlite3_stmt *row, gpointer data)
{
    PfArrival **arrival = data;

    *arrival = read_row(row);
    return FALSE;
}

static gboolean
take_all(sqlite3_stmt *row, gpointer data)
{
    g_ptr_array_add(data, read_row(row));
    return TRUE;
}

static GPtrArray *
list_rows(PfQueue *queue, sqlite3_stmt *rows, GError **error)
{
    g_autoptr(GPtrArray) arrivals = g_ptr_array_new_with_free_func((GDestroyNotify)pf_arrival_free);

    return pf_database_each(queue->database, rows, take_all, arrivals, error) ? g_steal_pointer(&arrivals) : NULL;
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

/* A file that is reported again after it was decided upon was played, or downloaded, again. A piece that was heard is
 * never reported twice. */
static gboolean
find_told(PfQueue *queue, const PfArrival *draft, gint64 *id, GError **error)
{
    if (draft->heard > 0)
        return TRUE;
    return pf_database_read_number(queue->database, id, error,
                                   "SELECT id FROM arrival WHERE path = ? AND " NOT_MATCHED " AND state <> 'refused'"
                                   " AND played = ? AND heard = 0 AND feed IS ? AND enclosure IS ? AND guid IS ?"
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
                           " progress = max(progress, ?), duration = max(duration, ?) WHERE id = ?",
                           "ssiii", draft->title, draft->payment, draft->progress, draft->duration, id);
}

static gboolean
insert(PfQueue *queue, const PfArrival *draft, gint64 *id, GError **error)
{
    if (!pf_database_run_record(queue->database, error,
                                "INSERT INTO arrival (" PF_ARRIVAL_COLUMNS(
                                    PF_COLUMN_SQL_NAME) "id)"
                                                        " VALUES (" PF_ARRIVAL_COLUMNS(PF_COLUMN_SQL_ARGUMENT) "NULL)",
                                &pf_arrival_columns, draft))
        return FALSE;
    *id = pf_database_last_id(queue->database);
    return TRUE;
}

/* A player knows a file by its path alone; the program that downloaded it may have said what it is. */
static gboolean
name_played(PfQueue *queue, gint64 id, GError **error)
{
    return pf_database_run(
        queue->database, error,
        "UPDATE arrival SET (feed, enclosure, guid, title, payment) ="
        " (SELECT feed, enclosure, guid, title, payment FROM arrival AS named"
        "  WHERE named.path = arrival.path AND named.feed IS NOT NULL ORDER BY named.id DESC LIMIT 1)"
        " WHERE id = ? AND played = 1 AND feed IS NULL AND enclosure IS NULL AND guid IS NULL"
        " AND payment IS NULL"
        " AND EXISTS (SELECT 1 FROM arrival AS named"
        "  WHERE named.path = arrival.path AND named.feed IS NOT NULL)",
        "i", id);
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
        return insert(queue, draft, id, error) && (!draft->played || name_played(queue, *id, error));
    *id = known;
    return watched || learn(queue, known, draft, error);
}

gboolean
pf_arrival_settle(PfQueue *queue, const PfArrival *arrival, GError **error)
{
    return pf_database_run_record(queue->database, error,
                                  "UPDATE arrival SET size = iif(size < 0, :size, size),"
                                  " changed = iif(size < 0, :changed, changed), feed = ifnull(:feed, feed),"
                                  " enclosure = ifnull(:enclosure, enclosure), guid = ifnull(:guid, guid),"
                                  " title = ifnull(title, :title), state = :state,"
                                  " reason = :reason, candidates = :candidates,"
                                  " next_try = :next_try, tries = :tries, entry = :entry, device = :device,"
                                  " inode = :inode WHERE id = :id",
                                  &pf_arrival_columns, arrival);
}

/* --- what is due --- */

GPtrArray *
pf_arrival_list_due(PfQueue *queue, gint64 now, guint most, GError **error)
{
    GPtrArray *due = list_rows(queue,
                               pf_database_prepare(queue->database, error,
                                                   SELECT " WHERE " TO_DO " AND (next_try <= ? OR next_try > ?)"
                                                          " ORDER BY next_try, id LIMIT ?",
                                                   "iii", now, now + LONGEST_WAIT, (gint64)most),
                               error);

    /* What came in the future, by our clock, came while the clock was wrong. This corrects it for this call only: it
     * may be the present clock that is wrong, and a file of 1970 would be given up. */
    for (guint i = 0; due && i < due->len; i++) {
        PfArrival *arrival = due->pdata[i];
        arrival->seen = MIN(arrival->seen, now);
    }
    return due;
}

GPtrArray *
pf_arrival_list_path(PfQueue *queue, const char *path, GError **error)
{
    return list_rows(queue,
                     pf_database_prepare(queue->database, error,
                                         SELECT " WHERE path = ? AND " NOT_MATCHED " ORDER BY id", "b", path),
                     error);
}

gboolean
pf_arrival_read_next_due(PfQueue *queue, gint64 now, gint64 *due, GError **error)
{
    *due = G_MAXINT64;
    return pf_database_read_number(queue->database, due, error,
                                   "SELECT iif((SELECT next_try FROM arrival WHERE " TO_DO " AND next_try IS NOT NULL"
                                   "            ORDER BY next_try DESC LIMIT 1) > ?, ?, next_try)"
                                   " FROM arrival WHERE " TO_DO " AND next_try IS NOT NULL ORDER BY next_try LIMIT 1",
                                   "ii", now + LONGEST_WAIT, now);
}

gboolean
pf_arrival_hurry(PfQueue *queue, gboolean with_unmatched, gint64 now, guint *count, GError **error)
{
    gboolean done = pf_database_run(queue->database, error,
                                    "UPDATE arrival SET next_try = ? WHERE " TO_DO
                                    " AND (state = 'waiting' OR (? AND state = 'unmatched')) AND next_try > ?",
                                    "iii", now, (gint64)with_unmatched, now);

    *count = done ? (guint)pf_database_changes(queue->database) : 0;
    return done;
}

/* --- what the user sees --- */

typedef struct {
    PfArrivalFunc each;
    gpointer data;
} EachArrival;

static gboolean
pass_on(sqlite3_stmt *row, gpointer data)
{
    const EachArrival *caller = data;
    g_autoptr(PfArrival) arrival = read_row(row);

    return caller->each(arrival, caller->data);
}

#define EVERY_OPEN SELECT " WHERE id IN (SELECT id FROM arrival WHERE " OPEN ") ORDER BY id"

GPtrArray *
pf_arrival_list_open(PfQueue *queue, GError **error)
{
    return list_rows(queue, pf_database_prepare(queue->database, error, EVERY_OPEN, ""), error);
}

gboolean
pf_arrival_each_open(PfQueue *queue, PfArrivalFunc each, gpointer data, GError **error)
{
    sqlite3_stmt *rows = pf_database_prepare(queue->database, error, EVERY_OPEN, "");
    EachArrival caller = {each, data};

    return pf_database_each(queue->database, rows, pass_on, &caller, error);
}

gboolean
pf_arrival_count_open(PfQueue *queue, gint64 *count, gint64 *refused, GError **error)
{
    *count = *refused = 0;
    return pf_database_read_number(queue->database, count, error, "SELECT count(*) FROM arrival WHERE " OPEN, "") &&
           pf_database_read_number(queue->database, refused, error,
                                   "SELECT count(*) FROM arrival WHERE state = 'refused' AND " OPEN, "");
}

gboolean
pf_arrival_read(PfQueue *queue, gint64 id, PfArrival **arrival, GError **error)
{
    *arrival = NULL;
    return pf_database_each(queue->database,
                            pf_database_prepare(queue->database, error, SELECT " WHERE id = ?", "i", id), take_one,
                            arrival, error);
}

gboolean
pf_arrival_find(PfQueue *queue, const char *path, PfArrival **arrival, GError **error)
{
    *arrival = NULL;
    return pf_database_each(queue->database,
                            pf_database_prepare(queue->database, error,
                                                SELECT " WHERE path = ? AND " NOT_MATCHED " ORDER BY id DESC LIMIT 1",
                                                "b", path),
                            take_one, arrival, error);
}

gboolean
pf_arrival_find_paid(PfQueue *queue, const char *path, PfArrival **arrival, GError **error)
{
    *arrival = NULL;
    return pf_database_each(queue->database,
                            pf_database_prepare(queue->database, error,
                                                SELECT " WHERE path = ? AND payment IS NOT NULL AND state = 'matched'"
                                                       " AND entry IS NOT NULL ORDER BY id DESC LIMIT 1",
                                                "b", path),
                            take_one, arrival, error);
}

gboolean
pf_arrival_has_played(PfQueue *queue, gboolean *any, GError **error)
{
    gint64 found = 0;
    gboolean read = pf_database_read_number(queue->database, &found, error,
                                            "SELECT EXISTS (SELECT 1 FROM arrival WHERE played = 1)", "");

    *any = found != 0;
    return read;
}

GPtrArray *
pf_arrival_list_inode(PfQueue *queue, const PfArrival *arrival, GError **error)
{
    return list_rows(queue,
                     pf_database_prepare(queue->database, error,
                                         SELECT " WHERE inode = ? AND device = ? AND id <> ? AND entry IS NOT NULL"
                                                " ORDER BY id",
                                         "iii", arrival->inode, arrival->device, arrival->id),
                     error);
}

/* --- what was heard --- */

/* A time in which something was heard without a break. */
typedef struct {
    double started;
    double ended;
    double heard;
} Stretch;

/* How much was heard since a time. @stretches: by `ended` */
static double
heard_since(const GArray *stretches, double since)
{
    double heard = 0;

    for (guint i = stretches->len; i > 0; i--) {
        const Stretch *stretch = &g_array_index(stretches, Stretch, i - 1);
        if (stretch->ended <= since)
            break;
        heard += stretch->heard * (stretch->ended - MAX(stretch->started, since)) / (stretch->ended - stretch->started);
    }
    return heard;
}

/* Adds what @piece tells of and no earlier one does. Of a piece with breaks nobody knows when in its time it was heard,
 * so as much of it as others have told of counts as the same, and the rest as heard last. */
static double
add_piece(GArray *stretches, const PfHeardPiece *piece)
{
    double ended = (double)piece->ended, heard = (double)piece->heard;
    double started = piece->started > 0 ? (double)piece->started : ended - heard;
    double rate = MAX(heard / MAX(ended - started, 1), 1);
    double fresh = heard - heard_since(stretches, started);

    if (fresh <= 0)
        return 0;
    const Stretch stretch = {ended - fresh / rate, ended, fresh};
    g_array_append_val(stretches, stretch);
    return fresh;
}

PfHeard
pf_heard_sum(const GArray *pieces, gint64 length)
{
    g_autoptr(GArray) stretches = g_array_new(FALSE, FALSE, sizeof(Stretch));
    PfHeard sum = {.percent = -1};
    gint64 told = 0;
    double heard = 0;

    for (guint i = 0; i < pieces->len; i++) {
        const PfHeardPiece *piece = &g_array_index(pieces, PfHeardPiece, i);

        heard += add_piece(stretches, piece);
        told = MAX(told, piece->duration);
        sum.percent = MAX(sum.percent, MIN(piece->progress, 100));
    }
    if (told > 0)
        length = told;
    sum.seconds = (gint64)(heard + 0.5);
    if (length <= 0)
        return sum;
    sum.seconds = MIN(sum.seconds, length);
    if (sum.seconds > 0)
        sum.percent = MAX(sum.percent, sum.seconds * 100 / length);
    sum.seconds = MAX(sum.seconds, length * MAX(sum.percent, 0) / 100);
    return sum;
}

static gboolean
take_piece(sqlite3_stmt *row, gpointer data)
{
    const PfHeardPiece piece = {.started = sqlite3_column_int64(row, 0),
                                .ended = sqlite3_column_int64(row, 1),
                                .heard = sqlite3_column_int64(row, 2),
                                .duration = sqlite3_column_int64(row, 3),
                                .progress = sqlite3_column_int64(row, 4)};

    g_array_append_val((GArray *)data, piece);
    return TRUE;
}

gboolean
pf_arrival_note_episode(PfQueue *queue, gint64 id, const char *episode, gint64 since, gint64 length, PfHeard *heard,
                        GError **error)
{
    g_autoptr(GArray) pieces = g_array_new(FALSE, FALSE, sizeof(PfHeardPiece));

    if (!pf_database_run(queue->database, error, "UPDATE arrival SET episode = ? WHERE id = ?", "si", episode, id) ||
        !pf_database_each(queue->database,
                          pf_database_prepare(queue->database, error,
                                              "SELECT started, seen, heard, duration, progress FROM arrival"
                                              " WHERE episode = ? AND episode IS NOT NULL AND seen >= ?"
                                              " ORDER BY seen, id",
                                              "si", episode, since),
                          take_piece, pieces, error))
        return FALSE;
    *heard = pf_heard_sum(pieces, length);
    return TRUE;
}

gboolean
pf_arrival_remove(PfQueue *queue, gint64 id, GError **error)
{
    return pf_database_run(queue->database, error, "DELETE FROM arrival WHERE id = ?", "i", id);
}

/* A file that came this far in the future, seconds, came while the clock was ahead; otherwise ours is behind. */
#define FAR_AHEAD ((gint64)40 * 86400)

gboolean
pf_arrival_date(PfQueue *queue, gint64 now, GError **error)
{
    if (now < PF_CLOCK_EARLIEST)
        return TRUE;
    return pf_database_run(queue->database, error, "UPDATE arrival SET seen = ? WHERE seen < ? OR seen > ?", "iii", now,
                           PF_CLOCK_EARLIEST, now + FAR_AHEAD);
}

gboolean
pf_arrival_give_up(PfQueue *queue, gint64 before, guint *count, GError **error)
{
    gboolean done = pf_database_run(queue->database, error,
                                    "UPDATE arrival SET state = 'matched', reason = 'too_old', candidates = NULL,"
                                    " next_try = NULL WHERE state = 'unmatched' AND state <> 'matched' AND seen < ?",
                                    "i", before);

    *count = done ? (guint)pf_database_changes(queue->database) : 0;
    return done;
}

gboolean
pf_arrival_forget(PfQueue *queue, gint64 before, GError **error)
{
    return pf_database_run(queue->database, error,
                           "DELETE FROM arrival WHERE state IN ('matched', 'refused') AND seen < ?", "i", before);
}

/* --- whose files a folder has --- */

gboolean
pf_arrival_note_folder(PfQueue *queue, const char *path, const char *feed, gint64 files, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);

    return pf_database_run(queue->database, error,
                           "INSERT INTO folder (path, feed, files) VALUES (?, ?, ?)"
                           " ON CONFLICT DO UPDATE SET files = files + excluded.files",
                           "bsi", folder, feed, files);
}

typedef struct {
    GStrvBuilder *feeds;
    guint count;
    gint64 files;
} Folder;

static gboolean
take_folder(sqlite3_stmt *row, gpointer data)
{
    Folder *folder = data;

    g_strv_builder_add(folder->feeds, (const char *)sqlite3_column_text(row, 0));
    folder->files = sqlite3_column_int64(row, 1);
    folder->count++;
    return TRUE;
}

char **
pf_arrival_list_folder(PfQueue *queue, const char *path, GError **error)
{
    g_autofree char *name = g_path_get_dirname(path);
    g_autoptr(GStrvBuilder) feeds = g_strv_builder_new();
    Folder folder = {.feeds = feeds};
    sqlite3_stmt *rows =
        pf_database_prepare(queue->database, error, "SELECT feed, files FROM folder WHERE path = ? LIMIT 2", "b", name);

    if (!pf_database_each(queue->database, rows, take_folder, &folder, error))
        return NULL;
    if (folder.count == 1 && folder.files < PF_ARRIVAL_FOLDER_FILES)
        return g_new0(char *, 1);
    return g_strv_builder_end(feeds);
}

/* --- watched folders --- */

typedef struct {
    gint64 *first, *mark;
} Marks;

static gboolean
take_marks(sqlite3_stmt *row, gpointer data)
{
    const Marks *marks = data;

    *marks->first = sqlite3_column_int64(row, 0) * PF_CLOCK_NANOSECONDS + sqlite3_column_int64(row, 1);
    *marks->mark = sqlite3_column_int64(row, 2);
    return FALSE;
}

gboolean
pf_arrival_load_marks(PfQueue *queue, const char *folder, gint64 *first, gint64 *mark, GError **error)
{
    Marks marks = {first, mark};

    *first = 0;
    *mark = 0;
    return pf_database_each(queue->database,
                            pf_database_prepare(queue->database, error,
                                                "SELECT first, first_part, mark FROM watched WHERE folder = ?", "b",
                                                folder),
                            take_marks, &marks, error);
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
