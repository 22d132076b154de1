/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How strongly a file's names speak for an item. Pure; any thread.
 */
#pragma once

#include "feed/feed_name.h"
#include "feed/store.h"

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

/** How strongly a name speaks for an item by the basename of an enclosure's URL. */
PfSpeaks pf_evidence_of_basename(const PfFileName *file, const PfKnownItem *item);

/** How strongly a name speaks for an item by its title. */
PfSpeaks pf_evidence_of_title(const PfFileName *file, const PfKnownItem *item);

/** Whether there is a day in a name, and it is the item's in some time zone. */
gboolean pf_evidence_has_day_of(const PfFileName *file, const PfKnownItem *item);

/** Whether a title says the same as an item's. */
gboolean pf_evidence_same_title(const char *title, const PfKnownItem *item);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfFileName, pf_file_name_free)
