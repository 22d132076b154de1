/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which item a file is: the keys to look for it under, and the choice among the items that were found under them. Pure,
 * apart from feed_find.h, which does the looking up; any thread.
 *
 * It is money: only one item that nothing speaks against counts. Where two kinds of evidence name different episodes,
 * where several items have it equally, and where the known items cannot be looked through to the end, there are several
 * candidates and the user decides. The same episode in two feeds is one if both name the same payee.
 */
#pragma once

#include "feed/store.h"

/** What is known of a file. Everything is lent; strings NULL where nothing is known. */
typedef struct {
    const char *path;   /* absolute, bytes */
    const char *root;   /* the folder above all shows' folders that it is in, whose name says nothing */
    const char *former; /* base name before a rename in its folder */
    gint64 size;        /* bytes, -1 unknown */
    const char *origin; /* its user.xdg.origin.url attribute */
    const char *feed;   /* the hook's words */
    const char *enclosure;
    const char *guid;
    const char *title;
} PfFileClues;

/** A file with its names read: what was worked out once, for keys and choice. */
typedef struct PfMatch PfMatch;

/** Reads a file's names. @clues: must outlive it. Returns: (transfer full). */
PfMatch *pf_match_new(const PfFileClues *clues);
void pf_match_free(PfMatch *match);

/** Says which feeds the file's folder is named after, as pf_feed_store_list_for_path(): no other's item is taken for
 * its name. @feeds: of gint64; copied. */
void pf_match_set_folder_feeds(PfMatch *match, const GArray *feeds);

/**
 * What the file may be found under.
 *
 * @identifiers: (out) (transfer full): of gint64: keys of the hook's words and of the origin
 * @names: (out) (transfer full): of gint64: keys of whole names
 * @parts: (out) (transfer full): of gint64: keys of what is left of names when something is taken off
 */
void pf_match_list_keys(const PfMatch *match, GArray **identifiers, GArray **names, GArray **parts);

/** Says that there are more items under the keys of identifiers, of names, or of parts, than were looked at: then none
 * is unique by them. */
void pf_match_set_incomplete(PfMatch *match, gboolean identifiers, gboolean names, gboolean parts);

/**
 * Chooses.
 *
 * @candidates: of PfKnownItem * with their feeds, in any order; those that only share a key with the file do no harm
 * @how: (out): "guid", "enclosure", "origin", "name", "title"; static; NULL for none
 *
 * Returns: (transfer container): of PfKnownItem *, lent by @candidates: none, the one, or those that may be meant.
 */
GPtrArray *pf_match_choose(const PfMatch *match, const GPtrArray *candidates, const char **how);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfMatch, pf_match_free)
