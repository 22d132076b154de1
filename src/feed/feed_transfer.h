/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One request of a feed pool on its way: brings a feed's bytes from a file, standard input or a server to the parser,
 * and finds out how it ended. The pool decides when it may start.
 */
#pragma once

#include "feed/fetch.h"
#include "net/multi.h"

typedef struct PfFeedTransfer PfFeedTransfer;

/** Is called when a transfer is over, or has come to a redirect and is to be started again. */
typedef void (*PfFeedTransferFunc)(PfFeedTransfer *transfer, gpointer data);

/**
 * Makes one that rests.
 *
 * @request: copied
 * @contact: see pf_http_set_contact()
 * @stopped, @data: called from the main loop, also from within pf_feed_transfer_start()
 */
PfFeedTransfer *pf_feed_transfer_new(const PfFeedRequest *request, const char *contact, PfFeedTransferFunc stopped,
                                     gpointer data);

/** Gives it up if it is under way, and frees it. */
void pf_feed_transfer_free(PfFeedTransfer *transfer);

/** The request's data, by which the user knows it. */
gpointer pf_feed_transfer_get_data(const PfFeedTransfer *transfer);

/** Whose patience it needs next. Returns: (transfer full): a host's name, or "file:" or "-", which is no host's. */
char *pf_feed_transfer_dup_host(const PfFeedTransfer *transfer);

/** Starts it, or goes on after a redirect. @is_last: whether nothing else waits for its host, see pf_http_set_last() */
void pf_feed_transfer_start(PfFeedTransfer *transfer, PfMulti *multi, gboolean is_last);

/** Whether it has ended, and pf_feed_transfer_deliver() is all that is left to be done. */
gboolean pf_feed_transfer_is_over(const PfFeedTransfer *transfer);

/** Bytes of the body so far, as transferred. */
gint64 pf_feed_transfer_get_bytes(const PfFeedTransfer *transfer);

/** Takes no more bytes until it is resumed; resuming calls the item callback. */
void pf_feed_transfer_pause(PfFeedTransfer *transfer);
void pf_feed_transfer_resume(PfFeedTransfer *transfer);

/** Tells the request's done how it ended. */
void pf_feed_transfer_deliver(PfFeedTransfer *transfer);
