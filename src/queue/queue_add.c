/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How entries come in, once each: an address in another spelling is the same. */
#include "queue/queue.h"

#include "base/episode.h"
#include "queue/queue_private.h"

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
