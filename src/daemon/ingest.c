/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/ingest.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/main_loop.h"
#include "base/url.h"
#include "daemon/classify.h"
#include "daemon/enqueue.h"
#include "daemon/event_log.h"
#include "queue/spool.h"
#include "sources/podcatcher.h"

/* How long until an event of a hook that could not be read is tried again, seconds. */
#define HOOKS_WAIT 300

/*
 * What was reported and is not yet in the store: files of watched folders, and events from hooks.
 * It is written in the order in which it was reported, a batch in a transaction, and what cannot be written stays. One
 * thread.
 */
typedef struct {
    PfQueue *queue;
    const char *state_dir;
    GQueue pending;     /* of Pending */
    gboolean has_hooks; /* hooks may have reported something */
    PfHookInbox *hooks; /* their events as listed; NULL when all of them are taken in */
    gint64 next_look;   /* when it is listed again unasked, since one could not be read, seconds since the epoch;
                         * G_MAXINT64 for never */
} PfInbox;

/* What was reported: a file, or that a folder was looked at. */
typedef struct {
    PfArrival *arrival;
    char *folder;
    gint64 mark;
} Pending;

static void
pending_free(gpointer data)
{
    Pending *pending = data;

    pf_arrival_free(pending->arrival);
    g_free(pending->folder);
    g_free(pending);
}

/* --- reporting --- */

static void
push_arrival(PfInbox *inbox, PfArrival *arrival)
{
    Pending *pending = g_new0(Pending, 1);

    pending->arrival = arrival;
    g_queue_push_tail(&inbox->pending, pending);
}

/* Tells of a finished file; see PfArrival. All of it is copied. */
static void
pf_inbox_add_file(PfInbox *inbox, const PfWatchFile *file)
{
    PfArrival *arrival = pf_arrival_new();

    arrival->source = PF_SOURCE_WATCH;
    arrival->path = g_strdup(file->path);
    arrival->former = g_strdup(file->old_name);
    arrival->size = file->size;
    arrival->changed = file->changed;
    arrival->seen = arrival->next_try = pf_clock_now();
    push_arrival(inbox, arrival);
}

/* Tells that all of a folder was looked at, as of @mark; see pf_arrival_save_marks(). */
static void
pf_inbox_add_mark(PfInbox *inbox, const char *folder, gint64 mark)
{
    Pending *pending = g_new0(Pending, 1);

    pending->folder = g_strdup(folder);
    pending->mark = mark;
    g_queue_push_tail(&inbox->pending, pending);
}

/* Whether so much was reported that it should be written before more is taken: memory is not to grow with a mass of
 * files. */
static gboolean
pf_inbox_is_full(const PfInbox *inbox)
{
    return inbox->pending.length >= 2 * PF_BATCH_ARRIVALS;
}

/* Whether all is written. */
static gboolean
pf_inbox_is_empty(const PfInbox *inbox)
{
    return inbox->pending.length == 0 && !inbox->has_hooks && !inbox->hooks;
}

/* --- writing --- */

/* What cannot be read is logged, and is no failure. Returns: (transfer full) (nullable). */
static PfHookInbox *
open_hooks(const char *state_dir)
{
    g_autoptr(GError) failure = NULL;
    PfHookInbox *hooks = pf_hook_inbox_open(state_dir, &failure);

    if (!hooks)
        g_warning(_("%s; events from hooks stay there"), failure->message);
    return hooks;
}

gboolean
pf_inbox_collect(PfQueue *queue, const char *state_dir, guint *taken, GError **error)
{
    g_autoptr(PfHookInbox) hooks = open_hooks(state_dir);
    guint batch;

    *taken = 0;
    while (hooks && !pf_hook_inbox_is_done(hooks)) {
        if (!pf_hook_inbox_take(hooks, queue, PF_BATCH_ARRIVALS, &batch, error))
            return FALSE;
        *taken += batch;
    }
    return TRUE;
}

/* How long it is kept what became of a file, for how long a file waits for the user, and how long it is kept on which
 * day an entry counts, seconds: a clock that was a month ahead and is put right finds the present days untouched. */
#define KEEP ((gint64)90 * 86400)
#define GIVE_UP_AFTER ((gint64)366 * 86400)
#define KEEP_DAYS ((gint64)40 * 86400)

gboolean
pf_ingest_forget_old(PfQueue *queue, GError **error)
{
    g_autoptr(PfTransaction) transaction = pf_queue_begin(queue, error);
    gint64 now = pf_clock_now();
    guint given_up = 0;

    if (!transaction || !pf_arrival_date(queue, now, error) ||
        !pf_arrival_give_up(queue, now - GIVE_UP_AFTER, &given_up, error) ||
        !pf_arrival_forget(queue, now - KEEP, error) || !pf_queue_forget_days(queue, now - KEEP_DAYS, error) ||
        !pf_transaction_commit(g_steal_pointer(&transaction), error))
        return FALSE;
    if (given_up > 0)
        g_message(ngettext("%u file whose episode was not found for a year is no longer listed",
                           "%u files whose episode was not found for a year are no longer listed", given_up),
                  given_up);
    return TRUE;
}

/* Takes in a batch of events from hooks. */
static gboolean
write_hooks(PfInbox *inbox, GError **error)
{
    gint64 now = pf_clock_now();
    guint taken;

    /* A look that is further off is from before the clock was set back. */
    gboolean is_time =
        inbox->next_look != G_MAXINT64 && (inbox->next_look <= now || inbox->next_look > now + HOOKS_WAIT);
    if (!inbox->hooks && (inbox->has_hooks || is_time)) {
        inbox->has_hooks = FALSE;
        inbox->next_look = G_MAXINT64;
        inbox->hooks = open_hooks(inbox->state_dir);
        if (!inbox->hooks)
            inbox->next_look = now + HOOKS_WAIT;
    }
    if (inbox->hooks && !pf_hook_inbox_take(inbox->hooks, inbox->queue, PF_BATCH_ARRIVALS, &taken, error))
        return FALSE;
    if (inbox->hooks && pf_hook_inbox_has_left(inbox->hooks))
        inbox->next_look = now + HOOKS_WAIT;
    if (inbox->hooks && pf_hook_inbox_is_done(inbox->hooks))
        g_clear_pointer(&inbox->hooks, pf_hook_inbox_free);
    return TRUE;
}

static gboolean
write_mark(PfQueue *queue, const Pending *pending, GError **error)
{
    gint64 first, mark;

    return pf_arrival_load_marks(queue, pending->folder, &first, &mark, error) &&
           pf_arrival_save_marks(queue, pending->folder, first ? first : pending->mark * PF_CLOCK_NANOSECONDS,
                                 MAX(mark, pending->mark), error);
}

static gboolean
write_pending(PfQueue *queue, const Pending *pending, GError **error)
{
    gboolean added;
    gint64 id;

    return pending->arrival ? pf_arrival_add(queue, pending->arrival, &id, &added, error)
                            : write_mark(queue, pending, error);
}

static gboolean
write_batch(PfInbox *inbox, GError **error)
{
    guint written = 0;

    if (inbox->pending.length == 0)
        return TRUE;
    g_autoptr(PfTransaction) transaction = pf_queue_begin(inbox->queue, error);
    if (!transaction)
        return FALSE;
    for (GList *at = inbox->pending.head; at && written < PF_BATCH_ARRIVALS; at = at->next, written++)
        if (!write_pending(inbox->queue, at->data, error))
            return FALSE;
    if (!pf_transaction_commit(g_steal_pointer(&transaction), error))
        return FALSE;
    for (; written > 0; written--)
        pending_free(g_queue_pop_head(&inbox->pending));
    return TRUE;
}

/*
 * Writes a batch of events from hooks, and one of what was reported here.
 *
 * Returns: FALSE with a PF_DATABASE_ERROR set when that fails; it stays pending.
 */
static gboolean
pf_inbox_write(PfInbox *inbox, GError **error)
{
    return write_hooks(inbox, error) && write_batch(inbox, error);
}

/*
 * Writes all that was reported here, before the end. Events from hooks are in files, for the next process.
 *
 * Returns: FALSE with a PF_DATABASE_ERROR set when that fails; it stays pending.
 */
static gboolean
pf_inbox_flush(PfInbox *inbox, GError **error)
{
    while (inbox->pending.length > 0)
        if (!write_batch(inbox, error))
            return FALSE;
    return TRUE;
}

/* --- life --- */

/* Makes an empty one; what it is given must outlive it. */
static PfInbox *
pf_inbox_new(PfQueue *queue, const char *state_dir)
{
    PfInbox *inbox = g_new0(PfInbox, 1);

    inbox->queue = queue;
    inbox->state_dir = state_dir;
    inbox->next_look = G_MAXINT64;
    g_queue_init(&inbox->pending);
    return inbox;
}

static void
pf_inbox_free(PfInbox *inbox)
{
    if (!inbox)
        return;
    g_queue_clear_full(&inbox->pending, pending_free);
    pf_hook_inbox_free(inbox->hooks);
    g_free(inbox);
}

/* How long after a failure of the store it is tried again, seconds. */
#define STORE_WAIT 10

/* While feeds come in all the time, what waits is looked for again so often, seconds. */
#define NEWS_EVERY 60

struct PfIngest {
    PfIngestSettings settings;
    PfAlarm *alarm;
    guint work_source;
    PfInbox *inbox;
    gboolean failing;   /* the store could not be written at the last try */
    gboolean waiting;   /* arrivals are new, or wait for feeds that have not answered since they came */
    gint64 news_due;    /* when what feeds have brought is made use of; G_MAXINT64 when they have brought nothing */
    guint hurried;      /* how many waiting arrivals news last made due */
    gint64 news_used;   /* when waiting arrivals were last made due by news, not by their own time */
    gboolean asked_all; /* all feeds were made due in this round */
    gboolean feeds_due; /* feeds were made due in this round */
    gboolean added;     /* entries were added in this round */
    GHashTable *unsaid; /* ids of arrivals, of gint64: nothing was said of them, since feeds were still to answer */
};

/* --- finding items --- */

/* The feed that a hook names, as a URL. What it names may be anything; a pipe or standard input would be waited for
 * without end. Returns: (transfer full) (nullable): NULL when it is none of the web. */
static char *
dup_named_feed(const PfArrival *arrival)
{
    g_autofree char *url = arrival->feed ? pf_url_dup_typed(arrival->feed) : NULL;

    return url && pf_url_is_web(url) ? g_steal_pointer(&url) : NULL;
}

/* Out of turn, feeds are asked for one file so many times: when it comes, and at its next two tries. Later ones wait
 * for what the feeds bring in their turn. */
#define ASKED_FOR_ONE 3

/* Out of turn, a feed is asked so many times a day, for however many files: for those that may well be its own, and for
 * those of which nothing says whose they are. Music in a watched folder, or all podcasts in one, would have every feed
 * asked for each file. */
#define HURRIED_LIKELY 12
#define HURRIED_ALL 3

/* Adds the ids of the feeds that may hold a file to @ids: the one that was named, else those whose title its folder
 * has. */
static gboolean
list_likely(PfIngest *ingest, const PfArrival *arrival, gint64 now, GArray *ids, GError **error)
{
    PfFeedStore *feeds = ingest->settings.feeds;
    g_autofree char *named = dup_named_feed(arrival);

    if (named) {
        gint64 id = pf_feed_store_add(feeds, named, PF_FEED_ORIGIN_HOOK, now, error);
        if (!id)
            return FALSE;
        g_array_append_val(ids, id);
        return TRUE;
    }
    g_autofree char *root = pf_config_dup_watched_folder(ingest->settings.config, arrival->path);
    g_autoptr(GPtrArray) likely = pf_feed_store_list_for_path(feeds, arrival->path, root, error);
    for (guint i = 0; likely && i < likely->len; i++)
        g_array_append_val(ids, ((PfKnownFeed *)likely->pdata[i])->id);
    return likely != NULL;
}

/* Lets the further pages be read of feeds that may hold a file, and have answered without it. */
static gboolean
ask_pages(PfIngest *ingest, const GArray *ids, gint64 now, GError **error)
{
    const PfFeedsWanted wanted = {.ids = ids, .since = now - PF_CLASSIFY_ASKED_LATELY, .now = now};
    guint due = 0;

    if (ids->len == 0)
        return TRUE;
    if (!pf_feed_store_make_pages_due(ingest->settings.feeds, &wanted, &due, error))
        return FALSE;
    ingest->feeds_due |= due > 0;
    ingest->waiting |= due > 0;
    return TRUE;
}

/* Lets the feeds be asked that may hold a file, else all; and all of them before it is given up. @by_news: what these
 * say was just looked at */
static gboolean
ask_feeds(PfIngest *ingest, const PfArrival *arrival, gboolean by_news, gint64 now, GError **error)
{
    PfFeedStore *feeds = ingest->settings.feeds;
    gboolean is_late = now - arrival->seen >= PF_CLASSIFY_GIVE_UP, unasked;
    g_autoptr(GArray) likely = g_array_new(FALSE, FALSE, sizeof(gint64));
    guint due = 0;

    if (!list_likely(ingest, arrival, now, likely, error) || !ask_pages(ingest, likely, now, error))
        return FALSE;
    PfFeedsWanted wanted = {.ids = likely->len > 0 && !is_late ? likely : NULL,
                            .since = arrival->seen - PF_CLASSIFY_ASKED_LATELY,
                            .now = now};
    /* Whatever others say in the meantime: these have not answered since it came. What is new waits for what comes next
     * from anyone. */
    if (!pf_feed_store_has_unasked(feeds, &wanted, &unasked, error))
        return FALSE;
    ingest->waiting |= unasked || is_late || arrival->tries == 0;
    if (by_news)
        return TRUE;
    if (arrival->tries >= ASKED_FOR_ONE && !is_late) {
        ingest->feeds_due = TRUE; /* those that are in their turn */
        return TRUE;
    }
    if (!wanted.ids && ingest->asked_all)
        return TRUE;
    ingest->asked_all |= !wanted.ids;
    wanted.since = now - (is_late ? PF_CLASSIFY_ASKED_LAST : PF_CLASSIFY_ASKED_LATELY);
    wanted.most = wanted.ids ? HURRIED_LIKELY : HURRIED_ALL;
    if (!pf_feed_store_make_due(feeds, &wanted, &due, error))
        return FALSE;
    ingest->feeds_due |= due > 0;
    return TRUE;
}

/* What the podcatcher's own list says of a file that the watcher found counts as much as what a hook says. Returns:
 * whether the list has its feed, and may have the episode later: some write it long after the file. */
static gboolean
ask_podcatchers(const PfIngest *ingest, PfArrival *arrival)
{
    PfPodcatcherItem item;

    if (arrival->source != PF_SOURCE_WATCH || arrival->enclosure || arrival->guid ||
        !pf_podcatchers_look_up(ingest->settings.config, arrival->path, arrival->former, &item))
        return FALSE;
    g_free(arrival->feed);
    g_free(arrival->title);
    arrival->feed = item.feed;
    arrival->enclosure = item.enclosure;
    arrival->guid = item.guid;
    arrival->title = item.title;
    return !item.enclosure && !item.guid;
}

/* Classifies without a lock, since files and feeds may be slow. */
static gboolean
classify(PfIngest *ingest, PfArrival *arrival, gint64 now, PfClassification *classification, GError **error)
{
    const PfIngestSettings *settings = &ingest->settings;
    gboolean by_news = arrival->tries > 0 && arrival->next_try == ingest->news_used;
    gint64 linked;

    if (!pf_duplicates_find_link(settings->queue, arrival, &linked, error))
        return FALSE;
    if (linked) {
        *classification = (PfClassification){.state = PF_ARRIVAL_MATCHED, .entry = linked};
        return TRUE;
    }
    gboolean is_listed_later = ask_podcatchers(ingest, arrival);
    g_auto(GStrv) neighbours = pf_arrival_list_folder(settings->queue, arrival->path, error);

    const PfClassifyQuestion question = {
        .feeds = settings->feeds, .config = settings->config, .arrival = arrival, .neighbours = neighbours, .now = now};
    if (!neighbours || !pf_classify_arrival(&question, classification, error))
        return FALSE;
    if (is_listed_later && classification->state == PF_ARRIVAL_UNMATCHED && now - arrival->seen < PF_CLASSIFY_GIVE_UP)
        classification->state = PF_ARRIVAL_WAITING;
    /* Looked for again: where no service runs, feeds would never be asked in their turn otherwise. */
    ingest->feeds_due |= arrival->state == PF_ARRIVAL_UNMATCHED;
    if (classification->state != PF_ARRIVAL_WAITING)
        return TRUE;
    if (g_strcmp0(classification->reason, PF_ARRIVAL_STRAY) == 0) {
        ingest->waiting |= arrival->tries == 0;
        return TRUE;
    }
    return ask_feeds(ingest, arrival, by_news, now, error);
}

/* --- what is said --- */

/* That an arrival waits is said when the feeds that may have it have answered, seconds after it came at the latest. */
#define ANSWERS_WAIT 60

/* Whether a feed that may have an arrival has not answered since it came. What cannot be read has. */
static gboolean
awaits_answers(PfIngest *ingest, const PfArrival *arrival, gint64 now)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    PfFeedsWanted wanted = {.since = arrival->seen - PF_CLASSIFY_ASKED_LATELY, .now = now};
    gboolean any = FALSE;

    if (!list_likely(ingest, arrival, now, ids, NULL))
        return FALSE;
    wanted.ids = ids->len > 0 ? ids : NULL;
    return pf_feed_store_has_unasked(ingest->settings.feeds, &wanted, &any, NULL) && any;
}

/* The first word on a file is what came of it, not that it is looked for: most feeds answer within seconds. */
static void
say(PfIngest *ingest, const PfArrival *arrival, gint64 now)
{
    gboolean first = arrival->tries == 1 || g_hash_table_contains(ingest->unsaid, &arrival->id);

    if (first && arrival->state == PF_ARRIVAL_WAITING && now - arrival->seen < ANSWERS_WAIT &&
        (ingest->feeds_due || awaits_answers(ingest, arrival, now))) {
        g_hash_table_add(ingest->unsaid, g_memdup2(&arrival->id, sizeof arrival->id));
        return;
    }
    g_hash_table_remove(ingest->unsaid, &arrival->id);
    pf_event_log_arrival(arrival, first);
}

static gboolean
enqueue(PfIngest *ingest, const GPtrArray *arrivals, const PfClassification *classifications, gint64 now,
        GError **error)
{
    const PfIngestSettings *settings = &ingest->settings;
    PfSubmitted submitted[PF_BATCH_ARRIVALS] = {0};
    gboolean was_unmatched[PF_BATCH_ARRIVALS];
    g_autoptr(PfTransaction) transaction = pf_queue_begin(settings->queue, error);

    if (!transaction || !pf_queue_check_place(settings->queue, error))
        return FALSE;
    for (guint i = 0; i < arrivals->len; i++) {
        was_unmatched[i] = ((PfArrival *)arrivals->pdata[i])->state == PF_ARRIVAL_UNMATCHED;
        if (!pf_enqueue_arrival(settings->queue, settings->config, arrivals->pdata[i], &classifications[i], now,
                                &submitted[i], error))
            return FALSE;
    }
    /* A hook knew what the watcher could not tell, or the other way round. */
    for (guint i = 0; i < arrivals->len; i++)
        if (((PfArrival *)arrivals->pdata[i])->entry &&
            !pf_duplicates_settle(settings->queue, arrivals->pdata[i], classifications[i].item, error))
            return FALSE;
    if (!pf_transaction_commit(g_steal_pointer(&transaction), error))
        return FALSE;
    for (guint i = 0; i < arrivals->len; i++) {
        if (!was_unmatched[i] || ((PfArrival *)arrivals->pdata[i])->state != PF_ARRIVAL_UNMATCHED)
            say(ingest, arrivals->pdata[i], now);
        pf_event_log_submitted(arrivals->pdata[i], &submitted[i]);
        ingest->added |= submitted[i].added;
    }
    return TRUE;
}

/* Whether an arrival is a file that is among those before it under another name: what becomes of that one is not
 * decided yet. */
static gboolean
is_linked_to_one_before(const GPtrArray *due, guint at)
{
    const PfArrival *arrival = due->pdata[at];

    for (guint i = 0; i < at && arrival->inode; i++) {
        const PfArrival *other = due->pdata[i];
        if (other->inode == arrival->inode && other->device == arrival->device &&
            !g_str_equal(other->path, arrival->path))
            return TRUE;
    }
    return FALSE;
}

static gboolean
settle_due(PfIngest *ingest, gint64 now, GError **error)
{
    g_autoptr(GPtrArray) due = pf_arrival_list_due(ingest->settings.queue, now, PF_BATCH_ARRIVALS, error);
    PfClassification classifications[PF_BATCH_ARRIVALS] = {0};
    gboolean settled = due != NULL;

    ingest->asked_all = FALSE;
    for (guint i = 0; settled && i < due->len; i++) {
        settled = classify(ingest, due->pdata[i], now, &classifications[i], error);
        /* The rest is due still, in the next round. */
        if (settled && is_linked_to_one_before(due, i)) {
            pf_classification_clear(&classifications[i]);
            g_ptr_array_set_size(due, (gint)i);
        }
    }
    settled = settled && (due->len == 0 || enqueue(ingest, due, classifications, now, error));
    for (guint i = 0; settled && i < due->len; i++) {
        const PfArrival *arrival = due->pdata[i];
        /* What was matched with what is known already. */
        if (classifications[i].is_stale && arrival->state == PF_ARRIVAL_WAITING)
            settled = ask_feeds(ingest, arrival, FALSE, now, error);
    }
    for (guint i = 0; i < PF_BATCH_ARRIVALS; i++)
        pf_classification_clear(&classifications[i]);
    return settled;
}

/* --- news --- */

static void schedule(PfIngest *ingest);

/* News are made use of at once if a file waits for answers, unless many do, else not more often than every minute. What
 * was there before, the file was looked for in already: to look again would only end its wait. */
static void
note_news(PfIngest *ingest, gboolean is_awaited)
{
    gboolean at_once = is_awaited && ingest->hurried <= PF_BATCH_ARRIVALS;
    gint64 due = at_once || ingest->settings.eager ? 0 : MIN(ingest->news_used, pf_clock_now()) + NEWS_EVERY;

    ingest->news_due = MIN(ingest->news_due, due);
    schedule(ingest);
}

static gboolean
use_news(PfIngest *ingest, gint64 now, GError **error)
{
    /* One that is further off is from before the clock was set back. */
    if (ingest->news_due == G_MAXINT64 || (ingest->news_due > now && ingest->news_due <= now + NEWS_EVERY))
        return TRUE;
    g_autoptr(PfTransaction) transaction = pf_queue_begin(ingest->settings.queue, error);
    if (!transaction ||
        !pf_arrival_hurry(ingest->settings.queue, ingest->settings.eager, now, &ingest->hurried, error) ||
        !pf_transaction_commit(g_steal_pointer(&transaction), error))
        return FALSE;
    ingest->waiting = FALSE;
    ingest->news_due = G_MAXINT64;
    ingest->news_used = now;
    return TRUE;
}

/* --- rounds --- */

static gboolean
work(PfIngest *ingest, gint64 *due, GError **error)
{
    gint64 now = pf_clock_now();

    if (!pf_inbox_write(ingest->inbox, error) || !use_news(ingest, now, error) || !settle_due(ingest, now, error) ||
        !pf_arrival_read_next_due(ingest->settings.queue, now, due, error))
        return FALSE;
    *due = MIN(MIN(*due, ingest->news_due), ingest->inbox->next_look);
    return TRUE;
}

static void
rest(PfIngest *ingest, gint64 due)
{
    pf_alarm_set(ingest->alarm, due);
    ingest->settings.owner->idle(ingest->settings.owner->data);
}

static void
report_round(PfIngest *ingest, const GError *failure)
{
    if (failure && !ingest->failing)
        g_message(_("files are waiting: %s; retrying every %d seconds"), failure->message, STORE_WAIT);
    if (!failure && ingest->failing)
        g_message(_("the database can be written again"));
    ingest->failing = failure != NULL;
    if (failure)
        ingest->settings.owner->failed(failure, ingest->settings.owner->data);
    if (ingest->added && ingest->settings.sending)
        pf_send_service_wake(ingest->settings.sending);
    if (ingest->feeds_due)
        pf_refresher_wake(ingest->settings.refresh);
    ingest->added = ingest->feeds_due = FALSE;
}

static gboolean
work_now(gpointer data)
{
    PfIngest *ingest = data;
    g_autoptr(GError) failure = NULL;
    gint64 due = G_MAXINT64;

    ingest->work_source = 0;
    gboolean worked = work(ingest, &due, &failure);
    report_round(ingest, failure);
    if (!worked)
        pf_alarm_set(ingest->alarm, pf_clock_now() + STORE_WAIT);
    else if (!pf_inbox_is_empty(ingest->inbox) || due <= pf_clock_now())
        schedule(ingest);
    else if (ingest->work_source == 0)
        rest(ingest, due);
    return G_SOURCE_REMOVE;
}

/* Idle, so that what comes together is written together. */
static void
schedule(PfIngest *ingest)
{
    if (ingest->work_source == 0)
        ingest->work_source = g_idle_add(work_now, ingest);
}

static void
alarm_rang(gpointer data)
{
    schedule(data);
}

/* --- what happens --- */

void
pf_ingest_add_file(const PfWatchFile *file, gpointer data)
{
    PfIngest *ingest = data;

    if (file->is_feed) {
        pf_refresher_read_file(ingest->settings.refresh, file->path, file->size, file->changed);
        return;
    }
    pf_inbox_add_file(ingest->inbox, file);
    /* A store that fails is for the next round to find out and to tell. */
    if (pf_inbox_is_full(ingest->inbox) && !ingest->failing)
        pf_inbox_write(ingest->inbox, NULL);
    if (!ingest->failing)
        schedule(ingest);
}

void
pf_ingest_add_played(PfIngest *ingest, PfArrival *arrival)
{
    push_arrival(ingest->inbox, arrival);
    if (!ingest->failing)
        schedule(ingest);
}

void
pf_ingest_add_mark(const char *folder, gint64 mark, gpointer data)
{
    PfIngest *ingest = data;

    pf_inbox_add_mark(ingest->inbox, folder, mark);
    if (!ingest->failing)
        schedule(ingest);
}

void
pf_ingest_note_hooks(PfIngest *ingest)
{
    ingest->inbox->has_hooks = TRUE;
    schedule(ingest);
}

/* Feeds have new items: what was not found is looked for again. A feed on the web is read in its turn, with news or
 * not; a file is read when somebody has changed it, and is not to wait for others. */
static void
feeds_changed(gboolean is_file, gpointer data)
{
    PfIngest *ingest = data;

    note_news(ingest, ingest->waiting || is_file);
}

void
pf_ingest_note_lists(PfIngest *ingest)
{
    note_news(ingest, TRUE);
}

/* Who has just begun to wait for feeds need not wait longer: all have answered. */
static void
feeds_answered(gpointer data)
{
    PfIngest *ingest = data;

    if (ingest->waiting)
        note_news(ingest, TRUE);
}

static void
feeds_heard(gpointer data)
{
    schedule(data);
}

gboolean
pf_ingest_is_idle(const PfIngest *ingest)
{
    return ingest->work_source == 0 && pf_inbox_is_empty(ingest->inbox) && ingest->news_due == G_MAXINT64;
}

gboolean
pf_ingest_finish(PfIngest *ingest, GError **error)
{
    return pf_inbox_flush(ingest->inbox, error);
}

/* --- life --- */

PfIngest *
pf_ingest_new(const PfIngestSettings *settings)
{
    PfIngest *ingest = g_new0(PfIngest, 1);

    ingest->settings = *settings;
    ingest->news_due = G_MAXINT64;
    ingest->alarm = pf_alarm_new(alarm_rang, ingest);
    ingest->inbox = pf_inbox_new(settings->queue, settings->state_dir);
    ingest->unsaid = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    pf_refresher_set_listener(settings->refresh, &(PfRefresherListener){.changed = feeds_changed,
                                                                        .answered = feeds_answered,
                                                                        .heard = feeds_heard,
                                                                        .data = ingest});
    return ingest;
}

void
pf_ingest_free(PfIngest *ingest)
{
    if (!ingest)
        return;
    pf_refresher_set_listener(ingest->settings.refresh, NULL);
    g_clear_handle_id(&ingest->work_source, g_source_remove);
    pf_inbox_free(ingest->inbox);
    pf_alarm_free(ingest->alarm);
    g_hash_table_unref(ingest->unsaid);
    g_free(ingest);
}

void
pf_ingest_set_config(PfIngest *ingest, const PfConfig *config)
{
    ingest->settings.config = config;
}
