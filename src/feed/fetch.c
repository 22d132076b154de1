/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/fetch.h"

#include "feed/feed_transfer.h"

/* Feeds of one host: at most PF_FEED_POOL_PER_HOST are under way. */
typedef struct {
    char *name;
    guint under_way;      /* without those that rest */
    guint members;        /* entries that are in its line or under way, those that rest too */
    GQueue line;          /* of Entry, by turn */
    GSequenceIter *place; /* among the hosts that are ready; NULL when it has none waiting, or enough under way */
} Host;

/* A request until it is done. */
typedef struct {
    PfFeedPool *pool;
    guint64 turn; /* when it was added */
    PfFeedTransfer *transfer;
    Host *host;       /* whose line it is in, or which it keeps busy; NULL when it has ended */
    gboolean is_busy; /* under way, and not resting */
    gboolean wants_resume;
} Entry;

struct PfFeedPool {
    PfMulti *multi;
    GMainContext *context;
    char *contact;
    guint64 turns;
    GHashTable *entries;  /* of Entry to itself */
    GHashTable *hosts;    /* of name to Host */
    GSequence *ready;     /* of Host, by the turn of the first in its line */
    GPtrArray *under_way; /* of Entry, those that rest too */
    guint busy;           /* without them */
    GQueue ended;         /* of Entry, to be delivered */
    gboolean is_wanted;   /* an entry wants to be resumed */
    GSource *pump;        /* while there may be something to start or to deliver */
    gint64 bytes;         /* of transfers that have ended */
};

static gboolean pump(gpointer data);

/* Nothing is started or delivered from within a caller, or libcurl. */
static void
wake(PfFeedPool *pool)
{
    if (pool->pump)
        return;
    pool->pump = g_idle_source_new();
    g_source_set_priority(pool->pump, G_PRIORITY_HIGH);
    g_source_set_callback(pool->pump, pump, pool, NULL);
    g_source_attach(pool->pump, pool->context);
}

/* --- hosts --- */

static int
compare_turns(gconstpointer first, gconstpointer second, gpointer data)
{
    const Entry *a = first;
    const Entry *b = second;

    (void)data;
    return a->turn < b->turn ? -1 : a->turn > b->turn;
}

static int
compare_hosts(gconstpointer first, gconstpointer second, gpointer data)
{
    return compare_turns(g_queue_peek_head(&((Host *)first)->line), g_queue_peek_head(&((Host *)second)->line), data);
}

static void
free_host(gpointer data)
{
    Host *host = data;

    g_queue_clear(&host->line);
    g_free(host->name);
    g_free(host);
}

static Host *
find_host(PfFeedPool *pool, const PfFeedTransfer *transfer)
{
    g_autofree char *name = pf_feed_transfer_dup_host(transfer);
    Host *host = g_hash_table_lookup(pool->hosts, name);

    if (!host) {
        host = g_new0(Host, 1);
        host->name = g_steal_pointer(&name);
        g_queue_init(&host->line);
        g_hash_table_insert(pool->hosts, host->name, host);
    }
    return host;
}

static void
leave_ready(Host *host)
{
    if (host->place)
        g_sequence_remove(host->place);
    host->place = NULL;
}

/* Puts a host where it belongs after a change: among the ready ones, by its first in line; or forgets it. */
static void
place_host(PfFeedPool *pool, Host *host)
{
    /* Standard input has one end, which two readers would tear apart. */
    guint most = g_str_equal(host->name, "-") ? 1 : PF_FEED_POOL_PER_HOST;

    if (host->members == 0)
        g_hash_table_remove(pool->hosts, host->name);
    else if (host->line.length > 0 && host->under_way < most)
        host->place = g_sequence_insert_sorted(pool->ready, host, compare_hosts, NULL);
}

/* --- entries --- */

static void
free_entry(gpointer data)
{
    Entry *entry = data;

    pf_feed_transfer_free(entry->transfer);
    g_free(entry);
}

/* Puts an entry into its host's line: at the end when it is new, near the front when it was redirected there. */
static void
line_up(PfFeedPool *pool, Entry *entry)
{
    Host *host = find_host(pool, entry->transfer);
    const Entry *last = g_queue_peek_tail(&host->line);

    leave_ready(host);
    entry->host = host;
    host->members++;
    if (!last || last->turn < entry->turn)
        g_queue_push_tail(&host->line, entry);
    else
        g_queue_insert_sorted(&host->line, entry, compare_turns, NULL);
    place_host(pool, host);
    wake(pool);
}

/* Counts an entry among those that are under way, or does not any more. */
static void
set_busy(Entry *entry, gboolean is_busy)
{
    if (entry->is_busy == is_busy)
        return;
    entry->is_busy = is_busy;
    leave_ready(entry->host);
    entry->host->under_way += is_busy ? 1 : -1u;
    entry->pool->busy += is_busy ? 1 : -1u;
    place_host(entry->pool, entry->host);
    wake(entry->pool);
}

/* A transfer is over, or is to go on at another host. */
static void
transfer_stopped(PfFeedTransfer *transfer, gpointer data)
{
    Entry *entry = data;
    PfFeedPool *pool = entry->pool;

    g_ptr_array_remove_fast(pool->under_way, entry);
    set_busy(entry, FALSE);
    Host *host = g_steal_pointer(&entry->host);
    leave_ready(host);
    host->members--;
    place_host(pool, host);
    if (!pf_feed_transfer_is_over(transfer)) {
        line_up(pool, entry);
        return;
    }
    pool->bytes += pf_feed_transfer_get_bytes(transfer);
    g_queue_push_tail(&pool->ended, entry);
    wake(pool);
}

static void
start_next(PfFeedPool *pool)
{
    Host *host = g_sequence_get(g_sequence_get_begin_iter(pool->ready));

    leave_ready(host);
    Entry *entry = g_queue_pop_head(&host->line);
    gboolean is_last = host->line.length == 0;
    g_ptr_array_add(pool->under_way, entry);
    set_busy(entry, TRUE);
    /* A connection that is kept for nobody is closed when sixteen newer ones are kept; libcurl then never forgets its
     * host, and goes through thousands of them for each connection that it closes. */
    pf_feed_transfer_start(entry->transfer, pool->multi, is_last);
}

static void
resume_wanted(PfFeedPool *pool)
{
    if (!pool->is_wanted)
        return;
    pool->is_wanted = FALSE;
    for (guint i = 0; i < pool->under_way->len; i++) {
        Entry *entry = pool->under_way->pdata[i];

        if (entry->wants_resume) {
            entry->wants_resume = FALSE;
            pf_feed_transfer_resume(entry->transfer);
        }
    }
}

/* Delivers one that has ended. Returns whether the pool is still there afterwards. */
static gboolean
deliver_next(PfFeedPool *pool)
{
    GSource *source = pool->pump;
    Entry *entry = g_queue_pop_head(&pool->ended);

    g_hash_table_steal(pool->entries, entry);
    pf_feed_transfer_deliver(entry->transfer);
    free_entry(entry);
    return !g_source_is_destroyed(source);
}

/* GLib holds the source while it is dispatched, also when the pool is freed from within. */
static gboolean
pump(gpointer data)
{
    PfFeedPool *pool = data;

    resume_wanted(pool);
    while (pool->busy < PF_FEED_POOL_TRANSFERS && g_sequence_get_length(pool->ready) > 0)
        start_next(pool);
    if (pool->ended.length > 0 && !deliver_next(pool))
        return G_SOURCE_REMOVE;
    if (pool->is_wanted || pool->ended.length > 0 ||
        (pool->busy < PF_FEED_POOL_TRANSFERS && g_sequence_get_length(pool->ready) > 0))
        return G_SOURCE_CONTINUE;
    g_clear_pointer(&pool->pump, g_source_unref);
    return G_SOURCE_REMOVE;
}

/* --- the pool --- */

PfFeedPool *
pf_feed_pool_new(void)
{
    PfFeedPool *pool = g_new0(PfFeedPool, 1);

    pool->multi = pf_multi_new();
    pool->context = g_main_context_ref_thread_default();
    pool->entries = g_hash_table_new_full(NULL, NULL, free_entry, NULL);
    pool->hosts = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_host);
    pool->ready = g_sequence_new(NULL);
    pool->under_way = g_ptr_array_new();
    g_queue_init(&pool->ended);
    return pool;
}

void
pf_feed_pool_free(PfFeedPool *pool)
{
    if (!pool)
        return;
    if (pool->pump) {
        g_source_destroy(pool->pump);
        g_source_unref(pool->pump);
    }
    g_queue_clear(&pool->ended);
    g_hash_table_unref(pool->entries);
    g_ptr_array_unref(pool->under_way);
    g_sequence_free(pool->ready);
    g_hash_table_unref(pool->hosts);
    pf_multi_free(pool->multi);
    g_main_context_unref(pool->context);
    g_free(pool->contact);
    g_free(pool);
}

void
pf_feed_pool_set_contact(PfFeedPool *pool, const char *contact)
{
    g_free(pool->contact);
    pool->contact = g_strdup(contact);
}

void
pf_feed_pool_add(PfFeedPool *pool, const PfFeedRequest *request)
{
    Entry *entry = g_new0(Entry, 1);

    entry->pool = pool;
    entry->turn = pool->turns++;
    entry->transfer = pf_feed_transfer_new(request, pool->contact, transfer_stopped, entry);
    g_hash_table_add(pool->entries, entry);
    line_up(pool, entry);
}

guint
pf_feed_pool_count(const PfFeedPool *pool)
{
    return g_hash_table_size(pool->entries);
}

gint64
pf_feed_pool_get_bytes(const PfFeedPool *pool)
{
    gint64 bytes = pool->bytes;

    for (guint i = 0; i < pool->under_way->len; i++)
        bytes += pf_feed_transfer_get_bytes(((Entry *)pool->under_way->pdata[i])->transfer);
    return bytes;
}

static Entry *
find_under_way(const PfFeedPool *pool, gpointer data)
{
    for (guint i = 0; i < pool->under_way->len; i++) {
        Entry *entry = pool->under_way->pdata[i];

        if (pf_feed_transfer_get_data(entry->transfer) == data)
            return entry;
    }
    return NULL;
}

void
pf_feed_pool_pause(PfFeedPool *pool, gpointer data)
{
    Entry *entry = find_under_way(pool, data);

    if (entry) {
        entry->wants_resume = FALSE;
        pf_feed_transfer_pause(entry->transfer);
        set_busy(entry, FALSE);
    }
}

void
pf_feed_pool_resume(PfFeedPool *pool, gpointer data)
{
    Entry *entry = find_under_way(pool, data);

    if (entry) {
        entry->wants_resume = TRUE;
        pool->is_wanted = TRUE;
        set_busy(entry, TRUE);
        wake(pool);
    }
}
