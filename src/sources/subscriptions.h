/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the user's configuration names as subscriptions, as addresses of feeds.
 */
#pragma once

#include <glib.h>

typedef enum {
    PF_SUBSCRIPTION_URL,        /* a feed on the web, or a list: which one is known only when it is fetched */
    PF_SUBSCRIPTION_FILE,       /* a file that is a feed itself */
    PF_SUBSCRIPTION_LIST,       /* a file that lists feeds */
    PF_SUBSCRIPTION_PODCATCHER, /* what a podcatcher follows, or the devices of a synchronisation server */
    PF_SUBSCRIPTION_NONE,       /* nothing that could be read */
} PfSubscriptionKind;

/** One of the subscriptions, and what became of it. */
typedef struct {
    PfSubscriptionKind kind;
    char *name;        /* as the configuration has it, without a password, printable */
    guint feeds;       /* how many it names; 1 for a feed */
    guint left_out;    /* entries of a list that name no feed that can be read: gopher:, a podcatcher's own queries */
    gint64 changed;    /* of a podcatcher: when it last changed its list, seconds since the epoch; 0 unknown */
    gboolean is_whole; /* all that it names is known */
    char *fault;       /* what is wrong with it, and the fix; NULL when nothing is */
} PfSubscription;

/**
 * Finds the feeds that [feeds] subscriptions names. http and https URLs stand for themselves. Files (absolute paths,
 * "~/…", file:// URLs) are feeds, OPML, or lists as podcatchers keep them: an address at the beginning of a line
 * (newsboat's urls, podget's serverlist) or behind "url =" (castget's .castgetrc). The name of a podcatcher
 * (podcatcher.h) stands for the feeds that it follows. Reads those files, and blocks for
 * it. What is wrong never keeps the rest from being read.
 *
 * @subscriptions: as PfConfig has them
 * @files: filled with the absolute names (char *) of the files, those that are missing or broken too, and those of
 * podcatchers, for the caller to watch; NULL if that is of no interest
 * @state_dir: has the list of the synchronisation server, which "sync" names
 * @found: filled with a PfSubscription * for each, which pf_subscription_free() frees; NULL if that is of no interest
 *
 * Returns: (transfer full): of char *: http, https and file URLs, each once, in order. Any thread.
 */
GPtrArray *pf_subscriptions_read(char **subscriptions, const char *state_dir, GPtrArray *files, GPtrArray *found);

/** The file in which the synchronisation server's subscriptions are, an address a line. Returns: (transfer full). */
char *pf_subscriptions_dup_sync_list(const char *state_dir);

void pf_subscription_free(PfSubscription *subscription);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfSubscription, pf_subscription_free)
