/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes a configuration file's text in place: all that is not changed stays as it is, comments and order too. Pure,
 * any thread.
 */
#pragma once

#include <glib.h>

/** What is done with a setting that the text has already. */
typedef enum {
    PF_CONFIG_EDIT_KEEP, /* it stays */
    PF_CONFIG_EDIT_ADD,  /* it is a list, and gets one more part, unless it has that */
} PfConfigEdit;

/**
 * Changes one setting. One that is missing is written behind its line in the example, where that has stayed as a
 * comment, or at the beginning of its group, which is made at the end when it is missing.
 *
 * @text: as of a file that pf_config_parse() accepts, or ""
 * @value: one part of the list; or all of the value
 *
 * Returns: (transfer full): the new text; the same when nothing is to be changed.
 */
char *pf_config_edit(const char *text, const char *group, const char *key, const char *value, PfConfigEdit edit);
