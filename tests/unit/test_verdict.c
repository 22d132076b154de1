/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/verdict.h"
#include <string.h>

typedef struct {
    PfAnswer answer;
    PfVerdict verdict;
    PfEntryState state;
    PfGateReason gate;
    const char *reason;
} Case;

/* What the API answers: the code is NULL for a success. */
#define JSON_ANSWER(status, code)                                                                                      \
    {                                                                                                                  \
        PF_DELIVERY_ANSWERED, status, TRUE, (code) == NULL, TRUE, code                                                 \
    }
/* JSON, but from who knows whom. */
#define STRANGE_ANSWER(status, code)                                                                                   \
    {                                                                                                                  \
        PF_DELIVERY_ANSWERED, status, TRUE, FALSE, FALSE, code                                                         \
    }
#define OTHER_ANSWER(status)                                                                                           \
    {                                                                                                                  \
        PF_DELIVERY_ANSWERED, status, FALSE, FALSE, FALSE, NULL                                                        \
    }

static const Case cases[] = {
    /* The API's own codes. */
    {JSON_ANSWER(400, "invalid_request"), PF_VERDICT_PERMANENT, PF_ENTRY_FAILED, PF_GATE_OPEN, "invalid_request"},
    {JSON_ANSWER(400, "invalid_parameters"), PF_VERDICT_PERMANENT, PF_ENTRY_FAILED, PF_GATE_OPEN, "invalid_parameters"},
    {JSON_ANSWER(400, "validation"), PF_VERDICT_PERMANENT, PF_ENTRY_FAILED, PF_GATE_OPEN, "validation"},
    {JSON_ANSWER(401, "no_means"), PF_VERDICT_ACCOUNT, PF_ENTRY_QUEUED, PF_GATE_NO_MEANS, "no_means"},
    {JSON_ANSWER(401, "no_money"), PF_VERDICT_ACCOUNT, PF_ENTRY_QUEUED, PF_GATE_NO_MEANS, "no_means"},
    {JSON_ANSWER(401, "unauthorized"), PF_VERDICT_ACCOUNT, PF_ENTRY_QUEUED, PF_GATE_UNAUTHORIZED, "unauthorized"},
    {JSON_ANSWER(403, "flattr_once"), PF_VERDICT_DONE, PF_ENTRY_FLATTRED, PF_GATE_OPEN, "flattr_once"},
    {JSON_ANSWER(403, "flattr_owner"), PF_VERDICT_DONE, PF_ENTRY_OWNED, PF_GATE_OPEN, "flattr_owner"},
    {JSON_ANSWER(403, "insufficient_scope"), PF_VERDICT_ACCOUNT, PF_ENTRY_QUEUED, PF_GATE_INSUFFICIENT_SCOPE,
     "insufficient_scope"},
    {JSON_ANSWER(403, "invalid_scope"), PF_VERDICT_ACCOUNT, PF_ENTRY_QUEUED, PF_GATE_INSUFFICIENT_SCOPE,
     "invalid_scope"},
    {JSON_ANSWER(403, "rate_limit_exceeded"), PF_VERDICT_ACCOUNT, PF_ENTRY_QUEUED, PF_GATE_RATE_LIMIT,
     "rate_limit_exceeded"},
    {JSON_ANSWER(403, "forbidden"), PF_VERDICT_PERMANENT, PF_ENTRY_FAILED, PF_GATE_OPEN, "forbidden"},
    {JSON_ANSWER(403, "thing_owner"), PF_VERDICT_PERMANENT, PF_ENTRY_FAILED, PF_GATE_OPEN, "thing_owner"},
    {JSON_ANSWER(403, "subscribed"), PF_VERDICT_DONE, PF_ENTRY_FLATTRED, PF_GATE_OPEN, "subscribed"},
    {JSON_ANSWER(404, "not_found"), PF_VERDICT_PERMANENT, PF_ENTRY_FAILED, PF_GATE_OPEN, "not_found"},
    {JSON_ANSWER(406, "not_acceptable"), PF_VERDICT_PERMANENT, PF_ENTRY_FAILED, PF_GATE_OPEN, "not_acceptable"},
    /* The code decides, not the status. */
    {JSON_ANSWER(403, "no_means"), PF_VERDICT_ACCOUNT, PF_ENTRY_QUEUED, PF_GATE_NO_MEANS, "no_means"},
    {JSON_ANSWER(401, "flattr_once"), PF_VERDICT_DONE, PF_ENTRY_FLATTRED, PF_GATE_OPEN, "flattr_once"},
    {JSON_ANSWER(200, "rate_limit_exceeded"), PF_VERDICT_ACCOUNT, PF_ENTRY_QUEUED, PF_GATE_RATE_LIMIT,
     "rate_limit_exceeded"},
    /* Success. */
    {JSON_ANSWER(200, NULL), PF_VERDICT_DONE, PF_ENTRY_FLATTRED, PF_GATE_OPEN, NULL},
    {JSON_ANSWER(201, NULL), PF_VERDICT_DONE, PF_ENTRY_FLATTRED, PF_GATE_OPEN, NULL},
    /* Perhaps paid. */
    {OTHER_ANSWER(200), PF_VERDICT_UNKNOWN, PF_ENTRY_QUEUED, PF_GATE_OPEN, "bad_answer"},
    {OTHER_ANSWER(302), PF_VERDICT_UNKNOWN, PF_ENTRY_QUEUED, PF_GATE_OPEN, "redirect"},
    {JSON_ANSWER(307, NULL), PF_VERDICT_UNKNOWN, PF_ENTRY_QUEUED, PF_GATE_OPEN, "redirect"},
    {OTHER_ANSWER(500), PF_VERDICT_UNKNOWN, PF_ENTRY_QUEUED, PF_GATE_OPEN, "server_error"},
    {JSON_ANSWER(502, NULL), PF_VERDICT_UNKNOWN, PF_ENTRY_QUEUED, PF_GATE_OPEN, "server_error"},
    {OTHER_ANSWER(503), PF_VERDICT_UNKNOWN, PF_ENTRY_QUEUED, PF_GATE_OPEN, "server_error"},
    {JSON_ANSWER(500, "boom"), PF_VERDICT_UNKNOWN, PF_ENTRY_QUEUED, PF_GATE_OPEN, "server_error"},
    {OTHER_ANSWER(0), PF_VERDICT_UNKNOWN, PF_ENTRY_QUEUED, PF_GATE_OPEN, "server_error"},
    {OTHER_ANSWER(100), PF_VERDICT_UNKNOWN, PF_ENTRY_QUEUED, PF_GATE_OPEN, "server_error"},
    {{.delivery = PF_DELIVERY_UNANSWERED}, PF_VERDICT_UNKNOWN, PF_ENTRY_QUEUED, PF_GATE_OPEN, "no_answer"},
    /* A head that says 200 is worth nothing without its body. */
    {{PF_DELIVERY_UNANSWERED, 200, TRUE, TRUE, TRUE, "flattr_once"},
     PF_VERDICT_UNKNOWN,
     PF_ENTRY_QUEUED,
     PF_GATE_OPEN,
     "no_answer"},
    /* Not paid for certain. */
    {{.delivery = PF_DELIVERY_NOT_SENT}, PF_VERDICT_TEMPORARY, PF_ENTRY_QUEUED, PF_GATE_UNREACHABLE, "unreachable"},
    {OTHER_ANSWER(401), PF_VERDICT_TEMPORARY, PF_ENTRY_QUEUED, PF_GATE_OPEN, "not_the_api"},
    {OTHER_ANSWER(403), PF_VERDICT_TEMPORARY, PF_ENTRY_QUEUED, PF_GATE_OPEN, "not_the_api"},
    {OTHER_ANSWER(404), PF_VERDICT_TEMPORARY, PF_ENTRY_QUEUED, PF_GATE_OPEN, "not_the_api"},
    {OTHER_ANSWER(429), PF_VERDICT_ACCOUNT, PF_ENTRY_QUEUED, PF_GATE_RATE_LIMIT, "rate_limit"},
    /* A wrong address of the API finds nothing, ever; that is not the entry's end. */
    {STRANGE_ANSWER(404, "not_found"), PF_VERDICT_TEMPORARY, PF_ENTRY_QUEUED, PF_GATE_OPEN, "not_the_api"},
    {STRANGE_ANSWER(403, "flattr_once"), PF_VERDICT_DONE, PF_ENTRY_FLATTRED, PF_GATE_OPEN, "flattr_once"},
    {STRANGE_ANSWER(200, NULL), PF_VERDICT_UNKNOWN, PF_ENTRY_QUEUED, PF_GATE_OPEN, "bad_answer"},
    {JSON_ANSWER(403, "some_new_code"), PF_VERDICT_TEMPORARY, PF_ENTRY_QUEUED, PF_GATE_OPEN, "refused"},
    {JSON_ANSWER(401, NULL), PF_VERDICT_TEMPORARY, PF_ENTRY_QUEUED, PF_GATE_OPEN, "refused"},
};

static void
every_answer_has_its_verdict(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        PfOutcome outcome = pf_outcome_read(&cases[i].answer);

        g_test_message("case %" G_GSIZE_FORMAT ": status %u, code %s", i, cases[i].answer.status, cases[i].answer.code);
        g_assert_cmpint(outcome.verdict, ==, cases[i].verdict);
        g_assert_cmpint(outcome.state, ==, cases[i].state);
        g_assert_cmpint(outcome.gate, ==, cases[i].gate);
        g_assert_cmpstr(outcome.reason, ==, cases[i].reason);
    }
}

static void
no_answer_whatever_loses_an_entry(void)
{
    static const char *const codes[] = {NULL, "", "flattr_once", "no_means", "new_code", "not_found"};

    for (guint status = 0; status < 1000; status++) {
        for (gsize i = 0; i < G_N_ELEMENTS(codes) * 2; i++) {
            PfAnswer answer = {PF_DELIVERY_ANSWERED, status, i % 2 == 0, i == 0, TRUE, codes[i / 2]};
            PfOutcome outcome = pf_outcome_read(&answer);

            /* Only words of the API end an entry: its success, or one of its codes. */
            if (outcome.state != PF_ENTRY_QUEUED)
                g_assert_true(answer.is_json && ((status >= 200 && status < 300) || i / 2 == 2 || i / 2 == 5));
            g_assert_cmpint(outcome.state == PF_ENTRY_FLATTRED || outcome.state == PF_ENTRY_OWNED, ==,
                            outcome.verdict == PF_VERDICT_DONE);
            g_assert_cmpint(outcome.state == PF_ENTRY_FAILED, ==, outcome.verdict == PF_VERDICT_PERMANENT);
            g_assert_nonnull(pf_verdict_name(outcome.verdict));
        }
    }
}

static void
an_answer_is_about_the_thing_that_was_sent(void)
{
    static const struct {
        const char *key, *thing;
        gboolean same;
    } things[] = {
        {"https://a.example/1", "{\"id\":1,\"url\":\"https://a.example/1\"}", TRUE},
        {"https://a.example/1", "{\"id\":1,\"url\":\"http://www.A.example/1/\"}", TRUE},
        {"https://a.example/1", "{\"id\":1,\"url\":\"https://a.example/2\"}", FALSE},
        {"https://a.example/1", "{\"id\":1,\"url\":\"https://b.example/1\"}", FALSE},
        {"https://a.example/1", "{\"id\":1}", TRUE}, /* it need not say */
        {"https://github.com/a/b", "{\"id\":1,\"url\":\"http://www.github.com/A/b/\"}", TRUE},
        {"thing:5", "{\"id\":5,\"url\":\"https://whatever.example/\"}", TRUE},
        {"thing:5", "{\"id\":6,\"url\":\"https://whatever.example/\"}", FALSE},
        {"profile:ann", "{\"id\":1,\"url\":\"https://flattr.com/profile/Ann\"}", TRUE},
        {"profile:ann", "{\"id\":1,\"url\":\"https://flattr.com/profile/eve\"}", FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(things); i++) {
        static const char *const head = "HTTP/1.1 200 OK";
        g_autofree char *body = g_strdup_printf("{\"message\":\"ok\",\"thing\":%s}", things[i].thing);
        g_autoptr(FlattrReply) reply = flattr_reply_new();

        g_test_message("%s %s", things[i].key, things[i].thing);
        flattr_reply_add_head_line(reply, head, strlen(head));
        g_assert_true(flattr_reply_append_body(reply, body, strlen(body)));
        g_autoptr(FlattrThing) thing = flattr_reply_read_flattr(reply, NULL);
        g_assert_nonnull(thing);
        g_assert_cmpint(pf_answer_is_thing(things[i].key, thing), ==, things[i].same);
    }
}

static void
a_limit_that_ends_days_ahead_holds_nothing_up(void)
{
    static const struct {
        gint64 reset;
        guint allowed;
    } resets[] = {{3600, 0}, {86400, 0}, {86401, 50}, {30 * 86400, 50}, {-10, 50}};
    const PfOutcome done = {.verdict = PF_VERDICT_DONE, .state = PF_ENTRY_FLATTRED};
    const gint64 now = 1800000000;

    for (gsize i = 0; i < G_N_ELEMENTS(resets); i++) {
        static const char *const head[] = {"HTTP/1.1 200 OK", "X-RateLimit-Limit: 1000", "X-RateLimit-Remaining: 0",
                                           "X-RateLimit-Current: 1000"};
        g_autofree char *reset = g_strdup_printf("X-RateLimit-Reset: %" G_GINT64_FORMAT, now + resets[i].reset);
        g_autoptr(FlattrReply) reply = flattr_reply_new();
        PfAccount *account = pf_account_new("http://127.0.0.1/rest/v2", "token");

        for (gsize j = 0; j < G_N_ELEMENTS(head); j++)
            flattr_reply_add_head_line(reply, head[j], strlen(head[j]));
        flattr_reply_add_head_line(reply, reset, strlen(reset));
        pf_account_learn(account, &done, FALSE, reply, now);
        g_assert_cmpuint(pf_account_count_allowed(account, 50, now), ==, resets[i].allowed);
        pf_account_free(account);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/outcome/every answer has its verdict", every_answer_has_its_verdict);
    g_test_add_func("/outcome/no answer whatever loses an entry", no_answer_whatever_loses_an_entry);
    g_test_add_func("/verdict/an answer is about the thing that was sent", an_answer_is_about_the_thing_that_was_sent);
    g_test_add_func("/account/a limit that ends days ahead holds nothing up",
                    a_limit_that_ends_days_ahead_holds_nothing_up);
    return g_test_run();
}
