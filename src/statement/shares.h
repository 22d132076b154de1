/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Splits a budget over shows, exact to the smallest unit of its currency. Pure; any thread.
 */
#pragma once

#include <glib.h>

/** Larger weights count as this. */
#define PF_SHARES_MAX_WEIGHT G_GUINT64_CONSTANT(100000000000000)

/** At most so many shows share a budget: their weights add up below 2^63. */
#define PF_SHARES_MAX 90000

/** One show's part. */
typedef struct {
    const char *show; /* the key that tells it from others; lent */
    guint64 weight;   /* 0: gets nothing */
    gint64 share;     /* (out) in the currency's smallest unit */
} PfShare;

/**
 * Gives each show the part of the budget that its weight is of all weights. What rounding down leaves over goes, unit
 * by unit, to those whose parts were cut most; of equal ones to the first by key. So the result is the same in whatever
 * order the shows come, and the shares add up to the budget; to less only where the cap of every show is reached, or no
 * show has a weight.
 *
 * @shares: `count` of them, with different keys
 * @budget: not negative, at most PF_MONEY_MAX
 * @cap_percent: the most that one show gets, of the budget; what is above it is split over the others
 */
void pf_shares_split(PfShare *shares, gsize count, gint64 budget, guint cap_percent);
