/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/outcome.h"

#define ANY_STATUS 0, 999

/* The API's error codes. */
static const struct {
    const char *code;
    PfOutcome outcome;
} by_code[] = {
    {"flattr_once", {PF_VERDICT_DONE, PF_ENTRY_FLATTRED, "flattr_once", PF_GATE_OPEN, FALSE}},
    {"flattr_owner", {PF_VERDICT_DONE, PF_ENTRY_OWNED, "flattr_owner", PF_GATE_OPEN, FALSE}},
    {"subscribed", {PF_VERDICT_DONE, PF_ENTRY_FLATTRED, "subscribed", PF_GATE_OPEN, FALSE}},
    {"no_means", {PF_VERDICT_ACCOUNT, PF_ENTRY_QUEUED, "no_means", PF_GATE_NO_MEANS, FALSE}},
    {"no_money", {PF_VERDICT_ACCOUNT, PF_ENTRY_QUEUED, "no_means", PF_GATE_NO_MEANS, FALSE}},
    {"unauthorized", {PF_VERDICT_ACCOUNT, PF_ENTRY_QUEUED, "unauthorized", PF_GATE_UNAUTHORIZED, FALSE}},
    {"insufficient_scope",
     {PF_VERDICT_ACCOUNT, PF_ENTRY_QUEUED, "insufficient_scope", PF_GATE_INSUFFICIENT_SCOPE, FALSE}},
    {"invalid_scope", {PF_VERDICT_ACCOUNT, PF_ENTRY_QUEUED, "invalid_scope", PF_GATE_INSUFFICIENT_SCOPE, FALSE}},
    {"rate_limit_exceeded", {PF_VERDICT_ACCOUNT, PF_ENTRY_QUEUED, "rate_limit_exceeded", PF_GATE_RATE_LIMIT, FALSE}},
    {"invalid_request", {PF_VERDICT_PERMANENT, PF_ENTRY_FAILED, "invalid_request", PF_GATE_OPEN, TRUE}},
    {"invalid_parameters", {PF_VERDICT_PERMANENT, PF_ENTRY_FAILED, "invalid_parameters", PF_GATE_OPEN, TRUE}},
    {"validation", {PF_VERDICT_PERMANENT, PF_ENTRY_FAILED, "validation", PF_GATE_OPEN, TRUE}},
    {"forbidden", {PF_VERDICT_PERMANENT, PF_ENTRY_FAILED, "forbidden", PF_GATE_OPEN, TRUE}},
    {"thing_owner", {PF_VERDICT_PERMANENT, PF_ENTRY_FAILED, "thing_owner", PF_GATE_OPEN, TRUE}},
    {"not_found", {PF_VERDICT_PERMANENT, PF_ENTRY_FAILED, "not_found", PF_GATE_OPEN, TRUE}},
    {"not_acceptable", {PF_VERDICT_PERMANENT, PF_ENTRY_FAILED, "not_acceptable", PF_GATE_OPEN, TRUE}},
};

typedef enum {
    EITHER,
    JSON,
    NO_JSON,
} BodyKind;

/* Everything else, first match wins. A refusal that is no JSON comes from a proxy or a captive portal: it says nothing
 * about the flattr but that it did not get through. One that is JSON with a code we do not know is the entry's own
 * trouble. */
static const struct {
    PfDelivery delivery;
    guint from, to;
    BodyKind body;
    PfOutcome outcome;
} by_status[] = {
    {PF_DELIVERY_NOT_SENT,
     ANY_STATUS,
     EITHER,
     {PF_VERDICT_TEMPORARY, PF_ENTRY_QUEUED, "unreachable", PF_GATE_UNREACHABLE, FALSE}},
    {PF_DELIVERY_UNANSWERED,
     ANY_STATUS,
     EITHER,
     {PF_VERDICT_UNKNOWN, PF_ENTRY_QUEUED, "no_answer", PF_GATE_OPEN, FALSE}},
    {PF_DELIVERY_ANSWERED, 200, 299, JSON, {PF_VERDICT_DONE, PF_ENTRY_FLATTRED, NULL, PF_GATE_OPEN, FALSE}},
    {PF_DELIVERY_ANSWERED, 200, 299, NO_JSON, {PF_VERDICT_UNKNOWN, PF_ENTRY_QUEUED, "bad_answer", PF_GATE_OPEN, FALSE}},
    {PF_DELIVERY_ANSWERED, 300, 399, EITHER, {PF_VERDICT_UNKNOWN, PF_ENTRY_QUEUED, "redirect", PF_GATE_OPEN, FALSE}},
    {PF_DELIVERY_ANSWERED,
     429,
     429,
     EITHER,
     {PF_VERDICT_ACCOUNT, PF_ENTRY_QUEUED, "rate_limit", PF_GATE_RATE_LIMIT, FALSE}},
    {PF_DELIVERY_ANSWERED,
     400,
     499,
     NO_JSON,
     {PF_VERDICT_TEMPORARY, PF_ENTRY_QUEUED, "not_the_api", PF_GATE_OPEN, FALSE}},
    {PF_DELIVERY_ANSWERED, 400, 499, JSON, {PF_VERDICT_TEMPORARY, PF_ENTRY_QUEUED, "refused", PF_GATE_OPEN, TRUE}},
    {PF_DELIVERY_ANSWERED,
     ANY_STATUS,
     EITHER,
     {PF_VERDICT_UNKNOWN, PF_ENTRY_QUEUED, "server_error", PF_GATE_OPEN, FALSE}},
};

PfOutcome
pf_outcome_read(const PfAnswer *answer)
{
    if (answer->delivery == PF_DELIVERY_ANSWERED && answer->is_json && answer->code)
        for (gsize i = 0; i < G_N_ELEMENTS(by_code); i++)
            if (g_str_equal(answer->code, by_code[i].code))
                return by_code[i].outcome;

    gsize i = 0;
    while (i < G_N_ELEMENTS(by_status) - 1 &&
           (by_status[i].delivery != answer->delivery || answer->status < by_status[i].from ||
            answer->status > by_status[i].to || (by_status[i].body == JSON && !answer->is_json) ||
            (by_status[i].body == NO_JSON && answer->is_json)))
        i++;
    return by_status[i].outcome;
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
