/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OPML: lists of feeds, as podcatchers export their subscriptions. The parser hands over every element; those of a list
 * go into PfFeed.feeds. Pure; any thread.
 */
#pragma once

#include "feed/item.h"

/**
 * Takes over an element if the document is OPML, which a root of that name makes it: the xmlUrl of an outline; where it
 * has none, the url of one of type "rss" or "atom", as some programs write it, or "include", which is another list;
 * however deep it is nested, with name and attribute in any case.
 *
 * @values, @count: as PfAttributes has them; 0 for a tag that may have lost part of an address
 *
 * Returns: whether the document is OPML.
 */
gboolean pf_opml_take_element(PfFeed *feed, gboolean is_root, const char *name, const unsigned char **values,
                              int count);

/**
 * Makes an outline's address absolute.
 *
 * @text: as written
 * @document: where the list came from: a URL, a file name, or "-", which stands in the current folder. Only a list that
 *     is a file may name files.
 *
 * Returns: (transfer full): an http, https or file URL; NULL when it is none that a list from there may name.
 */
char *pf_opml_resolve(const char *text, const char *document);

/** Says what a list names that cannot be asked. Returns: (transfer full) (nullable): one line; NULL for nothing. */
char *pf_opml_dup_left_out(const PfFeed *list);
