/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/batch.h"

#include "base/clock.h"
#include "base/crash.h"
#include "queue/settle.h"

/* So many entries more than can be under way are taken at the most. After a crash they are in doubt with the others. */
#define AHEAD_MOST 28

/* How far around the turn of a month, by our clock, the server's month may turn, seconds. */
#define MONTH_TURN ((gint64)600)

/* A verdict is written with others, but does not wait for them longer than this, milliseconds. */
#define VERDICT_WAIT 100

typedef struct {
    PfEntry *entry;
    gboolean is_answer;
    char *told;
} Verdict;

struct PfBatch {
    const PfSenderSettings *settings;
    PfAccount *account;
    GQueue ahead;        /* of PfEntry: committed as `sending`, but not given out yet */
    GPtrArray *verdicts; /* of Verdict */
    gint64 committed;    /* when last, by the monotonic clock, microseconds */
};

static void
verdict_free(gpointer data)
{
    Verdict *verdict = data;

    pf_entry_free(verdict->entry);
    g_free(verdict->told);
    g_free(verdict);
}

PfBatch *
pf_batch_new(const PfSenderSettings *settings, PfAccount *account)
{
    PfBatch *batch = g_new0(PfBatch, 1);

    batch->settings = settings;
    batch->account = account;
    batch->verdicts = g_ptr_array_new_with_free_func(verdict_free);
    return batch;
}

void
pf_batch_free(PfBatch *batch)
{
    if (!batch)
        return;
    g_queue_clear_full(&batch->ahead, (GDestroyNotify)pf_entry_free);
    g_ptr_array_unref(batch->verdicts);
    g_free(batch);
}

void
pf_batch_add_verdict_take(PfBatch *batch, PfEntry *entry, gboolean is_answer, char *told)
{
    Verdict *verdict = g_new0(Verdict, 1);

    verdict->entry = entry;
    verdict->is_answer = is_answer;
    verdict->told = told;
    g_ptr_array_add(batch->verdicts, verdict);
}

gint64
pf_batch_get_patience(const PfBatch *batch)
{
    if (batch->verdicts->len == 0)
        return -1;
    return MAX(VERDICT_WAIT - (g_get_monotonic_time() - batch->committed) / 1000, 0);
}

gboolean
pf_batch_is_empty(const PfBatch *batch)
{
    return batch->ahead.length == 0;
}

/* --- the transaction --- */

static gboolean
write_verdicts(PfBatch *batch, gint64 now, GError **error)
{
    for (guint i = 0; i < batch->verdicts->len; i++) {
        const Verdict *verdict = batch->verdicts->pdata[i];
        if (!pf_queue_settle(batch->settings->queue, verdict->entry, verdict->is_answer ? "answer" : "asked",
                             verdict->told, now, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
may_go_on(PfBatch *batch, gboolean stopping, gint64 now, gboolean *go_on, GError **error)
{
    gboolean paused = FALSE;

    *go_on = FALSE;
    if (stopping || pf_account_count_allowed(batch->account, 1, now) == 0)
        return TRUE;
    if (!pf_queue_read_paused(batch->settings->queue, &paused, error))
        return FALSE;
    *go_on = !paused;
    return TRUE;
}

static gboolean
put_back(PfBatch *batch, gint64 now, GError **error)
{
    while (batch->ahead.length > 0) {
        g_autoptr(PfEntry) entry = g_queue_pop_head(&batch->ahead);

        entry->state = PF_ENTRY_QUEUED;
        entry->attempts--;
        if (!pf_queue_settle(batch->settings->queue, entry, "not_sent", NULL, now, error))
            return FALSE;
    }
    return TRUE;
}

/* As many as the server has just answered twice over, so that a slow one leaves little in doubt when a crash comes; and
 * none while the month turns, since what was not even sent would be held as unknown then. */
static guint
count_ahead(const PfBatch *batch, gint64 now)
{
    if (pf_clock_month_start(now - MONTH_TURN) != pf_clock_month_start(now + MONTH_TURN))
        return 0;
    return MIN(2 * batch->verdicts->len, AHEAD_MOST);
}

/* How many more entries may be taken now. */
static gboolean
count_room(PfBatch *batch, guint busy, gint64 now, gint64 *room, GError **error)
{
    const PfSenderSettings *settings = batch->settings;
    guint most = settings->in_flight + count_ahead(batch, now);
    gint64 taken = (gint64)busy + batch->ahead.length;
    gint64 paid = 0;

    *room = MAX((gint64)pf_account_count_allowed(batch->account, most, now) - taken, 0);
    if (*room == 0 || settings->per_month == 0)
        return TRUE;
    if (!pf_queue_count_paid_since(settings->queue, pf_clock_month_start(now), &paid, error))
        return FALSE;
    gint64 left = settings->per_month - paid - taken;
    if (left <= 0 && taken == 0)
        pf_account_close_for_month(batch->account, now);
    *room = CLAMP(left, 0, *room);
    return TRUE;
}

/* Writes it down if the entry that is due must not be sent after all. Returns whether it may be. */
static gboolean
may_send(PfBatch *batch, PfEntry *entry, gint64 now, GError **error)
{
    const PfSenderSettings *settings = batch->settings;

    if (pf_settle_doubt(entry, pf_account_get_fingerprint(batch->account), now) &&
        (!settings->review || settings->review(entry, settings->data)))
        return TRUE;
    pf_queue_settle(settings->queue, entry, pf_entry_state_name(entry->state), NULL, now, error);
    return FALSE;
}

static gboolean
take_next(PfBatch *batch, guint busy, gint64 now, GError **error)
{
    PfQueue *queue = batch->settings->queue;
    g_autoptr(GError) failure = NULL;
    gint64 room = 0;

    count_room(batch, busy, now, &room, &failure);
    while (room > 0 && !failure) {
        g_autoptr(PfEntry) entry = pf_queue_find_due(queue, now, &failure);
        if (!entry)
            break;
        if (may_send(batch, entry, now, &failure) &&
            pf_queue_claim(queue, entry, pf_account_get_fingerprint(batch->account), now, &failure)) {
            g_queue_push_tail(&batch->ahead, g_steal_pointer(&entry));
            room--;
        }
    }
    if (!failure)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

static void
tell_progress(const PfBatch *batch)
{
    for (guint i = 0; i < batch->verdicts->len && batch->settings->progress; i++) {
        const Verdict *verdict = batch->verdicts->pdata[i];
        if (verdict->is_answer || verdict->entry->state != PF_ENTRY_QUEUED)
            batch->settings->progress(verdict->entry, batch->settings->data);
    }
}

gboolean
pf_batch_commit(PfBatch *batch, guint busy, gboolean stopping, gint64 now, GError **error)
{
    PfQueue *queue = batch->settings->queue;
    g_autoptr(GError) failure = NULL;
    gboolean go_on = FALSE;

    if (pf_queue_begin(queue, &failure)) {
        (void)(write_verdicts(batch, now, &failure) && may_go_on(batch, stopping, now, &go_on, &failure) &&
               (go_on ? take_next(batch, busy, now, &failure) : put_back(batch, now, &failure)) &&
               pf_account_save(batch->account, queue, &failure));
        pf_queue_end(queue, &failure);
    }
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    PF_CRASH_POINT();
    batch->committed = g_get_monotonic_time();
    tell_progress(batch);
    g_ptr_array_set_size(batch->verdicts, 0);
    return TRUE;
}

PfEntry *
pf_batch_next(PfBatch *batch, guint busy, gint64 now)
{
    while (batch->ahead.length > 0 &&
           pf_account_count_allowed(batch->account, batch->settings->in_flight, now) > busy) {
        PfEntry *entry = g_queue_pop_head(&batch->ahead);

        /* The month may have turned since it was taken. */
        if (pf_settle_doubt(entry, pf_account_get_fingerprint(batch->account), now))
            return entry;
        entry->attempts--;
        pf_batch_add_verdict_take(batch, entry, FALSE, g_strdup("the month has turned"));
    }
    return NULL;
}
