/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way into the queue for an item of a feed, from wherever it comes (watch, hook, scan, play): which of its links is
 * paid, what the user's rules say, and the entry that follows. A decision against paying is kept as an entry too, with
 * its reason, so that it can be seen and reversed; and so is an episode that came by itself and for which nothing can
 * be sent, as owed (ledger.h).
 *
 * Errors are PF_DATABASE_ERRORs. As with PfQueue, one thread.
 */
#pragma once

#include "config/config.h"
#include "payment/payment_list.h"
#include "queue/queue.h"

/** An item with its links. Everything is lent for the call; strings may be NULL where nothing is known. */
typedef struct {
    gint64 now;                        /* seconds since the epoch */
    PfSource source;                   /* PF_SOURCE_SCAN and PF_SOURCE_ADD are the user's hand */
    const char *feed;                  /* as the user names it, by which rules know it */
    const char *address;               /* where it was found in the end, which may have a rule as well */
    const char *feed_title;            /* the channel's title */
    const char *show;                  /* podcast:guid of the channel, which names the show whatever its address is */
    const char *guid;                  /* the item's */
    const char *title;                 /* the item's */
    const char *file;                  /* the media file that came or was heard; NULL: the item was only read of */
    const char *enclosure;             /* the URL of the item's enclosure, its first one */
    const char *page;                  /* the URL of the item's web page */
    gint64 published;                  /* when, as the feed says, seconds since the epoch; 0 unknown */
    gint64 seconds;                    /* how long it is; 0 unknown */
    gint64 heard;                      /* seconds of it that were heard; 0 unknown */
    gboolean only_known;               /* find its entry, and add none */
    const GPtrArray *payments;         /* the item's links, see pf_payment_list_of_item() */
    const GPtrArray *channel_payments; /* the channel's, which are used (once a month) when the item has none */
} PfSubmission;

typedef struct {
    gint64 id;          /* the entry; 0 when there is nothing to send and nothing is owed: there is none */
    gboolean added;     /* whether it is new; FALSE: it was known, and stays as it was */
    PfEntryState state; /* of a new one: queued, owed, held or dropped */
    const char *reason; /* of a new one, see PfPolicyDecision; NULL when queued, PF_OWED_… when owed; else why none
                           was to be added */
} PfSubmitted;

/**
 * Submits an item. To be called in a transaction.
 *
 * @submitted: (out): what became of it
 *
 * Returns: FALSE with @error set when the queue failed.
 */
gboolean pf_submit_item(PfQueue *queue, const PfConfig *config, const PfSubmission *item, PfSubmitted *submitted,
                        GError **error);

/**
 * Decides again about an entry that is about to be sent, from the configuration as it is now. Pure.
 *
 * When it must not be sent, its state becomes held or dropped, and its reason and next_attempt are set; the caller
 * writes it back. The daily limit is not asked again: the entry has its day already.
 *
 * Returns: whether it may be sent; the entry is then unchanged.
 */
gboolean pf_submit_review(const PfConfig *config, PfEntry *entry, gint64 now);
