/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ledger: every episode that came by itself, as a download or because it was heard, in the order in which they
 * came. It is the queue's entries seen from another side, for who thanks by the month instead of by the episode: those
 * in state "owed" wait for that, the others are thanked for, decided against, or not decided yet.
 *
 * Errors are PF_DATABASE_ERRORs. In the queue's thread.
 */
#pragma once

#include "queue/queue.h"

/** An entry of the ledger. Strings are NULL where nothing is known. */
typedef struct {
    gint64 id;        /* the queue's */
    char *show;       /* names the show: its podcast:guid, else the identity (url.h) of its feed's address;
                         never NULL */
    char *show_title; /* as the feed had it when the episode came */
    char *feed;       /* the feed's address, as the user or the hook named it, without a password */
    char *guid;       /* the episode's */
    char *title;      /* the episode's; the show's when the channel's link was flattred for it */
    gint64 when;      /* when it came, seconds since the epoch */
    gint64 seconds;   /* how long it is; 0 unknown */
    char *state;      /* by its name: "owed", "held", "flattred", "dropped" … */
    char *reason;     /* "no_link" or "no_server" when owed; else as in the queue */
    char *payee;      /* whom its link pays, see pf_payment_dup_payee(); NULL without a link */
    gint64 heard;     /* seconds of it that were heard; 0 unknown */
    char *month;      /* the frozen month that it counts in, see settlement.h; NULL for none */
    gboolean channel; /* a flattr of the channel, once a month, in place of its episodes */
} PfLedgerEntry;

/** Is called for one entry, which is the caller's only during the call. Returns whether to go on. */
typedef gboolean (*PfLedgerFunc)(const PfLedgerEntry *entry, gpointer data);

/**
 * Calls @each for every entry that came in a time, in the order in which they came; what was only read of ("scan
 * --submit", "add") did not come. They are read one by one: what is kept of them is the caller's to decide.
 *
 * @from: the first second, since the epoch
 * @to: the second after the last one
 *
 * Returns: FALSE with @error set. That @each has ended it early is no failure.
 */
gboolean pf_ledger_each(PfQueue *queue, gint64 from, gint64 to, PfLedgerFunc each, gpointer data, GError **error);

/**
 * Makes owed what was held until now, for its delay or for the feed's daily limit. For who looks at the ledger; nobody
 * wakes up for it. In a transaction of its own, which is begun only when there is something to do.
 *
 * @now: seconds since the epoch
 */
gboolean pf_ledger_release_due(PfQueue *queue, gint64 now, GError **error);

/**
 * Notes how much of an episode was heard, if that is more than is known.
 *
 * @entry: its id
 * @heard: seconds
 */
gboolean pf_ledger_note_heard(PfQueue *queue, gint64 entry, gint64 heard, GError **error);
