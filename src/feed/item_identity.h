/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keys that an item is filed under, and a file asks for. A key is 64 bits of a checksum: it finds candidates fast
 * and takes little room, and proves nothing. Whether a candidate is meant is for match.h to say. Pure; any thread.
 *
 * There are two kinds. An identifier's key (a GUID, an enclosure's URL, a link) finds just that. A name's key finds all
 * names that a podcatcher may have made of a title or of an enclosure's basename, since they all keep its letters and
 * digits: it is made of these alone.
 */
#pragma once

#include "feed/item.h"

/*
 * Which candidates for one file may stand for each other. That is less than whether two entries are one episode, which
 * base/episode.h alone says: these were found by the same evidence, and it is enough that all of them pay the same.
 * Pure; any thread.
 */

/** Whether an item has an enclosure of that address, however it is spelt. */
gboolean pf_same_has_enclosure(const PfItem *item, const char *url);

/** Whether an item has an enclosure that is at the same host and path, whatever its query, and whatever counts
 * downloads before it: see pf_url_list_places(). */
gboolean pf_same_has_place(const PfItem *item, const char *url);

/**
 * Reduces items that were found by the same evidence to one when they all offer one file, and those of different feeds
 * have the same payment links, their channels' too. That of a subscription stays, then that of the older feed.
 *
 * @items: of PfKnownItem *, which it does not own; changed
 */
void pf_candidates_unite(GPtrArray *items);

/** A title of fewer letters and digits says too little to be found under. */
#define PF_FEED_KEY_LEAST_TITLE 2

/** The key of a GUID, a URL or a link; one for all spellings of an address, see pf_url_identity(). */
gint64 pf_feed_key_of_identifier(const char *identifier);

/** The key of a name's beginning. @canonical: as file_name.h makes it */
gint64 pf_feed_key_of_beginning(const char *canonical);

/** Adds a key to keys that are asked for, of gint64, unless it is among them. */
void pf_feed_key_add(GArray *keys, gint64 key);

/** Adds the keys of the places that an address leads to (pf_url_list_places()). */
void pf_feed_key_add_places(GArray *keys, const char *url);

/** Adds the keys of a name that may be an item's, unless it is a bare number, which says nothing. @canonical: as
 * file_name.h makes it */
void pf_feed_key_add_name(GArray *keys, const char *canonical);

/**
 * What an item can be found under.
 *
 * Returns: (transfer full): of gint64, ascending, without repetition. The same for items of the same content.
 */
GArray *pf_feed_key_list(const PfItem *item);

/** The one of an item's keys that is the same for it next time: of its GUID, else its first enclosure, else its link
 * and title. */
gint64 pf_feed_key_of_item(const PfItem *item);

/** Whether two items of one feed are the same item, maybe with other content: as pf_feed_key_of_item(), exactly. */
gboolean pf_feed_key_same_item(const PfItem *one, const PfItem *other);
