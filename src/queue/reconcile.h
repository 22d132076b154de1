/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds out which of the entries in doubt were paid: reads the list of the user's own flattrs, newest first, back to
 * the moment at which the oldest doubtful request was sent. One sweep serves all of them. Without I/O: the caller sends
 * the requests and hands in the answers. One thread.
 */
#pragma once

#include "flattr/flattr.h"
#include "queue/queue.h"
#include "queue/verdict.h"

/*
 * Asks the server about the entries in doubt: whether the request whose answer got lost was carried out. Drives a sweep
 * (a sweep, below) page by page; the caller sends the requests and hands in the answers. One thread.
 */

typedef struct PfInquiry PfInquiry;

/** Makes one that is not asking. @account must outlive it. */
PfInquiry *pf_inquiry_new(PfAccount *account);
void pf_inquiry_free(PfInquiry *inquiry);

/**
 * Finds what is to be asked next: the next page of a sweep under way, or the first one of a new sweep.
 *
 * @request: (out) (transfer full): NULL when there is nothing to ask, or the gate is shut
 *
 * Returns: FALSE with @error set when the store failed.
 */
gboolean pf_inquiry_next(PfInquiry *inquiry, PfQueue *queue, gint64 now, FlattrRequest **request, GError **error);

/** What came of a request. Lent. */
typedef struct {
    FlattrReply *reply;      /* NULL when there was no answer … */
    const GError *transport; /* … and why */
    gboolean is_probe;       /* it went out through a closed gate */
    gboolean given_up;       /* it was ended from here, which says nothing about the server */
    gint64 ended;            /* seconds since the epoch */
} PfExchange;

/**
 * Takes the answer to the last request; the account learns from it.
 *
 * @told: (out) (transfer full): for the entries' history, when the sweep is over; NULL when each has its own
 *
 * Returns: (transfer full) (nullable): when the sweep is over, its entries as they are to be written.
 */
GPtrArray *pf_inquiry_take_answer(PfInquiry *inquiry, const PfExchange *exchange, char **told);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfInquiry, pf_inquiry_free)

typedef struct PfSweep PfSweep;

/** Entries in one sweep, at the most. */
#define PF_SWEEP_ENTRIES 1000

/** Begins a sweep. @entries: (transfer full): of PfEntry *, each with a doubt; must not be empty. */
PfSweep *pf_sweep_new_take(GPtrArray *entries);
void pf_sweep_free(PfSweep *sweep);

/** The request for the next page. Returns: (transfer full). */
FlattrRequest *pf_sweep_new_request(const PfSweep *sweep);

/**
 * Reads a page.
 *
 * @steady_since: since when our clock was not set, see pf_account_get_steady_since()
 * @now: when the answer came; its Date header tells how far the server's clock is off
 *
 * Returns: FALSE with a FLATTR_ERROR set when the answer is no page, or there is no end to the pages.
 */
gboolean pf_sweep_take_page(PfSweep *sweep, FlattrReply *reply, gint64 steady_since, gint64 now, GError **error);

/** Whether the last page that was read was the last one that matters. */
gboolean pf_sweep_is_finished(const PfSweep *sweep);

/**
 * Writes into the entries what came of it: flattred, or what pf_settle_doubt() makes of them, checked at @now.
 *
 * @is_list: whether the list was read; FALSE for a server that has none
 */
void pf_sweep_conclude(PfSweep *sweep, const PfAccount *account, gboolean is_list, gint64 now);

/** Puts the entries off after a sweep that failed, the longer the older their doubts are. @random: drawn from [0, 1) */
void pf_sweep_postpone(PfSweep *sweep, const PfAccount *account, gint64 now, double random);

/** Gives the entries away; to be called last. Returns: (transfer full): of PfEntry *. */
GPtrArray *pf_sweep_take_entries(PfSweep *sweep);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfSweep, pf_sweep_free)
