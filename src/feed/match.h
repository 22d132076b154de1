/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which item a file is: the keys to look for it under, and the choice among the items that were found under them. Pure,
 * apart from find.h, which does the looking up; any thread.
 *
 * It is money, so nothing is chosen on a guess. What speaks for an item are witnesses; how they are weighed is in
 * is_sure() of match.c. What a feed's author can write (titles, file names, sizes, dates, GUIDs) ranks the items of one
 * payee, and never decides between two: there the place does (the feed that the podcatcher named, the folder, where the
 * file came from), or the user. The same episode in two feeds is one if both name the same payee.
 */
#pragma once

#include "feed/item.h"
#include <glib.h>

/** What speaks for an item, or against it: a bit each. */
typedef enum {
    PF_WITNESS_GUID = 1 << 0,          /* the podcatcher named its GUID … */
    PF_WITNESS_ENCLOSURE = 1 << 1,     /* … the address of an enclosure … */
    PF_WITNESS_ADDRESS = 1 << 2,       /* … that address but for its query or what stands before it … */
    PF_WITNESS_FEED = 1 << 3,          /* … its feed */
    PF_WITNESS_ORIGIN = 1 << 4,        /* the file's origin attribute is an enclosure's address */
    PF_WITNESS_TITLE = 1 << 5,         /* the name is the item's title */
    PF_WITNESS_NAME = 1 << 6,          /* the name is an enclosure's basename */
    PF_WITNESS_ID = 1 << 7,            /* the GUID, or a checksum of the enclosure's address, is in the name */
    PF_WITNESS_SHOW = 1 << 8,          /* the show's title is in the name */
    PF_WITNESS_FOLDER = 1 << 9,        /* the folder is named after the show */
    PF_WITNESS_NEIGHBOURS = 1 << 10,   /* the folder's other files are the show's */
    PF_WITNESS_DATE = 1 << 11,         /* the day in the name is the item's */
    PF_WITNESS_SIZE = 1 << 12,         /* the size is the enclosure's, exactly */
    PF_WITNESS_OTHER_FOLDER = 1 << 13, /* against it: the folder is another known show's */
    PF_WITNESS_OTHER_SIZE = 1 << 14,   /* against it: the size is another, where the feed's can be relied on */
} PfWitness;

/** Names witnesses: "title, folder, size". @witnesses: of PfWitness. Returns: (transfer full): NULL when there are
 * none. */
char *pf_witness_dup_names(guint witnesses);

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
    char *const *neighbours; /* the feeds that other files of its folder are of, by URL; ended by NULL */
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

/** The days in the file's names. @from, @to: (out): in all time zones, seconds since the epoch; the same for none */
void pf_match_list_days(const PfMatch *match, gint64 *from, gint64 *to);

/** Says that there are more items under the keys of identifiers, of names, or of parts, than were looked at: then none
 * is unique by them. */
void pf_match_set_incomplete(PfMatch *match, gboolean identifiers, gboolean names, gboolean parts);

/** What was chosen. */
typedef struct {
    GPtrArray *items; /* of PfKnownItem *, lent by the candidates: none, the one, or those that may be meant */
    gboolean sure;    /* it is one, beyond doubt */
    guint witnesses;  /* what speaks for the one, or the first, and against it: of PfWitness */
} PfChoice;

/**
 * Chooses.
 *
 * @candidates: of PfKnownItem * with their feeds, in any order; those that only share a key with the file do no harm
 * @choice: (out): free with pf_choice_clear()
 */
void pf_match_choose(const PfMatch *match, const GPtrArray *candidates, PfChoice *choice);

/** Frees what is in a choice, and makes it empty. */
void pf_choice_clear(PfChoice *choice);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfMatch, pf_match_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PfChoice, pf_choice_clear)
