/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/import.h"

#include "queue/history.h"
#include "queue/queue_private.h"

#define RANK_DOUBT 1

int
pf_queue_import_rank(const PfEntry *entry)
{
    static const int ranks[PF_ENTRY_STATES] = {
        [PF_ENTRY_HELD] = 0,    [PF_ENTRY_QUEUED] = 0, [PF_ENTRY_SENDING] = RANK_DOUBT, [PF_ENTRY_FAILED] = 2,
        [PF_ENTRY_DROPPED] = 3, [PF_ENTRY_OWNED] = 4,  [PF_ENTRY_FLATTRED] = 5,
    };

    return entry->doubt ? MAX(ranks[entry->state], RANK_DOUBT) : ranks[entry->state];
}

/* A copy that borrows the strings, as the entry is to stand here: nobody here waits for its answer. */
static PfEntry
settle_down(const PfEntry *entry)
{
    PfEntry here = *entry;

    if (!here.period)
        here.period = (char *)"";
    if (here.state == PF_ENTRY_SENDING) {
        here.state = PF_ENTRY_QUEUED;
        here.reason = (char *)"interrupted";
        here.doubt = here.doubt ? here.doubt : here.updated;
    }
    /* The sender's order needs a time. */
    if (here.state == PF_ENTRY_QUEUED && here.next_attempt == 0)
        here.next_attempt = here.updated;
    return here;
}

static gboolean
insert_entry(PfQueue *queue, const PfEntry *entry, gint64 *id, GError **error)
{
    if (!pf_database_run(queue->database, error,
                         "INSERT INTO entry (key, period, url, state, reason, attempts, own_faults, next_attempt,"
                         " doubt, priority, feed, guid, title, file, source, counted, created, updated, thing_id,"
                         " thing_link, thing_title, sent_as, enclosure, published)"
                         " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                         "sssssiizzisssssziizssssz", entry->key, entry->period, entry->url,
                         pf_entry_state_name(entry->state), entry->reason, entry->attempts, entry->own_faults,
                         entry->next_attempt, entry->doubt, (gint64)(entry->by_hand ? 0 : 1), entry->feed, entry->guid,
                         entry->title, entry->file, pf_source_name(entry->source), entry->counted, entry->created,
                         entry->updated, entry->thing_id, entry->thing_link, entry->thing_title, entry->sent_as,
                         entry->enclosure, entry->published))
        return FALSE;
    *id = pf_database_last_id(queue->database);
    return TRUE;
}

/* What the two queues know together. */
static void
unite(PfEntry *here, const PfEntry *known)
{
    gboolean over = here->state == PF_ENTRY_OWNED || here->state == PF_ENTRY_FLATTRED;

    if (!over && !here->doubt && known->doubt) {
        here->doubt = known->doubt;
        here->sent_as = known->sent_as;
    }
    if (known->state == PF_ENTRY_HELD && here->state == PF_ENTRY_QUEUED) {
        here->state = PF_ENTRY_HELD;
        here->reason = known->reason;
        here->next_attempt = known->next_attempt;
    }
}

/* `updated` is taken over too: it says in which month a flattr counts. About a doubt that came from elsewhere the
 * server has to be asked anew. */
static gboolean
advance_entry(PfQueue *queue, gint64 id, const PfEntry *entry, GError **error)
{
    return pf_database_run(queue->database, error,
                           "UPDATE entry SET state = ?, reason = ?, attempts = ?, own_faults = ?, next_attempt = ?,"
                           " doubt = ?, sent_as = ?, checked = NULL, thing_id = ?, thing_link = ?, thing_title = ?, "
                           "updated = ? WHERE id = ?",
                           "ssiizzszssii", pf_entry_state_name(entry->state), entry->reason, entry->attempts,
                           entry->own_faults, entry->next_attempt, entry->doubt, entry->sent_as, entry->thing_id,
                           entry->thing_link, entry->thing_title, entry->updated, id);
}

static gboolean
add_story(PfQueue *queue, gint64 id, const PfEntry *entry, const GPtrArray *story, gint64 now, GError **error)
{
    for (guint i = 0; i < story->len; i++) {
        const PfEvent *event = story->pdata[i];

        if (!pf_database_run(queue->database, error,
                             "INSERT INTO event (entry, at, what, state, reason, answer) VALUES (?, ?, ?, ?, ?, ?)",
                             "iissss", id, event->at, event->what, event->state, event->reason, event->answer))
            return FALSE;
    }
    return pf_queue_add_event(queue, id, "imported", entry->state, entry->reason, NULL, now, error);
}

gboolean
pf_queue_import(PfQueue *queue, const PfEntry *entry, const GPtrArray *story, gint64 now, PfImportResult *result,
                GError **error)
{
    PfEntry here = settle_down(entry);
    g_autoptr(PfEntry) known = NULL;
    gint64 id;

    if (!pf_queue_find_same(queue, &here, &id, error) || (id && !pf_queue_read(queue, id, &known, error)))
        return FALSE;
    if (known && (known->state == PF_ENTRY_SENDING || pf_queue_import_rank(known) >= pf_queue_import_rank(&here))) {
        *result = PF_IMPORT_KEPT;
        return TRUE;
    }
    if (known)
        unite(&here, known);
    *result = known ? PF_IMPORT_ADVANCED : PF_IMPORT_ADDED;
    return (known ? advance_entry(queue, id, &here, error) : insert_entry(queue, &here, &id, error)) &&
           add_story(queue, id, &here, story, now, error);
}
