/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Activity streams as Atom feeds (RFC 4287, with the Atom Activity Extensions of Activity Streams 1.0). Pure; any
 * thread.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

/**
 * Writes a feed.
 *
 * @address: of the feed itself
 * @now: seconds since the epoch; when a feed without items was changed last
 * @items: of the stream as JSON, the newest first, as sandbox_object_of_activity() writes them
 *
 * Returns: (transfer full): the feed. Characters that XML cannot hold are replaced.
 */
char *sandbox_atom_dup_feed(const char *address, gint64 now, const json_t *items);
