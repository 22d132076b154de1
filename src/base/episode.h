/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When two items or entries are the same episode: the one place that says so. Whoever looks for duplicates finds
 * candidates by an index of its own and asks pf_episode_compare() about each.
 *
 * The same episode is the same thing and the same payee. A feed's author writes GUIDs, titles and payment links as they
 * like, so between feeds none of that may keep another payee's episode from being paid; within one feed there is only
 * one author, and paying an episode twice is what has to be prevented there.
 *
 * - A podcast's mp3 feed and its ogg feed, or a feed before and after it moved, carry the same GUID with links that
 *   differ. A GUID is unique within its feed by definition; where title, enclosure and date all differ, the feed has
 * reused it, and it proves nothing. Beyond its feed it counts as unique when it looks as if it was made to be: a URL, a
 * tag: or urn: URI, or 16 bytes and more that are not digits alone (a UUID, a checksum). What is shorter
 *   ("1", "episode-7") says nothing outside of its feed.
 * - A page's address may have got a certificate, lost its "www." or a slash at its end. To Flattr these are several
 *   things, as every part of an auto-submit URL's page identifies the thing; to a podcast they are one page. Under the
 *   same title and in the same feed they are one episode.
 * - A show that moves to another host gets new GUIDs and new pages, but keeps titles, dates and its files' names.
 *
 * Pure; any thread.
 */
#pragma once

#include <glib.h>

/** An episode is published this many seconds after its file came at the latest: feeds get their time zones wrong. */
#define PF_EPISODE_DATE_SLACK ((gint64)43200)

/** What is known of an item or an entry. Strings are NULL, times (seconds since the epoch) 0, where nothing is. */
typedef struct {
    const char *key;    /* the thing that is paid, see pf_payment_new() */
    const char *period; /* the month that a channel's link is paid for; NULL or "" for an episode's */
    const char *payee;  /* who is paid, see pf_payment_dup_payee(); "" or NULL when there is no link … */
    const char *show;   /* … but a show, which this names, that is thanked otherwise */
    const char *feed;   /* its address */
    const char *guid;
    const char *title;
    const char *enclosure; /* its address's identity, see pf_url_identity() */
    gint64 published;      /* when, as the feed says */
    gint64 came;           /* when it was first seen */
} PfEpisode;

typedef enum {
    PF_EPISODE_OTHER,     /* another one */
    PF_EPISODE_SAME,      /* the same: to pay both is to pay twice */
    PF_EPISODE_CONTESTED, /* the same thing claimed for two payees, or an episode whose payee cannot be compared: the
                             user has to say */
} PfEpisodeRelation;

/** How two of them are related. Channels' links (with a period) are compared by thing, month and payee alone. */
PfEpisodeRelation pf_episode_compare(const PfEpisode *one, const PfEpisode *other);

/**
 * Whether two items of one feed are the same by their GUIDs: a GUID that the feed gave again to an item of another
 * title, enclosure and date says nothing.
 */
gboolean pf_episode_same_guid(const PfEpisode *one, const PfEpisode *other);

/** How many other spellings a page has. */
#define PF_EPISODE_SPELLINGS 7

/**
 * Spells a page's address in the other ways: with http or https, with "www." or without, with a slash at its end or
 * without.
 *
 * Returns: (transfer full): PF_EPISODE_SPELLINGS of them, ended by NULL; none for what is not an http or https URL.
 */
char **pf_episode_list_spellings(const char *page);

/** Whether a GUID means the same episode in every feed. @guid may be NULL, which means none. */
gboolean pf_episode_guid_is_global(const char *guid);

/**
 * Whether two addresses are the same feed: what pf_url_identity() leaves out, and "feed:" in front, make no
 * difference. What is no such URL (a file's name) is compared as it is. NULL is the same feed as none.
 */
gboolean pf_episode_same_feed(const char *one, const char *other);
