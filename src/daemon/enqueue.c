/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/enqueue.h"

#include "base/clock.h"
#include "base/url.h"
#include "daemon/duplicates.h"
#include "payment/payment_list.h"
#include "queue/ledger.h"

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

/* Names the episode of an arrival, whoever has told of it. @item: may be NULL */
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

/* Who only says that it was played has heard it all. */
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
    const PfSubmission submission = {.source = what->source,
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

    if (!pf_submit_item(queue, config, &submission, what->now, submitted, error))
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
pf_enqueue_note_folder(PfQueue *queue, const PfConfig *config, const PfArrival *arrival, const PfKnownItem *item,
                       gint64 files, GError **error)
{
    g_autofree char *root = pf_config_dup_watched_folder(config, arrival->path);
    g_autofree char *folder = g_path_get_dirname(arrival->path);
    g_autofree char *feed = item ? pf_url_printable(item->feed->url) : NULL;

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

    return pf_queue_find_file(queue, file, item->guid, first ? first->url : NULL, entry, error);
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
        (!pf_queue_note(queue, submitted->id, "found", classification->witnesses, now, error) ||
         !pf_enqueue_note_folder(queue, config, arrival, classification->item, 1, error)))
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
