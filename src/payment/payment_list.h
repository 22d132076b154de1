/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The payment links of one item or channel, best first, and which of them is paid. Pure; any thread.
 *
 * The order: a rel="payment" link before a button before a link in a text; among these an auto-submit URL or a thing
 * before a profile, before a page whose owner the server finds, before anything else; as they came within that. What
 * has one key is one thing and is listed once, in its best place.
 */
#pragma once

#include "config/config.h"
#include "feed/item.h"
#include "payment/payment_link.h"

/**
 * All payment links of an item, or of a channel. What is no URL that could be sent anywhere becomes an "other" without
 * a key.
 *
 * @is_whole: (out) (optional): FALSE when a text was not searched to its end, see pf_payment_html_find()
 *
 * Returns: (transfer full): of PfPayment *, best first.
 */
GPtrArray *pf_payment_list_of_item(const PfItem *item, gboolean *is_whole);
GPtrArray *pf_payment_list_of_feed(const PfFeed *feed);

/**
 * The same for who wants the best link alone, which is the first, or what pf_payment_list_choose() takes: where a
 * rel="payment" link of the item's is an auto-submit URL or a thing, its texts are not searched, and links in them are
 * not listed. The search takes most of the time that a feed needs.
 */
GPtrArray *pf_payment_list_best_of_item(const PfItem *item, gboolean *is_whole);

/**
 * Writes a list as text that can be stored: JSON, [{"url":…,"from":…},…]. What is computed from the URL is not stored,
 * so that what this program learns of links later holds for the stored ones too.
 *
 * Returns: (transfer full): valid UTF-8.
 */
char *pf_payment_list_to_text(const GPtrArray *payments);

/**
 * Reads a list from what pf_payment_list_to_text() wrote; kinds, keys and order are computed again.
 *
 * @text: NULL, and what is no such text, is an empty list; what is none of a list's links is left out
 *
 * Returns: (transfer full): of PfPayment *, best first.
 */
GPtrArray *pf_payment_list_from_text(const char *text);

/**
 * Picks the link to flattr: the first that may be.
 *
 * @payments: best first
 * @discoverable: whether pages whose owner the server would have to find may be used
 * @html: whether links and buttons in texts may be used
 *
 * Returns: (transfer none) (nullable): the link; NULL when none is one for a Flattr server.
 */
const PfPayment *pf_payment_list_choose(const GPtrArray *payments, gboolean discoverable, gboolean html);

/*
 * Whether, and when, a link may be paid: the user's rules as one pure function. Time and counts are arguments; any
 * thread.
 *
 * It is asked twice: when an item comes in, and again right before its request leaves, with the configuration of that
 * moment. So what was switched off in between is not sent. The limit a month is no part of it: it is counted from what
 * was paid, not from what is wanted, and so by the sender.
 */

/** How many limits a day there are: for a feed, for a payee, for all. */
#define PF_POLICY_LIMITS 3

/** A limit of payments a day (UTC). */
typedef struct {
    const char *reason; /* what a decision says that is put off by it; a literal */
    const GArray *full; /* of gint64: the days, by their first second and ascending, that have no room left, from today
                           on; NULL: none */
} PfPolicyLimit;

/** What is known of a payment and of the user's wishes. Times are seconds since the epoch. */
typedef struct {
    gboolean by_hand;    /* the user has named or released this one: consent, which only a rule of never outweighs */
    PfRule rule;         /* the feed's */
    gboolean is_channel; /* the link is the channel's, for an item without one of its own … */
    gboolean no_channel; /* … and these are not to be paid */
    gboolean is_found;   /* the link is a page whose owner the server has to find … */
    gboolean no_found;   /* … and these are not to be paid */
    gboolean confirm;    /* everything that comes by itself waits for the user */
    gint64 delay;        /* how long it can still be dropped, seconds */
    gint64 came;         /* when the item came in: the delay counts from here */
    PfPolicyLimit limits[PF_POLICY_LIMITS];
    gint64 now;
} PfPolicyQuestion;

typedef enum {
    PF_POLICY_PAY,  /* as soon as possible */
    PF_POLICY_HOLD, /* later, or when the user says so */
    PF_POLICY_DROP, /* not */
} PfPolicyAction;

typedef struct {
    PfPolicyAction action;
    const char *reason; /* NULL to pay; else a literal: "never", "channel_links", "discoverable" (dropped), "ask",
                           "confirm", "delay", a limit's (held) */
    gint64 when;        /* the earliest time to pay; 0 when only the user can say, or never */
    gint64 day;         /* the day, by its first second, in which it counts against the limits; 0 when in none */
} PfPolicyDecision;

/**
 * Decides. What is more than a limit allows is not lost but set down for the first day with room: the eleventh of ten a
 * day comes tomorrow, the twenty-first on the day after.
 *
 * Returns: the decision. Never fails; `when` is never before `now` unless it is 0.
 */
PfPolicyDecision pf_payment_policy_decide(const PfPolicyQuestion *question);
