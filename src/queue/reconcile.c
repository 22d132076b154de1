/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/reconcile.h"

#include "base/clock.h"
#include "payment/payment_link.h"
#include "queue/gate.h"
#include "queue/verdict.h"

struct PfInquiry {
    PfAccount *account;
    PfSweep *sweep; /* NULL: none is under way */
};

PfInquiry *
pf_inquiry_new(PfAccount *account)
{
    PfInquiry *inquiry = g_new0(PfInquiry, 1);

    inquiry->account = account;
    return inquiry;
}

void
pf_inquiry_free(PfInquiry *inquiry)
{
    if (!inquiry)
        return;
    pf_sweep_free(inquiry->sweep);
    g_free(inquiry);
}

gboolean
pf_inquiry_next(PfInquiry *inquiry, PfQueue *queue, gint64 now, FlattrRequest **request, GError **error)
{
    *request = NULL;
    if (pf_account_check(inquiry->account, now) == PF_GATE_SHUT)
        return TRUE;
    if (!inquiry->sweep) {
        g_autoptr(GPtrArray) entries = pf_queue_list_doubtful(queue, now, PF_SWEEP_ENTRIES, error);
        if (!entries)
            return FALSE;
        if (entries->len == 0)
            return TRUE;
        inquiry->sweep = pf_sweep_new_take(g_steal_pointer(&entries));
    }
    *request = pf_sweep_new_request(inquiry->sweep);
    return TRUE;
}

static GPtrArray *
end_sweep(PfInquiry *inquiry)
{
    g_autoptr(PfSweep) sweep = g_steal_pointer(&inquiry->sweep);

    return pf_sweep_take_entries(sweep);
}

GPtrArray *
pf_inquiry_take_answer(PfInquiry *inquiry, FlattrReply *reply, const GError *transport, gboolean is_probe,
                       gboolean given_up, gint64 now, char **told)
{
    const char *fingerprint = pf_account_get_fingerprint(inquiry->account);
    PfAnswer answer = pf_answer_describe(reply, transport, TRUE);
    g_autoptr(GError) fault = NULL;
    gboolean finished = FALSE;

    /* A list says of itself neither "ok" nor which thing. */
    answer.accepted = answer.is_json;
    PfOutcome outcome = pf_outcome_read(&answer);
    *told = NULL;
    if (outcome.verdict == PF_VERDICT_DONE && pf_sweep_take_page(inquiry->sweep, reply, now, &finished, &fault)) {
        pf_account_note_limit(inquiry->account, reply, now);
        if (!finished)
            return NULL;
        pf_sweep_conclude(inquiry->sweep, fingerprint, now);
        return end_sweep(inquiry);
    }
    *told = fault ? g_strdup(fault->message) : pf_answer_tell(reply, transport, outcome.verdict);
    g_debug("asking for the user's flattrs: %s", *told);
    if (outcome.verdict == PF_VERDICT_PERMANENT) {
        /* A server that does not list the user's flattrs at all leaves only the month to decide by. */
        pf_sweep_conclude(inquiry->sweep, fingerprint, now);
    } else {
        if (!fault && !given_up)
            pf_account_learn(inquiry->account, &outcome, is_probe, reply, now);
        pf_sweep_postpone(inquiry->sweep, fingerprint, now, g_random_double());
    }
    return end_sweep(inquiry);
}

#define PAGE_LENGTH 100

/* A server that never stops giving pages is broken; so many flattrs are more than anybody makes in a month. */
#define PAGES_MAX 1000

/* How far the server's clock may be off, seconds. What is flattred once for good is flattred, whether by this request
 * or by one just before, so that much may be allowed. For what is flattred every month, each flattr has its own month:
 * little is, and hardly anything when the server's answers say what its clock shows. */
#define SLACK_ONCE ((gint64)24 * 3600)
#define SLACK_MONTHLY_DATED ((gint64)30)
#define SLACK_MONTHLY_UNDATED ((gint64)600)

/* A doubt so old is put to the user, even if the server could never be asked. */
#define DOUBT_LONGEST ((gint64)35 * 86400)

struct PfSweep {
    GPtrArray *entries;
    GHashTable *by_key; /* of key to PfEntry; both owned by entries */
    gint64 oldest;      /* doubt among the entries */
    gint64 ahead;       /* by how much the server's clock is ahead of ours, seconds */
    gboolean dated;     /* its answers say so */
    guint page;
    guint found;
};

static gboolean
is_monthly(const PfEntry *entry)
{
    return entry->period && *entry->period;
}

static gint64
slack_of(const PfSweep *sweep, const PfEntry *entry)
{
    return !is_monthly(entry) ? SLACK_ONCE : sweep->dated ? SLACK_MONTHLY_DATED : SLACK_MONTHLY_UNDATED;
}

/* Whether a flattr that the server dates so is that of the entry's request. What is flattred once for good is not sent
 * again for a clock that is ahead, be it the server's or that of a proxy before it. */
static gboolean
is_paid_by(const PfSweep *sweep, const PfEntry *entry, gint64 created)
{
    gint64 doubt = entry->doubt + (is_monthly(entry) ? sweep->ahead : MIN(sweep->ahead, 0));
    gint64 slack = slack_of(sweep, entry);

    return created >= doubt - slack && (!is_monthly(entry) || created < pf_clock_next_month(doubt) + slack);
}

PfSweep *
pf_sweep_new_take(GPtrArray *entries)
{
    PfSweep *sweep = g_new0(PfSweep, 1);

    sweep->entries = entries;
    sweep->by_key = g_hash_table_new(g_str_hash, g_str_equal);
    sweep->oldest = G_MAXINT64;
    sweep->page = 1;
    for (guint i = 0; i < entries->len;) {
        PfEntry *entry = entries->pdata[i];
        /* Of a thing that is flattred every month, two may be in doubt; the next sweep is for the other one. */
        if (g_hash_table_contains(sweep->by_key, entry->key)) {
            g_ptr_array_remove_index(entries, i);
            continue;
        }
        g_hash_table_insert(sweep->by_key, entry->key, entry);
        sweep->oldest = MIN(sweep->oldest, entry->doubt);
        i++;
    }
    return sweep;
}

void
pf_sweep_free(PfSweep *sweep)
{
    if (!sweep)
        return;
    g_hash_table_unref(sweep->by_key);
    if (sweep->entries)
        g_ptr_array_unref(sweep->entries);
    g_free(sweep);
}

FlattrRequest *
pf_sweep_new_request(const PfSweep *sweep)
{
    return flattr_request_new_flattrs_of_user(NULL, PAGE_LENGTH, sweep->page);
}

/* A thing's key in the queue may be its URL as an auto-submit link gave it, the URL as it is classified, or its id. */
static PfEntry *
find_entry(const PfSweep *sweep, const FlattrThing *thing)
{
    const char *url = flattr_thing_get_url(thing);
    g_autoptr(PfPayment) classified = url ? pf_payment_new(url) : NULL;
    g_autofree char *by_id = g_strdup_printf("thing:%" G_GINT64_FORMAT, flattr_thing_get_id(thing));
    PfEntry *entry = url ? g_hash_table_lookup(sweep->by_key, url) : NULL;

    if (!entry && classified)
        entry = g_hash_table_lookup(sweep->by_key, classified->key);
    return entry ? entry : g_hash_table_lookup(sweep->by_key, by_id);
}

static void
mark_found(PfSweep *sweep, PfEntry *entry, const FlattrThing *thing)
{
    sweep->found += entry->state != PF_ENTRY_FLATTRED;
    entry->state = PF_ENTRY_FLATTRED;
    entry->thing_id = flattr_thing_get_id(thing);
    g_free(entry->thing_link);
    g_free(entry->thing_title);
    entry->thing_link = g_strdup(flattr_thing_get_link(thing));
    entry->thing_title = g_strdup(flattr_thing_get_title(thing));
}

static void
compare_clocks(PfSweep *sweep, const FlattrReply *reply, gint64 now)
{
    const char *date = flattr_reply_get_header(reply, "Date");
    gint64 theirs;

    if (!date || !pf_clock_parse(date, &theirs))
        return;
    sweep->ahead = theirs - now;
    sweep->dated = TRUE;
}

gboolean
pf_sweep_take_page(PfSweep *sweep, FlattrReply *reply, gint64 now, gboolean *finished, GError **error)
{
    g_autoptr(GPtrArray) flattrs = flattr_reply_read_flattrs(reply, error);

    if (!flattrs)
        return FALSE;
    compare_clocks(sweep, reply, now);
    *finished = flattrs->len == 0;
    for (guint i = 0; i < flattrs->len; i++) {
        const FlattrFlattr *flattr = flattrs->pdata[i];
        const FlattrThing *thing = flattr_flattr_get_thing(flattr);
        gint64 created = flattr_flattr_get_created_at(flattr);
        PfEntry *entry = thing ? find_entry(sweep, thing) : NULL;

        if (entry && is_paid_by(sweep, entry, created))
            mark_found(sweep, entry, thing);
        *finished = *finished || created < sweep->oldest + MIN(sweep->ahead, 0) - SLACK_ONCE;
    }
    *finished = *finished || sweep->found == sweep->entries->len;
    if (!*finished && ++sweep->page > PAGES_MAX) {
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED, "there is no end to the list of flattrs");
        return FALSE;
    }
    return TRUE;
}

void
pf_sweep_conclude(PfSweep *sweep, const char *account, gint64 now)
{
    for (guint i = 0; i < sweep->entries->len; i++) {
        PfEntry *entry = sweep->entries->pdata[i];

        entry->checked = now;
        if (entry->state == PF_ENTRY_FLATTRED) {
            g_clear_pointer(&entry->reason, g_free);
            entry->next_attempt = entry->doubt = entry->checked = 0;
        } else {
            (void)pf_settle_doubt(entry, account, now);
        }
    }
}

void
pf_sweep_postpone(PfSweep *sweep, const char *account, gint64 now, double random)
{
    for (guint i = 0; i < sweep->entries->len; i++) {
        PfEntry *entry = sweep->entries->pdata[i];

        entry->state = PF_ENTRY_QUEUED; /* also what an earlier page had: the next sweep finds it again */
        entry->next_attempt = now + pf_backoff_seconds((guint)MAX(entry->attempts - 1, 0), PF_SETTLE_FIRST_WAIT,
                                                       PF_SETTLE_LONGEST_WAIT, random);
        if (now - entry->doubt > DOUBT_LONGEST)
            (void)pf_settle_doubt(entry, account, now);
    }
}

GPtrArray *
pf_sweep_take_entries(PfSweep *sweep)
{
    return g_steal_pointer(&sweep->entries);
}
