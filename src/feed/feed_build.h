/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts what stands in a feed's elements into its PfFeed and PfItem: which of several titles, links or dates counts, and
 * what an address is relative to. Knows nothing of XML. One thread at a time.
 */
#pragma once

#include "feed/feed_attributes.h"
#include "feed/item.h"
#include "feed/feed_place.h"

/** A feed and the item that is being built; item is NULL outside of items. */
typedef struct {
    PfFeed *feed;
    PfItem *item;
    gboolean item_link_is_text; /* the item's link is RSS's own, which goes before an Atom link */
    gboolean feed_link_is_text;
    PfPlace published_by; /* the place of the date, of which an earlier one in PfPlace is better */
    char *about;          /* rdf:about, which stands in for a guid */
    gsize item_text_size; /* bytes of the item's texts, and of the channel's */
    gsize feed_text_size;
    PfFunding *funding; /* whose text is being read; in the item's or the channel's list, or NULL */
    PfValue *value;     /* whose recipients are being read, likewise */
    gboolean is_cut;    /* something was left out, beyond PF_FEED_MAX_LINKS */
} PfBuild;

/** Begins an item; @attributes are those of its tag. */
void pf_build_begin_item(PfBuild *build, const PfAttributes *attributes);

/** Ends an item. Returns: (transfer full): what was gathered of it. */
PfItem *pf_build_steal_item(PfBuild *build);

/** Frees what is in a build but for its feed. */
void pf_build_clear(PfBuild *build);

/**
 * Takes over what an element says in its attributes.
 *
 * @place: where it is; one that has nothing in its attributes is ignored
 * @base: what its addresses are relative to, or NULL
 */
void pf_build_add_attributes(PfBuild *build, PfPlace place, const PfAttributes *attributes, const char *base);

/**
 * Takes over what an element says in its text.
 *
 * @place: PF_PLACE_FIRST_TEXT or one after it; others are ignored
 *
 * Returns: FALSE when there is no room for it.
 */
gboolean pf_build_add_text(PfBuild *build, PfPlace place, const char *text, const char *base);

/** Whether a list of words separated by white space has a word, in any case: rel="…". */
gboolean pf_build_has_token(const char *list, const char *token);
