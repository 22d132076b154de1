/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the queue keeps of the account: the gate, the user's pause, the rate limit. */
#include "queue/queue_private.h"

static gboolean
read_pause(PfQueue *queue, gint64 *since, GError **error)
{
    *since = 0;
    return pf_database_read_number(queue->database, since, error, "SELECT since FROM pause", "");
}

gboolean
pf_queue_load_gate(PfQueue *queue, PfGate *gate, char **token, GError **error)
{
    g_autoptr(GError) failure = NULL;
    gint64 paused;
    sqlite3_stmt *row =
        pf_database_prepare(queue->database, &failure, "SELECT reason, since, next_probe, probes, token FROM gate", "");

    pf_gate_open(gate);
    *token = NULL;
    if (row && pf_database_step(queue->database, row, &failure)) {
        gate->reason = pf_gate_reason_from_name((const char *)sqlite3_column_text(row, 0));
        gate->since = sqlite3_column_int64(row, 1);
        gate->next_probe = sqlite3_column_int64(row, 2);
        gate->probes = (guint)sqlite3_column_int64(row, 3);
        *token = pf_database_dup_text(row, 4);
        sqlite3_reset(row);
    }
    if (!failure && read_pause(queue, &paused, &failure) && paused)
        *gate = (PfGate){.reason = PF_GATE_PAUSED, .since = paused};
    return pf_queue_finish(&failure, error);
}

gboolean
pf_queue_save_gate(PfQueue *queue, const PfGate *gate, const char *token, GError **error)
{
    /* What the gate was closed for besides is still in its row, and true. */
    if (gate->reason == PF_GATE_PAUSED)
        return TRUE;
    if (gate->reason == PF_GATE_OPEN)
        return pf_database_run(queue->database, error, "DELETE FROM gate", "");
    return pf_database_run(queue->database, error,
                           "INSERT OR REPLACE INTO gate (id, reason, since, next_probe, probes, token)"
                           " VALUES (1, ?, ?, ?, ?, ?)",
                           "sizis", pf_gate_reason_name(gate->reason), gate->since, gate->next_probe,
                           (gint64)gate->probes, token);
}

gboolean
pf_queue_read_paused(PfQueue *queue, gboolean *paused, GError **error)
{
    gint64 since;

    if (!read_pause(queue, &since, error))
        return FALSE;
    *paused = since != 0;
    return TRUE;
}

gboolean
pf_queue_pause(PfQueue *queue, gint64 now, gboolean *changed, GError **error)
{
    if (!pf_database_run(queue->database, error, "INSERT OR IGNORE INTO pause (id, since) VALUES (1, ?)", "i", now))
        return FALSE;
    *changed = pf_database_changes(queue->database) > 0;
    return TRUE;
}

gboolean
pf_queue_resume(PfQueue *queue, gboolean *changed, GError **error)
{
    if (!pf_database_run(queue->database, error, "DELETE FROM pause", ""))
        return FALSE;
    *changed = pf_database_changes(queue->database) > 0;
    return TRUE;
}

gboolean
pf_queue_load_rate_limit(PfQueue *queue, PfRateLimit *limit, GError **error)
{
    g_autoptr(GError) failure = NULL;
    sqlite3_stmt *row = pf_database_prepare(queue->database, &failure,
                                            "SELECT hits_limit, remaining, current, reset FROM rate_limit", "");

    *limit = (PfRateLimit){0};
    if (row && pf_database_step(queue->database, row, &failure)) {
        limit->limit = sqlite3_column_int64(row, 0);
        limit->remaining = sqlite3_column_int64(row, 1);
        limit->current = sqlite3_column_int64(row, 2);
        limit->reset = sqlite3_column_int64(row, 3);
        sqlite3_reset(row);
    }
    return pf_queue_finish(&failure, error);
}

gboolean
pf_queue_save_rate_limit(PfQueue *queue, const PfRateLimit *limit, GError **error)
{
    return pf_database_run(queue->database, error,
                           "INSERT OR REPLACE INTO rate_limit (id, hits_limit, remaining, current, reset)"
                           " VALUES (1, ?, ?, ?, ?)",
                           "iiii", limit->limit, limit->remaining, limit->current, limit->reset);
}
