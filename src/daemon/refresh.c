/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/refresh.h"

#include "base/alarm.h"
#include "base/clock.h"
#include "feed/feed_pool.h"
#include "net/http.h"
#include "payment/payment_list.h"

/* Feeds handed to the pool at once; it fetches fewer, and a slow host must not keep all of them. */
#define IN_HAND 64

/* Items written in one transaction. */
#define BATCH 500

/* An item that its feed lists no more may still be downloaded, or have been: kept so long, seconds. */
#define KEEP ((gint64)90 * 86400)

/* Feeds that lists on the web name. A list is in another's hands, who could name any number of servers to be asked. */
#define MOST_LISTED 1000

/* The first wait after a failure and the longest, seconds. */
#define FIRST_WAIT ((gint64)300)
#define LONGEST_WAIT ((gint64)86400)

/* While feeds come in one after the other, it is told so often that they brought something, microseconds. */
#define BROUGHT_EVERY ((gint64)5 * G_USEC_PER_SEC)

/* How long nothing is asked after the store has failed, seconds. */
#define STORE_WAIT 60

struct PfRefresh {
    PfRefreshSettings settings;
    PfFeedPool *pool;
    PfAlarm *alarm;
    GHashTable *visits; /* of feed ids under way to Visit */
    gint64 blocked;     /* the store has failed: not before this time */
    gboolean news;      /* to be told of */
    gint64 told;        /* when it last was, monotonic */
};

/* A feed being read. */
typedef struct {
    PfRefresh *refresh;
    PfKnownFeed *feed;
    GPtrArray *items; /* of PfKnownItem, not yet written */
    guint taken;
} Visit;

static void
visit_free(gpointer data)
{
    Visit *visit = data;

    pf_known_feed_free(visit->feed);
    g_ptr_array_unref(visit->items);
    g_free(visit);
}

gint64
pf_refresh_wait(gint64 interval, gint64 failures, gint64 retry_after, double random)
{
    gint64 wait = (gint64)((double)interval * (0.9 + 0.2 * random));

    if (failures > 0) {
        gint64 growing = FIRST_WAIT << MIN(failures - 1, 16);
        wait = (gint64)((double)MIN(growing, MAX(LONGEST_WAIT, interval)) * (0.9 + 0.2 * random));
    }
    return MAX(wait, retry_after);
}

/* --- what a feed says --- */

static gboolean
write_items(Visit *visit, const PfFeed *feed, GError **error)
{
    if (visit->items->len == 0)
        return TRUE;
    gboolean written = pf_feed_store_put_items(visit->refresh->settings.feeds, visit->feed->id, feed->title,
                                               visit->items, pf_clock_now(), error);
    g_ptr_array_set_size(visit->items, 0);
    return written;
}

static gboolean
take_item(const PfFeed *feed, PfItem *item, gpointer data, GError **error)
{
    Visit *visit = data;
    g_autoptr(GPtrArray) payments = pf_payment_list_of_item(item);
    PfKnownItem *known = g_new0(PfKnownItem, 1);

    known->item = item;
    known->payments = pf_payment_list_to_text(payments);
    g_ptr_array_add(visit->items, known);
    visit->taken++;
    return visit->items->len < BATCH || write_items(visit, feed, error);
}

/* Adds a feed that a list names, unless there are too many. @listed: counts them; @left_out: those that were too many.
 */
static gboolean
take_listed(PfFeedStore *feeds, const char *url, gint64 *listed, guint *left_out, GError **error)
{
    g_autoptr(PfKnownFeed) known = NULL;
    gint64 id;

    if (!pf_feed_store_find(feeds, url, &known, error))
        return FALSE;
    if (known)
        return TRUE;
    if (*listed >= MOST_LISTED) {
        ++*left_out;
        return TRUE;
    }
    ++*listed;
    return pf_feed_store_add(feeds, url, PF_FEED_ORIGIN_LIST, pf_clock_now(), &id, error);
}

/* A list of feeds: each becomes known. A list on a list would grow without end. */
static gboolean
take_list(Visit *visit, const PfFeed *list, GError **error)
{
    PfFeedStore *feeds = visit->refresh->settings.feeds;
    guint left_out = 0;
    gint64 listed;

    if (visit->feed->origin == PF_FEED_ORIGIN_LIST)
        return TRUE;
    if (!pf_feed_store_count_origin(feeds, PF_FEED_ORIGIN_LIST, &listed, error))
        return FALSE;
    for (guint i = 0; i < list->feeds->len; i++)
        if (!take_listed(feeds, list->feeds->pdata[i], &listed, &left_out, error))
            return FALSE;
    if (left_out > 0) {
        g_autofree char *shown = pf_http_printable_url(visit->feed->address);
        g_message("%s: %u feeds of this list are not asked: lists on the web may name %d", shown, left_out,
                  MOST_LISTED);
    }
    return TRUE;
}

static void
replace(char **place, char *value)
{
    g_free(*place);
    *place = value;
}

static gboolean
take_channel(Visit *visit, PfFeedReply *reply, GError **error)
{
    PfKnownFeed *known = visit->feed;
    const PfFeed *feed = reply->summary.feed;
    g_autoptr(GPtrArray) payments = feed ? pf_payment_list_of_feed(feed) : NULL;

    if (!feed)
        return TRUE;
    if (feed->kind != PF_FEED_KIND_FEED && !take_list(visit, feed, error))
        return FALSE;
    replace(&known->title, g_strdup(feed->title));
    replace(&known->payments, pf_payment_list_to_text(payments));
    replace(&known->etag, g_steal_pointer(&reply->etag));
    replace(&known->last_modified, g_steal_pointer(&reply->last_modified));
    return write_items(visit, feed, error);
}

/* --- how it went --- */

static void
note_success(PfKnownFeed *feed, PfFeedReply *reply, gint64 now)
{
    feed->failures = 0;
    feed->fetched = now;
    replace(&feed->fault, NULL);
    if (!reply->moved_to)
        return;
    g_autofree char *shown = pf_http_printable_url(reply->moved_to);
    g_message("a feed has moved to %s for good", shown);
    replace(&feed->address, g_steal_pointer(&reply->moved_to));
}

static void
note_failure(PfKnownFeed *feed, const char *fault)
{
    if (feed->failures == 0)
        g_message("%s", fault);
    feed->failures++;
    replace(&feed->fault, g_strdup(fault));
}

static void
note_outcome(Visit *visit, PfFeedReply *reply, gint64 interval, gint64 now)
{
    PfKnownFeed *feed = visit->feed;

    feed->tried = now;
    if (reply->outcome == PF_FEED_FAILED) {
        note_failure(feed, reply->error->message);
    } else if (reply->outcome == PF_FEED_GONE) {
        g_autofree char *shown = pf_http_printable_url(feed->address);
        g_autofree char *fault = g_strconcat(shown, ": the server says that this feed is gone for good", NULL);
        note_failure(feed, fault);
        feed->gone = TRUE;
    } else {
        note_success(feed, reply, now);
    }
    gboolean never = feed->gone || feed->origin == PF_FEED_ORIGIN_FILE;
    feed->next =
        never ? G_MAXINT64 : now + pf_refresh_wait(interval, feed->failures, reply->retry_after, g_random_double());
}

/* The store has failed: nothing is lost, since it is a cache, but asking on would be in vain. */
static void
note_store_failure(PfRefresh *refresh, const GError *failure)
{
    gint64 now = pf_clock_now();

    if (refresh->blocked <= now)
        g_message("feeds cannot be kept: %s; tried again in a minute", failure->message);
    refresh->blocked = now + STORE_WAIT;
    refresh->settings.failed(failure, refresh->settings.data);
}

static void
tell(PfRefresh *refresh)
{
    gboolean busy = pf_refresh_is_busy(refresh);

    if (refresh->news && (!busy || g_get_monotonic_time() - refresh->told > BROUGHT_EVERY)) {
        refresh->news = FALSE;
        refresh->told = g_get_monotonic_time();
        refresh->settings.brought(refresh->settings.data);
    }
    if (!busy)
        refresh->settings.rested(refresh->settings.data);
}

static void
visited(PfFeedReply *reply, gpointer data)
{
    Visit *visit = data;
    PfRefresh *refresh = visit->refresh;
    g_autoptr(GError) failure = NULL;
    gboolean read = reply->outcome == PF_FEED_FETCHED;

    if (read && take_channel(visit, reply, &failure))
        refresh->news = TRUE;
    /* What came before a failure is good all the same. */
    if (reply->outcome == PF_FEED_FAILED && reply->summary.feed && write_items(visit, reply->summary.feed, &failure))
        refresh->news |= visit->taken > 0;
    /* Who waits for a feed that a hook has named waits for the answer, whatever it is. */
    refresh->news |= visit->feed->origin == PF_FEED_ORIGIN_HOOK;
    note_outcome(visit, reply, refresh->settings.interval, pf_clock_now());
    if (!failure)
        pf_feed_store_put_feed(refresh->settings.feeds, visit->feed, read ? pf_clock_now() - KEEP : 0, &failure);
    if (failure)
        note_store_failure(refresh, failure);
    g_hash_table_remove(refresh->visits, &visit->feed->id);
    pf_refresh_wake(refresh);
    tell(refresh);
}

/* --- asking --- */

static void
visit(PfRefresh *refresh, PfKnownFeed *feed_taken)
{
    Visit *visit = g_new0(Visit, 1);

    visit->refresh = refresh;
    visit->feed = feed_taken;
    visit->items = g_ptr_array_new_with_free_func((GDestroyNotify)pf_known_item_free);
    g_hash_table_insert(refresh->visits, &visit->feed->id, visit);
    pf_feed_pool_add(refresh->pool, &(PfFeedRequest){.source = feed_taken->address,
                                                     .etag = feed_taken->etag,
                                                     .last_modified = feed_taken->last_modified,
                                                     .item = take_item,
                                                     .done = visited,
                                                     .data = visit});
}

static gboolean
visit_due(PfRefresh *refresh, gint64 now, GError **error)
{
    /* Those under way are due as well until they are done. */
    g_autoptr(GPtrArray) due = pf_feed_store_list_due(refresh->settings.feeds, now, IN_HAND, error);

    if (!due)
        return FALSE;
    for (guint i = 0; i < due->len && g_hash_table_size(refresh->visits) < IN_HAND; i++) {
        PfKnownFeed *feed = due->pdata[i];
        if (g_hash_table_contains(refresh->visits, &feed->id))
            continue;
        due->pdata[i] = NULL;
        visit(refresh, feed);
    }
    return TRUE;
}

void
pf_refresh_wake(PfRefresh *refresh)
{
    g_autoptr(GError) failure = NULL;
    gint64 now = pf_clock_now(), due = G_MAXINT64;

    if (refresh->blocked > now)
        due = refresh->blocked;
    else if (!visit_due(refresh, now, &failure) ||
             (!pf_refresh_is_busy(refresh) && !pf_feed_store_read_next_due(refresh->settings.feeds, &due, &failure)))
        due = now + STORE_WAIT;
    if (failure)
        note_store_failure(refresh, failure);
    pf_alarm_set(refresh->alarm, due);
}

static void
alarm_rang(gpointer data)
{
    pf_refresh_wake(data);
}

void
pf_refresh_read_file(PfRefresh *refresh, const char *path)
{
    g_autoptr(GError) failure = NULL;
    g_autofree char *url = g_filename_to_uri(path, NULL, NULL);
    PfKnownFeed *feed = NULL;
    gint64 id;

    if (!url)
        return;
    if (!pf_feed_store_add(refresh->settings.feeds, url, PF_FEED_ORIGIN_FILE, G_MAXINT64, &id, &failure) ||
        !pf_feed_store_read(refresh->settings.feeds, id, &feed, &failure)) {
        note_store_failure(refresh, failure);
        return;
    }
    if (feed && !g_hash_table_contains(refresh->visits, &feed->id))
        visit(refresh, g_steal_pointer(&feed));
    pf_known_feed_free(feed);
}

gboolean
pf_refresh_is_busy(const PfRefresh *refresh)
{
    return g_hash_table_size(refresh->visits) > 0;
}

/* --- life --- */

PfRefresh *
pf_refresh_new(const PfRefreshSettings *settings)
{
    PfRefresh *refresh = g_new0(PfRefresh, 1);

    refresh->settings = *settings;
    refresh->pool = pf_feed_pool_new();
    refresh->alarm = pf_alarm_new(alarm_rang, refresh);
    refresh->visits = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, visit_free);
    return refresh;
}

void
pf_refresh_free(PfRefresh *refresh)
{
    if (!refresh)
        return;
    pf_feed_pool_free(refresh->pool);
    g_hash_table_unref(refresh->visits);
    pf_alarm_free(refresh->alarm);
    g_free(refresh);
}

void
pf_refresh_set_interval(PfRefresh *refresh, gint64 interval)
{
    refresh->settings.interval = interval;
}
