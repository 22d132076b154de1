/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/sender.h"

#include "base/clock.h"
#include "base/crash.h"
#include "base/version.h"
#include "flattr/transfer.h"
#include "net/multi.h"
#include "queue/account.h"
#include "queue/answer.h"
#include "queue/settle.h"
#include "queue/sweep.h"

/* How long a stopping sender waits for the answers that are under way. */
#define STOP_SECONDS 4

/* So many entries more than can be under way are committed as `sending` at once: the commit is what costs, and its
 * price is divided among them. After a crash they are asked about with the others. */
#define CLAIMED_AHEAD 28

/* A verdict is written with others, but does not wait for them longer than this, milliseconds. */
#define VERDICT_WAIT 100

/* How far around the turn of a month, by our clock, the server's month may turn. */
#define MONTH_TURN_SECONDS 600

/* A place for one request at a time; its handle keeps the connection. */
typedef struct {
    PfSender *sender;
    CURL *handle;
    FlattrTransfer *transfer; /* NULL: the slot is free */
    PfEntry *entry;           /* what is being sent; NULL in the slot that asks for a page of a sweep */
    gint64 sent;
    gboolean is_probe;
    gboolean given_up; /* by us: its end says nothing about the server */
} Slot;

/* An entry whose verdict is known and not yet written. */
typedef struct {
    PfEntry *entry;
    const char *what; /* for its story */
    char *told;
} Verdict;

struct PfSender {
    PfSenderSettings settings;
    PfAccount *account;
    PfMulti *multi;
    GPtrArray *slots;    /* of Slot, for flattrs */
    Slot *sweep_slot;    /* for the pages of a sweep */
    PfSweep *sweep;      /* NULL: none is under way */
    GPtrArray *verdicts; /* of Verdict */
    GQueue ahead;        /* of PfEntry: committed as `sending`, but not sent yet */
    gint64 committed;    /* when last, by the monotonic clock */
    gboolean stopping;
    guint pump_source;
    guint late_source; /* runs when a verdict has waited long enough */
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

static void
verdict_free(gpointer data)
{
    Verdict *verdict = data;

    pf_entry_free(verdict->entry);
    g_free(verdict->told);
    g_free(verdict);
}

PfSender *
pf_sender_new(const PfSenderSettings *settings)
{
    PfSender *sender = g_new0(PfSender, 1);

    sender->settings = *settings;
    sender->account = pf_account_new(settings->token);
    sender->multi = pf_multi_new();
    sender->verdicts = g_ptr_array_new_with_free_func(verdict_free);
    sender->slots = g_ptr_array_new_with_free_func(slot_free);
    for (guint i = 0; i < settings->in_flight; i++)
        g_ptr_array_add(sender->slots, slot_new(sender));
    sender->sweep_slot = slot_new(sender);
    return sender;
}

void
pf_sender_free(PfSender *sender)
{
    if (!sender)
        return;
    g_clear_handle_id(&sender->pump_source, g_source_remove);
    g_clear_handle_id(&sender->late_source, g_source_remove);
    g_clear_handle_id(&sender->stop_source, g_source_remove);
    pf_sweep_free(sender->sweep);
    g_ptr_array_unref(sender->verdicts);
    g_queue_clear_full(&sender->ahead, (GDestroyNotify)pf_entry_free);
    g_ptr_array_unref(sender->slots);
    slot_free(sender->sweep_slot);
    pf_multi_free(sender->multi);
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
add_verdict(PfSender *sender, PfEntry *entry, const char *what, char *told)
{
    Verdict *verdict = g_new0(Verdict, 1);

    verdict->entry = entry;
    verdict->what = what;
    verdict->told = told;
    g_ptr_array_add(sender->verdicts, verdict);
}

static void
judge_flattr(Slot *slot, FlattrReply *reply, const GError *transport)
{
    PfAnswer answer = pf_answer_describe(reply, transport);
    PfOutcome outcome = pf_outcome_read(&answer);
    PfEntry *entry = g_steal_pointer(&slot->entry);
    char *told = pf_answer_tell(reply, transport, outcome.verdict);
    gint64 now = pf_clock_now();

    g_debug("#%" G_GINT64_FORMAT " %s: %s", entry->id, entry->key, told);
    pf_settle_entry(entry, &outcome, slot->sent, now, g_random_double());
    if (outcome.verdict == PF_VERDICT_DONE)
        pf_answer_take_thing(entry, reply);
    if (!slot->given_up)
        pf_account_learn(slot->sender->account, &outcome, slot->is_probe, reply, now);
    add_verdict(slot->sender, entry, "answer", told);
}

/* Hands the entries of a sweep over to be written; the sweep is over. */
static void
end_sweep(PfSender *sender, const char *told)
{
    g_autoptr(PfSweep) sweep = g_steal_pointer(&sender->sweep);
    GPtrArray *entries = pf_sweep_take_entries(sweep);

    for (guint i = 0; i < entries->len; i++) {
        PfEntry *entry = entries->pdata[i];
        const char *found =
            entry->state == PF_ENTRY_FLATTRED ? "it is among the user's flattrs" : "it is not among the user's flattrs";
        add_verdict(sender, entry, "asked", g_strdup(told ? told : found));
    }
    g_ptr_array_set_free_func(entries, NULL);
    g_ptr_array_unref(entries);
}

static void
judge_page(Slot *slot, FlattrReply *reply, const GError *transport)
{
    PfSender *sender = slot->sender;
    PfAnswer answer = pf_answer_describe(reply, transport);
    PfOutcome outcome = pf_outcome_read(&answer);
    g_autofree char *told = pf_answer_tell(reply, transport, outcome.verdict);
    g_autoptr(GError) fault = NULL;
    gboolean finished = FALSE;
    gint64 now = pf_clock_now();

    if (outcome.verdict == PF_VERDICT_DONE && pf_sweep_take_page(sender->sweep, reply, &finished, &fault)) {
        pf_account_note_limit(sender->account, reply, now);
        if (!finished)
            return;
        pf_sweep_conclude(sender->sweep, now);
        end_sweep(sender, NULL);
        return;
    }
    g_debug("asking for the user's flattrs: %s", fault ? fault->message : told);
    if (outcome.verdict != PF_VERDICT_DONE && !slot->given_up)
        pf_account_learn(sender->account, &outcome, slot->is_probe, reply, now);
    pf_sweep_postpone(sender->sweep, now, g_random_double());
    end_sweep(sender, fault ? fault->message : told);
}

static void
finish_slot(Slot *slot, CURLcode code)
{
    g_autoptr(GError) transport = NULL;
    g_autoptr(FlattrReply) reply = flattr_transfer_finish(g_steal_pointer(&slot->transfer), code, &transport);

    PF_CRASH_POINT();
    if (slot->entry)
        judge_flattr(slot, reply, transport);
    else
        judge_page(slot, reply, transport);
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

static gboolean
is_month_turning(gint64 now)
{
    return pf_clock_next_month(now) - now <= MONTH_TURN_SECONDS ||
           now - pf_clock_month_start(now) <= MONTH_TURN_SECONDS;
}

static void
send_request(Slot *slot, FlattrRequest *request, gint64 now)
{
    PfSender *sender = slot->sender;

    PF_CRASH_POINT();
    slot->sent = now;
    slot->is_probe = pf_account_check(sender->account, now) == PF_GATE_PROBE;
    /* libcurl sends a request again by itself when a kept connection ends without an answer. Within a month the server
     * knows it again; but the first one may have been paid in the month that ends now, and the second one in the next.
     * On a connection of its own there is no such second one. */
    curl_easy_setopt(slot->handle, CURLOPT_FRESH_CONNECT, (long)is_month_turning(now));
    slot->transfer =
        flattr_transfer_begin_take(slot->handle, sender->settings.endpoint, request, sender->settings.token);
    pf_multi_add(sender->multi, slot->handle, answered, slot);
}

/* How many more entries may be taken now. */
static gint64
count_room(PfSender *sender, gint64 now, GError **error)
{
    gint64 taken = (gint64)count_busy(sender) + sender->ahead.length;
    /* What is taken when a crash comes and the month turns could be held as unknown without need. */
    guint most = sender->settings.in_flight + (is_month_turning(now) ? 0 : CLAIMED_AHEAD);
    gint64 room = (gint64)pf_account_count_allowed(sender->account, most, now) - taken;
    gint64 paid = 0;

    if (room <= 0 || sender->stopping)
        return 0;
    if (sender->settings.per_month == 0)
        return room;
    if (!pf_queue_count_paid_since(sender->settings.queue, pf_clock_month_start(now), &paid, error))
        return 0;
    gint64 left = sender->settings.per_month - paid - taken;
    if (left <= 0 && taken == 0)
        pf_account_close_for_month(sender->account, now);
    return CLAMP(left, 0, room);
}

/* Decides against an entry that was claimed, if it must not be sent. Returns whether it may be. */
static gboolean
may_send(PfSender *sender, PfEntry *entry, gint64 now, GError **error)
{
    const char *veto = sender->settings.veto ? sender->settings.veto(entry, sender->settings.data) : NULL;

    if (!veto && pf_settle_doubt(entry, now))
        return TRUE;
    if (veto) {
        entry->state = PF_ENTRY_DROPPED;
        entry->next_attempt = 0;
        g_free(entry->reason);
        entry->reason = g_strdup(veto);
    }
    entry->attempts--;
    pf_queue_settle(sender->settings.queue, entry, pf_entry_state_name(entry->state), NULL, now, error);
    return FALSE;
}

static void
claim(PfSender *sender, gint64 now, GError **error)
{
    gint64 room = count_room(sender, now, error);

    while (room > 0 && !*error) {
        g_autoptr(PfEntry) entry = pf_queue_claim(sender->settings.queue, now, error);
        if (!entry)
            break;
        if (may_send(sender, entry, now, error)) {
            g_queue_push_tail(&sender->ahead, g_steal_pointer(&entry));
            room--;
        }
    }
}

/* Gives back, to their old places, the entries that were taken but must not be sent now after all. */
static void
put_back(PfSender *sender, gint64 now, GError **error)
{
    if (!sender->stopping && pf_account_check(sender->account, now) == PF_GATE_PASS &&
        pf_account_count_allowed(sender->account, 1, now) > 0)
        return;
    while (sender->ahead.length > 0 && !*error) {
        g_autoptr(PfEntry) entry = g_queue_pop_head(&sender->ahead);

        entry->state = PF_ENTRY_QUEUED;
        entry->attempts--;
        pf_queue_settle(sender->settings.queue, entry, "not_sent", NULL, now, error);
    }
}

/* One transaction, so that it costs one commit: writes the verdicts that are known, and takes the next entries. When it
 * fails, nothing of it counts: the entries taken stay in the store what they were, and none of them is sent. */
static void
commit(PfSender *sender, gint64 now)
{
    PfQueue *queue = sender->settings.queue;

    g_clear_handle_id(&sender->late_source, g_source_remove);
    if (!pf_queue_begin(queue, &sender->failure))
        return;
    for (guint i = 0; i < sender->verdicts->len && !sender->failure; i++) {
        const Verdict *verdict = sender->verdicts->pdata[i];
        pf_queue_settle(queue, verdict->entry, verdict->what, verdict->told, now, &sender->failure);
    }
    if (!sender->failure)
        put_back(sender, now, &sender->failure);
    if (!sender->failure)
        claim(sender, now, &sender->failure);
    if (!sender->failure)
        pf_account_save(sender->account, queue, &sender->failure);
    if (!pf_queue_end(queue, &sender->failure))
        return;
    PF_CRASH_POINT();
    sender->committed = g_get_monotonic_time();
    for (guint i = 0; i < sender->verdicts->len && sender->settings.progress; i++)
        sender->settings.progress(((Verdict *)sender->verdicts->pdata[i])->entry, sender->settings.data);
    g_ptr_array_set_size(sender->verdicts, 0);
}

/* Sends of what was taken as much as may be under way. */
static void
send_ahead(PfSender *sender, gint64 now)
{
    while (sender->ahead.length > 0 && !sender->failure && !sender->stopping &&
           pf_account_count_allowed(sender->account, sender->settings.in_flight, now) > count_busy(sender)) {
        PfEntry *entry = g_queue_pop_head(&sender->ahead);

        /* The month may have turned since it was taken. */
        if (!pf_settle_doubt(entry, now)) {
            entry->attempts--;
            add_verdict(sender, entry, pf_entry_state_name(entry->state), NULL);
            continue;
        }
        Slot *slot = find_free_slot(sender);
        slot->entry = entry;
        send_request(slot, flattr_request_new_flattr_url(entry->url), now);
    }
}

/* A commit is due when the next entries are needed, when nothing else is to be done, and when a verdict has waited. */
static gboolean
must_commit(const PfSender *sender)
{
    return sender->stopping || sender->ahead.length == 0 || count_busy(sender) == 0 ||
           g_get_monotonic_time() - sender->committed >= VERDICT_WAIT * 1000;
}

/* Asks about the entries in doubt, once nothing else is to be done. Returns whether there is something to ask. */
static gboolean
ask_about_doubts(PfSender *sender, gint64 now)
{
    if (sender->failure || sender->stopping || pf_account_check(sender->account, now) == PF_GATE_SHUT)
        return FALSE;
    if (!sender->sweep) {
        GPtrArray *entries = pf_queue_list_doubtful(sender->settings.queue, now, PF_SWEEP_ENTRIES, &sender->failure);
        if (!entries || entries->len == 0) {
            g_clear_pointer(&entries, g_ptr_array_unref);
            return FALSE;
        }
        sender->sweep = pf_sweep_new_take(entries);
    }
    send_request(sender->sweep_slot, pf_sweep_new_request(sender->sweep), now);
    return TRUE;
}

static gboolean
late(gpointer data)
{
    PfSender *sender = data;

    sender->late_source = 0;
    schedule_pump(sender);
    return G_SOURCE_REMOVE;
}

static void
pump(PfSender *sender)
{
    gint64 now = pf_clock_now();

    /* First what keeps the server busy while the disk is. */
    send_ahead(sender, now);
    /* After a failure of the store nothing more is written or sent: what is under way stays `sending`, which is the
     * truth. */
    if (!sender->failure && must_commit(sender)) {
        commit(sender, now);
        send_ahead(sender, now);
    } else if (!sender->failure && sender->verdicts->len > 0 && sender->late_source == 0) {
        sender->late_source = g_timeout_add(VERDICT_WAIT, late, sender);
    }
    if (count_busy(sender) > 0 || sender->sweep_slot->transfer || ask_about_doubts(sender, now))
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
    if (pf_queue_begin(queue, &sender->failure)) {
        (void)(pf_queue_adopt_orphans(queue, now, &sender->failure) &&
               pf_queue_mend_times(queue, now, &sender->failure) &&
               pf_account_load(sender->account, queue, sender->settings.by_hand, sender->settings.probe_now, now,
                               &sender->failure));
        pf_queue_end(queue, &sender->failure);
    }
    schedule_pump(sender);
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
    give_up_slot(sender->sweep_slot);
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
