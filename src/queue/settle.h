/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an outcome does to an entry. Pure: time and chance are arguments. Any thread.
 */
#pragma once

#include "queue/verdict.h"

/** An entry's own trouble is tried this often before it is given up. */
#define PF_SETTLE_OWN_FAULTS 10

/** The waits between tries, seconds; see pf_backoff_seconds(). */
#define PF_SETTLE_FIRST_WAIT 60
#define PF_SETTLE_LONGEST_WAIT ((gint64)6 * 3600)

/**
 * Changes an entry that was `sending` as its outcome says: state, reason, attempts, own_faults, next_attempt, doubt.
 *
 * @sent: when the request left, seconds since the epoch
 * @now: when the answer came
 * @random: drawn from [0, 1)
 */
void pf_settle_entry(PfEntry *entry, const PfOutcome *outcome, gint64 sent, gint64 now, double random);

/**
 * Changes an entry whose result is in doubt and that is about to be sent again. In the month of the doubtful request
 * that is safe: if it did arrive, the server refuses a second one as flattr_once. In a later month, or within minutes
 * of the turn of one (the server's clock decides, and may be off from ours), it could pay twice, so the entry becomes
 * held, with the reason "unknown", for the user to decide. So does one that was sent with another account: that one's
 * server or person may have paid, and cannot be asked.
 *
 * @account: the fingerprint of the account that it would be sent with now
 *
 * Returns: whether it may be sent.
 */
gboolean pf_settle_doubt(PfEntry *entry, const char *account, gint64 now);
