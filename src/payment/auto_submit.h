/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Auto-submit URLs: made of their parameters, and checked. Pure; any thread.
 *
 * Source: Flattr's pages on auto-submit and on partner sites. The parameters are `url` (the page), one of `user_id`
 * (once `uid`), `fid` (which Flattr's own buttons had later) and `owner`, and as one likes `title`, `description`,
 * `language`, `tags`, `category`, `hidden` and `revsharekey`.
 */
#pragma once

#include <glib.h>

/*
 * The parameters of a URL's query, decoded and encoded the way of HTML forms. Pure; any thread.
 */

typedef struct {
    char *name;  /* decoded; NULL when it cannot be */
    char *value; /* decoded; "" when there is none, NULL when it cannot be decoded */
} PfParameter;

/**
 * Reads a query.
 *
 * A parameter whose "&" was escaped once too often is called "amp;url" there, and is read as "url". What has a bad
 * escape, or is no UTF-8 without NUL when it is decoded, cannot be decoded.
 *
 * @query: what follows the "?", or NULL
 *
 * Returns: (transfer full): of PfParameter *, in the query's order; empty ones ("&&") are left out.
 */
GPtrArray *pf_parameters_read(const char *query);

/** Makes an empty list, for pf_parameters_add(). */
GPtrArray *pf_parameters_new(void);

/** Adds a parameter to a list; one whose value is NULL or empty is none. */
void pf_parameters_add(GPtrArray *parameters, const char *name, const char *value);

/** The first value of a name; NULL when it is not there or cannot be decoded. */
const char *pf_parameters_get(const GPtrArray *parameters, const char *name);

/** Undoes in a whole URL what pf_parameters_read() reads past: "&amp;" is "&" then. Returns: (transfer full). */
char *pf_parameters_unescape(const char *url);

/** Lengths of a title and of a description, in characters. */
#define PF_AUTO_SUBMIT_MIN_TEXT 5
#define PF_AUTO_SUBMIT_MAX_TITLE 100
#define PF_AUTO_SUBMIT_MAX_DESCRIPTION 1000

/**
 * Makes the URL; nothing is checked.
 *
 * @parameters: of PfParameter *, see pf_parameters_add()
 *
 * Returns: (transfer full).
 */
char *pf_auto_submit_new_url(const GPtrArray *parameters);

/**
 * Reads the parameters of an auto-submit URL, also of one that lacks what it needs and is none therefore.
 *
 * Returns: (transfer full) (nullable): of PfParameter *; NULL when the URL is not at auto-submit's address.
 */
GPtrArray *pf_auto_submit_read_url(const char *url);

/**
 * Checks one parameter.
 *
 * Returns: (transfer full) (nullable): what is wrong with it, as the end of a sentence that begins with its name ("must
 * have …"); NULL when nothing is. A name that is none of auto-submit's is wrong.
 */
char *pf_auto_submit_find_fault(const char *name, const char *value);

/**
 * Checks all of them, and that what is needed is there, once.
 *
 * Returns: (transfer full): of char *, sentences that say what is wrong; empty when a server would take the URL.
 */
GPtrArray *pf_auto_submit_find_faults(const GPtrArray *parameters);
