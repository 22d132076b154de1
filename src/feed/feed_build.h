/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts what stands in a feed's elements into its PfFeed and PfItem: which of several titles, links or dates counts, and
 * what an address is relative to. Knows nothing of XML. One thread at a time.
 */
#pragma once

#include "feed/feed_attributes.h"
#include "feed/feed_item.h"
#include "feed/feed_place.h"

/** A feed and the item that is being built; item is NULL outside of items. */
typedef struct {
    PfFeed *feed;
    PfItem *item;
    gboolean item_link_is_text; /* the item's link is RSS's own, which goes before an Atom link */
    gboolean feed_link_is_text;
    gboolean published_is_weak; /* the date is one of PF_PLACE_UPDATED */
} PfBuild;

/** Begins an item, and ends one: pf_build_steal_item() gives it to the caller. */
void pf_build_begin_item(PfBuild *build);
PfItem *pf_build_steal_item(PfBuild *build);

/**
 * Takes over what an element says in its attributes.
 *
 * @place: PF_PLACE_ENCLOSURE or PF_PLACE_ATOM_LINK; others are ignored
 * @base: what its addresses are relative to, or NULL
 */
void pf_build_add_attributes(PfBuild *build, PfPlace place, const PfAttributes *attributes, const char *base);

/**
 * Takes over what an element says in its text.
 *
 * @place: PF_PLACE_FIRST_TEXT or one after it; others are ignored
 */
void pf_build_add_text(PfBuild *build, PfPlace place, const char *text, const char *base);
