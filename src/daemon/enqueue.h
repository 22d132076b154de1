/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lets an arrival into the queue once it is known which item is behind it, and writes down what became of it.
 */
#pragma once

#include "daemon/classify.h"
#include "queue/submit.h"

/**
 * Submits what an arrival was matched with, if it is to be paid, and writes the classification into the arrival and the
 * store. To be called in a transaction: entry and arrival change together or not at all.
 *
 * @now: seconds since the epoch
 * @submitted: (out): what became of it; all zero when nothing was submitted
 */
gboolean pf_enqueue_arrival(PfQueue *queue, const PfConfig *config, PfArrival *arrival,
                            const PfClassification *classification, gint64 now, PfSubmitted *submitted, GError **error);

/** What is submitted. All lent. */
typedef struct {
    const PfArrival *arrival;
    PfSource source;         /* who says so: the arrival's, or PF_SOURCE_ADD when the user has named the item */
    const PfKnownItem *item; /* NULL for the payment link that came with the arrival */
    gint64 now;              /* seconds since the epoch */
} PfEnqueueing;

/**
 * Submits an item for an arrival. To be called in a transaction.
 *
 * @submitted: (out): what became of it
 */
gboolean pf_enqueue_item(PfQueue *queue, const PfConfig *config, const PfEnqueueing *what, PfSubmitted *submitted,
                         GError **error);

/**
 * Notes that the folder of an arrival, unless it is a watched one itself, has files of an item's show. To be called in
 * a transaction.
 *
 * @item: NULL notes nothing
 * @files: how many, see pf_arrival_note_folder()
 */
gboolean pf_enqueue_note_folder(PfQueue *queue, const PfConfig *config, const PfArrival *arrival,
                                const PfKnownItem *item, gint64 files, GError **error);
