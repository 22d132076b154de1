/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an answer to a flattr means for the entry that was sent. A table and a pure function; any thread.
 *
 * The API's error code decides, never the status alone: a 401 is an empty purse as often as a bad token, a 403 may be
 * the rate limit, an earlier flattr, or the page of a proxy that never heard of Flattr.
 */
#pragma once

#include "queue/entry.h"
#include "queue/gate.h"

typedef enum {
    PF_DELIVERY_ANSWERED,   /* a whole HTTP answer came */
    PF_DELIVERY_NOT_SENT,   /* the request never left: nothing can have happened */
    PF_DELIVERY_UNANSWERED, /* it left and no whole answer came: it may have been carried out */
} PfDelivery;

/** An answer, as far as it matters. */
typedef struct {
    PfDelivery delivery;
    guint status;      /* HTTP's, if answered */
    gboolean is_json;  /* the body is whole JSON */
    gboolean accepted; /* and says that what was asked was done */
    gboolean from_api; /* there is reason to believe that the API answered: its headers, or an earlier success */
    const char *code;  /* the API's error code, or NULL */
} PfAnswer;

typedef enum {
    PF_VERDICT_DONE,      /* the server's last word: flattred, or nothing to pay */
    PF_VERDICT_ACCOUNT,   /* the account's trouble, not the entry's: it waits, the gate closes */
    PF_VERDICT_PERMANENT, /* the entry can never be paid */
    PF_VERDICT_TEMPORARY, /* not paid for certain; may work later */
    PF_VERDICT_UNKNOWN,   /* perhaps paid: must be found out before it is sent again */
} PfVerdict;

typedef struct {
    PfVerdict verdict;
    PfEntryState state; /* the entry's next state */
    const char *reason; /* a short code for it: the API's, or ours; NULL when it was simply flattred. A literal */
    PfGateReason gate;  /* why the gate closes; PF_GATE_OPEN when it does not */
    gboolean own_fault; /* whether it counts as one of the entry's own failed tries */
} PfOutcome;

/** Judges an answer to POST /flattr. */
PfOutcome pf_outcome_read(const PfAnswer *answer);

/** The verdict's name for the entry's story: "done", "account", "permanent", "temporary", "unknown". */
const char *pf_verdict_name(PfVerdict verdict);
