/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/reconcile.h"

#include "base/clock.h"
#include "base/i18n.h"
#include "base/url.h"
#include "payment/payment_link.h"
#include "queue/gate.h"
#include "queue/verdict.h"

struct PfInquiry {
    PfAccount *account;
    gboolean asks_person; /* the request under way asks whose account it is … */
    gboolean in_advance;  /* … while nothing is in doubt: what becomes of it is no matter */
    PfSweep *sweep;       /* NULL: none is under way */
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
        inquiry->in_advance = entries->len == 0;
        if (inquiry->in_advance && !pf_account_wants_person(inquiry->account))
            return TRUE;
        inquiry->asks_person = !pf_account_knows_person(inquiry->account);
        if (!inquiry->asks_person)
            inquiry->sweep = pf_sweep_new_take(g_steal_pointer(&entries));
    }
    *request = inquiry->asks_person ? flattr_request_new_user(NULL) : pf_sweep_new_request(inquiry->sweep);
    return TRUE;
}

static GPtrArray *
end_sweep(PfInquiry *inquiry)
{
    g_autoptr(PfSweep) sweep = g_steal_pointer(&inquiry->sweep);

    return pf_sweep_take_entries(sweep);
}

/* What got no answer is asked again when the gate opens; any answer is final for this run. */
static void
take_person(PfInquiry *inquiry, FlattrReply *reply)
{
    g_autoptr(FlattrUser) user = reply ? flattr_reply_read_user(reply, NULL) : NULL;

    pf_account_set_person(inquiry->account, flattr_user_get_username(user));
}

/* A cache or a mistaken server may answer with somebody else's list, which says nothing of what this account has paid.
 */
static gboolean
check_list(const PfAccount *account, FlattrReply *reply, GError **error)
{
    g_autoptr(GPtrArray) flattrs = flattr_reply_read_flattrs(reply, error);

    for (guint i = 0; flattrs && i < flattrs->len; i++) {
        const FlattrUser *owner = flattr_flattr_get_owner(flattrs->pdata[i]);
        const char *name = owner ? flattr_user_get_username(owner) : NULL;
        if (!pf_account_may_be(account, name)) {
            g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED,
                        _("the list of flattrs belongs to another user, %s"), name);
            return FALSE;
        }
    }
    return flattrs != NULL;
}

GPtrArray *
pf_inquiry_take_answer(PfInquiry *inquiry, const PfExchange *exchange, char **told)
{
    PfAccount *account = inquiry->account;
    FlattrReply *reply = exchange->reply;
    gint64 now = exchange->ended;
    PfAnswer answer = pf_answer_describe(reply, exchange->transport, TRUE);
    g_autoptr(GError) fault = NULL;
    gboolean asked_person = inquiry->asks_person;

    /* Neither a list nor a person says of itself "ok", or which thing. */
    answer.accepted = answer.is_json;
    PfOutcome outcome = pf_outcome_read(&answer);
    gboolean failed = outcome.verdict != PF_VERDICT_DONE && outcome.verdict != PF_VERDICT_PERMANENT;
    *told = NULL;
    inquiry->asks_person = FALSE;
    pf_account_note_clock(account, reply, now);
    pf_account_note_limit(account, reply, now);
    if (asked_person && inquiry->in_advance) {
        take_person(inquiry, failed ? NULL : reply);
        return NULL;
    }
    if (failed && !exchange->given_up) {
        if (outcome.verdict == PF_VERDICT_ACCOUNT)
            pf_account_learn(account, &outcome, exchange->is_probe, reply, now);
        else
            pf_account_note_failure(account, exchange->is_probe, reply, now);
    }
    if (asked_person) {
        if (!failed)
            take_person(inquiry, reply);
        return NULL;
    }
    if (outcome.verdict == PF_VERDICT_DONE && check_list(account, reply, &fault) &&
        pf_sweep_take_page(inquiry->sweep, reply, pf_account_get_steady_since(account, now), now, &fault)) {
        if (!pf_sweep_is_finished(inquiry->sweep))
            return NULL;
        pf_sweep_conclude(inquiry->sweep, account, TRUE, now);
        return end_sweep(inquiry);
    }
    *told = fault ? g_strdup(fault->message) : pf_answer_tell(reply, exchange->transport, outcome.verdict);
    g_debug("asking for the user's flattrs: %s", *told);
    /* A server that does not list the user's flattrs at all leaves only the month to decide by. */
    if (outcome.verdict == PF_VERDICT_PERMANENT)
        pf_sweep_conclude(inquiry->sweep, account, FALSE, now);
    else
        pf_sweep_postpone(inquiry->sweep, account, now, g_random_double());
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
    GHashTable *by_key;      /* of key to PfEntry; both owned by entries */
    GHashTable *by_spelling; /* the same by pf_url_rule_key(), for servers that write addresses in their own way */
    gboolean has_any;        /* the list is not empty */
    gint64 ahead;            /* by how much the server's clock is ahead of ours, seconds */
    gboolean dated;          /* its answers say so */
    gboolean finished;       /* the last page was the last one that matters */
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

/* When the doubtful request was sent, by the server's clock. What is flattred once for good is not sent again for a
 * clock that is ahead, be it the server's or that of a proxy before it: the earlier time counts. */
static gint64
time_of_doubt(const PfSweep *sweep, const PfEntry *entry)
{
    gint64 there = entry->doubt_server ? entry->doubt_server : entry->doubt + sweep->ahead;

    return is_monthly(entry) ? there : MIN(there, entry->doubt);
}

/* Whether a flattr that the server dates so is that of the entry's request. */
static gboolean
is_paid_by(const PfSweep *sweep, const PfEntry *entry, gint64 created)
{
    gint64 doubt = time_of_doubt(sweep, entry);
    gint64 slack = slack_of(sweep, entry);

    return created >= doubt - slack && (!is_monthly(entry) || created < pf_clock_next_month(doubt) + slack);
}

/* Flattrs before this say nothing about any of the entries. */
static gint64
oldest_that_matters(const PfSweep *sweep)
{
    gint64 oldest = G_MAXINT64;

    for (guint i = 0; i < sweep->entries->len; i++)
        oldest = MIN(oldest, time_of_doubt(sweep, sweep->entries->pdata[i]));
    return oldest - SLACK_ONCE;
}

PfSweep *
pf_sweep_new_take(GPtrArray *entries)
{
    PfSweep *sweep = g_new0(PfSweep, 1);

    sweep->entries = entries;
    sweep->by_key = g_hash_table_new(g_str_hash, g_str_equal);
    sweep->by_spelling = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    sweep->page = 1;
    for (guint i = 0; i < entries->len;) {
        PfEntry *entry = entries->pdata[i];
        /* Of a thing that is flattred every month, two may be in doubt; the next sweep is for the other one. */
        if (g_hash_table_contains(sweep->by_key, entry->key)) {
            g_ptr_array_remove_index(entries, i);
            continue;
        }
        g_hash_table_insert(sweep->by_key, entry->key, entry);
        g_hash_table_insert(sweep->by_spelling, pf_url_rule_key(entry->key), entry);
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
    g_hash_table_unref(sweep->by_spelling);
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
    if (!entry)
        entry = g_hash_table_lookup(sweep->by_key, by_id);
    if (entry || !url)
        return entry;
    g_autofree char *spelling = pf_url_rule_key(url);
    return g_hash_table_lookup(sweep->by_spelling, spelling);
}

static void
mark_found(PfSweep *sweep, PfEntry *entry, const FlattrThing *thing)
{
    sweep->found += entry->state != PF_ENTRY_FLATTRED;
    entry->state = PF_ENTRY_FLATTRED;
    pf_answer_keep_thing(entry, thing);
}

static void
compare_clocks(PfSweep *sweep, const FlattrReply *reply, gint64 steady_since, gint64 now)
{
    const char *date = flattr_reply_get_header(reply, "Date");
    gint64 theirs;

    if (!date || !pf_clock_parse(date, &theirs))
        return;
    sweep->ahead = theirs - now;
    sweep->dated = TRUE;
    /* As far apart as now the clocks were then, if ours was not set since. */
    for (guint i = 0; i < sweep->entries->len; i++) {
        PfEntry *entry = sweep->entries->pdata[i];
        if (!entry->doubt_server && entry->doubt >= steady_since)
            entry->doubt_server = entry->doubt + sweep->ahead;
    }
}

gboolean
pf_sweep_take_page(PfSweep *sweep, FlattrReply *reply, gint64 steady_since, gint64 now, GError **error)
{
    g_autoptr(GPtrArray) flattrs = flattr_reply_read_flattrs(reply, error);

    if (!flattrs)
        return FALSE;
    compare_clocks(sweep, reply, steady_since, now);
    sweep->has_any |= flattrs->len > 0;
    sweep->finished = flattrs->len == 0;
    for (guint i = 0; i < flattrs->len; i++) {
        const FlattrFlattr *flattr = flattrs->pdata[i];
        const FlattrThing *thing = flattr_flattr_get_thing(flattr);
        gint64 created = flattr_flattr_get_created_at(flattr);
        PfEntry *entry = thing ? find_entry(sweep, thing) : NULL;

        if (entry && is_paid_by(sweep, entry, created))
            mark_found(sweep, entry, thing);
        sweep->finished |= created < oldest_that_matters(sweep);
    }
    sweep->finished |= sweep->found == sweep->entries->len;
    if (!sweep->finished && ++sweep->page > PAGES_MAX) {
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED, _("the list of flattrs never ends"));
        return FALSE;
    }
    return TRUE;
}

gboolean
pf_sweep_is_finished(const PfSweep *sweep)
{
    return sweep->finished;
}

void
pf_sweep_conclude(PfSweep *sweep, const PfAccount *account, gboolean is_list, gint64 now)
{
    for (guint i = 0; i < sweep->entries->len; i++) {
        PfEntry *entry = sweep->entries->pdata[i];
        PfDoubtTerms terms = pf_account_get_terms(account, entry, now);

        entry->checked = now;
        terms.asked = !is_list ? PF_ASKED_IN_VAIN : sweep->has_any ? PF_ASKED_IN_FULL : PF_ASKED_EMPTY;
        if (entry->state == PF_ENTRY_FLATTRED) {
            g_clear_pointer(&entry->reason, g_free);
            entry->next_attempt = entry->doubt = entry->doubt_server = entry->checked = 0;
        } else {
            (void)pf_settle_doubt(entry, &terms);
        }
    }
}

/* Half as long as the doubt lasts already: so many questions in the first hour, and few a day in a long outage. */
static gint64
next_question(const PfEntry *entry, gint64 now, double random)
{
    gint64 wait = CLAMP((now - entry->doubt) / 2, PF_SETTLE_FIRST_WAIT, PF_SETTLE_LONGEST_WAIT);

    return now + wait / 2 + (gint64)(random * (double)wait / 2);
}

void
pf_sweep_postpone(PfSweep *sweep, const PfAccount *account, gint64 now, double random)
{
    for (guint i = 0; i < sweep->entries->len; i++) {
        PfEntry *entry = sweep->entries->pdata[i];
        PfDoubtTerms terms = pf_account_get_terms(account, entry, now);

        entry->state = PF_ENTRY_QUEUED; /* also what an earlier page had: the next sweep finds it again */
        entry->next_attempt = next_question(entry, now, random);
        terms.asked = PF_ASKED_IN_VAIN;
        if (now - entry->doubt > DOUBT_LONGEST)
            (void)pf_settle_doubt(entry, &terms);
    }
}

GPtrArray *
pf_sweep_take_entries(PfSweep *sweep)
{
    return g_steal_pointer(&sweep->entries);
}
