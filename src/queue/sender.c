/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/sender.h"

#include "base/clock.h"
#include "base/version.h"
#include "flattr/transfer.h"
#include "net/multi.h"
#include "queue/outcome.h"
#include "queue/settle.h"

/* How long a stopping sender waits for the answers that are under way. */
#define STOP_SECONDS 4

/* After so many answers in a row that are none of the API's, it is the way there that is broken, not the entries. */
#define FAULTS_IN_A_ROW 3

/* A place for one request at a time; its handle keeps the connection. */
typedef struct {
    PfSender *sender;
    CURL *handle;
    FlattrTransfer *transfer; /* NULL: the slot is free */
    PfEntry *entry;
    gint64 sent;
    gboolean is_probe;
} Slot;

struct PfSender {
    PfSenderSettings settings;
    char *fingerprint; /* of the token, see queue_schema.c */
    PfMulti *multi;
    GPtrArray *slots;
    PfGate gate;
    PfRateLimit limit; /* as the server last told it */
    gboolean trusted;  /* the API has accepted a request of this run: more than one may be under way */
    guint faults;      /* in a row */
    gboolean stopping;
    guint pump_source;
    guint stop_source;
    GError *failure;
    PfSenderDone done;
    gpointer done_data;
};

static void pump(PfSender *sender);

/* --- slots
 * ------------------------------------------------------------------------------------------------------------ */

static void
slot_free(gpointer data)
{
    Slot *slot = data;

    curl_easy_cleanup(slot->handle);
    pf_entry_free(slot->entry);
    g_free(slot);
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
    return NULL;
}

PfSender *
pf_sender_new(const PfSenderSettings *settings)
{
    PfSender *sender = g_new0(PfSender, 1);

    sender->settings = *settings;
    if (settings->token) {
        sender->fingerprint = g_compute_checksum_for_string(G_CHECKSUM_SHA256, settings->token, -1);
        sender->fingerprint[16] = '\0';
    }
    sender->multi = pf_multi_new();
    sender->slots = g_ptr_array_new_with_free_func(slot_free);
    for (guint i = 0; i < settings->in_flight; i++) {
        Slot *slot = g_new0(Slot, 1);
        slot->sender = sender;
        slot->handle = flattr_transfer_new_handle(PF_USER_AGENT);
        g_ptr_array_add(sender->slots, slot);
    }
    return sender;
}

void
pf_sender_free(PfSender *sender)
{
    if (!sender)
        return;
    g_clear_handle_id(&sender->pump_source, g_source_remove);
    g_clear_handle_id(&sender->stop_source, g_source_remove);
    g_ptr_array_unref(sender->slots);
    pf_multi_free(sender->multi);
    g_clear_error(&sender->failure);
    g_free(sender->fingerprint);
    g_free(sender);
}

/* --- the gate
 * --------------------------------------------------------------------------------------------------------- */

static gboolean
save_gate(PfSender *sender, GError **error)
{
    return pf_queue_save_gate(sender->settings.queue, &sender->gate, sender->fingerprint, error);
}

/* A login opens a gate that waited for one; the user's own limit is counted anew; a person need not wait for a probe.
 */
static void
review_gate(PfSender *sender, const char *fingerprint, gint64 now)
{
    PfGate *gate = &sender->gate;
    gboolean same_token = g_strcmp0(fingerprint, sender->fingerprint) == 0;

    if (!sender->settings.token)
        pf_gate_close(gate, PF_GATE_NO_TOKEN, now, PF_GATE_NO_HINTS, 0);
    else if (gate->reason == PF_GATE_NO_TOKEN || gate->reason == PF_GATE_PER_MONTH ||
             (!same_token && (gate->reason == PF_GATE_UNAUTHORIZED || gate->reason == PF_GATE_INSUFFICIENT_SCOPE)))
        pf_gate_open(gate);
    else if ((sender->settings.probe_now && gate->reason != PF_GATE_PAUSED) ||
             (gate->reason == PF_GATE_UNREACHABLE && sender->settings.by_hand))
        gate->next_probe = now;
}

static void
change_gate(PfSender *sender, const Slot *slot, const PfOutcome *outcome, const FlattrReply *reply, gint64 now)
{
    PfGateHints hints = PF_GATE_NO_HINTS;
    gboolean api_answered = outcome->verdict == PF_VERDICT_DONE || outcome->verdict == PF_VERDICT_PERMANENT;
    double random = g_random_double();

    if (reply) {
        hints.retry_after = flattr_reply_get_retry_after(reply, now);
        hints.rate_reset = sender->limit.reset;
    }
    sender->faults = api_answered || outcome->gate != PF_GATE_OPEN ? 0 : sender->faults + 1;
    if (outcome->gate != PF_GATE_OPEN) {
        pf_gate_close(&sender->gate, outcome->gate, now, hints, random);
    } else if (sender->faults >= FAULTS_IN_A_ROW || (!api_answered && (hints.retry_after >= 0 || slot->is_probe))) {
        /* A probe that fails in another way than before still is one that failed. */
        PfGateReason reason = slot->is_probe ? sender->gate.reason : PF_GATE_UNREACHABLE;
        pf_gate_close(&sender->gate, reason, now, hints, random);
    } else if (api_answered) {
        sender->trusted = TRUE;
        if (slot->is_probe)
            pf_gate_open(&sender->gate);
        /* The last request of the window was this one: wait instead of provoking the error. */
        if (sender->limit.remaining == 0 && sender->limit.reset > now)
            pf_gate_close(&sender->gate, PF_GATE_RATE_LIMIT, now, hints, random);
    }
}

/* --- answers
 * ---------------------------------------------------------------------------------------------------------- */

static PfAnswer
describe_answer(FlattrReply *reply, const GError *error)
{
    if (!reply)
        return (PfAnswer){.delivery = g_error_matches(error, FLATTR_ERROR, FLATTR_ERROR_UNREACHABLE)
                                          ? PF_DELIVERY_NOT_SENT
                                          : PF_DELIVERY_UNANSWERED};
    return (PfAnswer){.delivery = PF_DELIVERY_ANSWERED,
                      .status = flattr_reply_get_status(reply),
                      .is_json = flattr_reply_is_json(reply),
                      .code = flattr_reply_get_error_code(reply)};
}

/* What the entry's story says of the answer. */
static char *
tell_answer(FlattrReply *reply, const GError *transport, PfVerdict verdict)
{
    g_autoptr(GError) refusal = NULL;

    if (!reply)
        return g_strdup_printf("%s: %s", pf_verdict_name(verdict), transport->message);
    if (!flattr_reply_check(reply, &refusal))
        return g_strdup_printf("%s: %s", pf_verdict_name(verdict), refusal->message);
    return g_strdup_printf("%s: the server answered %u", pf_verdict_name(verdict), flattr_reply_get_status(reply));
}

static void
take_thing(PfEntry *entry, FlattrReply *reply)
{
    g_autoptr(FlattrThing) thing = reply ? flattr_reply_read_flattr(reply, NULL) : NULL;

    if (!thing)
        return;
    g_free(entry->thing_link);
    g_free(entry->thing_title);
    entry->thing_id = flattr_thing_get_id(thing);
    entry->thing_link = g_strdup(flattr_thing_get_link(thing));
    entry->thing_title = g_strdup(flattr_thing_get_title(thing));
}

static void
take_rate_limit(PfSender *sender, const FlattrReply *reply)
{
    FlattrRateLimit limit;

    if (reply && flattr_reply_get_rate_limit(reply, &limit))
        sender->limit = (PfRateLimit){limit.limit, limit.remaining, limit.current, limit.reset};
}

/* Writes the verdict, the gate and the rate limit in one transaction. */
static void
settle(Slot *slot, FlattrReply *reply, const GError *transport)
{
    PfSender *sender = slot->sender;
    PfQueue *queue = sender->settings.queue;
    PfAnswer answer = describe_answer(reply, transport);
    PfOutcome outcome = pf_outcome_read(&answer);
    g_autofree char *told = tell_answer(reply, transport, outcome.verdict);
    gint64 now = pf_clock_now();

    g_debug("#%" G_GINT64_FORMAT " %s: %s", slot->entry->id, slot->entry->key, told);
    pf_settle_entry(slot->entry, &outcome, slot->sent, now, g_random_double());
    if (outcome.verdict == PF_VERDICT_DONE)
        take_thing(slot->entry, reply);
    take_rate_limit(sender, reply);
    change_gate(sender, slot, &outcome, reply, now);
    if (pf_queue_begin(queue, &sender->failure)) {
        (void)(pf_queue_settle(queue, slot->entry, "answer", told, now, &sender->failure) &&
               save_gate(sender, &sender->failure) &&
               pf_queue_save_rate_limit(queue, &sender->limit, &sender->failure));
        pf_queue_end(queue, &sender->failure);
    }
    if (!sender->failure && sender->settings.progress)
        sender->settings.progress(slot->entry, sender->settings.data);
    g_clear_pointer(&slot->entry, pf_entry_free);
}

static void
finish_slot(Slot *slot, CURLcode code)
{
    g_autoptr(GError) transport = NULL;
    g_autoptr(FlattrReply) reply = flattr_transfer_finish(g_steal_pointer(&slot->transfer), code, &transport);

    /* After a failure of the store nothing more is written: these entries stay `sending`, which is the truth. */
    if (!slot->sender->failure)
        settle(slot, reply, transport);
    else
        g_clear_pointer(&slot->entry, pf_entry_free);
}

static gboolean
pump_later(gpointer data)
{
    PfSender *sender = data;

    sender->pump_source = 0;
    pump(sender);
    return G_SOURCE_REMOVE;
}

static void
schedule_pump(PfSender *sender)
{
    if (sender->pump_source == 0)
        sender->pump_source = g_idle_add(pump_later, sender);
}

static void
answered(CURL *handle, CURLcode code, gpointer data)
{
    Slot *slot = data;

    (void)handle;
    finish_slot(slot, code);
    schedule_pump(slot->sender);
}

/* --- sending
 * ---------------------------------------------------------------------------------------------------------- */

/* How many requests may be under way at once, as far as the gate and the rate limit say. */
static gint64
count_allowed(const PfSender *sender, gint64 now)
{
    PfGatePass pass = pf_gate_check(&sender->gate, now);
    gint64 allowed = sender->settings.in_flight;

    if (sender->stopping || pass == PF_GATE_SHUT)
        return 0;
    if (pass == PF_GATE_PROBE || !sender->trusted)
        return 1;
    if (sender->limit.reset > now)
        allowed = MIN(allowed, MAX(sender->limit.remaining, 0));
    return allowed;
}

/* How many more entries may go out now. */
static gint64
count_room(PfSender *sender, gint64 now, GError **error)
{
    gint64 busy = count_busy(sender);
    gint64 room = MAX(count_allowed(sender, now) - busy, 0);
    gint64 paid = 0;

    if (room == 0 || sender->settings.per_month == 0)
        return room;
    if (!pf_queue_count_paid_since(sender->settings.queue, pf_clock_month_start(now), &paid, error))
        return 0;
    gint64 left = sender->settings.per_month - paid - busy;
    if (left <= 0 && busy == 0) {
        pf_gate_close(&sender->gate, PF_GATE_PER_MONTH, now, PF_GATE_NO_HINTS, 0);
        save_gate(sender, error);
    }
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

/* Commits as many entries as there is room for as `sending`. Returns: (transfer full): them. */
static GPtrArray *
claim(PfSender *sender, gint64 now)
{
    PfQueue *queue = sender->settings.queue;
    GPtrArray *claimed = g_ptr_array_new_with_free_func((GDestroyNotify)pf_entry_free);

    if (!pf_queue_begin(queue, &sender->failure))
        return claimed;
    gint64 room = count_room(sender, now, &sender->failure);
    while (claimed->len < room && !sender->failure) {
        g_autoptr(PfEntry) entry = pf_queue_claim(queue, now, &sender->failure);
        if (!entry)
            break;
        if (may_send(sender, entry, now, &sender->failure))
            g_ptr_array_add(claimed, g_steal_pointer(&entry));
    }
    if (!pf_queue_end(queue, &sender->failure))
        g_ptr_array_set_size(claimed, 0);
    return claimed;
}

static void
post(PfSender *sender, PfEntry *entry, gint64 now)
{
    Slot *slot = find_free_slot(sender);

    slot->entry = entry;
    slot->sent = now;
    slot->is_probe = pf_gate_check(&sender->gate, now) == PF_GATE_PROBE;
    slot->transfer = flattr_transfer_begin_take(slot->handle, sender->settings.endpoint,
                                                flattr_request_new_flattr_url(entry->url), sender->settings.token);
    pf_multi_add(sender->multi, slot->handle, answered, slot);
}

static void
pump(PfSender *sender)
{
    gint64 now = pf_clock_now();

    if (!sender->failure && !sender->stopping) {
        g_autoptr(GPtrArray) claimed = claim(sender, now);
        while (claimed->len > 0)
            post(sender, g_ptr_array_steal_index(claimed, 0), now);
    }
    if (count_busy(sender) == 0) {
        g_clear_handle_id(&sender->stop_source, g_source_remove);
        sender->done(sender->failure, sender->done_data);
    }
}

void
pf_sender_start(PfSender *sender, PfSenderDone done, gpointer data)
{
    PfQueue *queue = sender->settings.queue;
    g_autofree char *fingerprint = NULL;
    gint64 now = pf_clock_now();

    sender->done = done;
    sender->done_data = data;
    sender->trusted = FALSE;
    if (pf_queue_begin(queue, &sender->failure)) {
        if (pf_queue_adopt_orphans(queue, now, &sender->failure) &&
            pf_queue_load_gate(queue, &sender->gate, &fingerprint, &sender->failure) &&
            pf_queue_load_rate_limit(queue, &sender->limit, &sender->failure)) {
            review_gate(sender, fingerprint, now);
            save_gate(sender, &sender->failure);
        }
        pf_queue_end(queue, &sender->failure);
    }
    schedule_pump(sender);
}

static gboolean
give_up(gpointer data)
{
    PfSender *sender = data;

    sender->stop_source = 0;
    for (guint i = 0; i < sender->slots->len; i++) {
        Slot *slot = sender->slots->pdata[i];
        if (slot->transfer) {
            pf_multi_remove(sender->multi, slot->handle);
            finish_slot(slot, CURLE_ABORTED_BY_CALLBACK);
        }
    }
    schedule_pump(sender);
    return G_SOURCE_REMOVE;
}

void
pf_sender_stop(PfSender *sender)
{
    if (sender->stopping)
        return;
    sender->stopping = TRUE;
    sender->stop_source = g_timeout_add_seconds(STOP_SECONDS, give_up, sender);
    schedule_pump(sender);
}
