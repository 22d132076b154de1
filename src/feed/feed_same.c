/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_same.h"

#include "base/episode.h"
#include "base/web_address.h"

gboolean
pf_same_has_enclosure(const PfItem *item, const char *url)
{
    g_autofree char *identity = pf_web_address_identity(url);

    for (guint i = 0; i < item->enclosures->len; i++) {
        g_autofree char *its = pf_web_address_identity(((const PfEnclosure *)item->enclosures->pdata[i])->url);
        if (g_str_equal(its, identity))
            return TRUE;
    }
    return FALSE;
}

static gboolean
share_enclosure(const PfItem *one, const PfItem *other)
{
    for (guint i = 0; i < one->enclosures->len; i++) {
        if (pf_same_has_enclosure(other, ((const PfEnclosure *)one->enclosures->pdata[i])->url))
            return TRUE;
    }
    return FALSE;
}

/* One feed can be known by two addresses, as a hook and as the configuration name it. */
static gboolean
is_same_feed(const PfKnownFeed *one, const PfKnownFeed *other)
{
    return one->id == other->id || pf_episode_same_feed(one->url, other->url) ||
           pf_episode_same_feed(one->address, other->address);
}

static gboolean
is_same_in_feed(const PfItem *one, const PfItem *other)
{
    if (one->guid && g_strcmp0(one->guid, other->guid) == 0)
        return TRUE;
    return share_enclosure(one, other) && g_strcmp0(one->title, other->title) == 0 &&
           one->has_published == other->has_published && one->published == other->published;
}

gboolean
pf_same_episode(const PfKnownItem *one, const PfKnownItem *other)
{
    if (pf_episode_guid_is_global(one->item->guid) && g_strcmp0(one->item->guid, other->item->guid) == 0)
        return TRUE;
    if (is_same_feed(one->feed, other->feed))
        return is_same_in_feed(one->item, other->item);
    return share_enclosure(one->item, other->item);
}

/* Whether @one is to stay rather than @other. */
static gboolean
goes_before(const PfKnownItem *one, const PfKnownItem *other)
{
    gboolean subscribed = one->feed->origin == PF_FEED_ORIGIN_SUBSCRIPTION;
    gboolean other_subscribed = other->feed->origin == PF_FEED_ORIGIN_SUBSCRIPTION;

    if (subscribed != other_subscribed)
        return subscribed;
    if (one->feed->id != other->feed->id)
        return one->feed->id < other->feed->id;
    /* In one feed: what it lists now; else any, but always the same. */
    if (one->seen != other->seen)
        return one->seen > other->seen;
    int order = g_strcmp0(one->item->guid, other->item->guid);
    return order != 0 ? order < 0 : one->id < other->id;
}

/* Anybody can list the files of others. So what two feeds tell of one episode must have the same payee: which of them
 * was there first says nothing. */
static gboolean
pays_the_same(const PfKnownItem *one, const PfKnownItem *other)
{
    return one->feed->id == other->feed->id || (g_strcmp0(one->payments, other->payments) == 0 &&
                                                g_strcmp0(one->feed->payments, other->feed->payments) == 0);
}

void
pf_same_unite(GPtrArray *items)
{
    PfKnownItem *best = items->len > 0 ? items->pdata[0] : NULL;

    /* Each with each: what is the same as a third need not be the same. */
    for (guint i = 0; i < items->len; i++) {
        for (guint j = 0; j < i; j++) {
            if (!pf_same_episode(items->pdata[i], items->pdata[j]) || !pays_the_same(items->pdata[i], items->pdata[j]))
                return;
        }
        if (goes_before(items->pdata[i], best))
            best = items->pdata[i];
    }
    if (items->len > 1) {
        g_ptr_array_set_size(items, 1);
        items->pdata[0] = best;
    }
}
