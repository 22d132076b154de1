/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of the account at the server, which concerns every entry alike: the gate, the rate limit, and whether
 * the server has accepted anything in this run. Learns from each answer; is kept in the queue. One thread.
 */
#pragma once

#include "flattr/flattr.h"
#include "queue/queue.h"
#include "queue/verdict.h"

typedef struct PfAccount PfAccount;

/**
 * Makes an account that knows nothing.
 *
 * @endpoint: the server's API; @token: the access token, or NULL. Only a fingerprint of both is kept: what was learned
 * of one account says nothing about another.
 */
PfAccount *pf_account_new(const char *endpoint, const char *token);
void pf_account_free(PfAccount *account);

/**
 * Reads what the queue has of it, at the start of a run. What was learned of another account is forgotten, unless the
 * user has paused; no token closes the gate.
 *
 * @reach_now: there is reason to try an unreachable server again at once (a person waits, the network has changed)
 * @probe_now: a person asks to try whatever a closed gate waits for, unless it is paused
 */
gboolean pf_account_load(PfAccount *account, PfQueue *queue, gboolean reach_now, gboolean probe_now, gint64 now,
                         GError **error);

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

/**
 * Notes whose account it is: the same person with a new token is the same account.
 *
 * @username: NULL when the server does not say
 */
void pf_account_set_person(PfAccount *account, const char *username);

/** Learns that a request which was no flattr got no answer of the API's: the gate closes, or stays closed. */
void pf_account_note_failure(PfAccount *account, gboolean is_probe, const FlattrReply *reply, gint64 now);

/** Learns only the rate limit from an answer to something else than a flattr. */
void pf_account_note_limit(PfAccount *account, const FlattrReply *reply, gint64 now);

/** Closes the gate for the user's own limit a month. */
void pf_account_close_for_month(PfAccount *account, gint64 now);

/** The account's fingerprint; NULL when there is no token. Owned by the account. */
const char *pf_account_get_fingerprint(const PfAccount *account);

/** Whether the API has accepted or judged a request of this run. */
gboolean pf_account_is_trusted(const PfAccount *account);

/** What the gate lets pass at the time @now. */
PfGatePass pf_account_check(const PfAccount *account, gint64 now);

/**
 * How many requests may be under way at once: none through a shut gate, one as a probe or until the server has accepted
 * one (an empty purse is found out with one request), and no more than the rate limit leaves.
 *
 * @most: requests at once that the program would make
 */
guint pf_account_count_allowed(const PfAccount *account, guint most, gint64 now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfAccount, pf_account_free)
