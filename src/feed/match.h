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
#include <glib.h>

/*
 * What the match needs of the feed store: items by key (feed_key.h). Errors and threads as in feed_store.h.
 */

/**
 * Adds the items that are filed under a key. They need not be what is looked for: a key is a checksum.
 *
 * @feed: only those of this feed, 0 for all
 * @most: how many are added at the most
 * @items: of gint64 * (id) to PfKnownItem *, which it owns; what is there already is not read again
 * @more: (out): whether there are more than @most
 */
gboolean pf_feed_lookup_key(PfFeedStore *store, gint64 key, gint64 feed, guint most, GHashTable *items, gboolean *more,
                            GError **error);

/*
 * What podcatchers make of a title or a basename when they name a file or a folder after it, read backwards. Each has
 * rules of its own and users change them, so none is replayed: a name on disk is compared with what it may have been
 * made of, and what a podcatcher puts before or behind it is taken off. Pure; any thread.
 */

typedef enum {
    PF_NAMES_DIFFER,
    PF_NAMES_CUT,   /* the one on disk is the beginning of the other, and long */
    PF_NAMES_AGREE, /* but for what podcatchers leave out or replace, and for case */
    PF_NAMES_EQUAL, /* to the letter */
} PfNames;

/**
 * Compares a name on disk with a title or basename. They agree when their letters and digits are the same in the same
 * order, and what stands between them on disk is there in the other, or replaces what is. Digits are never pushed
 * together: "1-11" is neither "11-1" nor "111".
 *
 * @file: any bytes
 * @name: UTF-8, or any bytes
 */
PfNames pf_feed_name_compare(const char *file, const char *name);

/** Takes " (2)" off a name, which tells it from an earlier file or folder. Returns: (transfer full): maybe unchanged.
 */
char *pf_feed_name_strip_collision(const char *name);

/** A name that may have been made into a file's. Strings are NULL for what it has not. */
typedef struct {
    char *text;        /* UTF-8 */
    char *show;        /* what stood before it, which must be the feed's title */
    char *digest;      /* the first of the enclosure URL's checksum, hexadecimal */
    gint64 day;        /* the day that stood with it, as g_date_get_julian(); 0 for none */
    gboolean whole;    /* nothing was taken off */
    gboolean numbered; /* a number was taken off that only says something in a feed's folder */
} PfNameForm;

/**
 * Lists what a file's name may have been made of, the likeliest first.
 *
 * @stem: the name without its extension; any bytes
 *
 * Returns: (transfer full): of PfNameForm *; the first is the whole name.
 */
GPtrArray *pf_feed_name_list_forms(const char *stem);

/*
 * How strongly a file's names speak for an item. Pure; any thread.
 */

/** How strongly one name speaks for an item; what is larger is stronger. */
typedef enum {
    PF_SPEAKS_NOT,
    PF_SPEAKS_FOR_ANY,  /* it is the item's, and could be anyone's: "media.mp3" */
    PF_SPEAKS_WEAKLY,   /* after something was taken off it, or with another kind of file */
    PF_SPEAKS_LOOSELY,  /* but for what podcatchers leave out or replace */
    PF_SPEAKS_STRONGLY, /* to the letter */
} PfSpeaks;

/** A file's base name, read. */
typedef struct {
    char *name;       /* as it was given, without ".part" or ".partial" */
    char *extension;  /* in small letters, or NULL */
    GPtrArray *forms; /* of PfNameForm * */
    gboolean placed;  /* its folder is named after a feed, the only one whose items are asked about */
} PfFileName;

/** Reads a base name. @name: any bytes. Returns: (transfer full). */
PfFileName *pf_file_name_new(const char *name);
void pf_file_name_free(PfFileName *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfFileName, pf_file_name_free)

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
