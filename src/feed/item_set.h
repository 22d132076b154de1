/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arrays of items as sets: of PfKnownItem *, lent, each at most once. They are small. Pure; any thread.
 */
#pragma once

#include <glib.h>

/** Returns: (transfer container): what is in both, in the order of @one. */
GPtrArray *pf_item_set_intersect(const GPtrArray *one, const GPtrArray *other);

/** Returns: (transfer container): what is in either. */
GPtrArray *pf_item_set_join(const GPtrArray *one, const GPtrArray *other);

/** Makes @items be what @kept is. */
void pf_item_set_keep_only(GPtrArray *items, const GPtrArray *kept);
