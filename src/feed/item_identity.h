/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keys that an item is filed under, and a file asks for. A key is 64 bits of a checksum: it finds candidates fast
 * and takes little room, and proves nothing. Whether a candidate is meant is for feed_match.h to say. Pure; any thread.
 *
 * There are two kinds. An identifier's key (a GUID, an enclosure's URL, a link) finds just that. A name's key finds all
 * names that a podcatcher may have made of a title or of an enclosure's basename, since they all keep its letters and
 * digits: it is made of these alone.
 */
#pragma once

#include "feed/item.h"
#include "feed/store.h"

/*
 * Which items are one episode. Pure; any thread.
 */

/** Whether an item has an enclosure of that address, however it is spelt. */
gboolean pf_same_has_enclosure(const PfItem *item, const char *url);

/**
 * Reduces items that were found by the same evidence to one when they are all one episode, and those of different feeds
 * have the same payment links, their channels' too. That of a subscription stays, then that of the older feed.
 *
 * @items: of PfKnownItem *, which it does not own; changed
 */
void pf_same_unite(GPtrArray *items);

/** Names longer than this (letters and digits) are found too when they were cut off after so many. */
#define PF_FEED_KEY_LONG 64

/** A title of fewer letters and digits says too little to be found under. */
#define PF_FEED_KEY_LEAST_TITLE 4

/** The key of a GUID, a URL or a link; one for all spellings of an address, see pf_url_identity(). */
gint64 pf_feed_key_of_identifier(const char *identifier);

/**
 * Reduces a name to what every podcatcher's rules for file names keep of it: NFKC, case folded, letters and digits
 * only.
 *
 * @name: any bytes; what is no UTF-8 is no letter. Of a name without end the beginning is taken.
 *
 * Returns: (transfer full): maybe empty.
 */
char *pf_feed_key_canonical(const char *name);

gint64 pf_feed_key_of_beginning(const char *canonical);

/** Whether a canonical name is one that any episode of any feed could have: digits alone, "media", "default" … */
gboolean pf_feed_key_says_nothing(const char *canonical);

/**
 * Takes a file name's extension off: one to five letters and digits, not digits alone, after the last dot.
 *
 * @extension: (out) (optional): in small letters, (transfer full); NULL when there is none
 *
 * Returns: (transfer full): the rest.
 */
char *pf_feed_key_stem(const char *name, char **extension);

/** What Kasts leaves of a title in a file's name. Returns: (transfer full). */
char *pf_feed_key_ascii(const char *title);

/** Adds a key to keys that are asked for, of gint64, unless it is among them. */
void pf_feed_key_add(GArray *keys, gint64 key);

/** Adds the keys of a name that may be an item's, unless it is a bare number, which says nothing. @name: any bytes */
void pf_feed_key_add_name(GArray *keys, const char *name);

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
