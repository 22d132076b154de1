/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/refresher.h"

#include "base/wallclock_timer.h"
#include "base/clock.h"
#include "daemon/visit.h"
#include "base/url.h"

/* Feeds handed to the pool at once; it fetches fewer. Of one host no more than it fetches at once: a slow one would
 * have them all in the end, and nothing else were asked. */
#define IN_HAND 64

/* An item that its feed lists no more may still be downloaded, or have been: kept so long, seconds. */
#define KEEP ((gint64)90 * 86400)

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
    GHashTable *visits; /* of feed ids under way to PfVisit */
    GHashTable *files;  /* of URLs of feed files still to be read to their versions */
    gint64 blocked;     /* the store has failed: not before this time */
    gboolean news;      /* to be told of */
    gint64 told;        /* when it last was, monotonic; 0 for never */
    guint tell_source;  /* while it is to be told of later */
};

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

/* --- how it went --- */

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
tell_news(PfRefresh *refresh)
{
    g_clear_handle_id(&refresh->tell_source, g_source_remove);
    refresh->news = FALSE;
    refresh->told = g_get_monotonic_time();
    refresh->settings.brought(refresh->settings.data);
}

static gboolean
tell_due(gpointer data)
{
    PfRefresh *refresh = data;

    refresh->tell_source = 0;
    tell_news(refresh);
    return G_SOURCE_REMOVE;
}

static void
tell(PfRefresh *refresh)
{
    gboolean busy = pf_refresh_is_busy(refresh);
    gint64 wait = busy ? refresh->told + BROUGHT_EVERY - g_get_monotonic_time() : 0;

    if (refresh->news && (wait <= 0 || !refresh->told))
        tell_news(refresh);
    else if (refresh->news && !refresh->tell_source)
        /* What is under way may be silent for long. */
        refresh->tell_source = g_timeout_add((guint)(wait / 1000) + 1, tell_due, refresh);
    if (!busy)
        refresh->settings.rested(refresh->settings.data);
}

/* What could not be kept of a file is read once more; a feed on the web is still due. */
static void
read_again(PfRefresh *refresh, const PfVisit *visit)
{
    if (visit->version && !g_hash_table_contains(refresh->files, visit->feed->url))
        g_hash_table_insert(refresh->files, g_strdup(visit->feed->url), g_strdup(visit->version));
}

/* What the visit brought goes to the store. Returns: FALSE, with @error set, when the store failed. */
static gboolean
keep(PfRefresh *refresh, PfVisit *visit, PfFeedReply *reply, GError **error)
{
    /* That is none of the feed's failures. */
    if (reply->outcome == PF_FEED_FAILED && reply->error->domain == PF_DATABASE_ERROR) {
        g_propagate_error(error, g_error_copy(reply->error));
        return FALSE;
    }
    if (reply->outcome == PF_FEED_FETCHED && !pf_visit_judge(visit, reply, error))
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
    pf_visit_note_outcome(visit, reply, refresh->settings.config->refresh, pf_clock_now());
    return pf_feed_store_put_feed(refresh->settings.feeds, visit->feed, read ? pf_clock_now() - KEEP : 0, error);
}

static void
visited(PfFeedReply *reply, gpointer data)
{
    PfVisit *visit = data;
    PfRefresh *refresh = visit->data;
    g_autoptr(GError) failure = NULL;

    if (!keep(refresh, visit, reply, &failure)) {
        note_store_failure(refresh, failure);
        read_again(refresh, visit);
    }
    g_hash_table_remove(refresh->visits, &visit->feed->id);
    pf_refresh_wake(refresh);
    tell(refresh);
}

/* --- asking --- */

static void
visit(PfRefresh *refresh, PfKnownFeed *feed_taken, const char *version)
{
    PfVisit *visit = pf_visit_new(refresh->settings.feeds, feed_taken, refresh);

    visit->version = g_strdup(version);
    g_hash_table_insert(refresh->visits, &visit->feed->id, visit);
    pf_feed_pool_add(refresh->pool, &(PfFeedRequest){.source = feed_taken->address,
                                                     .etag = feed_taken->etag,
                                                     .last_modified = feed_taken->last_modified,
                                                     .is_foreign = feed_taken->origin == PF_FEED_ORIGIN_LIST,
                                                     .item = pf_visit_take_item,
                                                     .done = visited,
                                                     .data = visit});
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
    const PfRefresh *refresh;
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
visit_due(PfRefresh *refresh, gint64 now, GError **error)
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
        take_share(shares, ((PfVisit *)under_way)->feed->address);
    g_autoptr(GPtrArray) due =
        pf_feed_store_list_due(refresh->settings.feeds, now, IN_HAND - in_hand, choose, &choice, error);
    while (due && due->len > 0)
        visit(refresh, g_ptr_array_steal_index(due, 0), NULL);
    return due != NULL;
}

/* --- feed files --- */

/* Begins to read a file, unless it was read as it is now. Returns: whether it needs no more thought; FALSE too, with
 * @error set, when the store failed. */
static gboolean
read_file(PfRefresh *refresh, const char *url, const char *version, GError **error)
{
    PfFeedStore *feeds = refresh->settings.feeds;
    g_autoptr(PfKnownFeed) feed = NULL;
    gint64 id;

    if (!pf_feed_store_add(feeds, url, PF_FEED_ORIGIN_FILE, G_MAXINT64, &id, error) ||
        !pf_feed_store_read(feeds, id, &feed, error))
        return FALSE;
    if (!feed || g_strcmp0(feed->etag, version) == 0)
        return TRUE;
    if (g_hash_table_contains(refresh->visits, &feed->id))
        return FALSE;
    visit(refresh, g_steal_pointer(&feed), version);
    return TRUE;
}

static gboolean
read_files(PfRefresh *refresh, GError **error)
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

/* --- rounds --- */

void
pf_refresh_wake(PfRefresh *refresh)
{
    g_autoptr(GError) failure = NULL;
    gint64 now = pf_clock_now(), due = G_MAXINT64;

    if (refresh->blocked > now)
        due = refresh->blocked;
    else if (!read_files(refresh, &failure) || !visit_due(refresh, now, &failure) ||
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
pf_refresh_read_file(PfRefresh *refresh, const char *path, gint64 size, gint64 changed)
{
    char *url = g_filename_to_uri(path, NULL, NULL);

    if (!url)
        return;
    g_hash_table_replace(refresh->files, url, g_strdup_printf("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT, size, changed));
    pf_refresh_wake(refresh);
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
    pf_feed_pool_set_contact(refresh->pool, settings->config->contact);
    refresh->alarm = pf_alarm_new(alarm_rang, refresh);
    refresh->visits = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, (GDestroyNotify)pf_visit_free);
    refresh->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return refresh;
}

void
pf_refresh_free(PfRefresh *refresh)
{
    if (!refresh)
        return;
    g_clear_handle_id(&refresh->tell_source, g_source_remove);
    pf_feed_pool_free(refresh->pool);
    g_hash_table_unref(refresh->visits);
    g_hash_table_unref(refresh->files);
    pf_alarm_free(refresh->alarm);
    g_free(refresh);
}

void
pf_refresh_set_config(PfRefresh *refresh, const PfConfig *config)
{
    refresh->settings.config = config;
    pf_feed_pool_set_contact(refresh->pool, config->contact);
}
