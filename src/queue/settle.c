/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/settle.h"

#include "base/clock.h"
#include "queue/backoff.h"

/* How far the server's clock may be from ours, seconds; it is the server's month that counts. */
#define CLOCKS_APART 600

void
pf_settle_entry(PfEntry *entry, const PfOutcome *outcome, gint64 sent, gint64 now, double random)
{
    entry->state = outcome->state;
    g_free(entry->reason);
    entry->reason = g_strdup(outcome->reason);

    switch (outcome->verdict) {
    case PF_VERDICT_DONE:
    case PF_VERDICT_PERMANENT:
        entry->next_attempt = 0;
        entry->doubt = 0;
        entry->checked = 0;
        break;
    case PF_VERDICT_ACCOUNT:
        /* Not the entry's failure: it keeps its place and its tries. */
        entry->attempts--;
        break;
    case PF_VERDICT_TEMPORARY:
        if (outcome->gate != PF_GATE_OPEN)
            entry->attempts--;
        else
            entry->next_attempt = now + pf_backoff_seconds((guint)MAX(entry->attempts - 1, 0), PF_SETTLE_FIRST_WAIT,
                                                           PF_SETTLE_LONGEST_WAIT, random);
        break;
    case PF_VERDICT_UNKNOWN:
        if (entry->doubt == 0)
            entry->doubt = sent;
        entry->checked = 0;
        entry->next_attempt = now + pf_backoff_seconds((guint)MAX(entry->attempts - 1, 0), PF_SETTLE_FIRST_WAIT,
                                                       PF_SETTLE_LONGEST_WAIT, random);
        break;
    }
    if (outcome->own_fault && ++entry->own_faults >= PF_SETTLE_OWN_FAULTS)
        entry->state = PF_ENTRY_FAILED;
}

gboolean
pf_settle_doubt(PfEntry *entry, const char *account, gint64 now)
{
    gboolean same_account = g_strcmp0(entry->sent_as, account) == 0;
    gboolean same_month = pf_clock_month_start(entry->doubt - CLOCKS_APART) == pf_clock_month_start(now + CLOCKS_APART);

    if (entry->doubt == 0 || (same_account && same_month))
        return TRUE;
    entry->state = PF_ENTRY_HELD;
    entry->next_attempt = 0;
    g_free(entry->reason);
    entry->reason = g_strdup("unknown");
    return FALSE;
}
