/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/duplicates.h"

#include "base/episode.h"
#include "base/url.h"
#include "feed/item_identity.h"

/* What is known of a word of one arrival, when it is held against what another one is. */
typedef enum { SAYS_NOTHING, SAYS_THE_SAME, SAYS_OTHERWISE, UNKNOWN_THERE } Word;

static Word
judge_word(const char *word, gboolean is_known, gboolean is_same)
{
    if (!word)
        return SAYS_NOTHING;
    if (!is_known)
        return UNKNOWN_THERE;
    return is_same ? SAYS_THE_SAME : SAYS_OTHERWISE;
}

static Word
judge_feed(const PfArrival *arrival, const PfArrival *other, const PfKnownItem *item)
{
    gboolean known = other->feed || item;
    gboolean same = pf_episode_same_feed(arrival->feed, other->feed) ||
                    (item && (pf_episode_same_feed(arrival->feed, item->feed->url) ||
                              pf_episode_same_feed(arrival->feed, item->feed->address)));

    return judge_word(arrival->feed, known, same);
}

static gboolean
is_same_address(const char *one, const char *other)
{
    g_autofree char *left = one ? pf_url_identity(one) : NULL;
    g_autofree char *right = other ? pf_url_identity(other) : NULL;

    return left && right && g_str_equal(left, right);
}

static Word
judge_enclosure(const PfArrival *arrival, const PfArrival *other, const PfKnownItem *item)
{
    gboolean known = other->enclosure || (item && item->item->enclosures->len > 0);
    gboolean same = is_same_address(arrival->enclosure, other->enclosure) ||
                    (arrival->enclosure && item && pf_same_has_enclosure(item->item, arrival->enclosure));

    return judge_word(arrival->enclosure, known, same);
}

static Word
judge_text(const char *word, const char *one, const char *other)
{
    return judge_word(word, one || other, g_strcmp0(word, one) == 0 || g_strcmp0(word, other) == 0);
}

static Word
judge_payment(const PfArrival *arrival, const PfArrival *other)
{
    return judge_text(arrival->payment, other->payment, NULL);
}

/* The words that name an episode. */
enum { FEED, ENCLOSURE, GUID, TITLE, NAMES };

static void
judge_names(const PfArrival *arrival, const PfArrival *other, const PfKnownItem *item, Word words[NAMES])
{
    words[FEED] = judge_feed(arrival, other, item);
    words[ENCLOSURE] = judge_enclosure(arrival, other, item);
    words[GUID] = judge_text(arrival->guid, other->guid, item ? item->item->guid : NULL);
    words[TITLE] = judge_text(arrival->title, other->title, item ? item->item->title : NULL);
}

/* In one feed the GUID decides; podcatchers change titles, and name the address that they were led to. */
static gboolean
speak_against(const Word words[NAMES])
{
    if (words[FEED] == SAYS_OTHERWISE || words[GUID] == SAYS_OTHERWISE)
        return TRUE;
    return words[GUID] != SAYS_THE_SAME && (words[ENCLOSURE] == SAYS_OTHERWISE || words[TITLE] == SAYS_OTHERWISE);
}

static gboolean
leave_doubt(const Word words[NAMES])
{
    for (guint i = 0; i < NAMES; i++) {
        if (words[i] == SAYS_OTHERWISE || words[i] == UNKNOWN_THERE)
            return TRUE;
    }
    return FALSE;
}

/* --- what was told of a path --- */

gboolean
pf_same_file_means_same(const PfArrival *arrival, const PfArrival *matched, const PfKnownItem *item)
{
    Word words[NAMES];

    judge_names(arrival, matched, item, words);
    if (arrival->state == PF_ARRIVAL_REFUSED)
        return arrival->seen <= matched->seen && !speak_against(words);
    if (arrival->changed)
        return arrival->changed == matched->changed && arrival->size == matched->size && !speak_against(words);
    Word payment = judge_payment(arrival, matched);
    return arrival->seen <= matched->seen && !leave_doubt(words) &&
           (payment == SAYS_NOTHING || payment == SAYS_THE_SAME);
}

gboolean
pf_same_file_settle(PfQueue *queue, const PfArrival *matched, const PfKnownItem *item, GError **error)
{
    g_autoptr(GPtrArray) open = pf_arrival_list_path(queue, matched->path, error);

    for (guint i = 0; open && i < open->len; i++) {
        PfArrival *arrival = open->pdata[i];

        if (!pf_same_file_means_same(arrival, matched, item))
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

gboolean
pf_same_file_find_paid(PfQueue *queue, const PfArrival *arrival, const PfKnownItem *item, gint64 *entry, GError **error)
{
    g_autoptr(PfArrival) paid = NULL;
    const PfArrival nothing = {0};
    Word words[NAMES];

    *entry = 0;
    if (arrival->feed || arrival->enclosure || arrival->guid || arrival->title || arrival->payment)
        return TRUE;
    if (!pf_arrival_find_paid(queue, arrival->path, &paid, error))
        return FALSE;
    if (!paid)
        return TRUE;
    judge_names(paid, &nothing, item, words);
    /* The next episode under the same name: it came out after that file had come. */
    gboolean is_later = item->item->has_published && item->item->published > paid->seen + PF_QUEUE_DATE_SLACK;
    if (!is_later && !speak_against(words))
        *entry = paid->entry;
    return TRUE;
}
