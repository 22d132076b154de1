/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/inquiry.h"

#include "queue/answer.h"
#include "queue/reconcile.h"

struct PfInquiry {
    PfAccount *account;
    PfSweep *sweep; /* NULL: none is under way */
};

PfInquiry *
pf_inquiry_new(PfAccount *account)
{
    PfInquiry *inquiry = g_new0(PfInquiry, 1);

    inquiry->account = account;
    return inquiry;
}

void
pf_inquiry_free(PfInquiry *inquiry)
{
    if (!inquiry)
        return;
    pf_sweep_free(inquiry->sweep);
    g_free(inquiry);
}

gboolean
pf_inquiry_next(PfInquiry *inquiry, PfQueue *queue, gint64 now, FlattrRequest **request, GError **error)
{
    *request = NULL;
    if (pf_account_check(inquiry->account, now) == PF_GATE_SHUT)
        return TRUE;
    if (!inquiry->sweep) {
        g_autoptr(GPtrArray) entries = pf_queue_list_doubtful(queue, now, PF_SWEEP_ENTRIES, error);
        if (!entries)
            return FALSE;
        if (entries->len == 0)
            return TRUE;
        inquiry->sweep = pf_sweep_new_take(g_steal_pointer(&entries));
    }
    *request = pf_sweep_new_request(inquiry->sweep);
    return TRUE;
}

static GPtrArray *
end_sweep(PfInquiry *inquiry)
{
    g_autoptr(PfSweep) sweep = g_steal_pointer(&inquiry->sweep);

    return pf_sweep_take_entries(sweep);
}

GPtrArray *
pf_inquiry_take_answer(PfInquiry *inquiry, FlattrReply *reply, const GError *transport, gboolean is_probe,
                       gboolean given_up, gint64 now, char **told)
{
    const char *fingerprint = pf_account_get_fingerprint(inquiry->account);
    PfAnswer answer = pf_answer_describe(reply, transport, TRUE);
    g_autoptr(GError) fault = NULL;
    gboolean finished = FALSE;

    /* A list says of itself neither "ok" nor which thing. */
    answer.accepted = answer.is_json;
    PfOutcome outcome = pf_outcome_read(&answer);
    *told = NULL;
    if (outcome.verdict == PF_VERDICT_DONE && pf_sweep_take_page(inquiry->sweep, reply, now, &finished, &fault)) {
        pf_account_note_limit(inquiry->account, reply, now);
        if (!finished)
            return NULL;
        pf_sweep_conclude(inquiry->sweep, fingerprint, now);
        return end_sweep(inquiry);
    }
    *told = fault ? g_strdup(fault->message) : pf_answer_tell(reply, transport, outcome.verdict);
    g_debug("asking for the user's flattrs: %s", *told);
    if (outcome.verdict == PF_VERDICT_PERMANENT) {
        /* A server that does not list the user's flattrs at all leaves only the month to decide by. */
        pf_sweep_conclude(inquiry->sweep, fingerprint, now);
    } else {
        if (!fault && !given_up)
            pf_account_learn(inquiry->account, &outcome, is_probe, reply, now);
        pf_sweep_postpone(inquiry->sweep, fingerprint, now, g_random_double());
    }
    return end_sweep(inquiry);
}
