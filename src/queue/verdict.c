/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/verdict.h"

#include "base/clock.h"
#include "base/url.h"
#include "payment/payment_link.h"
#include "queue/gate.h"
#include "queue/queue_private.h"

#include <string.h>

#define DONE(state, reason)                                                                                            \
    {                                                                                                                  \
        PF_VERDICT_DONE, state, reason, PF_GATE_OPEN, FALSE                                                            \
    }
#define WAIT(reason, gate)                                                                                             \
    {                                                                                                                  \
        PF_VERDICT_ACCOUNT, PF_ENTRY_QUEUED, reason, gate, FALSE                                                       \
    }
#define FAIL(reason)                                                                                                   \
    {                                                                                                                  \
        PF_VERDICT_PERMANENT, PF_ENTRY_FAILED, reason, PF_GATE_OPEN, TRUE                                              \
    }
#define LATER(reason, gate, own_fault)                                                                                 \
    {                                                                                                                  \
        PF_VERDICT_TEMPORARY, PF_ENTRY_QUEUED, reason, gate, own_fault                                                 \
    }
#define DOUBT(reason)                                                                                                  \
    {                                                                                                                  \
        PF_VERDICT_UNKNOWN, PF_ENTRY_QUEUED, reason, PF_GATE_OPEN, FALSE                                               \
    }

/* The API's error codes. */
static const struct {
    const char *code;
    PfOutcome outcome;
} by_code[] = {
    {"flattr_once", DONE(PF_ENTRY_FLATTRED, "flattr_once")},
    {"flattr_owner", DONE(PF_ENTRY_OWNED, "flattr_owner")},
    {"subscribed", DONE(PF_ENTRY_FLATTRED, "subscribed")},
    {"no_means", WAIT("no_means", PF_GATE_NO_MEANS)},
    {"no_money", WAIT("no_means", PF_GATE_NO_MEANS)},
    {"unauthorized", WAIT("unauthorized", PF_GATE_UNAUTHORIZED)},
    {"insufficient_scope", WAIT("insufficient_scope", PF_GATE_INSUFFICIENT_SCOPE)},
    {"invalid_scope", WAIT("invalid_scope", PF_GATE_INSUFFICIENT_SCOPE)},
    {"rate_limit_exceeded", WAIT("rate_limit_exceeded", PF_GATE_RATE_LIMIT)},
    {"invalid_request", FAIL("invalid_request")},
    {"invalid_parameters", FAIL("invalid_parameters")},
    {"validation", FAIL("validation")},
    {"forbidden", FAIL("forbidden")},
    {"thing_owner", FAIL("thing_owner")},
    {"not_found", FAIL("not_found")},
    {"not_acceptable", FAIL("not_acceptable")},
};

/* Everything else, first match wins. A refusal that is not JSON comes from a proxy or a captive portal: it says nothing
 * about the flattr but that it did not get through. One that is JSON with an unknown code counts against the entry
 * itself. */
typedef enum {
    ANYTHING,
    JSON,
    ACCEPTED,
} BodyKind;

static const struct {
    PfDelivery delivery;
    guint from, to; /* statuses */
    BodyKind body;
    PfOutcome outcome;
} by_status[] = {
    {PF_DELIVERY_NOT_SENT, 0, 999, ANYTHING, LATER("unreachable", PF_GATE_UNREACHABLE, FALSE)},
    {PF_DELIVERY_UNANSWERED, 0, 999, ANYTHING, DOUBT("no_answer")},
    {PF_DELIVERY_ANSWERED, 200, 299, ACCEPTED, DONE(PF_ENTRY_FLATTRED, NULL)},
    {PF_DELIVERY_ANSWERED, 200, 299, ANYTHING, DOUBT("bad_answer")},
    {PF_DELIVERY_ANSWERED, 300, 399, ANYTHING, DOUBT("redirect")},
    {PF_DELIVERY_ANSWERED, 429, 429, ANYTHING, WAIT("rate_limit", PF_GATE_RATE_LIMIT)},
    {PF_DELIVERY_ANSWERED, 404, 404, ANYTHING, LATER("not_the_api", PF_GATE_OPEN, FALSE)},
    {PF_DELIVERY_ANSWERED, 400, 499, JSON, LATER("refused", PF_GATE_OPEN, TRUE)},
    {PF_DELIVERY_ANSWERED, 400, 499, ANYTHING, LATER("not_the_api", PF_GATE_OPEN, FALSE)},
    {PF_DELIVERY_ANSWERED, 0, 999, ANYTHING, DOUBT("server_error")},
};

/* A wrong address of the API answers every request with "not found", which must not end every entry. */
static gboolean
believes_code(const PfAnswer *answer)
{
    return answer->delivery == PF_DELIVERY_ANSWERED && answer->is_json && answer->code &&
           (answer->from_api || !g_str_equal(answer->code, "not_found"));
}

static gboolean
matches(gsize row, const PfAnswer *answer)
{
    if (by_status[row].delivery != answer->delivery || answer->status < by_status[row].from ||
        answer->status > by_status[row].to)
        return FALSE;
    switch (by_status[row].body) {
    case JSON:
        return answer->is_json;
    case ACCEPTED:
        return answer->accepted;
    default:
        return TRUE;
    }
}

PfOutcome
pf_outcome_read(const PfAnswer *answer)
{
    if (believes_code(answer))
        for (gsize i = 0; i < G_N_ELEMENTS(by_code); i++)
            if (g_str_equal(answer->code, by_code[i].code))
                return by_code[i].outcome;

    gsize row = 0;
    while (row < G_N_ELEMENTS(by_status) - 1 && !matches(row, answer))
        row++;
    return by_status[row].outcome;
}

const char *
pf_verdict_name(PfVerdict verdict)
{
    static const char *const names[] = {
        [PF_VERDICT_DONE] = "done",           [PF_VERDICT_ACCOUNT] = "account", [PF_VERDICT_PERMANENT] = "permanent",
        [PF_VERDICT_TEMPORARY] = "temporary", [PF_VERDICT_UNKNOWN] = "unknown",
    };
    return names[verdict];
}

PfAnswer
pf_answer_describe(FlattrReply *reply, const GError *transport, gboolean trusted)
{
    FlattrRateLimit limit;

    if (!reply)
        return (PfAnswer){.delivery = g_error_matches(transport, FLATTR_ERROR, FLATTR_ERROR_UNREACHABLE)
                                          ? PF_DELIVERY_NOT_SENT
                                          : PF_DELIVERY_UNANSWERED};
    return (PfAnswer){.delivery = PF_DELIVERY_ANSWERED,
                      .status = flattr_reply_get_status(reply),
                      .is_json = flattr_reply_is_json(reply),
                      .accepted = flattr_reply_is_accepted(reply),
                      .from_api = trusted || flattr_reply_get_rate_limit(reply, &limit),
                      .code = flattr_reply_get_error_code(reply)};
}

char *
pf_answer_tell(FlattrReply *reply, const GError *transport, PfVerdict verdict)
{
    g_autoptr(GError) refusal = NULL;

    if (!reply)
        return g_strdup_printf("%s: %s", pf_verdict_name(verdict), transport->message);
    if (!flattr_reply_check(reply, &refusal))
        return g_strdup_printf("%s: %s", pf_verdict_name(verdict), refusal->message);
    /* Stored a million times, so it is short. */
    return g_strdup_printf("%s: %u", pf_verdict_name(verdict), flattr_reply_get_status(reply));
}

void
pf_answer_keep_thing(PfEntry *entry, const FlattrThing *thing)
{
    const char *title = flattr_thing_get_title(thing);

    if (g_strcmp0(title, flattr_thing_get_url(thing)) == 0 || g_strcmp0(title, entry->key) == 0)
        title = NULL;
    g_free(entry->thing_link);
    g_free(entry->thing_title);
    entry->thing_id = flattr_thing_get_id(thing);
    entry->thing_link = g_strdup(flattr_thing_get_link(thing));
    entry->thing_title = g_strdup(title);
}

void
pf_answer_take_thing(PfEntry *entry, FlattrReply *reply)
{
    g_autoptr(FlattrThing) thing = reply ? flattr_reply_read_flattr(reply, NULL) : NULL;

    if (thing)
        pf_answer_keep_thing(entry, thing);
}

gboolean
pf_answer_is_thing(const char *key, const FlattrThing *thing)
{
    const char *url = flattr_thing_get_url(thing);
    gint64 id = flattr_thing_get_id(thing);

    if (g_str_has_prefix(key, "thing:"))
        return id == 0 || id == g_ascii_strtoll(key + strlen("thing:"), NULL, 10);
    if (!url)
        return TRUE;
    g_autoptr(PfPayment) classified = pf_payment_new(url);
    if (classified && g_str_equal(classified->key, key))
        return TRUE;
    g_autofree char *ours = pf_url_rule_key(key);
    g_autofree char *theirs = pf_url_rule_key(url);
    return g_str_equal(ours, theirs);
}

/* How far the server's clock may be from ours, seconds; it is the server's month that counts. */
#define CLOCKS_APART 600

/* A request that was not carried out so many seconds after it left never will be. */
#define CARRIED_OUT_WITHIN 300

void
pf_settle_entry(PfEntry *entry, const PfOutcome *outcome, gint64 sent, gint64 now, double random)
{
    entry->state = outcome->state;
    g_free(entry->reason);
    entry->reason = g_strdup(outcome->reason);

    switch (outcome->verdict) {
    case PF_VERDICT_DONE:
    case PF_VERDICT_PERMANENT:
        entry->next_attempt = 0;
        entry->doubt = 0;
        entry->checked = 0;
        break;
    case PF_VERDICT_ACCOUNT:
        /* Not the entry's failure: it keeps its place and its tries. */
        entry->attempts--;
        break;
    case PF_VERDICT_TEMPORARY:
        if (outcome->gate != PF_GATE_OPEN)
            entry->attempts--;
        else
            entry->next_attempt = now + pf_backoff_seconds((guint)MAX(entry->attempts - 1, 0), PF_SETTLE_FIRST_WAIT,
                                                           PF_SETTLE_LONGEST_WAIT, random);
        break;
    case PF_VERDICT_UNKNOWN:
        if (entry->doubt == 0)
            entry->doubt = sent;
        entry->checked = 0;
        entry->next_attempt = now + pf_backoff_seconds((guint)MAX(entry->attempts - 1, 0), PF_SETTLE_FIRST_WAIT,
                                                       PF_SETTLE_LONGEST_WAIT, random);
        break;
    }
    if (!entry->doubt)
        entry->doubt_server = 0;
    if (outcome->own_fault && ++entry->own_faults >= PF_SETTLE_OWN_FAULTS)
        entry->state = PF_ENTRY_FAILED;
}

static void
end_doubt(PfEntry *entry)
{
    entry->doubt = entry->doubt_server = 0;
}

static gboolean
hold_doubt(PfEntry *entry)
{
    entry->state = PF_ENTRY_HELD;
    entry->next_attempt = 0;
    g_free(entry->reason);
    entry->reason = g_strdup("unknown");
    return FALSE;
}

gboolean
pf_settle_doubt(PfEntry *entry, const PfDoubtTerms *terms)
{
    gboolean dated = entry->doubt_server && terms->server_now;
    gint64 doubt = dated ? entry->doubt_server : entry->doubt;
    gint64 now = dated ? terms->server_now : terms->now;
    gboolean same_month = pf_clock_month_start(doubt - CLOCKS_APART) == pf_clock_month_start(now + CLOCKS_APART);

    if (!entry->doubt)
        return TRUE;
    if (!terms->same_person)
        return hold_doubt(entry);
    if ((terms->asked == PF_ASKED_IN_FULL && dated && now - doubt >= CARRIED_OUT_WITHIN) ||
        (terms->asked != PF_ASKED_NOT && !entry->sent_as)) {
        end_doubt(entry);
        return TRUE;
    }
    if (same_month && terms->heard && (dated || terms->asked != PF_ASKED_IN_VAIN))
        return TRUE;
    if (terms->asked != PF_ASKED_NOT)
        return hold_doubt(entry);
    entry->state = PF_ENTRY_QUEUED;
    entry->checked = 0;
    return FALSE;
}

gboolean
pf_settle_month(PfEntry *entry, gint64 now, gint64 server_now)
{
    char month[PF_CLOCK_MONTH_SIZE];

    if (!entry->period || !*entry->period || !server_now || entry->state != PF_ENTRY_FLATTRED)
        return FALSE;
    pf_clock_month(server_now, month);
    gboolean is_early = strcmp(month, entry->period) < 0;
    if (!is_early)
        return FALSE;
    if (!entry->reason) {
        g_free(entry->period);
        entry->period = g_strdup(month);
        return TRUE;
    }
    entry->state = PF_ENTRY_QUEUED;
    entry->next_attempt = now + pf_clock_next_month(server_now) - server_now + CLOCKS_APART;
    return FALSE;
}

/* What the queue keeps of the account: the gate, the user's pause, the rate limit. */

static gboolean
read_pause(PfQueue *queue, gint64 *since, GError **error)
{
    *since = 0;
    return pf_database_read_number(queue->database, since, error, "SELECT since FROM pause", "");
}

typedef struct {
    PfGate *gate;
    char **token;
} GateRow;

static gboolean
take_gate(sqlite3_stmt *row, gpointer data)
{
    const GateRow *read = data;

    read->gate->reason = pf_gate_reason_from_name((const char *)sqlite3_column_text(row, 0));
    read->gate->since = sqlite3_column_int64(row, 1);
    read->gate->next_probe = sqlite3_column_int64(row, 2);
    read->gate->probes = (guint)sqlite3_column_int64(row, 3);
    *read->token = pf_database_dup_text(row, 4);
    return FALSE;
}

gboolean
pf_queue_load_gate(PfQueue *queue, PfGate *gate, char **token, GError **error)
{
    GateRow read = {gate, token};
    gint64 paused;

    pf_gate_open(gate);
    *token = NULL;
    if (!pf_database_each(queue->database,
                          pf_database_prepare(queue->database, error,
                                              "SELECT reason, since, next_probe, probes, token FROM gate", ""),
                          take_gate, &read, error) ||
        !read_pause(queue, &paused, error))
        return FALSE;
    if (paused)
        *gate = (PfGate){.reason = PF_GATE_PAUSED, .since = paused};
    return TRUE;
}

gboolean
pf_queue_save_gate(PfQueue *queue, const PfGate *gate, const char *token, GError **error)
{
    /* What the gate was closed for besides is still in its row, and true. */
    if (gate->reason == PF_GATE_PAUSED)
        return TRUE;
    if (gate->reason == PF_GATE_OPEN)
        return pf_database_run(queue->database, error, "DELETE FROM gate", "");
    return pf_database_run(queue->database, error,
                           "INSERT OR REPLACE INTO gate (id, reason, since, next_probe, probes, token)"
                           " VALUES (1, ?, ?, ?, ?, ?)",
                           "sizis", pf_gate_reason_name(gate->reason), gate->since, gate->next_probe,
                           (gint64)gate->probes, token);
}

gboolean
pf_queue_read_paused(PfQueue *queue, gboolean *paused, GError **error)
{
    gint64 since;

    if (!read_pause(queue, &since, error))
        return FALSE;
    *paused = since != 0;
    return TRUE;
}

gboolean
pf_queue_pause(PfQueue *queue, gint64 now, gboolean *changed, GError **error)
{
    if (!pf_database_run(queue->database, error, "INSERT OR IGNORE INTO pause (id, since) VALUES (1, ?)", "i", now))
        return FALSE;
    *changed = pf_database_changes(queue->database) > 0;
    return TRUE;
}

gboolean
pf_queue_resume(PfQueue *queue, gboolean *changed, GError **error)
{
    if (!pf_database_run(queue->database, error, "DELETE FROM pause", ""))
        return FALSE;
    *changed = pf_database_changes(queue->database) > 0;
    return TRUE;
}

static gboolean
take_rate_limit(sqlite3_stmt *row, gpointer data)
{
    PfRateLimit *limit = data;

    limit->limit = sqlite3_column_int64(row, 0);
    limit->remaining = sqlite3_column_int64(row, 1);
    limit->current = sqlite3_column_int64(row, 2);
    limit->reset = sqlite3_column_int64(row, 3);
    return FALSE;
}

gboolean
pf_queue_load_rate_limit(PfQueue *queue, PfRateLimit *limit, GError **error)
{
    *limit = (PfRateLimit){0};
    return pf_database_each(
        queue->database,
        pf_database_prepare(queue->database, error, "SELECT hits_limit, remaining, current, reset FROM rate_limit", ""),
        take_rate_limit, limit, error);
}

static gboolean
save_rate_limit(PfQueue *queue, const PfRateLimit *limit, GError **error)
{
    return pf_database_run(queue->database, error,
                           "INSERT OR REPLACE INTO rate_limit (id, hits_limit, remaining, current, reset)"
                           " VALUES (1, ?, ?, ?, ?)",
                           "iiii", limit->limit, limit->remaining, limit->current, limit->reset);
}

/* After so many answers in a row that are none of the API's, it is the way there that is broken, not the entries. */
#define FAULTS_IN_A_ROW 3

/* Hexadecimal digits of the hash that are kept: enough to see that it is another account, too few to say which. */
#define FINGERPRINT_LENGTH 16

struct PfAccount {
    char *endpoint;
    char *fingerprint;   /* of server and token; NULL: there is no token */
    char *person;        /* of server and username; "" when the server does not say; NULL not asked */
    gboolean is_new;     /* the person is not in the queue yet */
    GHashTable *persons; /* of other tokens' fingerprints to persons */
    gboolean heard;      /* the API has answered in this run */
    gboolean dated;      /* … and told the time … */
    gint64 ahead;        /* … by which its clock is ahead of ours, seconds */
    gint64 begun;        /* when this run began, by our clock, seconds … */
    gint64 begun_evenly; /* … and by the monotonic one */
    PfGate gate;
    PfRateLimit limit; /* as the server last told it */
    gboolean trusted;  /* the API has accepted a request of this run */
    guint faults;      /* in a row */
};

static char *
dup_fingerprint(const char *endpoint, const char *text)
{
    g_autofree char *both = g_strjoin("\n", endpoint, text, NULL);
    char *fingerprint = g_compute_checksum_for_string(G_CHECKSUM_SHA256, both, -1);

    fingerprint[FINGERPRINT_LENGTH] = '\0';
    return fingerprint;
}

PfAccount *
pf_account_new(const char *endpoint, const char *token)
{
    PfAccount *account = g_new0(PfAccount, 1);

    account->endpoint = g_strdup(endpoint);
    account->fingerprint = token ? dup_fingerprint(endpoint, token) : NULL;
    account->persons = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    account->begun = pf_clock_now();
    account->begun_evenly = pf_clock_even();
    return account;
}

void
pf_account_free(PfAccount *account)
{
    if (!account)
        return;
    g_hash_table_unref(account->persons);
    g_free(account->endpoint);
    g_free(account->fingerprint);
    g_free(account->person);
    g_free(account);
}

static void
review_gate(PfAccount *account, PfHurry hurry, gint64 now)
{
    PfGate *gate = &account->gate;

    if (gate->reason == PF_GATE_PAUSED)
        return;
    if (!account->fingerprint)
        pf_gate_close(gate, PF_GATE_NO_TOKEN, now, PF_GATE_NO_HINTS, 0);
    else if (gate->reason == PF_GATE_NO_TOKEN || gate->reason == PF_GATE_PER_MONTH)
        pf_gate_open(gate); /* the user's own limit is counted again with each claim */
    else if (gate->reason != PF_GATE_OPEN &&
             (hurry & PF_HURRY_PROBE || (gate->reason == PF_GATE_UNREACHABLE && hurry & PF_HURRY_REACH)))
        gate->next_probe = now;
}

static gboolean
take_person(sqlite3_stmt *row, gpointer data)
{
    g_hash_table_replace(data, pf_database_dup_text(row, 0), pf_database_dup_text(row, 1));
    return TRUE;
}

static gboolean
load_persons(PfAccount *account, PfQueue *queue, GError **error)
{
    if (!pf_database_each(queue->database,
                          pf_database_prepare(queue->database, error, "SELECT token, person FROM person", ""),
                          take_person, account->persons, error))
        return FALSE;
    if (!account->person && account->fingerprint)
        account->person = g_strdup(g_hash_table_lookup(account->persons, account->fingerprint));
    return TRUE;
}

gboolean
pf_account_load(PfAccount *account, PfQueue *queue, PfHurry hurry, gint64 now, GError **error)
{
    g_autofree char *learned_of = NULL;

    account->trusted = FALSE;
    account->faults = 0;
    if (!pf_queue_load_gate(queue, &account->gate, &learned_of, error) ||
        !pf_queue_load_rate_limit(queue, &account->limit, error) || !load_persons(account, queue, error))
        return FALSE;
    if (account->gate.reason != PF_GATE_OPEN && account->gate.reason != PF_GATE_PAUSED &&
        g_strcmp0(learned_of, account->fingerprint) != 0) {
        pf_gate_open(&account->gate);
        account->limit = (PfRateLimit){0};
    }
    review_gate(account, hurry, now);
    return TRUE;
}

gboolean
pf_account_save(const PfAccount *account, PfQueue *queue, GError **error)
{
    if (account->is_new && !pf_database_run(queue->database, error, "INSERT OR REPLACE INTO person VALUES (?, ?)", "ss",
                                            account->fingerprint, account->person))
        return FALSE;
    return pf_queue_save_gate(queue, &account->gate, account->fingerprint, error) &&
           save_rate_limit(queue, &account->limit, error);
}

#define LONGEST_WINDOW ((gint64)86400)

/* Whether the window of a limit lasts still. The documented one is an hour: what ends days ahead was told by a clock,
 * or to one, that was wrong. */
static gboolean
is_window(const PfRateLimit *limit, gint64 now)
{
    return limit->reset > now && limit->reset <= now + LONGEST_WINDOW;
}

/* Answers to requests that were under way together may come in any order: within one window what remains only shrinks.
 */
static void
take_limit(PfRateLimit *known, const FlattrRateLimit *told)
{
    gboolean same = known->limit == told->limit && known->reset == told->reset;

    *known = (PfRateLimit){.limit = told->limit,
                           .remaining = same ? MIN(known->remaining, told->remaining) : told->remaining,
                           .current = same ? MAX(known->current, told->current) : told->current,
                           .reset = told->reset};
}

static PfGateHints
take_hints(PfAccount *account, const FlattrReply *reply, gint64 now)
{
    PfGateHints hints = PF_GATE_NO_HINTS;
    FlattrRateLimit limit;

    if (!reply)
        return hints;
    hints.retry_after = flattr_reply_get_retry_after(reply, now);
    if (flattr_reply_get_rate_limit(reply, &limit)) {
        take_limit(&account->limit, &limit);
        hints.rate_reset = limit.reset;
    }
    return hints;
}

/* The last request of the window was this one: wait instead of provoking the error. */
static void
close_used_up(PfAccount *account, PfGateHints hints, gint64 now)
{
    if (account->gate.reason == PF_GATE_OPEN && account->limit.remaining == 0 && is_window(&account->limit, now))
        pf_gate_close(&account->gate, PF_GATE_RATE_LIMIT, now, hints, g_random_double());
}

void
pf_account_learn(PfAccount *account, const PfOutcome *outcome, gboolean is_probe, const FlattrReply *reply, gint64 now)
{
    gboolean api_answered = outcome->verdict == PF_VERDICT_DONE || outcome->verdict == PF_VERDICT_PERMANENT;
    PfGateHints hints = take_hints(account, reply, now);
    double random = g_random_double();

    account->faults = api_answered || outcome->gate != PF_GATE_OPEN ? 0 : account->faults + 1;
    if (outcome->gate != PF_GATE_OPEN) {
        pf_gate_close(&account->gate, outcome->gate, now, hints, random);
    } else if (!api_answered) {
        /* A probe that fails in another way than before still is one that failed. */
        if (is_probe && account->gate.reason != PF_GATE_OPEN)
            pf_gate_close(&account->gate, account->gate.reason, now, hints, random);
        else if (hints.retry_after >= 0 || account->faults >= FAULTS_IN_A_ROW)
            pf_gate_close(&account->gate, PF_GATE_UNREACHABLE, now, hints, random);
    } else {
        account->trusted = TRUE;
        if (is_probe)
            pf_gate_open(&account->gate);
        close_used_up(account, hints, now);
    }
}

void
pf_account_note_clock(PfAccount *account, FlattrReply *reply, gint64 now)
{
    const char *date = reply && flattr_reply_is_json(reply) ? flattr_reply_get_header(reply, "Date") : NULL;
    gint64 theirs;

    account->heard = account->heard || reply;
    if (!date || !pf_clock_parse(date, &theirs))
        return;
    account->ahead = theirs - now;
    account->dated = TRUE;
}

gint64
pf_account_get_server_time(const PfAccount *account, gint64 time)
{
    return account->dated ? time + account->ahead : 0;
}

/* Both clocks are read to the second only. */
#define EVEN 2

gint64
pf_account_get_steady_since(const PfAccount *account, gint64 now)
{
    gint64 drift = (now - account->begun) - (pf_clock_even() - account->begun_evenly);

    return ABS(drift) <= EVEN ? account->begun : G_MAXINT64;
}

static gboolean
is_same_person(const PfAccount *account, const char *sent_as)
{
    if (!sent_as || !*sent_as || g_strcmp0(sent_as, account->fingerprint) == 0)
        return TRUE;
    const char *person = g_hash_table_lookup(account->persons, sent_as);
    return person && *person && g_strcmp0(person, account->person) == 0;
}

PfDoubtTerms
pf_account_get_terms(const PfAccount *account, const PfEntry *entry, gint64 now)
{
    return (PfDoubtTerms){.now = now,
                          .server_now = pf_account_get_server_time(account, now),
                          .heard = account->heard,
                          .same_person = is_same_person(account, entry->sent_as)};
}

gboolean
pf_account_knows_person(const PfAccount *account)
{
    return account->person != NULL;
}

gboolean
pf_account_wants_person(const PfAccount *account)
{
    return account->trusted && !account->person;
}

gboolean
pf_account_may_be(const PfAccount *account, const char *username)
{
    if (!username || !account->person || !*account->person)
        return TRUE;
    g_autofree char *person = dup_fingerprint(account->endpoint, username);
    return g_str_equal(person, account->person);
}

void
pf_account_set_person(PfAccount *account, const char *username)
{
    g_free(account->person);
    account->person = username ? dup_fingerprint(account->endpoint, username) : g_strdup("");
    account->is_new = username != NULL && account->fingerprint;
}

void
pf_account_note_failure(PfAccount *account, gboolean is_probe, const FlattrReply *reply, gint64 now)
{
    PfGateReason reason = is_probe && account->gate.reason != PF_GATE_OPEN ? account->gate.reason : PF_GATE_UNREACHABLE;

    pf_gate_close(&account->gate, reason, now, take_hints(account, reply, now), g_random_double());
}

void
pf_account_note_limit(PfAccount *account, const FlattrReply *reply, gint64 now)
{
    close_used_up(account, take_hints(account, reply, now), now);
}

void
pf_account_close_for_month(PfAccount *account, gint64 now)
{
    pf_gate_close(&account->gate, PF_GATE_PER_MONTH, now, PF_GATE_NO_HINTS, 0);
}

const char *
pf_account_get_fingerprint(const PfAccount *account)
{
    return account->fingerprint;
}

gboolean
pf_account_is_trusted(const PfAccount *account)
{
    return account->trusted;
}

PfGatePass
pf_account_check(const PfAccount *account, gint64 now)
{
    return pf_gate_check(&account->gate, now);
}

guint
pf_account_count_allowed(const PfAccount *account, guint most, gint64 now)
{
    PfGatePass pass = pf_gate_check(&account->gate, now);

    if (pass == PF_GATE_SHUT)
        return 0;
    if (pass == PF_GATE_PROBE || !account->trusted)
        return 1;
    if (account->limit.limit > 0 && is_window(&account->limit, now))
        return (guint)CLAMP(account->limit.remaining, 0, (gint64)most);
    return most;
}
