/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asks the server about the entries in doubt: whether the request whose answer got lost was carried out. Drives a sweep
 * (sweep.h) page by page; the caller sends the requests and hands in the answers. One thread.
 */
#pragma once

#include "queue/account.h"
#include "queue/queue.h"

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

/**
 * Takes the answer to the last request; the account learns from it.
 *
 * @reply: NULL with the @transport error when there was none
 * @is_probe: whether the request went out through a closed gate
 * @given_up: whether it was ended from here, which says nothing about the server
 * @told: (out) (transfer full): for the entries' story, when the sweep is over; NULL when each has its own
 *
 * Returns: (transfer full) (nullable): when the sweep is over, its entries as they are to be written.
 */
GPtrArray *pf_inquiry_take_answer(PfInquiry *inquiry, FlattrReply *reply, const GError *transport, gboolean is_probe,
                                  gboolean given_up, gint64 now, char **told);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfInquiry, pf_inquiry_free)
