/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What GET /things/search looks for, and in which order it shows what it found. Pure; any thread.
 */
#pragma once

#include "sandbox/store.h"
#include <glib.h>

/*
 * The tag expressions of searches: "game | games ! software". Pure; any thread.
 *
 * A tag is what stands between operators, without the blanks around it; capitals do not matter. "|" (or a comma) joins
 * alternatives and binds closest, "&" adds what must be there too, "!" what must not. So the example asks for either of
 * the first two and not the third.
 */

typedef struct SandboxTags SandboxTags;

/**
 * Reads an expression.
 *
 * Returns: (transfer full): the expression, which all tags match when it names none; never NULL.
 */
SandboxTags *sandbox_tags_read(const char *text);
void sandbox_tags_free(SandboxTags *tags);

/**
 * Tells whether a thing's tags match an expression.
 *
 * @list: the thing's tags, separated by commas
 */
gboolean sandbox_tags_match(const SandboxTags *tags, const char *list);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxTags, sandbox_tags_free)

typedef struct SandboxSearch SandboxSearch;

/**
 * Reads a search.
 *
 * @query: the request's parameters: query url tags language category user sort. Lists by comma mean any of them
 * @problem: set to a static sentence when it cannot be read
 *
 * Returns: (transfer full): the search; NULL when sort is none that there is.
 */
SandboxSearch *sandbox_search_new(GHashTable *query, const char **problem);
void sandbox_search_free(SandboxSearch *search);

/** Tells whether a thing is what is looked for. */
gboolean sandbox_search_match(const SandboxSearch *search, const SandboxThing *thing);

/**
 * Tells since when flattrs must be counted for the order.
 *
 * @now: seconds since the epoch
 *
 * Returns: seconds since the epoch; -1 when none need be.
 */
gint64 sandbox_search_since(const SandboxSearch *search, gint64 now);

/**
 * Puts things into the order asked for; those that are equal in it, the newest first.
 *
 * @things: of SandboxThing, the newest first
 * @recent: a thing's id to its flattrs since sandbox_search_since(), gint64 pointers; NULL when there are none
 */
void sandbox_search_sort(const SandboxSearch *search, GPtrArray *things, GHashTable *recent);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SandboxSearch, sandbox_search_free)
