/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds out what an arrival is: which item of which feed, several that it may be, none that is known yet, or no episode
 * at all. Reads the file's first bytes and the known feeds; changes nothing.
 */
#pragma once

#include "config/config.h"
#include "feed/find.h"
#include "queue/arrival.h"

/** For how long an item is looked for before the user is asked, seconds. */
#define PF_CLASSIFY_GIVE_UP ((gint64)7 * 86400)

/** Before the user is asked, each feed was asked once more within so many seconds: after a holiday, or on a clock that
 * was not set yet, the time above is over before anything was. */
#define PF_CLASSIFY_ASKED_LAST ((gint64)86400)

/** How often a file that no item was found for is looked up again, seconds, and for how long since it came: its feed
 * may have been away for longer than the wait. */
#define PF_CLASSIFY_LOOK_AGAIN ((gint64)86400)
#define PF_CLASSIFY_LOOK_AGAIN_FOR ((gint64)90 * 86400)

/** A feed that was asked at most this many seconds before a file came need not be asked again for it. */
#define PF_CLASSIFY_ASKED_LATELY ((gint64)300)

/** How long a name that was found waits for feeds to answer, seconds: longer than any keeps silent that ever answers.
 */
#define PF_CLASSIFY_CAUTION ((gint64)3600)

typedef struct {
    PfArrivalState state; /* PF_ARRIVAL_WAITING when no item is known yet */
    char *reason;         /* as PfArrival.reason */
    char *candidates;     /* as PfArrival.candidates */
    gboolean pay;         /* a matched one is to be submitted; FALSE: there is a reason against it */
    gboolean forget;      /* a player has reported something that is not known to be an episode: nothing is kept */
    gboolean is_stale;    /* found by its name alone in a feed that was not asked since: the name may be used again */
    gint64 size;          /* of the file as it is now, bytes, and when it was changed, as PfArrival; 0 and 0: unknown */
    gint64 changed;
    gint64 entry;      /* what was paid for the same file under another name; 0 when there is none */
    PfKnownItem *item; /* what it was matched with; NULL with pay: the payment link that came with it; without pay:
                          what it may be, but not beyond doubt */
    char *witnesses;   /* by what it was found, see pf_witness_dup_names(); NULL for the link that came with it */
} PfClassification;

/** How soon a file is looked at again whose file system did not answer, seconds; later, every five minutes. */
#define PF_CLASSIFY_ASK_AGAIN ((gint64)15)

/** What an arrival is classified by. All lent. */
typedef struct {
    PfFeedStore *feeds;
    const PfConfig *config;
    const PfArrival *arrival;
    char *const *neighbours; /* the feeds that its folder has files of, see pf_arrival_list_folder() */
    gint64 now;              /* seconds since the epoch */
} PfClassifyQuestion;

/**
 * Classifies an arrival. A file that does not answer is left waiting, with the reason "no_answer".
 *
 * @classification: (out): what it is; free with pf_classification_clear()
 *
 * Returns: FALSE with a PF_DATABASE_ERROR set when the known feeds cannot be asked.
 */
gboolean pf_classify_arrival(const PfClassifyQuestion *question, PfClassification *classification, GError **error);

/** Frees what is in a classification, and makes it empty. */
void pf_classification_clear(PfClassification *classification);

/**
 * When an arrival is looked at again. One that waits: after five minutes at first, and later and later, up to half a
 * day. One that was left to the user because no item was found: daily for PF_CLASSIFY_LOOK_AGAIN_FOR. Pure.
 *
 * @reason: as PfArrival.reason
 * @seen: when it came, @now: seconds since the epoch
 *
 * Returns: seconds since the epoch, 0 for never.
 */
gint64 pf_classify_next_try(PfArrivalState state, const char *reason, gint64 seen, gint64 now);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PfClassification, pf_classification_clear)
