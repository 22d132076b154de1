/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the user's configuration names as subscriptions, as addresses of feeds.
 */
#pragma once

#include <glib.h>

/**
 * Finds the feeds that [feeds] subscriptions names: http and https URLs stand for themselves, OPML files (absolute
 * paths, "~/…", file:// URLs) for the feeds in them. Reads those files, and blocks for it. An OPML list at a URL shows
 * itself only when it is fetched: PfFeed.kind is PF_FEED_KIND_OPML then. What is wrong never keeps the rest from being
 * read.
 *
 * @subscriptions: as PfConfig has them
 * @files: filled with the absolute names (char *) of the OPML files, those that are missing or broken too, for the
 * caller to watch; NULL if that is of no interest
 * @faults: filled with a message (char *) for each subscription that is neither, or whose file cannot be read
 *
 * Returns: (transfer full): of char *: http, https and file URLs, each once, in order. Any thread.
 */
GPtrArray *pf_subscriptions_read(char **subscriptions, GPtrArray *files, GPtrArray *faults);
