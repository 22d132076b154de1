/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the item behind a file among the known ones: asks the store for candidates by the keys that match.h (pure)
 * makes of the file, and lets match.h decide. Errors and threads as in store.h.
 */
#pragma once

#include "feed/match.h"
#include "feed/store.h"

/** Candidates that are returned at the most. */
#define PF_FIND_MAX 20

/** What was found. */
typedef struct {
    GPtrArray *items; /* of PfKnownItem *: none, the one, or the candidates (at most PF_FIND_MAX) */
    gboolean sure;    /* it is one, beyond doubt */
    gboolean placed;  /* the file's folder is named after a feed */
    guint witnesses;  /* by what: of PfWitness; of the user: GUID, ENCLOSURE, or 0 for a link */
} PfFound;

/** Finds the item that a file is of. @found: (out): set on success; free with pf_found_clear(). */
gboolean pf_feed_find(PfFeedStore *store, const PfFileClues *clues, PfFound *found, GError **error);

/**
 * Finds the items that the user names: by GUID, enclosure URL or link, exactly. What is one episode in two feeds is
 * one.
 *
 * @found: (out): set on success; free with pf_found_clear()
 */
gboolean pf_feed_find_named(PfFeedStore *store, const char *name, PfFound *found, GError **error);

/**
 * Finds the items that a player names, by the titles of item and show, both in full. What is one episode in two feeds
 * is one.
 *
 * @found: (out): set on success; sure when it is one and the title says something; free with pf_found_clear()
 */
gboolean pf_feed_find_titled(PfFeedStore *store, const char *show, const char *title, PfFound *found, GError **error);

/** Frees what is in @found, and makes it empty. */
void pf_found_clear(PfFound *found);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PfFound, pf_found_clear)
