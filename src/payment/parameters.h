/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parameters of a URL's query, decoded and encoded the way of HTML forms. Pure; any thread.
 */
#pragma once

#include <glib.h>

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

/** Writes a list as a query, without the "?"; all must be decodable. Returns: (transfer full). */
char *pf_parameters_write(const GPtrArray *parameters);

/** Undoes in a whole URL what pf_parameters_read() reads past: "&amp;" is "&" then. Returns: (transfer full). */
char *pf_parameters_mend(const char *url);
