/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "statement/shares.h"

#include <string.h>

/* A show that has not reached the cap: its exact part is share + remainder / all weights. */
typedef struct {
    PfShare *share;
    guint64 weight;
    guint64 remainder;
} Part;

/* factor * weight / total, rounded down, for factor < 2^63 and weight <= total < 2^63. Long division, bit by bit: the
 * product may take 128 bits, which no type has on 32-bit machines. */
static guint64
multiply_divide(guint64 factor, guint64 weight, guint64 total, guint64 *remainder)
{
    guint64 quotient = 0;
    guint64 rest = 0;

    for (int bit = 62; bit >= 0; bit--) {
        quotient *= 2;
        rest *= 2;
        if (rest >= total) {
            rest -= total;
            quotient++;
        }
        if (!(factor >> bit & 1))
            continue;
        rest += weight;
        if (rest >= total) {
            rest -= total;
            quotient++;
        }
    }
    *remainder = rest;
    return quotient;
}

static int
compare_parts(gconstpointer one, gconstpointer other)
{
    const Part *left = one;
    const Part *right = other;

    if (left->remainder != right->remainder)
        return left->remainder > right->remainder ? -1 : 1;
    return strcmp(left->share->show, right->share->show);
}

/* Splits @budget over the parts, rounded down. Returns what is left over. */
static gint64
round_down(GArray *parts, gint64 budget)
{
    guint64 total = 0;
    gint64 left = budget;

    for (guint i = 0; i < parts->len; i++)
        total += g_array_index(parts, Part, i).weight;
    for (guint i = 0; i < parts->len; i++) {
        Part *part = &g_array_index(parts, Part, i);
        part->share->share = (gint64)multiply_divide((guint64)budget, part->weight, total, &part->remainder);
        left -= part->share->share;
    }
    return left;
}

/* Takes out the parts that are above the cap, or just reach it. Returns how much of the budget they have. */
static gint64
take_capped(GArray *parts, gint64 cap)
{
    gint64 taken = 0;

    for (guint i = parts->len; i-- > 0;) {
        PfShare *share = g_array_index(parts, Part, i).share;
        if (share->share < cap)
            continue;
        share->share = cap;
        taken += cap;
        g_array_remove_index_fast(parts, i);
    }
    return taken;
}

void
pf_shares_split(PfShare *shares, gsize count, gint64 budget, guint cap_percent)
{
    g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(Part));
    gint64 cap = budget / 100 * cap_percent + budget % 100 * cap_percent / 100;
    gint64 left = budget;
    gint64 taken = 0;

    g_return_if_fail(count <= PF_SHARES_MAX);
    for (gsize i = 0; i < count; i++) {
        Part part = {.share = &shares[i], .weight = MIN(shares[i].weight, PF_SHARES_MAX_WEIGHT)};
        shares[i].share = 0;
        if (part.weight > 0)
            g_array_append_val(parts, part);
    }
    /* What the capped ones leave makes the others' parts larger, which may put more of them above the cap. */
    do {
        budget -= taken;
        left = round_down(parts, budget);
        taken = cap_percent < 100 ? take_capped(parts, cap) : 0;
    } while (taken > 0);
    g_array_sort(parts, compare_parts);
    for (guint i = 0; i < parts->len && left > 0; i++, left--)
        g_array_index(parts, Part, i).share->share++;
}
