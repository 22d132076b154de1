/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/verdict.h"

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
