/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/answer.h"

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
