/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/item_identity.h"

#include "base/episode.h"
#include "base/url.h"
#include "feed/file_name.h"

#include <string.h>

gboolean
pf_same_has_enclosure(const PfItem *item, const char *url)
{
    g_autofree char *identity = pf_url_identity(url);

    for (guint i = 0; i < item->enclosures->len; i++) {
        g_autofree char *its = pf_url_identity(((const PfEnclosure *)item->enclosures->pdata[i])->url);
        if (g_str_equal(its, identity))
            return TRUE;
    }
    return FALSE;
}

gboolean
pf_same_has_place(const PfItem *item, const char *url)
{
    g_auto(GStrv) places = pf_url_list_places(url);

    for (guint i = 0; i < item->enclosures->len; i++) {
        g_auto(GStrv) its = pf_url_list_places(((const PfEnclosure *)item->enclosures->pdata[i])->url);
        for (char **place = its; *place; place++) {
            if (g_strv_contains((const char *const *)places, *place))
                return TRUE;
        }
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

static const char *
first_enclosure(const PfItem *item)
{
    return item->enclosures->len > 0 ? ((const PfEnclosure *)item->enclosures->pdata[0])->url : NULL;
}

static gboolean
is_same_guid(const PfItem *one, const PfItem *other)
{
    g_autofree char *here = first_enclosure(one) ? pf_url_identity(first_enclosure(one)) : NULL;
    g_autofree char *there = first_enclosure(other) ? pf_url_identity(first_enclosure(other)) : NULL;
    const PfEpisode left = {.guid = one->guid, .title = one->title, .enclosure = here, .published = one->published};
    const PfEpisode right = {
        .guid = other->guid, .title = other->title, .enclosure = there, .published = other->published};

    return pf_episode_same_guid(&left, &right);
}

static gboolean
is_same_in_feed(const PfItem *one, const PfItem *other)
{
    if (is_same_guid(one, other))
        return TRUE;
    return share_enclosure(one, other) && g_strcmp0(one->title, other->title) == 0 &&
           one->has_published == other->has_published && one->published == other->published;
}

/*
 * Whether two candidates offer one file: they have one GUID that is unique beyond its feed, or are in different feeds
 * and have an enclosure in common. In one feed a common enclosure is not enough, since some publish every episode at
 * one address; but with title and date it is, since others change all GUIDs.
 */
static gboolean
offers_same_file(const PfKnownItem *one, const PfKnownItem *other)
{
    if (is_same_feed(one->feed, other->feed))
        return is_same_in_feed(one->item, other->item);
    if (pf_episode_guid_is_global(one->item->guid) && g_strcmp0(one->item->guid, other->item->guid) == 0)
        return TRUE;
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
pf_candidates_unite(GPtrArray *items)
{
    PfKnownItem *best = items->len > 0 ? items->pdata[0] : NULL;

    /* Each with each: what is the same as a third need not be the same. */
    for (guint i = 0; i < items->len; i++) {
        for (guint j = 0; j < i; j++) {
            if (!offers_same_file(items->pdata[i], items->pdata[j]) || !pays_the_same(items->pdata[i], items->pdata[j]))
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

#define MOST_ENCLOSURES 32

static gint64
key_of(char kind, const char *text)
{
    guint8 digest[16];
    gsize length = sizeof digest;
    gint64 key;
    GChecksum *checksum = g_checksum_new(G_CHECKSUM_MD5);

    g_checksum_update(checksum, (const guchar *)&kind, 1);
    g_checksum_update(checksum, (const guchar *)text, -1);
    g_checksum_get_digest(checksum, digest, &length);
    g_checksum_free(checksum);
    memcpy(&key, digest, sizeof key);
    return GINT64_FROM_BE(key);
}

gint64
pf_feed_key_of_identifier(const char *identifier)
{
    g_autofree char *identity = pf_url_identity(identifier);

    return key_of('i', identity);
}

/* The key of what an item without GUID and enclosures is known by. */
static gint64
pf_feed_key_of_page(const char *link, const char *title)
{
    g_autofree char *both = g_strconcat(link ? link : "", "\n", title, NULL);

    return key_of('p', both);
}

/* The key of a canonical name, and that of the beginning of a long one; both are the same when it is not long. */
static gint64
pf_feed_key_of_name(const char *canonical)
{
    return key_of('n', canonical);
}

gint64
pf_feed_key_of_beginning(const char *canonical)
{
    if (g_utf8_strlen(canonical, -1) <= PF_NAME_LONG)
        return pf_feed_key_of_name(canonical);
    g_autofree char *beginning = g_utf8_substring(canonical, 0, PF_NAME_LONG);
    return key_of('b', beginning);
}

static void
add_canonical(GArray *keys, const char *canonical, glong least)
{
    if (g_utf8_strlen(canonical, -1) < least)
        return;
    gint64 whole = pf_feed_key_of_name(canonical);
    gint64 beginning = pf_feed_key_of_beginning(canonical);
    g_array_append_val(keys, whole);
    g_array_append_val(keys, beginning);
}

static void
add_identifier(GArray *keys, const char *identifier)
{
    if (!identifier)
        return;
    gint64 key = pf_feed_key_of_identifier(identifier);
    g_array_append_val(keys, key);
}

static void
add_stem(GArray *keys, const char *name)
{
    g_autofree char *stem = pf_name_stem(name, NULL);
    g_autofree char *canonical = pf_name_dup_canonical(stem);

    add_canonical(keys, canonical, 1);
}

static void
add_enclosure(GArray *keys, const char *url)
{
    g_autofree char *decoded = pf_url_basename(url, TRUE);
    g_autofree char *raw = pf_url_basename(url, FALSE);

    add_identifier(keys, url);
    pf_feed_key_add_places(keys, url);
    if (decoded)
        add_stem(keys, decoded);
    if (raw && g_strcmp0(raw, decoded) != 0)
        add_stem(keys, raw);
}

static void
add_title(GArray *keys, const char *title)
{
    g_autoptr(GPtrArray) names = pf_name_list_of_title(title);

    for (guint i = 0; i < names->len; i++)
        add_canonical(keys, ((const PfName *)names->pdata[i])->canonical, PF_FEED_KEY_LEAST_TITLE);
}

static int
compare(gconstpointer a, gconstpointer b)
{
    const gint64 *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

GArray *
pf_feed_key_list(const PfItem *item)
{
    GArray *keys = g_array_new(FALSE, FALSE, sizeof(gint64));
    gint64 own = pf_feed_key_of_item(item);
    guint kept = 0;

    g_array_append_val(keys, own);
    add_identifier(keys, item->guid);
    if (g_strcmp0(item->link, item->guid) != 0)
        add_identifier(keys, item->link);
    for (guint i = 0; i < MIN(item->enclosures->len, MOST_ENCLOSURES); i++)
        add_enclosure(keys, ((const PfEnclosure *)item->enclosures->pdata[i])->url);
    if (item->title)
        add_title(keys, item->title);
    g_array_sort(keys, compare);
    for (guint i = 0; i < keys->len; i++) {
        gint64 key = g_array_index(keys, gint64, i);
        if (kept == 0 || g_array_index(keys, gint64, kept - 1) != key)
            g_array_index(keys, gint64, kept++) = key;
    }
    g_array_set_size(keys, kept);
    return keys;
}

gint64
pf_feed_key_of_item(const PfItem *item)
{
    const char *identifier = item->guid ? item->guid : first_enclosure(item);

    /* Of the very bytes: GUIDs that are one address but for their fragments would share the key of an identifier, and
     * each of a feed's items would be compared with all others. */
    return identifier ? key_of('o', identifier) : pf_feed_key_of_page(item->link, item->title);
}

gboolean
pf_feed_key_same_item(const PfItem *one, const PfItem *other)
{
    if (one->guid || other->guid)
        return g_strcmp0(one->guid, other->guid) == 0;
    const char *enclosure = first_enclosure(one);
    if (enclosure || first_enclosure(other))
        return g_strcmp0(enclosure, first_enclosure(other)) == 0;
    return g_strcmp0(one->link, other->link) == 0 && g_strcmp0(one->title, other->title) == 0;
}

/* --- asking --- */

void
pf_feed_key_add(GArray *keys, gint64 key)
{
    for (guint i = 0; i < keys->len; i++) {
        if (g_array_index(keys, gint64, i) == key)
            return;
    }
    g_array_append_val(keys, key);
}

void
pf_feed_key_add_places(GArray *keys, const char *url)
{
    g_auto(GStrv) places = pf_url_list_places(url);

    for (char **place = places; *place; place++)
        pf_feed_key_add(keys, key_of('i', *place));
}

void
pf_feed_key_add_name(GArray *keys, const char *canonical)
{
    if (pf_name_says_nothing(canonical) && !g_unichar_isalpha(g_utf8_get_char(canonical)))
        return;
    pf_feed_key_add(keys, pf_feed_key_of_name(canonical));
    pf_feed_key_add(keys, pf_feed_key_of_beginning(canonical));
}
