/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/queue.h"

#include "base/clock.h"
#include "base/episode.h"
#include "base/files.h"
#include "base/i18n.h"
#include "base/state_folder.h"
#include "base/url.h"
#include "payment/payment_link.h"
#include "queue/queue_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define SELECT "SELECT " PF_ENTRY_COLUMNS(PF_COLUMN_SQL_NAME) "id FROM entry"

/* Seconds by which a clock may be set back without consequences. */
#define CLOCK_SLACK 600

PfQueue *
pf_queue_open(const char *state_dir, int busy_ms, GError **error)
{
    g_autofree char *path = g_build_filename(state_dir, "queue.db", NULL);
    g_autoptr(PfQueue) queue = g_new0(PfQueue, 1);

    if (!pf_state_folder_prepare(state_dir, error))
        return NULL;
    queue->generation_path = g_build_filename(state_dir, "generation", NULL);
    queue->database = pf_database_open(path, busy_ms, error);
    if (!queue->database || !pf_queue_schema_prepare(queue->database, path, error))
        return NULL;
    return g_steal_pointer(&queue);
}

PfQueue *
pf_queue_open_copy(const char *state_dir, GError **error)
{
    g_autofree char *path = g_build_filename(state_dir, "queue.db", NULL);
    g_autofree char *folder = pf_database_copy(path, error);
    PfQueue *queue = folder ? pf_queue_open(folder, 0, error) : NULL;

    pf_scratch_folder_remove(folder);
    return queue;
}

void
pf_queue_close(PfQueue *queue)
{
    if (!queue)
        return;
    pf_database_close(queue->database);
    g_free(queue->generation_path);
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

PfTransaction *
pf_queue_begin_reading(PfQueue *queue, GError **error)
{
    return pf_database_begin_reading(queue->database, error);
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
               " next_attempt = :next_attempt, doubt = :doubt, doubt_server = :doubt_server, checked = :checked,"
               " sent_as = :sent_as, thing_id = :thing_id, thing_link = :thing_link, thing_title = :thing_title,"
               " owed = :owed, updated = :updated WHERE id = :id",
               &pf_entry_columns, entry) &&
           /* A month that turned out to be another one, see pf_settle_month(); one that is taken is that entry's. */
           (!entry->period || !*entry->period ||
            pf_database_run(queue->database, error,
                            "UPDATE OR IGNORE entry SET period = ? WHERE id = ? AND period <> ?", "sis", entry->period,
                            entry->id, entry->period));
}

gboolean
pf_queue_add_event(PfQueue *queue, const PfEntry *entry, PfEvent event, GError **error)
{
    const char *state = pf_entry_state_name(entry->state);
    gboolean is_question = g_str_equal(event.what, "asked");

    /* A question that is asked for days is one event: asked so many times, last at that time, with that answer. */
    if (is_question &&
        !pf_database_run(queue->database, error,
                         "UPDATE event SET at = ?, answer = ?, times = times + 1"
                         " WHERE id = (SELECT max(id) FROM event WHERE entry = ?) AND what = 'asked' AND state = ?"
                         " AND reason IS ?",
                         "isiss", event.at, event.answer, entry->id, state, entry->reason))
        return FALSE;
    return (is_question && pf_database_changes(queue->database) > 0) ||
           pf_database_run(queue->database, error,
                           "INSERT INTO event (entry, at, what, state, reason, answer) VALUES (?, ?, ?, ?, ?, ?)",
                           "iissss", entry->id, event.at, event.what, state, entry->reason, event.answer);
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
    return pf_queue_settle(queue, entry, pf_event_of("sending", NULL, now), error);
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
                           "iii", now, now, now + CLOCK_SLACK) &&
           pf_database_run(queue->database, error,
                           "UPDATE entry SET next_attempt = ?, created = min(created, ?) WHERE state = 'held'"
                           " AND next_attempt > ? AND updated > ?",
                           "iiii", now, now, now, now + CLOCK_SLACK);
}

gboolean
pf_queue_question_old(PfQueue *queue, gint64 now, GError **error)
{
    gint64 month = pf_clock_month_start(now);

    return pf_database_run(queue->database, error,
                           "UPDATE entry SET doubt = created, doubt_server = created, checked = NULL"
                           " WHERE state = 'queued' AND doubt IS NULL AND sent_as IS NULL"
                           " AND created < ? AND ifnull(checked, 0) < ?",
                           "ii", month, month);
}

static gboolean
take_text(sqlite3_stmt *row, gpointer data)
{
    char **text = data;

    *text = pf_database_dup_text(row, 0);
    return FALSE;
}

/* Gives the database and its folder a new name that they share. */
static gboolean
begin_generation(PfQueue *queue, gint64 now, GError **error)
{
    g_autofree char *name = g_uuid_string_random();
    g_autoptr(GError) failure = NULL;

    if (!pf_database_run(queue->database, error, "INSERT OR REPLACE INTO generation (id, name, since) VALUES (1, ?, ?)",
                         "si", name, now))
        return FALSE;
    /* Should the transaction not be committed after this, the two differ, and it is done again. */
    if (pf_private_file_write(queue->generation_path, name, &failure))
        return TRUE;
    g_set_error(error, PF_DATABASE_ERROR, PF_DATABASE_ERROR_WRITE, "%s", failure->message);
    return FALSE;
}

gboolean
pf_queue_adopt_copy(PfQueue *queue, gint64 now, GError **error)
{
    g_autofree char *here = NULL;
    g_autofree char *in_database = NULL;

    /* A file that cannot be read is as good as none: it is written again. */
    (void)pf_private_file_read(queue->generation_path, &here, NULL);
    if (!pf_database_each(queue->database,
                          pf_database_prepare(queue->database, error, "SELECT name FROM generation", ""), take_text,
                          &in_database, error))
        return FALSE;
    if (here && in_database && g_str_equal(here, in_database))
        return TRUE;
    if ((here || in_database) &&
        !pf_database_run(queue->database, error,
                         "UPDATE entry SET doubt_server = iif(doubt IS NULL, created, doubt_server),"
                         " doubt = ifnull(doubt, created), checked = NULL, sent_as = ifnull(sent_as, '')"
                         " WHERE state IN ('queued', 'held') AND state <> 'flattred' AND owed IS NULL",
                         ""))
        return FALSE;
    return begin_generation(queue, now, error);
}

gboolean
pf_queue_date_doubts(PfQueue *queue, gint64 since, gint64 ahead, GError **error)
{
    return pf_database_run(queue->database, error,
                           "UPDATE entry SET doubt_server = doubt + ? WHERE doubt IS NOT NULL AND state = 'queued'"
                           " AND doubt >= ? AND doubt_server IS NULL",
                           "ii", ahead, since);
}

gboolean
pf_queue_check_place(PfQueue *queue, GError **error)
{
    return pf_database_check_place(queue->database, error);
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
pf_queue_settle(PfQueue *queue, PfEntry *entry, PfEvent event, GError **error)
{
    entry->updated = event.at;
    return pf_queue_update(queue, entry, error) && pf_queue_add_event(queue, entry, event, error);
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

static gboolean
take_day(sqlite3_stmt *row, gpointer data)
{
    gint64 day = sqlite3_column_int64(row, 0);

    g_array_append_val((GArray *)data, day);
    return TRUE;
}

GArray *
pf_queue_list_full_days(PfQueue *queue, PfDayLimit limit, gint64 today, GError **error)
{
#define COUNTED "SELECT counted FROM entry WHERE counted >= ? AND state NOT IN ('failed', 'dropped')"
#define FULL " GROUP BY counted HAVING count(*) >= ? ORDER BY counted"
    static const char *const sql[] = {
        [PF_DAY_LIMIT_FEED] = COUNTED " AND feed = ?" FULL,
        [PF_DAY_LIMIT_PAYEE] = COUNTED " AND payee = ?" FULL,
        [PF_DAY_LIMIT_ALL] = COUNTED " AND ? IS NULL" FULL,
    };
    g_autoptr(GArray) days = g_array_new(FALSE, FALSE, sizeof(gint64));
    sqlite3_stmt *rows = pf_database_prepare(queue->database, error, sql[limit.kind], "isi", today,
                                             limit.kind == PF_DAY_LIMIT_ALL ? NULL : limit.value, limit.most);

    return pf_database_each(queue->database, rows, take_day, days, error) ? g_steal_pointer(&days) : NULL;
}

gboolean
pf_queue_forget_days(PfQueue *queue, gint64 before, GError **error)
{
    return pf_database_run(queue->database, error, "UPDATE entry SET counted = NULL WHERE counted < ?", "i", before);
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

/* What LIKE finds anywhere in a text. Returns: (transfer full). */
static char *
dup_pattern(const char *part)
{
    GString *pattern = g_string_new("%");

    if (!part)
        return g_string_free(pattern, TRUE);
    for (; *part; part++) {
        if (strchr("%_\\", *part))
            g_string_append_c(pattern, '\\');
        g_string_append_c(pattern, *part);
    }
    return g_string_free(g_string_append_c(pattern, '%'), FALSE);
}

gboolean
pf_queue_list(PfQueue *queue, const PfQueueFilter *filter, PfEntryFunc each, gpointer data, GError **error)
{
    gboolean any = filter->state == PF_ENTRY_STATES;
    g_autofree char *feed = dup_pattern(filter->feed);
    g_autofree char *show = dup_pattern(filter->show);
    /* The index holds every state but the one that most entries are in, which SQLite has to be told. A statement is
     * kept by its text, which must stay: there are few of them. */
    g_autofree char *sql = g_strconcat(filter->newest_first ? "" : "SELECT * FROM (",
                                       SELECT " WHERE created >= ?2 AND created < ?3", any ? "" : " AND state = ?1",
                                       any || filter->state == PF_ENTRY_FLATTRED ? "" : " AND state <> 'flattred'",
                                       feed ? " AND (feed LIKE ?4 ESCAPE '\\' OR address LIKE ?4 ESCAPE '\\')" : "",
                                       show ? " AND (show_title LIKE ?5 ESCAPE '\\' OR show LIKE ?5 ESCAPE '\\')" : "",
                                       " ORDER BY id DESC LIMIT ?6", filter->newest_first ? "" : ") ORDER BY id", NULL);
    sqlite3_stmt *rows = pf_database_prepare(queue->database, error, g_intern_string(sql), "siissi",
                                             any ? NULL : pf_entry_state_name(filter->state), filter->since,
                                             filter->until ? filter->until : G_MAXINT64, feed, show,
                                             filter->limit > 0 ? filter->limit : (gint64)-1);
    EachEntry caller = {each, data};

    return pf_database_each(queue->database, rows, pass_on, &caller, error);
}

typedef struct {
    PfReasonFunc each;
    gpointer data;
} EachReason;

static gboolean
pass_on_reason(sqlite3_stmt *row, gpointer data)
{
    const EachReason *caller = data;

    caller->each((const char *)sqlite3_column_text(row, 0), sqlite3_column_int64(row, 1), caller->data);
    return TRUE;
}

gboolean
pf_queue_each_held_reason(PfQueue *queue, PfReasonFunc each, gpointer data, GError **error)
{
    sqlite3_stmt *rows = pf_database_prepare(queue->database, error,
                                             "SELECT reason, count(*) FROM entry WHERE state = 'held' AND state <> "
                                             "'flattred' GROUP BY reason ORDER BY count(*) DESC, reason",
                                             "");
    EachReason caller = {each, data};

    return pf_database_each(queue->database, rows, pass_on_reason, &caller, error);
}

/* --- history --- */

static void
free_news(gpointer data)
{
    PfQueueNews *news = data;

    g_free(news->key);
    g_free(news->reason);
    g_free(news->title);
    g_free(news->show_title);
    g_free(news);
}

static gboolean
take_news(sqlite3_stmt *row, gpointer data)
{
    PfQueueNews *news = g_new0(PfQueueNews, 1);
    const char *state = (const char *)sqlite3_column_text(row, 4);

    news->event = sqlite3_column_int64(row, 0);
    news->at = sqlite3_column_int64(row, 1);
    news->id = sqlite3_column_int64(row, 2);
    news->key = pf_database_dup_text(row, 3);
    (void)pf_entry_state_from_name(state, &news->state);
    news->reason = pf_database_dup_text(row, 5);
    news->next_attempt = sqlite3_column_int64(row, 6);
    news->title = pf_database_dup_text(row, 7);
    news->show_title = pf_database_dup_text(row, 8);
    g_ptr_array_add(data, news);
    return TRUE;
}

gboolean
pf_queue_read_last_event(PfQueue *queue, gint64 *event, GError **error)
{
    *event = 0;
    return pf_database_read_number(queue->database, event, error, "SELECT ifnull(max(id), 0) FROM event", "");
}

GPtrArray *
pf_queue_list_news(PfQueue *queue, gint64 after, guint most, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(free_news);

    if (!pf_database_each(
            queue->database,
            pf_database_prepare(queue->database, error,
                                "SELECT event.id, event.at, entry.id, entry.key, entry.state, entry.reason,"
                                " entry.next_attempt, entry.title, entry.show_title"
                                " FROM event JOIN entry ON entry.id = event.entry"
                                " WHERE event.id > ? AND event.state = entry.state AND CASE entry.state"
                                "  WHEN 'flattred' THEN NOT EXISTS (SELECT 1 FROM event AS former"
                                "   WHERE former.entry = entry.id AND former.id < event.id"
                                "   AND former.state = 'flattred')"
                                "  WHEN 'owed' THEN event.what = 'added' AND entry.source IN ('watch', 'hook', 'play')"
                                "  WHEN 'held' THEN event.what = 'added' AND entry.source IN ('watch', 'hook', 'play')"
                                "   AND entry.reason IN ('delay', 'ask', 'confirm', 'contested')"
                                "  END ORDER BY event.id LIMIT ?",
                                "ii", after, (gint64)most),
            take_news, list, error))
        return NULL;
    return g_steal_pointer(&list);
}

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
    event->times = sqlite3_column_int64(row, 5);
    g_ptr_array_add(data, event);
    return TRUE;
}

GPtrArray *
pf_queue_read_history(PfQueue *queue, gint64 entry, GError **error)
{
    g_autoptr(GPtrArray) history = g_ptr_array_new_with_free_func((GDestroyNotify)pf_event_free);
    sqlite3_stmt *rows = pf_database_prepare(
        queue->database, error, "SELECT at, what, state, reason, answer, times FROM event WHERE entry = ? ORDER BY id",
        "i", entry);

    return pf_database_each(queue->database, rows, take_event, history, error) ? g_steal_pointer(&history) : NULL;
}

gboolean
pf_queue_read_last_answer(PfQueue *queue, char **answer, GError **error)
{
    *answer = NULL;
    return pf_database_each(
        queue->database,
        pf_database_prepare(queue->database, error,
                            "SELECT answer FROM event WHERE answer IS NOT NULL AND what <> 'contested'"
                            " ORDER BY id DESC LIMIT 1",
                            ""),
        take_text, answer, error);
}

/* --- adding, once each --- */

typedef struct {
    const PfEpisode *draft;
    gint64 same, rival;
} Search;

#define CANDIDATE                                                                                                      \
    "SELECT id, key, period, payee, feed, guid, title, enclosure, published, created, show, state FROM entry"

static PfEpisode
episode_of_row(sqlite3_stmt *row)
{
    return (PfEpisode){.key = (const char *)sqlite3_column_text(row, 1),
                       .period = (const char *)sqlite3_column_text(row, 2),
                       .payee = (const char *)sqlite3_column_text(row, 3),
                       .feed = (const char *)sqlite3_column_text(row, 4),
                       .guid = (const char *)sqlite3_column_text(row, 5),
                       .title = (const char *)sqlite3_column_text(row, 6),
                       .enclosure = (const char *)sqlite3_column_text(row, 7),
                       .published = sqlite3_column_int64(row, 8),
                       .came = sqlite3_column_int64(row, 9),
                       .show = (const char *)sqlite3_column_text(row, 10)};
}

/* Looks for the first of the same episode, and for one that claims it for somebody else. */
static gboolean
take_candidate(sqlite3_stmt *row, gpointer data)
{
    Search *search = data;
    const PfEpisode candidate = episode_of_row(row);
    const char *state = (const char *)sqlite3_column_text(row, 11);
    gboolean is_over = g_str_equal(state, "failed") || g_str_equal(state, "dropped");
    PfEpisodeRelation relation = pf_episode_compare(search->draft, &candidate);

    if (relation == PF_EPISODE_SAME)
        search->same = sqlite3_column_int64(row, 0);
    else if (relation == PF_EPISODE_CONTESTED && !is_over && !search->rival)
        search->rival = sqlite3_column_int64(row, 0);
    return !search->same;
}

gboolean
pf_queue_find_same(PfQueue *queue, const PfEntry *draft, gint64 *id, gint64 *rival, GError **error)
{
    PfDatabase *database = queue->database;
    const char *period = draft->period ? draft->period : "";
    const PfEpisode episode = {.key = draft->key,
                               .period = period,
                               .payee = draft->payee,
                               .feed = draft->feed,
                               .guid = draft->guid,
                               .title = draft->title,
                               .enclosure = draft->enclosure,
                               .published = draft->published,
                               .came = draft->created,
                               .show = draft->show};
    Search search = {.draft = &episode};
    g_auto(GStrv) pages = pf_episode_list_spellings(draft->key);
    gboolean episodic = !*period;
    gboolean found =
        pf_database_each(database,
                         pf_database_prepare(database, error, CANDIDATE " WHERE key = ? AND period = ? ORDER BY id",
                                             "ss", draft->key, period),
                         take_candidate, &search, error);

    /* Each question is one that an index answers. */
    if (found && !search.same && episodic && draft->guid)
        found = pf_database_each(database,
                                 pf_database_prepare(database, error,
                                                     CANDIDATE " WHERE guid = ? AND period = '' ORDER BY id", "s",
                                                     draft->guid),
                                 take_candidate, &search, error);
    if (found && !search.same && episodic && draft->feed && draft->title && pages[0])
        found = pf_database_each(database,
                                 pf_database_prepare(database, error,
                                                     CANDIDATE
                                                     " WHERE key IN (?, ?, ?, ?, ?, ?, ?) AND period = '' AND title = ?"
                                                     " ORDER BY id",
                                                     "ssssssss", pages[0], pages[1], pages[2], pages[3], pages[4],
                                                     pages[5], pages[6], draft->title),
                                 take_candidate, &search, error);
    if (found && !search.same && episodic && draft->enclosure)
        found = pf_database_each(
            database,
            pf_database_prepare(database, error,
                                CANDIDATE " WHERE enclosure = ? AND guid IS NULL AND period = '' ORDER BY id", "s",
                                draft->enclosure),
            take_candidate, &search, error);
    if (found && !search.same && episodic && draft->enclosure && draft->published)
        found = pf_database_each(database,
                                 pf_database_prepare(database, error,
                                                     CANDIDATE " WHERE published = ? AND title IS ? AND period = ''"
                                                               " ORDER BY id",
                                                     "is", draft->published, draft->title),
                                 take_candidate, &search, error);
    *id = search.same;
    *rival = search.rival;
    return found;
}

/* Notes in an entry's history who else claims what it is for. */
static gboolean
tell_rival(PfQueue *queue, const PfEntry *entry, const PfEntry *rival, gint64 now, GError **error)
{
    g_autofree char *told =
        g_strdup_printf(_("#%" PRId64 " claims it for %s: %s"), rival->id,
                        *rival->payee ? rival->payee : _("an unknown payee"), rival->url ? rival->url : rival->key);

    return pf_queue_add_event(queue, entry, pf_event_of("contested", told, now), error);
}

gboolean
pf_queue_contest(PfQueue *queue, gint64 id, gint64 rival, gint64 now, GError **error)
{
    g_autoptr(PfEntry) later = NULL;
    g_autoptr(PfEntry) earlier = NULL;

    if (!pf_queue_read(queue, id, &later, error) || !pf_queue_read(queue, rival, &earlier, error))
        return FALSE;
    /* One that may have been paid goes on until that is certain. */
    if ((earlier->state == PF_ENTRY_QUEUED || earlier->state == PF_ENTRY_HELD) && !earlier->doubt &&
        g_strcmp0(earlier->reason, "unknown") != 0) {
        earlier->state = PF_ENTRY_HELD;
        earlier->next_attempt = 0;
        g_free(earlier->reason);
        earlier->reason = g_strdup("contested");
        earlier->updated = now;
        if (!pf_queue_update(queue, earlier, error))
            return FALSE;
    }
    return tell_rival(queue, earlier, later, now, error) && tell_rival(queue, later, earlier, now, error);
}

gboolean
pf_queue_add(PfQueue *queue, PfEntry *draft, gint64 *id, gboolean *added, GError **error)
{
    g_autofree char *payee = draft->payee ? g_strdup(draft->payee)
                             : draft->url ? pf_payment_dup_payee(draft->url)
                                          : g_strdup("");
    PfEntry entry = {.key = draft->key,
                     .period = draft->period ? draft->period : (char *)"",
                     .url = draft->url,
                     .payee = payee,
                     .by_hand = draft->source == PF_SOURCE_ADD || draft->source == PF_SOURCE_SCAN,
                     .feed = draft->feed,
                     .address = draft->address,
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
                     .enclosure = draft->enclosure,
                     .published = draft->published};
    gint64 rival = 0;

    if (!pf_queue_find_same(queue, &entry, id, &rival, error))
        return FALSE;
    *added = *id == 0;
    if (!*added)
        return TRUE;
    if (rival && draft->state != PF_ENTRY_DROPPED) {
        draft->state = PF_ENTRY_HELD;
        draft->reason = (char *)"contested";
        draft->next_attempt = 0;
    }
    entry.state = draft->state;
    entry.reason = draft->reason;
    entry.next_attempt = draft->next_attempt;
    if (!pf_queue_insert(queue, &entry, id, error))
        return FALSE;
    entry.id = *id;
    return pf_queue_add_event(queue, &entry, pf_event_of("added", NULL, entry.created), error) &&
           (!rival || entry.state == PF_ENTRY_DROPPED || pf_queue_contest(queue, *id, rival, entry.created, error));
}

gboolean
pf_queue_note(PfQueue *queue, gint64 entry, PfEvent event, GError **error)
{
    return pf_database_run(queue->database, error,
                           "INSERT INTO event (entry, at, what, state, answer) SELECT id, ?, ?, state, ? FROM entry"
                           " WHERE id = ?",
                           "issi", event.at, event.what, event.answer, entry);
}

gboolean
pf_queue_find_file(PfQueue *queue, const PfEntry *draft, gint64 *id, GError **error)
{
    g_autofree char *identity = draft->enclosure ? pf_url_identity(draft->enclosure) : NULL;

    *id = 0;
    if (draft->guid)
        return pf_database_read_number(queue->database, id, error,
                                       "SELECT id FROM entry WHERE guid = ? AND period = '' AND file = ? ORDER BY id",
                                       "ss", draft->guid, draft->file);
    return !identity || pf_database_read_number(queue->database, id, error,
                                                "SELECT id FROM entry WHERE enclosure = ? AND file = ? ORDER BY id",
                                                "ss", identity, draft->file);
}

/* --- who may send --- */

struct PfQueueLock {
    int file;
};

G_DEFINE_QUARK(pf_queue_lock_error, pf_queue_lock_error)

static char *
lock_path(const char *state_dir)
{
    return g_build_filename(state_dir, "sender.lock", NULL);
}

static gint64
read_holder(int file)
{
    char text[32] = "";
    ssize_t length = pread(file, text, sizeof text - 1, 0);

    return length > 0 ? g_ascii_strtoll(text, NULL, 10) : 0;
}

/* A lock of the open file, unlike flock(), can be asked about without being taken for a moment. */
static int
lock_command(int file, int command, struct flock *lock)
{
    *lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(file, command, lock);
}

PfQueueLock *
pf_queue_lock_take(const char *state_dir, GError **error)
{
    g_autofree char *path = lock_path(state_dir);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct flock request;

    if (file < 0 || lock_command(file, F_OFD_SETLK, &request) != 0) {
        if (file >= 0 && (errno == EAGAIN || errno == EACCES))
            g_set_error(error, PF_QUEUE_LOCK_ERROR, PF_QUEUE_LOCK_ERROR_HELD,
                        _("process %" PRId64 " is sending already; it will send these too"), read_holder(file));
        else
            g_set_error(error, PF_QUEUE_LOCK_ERROR, PF_QUEUE_LOCK_ERROR_FILE, _("cannot lock %s: %s"), path,
                        g_strerror(errno));
        if (file >= 0)
            close(file);
        return NULL;
    }
    /* The id in the file is for people and messages only; the lock itself is what counts, so a failed write is no harm.
     */
    if (ftruncate(file, 0) == 0)
        (void)!dprintf(file, "%ld\n", (long)getpid());

    PfQueueLock *lock = g_new0(PfQueueLock, 1);
    lock->file = file;
    return lock;
}

void
pf_queue_lock_release(PfQueueLock *lock)
{
    if (!lock)
        return;
    close(lock->file);
    g_free(lock);
}

gint64
pf_queue_lock_get_holder(const char *state_dir)
{
    g_autofree char *path = lock_path(state_dir);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct flock held;
    gint64 holder = 0;

    if (file < 0)
        return 0;
    if (lock_command(file, F_OFD_GETLK, &held) == 0 && held.l_type != F_UNLCK)
        holder = read_holder(file);
    close(file);
    return holder;
}
