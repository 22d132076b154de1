/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What podcatchers make of a title or a basename when they name a file or a folder after it, read backwards. Each has
 * rules of its own and users change them, so none is replayed: what programs put before or behind a name is taken off
 * by a table of rules, and what is left is compared by one comparison that ignores case, accents, punctuation, and
 * which of two signs stands for the other. Pure; any thread.
 */
#pragma once

#include <glib.h>

/* --- texts --- */

/** A name with all that it is compared by, worked out once. */
typedef struct {
    char *text;      /* UTF-8 in normal form C */
    char *folded;    /* in small letters without accents, its full-width and typographic signs as ASCII has them */
    char *canonical; /* the letters and digits of that alone: what every podcatcher keeps of a name */
} PfName;

/** Reads a name. @text: any bytes; of a name without end the beginning is taken. Returns: (transfer full). */
PfName *pf_name_new(const char *text);
void pf_name_free(PfName *name);

/** The canonical of pf_name_new() alone. Returns: (transfer full): maybe empty. */
char *pf_name_dup_canonical(const char *text);

/** Names of more letters and digits than this are recognized too when they were cut off after so many. */
#define PF_NAME_LONG 64

typedef enum {
    PF_NAMES_DIFFER,
    PF_NAMES_CUT,   /* the one on disk is the beginning of the other, and long */
    PF_NAMES_LOOSE, /* the same letters and digits; but signs differ ("C++", "C#"), or numbers ran together */
    PF_NAMES_AGREE, /* but for what podcatchers leave out or replace: accents, signs, blanks, case */
    PF_NAMES_EQUAL, /* to the letter */
} PfNames;

/** Compares a name on disk with a title or basename. */
PfNames pf_names_compare(const PfName *file, const PfName *name);

/** As pf_names_compare(), of texts. */
PfNames pf_name_compare_texts(const char *file, const char *name);

/** Whether a canonical name is one that any episode of any feed could have: digits alone, "media", "default" … */
gboolean pf_name_says_nothing(const char *canonical);

/**
 * Takes a file name's extension off: one to five letters and digits, not digits alone, after the last dot.
 *
 * @extension: (out) (optional): in small letters, (transfer full); NULL when there is none
 *
 * Returns: (transfer full): the rest.
 */
char *pf_name_stem(const char *name, char **extension);

/** Takes " (2)" off a folder's name, which tells it from an earlier one. Returns: (transfer full): maybe unchanged. */
char *pf_name_strip_collision(const char *name);

/**
 * Lists what podcatchers may have written for a title: itself; with entities decoded once more; what is left of it
 * where only ASCII is kept, with accents taken off before or not.
 *
 * Returns: (transfer full): of PfName *, the title first.
 */
GPtrArray *pf_name_list_of_title(const char *title);

/* --- what was put before or behind --- */

/** One rule: what some programs add to a name. */
typedef struct {
    const char *who;     /* the programs that name files so */
    const char *pattern; /* what a name is then: the groups text, and year, month, day, digest or id; or NULL … */
    const char *split;   /* … and any of these signs may be where the show ends, or the query begins */
    gboolean query;      /* what stands behind such a sign is the query */
    gboolean unproved;   /* what is taken off can be anybody's: it counts in the show's own folder alone */
    const char *example; /* a stem that is named so … */
    const char *text;    /* … and what is left of it */
} PfNamingRule;

/** Returns: (transfer none): the table. @count: (out): how many there are */
const PfNamingRule *pf_naming_rules(guint *count);

/** A name that may have been made into a file's. Strings are NULL for what it has not. */
typedef struct {
    PfName *name;
    char *show;        /* what stood before it, which should be the feed's title */
    char *digest;      /* the first of the enclosure URL's checksum, hexadecimal */
    char *id;          /* what stood behind it in brackets, which should be the GUID or the enclosure's basename */
    char *query;       /* the enclosure's, with other signs */
    gint64 day;        /* the day that stood with it, as g_date_get_julian(); 0 for none */
    gboolean whole;    /* nothing was taken off */
    gboolean unproved; /* something was taken off that can be anybody's */
    guint applied;     /* which rules: a bit each */
} PfNameForm;

/** A file's base name, read. */
typedef struct {
    char *name;       /* as it was given, without ".part" or ".partial" */
    char *extension;  /* in small letters, or NULL */
    GPtrArray *forms; /* of PfNameForm *, the likeliest first; the first is the whole name */
} PfFileName;

/** Reads a base name. @name: any bytes. Returns: (transfer full). */
PfFileName *pf_file_name_new(const char *name);
void pf_file_name_free(PfFileName *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfName, pf_name_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfFileName, pf_file_name_free)
