/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/item_set.h"

GPtrArray *
pf_item_set_intersect(const GPtrArray *one, const GPtrArray *other)
{
    GPtrArray *both = g_ptr_array_new();

    for (guint i = 0; i < one->len; i++) {
        if (g_ptr_array_find((GPtrArray *)other, one->pdata[i], NULL))
            g_ptr_array_add(both, one->pdata[i]);
    }
    return both;
}

GPtrArray *
pf_item_set_join(const GPtrArray *one, const GPtrArray *other)
{
    GPtrArray *all = g_ptr_array_new();

    for (guint i = 0; i < one->len; i++)
        g_ptr_array_add(all, one->pdata[i]);
    for (guint i = 0; i < other->len; i++) {
        if (!g_ptr_array_find(all, other->pdata[i], NULL))
            g_ptr_array_add(all, other->pdata[i]);
    }
    return all;
}

void
pf_item_set_keep_only(GPtrArray *items, const GPtrArray *kept)
{
    g_ptr_array_set_size(items, 0);
    for (guint i = 0; i < kept->len; i++)
        g_ptr_array_add(items, kept->pdata[i]);
}
