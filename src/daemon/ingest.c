/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/ingest.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/url.h"
#include "base/wallclock_timer.h"
#include "daemon/classify.h"
#include "daemon/duplicates.h"
#include "daemon/enqueue.h"
#include "daemon/event_log.h"
#include "daemon/watching.h"
#include "queue/spool.h"

/* How long after something of what hooks have told could not be read it is tried again, seconds. */
#define HOOKS_WAIT 300

struct PfInbox {
    PfQueue *queue;
    const char *state_dir;
    GQueue told;        /* of Told */
    gboolean rung;      /* hooks may have told something */
    PfHookInbox *hooks; /* what they had told when that was listed; NULL when all of it is taken in */
    gint64 again;       /* when it is listed again unasked, seconds since the epoch; G_MAXINT64 for never */
};

/* What was told: a file, or that a folder was looked at. */
typedef struct {
    PfArrival *arrival;
    char *folder;
    gint64 mark;
} Told;

static void
told_free(gpointer data)
{
    Told *told = data;

    pf_arrival_free(told->arrival);
    g_free(told->folder);
    g_free(told);
}

/* --- telling --- */

void
pf_inbox_add_file(PfInbox *inbox, const char *path, const char *former, gint64 size, gint64 changed)
{
    Told *told = g_new0(Told, 1);
    PfArrival *arrival = pf_arrival_new();

    arrival->source = PF_SOURCE_WATCH;
    arrival->path = g_strdup(path);
    arrival->former = g_strdup(former);
    arrival->size = size;
    arrival->changed = changed;
    arrival->seen = arrival->next_try = pf_clock_now();
    told->arrival = arrival;
    g_queue_push_tail(&inbox->told, told);
}

void
pf_inbox_add_mark(PfInbox *inbox, const char *folder, gint64 mark)
{
    Told *told = g_new0(Told, 1);

    told->folder = g_strdup(folder);
    told->mark = mark;
    g_queue_push_tail(&inbox->told, told);
}

void
pf_inbox_ring(PfInbox *inbox)
{
    inbox->rung = TRUE;
}

gboolean
pf_inbox_is_full(const PfInbox *inbox)
{
    return inbox->told.length >= 2 * PF_BATCH_ARRIVALS;
}

gboolean
pf_inbox_is_empty(const PfInbox *inbox)
{
    return inbox->told.length == 0 && !inbox->rung && !inbox->hooks;
}

gint64
pf_inbox_next_look(const PfInbox *inbox)
{
    return inbox->again;
}

/* --- writing --- */

/* What cannot be read is logged, and is no failure. Returns: (transfer full) (nullable). */
static PfHookInbox *
open_hooks(const char *state_dir)
{
    g_autoptr(GError) failure = NULL;
    PfHookInbox *hooks = pf_hook_inbox_open(state_dir, &failure);

    if (!hooks)
        g_warning("%s; what hooks have told waits there", failure->message);
    return hooks;
}

gboolean
pf_inbox_collect(PfQueue *queue, const char *state_dir, guint *taken, GError **error)
{
    g_autoptr(PfHookInbox) hooks = open_hooks(state_dir);
    gboolean left;
    guint batch;

    *taken = 0;
    while (hooks && !pf_hook_inbox_is_done(hooks)) {
        if (!pf_hook_inbox_take(hooks, queue, PF_BATCH_ARRIVALS, &batch, &left, error))
            return FALSE;
        *taken += batch;
    }
    return TRUE;
}

/* Takes in a batch of what hooks have told. */
static gboolean
write_hooks(PfInbox *inbox, GError **error)
{
    gint64 now = pf_clock_now();
    gboolean left = FALSE;
    guint taken;

    if (!inbox->hooks && (inbox->rung || inbox->again <= now)) {
        inbox->rung = FALSE;
        inbox->again = G_MAXINT64;
        inbox->hooks = open_hooks(inbox->state_dir);
        left = !inbox->hooks;
    }
    if (inbox->hooks && !pf_hook_inbox_take(inbox->hooks, inbox->queue, PF_BATCH_ARRIVALS, &taken, &left, error))
        return FALSE;
    if (left)
        inbox->again = now + HOOKS_WAIT;
    if (inbox->hooks && pf_hook_inbox_is_done(inbox->hooks))
        g_clear_pointer(&inbox->hooks, pf_hook_inbox_free);
    return TRUE;
}

static gboolean
write_mark(PfQueue *queue, const Told *told, GError **error)
{
    gint64 first, mark;

    return pf_arrival_load_marks(queue, told->folder, &first, &mark, error) &&
           pf_arrival_save_marks(queue, told->folder, first ? first : told->mark * PF_CLOCK_NANOSECONDS,
                                 MAX(mark, told->mark), error);
}

static gboolean
write_told(PfQueue *queue, const Told *told, GError **error)
{
    gboolean added;
    gint64 id;

    return told->arrival ? pf_arrival_add(queue, told->arrival, &id, &added, error) : write_mark(queue, told, error);
}

static gboolean
write_batch(PfInbox *inbox, GError **error)
{
    guint written = 0;

    if (inbox->told.length == 0)
        return TRUE;
    g_autoptr(PfTransaction) transaction = pf_queue_begin(inbox->queue, error);
    if (!transaction)
        return FALSE;
    for (GList *at = inbox->told.head; at && written < PF_BATCH_ARRIVALS; at = at->next, written++)
        if (!write_told(inbox->queue, at->data, error))
            return FALSE;
    if (!pf_transaction_commit(g_steal_pointer(&transaction), error))
        return FALSE;
    for (; written > 0; written--)
        told_free(g_queue_pop_head(&inbox->told));
    return TRUE;
}

gboolean
pf_inbox_write(PfInbox *inbox, GError **error)
{
    return write_hooks(inbox, error) && write_batch(inbox, error);
}

gboolean
pf_inbox_flush(PfInbox *inbox, GError **error)
{
    while (inbox->told.length > 0)
        if (!write_batch(inbox, error))
            return FALSE;
    return TRUE;
}

/* --- life --- */

PfInbox *
pf_inbox_new(PfQueue *queue, const char *state_dir)
{
    PfInbox *inbox = g_new0(PfInbox, 1);

    inbox->queue = queue;
    inbox->state_dir = state_dir;
    inbox->again = G_MAXINT64;
    g_queue_init(&inbox->told);
    return inbox;
}

void
pf_inbox_free(PfInbox *inbox)
{
    if (!inbox)
        return;
    g_queue_clear_full(&inbox->told, told_free);
    pf_hook_inbox_free(inbox->hooks);
    g_free(inbox);
}

/* Arrivals in one transaction: another program that wants to write waits no longer than for these. */

/* How long after a failure of the store it is tried again, seconds. */
#define STORE_WAIT 10

/* While feeds come in all the time, what waits is looked for again so often, seconds. */
#define HURRY_EVERY 60

struct PfPipeline {
    PfPipelineSettings settings;
    PfAlarm *alarm;
    guint work_source;
    PfInbox *inbox;
    gboolean failing;   /* the store could not be written at the last try */
    gboolean waiting;   /* arrivals began to wait since they were last made due */
    gboolean hurry;     /* feeds have brought something */
    gint64 hurried;     /* when waiting arrivals were last made due by news, not by their own time */
    gboolean asked_all; /* all feeds were made due in this round */
    gboolean feeds_due; /* feeds were made due in this round */
    gboolean added;     /* entries were added in this round */
};

/* --- finding items --- */

/* What a hook names may be anything; a pipe or standard input would be waited for without end. */
static gboolean
names_feed(const PfArrival *arrival)
{
    return arrival->feed && pf_url_is_web(arrival->feed);
}

/* Lets the feeds be asked that may hold a file: the one that was named, those whose title its folder has, else all. */
static gboolean
ask_feeds(PfPipeline *pipeline, const PfArrival *arrival, gint64 now, GError **error)
{
    PfFeedStore *feeds = pipeline->settings.feeds;
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
    gint64 id;
    guint made_due = 0;

    if (names_feed(arrival)) {
        if (!pf_feed_store_add(feeds, arrival->feed, PF_FEED_ORIGIN_HOOK, now, &id, error))
            return FALSE;
        pipeline->feeds_due = TRUE;
        g_array_append_val(ids, id);
    } else {
        g_autofree char *root = pf_watched_folder_dup_of(pipeline->settings.config, arrival->path);
        g_autoptr(GPtrArray) likely = pf_feed_store_list_for_path(feeds, arrival->path, root, error);
        if (!likely)
            return FALSE;
        for (guint i = 0; i < likely->len; i++)
            g_array_append_val(ids, ((PfKnownFeed *)likely->pdata[i])->id);
    }
    if (ids->len == 0 && pipeline->asked_all)
        return TRUE;
    pipeline->asked_all |= ids->len == 0;
    if (!pf_feed_store_make_due(feeds, ids->len > 0 ? ids : NULL, now - PF_JUDGE_ASKED_LATELY, now, &made_due, error))
        return FALSE;
    pipeline->feeds_due |= made_due > 0;
    return TRUE;
}

/* Judges without a lock, since files and feeds may be slow. */
static gboolean
judge(PfPipeline *pipeline, const PfArrival *arrival, gint64 now, PfJudgement *judgement, GError **error)
{
    const PfPipelineSettings *settings = &pipeline->settings;
    gboolean by_news = arrival->tries > 0 && arrival->next_try == pipeline->hurried;

    if (!pf_judge_arrival(settings->feeds, settings->config, arrival, now, judgement, error))
        return FALSE;
    return judgement->state != PF_ARRIVAL_WAITING || by_news || ask_feeds(pipeline, arrival, now, error);
}

static gboolean
admit(PfPipeline *pipeline, const GPtrArray *arrivals, const PfJudgement *judgements, gint64 now, GError **error)
{
    const PfPipelineSettings *settings = &pipeline->settings;
    PfSubmitted submitted[PF_BATCH_ARRIVALS] = {0};
    g_autoptr(PfTransaction) transaction = pf_queue_begin(settings->queue, error);

    if (!transaction)
        return FALSE;
    for (guint i = 0; i < arrivals->len; i++)
        if (!pf_admit_arrival(settings->queue, settings->config, arrivals->pdata[i], &judgements[i], now, &submitted[i],
                              error))
            return FALSE;
    /* A hook knew what the watcher could not tell, or the other way round. */
    for (guint i = 0; i < arrivals->len; i++)
        if (((PfArrival *)arrivals->pdata[i])->entry &&
            !pf_same_file_settle(settings->queue, arrivals->pdata[i], judgements[i].item, error))
            return FALSE;
    if (!pf_transaction_commit(g_steal_pointer(&transaction), error))
        return FALSE;
    for (guint i = 0; i < arrivals->len; i++) {
        pf_tell_arrival(arrivals->pdata[i]);
        pf_tell_submitted(arrivals->pdata[i], &submitted[i]);
        pipeline->added |= submitted[i].added;
    }
    return TRUE;
}

/* Whether what feeds answer next is of use to an arrival: it is new, or some have answered and others have not. */
static gboolean
waits_for_answers(const PfArrival *arrival)
{
    return arrival->state == PF_ARRIVAL_WAITING && (arrival->tries == 1 || g_strcmp0(arrival->reason, "asking") == 0);
}

static gboolean
settle_due(PfPipeline *pipeline, gint64 now, GError **error)
{
    g_autoptr(GPtrArray) due = pf_arrival_list_due(pipeline->settings.queue, now, PF_BATCH_ARRIVALS, error);
    PfJudgement judgements[PF_BATCH_ARRIVALS] = {0};
    gboolean settled = due != NULL;

    pipeline->asked_all = FALSE;
    for (guint i = 0; settled && i < due->len; i++)
        settled = judge(pipeline, due->pdata[i], now, &judgements[i], error);
    settled = settled && (due->len == 0 || admit(pipeline, due, judgements, now, error));
    for (guint i = 0; settled && i < due->len; i++) {
        const PfArrival *arrival = due->pdata[i];
        pipeline->waiting |= waits_for_answers(arrival);
        /* What was matched with what is known already. */
        if (judgements[i].is_stale && arrival->state == PF_ARRIVAL_WAITING)
            settled = ask_feeds(pipeline, arrival, now, error);
    }
    for (guint i = 0; i < PF_BATCH_ARRIVALS; i++)
        pf_judgement_clear(&judgements[i]);
    return settled;
}

/* --- news --- */

/* When news are made use of: at once by who has just begun to wait for them, else not more often than every minute. */
static gint64
hurry_time(const PfPipeline *pipeline)
{
    if (!pipeline->hurry)
        return G_MAXINT64;
    return pipeline->waiting || pipeline->settings.eager ? 0 : pipeline->hurried + HURRY_EVERY;
}

static gboolean
hurry(PfPipeline *pipeline, gint64 now, GError **error)
{
    if (hurry_time(pipeline) > now)
        return TRUE;
    g_autoptr(PfTransaction) transaction = pf_queue_begin(pipeline->settings.queue, error);
    if (!transaction || !pf_arrival_hurry(pipeline->settings.queue, now, error) ||
        !pf_transaction_commit(g_steal_pointer(&transaction), error))
        return FALSE;
    pipeline->hurry = pipeline->waiting = FALSE;
    pipeline->hurried = now;
    return TRUE;
}

/* --- rounds --- */

static void schedule(PfPipeline *pipeline);

static gboolean
work(PfPipeline *pipeline, gint64 *due, GError **error)
{
    gint64 now = pf_clock_now();

    if (!pf_inbox_write(pipeline->inbox, error) || !hurry(pipeline, now, error) || !settle_due(pipeline, now, error) ||
        !pf_arrival_read_next_due(pipeline->settings.queue, due, error))
        return FALSE;
    *due = MIN(MIN(*due, hurry_time(pipeline)), pf_inbox_next_look(pipeline->inbox));
    return TRUE;
}

static void
rest(PfPipeline *pipeline, gint64 due)
{
    pf_alarm_set(pipeline->alarm, due);
    pipeline->settings.rested(pipeline->settings.data);
}

static void
report_round(PfPipeline *pipeline, const GError *failure)
{
    if (failure && !pipeline->failing)
        g_message("files wait: %s; tried again every %d seconds", failure->message, STORE_WAIT);
    if (!failure && pipeline->failing)
        g_message("the store can be written again");
    pipeline->failing = failure != NULL;
    if (failure)
        pipeline->settings.failed(failure, pipeline->settings.data);
    if (pipeline->added)
        pipeline->settings.queued(pipeline->settings.data);
    if (pipeline->feeds_due)
        pipeline->settings.needs(pipeline->settings.data);
    pipeline->added = pipeline->feeds_due = FALSE;
}

static gboolean
work_now(gpointer data)
{
    PfPipeline *pipeline = data;
    g_autoptr(GError) failure = NULL;
    gint64 due = G_MAXINT64;

    pipeline->work_source = 0;
    gboolean worked = work(pipeline, &due, &failure);
    report_round(pipeline, failure);
    if (!worked)
        pf_alarm_set(pipeline->alarm, pf_clock_now() + STORE_WAIT);
    else if (!pf_inbox_is_empty(pipeline->inbox) || due <= pf_clock_now())
        schedule(pipeline);
    else if (pipeline->work_source == 0)
        rest(pipeline, due);
    return G_SOURCE_REMOVE;
}

/* Idle, so that what comes together is written together. */
static void
schedule(PfPipeline *pipeline)
{
    if (pipeline->work_source == 0)
        pipeline->work_source = g_idle_add(work_now, pipeline);
}

static void
alarm_rang(gpointer data)
{
    schedule(data);
}

/* --- what happens --- */

void
pf_pipeline_tell(PfPipeline *pipeline, const char *path, const char *former, gint64 size, gint64 changed)
{
    pf_inbox_add_file(pipeline->inbox, path, former, size, changed);
    /* A store that fails is for the next round to find out and to tell. */
    if (pf_inbox_is_full(pipeline->inbox) && !pipeline->failing)
        pf_inbox_write(pipeline->inbox, NULL);
    if (!pipeline->failing)
        schedule(pipeline);
}

void
pf_pipeline_mark(PfPipeline *pipeline, const char *folder, gint64 mark)
{
    pf_inbox_add_mark(pipeline->inbox, folder, mark);
    if (!pipeline->failing)
        schedule(pipeline);
}

void
pf_pipeline_wake(PfPipeline *pipeline)
{
    pf_inbox_ring(pipeline->inbox);
    schedule(pipeline);
}

void
pf_pipeline_hurry(PfPipeline *pipeline)
{
    pipeline->hurry = TRUE;
    schedule(pipeline);
}

void
pf_pipeline_answer(PfPipeline *pipeline)
{
    if (pipeline->waiting)
        pf_pipeline_hurry(pipeline);
}

gboolean
pf_pipeline_is_idle(const PfPipeline *pipeline)
{
    return pipeline->work_source == 0 && pf_inbox_is_empty(pipeline->inbox) && !pipeline->hurry;
}

gboolean
pf_pipeline_finish(PfPipeline *pipeline, GError **error)
{
    return pf_inbox_flush(pipeline->inbox, error);
}

/* --- life --- */

PfPipeline *
pf_pipeline_new(const PfPipelineSettings *settings)
{
    PfPipeline *pipeline = g_new0(PfPipeline, 1);

    pipeline->settings = *settings;
    pipeline->alarm = pf_alarm_new(alarm_rang, pipeline);
    pipeline->inbox = pf_inbox_new(settings->queue, settings->state_dir);
    return pipeline;
}

void
pf_pipeline_free(PfPipeline *pipeline)
{
    if (!pipeline)
        return;
    g_clear_handle_id(&pipeline->work_source, g_source_remove);
    pf_inbox_free(pipeline->inbox);
    pf_alarm_free(pipeline->alarm);
    g_free(pipeline);
}

void
pf_pipeline_set_config(PfPipeline *pipeline, const PfConfig *config)
{
    pipeline->settings.config = config;
}
