/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/verdict.h"

#include "base/clock.h"
#include "base/url.h"
#include "payment/payment_link.h"
#include "queue/gate.h"
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

/* Everything else, first match wins. A refusal that is no JSON comes from a proxy or a captive portal: it says nothing
 * about the flattr but that it did not get through. One that is JSON with a code we do not know is the entry's own
 * trouble. */
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
    /* Said a million times, so briefly. */
    return g_strdup_printf("%s: %u", pf_verdict_name(verdict), flattr_reply_get_status(reply));
}

void
pf_answer_take_thing(PfEntry *entry, FlattrReply *reply)
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
