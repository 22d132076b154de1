/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The payment links of one item or channel, best first, and which of them is paid. Pure; any thread.
 *
 * The order: a rel="payment" link before a button before a link in a text; among these an auto-submit URL or a thing
 * before a profile, before a page whose owner the server finds, before anything else; as they came within that. What
 * has one key is one thing and is listed once, in its best place.
 */
#pragma once

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
