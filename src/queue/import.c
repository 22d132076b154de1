/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/import.h"

#include "payment/payment_link.h"
#include "queue/queue_private.h"

/* What is owed may have been thanked for by hand: it outranks what would be sent. */
#define RANK_OWED 1
#define RANK_DOUBT 2

int
pf_queue_import_rank(const PfEntry *entry)
{
    static const int ranks[PF_ENTRY_STATES] = {
        [PF_ENTRY_HELD] = 0,   [PF_ENTRY_QUEUED] = 0,  [PF_ENTRY_OWED] = RANK_OWED, [PF_ENTRY_SENDING] = RANK_DOUBT,
        [PF_ENTRY_FAILED] = 3, [PF_ENTRY_DROPPED] = 4, [PF_ENTRY_OWNED] = 5,        [PF_ENTRY_FLATTRED] = 6,
    };

    return entry->doubt ? MAX(ranks[entry->state], RANK_DOUBT) : ranks[entry->state];
}

/* A copy that borrows the strings, as the entry is to stand here: nobody here waits for its answer. */
static PfEntry
as_waiting_here(const PfEntry *entry)
{
    PfEntry here = *entry;

    if (!here.period)
        here.period = (char *)"";
    if (here.state == PF_ENTRY_SENDING) {
        here.state = PF_ENTRY_QUEUED;
        here.reason = (char *)"interrupted";
        here.doubt = here.doubt ? here.doubt : here.updated;
    }
    /* It was never sent from here: should it wait into another month, the server is asked whether it was paid there,
     * see pf_queue_question_old(). */
    if (!here.doubt)
        here.sent_as = NULL;
    /* The sender's order needs a time. */
    if (here.state == PF_ENTRY_QUEUED && here.next_attempt == 0)
        here.next_attempt = here.updated;
    return here;
}

/* What the two queues know together. */
static void
unite(PfEntry *here, const PfEntry *known)
{
    gboolean over = here->state == PF_ENTRY_OWNED || here->state == PF_ENTRY_FLATTRED;

    if (!over && !here->doubt && known->doubt) {
        here->doubt = known->doubt;
        here->doubt_server = known->doubt_server;
        here->sent_as = known->sent_as;
    }
    if (known->state == PF_ENTRY_HELD && (here->state == PF_ENTRY_QUEUED || here->state == PF_ENTRY_OWED)) {
        here->state = PF_ENTRY_HELD;
        here->reason = known->reason;
        here->next_attempt = known->next_attempt;
    }
}

static gboolean
add_history(PfQueue *queue, const PfEntry *entry, const GPtrArray *history, gint64 now, GError **error)
{
    for (guint i = 0; i < history->len; i++) {
        const PfEvent *event = history->pdata[i];

        if (!pf_database_run(queue->database, error,
                             "INSERT INTO event (entry, at, what, state, reason, answer, times)"
                             " VALUES (?, ?, ?, ?, ?, ?, ?)",
                             "iissssi", entry->id, event->at, event->what, event->state, event->reason, event->answer,
                             MAX(event->times, 1)))
            return FALSE;
    }
    return pf_queue_add_event(queue, entry, pf_event_of("imported", NULL, now), error);
}

PfImportResult
pf_queue_import(PfQueue *queue, PfEntry *entry, const GPtrArray *history, gint64 now, GError **error)
{
    PfEntry here = as_waiting_here(entry);
    g_autoptr(PfPayment) payment = entry->url && !entry->owed ? pf_payment_new(entry->url) : NULL;
    g_autofree char *payee = entry->url ? pf_payment_dup_payee(entry->url) : g_strdup("");
    g_autoptr(PfEntry) known = NULL;
    gint64 id, rival;

    here.month = NULL;
    /* What is computed from the URL is computed here: two keys for one URL would be paid twice. */
    if (payment)
        here.key = payment->key;
    here.payee = payee;
    if (!pf_queue_find_same(queue, &here, &id, &rival, error) || (id && !pf_queue_read(queue, id, &known, error)))
        return PF_IMPORT_FAILED;
    entry->id = id;
    if (known && (known->state == PF_ENTRY_SENDING || pf_queue_import_rank(known) >= pf_queue_import_rank(&here)))
        return PF_IMPORT_KEPT;
    if (known) {
        unite(&here, known);
        here.id = id;
        here.checked = 0; /* about a doubt that came from elsewhere the server has to be asked again */
    }
    if (rival && !known && (here.state == PF_ENTRY_QUEUED || here.state == PF_ENTRY_HELD) && !here.doubt) {
        here.state = PF_ENTRY_HELD;
        here.reason = (char *)"contested";
        here.next_attempt = 0;
    }
    /* `updated` is taken over too: it says in which month a flattr counts. */
    if (known ? !pf_queue_update(queue, &here, error) : !pf_queue_insert(queue, &here, &id, error))
        return PF_IMPORT_FAILED;
    here.id = entry->id = id;
    if (!add_history(queue, &here, history, now, error) ||
        (rival && !known && !pf_queue_contest(queue, id, rival, now, error)))
        return PF_IMPORT_FAILED;
    return known ? PF_IMPORT_ADVANCED : PF_IMPORT_ADDED;
}
