/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a feed says of its show, and how those who make it can be paid: kept for every known feed, for those who thank
 * them at the end of a month. The store reads and writes it, see pf_feed_store_list_shows(). Pure; any thread.
 */
#pragma once

#include "feed/item.h"

/** A show. Strings as in PfFeed, NULL where the feed says nothing; every list is there, empty for nothing. */
typedef struct {
    char *url;     /* of its feed, as PfKnownFeed.url: what entries of the queue have as their feed */
    char *address; /* where that is fetched by now */
    char *title;
    char *page;
    char *guid;  /* podcast:guid: the same show where it is the same, whatever its feed's address is */
    char *owner; /* a name */
    char *image;
    GPtrArray *payment_links; /* of char *: rel="payment", to any host, in document order */
    GPtrArray *funding;       /* of PfFunding *, in document order */
    GPtrArray *values;        /* of PfValue *, in document order */
} PfShow;

PfShow *pf_show_new(void);
void pf_show_free(PfShow *show);

/** Kinds of ways to pay, best first. */
typedef enum {
    PF_WAY_LIGHTNING,    /* a Lightning address, user@host */
    PF_WAY_FUNDING,      /* podcast:funding */
    PF_WAY_PAYMENT_LINK, /* rel="payment" */
    PF_WAY_PAGE,         /* the show's web page, where one can look for a way */
} PfWayKind;

/** A way to pay. */
typedef struct {
    PfWayKind kind;
    char *address; /* a URL; user@host for a Lightning address */
    char *text;    /* what the podcaster calls it, or the recipient's name; NULL for none */
} PfWay;

void pf_way_free(PfWay *way);

/**
 * Lists the ways to pay for a show or for one of its episodes.
 *
 * @item: an episode, whose own funding and values stand in place of the show's; its payment links are not looked at,
 *     since the store keeps them apart from it (PfKnownItem.payments). NULL for the show.
 *
 * Returns: (transfer full): of PfWay *, best first: Lightning addresses, who gets the larger share first, without
 * fees; funding links and payment links in the feed's order; the page. No address twice. Empty when there is none.
 */
GPtrArray *pf_show_list_ways(const PfShow *show, const PfItem *item);

/**
 * Writes funding and values as text that can be stored.
 *
 * Returns: (transfer full): valid UTF-8; NULL when both lists are empty.
 */
char *pf_show_pack_ways(const GPtrArray *funding, const GPtrArray *values);

/** Adds what pf_show_pack_ways() wrote to the lists; NULL, and what is no such text, adds nothing. */
void pf_show_unpack_ways(const char *text, GPtrArray *funding, GPtrArray *values);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfShow, pf_show_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfWay, pf_way_free)
