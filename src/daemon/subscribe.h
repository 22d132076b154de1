/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes the feeds that the configuration names known ones, and keeps it so when a list of feeds changes.
 */
#pragma once

#include "config/config.h"
#include "feed/store.h"

/**
 * Adds what [feeds] subscriptions names, and forgets what it names no more, unless a list of feeds could not be read:
 * that says nothing about what is wanted. What cannot be read is logged and keeps nothing from being followed.
 *
 * @lists: the files that were looked at are added to it (char *), or NULL
 *
 * Returns: FALSE with a PF_DATABASE_ERROR set when the known feeds cannot be written.
 */
gboolean pf_subscribe(PfFeedStore *feeds, const PfConfig *config, GPtrArray *lists, GError **error);

/** Follows the files that list feeds. On the thread's default main context. */
typedef struct PfSubscribing PfSubscribing;

/** Makes one that follows nothing yet; @changed is called when feeds may have been added. */
PfSubscribing *pf_subscribing_new(PfFeedStore *feeds, void (*changed)(gpointer data), gpointer data);
void pf_subscribing_free(PfSubscribing *subscribing);

/**
 * Does as pf_subscribe(), and again whenever one of the lists changes.
 *
 * @config: must stay until the next call, or pf_subscribing_free()
 */
gboolean pf_subscribing_apply(PfSubscribing *subscribing, const PfConfig *config, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfSubscribing, pf_subscribing_free)
