/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One item of a scanned feed on its way from the parser to the output, and what was done with it.
 */
#pragma once

#include "commands/command.h"
#include "feed/item.h"
#include "payment/payment_list.h"

typedef enum {
    PF_SCAN_SEEN,    /* looked at only */
    PF_SCAN_QUEUED,  /* put into the queue */
    PF_SCAN_KNOWN,   /* was in the queue already */
    PF_SCAN_NO_LINK, /* nothing to flattr */
    PF_SCAN_NEVER,   /* a rule says never: kept in the queue as dropped */
} PfScanResult;

typedef struct {
    PfItem *item;
    GPtrArray *payments; /* best first */
    gboolean is_whole;   /* FALSE: a text was not searched to its end */
    PfScanResult result;
    gint64 entry; /* its id in the queue, 0 for none */
} PfScanRow;

/** Makes a row that takes over the item. @all: whether all its links are wanted, or the best alone */
PfScanRow *pf_scan_row_new_take(PfItem *item, gboolean all);
void pf_scan_row_free(PfScanRow *row);

/**
 * Puts what a row pays for into the queue and notes the result in the row. To be called between pf_queue_begin() and
 * pf_queue_end().
 *
 * @source: the feed as the user names it, by which rules know it
 * @feed: the channel, whose own link is paid (once a month) when the item has none
 * @channel_payments: the channel's links
 */
gboolean pf_scan_row_submit(PfScanRow *row, const PfApp *app, PfQueue *queue, const char *source, const PfFeed *feed,
                            const GPtrArray *channel_payments, GError **error);

/** Writes a row as a line of JSON. */
void pf_scan_row_print_json(const PfScanRow *row, const PfFeed *feed, const GPtrArray *channel_payments);

/** Writes a row of the table. @submitted: whether the results are shown. */
void pf_scan_row_print(const PfScanRow *row, const GPtrArray *channel_payments, gboolean submitted);
