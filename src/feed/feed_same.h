/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which items are one episode. Pure; any thread.
 */
#pragma once

#include "feed/store.h"

/** Whether an item has an enclosure of that address, however it is spelt. */
gboolean pf_same_has_enclosure(const PfItem *item, const char *url);

/**
 * Whether two items are one episode: they have one GUID that is unique beyond its feed, or are in different feeds and
 * have an enclosure in common. In one feed a common enclosure is not enough, since some publish every episode at one
 * address; but with title and date it is, since others change all GUIDs.
 */
gboolean pf_same_episode(const PfKnownItem *one, const PfKnownItem *other);

/**
 * Reduces items that were found by the same evidence to one when they are all one episode, and those of different feeds
 * have the same payment links, their channels' too. That of a subscription stays, then that of the older feed.
 *
 * @items: of PfKnownItem *, which it does not own; changed
 */
void pf_same_unite(GPtrArray *items);
