/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/submit.h"

#include "base/clock.h"
#include "base/url.h"
#include "payment/payment_policy.h"

#define DAY ((gint64)86400)

static const PfEntryState states[] = {
    [PF_POLICY_PAY] = PF_ENTRY_QUEUED,
    [PF_POLICY_HOLD] = PF_ENTRY_HELD,
    [PF_POLICY_DROP] = PF_ENTRY_DROPPED,
};

/* A feed can be named in two ways; then the more careful rule holds. */
static PfRule
strictest_rule(const PfConfig *config, const char *feed, const char *address)
{
    PfRule one = pf_config_get_rule(config, feed);
    PfRule other = pf_config_get_rule(config, address);

    if (one == PF_RULE_NEVER || other == PF_RULE_NEVER)
        return PF_RULE_NEVER;
    return one == PF_RULE_ASK || other == PF_RULE_ASK ? PF_RULE_ASK : PF_RULE_ALWAYS;
}

static PfPolicyQuestion
begin_question(const PfConfig *config, gboolean by_hand, gint64 now)
{
    return (PfPolicyQuestion){.by_hand = by_hand,
                              .no_channel = config->channel_links == PF_CHANNEL_LINKS_NEVER,
                              .no_found = !config->discoverable,
                              .confirm = config->confirm,
                              .delay = config->delay,
                              .came = now,
                              .now = now};
}

static gboolean
decide(PfQueue *queue, const PfConfig *config, const PfSubmission *item, gint64 now, PfPolicyDecision *decision,
       GError **error)
{
    gboolean by_hand = item->source == PF_SOURCE_SCAN || item->source == PF_SOURCE_ADD;
    /* Not counted in vain: it takes the longer the more there are, and a mass of files comes one after the other. */
    gboolean counts = !by_hand && config->per_feed_per_day > 0;
    PfPolicyQuestion question = begin_question(config, by_hand, now);

    question.rule = strictest_rule(config, item->feed, item->address);
    question.per_day = config->per_feed_per_day;
    if (counts && !pf_queue_count_feed_since(queue, item->feed, now - now % DAY, &question.taken, error))
        return FALSE;
    *decision = pf_payment_policy_decide(&question);
    return TRUE;
}

/* The item's own link, else the channel's if the user wants that; NULL when there is neither. */
static const PfPayment *
choose_payment(const PfConfig *config, const PfSubmission *item, gboolean *is_channel)
{
    const PfPayment *own = pf_payment_list_choose(item->payments, config->discoverable, config->html_links);

    *is_channel = !own;
    if (own || config->channel_links == PF_CHANNEL_LINKS_NEVER)
        return own;
    return pf_payment_list_choose(item->channel_payments, config->discoverable, config->html_links);
}

/* What an entry keeps of an enclosure; in JSON too, which takes UTF-8 only. */
static char *
dup_enclosure(const char *url)
{
    g_autofree char *identity = url ? pf_url_identity(url) : NULL;

    return identity ? g_utf8_make_valid(identity, -1) : NULL;
}

gboolean
pf_submit_item(PfQueue *queue, const PfConfig *config, const PfSubmission *item, gint64 now, PfSubmitted *submitted,
               GError **error)
{
    gboolean is_channel;
    const PfPayment *payment = choose_payment(config, item, &is_channel);
    char month[PF_CLOCK_MONTH_SIZE];
    PfPolicyDecision decision;

    *submitted = (PfSubmitted){.id = 0};
    if (!payment)
        return TRUE;
    if (!decide(queue, config, item, now, &decision, error))
        return FALSE;
    pf_clock_month(now, month);
    g_autofree char *url = pf_payment_dup_request_url(payment);
    g_autofree char *enclosure = is_channel ? NULL : dup_enclosure(item->enclosure);
    PfEntry draft = {.key = payment->key,
                     .period = is_channel ? month : NULL,
                     .url = url,
                     .state = states[decision.action],
                     .reason = (char *)decision.reason,
                     .next_attempt = decision.when,
                     .feed = (char *)item->feed,
                     .guid = (char *)(is_channel ? NULL : item->guid),
                     .title = (char *)(is_channel ? item->feed_title : item->title),
                     .file = (char *)item->file,
                     .enclosure = enclosure,
                     .published = is_channel ? 0 : MAX(item->published, 0),
                     .source = item->source,
                     .counted = decision.day,
                     .created = now};
    if (!pf_queue_add(queue, &draft, &submitted->id, &submitted->added, error))
        return FALSE;
    submitted->state = draft.state;
    submitted->reason = decision.reason;
    return TRUE;
}

gboolean
pf_submit_review(const PfConfig *config, PfEntry *entry, gint64 now)
{
    g_autoptr(PfPayment) payment = pf_payment_new(entry->url);
    PfPolicyQuestion question = begin_question(config, entry->by_hand, now);

    question.rule = pf_config_get_rule(config, entry->feed);
    question.is_channel = entry->period && *entry->period;
    question.is_found = payment && payment->kind == PF_PAYMENT_DISCOVERABLE;
    question.came = entry->created;
    PfPolicyDecision decision = pf_payment_policy_decide(&question);
    if (decision.action == PF_POLICY_PAY)
        return TRUE;
    entry->state = states[decision.action];
    entry->next_attempt = decision.when;
    g_free(entry->reason);
    entry->reason = g_strdup(decision.reason);
    return FALSE;
}
