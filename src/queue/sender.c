/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/sender.h"

#include "base/clock.h"
#include "base/crash.h"
#include "base/version.h"
#include "flattr/transfer.h"
#include "net/multi.h"
#include "queue/account.h"
#include "queue/answer.h"
#include "queue/batch.h"
#include "queue/inquiry.h"
#include "queue/edit.h"
#include "queue/settle.h"

/* How long a stopping sender waits for the answers that are under way. */
#define STOP_SECONDS 4

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
    guint patience_source; /* runs when the verdicts have waited long enough */
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
    flattr_transfer_set_ca_file(slot->handle, sender->settings.ca_file);
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

PfSender *
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

void
pf_sender_free(PfSender *sender)
{
    if (!sender)
        return;
    g_clear_handle_id(&sender->pump_source, g_source_remove);
    g_clear_handle_id(&sender->patience_source, g_source_remove);
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

static guint
count_busy(const PfSender *sender)
{
    guint busy = 0;

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
take_flattr(Slot *slot, FlattrReply *reply, const GError *transport)
{
    PfAccount *account = slot->sender->account;
    PfAnswer answer = pf_answer_describe(reply, transport, pf_account_is_trusted(account));
    PfOutcome outcome = pf_outcome_read(&answer);
    PfEntry *entry = g_steal_pointer(&slot->entry);
    char *told = pf_answer_tell(reply, transport, outcome.verdict);
    gint64 now = pf_clock_now();

    g_debug("#%" G_GINT64_FORMAT " %s: %s", entry->id, entry->key, told);
    pf_settle_entry(entry, &outcome, slot->sent, now, g_random_double());
    if (outcome.verdict == PF_VERDICT_DONE)
        pf_answer_take_thing(entry, reply);
    if (!slot->given_up)
        pf_account_learn(account, &outcome, slot->is_probe, reply, now);
    pf_batch_add_verdict_take(slot->sender->batch, entry, TRUE, told);
}

static void
take_page(Slot *slot, FlattrReply *reply, const GError *transport)
{
    PfSender *sender = slot->sender;
    g_autofree char *told = NULL;
    g_autoptr(GPtrArray) entries = pf_inquiry_take_answer(sender->inquiry, reply, transport, slot->is_probe,
                                                          slot->given_up, pf_clock_now(), &told);

    while (entries && entries->len > 0) {
        PfEntry *entry = g_ptr_array_steal_index(entries, 0);
        const char *found =
            entry->state == PF_ENTRY_FLATTRED ? "it is among the user's flattrs" : "it is not among the user's flattrs";
        pf_batch_add_verdict_take(sender->batch, entry, FALSE, g_strdup(told ? told : found));
    }
}

static void
finish_slot(Slot *slot, CURLcode code)
{
    g_autoptr(GError) transport = NULL;
    g_autoptr(FlattrReply) reply = flattr_transfer_finish(g_steal_pointer(&slot->transfer), code, &transport);

    PF_CRASH_POINT();
    if (slot->entry)
        take_flattr(slot, reply, transport);
    else
        take_page(slot, reply, transport);
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
patience_ended(gpointer data)
{
    PfSender *sender = data;

    sender->patience_source = 0;
    schedule_pump(sender);
    return G_SOURCE_REMOVE;
}

/* A commit is due when the next entries are needed, when nothing else is to be done, and when verdicts have waited. */
static void
commit_if_due(PfSender *sender, gint64 now)
{
    guint busy = count_busy(sender);
    gint64 patience = pf_batch_get_patience(sender->batch);

    if (sender->stopping || busy == 0 || pf_batch_is_empty(sender->batch) || patience == 0) {
        g_clear_handle_id(&sender->patience_source, g_source_remove);
        pf_batch_commit(sender->batch, busy, sender->stopping, now, &sender->failure);
    } else if (patience > 0 && sender->patience_source == 0) {
        sender->patience_source = g_timeout_add((guint)patience, patience_ended, sender);
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
    if (count_busy(sender) > 0 || sender->inquiry_slot->transfer || ask_about_doubts(sender, now))
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

void
pf_sender_start(PfSender *sender, PfSenderDone done, gpointer data)
{
    PfQueue *queue = sender->settings.queue;
    gint64 now = pf_clock_now();

    sender->done = done;
    sender->done_data = data;
    g_clear_error(&sender->failure);
    if (pf_queue_begin(queue, &sender->failure)) {
        (void)(pf_queue_adopt_orphans(queue, now, &sender->failure) &&
               pf_queue_mend_times(queue, now, &sender->failure) &&
               pf_queue_release_due(queue, now, &sender->failure) &&
               pf_account_load(sender->account, queue, sender->reach_now, sender->settings.probe_now, now,
                               &sender->failure));
        pf_queue_end(queue, &sender->failure);
    }
    /* Both were asked for once. */
    sender->reach_now = FALSE;
    sender->settings.probe_now = FALSE;
    schedule_pump(sender);
}

void
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

void
pf_sender_stop(PfSender *sender)
{
    if (sender->stopping)
        return;
    sender->stopping = TRUE;
    /* Not g_timeout_add_seconds(), which may come up to a second late. */
    sender->stop_source = g_timeout_add(STOP_SECONDS * 1000, give_up, sender);
    schedule_pump(sender);
}
