/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/sender.h"

#include "base/clock.h"
#include "base/crash.h"
#include "base/i18n.h"
#include "base/main_loop.h"
#include "base/version.h"
#include "flattr/transfer.h"
#include "net/multi.h"
#include "queue/edit.h"
#include "queue/queue_private.h"
#include "queue/reconcile.h"
#include "queue/submit.h"
#include "queue/verdict.h"

/*
 * The sender's entries between the store and the wire: those that were taken and wait to be sent, and those whose
 * verdict is known and waits to be written. Both change in one transaction, so that one commit serves many entries.
 *
 * An entry taken is committed as `sending` before it is given out. How far ahead entries are taken follows the pace at
 * which the server answers: a slow server leaves next to nothing in doubt when the program is killed. One thread.
 */

/* How many entries may be taken beyond those under way. After a crash they are in doubt like the others. */
#define AHEAD_MOST 28

/* How far around the turn of a month, by our clock, the server's month may turn, seconds. */
#define MONTH_TURN ((gint64)600)

/* A verdict is written with others, but does not wait for them longer than this, milliseconds. */
#define VERDICT_WAIT 100

typedef struct {
    PfEntry *entry;
    gboolean is_answer;
    char *told;
} Verdict;

typedef struct {
    const PfSenderSettings *settings;
    PfAccount *account;
    GQueue ahead;        /* of PfEntry: committed as `sending`, but not given out yet */
    GPtrArray *verdicts; /* of Verdict */
    gboolean has_dated;  /* the doubts of this run from before the server told the time have got it */
    gint64 committed;    /* when last, by the monotonic clock, microseconds */
} PfBatch;

static void
verdict_free(gpointer data)
{
    Verdict *verdict = data;

    pf_entry_free(verdict->entry);
    g_free(verdict->told);
    g_free(verdict);
}

/* Makes an empty batch. @settings and @account must outlive it. */
static PfBatch *
pf_batch_new(const PfSenderSettings *settings, PfAccount *account)
{
    PfBatch *batch = g_new0(PfBatch, 1);

    batch->settings = settings;
    batch->account = account;
    batch->verdicts = g_ptr_array_new_with_free_func(verdict_free);
    return batch;
}

static void
pf_batch_free(PfBatch *batch)
{
    if (!batch)
        return;
    g_queue_clear_full(&batch->ahead, (GDestroyNotify)pf_entry_free);
    g_ptr_array_unref(batch->verdicts);
    g_free(batch);
}

/*
 * Forgets what was taken, at the start of a run. Entries are left over only when the store failed: either their commit
 * did not come about, so that they are due still, or they were adopted as orphans. Given out now, those would leave
 * without having been committed as `sending`, and be taken once more.
 */
static void
pf_batch_forget_taken(PfBatch *batch)
{
    g_queue_clear_full(&batch->ahead, (GDestroyNotify)pf_entry_free);
    batch->has_dated = FALSE;
}

/*
 * Notes a verdict, to be written with the next commit.
 *
 * @entry: (transfer full): as it is to be written
 * @is_answer: whether this is the answer to a flattr, or that to the question whether it had been carried out
 * @told: (transfer full): for the entry's history
 */
static void
pf_batch_add_verdict_take(PfBatch *batch, PfEntry *entry, gboolean is_answer, char *told)
{
    Verdict *verdict = g_new0(Verdict, 1);

    verdict->entry = entry;
    verdict->is_answer = is_answer;
    verdict->told = told;
    g_ptr_array_add(batch->verdicts, verdict);
}

/* How long the verdicts may still wait for others, milliseconds; -1 when there are none. */
static gint64
pf_batch_get_delay(const PfBatch *batch)
{
    if (batch->verdicts->len == 0)
        return -1;
    return MAX(VERDICT_WAIT - (g_get_monotonic_time() - batch->committed) / 1000, 0);
}

/* Whether every entry that was taken has been given out. */
static gboolean
pf_batch_is_empty(const PfBatch *batch)
{
    return batch->ahead.length == 0;
}

/* --- the transaction --- */

/* An entry that is only asked about is not `sending`, so that the user may have held or dropped it meanwhile, which
 * stands; but what turned out to be paid is paid. */
static gboolean
check_overtaken(PfQueue *queue, const Verdict *verdict, gboolean *overtaken, GError **error)
{
    g_autoptr(PfEntry) now = NULL;

    *overtaken = FALSE;
    if (verdict->is_answer || verdict->entry->state == PF_ENTRY_FLATTRED)
        return TRUE;
    if (!pf_queue_read(queue, verdict->entry->id, &now, error))
        return FALSE;
    *overtaken = now && now->state != PF_ENTRY_QUEUED && now->state != PF_ENTRY_SENDING;
    return TRUE;
}

static gboolean
write_verdicts(PfBatch *batch, gint64 now, GError **error)
{
    PfQueue *queue = batch->settings->queue;
    gboolean overtaken;

    for (guint i = 0; i < batch->verdicts->len;) {
        const Verdict *verdict = batch->verdicts->pdata[i];
        if (!check_overtaken(queue, verdict, &overtaken, error))
            return FALSE;
        if (overtaken)
            g_ptr_array_remove_index(batch->verdicts, i);
        else if (pf_queue_settle(queue, verdict->entry,
                                 pf_event_of(verdict->is_answer ? "answer" : "asked", verdict->told, now), error))
            i++;
        else
            return FALSE;
    }
    return TRUE;
}

static gboolean
may_go_on(PfBatch *batch, gboolean stopping, gint64 now, gboolean *go_on, GError **error)
{
    gboolean paused = FALSE;

    *go_on = FALSE;
    if (stopping || pf_account_count_allowed(batch->account, 1, now) == 0)
        return TRUE;
    if (!pf_queue_read_paused(batch->settings->queue, &paused, error))
        return FALSE;
    *go_on = !paused;
    return TRUE;
}

static gboolean
put_back(PfBatch *batch, gint64 now, GError **error)
{
    while (batch->ahead.length > 0) {
        g_autoptr(PfEntry) entry = g_queue_pop_head(&batch->ahead);

        entry->state = PF_ENTRY_QUEUED;
        entry->attempts--;
        if (!entry->doubt)
            entry->doubt_server = 0;
        if (!pf_queue_settle(batch->settings->queue, entry, pf_event_of("not_sent", NULL, now), error))
            return FALSE;
    }
    return TRUE;
}

/* As many as the server has just answered twice over, so that a slow one leaves little in doubt when a crash comes; and
 * none while the month turns, since what was not even sent would be held as unknown then. */
static guint
count_ahead(const PfBatch *batch, gint64 now)
{
    if (pf_clock_month_start(now - MONTH_TURN) != pf_clock_month_start(now + MONTH_TURN))
        return 0;
    return MIN(2 * batch->verdicts->len, AHEAD_MOST);
}

/* How many more entries may be taken now. */
static gboolean
count_room(PfBatch *batch, guint busy, gint64 now, gint64 *room, GError **error)
{
    const PfSenderSettings *settings = batch->settings;
    guint most = settings->in_flight + count_ahead(batch, now);
    gint64 taken = (gint64)busy + batch->ahead.length;
    gint64 paid = 0;

    *room = MAX((gint64)pf_account_count_allowed(batch->account, most, now) - taken, 0);
    if (*room == 0 || settings->config->per_month == 0)
        return TRUE;
    if (!pf_queue_count_paid_since(settings->queue, pf_clock_month_start(now), &paid, error))
        return FALSE;
    gint64 left = settings->config->per_month - paid - taken;
    if (left <= 0 && taken == 0)
        pf_account_close_for_month(batch->account, now);
    *room = CLAMP(left, 0, *room);
    return TRUE;
}

/* Writes it down if the entry that is due must not be sent after all. Returns whether it may be. */
static gboolean
may_send(PfBatch *batch, PfEntry *entry, gint64 now, GError **error)
{
    const PfSenderSettings *settings = batch->settings;
    const PfDoubtTerms terms = pf_account_get_terms(batch->account, entry, now);

    if (pf_settle_doubt(entry, &terms) && pf_submit_review(settings->config, entry, now))
        return TRUE;
    /* That it is asked about once more is nothing new for its history. */
    if (entry->state == PF_ENTRY_QUEUED)
        pf_queue_update(settings->queue, entry, error);
    else
        pf_queue_settle(settings->queue, entry, pf_event_of(pf_entry_state_name(entry->state), NULL, now), error);
    return FALSE;
}

/* A probe that may have been paid is asked about before another entry becomes the next probe: else each of them would
 * leave a doubt behind. */
static gboolean
asks_before_probe(PfBatch *batch, gint64 now, GError **error)
{
    if (pf_account_check(batch->account, now) != PF_GATE_PROBE)
        return FALSE;
    g_autoptr(GPtrArray) doubtful = pf_queue_list_doubtful(batch->settings->queue, now, 1, error);
    return doubtful && doubtful->len > 0;
}

static gboolean
take_next(PfBatch *batch, guint busy, gint64 now, GError **error)
{
    PfQueue *queue = batch->settings->queue;
    g_autoptr(GError) failure = NULL;
    gint64 room = 0;

    if (!asks_before_probe(batch, now, &failure) && !failure)
        count_room(batch, busy, now, &room, &failure);
    while (room > 0 && !failure) {
        g_autoptr(PfEntry) entry = pf_queue_find_due(queue, now, &failure);
        if (!entry)
            break;
        if (!may_send(batch, entry, now, &failure))
            continue;
        /* What the server's clock shows is noted before anything can go wrong. */
        if (!entry->doubt)
            entry->doubt_server = pf_account_get_server_time(batch->account, now);
        if (pf_queue_claim(queue, entry, pf_account_get_fingerprint(batch->account), now, &failure)) {
            g_queue_push_tail(&batch->ahead, g_steal_pointer(&entry));
            room--;
        }
    }
    if (!failure)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

/* The first request of a run may be lost before the server has told the time once. */
static gboolean
date_doubts(PfBatch *batch, gint64 now, GError **error)
{
    gint64 server_now = pf_account_get_server_time(batch->account, now);

    if (batch->has_dated || !server_now)
        return TRUE;
    batch->has_dated = TRUE;
    return pf_queue_date_doubts(batch->settings->queue, pf_account_get_steady_since(batch->account, now),
                                server_now - now, error);
}

static void
tell_progress(const PfBatch *batch)
{
    for (guint i = 0; i < batch->verdicts->len && batch->settings->progress; i++) {
        const Verdict *verdict = batch->verdicts->pdata[i];
        if (verdict->is_answer || verdict->entry->state != PF_ENTRY_QUEUED)
            batch->settings->progress(verdict->entry, batch->settings->data);
    }
}

/*
 * Writes the verdicts and the account and takes the next entries, in one transaction. What was taken and must not be
 * sent after all (the gate has closed, the user has paused, @stopping) goes back to its place. Calls the settings'
 * progress function.
 *
 * @busy: requests under way
 *
 * Returns: FALSE with @error set when the store failed: then nothing of it counts, and nothing more must be sent.
 */
static gboolean
pf_batch_commit(PfBatch *batch, guint busy, gboolean stopping, gint64 now, GError **error)
{
    PfQueue *queue = batch->settings->queue;
    g_autoptr(PfTransaction) transaction = pf_queue_begin(queue, error);
    gboolean go_on = FALSE;

    /* Into a file that was moved away or deleted nothing is noted that anybody would find again. */
    if (!transaction || !pf_queue_check_place(queue, error) || !write_verdicts(batch, now, error) ||
        !date_doubts(batch, now, error) || !may_go_on(batch, stopping, now, &go_on, error) ||
        !(go_on ? take_next(batch, busy, now, error) : put_back(batch, now, error)) ||
        !pf_account_save(batch->account, queue, error) || !pf_transaction_commit(g_steal_pointer(&transaction), error))
        return FALSE;
    PF_CRASH_POINT();
    batch->committed = g_get_monotonic_time();
    tell_progress(batch);
    g_ptr_array_set_size(batch->verdicts, 0);
    return TRUE;
}

/*
 * Gives out the next entry to be sent, if one more may be under way.
 *
 * Returns: (transfer full) (nullable): the entry, committed as `sending`.
 */
static PfEntry *
pf_batch_next(PfBatch *batch, guint busy, gint64 now)
{
    while (batch->ahead.length > 0 &&
           pf_account_count_allowed(batch->account, batch->settings->in_flight, now) > busy) {
        PfEntry *entry = g_queue_pop_head(&batch->ahead);

        /* The month may have turned since it was taken. */
        const PfDoubtTerms terms = pf_account_get_terms(batch->account, entry, now);
        if (pf_settle_doubt(entry, &terms))
            return entry;
        entry->attempts--;
        pf_batch_add_verdict_take(batch, entry, FALSE, g_strdup(_("the month has turned")));
    }
    return NULL;
}

/* How long a stopping sender waits for the answers that are under way. */
#define STOP_SECONDS 4

/* One sender, which is started again and again by the loop below. */
typedef struct PfSender PfSender;

/* Is called once when there is nothing more to do now; @error is NULL or what broke (the store, mostly). */
typedef void (*PfSenderDone)(const GError *error, gpointer data);

/* A place for one request at a time; its handle keeps the connection. */
typedef struct {
    PfSender *sender;
    CURL *handle;
    FlattrTransfer *transfer; /* NULL: the slot is free */
    PfEntry *entry;           /* what is being sent; NULL in the slot of the inquiry */
    gint64 sent;
    gboolean is_probe;
    gboolean given_up; /* by us: its end says nothing about the server */
} Slot;

struct PfSender {
    PfSenderSettings settings;
    PfAccount *account;
    PfBatch *batch;
    PfInquiry *inquiry;
    PfMulti *multi;
    GPtrArray *slots;   /* of Slot, for flattrs */
    Slot *inquiry_slot; /* for questions about doubts */
    gboolean reach_now; /* the next start may try a server that could not be reached */
    gboolean stopping;
    guint pump_source;
    guint delay_source; /* runs when the verdicts have waited long enough */
    guint stop_source;
    GError *failure;
    PfSenderDone done;
    gpointer done_data;
};

static void schedule_pump(PfSender *sender);

/* --- life --- */

static Slot *
slot_new(PfSender *sender)
{
    Slot *slot = g_new0(Slot, 1);

    slot->sender = sender;
    slot->handle = flattr_transfer_new_handle(PF_USER_AGENT);
    flattr_transfer_set_ca_file(slot->handle, sender->settings.config->ca_file);
    return slot;
}

static void
slot_free(gpointer data)
{
    Slot *slot = data;

    curl_easy_cleanup(slot->handle);
    pf_entry_free(slot->entry);
    g_free(slot);
}

/* Makes a sender; the settings are copied, what they point to must outlive it. */
static PfSender *
pf_sender_new(const PfSenderSettings *settings)
{
    PfSender *sender = g_new0(PfSender, 1);

    sender->settings = *settings;
    sender->reach_now = settings->by_hand;
    sender->account = pf_account_new(settings->endpoint, settings->token);
    sender->batch = pf_batch_new(&sender->settings, sender->account);
    sender->inquiry = pf_inquiry_new(sender->account);
    sender->multi = pf_multi_new();
    sender->slots = g_ptr_array_new_with_free_func(slot_free);
    for (guint i = 0; i < settings->in_flight; i++)
        g_ptr_array_add(sender->slots, slot_new(sender));
    sender->inquiry_slot = slot_new(sender);
    return sender;
}

static void
pf_sender_free(PfSender *sender)
{
    if (!sender)
        return;
    g_clear_handle_id(&sender->pump_source, g_source_remove);
    g_clear_handle_id(&sender->delay_source, g_source_remove);
    g_clear_handle_id(&sender->stop_source, g_source_remove);
    g_ptr_array_unref(sender->slots);
    slot_free(sender->inquiry_slot);
    pf_multi_free(sender->multi);
    pf_inquiry_free(sender->inquiry);
    pf_batch_free(sender->batch);
    pf_account_free(sender->account);
    g_clear_error(&sender->failure);
    g_free(sender);
}

/* Requests that are under way. An inquiry is one of those that the rate limit leaves, like an entry. */
static guint
count_busy(const PfSender *sender)
{
    guint busy = sender->inquiry_slot->transfer != NULL;

    for (guint i = 0; i < sender->slots->len; i++)
        busy += ((Slot *)sender->slots->pdata[i])->transfer != NULL;
    return busy;
}

static Slot *
find_free_slot(PfSender *sender)
{
    for (guint i = 0; i < sender->slots->len; i++) {
        Slot *slot = sender->slots->pdata[i];
        if (!slot->transfer)
            return slot;
    }
    g_assert_not_reached();
}

/* --- answers --- */

static void
take_flattr(Slot *slot, const PfExchange *exchange)
{
    PfAccount *account = slot->sender->account;
    FlattrReply *reply = exchange->reply;
    PfAnswer answer = pf_answer_describe(reply, exchange->transport, pf_account_is_trusted(account));
    PfEntry *entry = g_steal_pointer(&slot->entry);
    g_autoptr(FlattrThing) thing = answer.accepted ? flattr_reply_read_flattr(reply, NULL) : NULL;
    gint64 now = exchange->ended;

    gboolean is_other = thing && !pf_answer_is_thing(entry->key, thing);
    answer.accepted = answer.accepted && !is_other;
    PfOutcome outcome = pf_outcome_read(&answer);
    /* One cached answer for every flattr would otherwise end them all. */
    if (is_other)
        outcome.reason = "another_thing";
    char *told = is_other ? g_strdup_printf(_("%s: the server answered for another thing, %s"),
                                            pf_verdict_name(outcome.verdict), flattr_thing_get_url(thing))
                          : pf_answer_tell(reply, exchange->transport, outcome.verdict);

    g_debug("#%" G_GINT64_FORMAT " %s: %s", entry->id, entry->key, told);
    pf_settle_entry(entry, &outcome, slot->sent, now, g_random_double());
    if (outcome.verdict == PF_VERDICT_DONE)
        pf_answer_take_thing(entry, reply);
    pf_account_note_clock(account, reply, now);
    (void)pf_settle_month(entry, now, pf_account_get_server_time(account, now));
    if (!exchange->given_up)
        pf_account_learn(account, &outcome, exchange->is_probe, reply, now);
    pf_batch_add_verdict_take(slot->sender->batch, entry, TRUE, told);
}

static void
take_page(PfSender *sender, const PfExchange *exchange)
{
    g_autofree char *told = NULL;
    g_autoptr(GPtrArray) entries = pf_inquiry_take_answer(sender->inquiry, exchange, &told);

    while (entries && entries->len > 0) {
        PfEntry *entry = g_ptr_array_steal_index(entries, 0);
        const char *found = entry->state == PF_ENTRY_FLATTRED ? _("it is among the user's flattrs")
                                                              : _("it is not among the user's flattrs");
        pf_batch_add_verdict_take(sender->batch, entry, FALSE, g_strdup(told ? told : found));
    }
}

static void
finish_slot(Slot *slot, CURLcode code)
{
    g_autoptr(GError) transport = NULL;
    g_autoptr(FlattrReply) reply = flattr_transfer_finish(g_steal_pointer(&slot->transfer), code, &transport);

    const PfExchange exchange = {.reply = reply,
                                 .transport = transport,
                                 .is_probe = slot->is_probe,
                                 .given_up = slot->given_up,
                                 .ended = pf_clock_now()};

    PF_CRASH_POINT();
    if (slot->entry)
        take_flattr(slot, &exchange);
    else
        take_page(slot->sender, &exchange);
}

static void
answered(CURL *handle, CURLcode code, gpointer data)
{
    Slot *slot = data;

    (void)handle;
    finish_slot(slot, code);
    schedule_pump(slot->sender);
}

/* --- requests --- */

static void
send_request(Slot *slot, FlattrRequest *request, gint64 now)
{
    PfSender *sender = slot->sender;

    PF_CRASH_POINT();
    slot->sent = now;
    slot->is_probe = pf_account_check(sender->account, now) == PF_GATE_PROBE;
    slot->transfer =
        flattr_transfer_begin_take(slot->handle, sender->settings.endpoint, request, sender->settings.token);
    pf_multi_add(sender->multi, slot->handle, answered, slot);
}

static void
send_entries(PfSender *sender, gint64 now)
{
    PfEntry *entry;

    while (!sender->failure && !sender->stopping && (entry = pf_batch_next(sender->batch, count_busy(sender), now))) {
        Slot *slot = find_free_slot(sender);
        slot->entry = entry;
        send_request(slot, flattr_request_new_flattr_url(entry->url), now);
    }
}

/* Asks about the entries in doubt, once nothing else is to be done. Returns whether there is something to ask. */
static gboolean
ask_about_doubts(PfSender *sender, gint64 now)
{
    FlattrRequest *request = NULL;

    if (sender->failure || sender->stopping ||
        !pf_inquiry_next(sender->inquiry, sender->settings.queue, now, &request, &sender->failure) || !request)
        return FALSE;
    send_request(sender->inquiry_slot, request, now);
    return TRUE;
}

static gboolean
delay_ended(gpointer data)
{
    PfSender *sender = data;

    sender->delay_source = 0;
    schedule_pump(sender);
    return G_SOURCE_REMOVE;
}

/* A commit is due when the next entries are needed, when nothing else is to be done, and when verdicts have waited. */
static void
commit_if_due(PfSender *sender, gint64 now)
{
    guint busy = count_busy(sender);
    gint64 delay = pf_batch_get_delay(sender->batch);

    if (sender->stopping || busy == 0 || pf_batch_is_empty(sender->batch) || delay == 0) {
        g_clear_handle_id(&sender->delay_source, g_source_remove);
        pf_batch_commit(sender->batch, busy, sender->stopping, now, &sender->failure);
    } else if (delay > 0 && sender->delay_source == 0) {
        sender->delay_source = g_timeout_add((guint)delay, delay_ended, sender);
    }
}

static void
pump(PfSender *sender)
{
    gint64 now = pf_clock_now();

    /* First what keeps the server busy while the disk is. After a failure of the store nothing more is written or sent:
     * what is under way stays `sending`, which is the truth. */
    send_entries(sender, now);
    if (!sender->failure)
        commit_if_due(sender, now);
    send_entries(sender, now);
    if (count_busy(sender) > 0 || ask_about_doubts(sender, now))
        return;
    g_clear_handle_id(&sender->stop_source, g_source_remove);
    sender->done(sender->failure, sender->done_data);
}

static gboolean
pump_now(gpointer data)
{
    PfSender *sender = data;

    sender->pump_source = 0;
    pump(sender);
    return G_SOURCE_REMOVE;
}

/* Idle, so that all answers that have come are dealt with in one transaction. */
static void
schedule_pump(PfSender *sender)
{
    if (sender->pump_source == 0)
        sender->pump_source = g_idle_add(pump_now, sender);
}

/* --- start and stop --- */

/* Takes up what an earlier sender has left, and what is known of the account. */
static gboolean
prepare(PfSender *sender, gint64 now)
{
    PfQueue *queue = sender->settings.queue;
    GError **error = &sender->failure;
    PfHurry hurry =
        (sender->reach_now ? PF_HURRY_REACH : 0) | (sender->settings.probe_now ? PF_HURRY_PROBE : PF_HURRY_NONE);
    g_autoptr(PfTransaction) transaction = pf_queue_begin(queue, error);

    return transaction && pf_queue_check_place(queue, error) && pf_queue_adopt_orphans(queue, now, error) &&
           pf_queue_adopt_copy(queue, now, error) && pf_queue_correct_times(queue, now, error) &&
           pf_queue_release_due(queue, now, error) && pf_queue_question_old(queue, now, error) &&
           pf_account_load(sender->account, queue, hurry, now, error) &&
           pf_transaction_commit(g_steal_pointer(&transaction), error);
}

/* Begins to send; @done is called from the main loop, once for each start. May be started again after that. */
static void
pf_sender_start(PfSender *sender, PfSenderDone done, gpointer data)
{
    gint64 now = pf_clock_now();

    sender->done = done;
    sender->done_data = data;
    g_clear_error(&sender->failure);
    pf_batch_forget_taken(sender->batch);
    (void)prepare(sender, now);
    /* Both were asked for once. */
    sender->reach_now = FALSE;
    sender->settings.probe_now = FALSE;
    schedule_pump(sender);
}

/* Lets the next start try a server again that could not be reached, without waiting for its probe. */
static void
pf_sender_forget_unreachable(PfSender *sender)
{
    sender->reach_now = TRUE;
}

static void
give_up_slot(Slot *slot)
{
    if (!slot->transfer)
        return;
    slot->given_up = TRUE;
    pf_multi_remove(slot->sender->multi, slot->handle);
    finish_slot(slot, CURLE_ABORTED_BY_CALLBACK);
}

static gboolean
give_up(gpointer data)
{
    PfSender *sender = data;

    sender->stop_source = 0;
    for (guint i = 0; i < sender->slots->len; i++)
        give_up_slot(sender->slots->pdata[i]);
    give_up_slot(sender->inquiry_slot);
    schedule_pump(sender);
    return G_SOURCE_REMOVE;
}

/* Takes no further entry. What is under way gets some seconds to be answered; the rest becomes unknown. */
static void
pf_sender_stop(PfSender *sender)
{
    if (sender->stopping)
        return;
    sender->stopping = TRUE;
    /* Not g_timeout_add_seconds(), which may come up to a second late. */
    sender->stop_source = g_timeout_add(STOP_SECONDS * 1000, give_up, sender);
    schedule_pump(sender);
}

struct PfSendLoop {
    PfQueue *queue;
    PfSender *sender;
    PfAlarm *alarm;
    PfNetworkWatch *network; /* while the server cannot be reached */
    gboolean running;        /* the sender is at work */
    gboolean again;          /* something came meanwhile that the sender may not have seen */
    gboolean stopping;
    gboolean ended;
    PfSendLoopRunEnded run_ended;
    gpointer data;
};

static void sender_done(const GError *error, gpointer data);

static void
run(PfSendLoop *loop)
{
    loop->running = TRUE;
    loop->again = FALSE;
    pf_alarm_set(loop->alarm, G_MAXINT64);
    pf_sender_start(loop->sender, sender_done, loop);
}

static void
alarm_rang(gpointer data)
{
    PfSendLoop *loop = data;

    if (!loop->running)
        run(loop);
}

static void
network_changed(gpointer data)
{
    PfSendLoop *loop = data;
    g_autofree char *token = NULL;
    PfGate gate;

    if (loop->running || !pf_queue_load_gate(loop->queue, &gate, &token, NULL) || gate.reason != PF_GATE_UNREACHABLE)
        return;
    g_info(_("the network has changed; trying the server again"));
    pf_sender_forget_unreachable(loop->sender);
    run(loop);
}

/* Only while there is a wait that it could end: nothing else is to wake the process up for. */
static void
watch_network(PfSendLoop *loop, PfGateReason reason)
{
    if (reason != PF_GATE_UNREACHABLE)
        g_clear_pointer(&loop->network, pf_network_watch_free);
    else if (!loop->network)
        loop->network = pf_network_watch_new(network_changed, loop);
}

/* When there is something to do again: a shut gate lets nothing but its probe pass, however long entries have been due.
 */
static gboolean
read_wake(PfSendLoop *loop, PfGate *gate, gint64 *wake, GError **error)
{
    g_autofree char *token = NULL;

    /* What is added now goes into the database that is at its place. */
    if (!pf_queue_check_place(loop->queue, error) || !pf_queue_load_gate(loop->queue, gate, &token, error) ||
        !pf_queue_read_next_due(loop->queue, wake, error))
        return FALSE;
    if (gate->reason != PF_GATE_OPEN && *wake != G_MAXINT64)
        *wake = gate->next_probe != 0 ? MAX(gate->next_probe, *wake) : G_MAXINT64;
    return TRUE;
}

static void
sender_done(const GError *error, gpointer data)
{
    PfSendLoop *loop = data;
    g_autoptr(GError) failure = error ? g_error_copy(error) : NULL;
    gint64 wake = G_MAXINT64;
    PfGate gate = {0};

    loop->running = FALSE;
    if (!failure)
        read_wake(loop, &gate, &wake, &failure);
    if (!loop->run_ended(wake, failure, loop->data) || failure || loop->stopping) {
        watch_network(loop, PF_GATE_OPEN);
        loop->ended = TRUE;
        return;
    }
    watch_network(loop, gate.reason);
    /* Unless something new came: never twice within a second, even if what is due cannot be sent for a reason that only
     * the sender knows. */
    pf_alarm_set(loop->alarm, loop->again ? wake : MAX(wake, pf_clock_now() + 1));
}

PfSendLoop *
pf_send_loop_new(const PfSenderSettings *settings)
{
    PfSendLoop *loop = g_new0(PfSendLoop, 1);

    loop->queue = settings->queue;
    loop->sender = pf_sender_new(settings);
    loop->alarm = pf_alarm_new(alarm_rang, loop);
    return loop;
}

void
pf_send_loop_free(PfSendLoop *loop)
{
    if (!loop)
        return;
    pf_network_watch_free(loop->network);
    pf_alarm_free(loop->alarm);
    pf_sender_free(loop->sender);
    g_free(loop);
}

void
pf_send_loop_start(PfSendLoop *loop, PfSendLoopRunEnded run_ended, gpointer data)
{
    loop->run_ended = run_ended;
    loop->data = data;
    loop->ended = FALSE;
    run(loop);
}

void
pf_send_loop_wake(PfSendLoop *loop)
{
    g_autoptr(GError) failure = NULL;
    PfGate gate;
    gint64 wake;

    loop->again = TRUE;
    if (loop->running || loop->ended || loop->stopping)
        return;
    /* A store that cannot be read is the sender's to find out and to report. */
    if (!read_wake(loop, &gate, &wake, &failure) || wake <= pf_clock_now())
        run(loop);
    else
        pf_alarm_set(loop->alarm, wake);
}

void
pf_send_loop_stop(PfSendLoop *loop)
{
    if (loop->stopping)
        return;
    loop->stopping = TRUE;
    if (loop->running)
        pf_sender_stop(loop->sender);
    else
        sender_done(NULL, loop);
}
