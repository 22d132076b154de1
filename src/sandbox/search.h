/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What GET /things/search looks for, and in which order it shows what it found. Pure; any thread.
 */
#pragma once

#include "sandbox/store.h"

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
