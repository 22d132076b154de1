/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/history.h"

#include "queue/queue_private.h"

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

GPtrArray *
pf_queue_read_story(PfQueue *queue, gint64 entry, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(GPtrArray) story = g_ptr_array_new_with_free_func((GDestroyNotify)pf_event_free);
    sqlite3_stmt *row = pf_database_prepare(
        queue->database, &failure, "SELECT at, what, state, reason, answer FROM event WHERE entry = ? ORDER BY id", "i",
        entry);

    while (row && pf_database_step(queue->database, row, &failure)) {
        PfEvent *event = g_new0(PfEvent, 1);

        event->at = sqlite3_column_int64(row, 0);
        event->what = pf_database_dup_text(row, 1);
        event->state = pf_database_dup_text(row, 2);
        event->reason = pf_database_dup_text(row, 3);
        event->answer = pf_database_dup_text(row, 4);
        g_ptr_array_add(story, event);
    }
    return pf_queue_finish(&failure, error) ? g_steal_pointer(&story) : NULL;
}

gboolean
pf_queue_read_last_answer(PfQueue *queue, char **answer, GError **error)
{
    g_autoptr(GError) failure = NULL;
    sqlite3_stmt *row = pf_database_prepare(
        queue->database, &failure, "SELECT answer FROM event WHERE answer IS NOT NULL ORDER BY id DESC LIMIT 1", "");

    *answer = NULL;
    while (row && pf_database_step(queue->database, row, &failure))
        *answer = pf_database_dup_text(row, 0);
    return pf_queue_finish(&failure, error);
}
