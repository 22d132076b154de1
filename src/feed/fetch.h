/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fetches many feeds at once: at most PF_FEED_POOL_TRANSFERS, and of one host PF_FEED_POOL_PER_HOST; the rest waits in
 * line, in the order given, but a host that is slow keeps only its own feeds waiting. One that is redirected to another
 * host goes into that host's line. Fetches are conditional; each feed is parsed while it arrives. Files are read in
 * pieces between which the main loop lives.
 *
 * Everything happens on the main context that was the thread's default when the pool was made.
 */
#pragma once

#include "feed/parse.h"

/** What a feed may have, after decompression. */
#define PF_FEED_MAX_MIB 64
#define PF_FEED_MAX_BYTES ((gint64)PF_FEED_MAX_MIB * 1024 * 1024)

/** What a fetch has brought, also one that failed on the way. */
typedef struct {
    PfFeed *feed; /* the channel, as complete as it was read; NULL when not a byte of it came */
    guint items;  /* items delivered */
    char *fault;  /* as pf_feed_parser_get_fault(), or NULL */
} PfFeedSummary;

/** Frees what is in a summary, and makes it empty. */
void pf_feed_summary_clear(PfFeedSummary *summary);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PfFeedSummary, pf_feed_summary_clear)

#define PF_FEED_POOL_TRANSFERS 16
#define PF_FEED_POOL_PER_HOST 2

typedef struct PfFeedPool PfFeedPool;

typedef enum {
    PF_FEED_FETCHED,   /* a feed was read to its end, or as far as the item callback wanted */
    PF_FEED_UNCHANGED, /* it is as it was when etag and last_modified came (304) */
    PF_FEED_GONE,      /* the server says that there is no such feed any more (410); error says it in words */
    PF_FEED_FAILED,    /* error says why; items may have come before */
} PfFeedOutcome;

/** How a fetch ended. Lent for the call of @done; fields may be stolen, when they are set to NULL or {0}. */
typedef struct {
    PfFeedOutcome outcome;
    PfFeedSummary summary; /* feed, items, fault */
    char *moved_to; /* where a feed that was fetched or is unchanged has moved for good, or NULL: the first redirects
                       were all permanent (301, 308). With the user and password that the old URL had, if it is the
                       same host: not for people to read */
    char *etag;     /* of a feed that was fetched (200), or NULL */
    char *last_modified;
    gboolean is_private; /* a file, or named by the user and at a private address: what it names may have one too */
    gint64 retry_after;  /* seconds that the server asks to wait (429, 503), at most a day; 0 for none */
    gint64 bytes;        /* of the body as transferred */
    GError *error;       /* PF_FEED_ERROR, which names the source without its password, or what the item callback set */
} PfFeedReply;

/** What to fetch. */
typedef struct {
    const char *source;        /* http(s) URL (may have user:password), file name, file:// URL or "-" */
    const char *etag;          /* from an earlier reply, or NULL */
    const char *last_modified; /* from an earlier reply, or NULL */
    gboolean is_foreign;       /* a document of somebody else's names it: it is not fetched from a private address */
    PfItemFunc item;           /* called for each item, from the main loop; must not free the pool */
    void (*done)(PfFeedReply *reply, gpointer data); /* exactly once, always from the main loop; may free the pool */
    gpointer data;                                   /* for both */
} PfFeedRequest;

PfFeedPool *pf_feed_pool_new(void);

/** Gives up what is under way or in line, without calling done, and frees the pool. */
void pf_feed_pool_free(PfFeedPool *pool);

/** Adds a contact to the User-Agent of all that is added from now on; see pf_http_set_contact(). */
void pf_feed_pool_set_contact(PfFeedPool *pool, const char *contact);

/** Puts a request, which is copied, at the end of the line. Nothing is called from here. */
void pf_feed_pool_add(PfFeedPool *pool, const PfFeedRequest *request);

/** How many bytes all transfers of this pool have brought until now. */
gint64 pf_feed_pool_get_bytes(const PfFeedPool *pool);

/**
 * Lets a transfer rest, so that its items do not pile up, and lets it go on: some items of what has come already may
 * follow a pause. Both may be called from an item callback, and do nothing to one that is not under way. What rests
 * does not count for the limits, so that nothing in line can wait for it in vain; what goes on does so at once.
 *
 * @data: the request's, which must be its own for this
 */
void pf_feed_pool_pause(PfFeedPool *pool, gpointer data);
void pf_feed_pool_resume(PfFeedPool *pool, gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfFeedPool, pf_feed_pool_free)

/*
 * Reads one feed and waits for it: a pool of one, for what has no main loop of its own.
 */

/**
 * Reads one feed to its end; blocks. Items are delivered while bytes still arrive.
 *
 * The parser's address, PfFeed.address, is the URL that redirects led to, without its password; a file's name; or "-".
 *
 * @source: an http or https URL, a file's name or file URL, or "-" for standard input
 * @item, @data: called for each item, see PfItemFunc
 * @summary: (out): what was read, set on failure too; free with pf_feed_summary_clear()
 * @error: PF_FEED_ERROR, or what @item set. The message names the source with its password left out.
 *
 * Returns: whether the whole feed was read (or @item ended it quietly). Any thread.
 */
gboolean pf_feed_fetch(const char *source, PfItemFunc item, gpointer data, PfFeedSummary *summary, GError **error);
