/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an answer to a flattr means: for the entry that was sent (a table and pure functions), and for all others, as it
 * tells of the account.
 *
 * The API's error code decides, never the status alone: a 401 means used-up means as often as a bad token, a 403 may be
 * the rate limit, an earlier flattr, or the page of a proxy that never heard of Flattr.
 */
#pragma once

#include "flattr/flattr.h"
#include "queue/gate.h"
#include "queue/queue.h"

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
    PF_VERDICT_ACCOUNT,   /* a problem of the account, not of the entry: it waits, the gate closes */
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

/** Reads what an answer to POST /flattr means. Pure; any thread. */
PfOutcome pf_outcome_read(const PfAnswer *answer);

/** The verdict's name for the entry's history: "done", "account", "permanent", "temporary", "unknown". */
const char *pf_verdict_name(PfVerdict verdict);

/*
 * Between libflattr's replies and the queue's entries: what came back, as the outcome table and the entry's history
 * need it. Without I/O; any thread.
 */

/**
 * Describes an answer for pf_outcome_read().
 *
 * @reply: the answer, or NULL with the @transport error that came instead
 * @trusted: whether the API has answered before, at the same address
 */
PfAnswer pf_answer_describe(FlattrReply *reply, const GError *transport, gboolean trusted);

/** Text for the entry's history, such as "permanent: the server answered 404 not_found: …". Returns: (transfer full).
 */
char *pf_answer_tell(FlattrReply *reply, const GError *transport, PfVerdict verdict);

/** Keeps in an entry which thing it was paid for. A title that only repeats the address, as that of a thing nobody has
 * described, is none: it says nothing and takes room for years. */
void pf_answer_keep_thing(PfEntry *entry, const FlattrThing *thing);

/** Keeps the thing that a successful answer names in the entry. */
void pf_answer_take_thing(PfEntry *entry, FlattrReply *reply);

/**
 * Whether a thing may be the one that a key names: a server may write its address in its own way (pf_url_rule_key()),
 * and need not say everything about it.
 */
gboolean pf_answer_is_thing(const char *key, const FlattrThing *thing);

/*
 * What an outcome does to an entry. Pure: time and chance are arguments. Any thread.
 */

/** How often an entry that fails on its own account is tried before it is given up. */
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

/** What the server has said when it was asked whether a doubtful request had been carried out. */
typedef enum {
    PF_ASKED_NOT,     /* it was not asked, just now */
    PF_ASKED_IN_VAIN, /* it does not list the user's flattrs */
    PF_ASKED_EMPTY,   /* it lists none at all, maybe because they are hidden */
    PF_ASKED_IN_FULL, /* it lists some, and this one is not among them */
} PfAsked;

/** What is known when an entry in doubt is decided upon. Times are seconds since the epoch. */
typedef struct {
    gint64 now;           /* by our clock */
    gint64 server_now;    /* by the server's; 0 when it has not told in this run */
    gboolean heard;       /* the server has answered in this run */
    gboolean same_person; /* the last request was sent for the person for whom it would be sent now */
    PfAsked asked;
} PfDoubtTerms;

/**
 * Decides about an entry whose result is in doubt. Pure. It may be sent again
 *
 * - once the server's list, read minutes after the request, does not have it: then the doubt is over;
 * - in the month of the doubtful request, by the server's clock, and not within minutes of its turn: if that request
 *   did arrive, the server refuses a second one as flattr_once. Where nobody knows what the server's clock showed, our
 *   own has to do, but only if there was a list to look at.
 *
 * What may not be is asked about once more (checked becomes 0), or, if the server was asked just now, held with the
 * reason "unknown" for the user to decide. So is one that was sent for another person, who cannot be asked.
 *
 * An entry without a sent_as was never sent from here (see pf_queue_question_old()): its doubt ends with the question.
 *
 * Returns: whether it may be sent.
 */
gboolean pf_settle_doubt(PfEntry *entry, const PfDoubtTerms *terms);

/**
 * Sets right the month of a channel's link that was flattred: the server's months count. One that the server took for a
 * month before the entry's own, because our clock was ahead, has still to be paid: it is queued for its month.
 *
 * @server_now: by the server's clock, seconds since the epoch; 0 unknown, which changes nothing
 *
 * Returns: whether the entry's period was changed.
 */
gboolean pf_settle_month(PfEntry *entry, gint64 now, gint64 server_now);

/*
 * What is known of the account at the server, which concerns every entry alike: the gate, the rate limit, and whether
 * the server has accepted anything in this run. Learns from each answer; is kept in the queue. One thread.
 */

typedef struct PfAccount PfAccount;

/**
 * Makes an account that knows nothing.
 *
 * @endpoint: the server's API; @token: the access token, or NULL. Only a fingerprint of both is kept: what was learned
 * of one account says nothing about another.
 */
PfAccount *pf_account_new(const char *endpoint, const char *token);
void pf_account_free(PfAccount *account);

/** Why a closed gate is tried before its time. */
typedef enum {
    PF_HURRY_NONE = 0,
    PF_HURRY_REACH = 1 << 0, /* there is reason to try an unreachable server again (a person waits, another network) */
    PF_HURRY_PROBE = 1 << 1, /* a person asks to try whatever a closed gate waits for, unless it is paused */
} PfHurry;

/**
 * Reads what the queue has of it, at the start of a run. What was learned of another account is forgotten, unless the
 * user has paused; no token closes the gate.
 *
 * @hurry: why the gate is tried before its time, or-ed
 */
gboolean pf_account_load(PfAccount *account, PfQueue *queue, PfHurry hurry, gint64 now, GError **error);

/** Writes it to the queue; in a transaction. */
gboolean pf_account_save(const PfAccount *account, PfQueue *queue, GError **error);

/**
 * Learns from an answer.
 *
 * @is_probe: the request went out through a closed gate, as its probe
 * @reply: NULL when there was none
 */
void pf_account_learn(PfAccount *account, const PfOutcome *outcome, gboolean is_probe, const FlattrReply *reply,
                      gint64 now);

/** Learns what the server's clock shows from any answer of the API's. @now: when it came, by our clock */
void pf_account_note_clock(PfAccount *account, FlattrReply *reply, gint64 now);

/** What the server's clock shows at a time of ours; 0 when it has not told in this run. */
gint64 pf_account_get_server_time(const PfAccount *account, gint64 time);

/** Since when our clock has run evenly in this run, seconds since the epoch; G_MAXINT64 when it was set meanwhile. */
gint64 pf_account_get_steady_since(const PfAccount *account, gint64 now);

/** What is known for a decision about an entry in doubt, but for what the server says when it is asked. */
PfDoubtTerms pf_account_get_terms(const PfAccount *account, const PfEntry *entry, gint64 now);

/** Whether it is known, or was asked in this run, whose account it is. */
gboolean pf_account_knows_person(const PfAccount *account);

/** Whether the token has proved good in this run, and it is not known whose account it is: once it is revoked, nobody
 * can say. */
gboolean pf_account_wants_person(const PfAccount *account);

/** Whether the account is the person's of that name, or it is not known whose it is. @username: NULL is anybody's */
gboolean pf_account_may_be(const PfAccount *account, const char *username);

/**
 * Notes whose account it is: the same person with a new token is the same account.
 *
 * @username: NULL when the server does not say
 */
void pf_account_set_person(PfAccount *account, const char *username);

/** Learns that a request which was no flattr got no answer of the API's: the gate closes, or stays closed. */
void pf_account_note_failure(PfAccount *account, gboolean is_probe, const FlattrReply *reply, gint64 now);

/** Learns only the rate limit from an answer to something else than a flattr; the gate closes when it is used up. */
void pf_account_note_limit(PfAccount *account, const FlattrReply *reply, gint64 now);

/** Closes the gate for the user's own limit a month. */
void pf_account_close_for_month(PfAccount *account, gint64 now);

/** The account's fingerprint; NULL when there is no token. Owned by the account. */
const char *pf_account_get_fingerprint(const PfAccount *account);

/** Whether an answer of this run was the API's own, a yes or a no: then the address leads to a Flattr server. */
gboolean pf_account_is_trusted(const PfAccount *account);

/** What the gate lets pass at the time @now. */
PfGatePass pf_account_check(const PfAccount *account, gint64 now);

/**
 * How many requests may be under way at once: none through a shut gate, one as a probe or until the server has accepted
 * one (one request is enough to find out that the means are used up), and no more than the rate limit leaves.
 *
 * @most: requests at once that the program would make
 */
guint pf_account_count_allowed(const PfAccount *account, guint most, gint64 now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfAccount, pf_account_free)
