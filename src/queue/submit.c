/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/submit.h"

#include "base/clock.h"
#include "base/url.h"
#include "payment/payment_list.h"
#include "queue/queue_private.h"

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

/* The days that are full. A limit that does not apply is not counted in vain: that takes the longer the more there are,
 * and a mass of files comes one after the other. */
static gboolean
fill_limits(PfQueue *queue, const PfConfig *config, const PfEntry *draft, PfPolicyQuestion *question, GError **error)
{
    const struct {
        const char *reason;
        PfDayLimit limit;
    } limits[PF_POLICY_LIMITS] = {
        {"per_feed_per_day", {PF_DAY_LIMIT_FEED, draft->feed, config->per_feed_per_day}},
        {"per_payee_per_day", {PF_DAY_LIMIT_PAYEE, draft->payee, *draft->payee ? config->per_payee_per_day : 0}},
        {"per_day", {PF_DAY_LIMIT_ALL, NULL, config->per_day}},
    };

    for (gsize i = 0; i < PF_POLICY_LIMITS; i++) {
        question->limits[i].reason = limits[i].reason;
        if (limits[i].limit.most > 0 && !question->by_hand &&
            !(question->limits[i].full =
                  pf_queue_list_full_days(queue, limits[i].limit, question->now - question->now % DAY, error)))
            return FALSE;
    }
    return TRUE;
}

/* Asks the rules, and writes what they say into the draft. */
static gboolean
decide(PfQueue *queue, const PfConfig *config, const PfSubmission *item, PfEntry *draft, GError **error)
{
    gboolean by_hand = item->source == PF_SOURCE_SCAN || item->source == PF_SOURCE_ADD;
    PfPolicyQuestion question = begin_question(config, by_hand, item->now);
    gboolean counted = fill_limits(queue, config, draft, &question, error);

    question.rule = strictest_rule(config, item->feed, item->address);
    if (counted) {
        PfPolicyDecision decision = pf_payment_policy_decide(&question);
        draft->state = states[decision.action];
        draft->reason = (char *)decision.reason;
        draft->next_attempt = decision.when;
        draft->counted = decision.day;
    }
    for (gsize i = 0; i < PF_POLICY_LIMITS; i++)
        if (question.limits[i].full)
            g_array_unref((GArray *)question.limits[i].full);
    return counted;
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

/* What all spellings of an address have in common, as an entry keeps it; in JSON too, which takes UTF-8 only. */
static char *
dup_identity(const char *url)
{
    g_autofree char *identity = url ? pf_url_identity(url) : NULL;

    return identity ? g_utf8_make_valid(identity, -1) : NULL;
}

/* Names the show: what it calls itself, or its feed's address; without a feed, whom the link pays. */
static char *
dup_show(const PfSubmission *item, const PfPayment *payment)
{
    const char *feed = item->feed ? item->feed : item->address;

    if (item->show)
        return g_ascii_strdown(item->show, -1);
    return feed ? dup_identity(feed) : g_strdup(payment ? payment->key : NULL);
}

/* Names an episode for which nothing is sent. That another spelling of it is the same is found by what pf_queue_add()
 * compares; this has to differ for every episode of a show. Returns (transfer full): NULL for what has no name. */
static char *
dup_episode_key(const PfSubmission *item, const char *show)
{
    g_autofree char *enclosure = dup_identity(item->enclosure);
    g_autofree char *date = item->published ? g_strdup_printf("%" G_GINT64_FORMAT, item->published) : NULL;

    if (!show)
        return NULL;
    /* With its date: some feeds give the GUID of an episode to the next one. */
    if (item->guid)
        return g_strjoin(" ", show, item->guid, date, NULL);
    if (!enclosure && !item->page && !item->title)
        return NULL;
    return g_strjoin(" ", show,
                     enclosure    ? enclosure
                     : item->page ? item->page
                                  : "-",
                     item->title ? item->title : "-", date, NULL);
}

static gboolean
add(PfQueue *queue, PfEntry *draft, const PfSubmission *item, PfSubmitted *submitted, GError **error)
{
    gint64 rival;

    if (item->only_known)
        return pf_queue_find_same(queue, draft, &submitted->id, &rival, error);
    if (!pf_queue_add(queue, draft, &submitted->id, &submitted->added, error))
        return FALSE;
    submitted->state = draft->state;
    submitted->reason = draft->reason;
    return TRUE;
}

/* An episode of which the ledger says that it is owed; and no more, whatever link its feed or its channel has by now.
 */
static gboolean
submit_owed(PfQueue *queue, PfEntry *draft, const PfSubmission *item, PfSubmitted *submitted, GError **error)
{
    g_autofree char *key = dup_episode_key(item, draft->show);

    if (!key)
        return TRUE;
    draft->key = key;
    draft->owed = (char *)(draft->url ? PF_OWED_NO_SERVER : PF_OWED_NO_LINK);
    if (draft->state == PF_ENTRY_QUEUED) {
        draft->state = PF_ENTRY_OWED;
        draft->reason = draft->owed;
        draft->next_attempt = 0;
    }
    return add(queue, draft, item, submitted, error);
}

/* A channel's link is for the channel. But an episode that has an entry of its own is not thanked for twice. */
static gboolean
submit_channel(PfQueue *queue, PfEntry *draft, const PfSubmission *item, PfSubmitted *submitted, GError **error)
{
    g_autofree char *episode = dup_episode_key(item, draft->show);
    char month[PF_CLOCK_MONTH_SIZE], *key = draft->key;
    gint64 rival;

    draft->key = episode;
    if (episode && !pf_queue_find_same(queue, draft, &submitted->id, &rival, error))
        return FALSE;
    if (submitted->id)
        return TRUE;
    pf_clock_month(item->now, month);
    draft->key = key;
    draft->period = month;
    draft->guid = draft->enclosure = NULL;
    draft->title = draft->show_title;
    draft->published = draft->seconds = draft->heard = 0;
    return add(queue, draft, item, submitted, error);
}

gboolean
pf_submit_item(PfQueue *queue, const PfConfig *config, const PfSubmission *item, PfSubmitted *submitted, GError **error)
{
    gboolean is_channel;
    const PfPayment *payment = choose_payment(config, item, &is_channel);
    gboolean is_owed = item->file && (!payment || !pf_config_has_server(config));

    *submitted = (PfSubmitted){.id = 0};
    if (!payment && !is_owed)
        return TRUE;
    g_autofree char *payee = payment ? pf_payment_dup_payee(payment->url) : g_strdup("");
    g_autofree char *url = payment ? pf_payment_dup_request_url(payment) : NULL;
    g_autofree char *enclosure = dup_identity(item->enclosure);
    g_autofree char *show = dup_show(item, payment);
    PfEntry draft = {.key = payment ? payment->key : NULL,
                     .url = url,
                     .payee = payee,
                     .feed = (char *)item->feed,
                     .address = (char *)(g_strcmp0(item->address, item->feed) == 0 ? NULL : item->address),
                     .guid = (char *)item->guid,
                     .title = (char *)item->title,
                     .file = (char *)item->file,
                     .enclosure = enclosure,
                     .published = MAX(item->published, 0),
                     .source = item->source,
                     .created = item->now,
                     .show = show,
                     .show_title = (char *)item->feed_title,
                     .seconds = MAX(item->seconds, 0),
                     .heard = MAX(item->heard, 0)};
    if (!decide(queue, config, item, &draft, error))
        return FALSE;
    if (is_owed)
        return submit_owed(queue, &draft, item, submitted, error);
    return is_channel ? submit_channel(queue, &draft, item, submitted, error)
                      : add(queue, &draft, item, submitted, error);
}

gboolean
pf_submit_review(const PfConfig *config, PfEntry *entry, gint64 now)
{
    g_autoptr(PfPayment) payment = pf_payment_new(entry->url);
    PfPolicyQuestion question = begin_question(config, entry->by_hand, now);

    question.rule = strictest_rule(config, entry->feed, entry->address);
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
