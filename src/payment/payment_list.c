/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "payment/payment_list.h"

#include "payment/payment_html.h"

#include <jansson.h>

static GPtrArray *
new_list(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)pf_payment_free);
}

static void
add_url(GPtrArray *payments, const char *url, PfPaymentFrom from)
{
    g_autofree char *written = pf_payment_dup_written(url);
    PfPayment *payment = pf_payment_new(written);

    if (!payment) {
        payment = g_new0(PfPayment, 1);
        payment->url = g_strdup(url);
        payment->kind = PF_PAYMENT_OTHER;
    }
    payment->from = from;
    g_ptr_array_add(payments, payment);
}

static GPtrArray *
gather_links(const GPtrArray *links)
{
    GPtrArray *all = new_list();

    for (guint i = 0; i < links->len; i++)
        add_url(all, links->pdata[i], PF_PAYMENT_FROM_LINK);
    return all;
}

static gboolean
search_texts(const GPtrArray *texts, GPtrArray *payments)
{
    gboolean is_whole = TRUE;

    for (guint i = 0; i < texts->len; i++)
        is_whole = pf_payment_html_find(texts->pdata[i], payments) && is_whole;
    return is_whole;
}

/* The smaller, the better. */
static int
rank(const PfPayment *payment)
{
    static const int of_kind[] = {
        [PF_PAYMENT_AUTO_SUBMIT] = 0,  [PF_PAYMENT_THING] = 0, [PF_PAYMENT_PROFILE] = 1,
        [PF_PAYMENT_DISCOVERABLE] = 2, [PF_PAYMENT_OTHER] = 3,
    };
    return (int)payment->from * (int)G_N_ELEMENTS(of_kind) + of_kind[payment->kind];
}

/* GLib's sort is stable, which the document's order needs. */
static int
compare(gconstpointer one, gconstpointer other)
{
    return rank(*(PfPayment *const *)one) - rank(*(PfPayment *const *)other);
}

/* What a link stands for: one that nobody can pay, or whose owner the server has to find, takes the place of none that
 * says whom to pay. */
static char *
dup_meaning(const PfPayment *payment)
{
    int sort = MAX((int)payment->kind, (int)PF_PAYMENT_PROFILE);

    return g_strdup_printf("%d %s", sort, payment->key ? payment->key : payment->url);
}

/* Orders a list and leaves the best link of each thing. Consumes @all. */
static GPtrArray *
finish_take(GPtrArray *all)
{
    if (all->len < 2)
        return all;

    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GPtrArray *payments = new_list();

    g_ptr_array_sort(all, compare);
    for (guint i = 0; i < all->len; i++) {
        PfPayment *payment = all->pdata[i];
        if (g_hash_table_add(seen, dup_meaning(payment)))
            g_ptr_array_add(payments, g_steal_pointer(&all->pdata[i]));
    }
    g_ptr_array_unref(all);
    return payments;
}

static GPtrArray *
list_all(const GPtrArray *links, const GPtrArray *texts, gboolean *is_whole)
{
    GPtrArray *all = gather_links(links);
    gboolean whole = search_texts(texts, all);

    if (is_whole)
        *is_whole = whole;
    return finish_take(all);
}

GPtrArray *
pf_payment_list_of_item(const PfItem *item, gboolean *is_whole)
{
    return list_all(item->payment_links, item->texts, is_whole);
}

GPtrArray *
pf_payment_list_best_of_item(const PfItem *item, gboolean *is_whole)
{
    GPtrArray *all = gather_links(item->payment_links);
    gboolean found = FALSE;

    for (guint i = 0; i < all->len; i++)
        found = found || rank(all->pdata[i]) == 0;
    gboolean whole = found || search_texts(item->texts, all);
    if (is_whole)
        *is_whole = whole;
    return finish_take(all);
}

GPtrArray *
pf_payment_list_of_feed(const PfFeed *feed)
{
    return list_all(feed->payment_links, feed->texts, NULL);
}

char *
pf_payment_list_to_text(const GPtrArray *payments)
{
    json_t *list = json_array();

    for (guint i = 0; i < payments->len; i++) {
        const PfPayment *payment = payments->pdata[i];
        g_autofree char *url = g_utf8_make_valid(payment->url, -1);
        json_array_append_new(list, json_pack("{s:s, s:s}", "url", url, "from", pf_payment_from_name(payment->from)));
    }
    char *json = json_dumps(list, JSON_COMPACT);
    char *text = g_strdup(json);
    free(json);
    json_decref(list);
    return text;
}

static gboolean
read_from(const char *name, PfPaymentFrom *from)
{
    for (*from = PF_PAYMENT_FROM_LINK; *from <= PF_PAYMENT_FROM_HTML; ++*from)
        if (g_strcmp0(name, pf_payment_from_name(*from)) == 0)
            return TRUE;
    return FALSE;
}

GPtrArray *
pf_payment_list_from_text(const char *text)
{
    GPtrArray *all = new_list();
    json_t *list = text ? json_loads(text, 0, NULL) : NULL;
    json_t *link;
    gsize i;

    json_array_foreach (list, i, link) {
        const char *url = json_string_value(json_object_get(link, "url"));
        PfPaymentFrom from;
        if (url && read_from(json_string_value(json_object_get(link, "from")), &from))
            add_url(all, url, from);
    }
    json_decref(list);
    return finish_take(all);
}

const PfPayment *
pf_payment_list_choose(const GPtrArray *payments, gboolean discoverable, gboolean html)
{
    for (guint i = 0; i < payments->len; i++) {
        const PfPayment *payment = payments->pdata[i];

        if (payment->kind != PF_PAYMENT_OTHER && (discoverable || payment->kind != PF_PAYMENT_DISCOVERABLE) &&
            (html || payment->from == PF_PAYMENT_FROM_LINK))
            return payment;
    }
    return NULL;
}

#define DAY ((gint64)86400)

static PfPolicyDecision
refuse(const char *reason)
{
    return (PfPolicyDecision){.action = PF_POLICY_DROP, .reason = reason};
}

static PfPolicyDecision
ask_user(const char *reason)
{
    return (PfPolicyDecision){.action = PF_POLICY_HOLD, .reason = reason};
}

/* The day must be the same whichever second of it is asked, before 1970 too. */
static gint64
day_start(gint64 time)
{
    gint64 into = time % DAY;

    return time - (into < 0 ? into + DAY : into);
}

/* Whether a limit leaves no room in a day. The days are ascending, and asked for in that order: @next is where to go
 * on.
 */
static gboolean
is_full(const PfPolicyLimit *limit, gint64 day, guint *next)
{
    const GArray *full = limit->full;

    while (full && *next < full->len && g_array_index(full, gint64, *next) < day)
        ++*next;
    return full && *next < full->len && g_array_index(full, gint64, *next) == day;
}

/* The first day, from @day on, in which every limit has room. @reason: (out): the limit that stood against the day
 * before; NULL when it is @day itself. */
static gint64
find_room(const PfPolicyQuestion *question, gint64 day, const char **reason)
{
    guint next[PF_POLICY_LIMITS] = {0};
    gboolean moved;

    *reason = NULL;
    do {
        moved = FALSE;
        for (gsize i = 0; i < PF_POLICY_LIMITS; i++) {
            while (is_full(&question->limits[i], day, &next[i])) {
                *reason = question->limits[i].reason;
                day += DAY;
                moved = TRUE;
            }
        }
    } while (moved);
    return day;
}

static PfPolicyDecision
schedule(const PfPolicyQuestion *question)
{
    const char *limit;
    gint64 day = find_room(question, day_start(question->now), &limit);
    /* What came in what is now the future came on another clock. */
    gint64 after_delay = MIN(question->came, question->now) + MAX(question->delay, 0);
    gint64 when = MAX(limit ? day : question->now, after_delay);

    if (when <= question->now)
        return (PfPolicyDecision){.action = PF_POLICY_PAY, .when = question->now, .day = day};
    return (PfPolicyDecision){
        .action = PF_POLICY_HOLD, .reason = limit && day >= after_delay ? limit : "delay", .when = when, .day = day};
}

PfPolicyDecision
pf_payment_policy_decide(const PfPolicyQuestion *question)
{
    if (question->rule == PF_RULE_NEVER)
        return refuse("never");
    if (question->by_hand)
        return (PfPolicyDecision){.action = PF_POLICY_PAY, .when = question->now};
    if (question->is_channel && question->no_channel)
        return refuse("channel_links");
    if (question->is_found && question->no_found)
        return refuse("discoverable");
    if (question->rule == PF_RULE_ASK)
        return ask_user("ask");
    if (question->confirm)
        return ask_user("confirm");
    return schedule(question);
}
