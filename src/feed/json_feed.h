/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a JSON Feed (https://www.jsonfeed.org/version/1.1/) as it arrives: what stands in "items" is read one by one,
 * so that memory depends on the largest item; the rest, which is small, is kept. jansson reads whole documents only: so
 * where an item begins and ends is found here, and jansson reads each. One thread at a time.
 */
#pragma once

#include "feed/items.h"

#define PF_FEED_MAX_JSON ((gsize)2 * 1024 * 1024) /* bytes of one item, and of all beside the items */

typedef struct PfFeedJson PfFeedJson;

/** Makes a reader. @feed: where the channel goes; @elements: where items go; both lent */
PfFeedJson *pf_feed_json_new(PfFeed *feed, PfFeedElements *elements);
void pf_feed_json_free(PfFeedJson *json);

/**
 * Takes more text; what comes after the elements are over is passed over.
 *
 * @text: valid UTF-8
 * @final: whether the feed ends with it
 *
 * Returns: FALSE with @error set when this is no JSON Feed, or the parse is over for bad.
 */
gboolean pf_feed_json_push(PfFeedJson *json, const GString *text, gboolean final, GError **error);

/** The first fault; owned by @json. */
const PfFeedFault *pf_feed_json_get_fault(const PfFeedJson *json);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfFeedJson, pf_feed_json_free)
