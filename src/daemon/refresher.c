/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/refresher.h"

#include "base/clock.h"
#include "base/file_access.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/main_loop.h"
#include "base/url.h"
#include "daemon/syncing.h"
#include "feed/fetch.h"
#include "feed/opml.h"
#include "feed/store.h"
#include "payment/payment_list.h"
#include "sources/podcatcher.h"
#include "sources/subscriptions.h"

#include <errno.h>
#include <gio/gio.h>

/*
 * One look at a known feed: what it says goes to the store while it comes in, and how the look went decides when there
 * is another. The main thread's, as the store is.
 */

/* What is looked at. */
typedef enum {
    PF_VISIT_FEED,
    PF_VISIT_PAGE,  /* a further page of the feed: older items, and nothing else */
    PF_VISIT_MOVED, /* where the feed says that it has moved: it counts if there is a feed */
} PfVisitPlace;

typedef struct {
    PfFeedStore *feeds;
    PfKnownFeed *feed;
    PfVisitPlace place;
    char *address;    /* that is asked */
    GPtrArray *items; /* of PfKnownItem, not yet written */
    guint taken;      /* items that came, written or not */
    char *version;    /* of a feed file: what it looked like; NULL for others */
    gint64 asked;     /* when it was handed to the pool */
    gpointer data;    /* the caller's */
} PfVisit;

static void pf_visit_free(PfVisit *visit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfVisit, pf_visit_free)

/* Feeds that lists on the web name. A list is in another's hands, who could name any number of servers to be asked. */
#define MOST_LISTED 1000

/* @feeds: must outlive it. @feed_taken: (transfer full). @address: which is copied, before that. Returns: (transfer
 * full). */
static PfVisit *
pf_visit_new(PfFeedStore *feeds, PfKnownFeed *feed_taken, PfVisitPlace place, const char *address, gpointer data)
{
    PfVisit *visit = g_new0(PfVisit, 1);

    visit->feeds = feeds;
    visit->feed = feed_taken;
    visit->place = place;
    visit->address = g_strdup(address);
    visit->items = g_ptr_array_new_with_free_func((GDestroyNotify)pf_known_item_free);
    visit->data = data;
    return visit;
}

static void
pf_visit_free(PfVisit *visit)
{
    if (!visit)
        return;
    pf_known_feed_free(visit->feed);
    g_ptr_array_unref(visit->items);
    g_free(visit->version);
    g_free(visit->address);
    g_free(visit);
}

/* --- what a feed says --- */

static gboolean
pf_visit_write_items(PfVisit *visit, const PfFeed *feed, GError **error)
{
    if (visit->items->len == 0)
        return TRUE;
    gboolean written =
        pf_feed_store_put_items(visit->feeds, visit->feed->id, feed->title, visit->items, pf_clock_now(), error);
    g_ptr_array_set_size(visit->items, 0);
    return written;
}

/* Takes an item; some are written together. A PfItemFunc: @visit is a PfVisit. */
static gboolean
pf_visit_take_item(const PfFeed *feed, PfItem *item, gpointer data, GError **error)
{
    PfVisit *visit = data;
    g_autoptr(GPtrArray) payments = pf_payment_list_of_item(item, NULL);
    PfKnownItem *known = g_new0(PfKnownItem, 1);

    known->item = item;
    known->payments = pf_payment_list_to_text(payments);
    g_ptr_array_add(visit->items, known);
    visit->taken++;
    return visit->items->len < PF_BATCH_FEED_ITEMS || pf_visit_write_items(visit, feed, error);
}

/* What a list has named. */
typedef struct {
    PfFeedOrigin origin; /* of the feeds that it names */
    gint64 known;        /* how many of these are known */
    guint left_out;      /* those that were too many */
} Listed;

/* Adds a feed that a list names, unless there are too many. */
static gboolean
take_listed(PfFeedStore *feeds, const char *url, Listed *listed, GError **error)
{
    g_autoptr(PfKnownFeed) known = NULL;

    if (!pf_feed_store_find(feeds, url, &known, error))
        return FALSE;
    if (known)
        return TRUE;
    if (listed->known >= MOST_LISTED) {
        listed->left_out++;
        return TRUE;
    }
    listed->known++;
    return pf_feed_store_add(feeds, url, listed->origin, pf_clock_now(), error) != 0;
}

/* A list of feeds: each becomes known. A list on a list would grow without end. */
static gboolean
take_list(PfVisit *visit, const PfFeed *list, gboolean is_private, GError **error)
{
    PfFeedStore *feeds = visit->feeds;
    Listed listed = {.origin = is_private ? PF_FEED_ORIGIN_NEAR_LIST : PF_FEED_ORIGIN_LIST};

    if (visit->feed->origin == PF_FEED_ORIGIN_LIST || visit->feed->origin == PF_FEED_ORIGIN_NEAR_LIST)
        return TRUE;
    g_autofree char *unread = pf_opml_dup_left_out(list);
    if (unread) {
        g_autofree char *shown = pf_url_printable(visit->address);
        g_message("%s: %s", shown, unread);
    }
    if (!pf_feed_store_count_origin(feeds, listed.origin, &listed.known, error))
        return FALSE;
    for (guint i = 0; i < list->feeds->len; i++)
        if (!take_listed(feeds, list->feeds->pdata[i], &listed, error))
            return FALSE;
    if (listed.left_out > 0) {
        g_autofree char *shown = pf_url_printable(visit->address);
        g_message(_("%s: %u feeds of this list are not followed: lists on the web may name %d at most"), shown,
                  listed.left_out, MOST_LISTED);
    }
    return TRUE;
}

/*
 * Looks whether the answer is what was asked for: a page or a list in the place of what was a feed makes @reply one of
 * a failure. It may be a hotel's, and its payment link the hotel's.
 *
 * @reply: of PF_FEED_FETCHED
 *
 * Returns: FALSE with a PF_DATABASE_ERROR set.
 */
static gboolean
pf_visit_check_answer(PfVisit *visit, PfFeedReply *reply, GError **error)
{
    const PfFeed *feed = reply->summary.feed;
    gboolean was_feed;

    if (!feed || feed->kind == PF_FEED_KIND_FEED)
        return TRUE;
    if (!pf_feed_store_has_items(visit->feeds, visit->feed->id, &was_feed, error))
        return FALSE;
    if (was_feed) {
        g_autofree char *shown = pf_url_printable(visit->address);
        reply->outcome = PF_FEED_FAILED;
        reply->error =
            g_error_new(PF_FEED_ERROR, PF_FEED_ERROR_NOT_A_FEED,
                        feed->kind == PF_FEED_KIND_PAGE
                            ? _("%s: a web page came in place of the feed, perhaps from a network that wants a login")
                            : _("%s: a list of feeds came in place of the feed"),
                        shown);
    }
    return TRUE;
}

static void
replace(char **place, char *value)
{
    g_free(*place);
    *place = value;
}

/* For so long a feed's further pages are not read once more, seconds: the store keeps their items longer. */
#define PAGES_AGAIN ((gint64)30 * 86400)

/* How many pages are read of a feed in that time. */
#define MOST_PAGES 50

/* Keeps where a feed's older items begin, unless they are being read or were lately. */
static void
note_pages(PfKnownFeed *feed, const char *next_page, gint64 now)
{
    if (feed->paged > 0 && feed->paged > now - PAGES_AGAIN)
        return;
    replace(&feed->next_page, pf_url_leads_elsewhere(next_page, feed->address) ? g_strdup(next_page) : NULL);
    feed->pages = feed->paged = 0;
}

/*
 * Takes what a feed that was read to its end says of itself, and its last items; of a list of feeds, what it names.
 *
 * @reply: its etag and last_modified are taken out of it; a file's version becomes its etag
 *
 * Returns: FALSE with a PF_DATABASE_ERROR set.
 */
static gboolean
pf_visit_take_channel(PfVisit *visit, PfFeedReply *reply, GError **error)
{
    PfKnownFeed *known = visit->feed;
    const PfFeed *feed = reply->summary.feed;

    if (!feed)
        return TRUE;
    if (feed->kind != PF_FEED_KIND_FEED && !take_list(visit, feed, reply->is_private, error))
        return FALSE;
    replace(&known->title, g_strdup(feed->title));
    if (feed->kind == PF_FEED_KIND_FEED) { /* a page's own link is for no episode */
        g_autoptr(GPtrArray) payments = pf_payment_list_of_feed(feed);
        replace(&known->payments, pf_payment_list_to_text(payments));
        if (!pf_feed_store_put_show(visit->feeds, known->id, feed, error))
            return FALSE;
    }
    note_pages(known, feed->next_page, pf_clock_now());
    replace(&known->etag, visit->version ? g_strdup(visit->version) : g_steal_pointer(&reply->etag));
    replace(&known->last_modified, g_steal_pointer(&reply->last_modified));
    return pf_visit_write_items(visit, feed, error);
}

/* --- how it went --- */

/* A feed that its server calls gone is asked once a week for three months, in case somebody erred, and then once a
 * month: seconds. */
#define GONE_WAIT ((gint64)7 * 86400)
#define GONE_LATER ((gint64)90 * 86400)
#define GONE_LATER_WAIT ((gint64)30 * 86400)

static void
note_success(PfVisit *visit, PfFeedReply *reply, gint64 now)
{
    PfKnownFeed *feed = visit->feed;

    if (feed->gone) {
        g_autofree char *shown = pf_url_printable(feed->address);
        g_message(_("%s: the feed is back"), shown);
    }
    feed->failures = feed->gone = 0;
    feed->fetched = now;
    replace(&feed->fault, NULL);
    if (visit->place == PF_VISIT_FEED && !reply->moved_to)
        return;
    replace(&feed->address, reply->moved_to ? g_steal_pointer(&reply->moved_to) : g_strdup(visit->address));
    g_autofree char *shown = pf_url_printable(feed->address);
    g_message(_("a feed has moved permanently to %s"), shown);
}

static void
note_failure(PfKnownFeed *feed, const char *fault)
{
    if (feed->failures == 0)
        g_message("%s", fault);
    feed->failures++;
    replace(&feed->fault, g_strdup(fault));
}

/* @now: seconds since the epoch; feed->tried is still when it was asked before */
static void
note_gone(PfKnownFeed *feed, gint64 now)
{
    g_autofree char *shown = pf_url_printable(feed->address);
    g_autofree char *fault = g_strconcat(shown, _(": the server says that this feed is gone for good"), NULL);

    /* It was there after that: the clock was behind. */
    if (!feed->gone || feed->gone < feed->fetched)
        feed->gone = now;
    else if (feed->tried - feed->gone < GONE_LATER && now - feed->gone >= GONE_LATER)
        g_message(
            _("%s: for three months the server has said that this feed is gone for good; it is asked once a month "
              "from now on"),
            shown);
    note_failure(feed, fault);
}

gint64
pf_refresher_gone_wait(gint64 gone, gint64 now, double random)
{
    gint64 wait = now - gone < GONE_LATER ? GONE_WAIT : GONE_LATER_WAIT;

    return (gint64)((double)wait * (0.9 + 0.2 * random));
}

/*
 * Notes in the feed how it went, and when it is due again; nothing is written.
 *
 * @reply: its moved_to is taken out of it
 * @interval: seconds between two looks, @now: seconds since the epoch
 */
static void
pf_visit_note_outcome(PfVisit *visit, PfFeedReply *reply, gint64 interval, gint64 now)
{
    PfKnownFeed *feed = visit->feed;

    if (reply->outcome == PF_FEED_FAILED)
        note_failure(feed, reply->error->message);
    else if (reply->outcome == PF_FEED_GONE)
        note_gone(feed, now);
    else
        note_success(visit, reply, now);
    /* What is published while it is read may be missing in the answer. */
    feed->tried = MIN(visit->asked, now);
    feed->not_before = reply->retry_after > 0 ? now + reply->retry_after : 0;
    if (feed->origin == PF_FEED_ORIGIN_FILE)
        feed->next = G_MAXINT64;
    else if (feed->gone)
        feed->next = now + pf_refresher_gone_wait(feed->gone, now, g_random_double());
    else
        feed->next = now + pf_refresher_wait(interval, feed->failures, reply->retry_after, g_random_double());
}

/* Notes how it went with a further page: where the next one is. The feed was asked a moment before, and is due again
 * when it would have been; one that fails is for another time. */
static void
note_page(PfVisit *visit, PfFeedReply *reply, gint64 interval, gint64 now)
{
    PfKnownFeed *feed = visit->feed;
    const PfFeed *page = reply->outcome == PF_FEED_FETCHED ? reply->summary.feed : NULL;
    gboolean is_read = page && page->kind == PF_FEED_KIND_FEED;

    feed->wants_page = FALSE;
    feed->pages++;
    if (feed->paged == 0)
        feed->paged = now;
    if (!is_read) {
        g_message(_("%s; older episodes are not known"),
                  reply->error ? reply->error->message : _("a web page is not a feed"));
        feed->paged = 0;
    }
    gboolean goes_on = is_read && feed->pages < MOST_PAGES && pf_url_leads_elsewhere(page->next_page, visit->address);
    replace(&feed->next_page, goes_on ? g_strdup(page->next_page) : NULL);
    feed->not_before = reply->retry_after > 0 ? now + reply->retry_after : 0;
    feed->next = now + pf_refresher_wait(interval, 0, reply->retry_after, g_random_double());
}

struct PfSubscribing {
    PfFeedStore *feeds;
    const char *state_dir;
    const PfConfig *config;
    GPtrArray *lists; /* of List */
    void (*changed)(gpointer data);
    gpointer data;
};

/* A file that lists feeds, and the folder that is looked at for it: its own or, as long as there is none, the nearest
 * one above it. GIO would look every few seconds whether a missing folder has come. */
typedef struct {
    PfSubscribing *subscribing;
    GFile *file;
    GFile *folder;
    GFileMonitor *monitor;
    guint retry; /* a timer: its file system does not answer, or the store could not be written */
} List;

/* How often either is tried again, seconds. */
#define LIST_RETRY 60

/* Returns whether all is known that the subscription names. */
static gboolean
tell_fault(const PfConfig *config, const PfSubscription *subscription)
{
    if (subscription->fault) {
        g_autofree char *place = pf_config_dup_place(config, "feeds", "subscriptions");
        g_message("%s: %s", place, subscription->fault);
    }
    return subscription->is_whole;
}

gboolean
pf_subscribe(PfFeedStore *feeds, const PfConfig *config, const char *state_dir, GPtrArray *lists, GError **error)
{
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func((GDestroyNotify)pf_subscription_free);
    g_autoptr(GPtrArray) urls = pf_subscriptions_read(config->subscriptions, state_dir, files, found);
    gint64 now = pf_clock_now();
    gboolean are_whole = TRUE;

    for (guint i = 0; lists && i < files->len; i++)
        g_ptr_array_add(lists, g_strdup(files->pdata[i]));
    for (guint i = 0; i < found->len; i++)
        are_whole = tell_fault(config, found->pdata[i]) && are_whole;
    for (guint i = 0; i < urls->len; i++)
        if (!pf_feed_store_add(feeds, urls->pdata[i], PF_FEED_ORIGIN_SUBSCRIPTION, now, error))
            return FALSE;
    return !are_whole || pf_feed_store_keep(feeds, urls, error);
}

static void
unfollow(List *list)
{
    g_clear_handle_id(&list->retry, g_source_remove);
    if (list->monitor)
        g_file_monitor_cancel(list->monitor);
    g_clear_object(&list->monitor);
    g_clear_object(&list->folder);
}

static GFile *
dup_nearest_folder(GFile *file)
{
    GFile *folder = g_file_get_parent(file);

    while (folder && g_file_query_file_type(folder, G_FILE_QUERY_INFO_NONE, NULL) != G_FILE_TYPE_DIRECTORY) {
        GFile *above = g_file_get_parent(folder);
        g_object_unref(folder);
        folder = above;
    }
    return folder;
}

static void happened(GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, gpointer data);

static void follow(List *list);

static gboolean follow_again(gpointer data);

static void
follow_later(List *list)
{
    g_clear_handle_id(&list->retry, g_source_remove);
    list->retry = g_timeout_add_seconds(LIST_RETRY, follow_again, list);
}

/* A file that is a feed itself is due when it has changed. */
static gboolean
make_due(const List *list, GError **error)
{
    PfFeedStore *feeds = list->subscribing->feeds;
    g_autofree char *url = g_file_get_uri(list->file);
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_autoptr(PfKnownFeed) feed = NULL;
    gint64 now = pf_clock_now();
    guint count;

    if (!pf_feed_store_find(feeds, url, &feed, error))
        return FALSE;
    if (!feed)
        return TRUE;
    g_array_append_val(ids, feed->id);
    return pf_feed_store_make_due(feeds, &(PfFeedsWanted){.ids = ids, .since = now + 1, .most = G_MAXINT64, .now = now},
                                  &count, error);
}

static void
read_again(List *list)
{
    const PfSubscribing *subscribing = list->subscribing;
    g_autoptr(GError) failure = NULL;

    if (make_due(list, &failure) &&
        pf_subscribe(subscribing->feeds, subscribing->config, subscribing->state_dir, NULL, &failure)) {
        subscribing->changed(subscribing->data);
    } else {
        g_message(_("cannot store the subscriptions: %s; retrying in a minute"), failure->message);
        follow_later(list);
    }
}

static gboolean
follow_again(gpointer data)
{
    List *list = data;

    list->retry = 0;
    follow(list);
    if (!list->retry)
        read_again(list);
    return G_SOURCE_REMOVE;
}

/* Without a monitor the list is read at the next start. */
static void
follow(List *list)
{
    g_autoptr(GFile) nearer = NULL;
    struct stat status;

    if (pf_file_stat_in_time(g_file_peek_path(list->file), &status) != 0 && errno == ETIMEDOUT) {
        unfollow(list);
        follow_later(list);
        return;
    }
    do {
        unfollow(list);
        g_clear_object(&nearer);
        list->folder = dup_nearest_folder(list->file);
        if (list->folder)
            list->monitor = g_file_monitor_directory(list->folder, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
        if (!list->monitor)
            return;
        g_signal_connect(list->monitor, "changed", G_CALLBACK(happened), list);
        /* A folder may have come before the one above it was looked at. */
        nearer = dup_nearest_folder(list->file);
    } while (nearer && !g_file_equal(nearer, list->folder));
}

/* Whether a path is the list or leads to it. */
static gboolean
concerns(const List *list, GFile *file)
{
    return file && (g_file_equal(file, list->file) || g_file_has_prefix(list->file, file));
}

static void
happened(GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, gpointer data)
{
    List *list = data;
    gboolean is_there = g_file_has_parent(list->file, list->folder) && !g_file_equal(file, list->folder);

    (void)monitor;
    if (!concerns(list, file) && !concerns(list, other))
        return;
    /* A list that is being written says nothing yet, and one that is gone will come back. */
    if (is_there && event != G_FILE_MONITOR_EVENT_CHANGES_DONE_HINT && event != G_FILE_MONITOR_EVENT_RENAMED &&
        event != G_FILE_MONITOR_EVENT_MOVED_IN)
        return;
    if (!is_there)
        follow(list);
    if (list->retry || !g_file_query_exists(list->file, NULL))
        return;
    read_again(list);
}

static void
free_list(gpointer data)
{
    List *list = data;

    unfollow(list);
    g_object_unref(list->file);
    g_free(list);
}

static void
add_list(PfSubscribing *subscribing, const char *path)
{
    List *list = g_new0(List, 1);

    list->subscribing = subscribing;
    list->file = g_file_new_for_path(path);
    g_ptr_array_add(subscribing->lists, list);
    follow(list);
}

gboolean
pf_subscribing_apply(PfSubscribing *subscribing, const PfConfig *config, GError **error)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

    subscribing->config = config;
    g_ptr_array_set_size(subscribing->lists, 0);
    if (!pf_subscribe(subscribing->feeds, config, subscribing->state_dir, paths, error))
        return FALSE;
    pf_podcatchers_add_files(config, paths);
    for (guint i = 0; i < paths->len; i++)
        add_list(subscribing, paths->pdata[i]);
    return TRUE;
}

PfSubscribing *
pf_subscribing_new(PfFeedStore *feeds, const char *state_dir, void (*changed)(gpointer data), gpointer data)
{
    PfSubscribing *subscribing = g_new0(PfSubscribing, 1);

    *subscribing = (PfSubscribing){.feeds = feeds, .state_dir = state_dir, .changed = changed, .data = data};
    subscribing->lists = g_ptr_array_new_with_free_func(free_list);
    return subscribing;
}

void
pf_subscribing_free(PfSubscribing *subscribing)
{
    if (!subscribing)
        return;
    g_ptr_array_unref(subscribing->lists);
    g_free(subscribing);
}

/* Feeds handed to the pool at once; it fetches fewer. Of one host no more than it fetches at once: a slow one would
 * have them all in the end, and nothing else were asked. */
#define IN_HAND 64

/* An item that its feed lists no more may still be downloaded, or have been: kept so long, seconds. */
#define KEEP ((gint64)90 * 86400)

/* The first wait after a failure and the longest, seconds. */
#define FIRST_WAIT ((gint64)300)
#define LONGEST_WAIT ((gint64)86400)

/* While feeds come in one after the other, new items are announced this often, microseconds. */
#define BROUGHT_EVERY ((gint64)5 * G_USEC_PER_SEC)

/* How long nothing is asked after the store has failed, seconds. */
#define STORE_WAIT 60

struct PfRefresher {
    PfRefresherSettings settings;
    PfRefresherListener listener; /* its functions are NULL when nobody waits */
    PfFeedPool *pool;
    PfAlarm *alarm;
    GHashTable *visits; /* of feed ids under way to PfVisit */
    GHashTable *files;  /* of URLs of feed files still to be read to their versions */
    gint64 blocked;     /* the store has failed: not before this time */
    gboolean news;      /* to be announced */
    gboolean file_news; /* some of it is a feed file's */
    gint64 told;        /* when it last was announced, monotonic; 0 for never */
    guint tell_source;  /* while it is to be announced later */
    PfSyncing *syncing; /* NULL: no synchronisation server is asked */
    gint64 sync_due;    /* when it is asked again; G_MAXINT64 for never */
    gint64 sync_early;  /* from when on it is asked if feeds are */
};

gint64
pf_refresher_wait(gint64 interval, gint64 failures, gint64 retry_after, double random)
{
    gint64 wait = (gint64)((double)interval * (0.9 + 0.2 * random));

    if (failures > 0) {
        gint64 growing = FIRST_WAIT << MIN(failures - 1, 16);
        wait = (gint64)((double)MIN(growing, MAX(LONGEST_WAIT, interval)) * (0.9 + 0.2 * random));
    }
    return MAX(wait, retry_after);
}

/* --- how it went --- */

/* The store has failed: nothing is lost, since it is a cache, but asking on would be in vain. */
static void
note_store_failure(PfRefresher *refresh, const GError *failure)
{
    gint64 now = pf_clock_now();

    if (refresh->blocked <= now)
        g_message(_("cannot store feeds: %s; retrying in a minute"), failure->message);
    refresh->blocked = now + STORE_WAIT;
    refresh->settings.owner->failed(failure, refresh->settings.owner->data);
}

static void
tell_news(PfRefresher *refresh)
{
    gboolean is_file = refresh->file_news;

    g_clear_handle_id(&refresh->tell_source, g_source_remove);
    refresh->news = refresh->file_news = FALSE;
    refresh->told = g_get_monotonic_time();
    if (refresh->listener.changed)
        refresh->listener.changed(is_file, refresh->listener.data);
}

static gboolean
tell_due(gpointer data)
{
    PfRefresher *refresh = data;

    refresh->tell_source = 0;
    tell_news(refresh);
    return G_SOURCE_REMOVE;
}

static void
tell(PfRefresher *refresh)
{
    gboolean busy = pf_refresher_is_busy(refresh);
    gint64 wait = busy ? refresh->told + BROUGHT_EVERY - g_get_monotonic_time() : 0;

    if (refresh->news && (wait <= 0 || !refresh->told))
        tell_news(refresh);
    else if (refresh->news && !refresh->tell_source)
        /* What is under way may be silent for long. */
        refresh->tell_source = g_timeout_add((guint)(wait / 1000) + 1, tell_due, refresh);
    if (busy)
        return;
    if (refresh->listener.answered)
        refresh->listener.answered(refresh->listener.data);
    refresh->settings.owner->idle(refresh->settings.owner->data);
}

/* What could not be kept of a file is read once more; a feed on the web is still due. */
static void
refresher_read_again(PfRefresher *refresh, const PfVisit *visit)
{
    if (visit->version && !g_hash_table_contains(refresh->files, visit->feed->url))
        g_hash_table_insert(refresh->files, g_strdup(visit->feed->url), g_strdup(visit->version));
}

/* Whether what came shows that the feed has not moved there, as it said: nothing did, or what says the opposite. */
static gboolean
is_no_move(const PfVisit *visit, const PfFeedReply *reply)
{
    const PfFeed *feed = reply->outcome == PF_FEED_FETCHED ? reply->summary.feed : NULL;

    return !feed || feed->kind != PF_FEED_KIND_FEED ||
           (feed->new_address && !pf_url_leads_elsewhere(feed->new_address, visit->feed->address));
}

/* Says that a feed stays where it is. */
static void
stay(const PfVisit *visit, const PfFeedReply *reply)
{
    g_autofree char *shown = pf_url_printable(visit->feed->address);
    g_autofree char *there = pf_url_printable(visit->address);

    g_message(
        _("%s: the feed says that it has moved to %s, but there is no feed there (%s); still reading the old address"),
        shown, there, reply->error ? reply->error->message : _("the feed there says the opposite"));
}

/* Writes the items that are left, and notes how it went. Returns: FALSE, with @error set, when the store failed. */
static gboolean
keep_page(PfRefresher *refresh, PfVisit *visit, PfFeedReply *reply, GError **error)
{
    if (reply->summary.feed && !pf_visit_write_items(visit, reply->summary.feed, error))
        return FALSE;
    refresh->news |= visit->taken > 0;
    note_page(visit, reply, refresh->settings.config->refresh, pf_clock_now());
    return pf_feed_store_put_feed(refresh->settings.feeds, visit->feed, visit->asked, 0, error);
}

/* What the visit brought goes to the store. Returns: FALSE, with @error set, when the store failed. */
static gboolean
keep(PfRefresher *refresh, PfVisit *visit, PfFeedReply *reply, GError **error)
{
    /* That is none of the feed's failures. */
    if (reply->outcome == PF_FEED_FAILED && reply->error->domain == PF_DATABASE_ERROR) {
        g_propagate_error(error, g_error_copy(reply->error));
        return FALSE;
    }
    if (visit->place == PF_VISIT_PAGE)
        return keep_page(refresh, visit, reply, error);
    if (visit->place == PF_VISIT_MOVED && is_no_move(visit, reply)) {
        stay(visit, reply);
        return TRUE;
    }
    if (reply->outcome == PF_FEED_FETCHED && !pf_visit_check_answer(visit, reply, error))
        return FALSE;
    gboolean read = reply->outcome == PF_FEED_FETCHED;
    if (read && !pf_visit_take_channel(visit, reply, error))
        return FALSE;
    /* What came before a failure is good all the same. */
    if (reply->outcome == PF_FEED_FAILED && reply->summary.feed &&
        !pf_visit_write_items(visit, reply->summary.feed, error))
        return FALSE;
    /* Who waits for a feed that a hook has named waits for the answer, whatever it is. */
    refresh->news |= read || visit->taken > 0 || visit->feed->origin == PF_FEED_ORIGIN_HOOK;
    refresh->file_news |= read && !pf_url_is_web(visit->feed->url);
    pf_visit_note_outcome(visit, reply, refresh->settings.config->refresh, pf_clock_now());
    return pf_feed_store_put_feed(refresh->settings.feeds, visit->feed, visit->asked, read ? pf_clock_now() - KEEP : 0,
                                  error);
}

static void start_visit(PfRefresher *refresh, PfVisit *visit);

/* Looks where a feed says that it has moved. Returns: whether it says so. */
static gboolean
go_after(PfRefresher *refresh, PfVisit *visit, const PfFeedReply *reply)
{
    const PfFeed *feed = reply->outcome == PF_FEED_FETCHED ? reply->summary.feed : NULL;
    PfVisit *next;

    if (visit->place != PF_VISIT_FEED || visit->feed->origin == PF_FEED_ORIGIN_FILE || !feed ||
        !pf_url_leads_elsewhere(feed->new_address, visit->feed->address))
        return FALSE;
    next = pf_visit_new(visit->feeds, g_steal_pointer(&visit->feed), PF_VISIT_MOVED, feed->new_address, refresh);
    g_hash_table_steal(refresh->visits, &next->feed->id);
    pf_visit_free(visit);
    start_visit(refresh, next);
    return TRUE;
}

static void
visited(PfFeedReply *reply, gpointer data)
{
    PfVisit *visit = data;
    PfRefresher *refresh = visit->data;
    g_autoptr(GError) failure = NULL;

    if (!keep(refresh, visit, reply, &failure)) {
        note_store_failure(refresh, failure);
        refresher_read_again(refresh, visit);
    }
    if (failure || !go_after(refresh, visit, reply))
        g_hash_table_remove(refresh->visits, &visit->feed->id);
    pf_refresher_wake(refresh);
    tell(refresh);
}

/* --- asking --- */

/* What another document names is not more trusted than that document: only on the feed's own site may it be what the
 * user has named. */
static gboolean
is_foreign(const PfVisit *visit)
{
    return visit->feed->origin == PF_FEED_ORIGIN_LIST ||
           (visit->place != PF_VISIT_FEED && !pf_url_is_same_site(visit->feed->address, visit->address));
}

static void
start_visit(PfRefresher *refresh, PfVisit *visit)
{
    gboolean is_feed = visit->place == PF_VISIT_FEED;

    visit->asked = pf_clock_now();
    g_hash_table_insert(refresh->visits, &visit->feed->id, visit);
    pf_feed_pool_add(refresh->pool, &(PfFeedRequest){.source = visit->address,
                                                     .etag = is_feed ? visit->feed->etag : NULL,
                                                     .last_modified = is_feed ? visit->feed->last_modified : NULL,
                                                     .is_foreign = is_foreign(visit),
                                                     .item = pf_visit_take_item,
                                                     .done = visited,
                                                     .data = visit});
}

static void
visit(PfRefresher *refresh, PfKnownFeed *feed_taken, const char *version)
{
    gboolean is_page = feed_taken->wants_page && feed_taken->next_page;
    PfVisit *visit = pf_visit_new(refresh->settings.feeds, feed_taken, is_page ? PF_VISIT_PAGE : PF_VISIT_FEED,
                                  is_page ? feed_taken->next_page : feed_taken->address, refresh);

    visit->version = g_strdup(version);
    start_visit(refresh, visit);
}

/* Counts a feed that its host's others are in hand with. Returns: whether there is room for it. */
static gboolean
take_share(GHashTable *shares, const char *address)
{
    g_autofree char *host = pf_url_dup_host(address);
    guint taken = GPOINTER_TO_UINT(g_hash_table_lookup(shares, host));

    if (taken >= PF_FEED_POOL_PER_HOST)
        return FALSE;
    g_hash_table_insert(shares, g_steal_pointer(&host), GUINT_TO_POINTER(taken + 1));
    return TRUE;
}

/* What is to be chosen among the feeds that are due. */
typedef struct {
    const PfRefresher *refresh;
    GHashTable *shares; /* of hosts to how many of their feeds are in hand */
} Choice;

static gboolean
choose(gint64 id, const char *address, gpointer data)
{
    const Choice *choice = data;

    /* Those under way are due as well until they are done. */
    return !g_hash_table_contains(choice->refresh->visits, &id) && take_share(choice->shares, address);
}

static gboolean
visit_due(PfRefresher *refresh, gint64 now, GError **error)
{
    g_autoptr(GHashTable) shares = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Choice choice = {.refresh = refresh, .shares = shares};
    guint in_hand = g_hash_table_size(refresh->visits);
    GHashTableIter iter;
    gpointer under_way;

    if (in_hand >= IN_HAND)
        return TRUE;
    g_hash_table_iter_init(&iter, refresh->visits);
    while (g_hash_table_iter_next(&iter, NULL, &under_way))
        take_share(shares, ((PfVisit *)under_way)->address);
    g_autoptr(GPtrArray) due = pf_feed_store_list_due(refresh->settings.feeds, now,
                                                      (PfKnownFeedChoice){IN_HAND - in_hand, choose, &choice}, error);
    while (due && due->len > 0)
        visit(refresh, g_ptr_array_steal_index(due, 0), NULL);
    return due != NULL;
}

/* --- feed files --- */

/* Begins to read a file, unless it was read as it is now. Returns: whether it needs no more thought; FALSE too, with
 * @error set, when the store failed. */
static gboolean
read_file(PfRefresher *refresh, const char *url, const char *version, GError **error)
{
    PfFeedStore *feeds = refresh->settings.feeds;
    g_autoptr(PfKnownFeed) feed = NULL;
    gint64 id = pf_feed_store_add(feeds, url, PF_FEED_ORIGIN_FILE, G_MAXINT64, error);

    if (!id || !pf_feed_store_read(feeds, id, &feed, error))
        return FALSE;
    if (!feed || g_strcmp0(feed->etag, version) == 0)
        return TRUE;
    if (g_hash_table_contains(refresh->visits, &feed->id))
        return FALSE;
    visit(refresh, g_steal_pointer(&feed), version);
    return TRUE;
}

static gboolean
read_files(PfRefresher *refresh, GError **error)
{
    g_autoptr(GError) failure = NULL;
    GHashTableIter iter;
    gpointer url, version;

    g_hash_table_iter_init(&iter, refresh->files);
    while (!failure && g_hash_table_iter_next(&iter, &url, &version))
        if (read_file(refresh, url, version, &failure))
            g_hash_table_iter_remove(&iter);
    if (!failure)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

/* --- the synchronisation server --- */

static void
synced(const PfSyncingResult *result, gpointer data)
{
    PfRefresher *refresh = data;
    gint64 interval = refresh->settings.config->refresh, now = pf_clock_now();

    refresh->sync_due = now + pf_refresher_wait(interval, result->failures, result->retry_after, g_random_double());
    refresh->sync_early = refresh->sync_due - (result->failures == 0 && result->retry_after == 0 ? interval / 5 : 0);
    if (result->added > 0 && refresh->listener.heard)
        refresh->listener.heard(refresh->listener.data);
    pf_refresher_wake(refresh);
}

/* Asks it when it is due, or soon: feeds are asked now, and it need not have a wake-up of its own. Returns: when it is
 * asked again. */
static gint64
ask_server(PfRefresher *refresh, gint64 now)
{
    gint64 interval = refresh->settings.config->refresh;

    if (!refresh->syncing || pf_syncing_is_busy(refresh->syncing))
        return G_MAXINT64;
    /* A time that is further off is from before the clock was set back. */
    if (refresh->sync_due != G_MAXINT64 &&
        (refresh->sync_early <= now || refresh->sync_due > now + MAX(LONGEST_WAIT, interval) * 2)) {
        refresh->sync_due = refresh->sync_early = now + interval;
        pf_syncing_begin(refresh->syncing, refresh->settings.config, synced, refresh);
    }
    return pf_syncing_is_busy(refresh->syncing) ? G_MAXINT64 : refresh->sync_due;
}

/* Finds out when the server that the configuration names is asked. */
static void
plan_sync(PfRefresher *refresh)
{
    const PfConfig *config = refresh->settings.config;
    gint64 asked = 0, failures = 0;

    refresh->sync_due = refresh->sync_early = G_MAXINT64;
    if (!refresh->syncing || !*config->sync ||
        !pf_syncing_load(refresh->settings.queue, config, &asked, &failures, NULL))
        return;
    /* What has failed may work again now: somebody has started the service, or changed its settings. */
    refresh->sync_due = refresh->sync_early = asked && !failures ? asked + config->refresh : 0;
}

/* --- rounds --- */

void
pf_refresher_wake(PfRefresher *refresh)
{
    g_autoptr(GError) failure = NULL;
    gint64 now = pf_clock_now(), due = G_MAXINT64;

    /* One that is further off is from before the clock was set back. */
    if (refresh->blocked > now && refresh->blocked <= now + STORE_WAIT)
        due = refresh->blocked;
    else if (!pf_feed_store_bound_times(refresh->settings.feeds, now, &failure) || !read_files(refresh, &failure) ||
             !visit_due(refresh, now, &failure) ||
             (!pf_refresher_is_busy(refresh) && !pf_feed_store_read_next_due(refresh->settings.feeds, &due, &failure)))
        due = now + STORE_WAIT;
    if (failure)
        note_store_failure(refresh, failure);
    gint64 sync_due = ask_server(refresh, now);
    pf_alarm_set(refresh->alarm, MIN(due, sync_due));
}

void
pf_refresher_note_login(PfRefresher *refresh)
{
    gint64 asked = 0, failures = 0;

    if (!refresh->syncing || !*refresh->settings.config->sync ||
        !pf_syncing_load(refresh->settings.queue, refresh->settings.config, &asked, &failures, NULL) || asked > 0)
        return;
    refresh->sync_due = refresh->sync_early = 0;
    pf_refresher_wake(refresh);
}

static void
alarm_rang(gpointer data)
{
    pf_refresher_wake(data);
}

void
pf_refresher_read_file(PfRefresher *refresh, const char *path, gint64 size, gint64 changed)
{
    char *url = g_filename_to_uri(path, NULL, NULL);

    if (!url)
        return;
    g_hash_table_replace(refresh->files, url, g_strdup_printf("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT, size, changed));
    pf_refresher_wake(refresh);
}

gboolean
pf_refresher_is_busy(const PfRefresher *refresh)
{
    return g_hash_table_size(refresh->visits) > 0;
}

/* --- life --- */

PfRefresher *
pf_refresher_new(const PfRefresherSettings *settings)
{
    PfRefresher *refresh = g_new0(PfRefresher, 1);

    refresh->settings = *settings;
    refresh->pool = pf_feed_pool_new();
    pf_feed_pool_set_contact(refresh->pool, settings->config->contact);
    refresh->alarm = pf_alarm_new(alarm_rang, refresh);
    refresh->visits = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, (GDestroyNotify)pf_visit_free);
    refresh->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (settings->queue)
        refresh->syncing = pf_syncing_new(settings->queue, settings->state_dir);
    plan_sync(refresh);
    return refresh;
}

void
pf_refresher_free(PfRefresher *refresh)
{
    if (!refresh)
        return;
    g_clear_handle_id(&refresh->tell_source, g_source_remove);
    pf_syncing_free(refresh->syncing);
    pf_feed_pool_free(refresh->pool);
    g_hash_table_unref(refresh->visits);
    g_hash_table_unref(refresh->files);
    pf_alarm_free(refresh->alarm);
    g_free(refresh);
}

void
pf_refresher_set_listener(PfRefresher *refresh, const PfRefresherListener *listener)
{
    refresh->listener = listener ? *listener : (PfRefresherListener){0};
}

void
pf_refresher_set_config(PfRefresher *refresh, const PfConfig *config)
{
    refresh->settings.config = config;
    pf_feed_pool_set_contact(refresh->pool, config->contact);
    plan_sync(refresh);
}
