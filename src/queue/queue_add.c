/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How entries come in, once each. Apart from queue.c, since it compares addresses, which takes libcurl: what only opens
 * the queue, as a hook does, does without. */
#include "queue/queue.h"

#include "base/episode.h"
#include "queue/queue_private.h"

/* What the user named by hand goes out before what came by itself. */
static gint64
priority_of(PfSource source)
{
    return source == PF_SOURCE_ADD || source == PF_SOURCE_SCAN ? 0 : 1;
}

/* A guid that several feeds use ("1") can have several entries; each is looked at. */
static gboolean
find_episode(PfQueue *queue, const PfEntry *draft, gint64 *id, GError **error)
{
    g_autoptr(GError) failure = NULL;
    gboolean global = pf_episode_guid_is_global(draft->guid);
    sqlite3_stmt *row =
        pf_database_prepare(queue->database, &failure,
                            "SELECT id, feed FROM entry WHERE guid = ? AND period = '' ORDER BY id", "s", draft->guid);

    while (row && pf_database_step(queue->database, row, &failure)) {
        if (global || pf_episode_same_feed((const char *)sqlite3_column_text(row, 1), draft->feed)) {
            *id = sqlite3_column_int64(row, 0);
            sqlite3_reset(row);
            break;
        }
    }
    return pf_queue_finish(&failure, error);
}

gboolean
pf_queue_find_same(PfQueue *queue, const PfEntry *draft, gint64 *id, GError **error)
{
    const char *period = draft->period ? draft->period : "";

    *id = 0;
    if (!pf_database_read_number(queue->database, id, error, "SELECT id FROM entry WHERE key = ? AND period = ?", "ss",
                                 draft->key, period))
        return FALSE;
    return *id || !draft->guid || *period || find_episode(queue, draft, id, error);
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
            " source, created, updated, counted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            "ssssszisssssiiz", draft->key, period, draft->url, pf_entry_state_name(draft->state), draft->reason,
            draft->next_attempt, priority_of(draft->source), draft->feed, draft->guid, draft->title, draft->file,
            pf_source_name(draft->source), draft->created, draft->created, draft->counted))
        return FALSE;
    *id = pf_database_last_id(queue->database);
    return pf_queue_add_event(queue, *id, "added", draft->state, draft->reason, NULL, draft->created, error);
}
