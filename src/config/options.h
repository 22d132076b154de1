/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of options. Private to config/.
 */
#pragma once

#include "config/config.h"

typedef enum {
    PF_OPTION_TEXT,     /* char * */
    PF_OPTION_LIST,     /* char **, separated by ";" */
    PF_OPTION_FOLDERS,  /* as a list, of whole paths, or such from the home folder ("~/") */
    PF_OPTION_YES_NO,   /* gboolean */
    PF_OPTION_NUMBER,   /* gint64 */
    PF_OPTION_DURATION, /* gint64 seconds; written with a unit: 90, 90s, 15m, 6h, 2d */
    PF_OPTION_CHOICE,   /* gint64: the index of a word in `choices` */
} PfOptionType;

typedef struct {
    const char *group;
    const char *key;
    PfOptionType type;
    gsize offset;               /* in PfConfig */
    const char *initial;        /* the default, as it would be written */
    gint64 least, most;         /* of numbers and durations */
    const char *const *choices; /* NULL-terminated */
    const char *help;           /* one sentence */
} PfOption;

/** All options, grouped, in the order of the example file; ends with an option whose group is NULL. */
extern const PfOption pf_options[];

/** What may follow "rule = " in a [feed URL] group; in the order of PfRule. */
extern const char *const pf_option_rules[];

/** Finds an option. @has_group: (out): whether there is such a group at all. Returns NULL when there is none. */
const PfOption *pf_option_find(const char *group, const char *key, gboolean *has_group);

/**
 * Reads a value and stores it in its place in @config.
 *
 * Returns: (transfer full): NULL when it is good, else what is wrong, "must be …".
 */
char *pf_option_set(const PfOption *option, PfConfig *config, const char *value);
