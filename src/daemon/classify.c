/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/classify.h"

#include "base/clock.h"
#include "base/episode.h"
#include "base/file_access.h"
#include "base/url.h"
#include "sources/media.h"
#include <jansson.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#define FIRST_WAIT ((gint64)300)
#define LONGEST_WAIT ((gint64)43200)

/* URLs are hardly ever longer; a longer text is not used as an address. */
#define ORIGIN_MAX 8192

void
pf_classification_clear(PfClassification *classification)
{
    g_free(classification->reason);
    g_free(classification->candidates);
    g_free(classification->witnesses);
    pf_known_item_free(classification->item);
    *classification = (PfClassification){0};
}

gint64
pf_classify_next_try(PfArrivalState state, const char *reason, gint64 seen, gint64 now)
{
    gboolean is_open = g_strcmp0(reason, "several") != 0 && now - seen < PF_CLASSIFY_LOOK_AGAIN_FOR;

    /* All at the same time of day, so that one wake-up serves them. */
    if (state == PF_ARRIVAL_UNMATCHED)
        return is_open ? (now / PF_CLASSIFY_LOOK_AGAIN + 1) * PF_CLASSIFY_LOOK_AGAIN : 0;
    if (state != PF_ARRIVAL_WAITING)
        return 0;
    gboolean is_silent = g_strcmp0(reason, "no_answer") == 0;
    /* One that came while the clock was ahead has no age yet; it waits the longer the further off that was. */
    return now + CLAMP(ABS(now - seen) / 2, is_silent ? PF_CLASSIFY_ASK_AGAIN : FIRST_WAIT,
                       is_silent ? FIRST_WAIT : LONGEST_WAIT);
}

/* --- for people --- */

/* Items as the JSON text of PfArrival.candidates. */
static char *
dup_candidates(const GPtrArray *items)
{
    json_t *list = json_array();

    for (guint i = 0; i < items->len; i++) {
        const PfKnownItem *known = items->pdata[i];
        const GPtrArray *enclosures = known->item->enclosures;
        const PfEnclosure *first = enclosures->len > 0 ? enclosures->pdata[0] : NULL;
        g_autofree char *feed = pf_url_printable(known->feed->url);

        json_array_append_new(list, json_pack("{s:s?, s:s?, s:s?, s:s?, s:s?}", "feed", feed, "feed_title",
                                              known->feed->title, "guid", known->item->guid, "title",
                                              known->item->title, "enclosure", first ? first->url : NULL));
    }
    char *json = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    return json;
}

/* --- what is known of it --- */

static char *
read_origin(const char *path)
{
    char *value = g_malloc0(ORIGIN_MAX + 1);

    if (getxattr(path, "user.xdg.origin.url", value, ORIGIN_MAX) > 0 && g_utf8_validate(value, -1, NULL))
        return value;
    g_free(value);
    return NULL;
}

/* Whether the user wants this kind of event to pay; if not, why. Whether enough was heard is known with the episode. */
static const char *
explain_event(const PfConfig *config, const PfArrival *arrival)
{
    return config->trigger == PF_TRIGGER_PLAY && !arrival->played ? "not_played" : NULL;
}

/* What was found out about a file. */
typedef struct {
    gint64 size;
    gint64 changed; /* 0 when it is not there */
    char *refused;  /* as pf_media_check(); NULL for media, and for what is not there */
    char *origin;   /* where it was downloaded from, or NULL */
} Look;

static void
free_look(gpointer data)
{
    Look *look = data;

    g_free(look->refused);
    g_free(look->origin);
    g_free(look);
}

static void
look_at(const char *path, gpointer data)
{
    Look *look = data;
    struct stat file;

    if (stat(path, &file) != 0 || !S_ISREG(file.st_mode))
        return;
    look->size = file.st_size;
    look->changed = (gint64)file.st_ctim.tv_sec * PF_CLOCK_NANOSECONDS + file.st_ctim.tv_nsec;
    look->origin = read_origin(path);
    pf_media_check(path, &look->refused);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Look, free_look)

/* What is there and no media file was never an episode; what is not there any more may have been. A hook may report
 * files anywhere, and the service may read some places only: then the report is believed. */
static gboolean
is_refused(const PfArrival *arrival, const Look *look)
{
    return look->refused && (arrival->source == PF_SOURCE_WATCH || !g_str_equal(look->refused, "unreadable"));
}

/* Whether the feed that the reporter named is not expected to say more than the payment link that came along: it was
 * asked since, in vain, or there is none. */
static gboolean
has_only_payment(PfFeedStore *feeds, const PfArrival *arrival, gboolean *only, GError **error)
{
    PfKnownFeed *feed = NULL;

    *only = arrival->payment != NULL && !arrival->feed;
    if (!arrival->payment || !arrival->feed)
        return TRUE;
    if (!pf_feed_store_find(feeds, arrival->feed, &feed, error))
        return FALSE;
    *only = feed && (feed->gone || feed->tried >= arrival->seen);
    pf_known_feed_free(feed);
    return TRUE;
}

static gboolean
classify_unknown(const PfClassifyQuestion *question, PfClassification *classification, GError **error)
{
    gboolean only, is_late = question->now - question->arrival->seen >= PF_CLASSIFY_GIVE_UP, unasked = FALSE;
    const PfFeedsWanted all = {.since = question->now - PF_CLASSIFY_ASKED_LAST, .now = question->now};

    if (!has_only_payment(question->feeds, question->arrival, &only, error) ||
        (is_late && question->arrival->state != PF_ARRIVAL_UNMATCHED &&
         !pf_feed_store_has_unasked(question->feeds, &all, &unasked, error)))
        return FALSE;
    classification->pay = only;
    classification->state = only ? PF_ARRIVAL_MATCHED : PF_ARRIVAL_WAITING;
    classification->reason = only ? NULL : g_strdup("not_found");
    if (!only && is_late && !unasked)
        classification->state = PF_ARRIVAL_UNMATCHED;
    return TRUE;
}

/* Whether what was found is in the feed that the reporter named, if one was named. */
static gboolean
has_named_feed(const PfArrival *arrival, const GPtrArray *items)
{
    for (guint i = 0; i < items->len; i++) {
        const PfKnownFeed *feed = ((const PfKnownItem *)items->pdata[i])->feed;
        if (!arrival->feed || pf_episode_same_feed(arrival->feed, feed->url) ||
            pf_episode_same_feed(arrival->feed, feed->address))
            return TRUE;
    }
    return FALSE;
}

/* Nothing was found, or what is not to be paid: it is shown, in the hope that a feed brings what is meant. */
static gboolean
classify_unsure(const PfClassifyQuestion *question, const GPtrArray *items, const char *reason,
                PfClassification *classification, GError **error)
{
    if (!classify_unknown(question, classification, error))
        return FALSE;
    if (classification->pay || items->len == 0)
        return TRUE;
    g_free(classification->reason);
    classification->reason = g_strdup(reason);
    classification->candidates = dup_candidates(items);
    return TRUE;
}

/* Whether an arrival was found a moment ago, and by its name alone, near an address, or by a GUID whose item has
 * another address: some feeds give every new item the GUID of the last. */
static gboolean
is_fresh_name(const PfArrival *arrival, const PfFound *found, gint64 now)
{
    const guint identified = PF_WITNESS_GUID | PF_WITNESS_ENCLOSURE | PF_WITNESS_ORIGIN;
    gboolean by_name = !(found->witnesses & identified) && (!arrival->feed || found->witnesses & PF_WITNESS_ADDRESS);
    gboolean is_elsewhere = arrival->feed && arrival->enclosure && (found->witnesses & identified) == PF_WITNESS_GUID;

    return found->items->len > 0 && (by_name || is_elsewhere) && now - arrival->seen < PF_CLASSIFY_CAUTION;
}

/* Whether a feed of what was found was not asked since. */
static gboolean
has_stale_feed(const PfArrival *arrival, const PfFound *found)
{
    for (guint i = 0; i < found->items->len; i++) {
        const PfKnownFeed *feed = ((const PfKnownItem *)found->items->pdata[i])->feed;
        if (!feed->gone && feed->tried < arrival->seen - PF_CLASSIFY_ASKED_LATELY)
            return TRUE;
    }
    return FALSE;
}

/* A name alone may be that of an episode which another feed lists since a moment ago: all are asked before it counts.
 * In a folder of its feed's it counts at once, unless it is the name of several. A size or a day there may be those of
 * an episode that the feed lists since a moment ago. */
static gboolean
is_early(const PfClassifyQuestion *question, const PfFound *found, gboolean *early, GError **error)
{
    const PfFeedsWanted all = {.since = question->arrival->seen - PF_CLASSIFY_ASKED_LATELY, .now = question->now};

    *early = FALSE;
    if (!is_fresh_name(question->arrival, found, question->now))
        return TRUE;
    if (!found->placed && !question->arrival->feed)
        return pf_feed_store_has_unasked(question->feeds, &all, early, error);
    gboolean by_name = (found->witnesses & (PF_WITNESS_NAME | PF_WITNESS_TITLE | PF_WITNESS_ID)) != 0;
    *early = (found->items->len > 1 || question->arrival->feed || !by_name) && has_stale_feed(question->arrival, found);
    return TRUE;
}

/* Whether nobody says that it is an episode, and it is not where episodes are. Players play all kinds of things. */
static gboolean
is_stray(const PfArrival *arrival, const char *root)
{
    return arrival->source == PF_SOURCE_PLAY && !root && !arrival->feed && !arrival->guid && !arrival->payment;
}

/* How long what was played waits for feeds to be asked in their turn, seconds. */
#define STRAY_WAIT ((gint64)86400)

/* What is played and is not an episode is private: it is forgotten as soon as the feeds do not have it. */
static gboolean
classify_stray(const PfClassifyQuestion *question, PfClassification *classification, GError **error)
{
    const PfFeedsWanted all = {.since = question->arrival->seen - PF_CLASSIFY_ASKED_LATELY, .now = question->now};
    gboolean unasked = FALSE;

    if ((question->now - question->arrival->seen < STRAY_WAIT || question->arrival->tries == 0) &&
        !pf_feed_store_has_unasked(question->feeds, &all, &unasked, error))
        return FALSE;
    *classification = unasked ? (PfClassification){.state = PF_ARRIVAL_WAITING, .reason = g_strdup(PF_ARRIVAL_STRAY)}
                              : (PfClassification){.state = PF_ARRIVAL_MATCHED, .forget = TRUE};
    return TRUE;
}

/* The name of a file of that address, as a path. */
static char *
dup_stream_name(const char *url)
{
    g_autofree char *name = pf_url_basename(url, FALSE);

    return g_strconcat("/", name, NULL);
}

static gboolean
classify_by_feeds(const PfClassifyQuestion *question, const Look *look, PfClassification *classification,
                  GError **error)
{
    const PfArrival *arrival = question->arrival;
    gboolean is_stream = pf_arrival_is_stream(arrival);
    g_autofree char *name = is_stream ? dup_stream_name(arrival->path) : NULL;
    g_autofree char *root = is_stream ? NULL : pf_config_dup_watched_folder(question->config, arrival->path);
    g_auto(PfFound) found = {0};
    gboolean early;
    const PfFileClues clues = {.path = is_stream ? name : arrival->path,
                               .root = root,
                               .former = arrival->former,
                               .size = arrival->size < 0 && look->changed ? look->size : arrival->size,
                               .origin = is_stream ? arrival->path : look->origin,
                               .feed = arrival->feed,
                               .enclosure = arrival->enclosure,
                               .guid = arrival->guid,
                               .title = arrival->title,
                               .neighbours = question->neighbours};

    if (!pf_feed_find(question->feeds, &clues, &found, error))
        return FALSE;
    if (!(found.items->len == 1 && found.sure) && is_stray(arrival, root))
        return classify_stray(question, classification, error);
    /* Only feeds other than the one that the reporter named list it. */
    if (!has_named_feed(arrival, found.items))
        return classify_unsure(question, found.items, "other_feed", classification, error);
    if (!is_early(question, &found, &early, error))
        return FALSE;
    if (early) {
        *classification = (PfClassification){.state = PF_ARRIVAL_WAITING, .reason = g_strdup("asking")};
    } else if (found.items->len == 1 && !found.sure) {
        if (!classify_unsure(question, found.items, "unsure", classification, error))
            return FALSE;
        if (!classification->pay)
            classification->item = g_ptr_array_steal_index(found.items, 0);
    } else if (found.items->len == 1) {
        *classification = (PfClassification){.state = PF_ARRIVAL_MATCHED,
                                             .pay = TRUE,
                                             .is_stale = is_fresh_name(arrival, &found, question->now) &&
                                                         has_stale_feed(arrival, &found)};
        classification->item = g_ptr_array_steal_index(found.items, 0);
        classification->witnesses = pf_witness_dup_names(found.witnesses);
    } else {
        *classification = (PfClassification){
            .state = PF_ARRIVAL_UNMATCHED, .reason = g_strdup("several"), .candidates = dup_candidates(found.items)};
    }
    return TRUE;
}

gboolean
pf_classify_arrival(const PfClassifyQuestion *question, PfClassification *classification, GError **error)
{
    const PfArrival *arrival = question->arrival;
    const char *reason = explain_event(question->config, arrival);

    *classification = (PfClassification){0};
    if (reason) {
        classification->state = PF_ARRIVAL_MATCHED;
        classification->reason = g_strdup(reason);
        return TRUE;
    }
    Look *asked = g_new0(Look, 1);
    if (!pf_call_in_time(arrival->path, PF_FILE_TIMEOUT_MS, look_at, asked, free_look)) {
        classification->state = PF_ARRIVAL_WAITING;
        classification->reason = g_strdup("no_answer");
        return TRUE;
    }
    g_autoptr(Look) look = asked;
    gboolean classified = TRUE;
    if (is_refused(arrival, look)) {
        classification->state = PF_ARRIVAL_REFUSED;
        classification->reason = g_strdup(look->refused);
    } else {
        classified = classify_by_feeds(question, look, classification, error);
    }
    classification->size = look->size;
    classification->changed = look->changed;
    return classified;
}
