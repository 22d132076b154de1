/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/enqueue.h"

#include "base/clock.h"
#include "base/episode.h"
#include "base/file_access.h"
#include "base/url.h"
#include "feed/item_identity.h"
#include "payment/payment_list.h"
#include "queue/ledger.h"

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

/* The link that the podcatcher knows of; it serves where the feed has none. */
static GPtrArray *
own_payments(const PfArrival *arrival)
{
    g_autoptr(PfItem) item = pf_item_new();

    if (arrival->payment)
        g_ptr_array_add(item->payment_links, g_strdup(arrival->payment));
    return pf_payment_list_of_item(item, NULL);
}

/* What was heard longer ago does not count, seconds. */
#define HEARD_COUNTS ((gint64)90 * 86400)

/* Names the episode of an arrival, no matter who reported it. @item: may be NULL */
static char *
dup_episode(const PfArrival *arrival, const PfKnownItem *item)
{
    const GPtrArray *enclosures = item ? item->item->enclosures : NULL;
    const PfEnclosure *first = enclosures && enclosures->len > 0 ? enclosures->pdata[0] : NULL;
    const char *feed = item ? item->feed->url : arrival->feed;
    const char *guid = item ? item->item->guid : arrival->guid;
    const char *enclosure = first ? first->url : arrival->enclosure;
    g_autofree char *place = pf_url_identity(feed ? feed : "");
    g_autofree char *address = pf_url_identity(enclosure ? enclosure : "");
    g_autofree char *name = g_strconcat(place, "\n", guid ? guid : "", "\n", address, NULL);

    /* Nothing but the link to pay is known. */
    return item || guid || enclosure ? g_utf8_make_valid(name, -1) : g_filename_display_name(arrival->path);
}

/* @seconds: how long the episode is by its feed, 0 unknown. @heard: (out) */
static gboolean
measure(PfQueue *queue, const PfEnqueueing *what, gint64 seconds, PfHeard *heard, GError **error)
{
    const PfArrival *arrival = what->arrival;

    *heard = (PfHeard){.percent = -1};
    if (!arrival->played || !arrival->id)
        return TRUE;
    g_autofree char *episode = dup_episode(arrival, what->item);
    return pf_arrival_note_episode(queue, arrival->id, episode, what->now - HEARD_COUNTS, seconds, heard, error);
}

/* A report that only says that it was played means all of it. */
static gboolean
is_enough(const PfConfig *config, const PfArrival *arrival, const PfHeard *heard)
{
    gboolean is_measured = arrival->progress >= 0 || arrival->heard > 0;

    return !arrival->played || !is_measured || heard->percent >= config->played_at_least;
}

gboolean
pf_enqueue_item(PfQueue *queue, const PfConfig *config, const PfEnqueueing *what, PfSubmitted *submitted,
                GError **error)
{
    const PfArrival *arrival = what->arrival;
    const PfKnownItem *item = what->item;
    g_autoptr(GPtrArray) payments = pf_payment_list_from_text(item ? item->payments : NULL);
    g_autoptr(GPtrArray) channel = pf_payment_list_from_text(item ? item->feed->payments : NULL);
    g_autofree char *file =
        pf_arrival_is_stream(arrival) ? pf_url_printable(arrival->path) : g_filename_display_name(arrival->path);

    if (!pf_payment_list_choose(payments, config->discoverable, config->html_links)) {
        g_ptr_array_unref(payments);
        payments = own_payments(arrival);
    }
    /* Without a password, as a scan names it. */
    g_autofree char *feed = pf_url_printable(item ? item->feed->url : arrival->feed ? arrival->feed : "");
    g_autofree char *address = item ? pf_url_printable(item->feed->address) : NULL;
    const GPtrArray *enclosures = item ? item->item->enclosures : NULL;
    const PfEnclosure *first = enclosures && enclosures->len > 0 ? enclosures->pdata[0] : NULL;
    gint64 seconds = item ? MAX(item->item->duration, 0) : 0;
    PfHeard heard;

    if (!measure(queue, what, seconds, &heard, error))
        return FALSE;
    const PfSubmission submission = {.now = what->now,
                                     .source = what->source,
                                     .feed = *feed ? feed : NULL,
                                     .address = address,
                                     .feed_title = item ? item->feed->title : NULL,
                                     .show = item ? item->feed->show : NULL,
                                     .guid = item ? item->item->guid : arrival->guid,
                                     .title = item ? item->item->title : arrival->title,
                                     .file = file,
                                     .enclosure = first ? first->url : arrival->enclosure,
                                     .page = item ? item->item->link : NULL,
                                     .published = item && item->item->has_published ? item->item->published : 0,
                                     .seconds = seconds,
                                     .heard = heard.seconds,
                                     .only_known = what->source != PF_SOURCE_ADD && !is_enough(config, arrival, &heard),
                                     .payments = payments,
                                     .channel_payments = channel};

    if (!pf_submit_item(queue, config, &submission, submitted, error))
        return FALSE;
    if (submission.only_known)
        submitted->reason = "not_played_enough";
    /* Of an episode that was downloaded before, this is news. */
    return (heard.seconds == 0 || submitted->id == 0 ||
            pf_ledger_note_heard(queue, submitted->id, heard.seconds, error));
}

/* What became of an arrival. A show may give the next episode an old one's name: before that counts as known, the feed
 * is asked. */
static void
decide(PfArrival *arrival, const PfClassification *classification, const PfSubmitted *submitted)
{
    gboolean asks = classification->is_stale && submitted->id != 0 && !submitted->added;
    const char *reason = asks                                        ? "asking"
                         : !submitted->added && submitted->reason    ? submitted->reason
                         : classification->pay && submitted->id == 0 ? "no_link"
                                                                     : classification->reason;

    g_free(arrival->reason);
    g_free(arrival->candidates);
    arrival->state = asks ? PF_ARRIVAL_WAITING : classification->state;
    arrival->reason = g_strdup(reason);
    arrival->candidates = g_strdup(classification->candidates);
    arrival->entry = asks ? 0 : submitted->id;
}

gboolean
pf_enqueue_note_folder(PfQueue *queue, const PfConfig *config, const PfEnqueueing *what, gint64 files, GError **error)
{
    const PfArrival *arrival = what->arrival;
    g_autofree char *root = pf_config_dup_watched_folder(config, arrival->path);
    g_autofree char *folder = g_path_get_dirname(arrival->path);
    g_autofree char *feed = what->item ? pf_url_printable(what->item->feed->url) : NULL;

    return !feed || pf_arrival_is_stream(arrival) || g_strcmp0(root, folder) == 0 ||
           pf_arrival_note_folder(queue, arrival->path, feed, files, error);
}

/* What was paid under another name, or for the same file before, was heard as well. */
static gboolean
note_heard(PfQueue *queue, const PfEnqueueing *what, gint64 entry, GError **error)
{
    PfHeard heard;

    return measure(queue, what, what->item ? MAX(what->item->item->duration, 0) : 0, &heard, error) &&
           (heard.seconds == 0 || pf_ledger_note_heard(queue, entry, heard.seconds, error));
}

/* A file that a tagger has rewritten is what it was: where its size was the witness, that may be gone. */
static gboolean
find_own_entry(PfQueue *queue, const PfArrival *arrival, const PfItem *item, gint64 *entry, GError **error)
{
    g_autofree char *file = g_filename_display_name(arrival->path);
    const PfEnclosure *first = item->enclosures->len > 0 ? item->enclosures->pdata[0] : NULL;

    const PfEntry draft = {.file = file, .guid = item->guid, .enclosure = first ? first->url : NULL};

    return pf_queue_find_file(queue, &draft, entry, error);
}

gboolean
pf_enqueue_arrival(PfQueue *queue, const PfConfig *config, PfArrival *arrival, const PfClassification *classification,
                   gint64 now, PfSubmitted *submitted, GError **error)
{
    const PfEnqueueing what = {.arrival = arrival, .source = arrival->source, .item = classification->item, .now = now};
    gint64 own = 0;

    if (classification->forget)
        return pf_arrival_remove(queue, arrival->id, error);
    *submitted = (PfSubmitted){.id = classification->entry};
    if (arrival->size < 0 && classification->changed) {
        arrival->size = classification->size;
        arrival->changed = classification->changed;
    }
    if (!classification->pay && classification->item &&
        !find_own_entry(queue, arrival, classification->item->item, &own, error))
        return FALSE;
    if (classification->pay && classification->item &&
        !pf_duplicates_find_paid(queue, arrival, classification->item, &submitted->id, error))
        return FALSE;
    if (submitted->id && !note_heard(queue, &what, submitted->id, error))
        return FALSE;
    if (classification->pay && submitted->id == 0 && !pf_enqueue_item(queue, config, &what, submitted, error))
        return FALSE;
    if (submitted->added && classification->witnesses &&
        (!pf_queue_note(queue, submitted->id, pf_event_of("found", classification->witnesses, now), error) ||
         !pf_enqueue_note_folder(queue, config, &what, 1, error)))
        return FALSE;
    decide(arrival, classification, submitted);
    if (own) {
        arrival->state = PF_ARRIVAL_MATCHED;
        arrival->entry = own;
        g_clear_pointer(&arrival->reason, g_free);
        g_clear_pointer(&arrival->candidates, g_free);
    }
    arrival->tries++;
    arrival->next_try = pf_classify_next_try(arrival->state, arrival->reason, arrival->seen, now);
    return pf_arrival_settle(queue, arrival, error);
}
