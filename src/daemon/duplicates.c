/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/duplicates.h"

#include "base/episode.h"
#include "base/file_access.h"
#include "base/url.h"
#include "feed/item_identity.h"
#include <sys/stat.h>

/* How one detail of an arrival compares with the same detail of another one. */
typedef enum { NOT_GIVEN, EQUAL, DIFFERENT, NOTHING_TO_COMPARE } Comparison;

static Comparison
compare(const char *word, gboolean is_known, gboolean is_same)
{
    if (!word)
        return NOT_GIVEN;
    if (!is_known)
        return NOTHING_TO_COMPARE;
    return is_same ? EQUAL : DIFFERENT;
}

static Comparison
compare_feed(const PfArrival *arrival, const PfArrival *other, const PfKnownItem *item)
{
    gboolean known = other->feed || item;
    gboolean same = pf_episode_same_feed(arrival->feed, other->feed) ||
                    (item && (pf_episode_same_feed(arrival->feed, item->feed->url) ||
                              pf_episode_same_feed(arrival->feed, item->feed->address)));

    return compare(arrival->feed, known, same);
}

static gboolean
is_same_address(const char *one, const char *other)
{
    g_autofree char *left = one ? pf_url_identity(one) : NULL;
    g_autofree char *right = other ? pf_url_identity(other) : NULL;

    return left && right && g_str_equal(left, right);
}

static Comparison
compare_enclosure(const PfArrival *arrival, const PfArrival *other, const PfKnownItem *item)
{
    gboolean known = other->enclosure || (item && item->item->enclosures->len > 0);
    gboolean same = is_same_address(arrival->enclosure, other->enclosure) ||
                    (arrival->enclosure && item && pf_same_has_enclosure(item->item, arrival->enclosure));

    return compare(arrival->enclosure, known, same);
}

static Comparison
compare_text(const char *word, const char *one, const char *other)
{
    return compare(word, one || other, g_strcmp0(word, one) == 0 || g_strcmp0(word, other) == 0);
}

static Comparison
compare_payment(const PfArrival *arrival, const PfArrival *other)
{
    return compare_text(arrival->payment, other->payment, NULL);
}

/* What names an episode. */
enum { FEED, ENCLOSURE, GUID, TITLE, NAMES };

static void
compare_names(const PfArrival *arrival, const PfArrival *other, const PfKnownItem *item, Comparison compared[NAMES])
{
    compared[FEED] = compare_feed(arrival, other, item);
    compared[ENCLOSURE] = compare_enclosure(arrival, other, item);
    compared[GUID] = compare_text(arrival->guid, other->guid, item ? item->item->guid : NULL);
    compared[TITLE] = compare_text(arrival->title, other->title, item ? item->item->title : NULL);
}

/* In one feed the GUID decides; podcatchers change titles, and name the address that they were led to. */
static gboolean
is_contradicted(const Comparison compared[NAMES])
{
    if (compared[FEED] == DIFFERENT || compared[GUID] == DIFFERENT)
        return TRUE;
    return compared[GUID] != EQUAL && (compared[ENCLOSURE] == DIFFERENT || compared[TITLE] == DIFFERENT);
}

static gboolean
leaves_doubt(const Comparison compared[NAMES])
{
    for (guint i = 0; i < NAMES; i++) {
        if (compared[i] == DIFFERENT || compared[i] == NOTHING_TO_COMPARE)
            return TRUE;
    }
    return FALSE;
}

/* --- what was reported of a path --- */

gboolean
pf_duplicates_is_same(const PfArrival *arrival, const PfArrival *matched, const PfKnownItem *item)
{
    Comparison compared[NAMES];

    compare_names(arrival, matched, item, compared);
    if (arrival->state == PF_ARRIVAL_REFUSED)
        return arrival->seen <= matched->seen && !is_contradicted(compared);
    if (arrival->changed)
        return arrival->changed == matched->changed && arrival->size == matched->size && !is_contradicted(compared);
    Comparison payment = compare_payment(arrival, matched);
    return arrival->seen <= matched->seen && !leaves_doubt(compared) && (payment == NOT_GIVEN || payment == EQUAL);
}

gboolean
pf_duplicates_settle(PfQueue *queue, const PfArrival *matched, const PfKnownItem *item, GError **error)
{
    g_autoptr(GPtrArray) open = pf_arrival_list_path(queue, matched->path, error);

    for (guint i = 0; open && i < open->len; i++) {
        PfArrival *arrival = open->pdata[i];

        if (!pf_duplicates_is_same(arrival, matched, item))
            continue;
        arrival->state = PF_ARRIVAL_MATCHED;
        g_clear_pointer(&arrival->reason, g_free);
        g_clear_pointer(&arrival->candidates, g_free);
        arrival->next_try = 0;
        arrival->entry = matched->entry;
        if (!pf_arrival_settle(queue, arrival, error))
            return FALSE;
    }
    return open != NULL;
}

/* --- what was paid for it --- */

static gboolean
has_words(const PfArrival *arrival)
{
    return arrival->feed || arrival->enclosure || arrival->guid || arrival->title || arrival->payment;
}

/* A number alone may be another file's by now. */
static gboolean
is_still(const PfArrival *arrival)
{
    struct stat file;

    return pf_file_stat_in_time(arrival->path, &file) == 0 && (gint64)file.st_dev == arrival->device &&
           (gint64)file.st_ino == arrival->inode;
}

gboolean
pf_duplicates_find_link(PfQueue *queue, PfArrival *arrival, gint64 *entry, GError **error)
{
    struct stat file;

    *entry = 0;
    if (pf_file_stat_in_time(arrival->path, &file) != 0 || !S_ISREG(file.st_mode))
        return TRUE;
    arrival->device = (gint64)file.st_dev;
    arrival->inode = (gint64)file.st_ino;
    if (file.st_nlink < 2 || has_words(arrival))
        return TRUE;
    g_autoptr(GPtrArray) known = pf_arrival_list_inode(queue, arrival, error);
    for (guint i = 0; known && i < known->len && !*entry; i++) {
        const PfArrival *other = known->pdata[i];
        if (!g_str_equal(other->path, arrival->path) && is_still(other))
            *entry = other->entry;
    }
    return known != NULL;
}

gboolean
pf_duplicates_find_paid(PfQueue *queue, const PfArrival *arrival, const PfKnownItem *item, gint64 *entry,
                        GError **error)
{
    g_autoptr(PfArrival) paid = NULL;
    const PfArrival nothing = {0};
    Comparison compared[NAMES];

    *entry = 0;
    if (has_words(arrival))
        return TRUE;
    if (!pf_arrival_find_paid(queue, arrival->path, &paid, error))
        return FALSE;
    if (!paid)
        return TRUE;
    compare_names(paid, &nothing, item, compared);
    /* The next episode under the same name: it came out after that file had come. */
    gboolean is_later = item->item->has_published && item->item->published > paid->seen + PF_EPISODE_DATE_SLACK;
    if (!is_later && !is_contradicted(compared))
        *entry = paid->entry;
    return TRUE;
}
