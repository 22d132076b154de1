/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was wrong with a feed that is read all the same: each station on a feed's way to the parser keeps the first
 * fault that it meets, and the one furthest up in the feed is told. Belongs to one thread at a time.
 */
#pragma once

#include <glib.h>

typedef struct {
    guint line; /* of the feed, from 1 */
    char *text; /* without the line; NULL: nothing was wrong */
} PfFeedFault;

/** Keeps a fault, unless there is one already. */
void pf_feed_fault_keep(PfFeedFault *fault, guint line, const char *format, ...) G_GNUC_PRINTF(3, 4);
void pf_feed_fault_clear(PfFeedFault *fault);
