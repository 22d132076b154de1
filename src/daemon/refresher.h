/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps the known feeds fresh: asks each for news when it is due, writes what it says to the store, and decides when it
 * is asked again; and so with the synchronisation server, if there is one. A feed that fails is asked less and less
 * often and keeps nobody waiting. One that says that it has moved (itunes:new-feed-url) is followed where there is a
 * feed; further pages of one in pages (RFC 5005) are read while pf_feed_store_make_pages_due() wants them. Wakes up for
 * nothing but the next feed that is due. Everything happens on the thread's default main context.
 */
#pragma once

#include "config/config.h"
#include "daemon/owner.h"
#include "feed/store.h"
#include "queue/queue.h"

/*
 * Makes the feeds that the configuration names known ones, and keeps it so when a list of feeds changes.
 */

/**
 * Adds what [feeds] subscriptions names, and forgets what it names no more, unless a list of feeds could not be read:
 * that says nothing about what is wanted. What cannot be read is logged and keeps nothing from being followed.
 *
 * @state_dir: as for pf_subscriptions_read()
 * @lists: the files that were looked at are added to it (char *), or NULL
 *
 * Returns: FALSE with a PF_DATABASE_ERROR set when the known feeds cannot be written.
 */
gboolean pf_subscribe(PfFeedStore *feeds, const PfConfig *config, const char *state_dir, GPtrArray *lists,
                      GError **error);

typedef struct PfRefresher PfRefresher;

typedef struct {
    PfFeedStore *feeds;
    const PfConfig *config; /* [feeds] refresh, contact and sync */
    PfQueue *queue;         /* for what a synchronisation server says was played; NULL: it is not asked */
    const char *state_dir;  /* for its password and subscriptions; NULL without queue */
    const PfOwner *owner;
} PfRefresherSettings;

/** Who waits for feeds. Is called from the main loop. */
typedef struct {
    /* Feeds have new items: files that were not found in them may be now. Not for each feed: when none is under
     * way any more, or when some seconds have passed. @is_file: a feed file of this machine has changed, which somebody
     * has done just now */
    void (*changed)(gboolean is_file, gpointer data);
    /* All feeds that were due have answered, with news or not. */
    void (*answered)(gpointer data);
    /* Arrivals were added to the queue: a synchronisation server has said what was played. */
    void (*heard)(gpointer data);
    gpointer data;
} PfRefresherListener;

/** Makes one; what the settings point to must outlive it. Nothing is asked before pf_refresher_wake(). */
PfRefresher *pf_refresher_new(const PfRefresherSettings *settings);

/** Frees it; what is under way is given up. */
void pf_refresher_free(PfRefresher *refresh);

/** Sets who waits for feeds, instead of who did; copied. NULL: nobody does. */
void pf_refresher_set_listener(PfRefresher *refresh, const PfRefresherListener *listener);

/** @config: must outlive it. */
void pf_refresher_set_config(PfRefresher *refresh, const PfConfig *config);

/** Asks the feeds that are due, and sees to it that the others are asked when they are. */
void pf_refresher_wake(PfRefresher *refresh);

/** Says that the password of the synchronisation server may have been stored: a server that has never been asked, or
 * not since then, is asked now. */
void pf_refresher_note_login(PfRefresher *refresh);

/**
 * Reads a feed file of this machine; it becomes a known feed that is not asked again. One that was read as it is now is
 * not read twice; one that cannot be kept now is when the store is there again.
 *
 * @path: absolute
 * @size: bytes
 * @changed: its ctime, nanoseconds since the epoch
 */
void pf_refresher_read_file(PfRefresher *refresh, const char *path, gint64 size, gint64 changed);

/** Whether feeds are being read. */
gboolean pf_refresher_is_busy(const PfRefresher *refresh);

/**
 * When a feed is asked again. Pure.
 *
 * @interval: seconds between two looks that went well; one takes place up to a tenth of it earlier or later
 * @failures: how many have failed in a row, 0 after one that went well
 * @retry_after: seconds that the server asked for, 0 for none
 * @random: from [0, 1)
 *
 * Returns: seconds from now.
 */
gint64 pf_refresher_wait(gint64 interval, gint64 failures, gint64 retry_after, double random);

/**
 * When a feed is asked again that its server calls gone for good: for three months about once a week, then about once
 * a month. Pure.
 *
 * @gone: since when, @now: seconds since the epoch
 * @random: from [0, 1)
 *
 * Returns: seconds from now.
 */
gint64 pf_refresher_gone_wait(gint64 gone, gint64 now, double random);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfRefresher, pf_refresher_free)

/** Follows the files that list feeds. On the thread's default main context. */
typedef struct PfSubscribing PfSubscribing;

/** Makes one that follows nothing yet; @changed is called when feeds may have been added. @feeds and @state_dir must
 * outlive it. */
PfSubscribing *pf_subscribing_new(PfFeedStore *feeds, const char *state_dir, void (*changed)(gpointer data),
                                  gpointer data);
void pf_subscribing_free(PfSubscribing *subscribing);

/**
 * Does as pf_subscribe(), and again whenever one of the lists changes.
 *
 * @config: must stay until the next call, or pf_subscribing_free()
 */
gboolean pf_subscribing_apply(PfSubscribing *subscribing, const PfConfig *config, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfSubscribing, pf_subscribing_free)
