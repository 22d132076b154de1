/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options of `podflattr api`, all in one table; each verb takes some of them. Pure.
 */
#pragma once

#include <glib.h>

/** What was given; NULL, or PF_API_NO_NUMBER, where it was not. */
typedef struct {
    char *user;
    char *thing;
    char *url;
    char *title;
    char *description;
    char *category;
    char *language;
    char *tags;
    char *query;
    char *sort;
    char *type;
    char *format;
    int count;
    int page;
    int limit;
    gboolean all;
    gboolean full;
    gboolean hidden;
    gboolean visible;
} PfApiOptions;

#define PF_API_NO_NUMBER G_MININT

/** What lists that come in pages take. */
#define PF_API_PAGING "count page all limit full"

/** Sets all to not given. */
void pf_api_options_init(PfApiOptions *options);

/** Frees what is in it. */
void pf_api_options_clear(PfApiOptions *options);

/**
 * Makes the entries for GLib's parser.
 *
 * @options: where they leave what is given
 * @names: of the options to take, with blanks between them; --format is always taken
 *
 * Returns: (transfer full): of GOptionEntry, ends with an empty one.
 */
GArray *pf_api_options_new_entries(PfApiOptions *options, const char *names);

/**
 * Checks that the options go together, and what the API documents of their values: lengths, enumerations, numbers that
 * begin at 1. Addresses, languages and tags are left to the server.
 *
 * Returns: FALSE with a PF_COMMAND_ERROR set: USAGE, or DATA with a line for each value that is wrong.
 */
gboolean pf_api_options_check(const PfApiOptions *options, GError **error);

/** Whether a list is to be gone through from its beginning, rather than shown by the page. */
gboolean pf_api_options_walk(const PfApiOptions *options);

/** The most items of a list to show. */
guint pf_api_options_limit(const PfApiOptions *options);

/** A page's length, and its number. */
guint pf_api_options_count(const PfApiOptions *options);
guint pf_api_options_page(const PfApiOptions *options);
