/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr add: queues URLs that the user names. */
#include "base/i18n.h"
#include "commands/command.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/url.h"
#include "feed/store.h"
#include "payment/payment_link.h"
#include <stdio.h>
#include <string.h>

/* Says so when a known entry will not be sent by itself, which is easily overlooked. */
static gboolean
tell_state(PfQueue *queue, gint64 id, GError **error)
{
    g_autoptr(PfEntry) entry = NULL;

    if (!pf_queue_read(queue, id, &entry, error))
        return FALSE;
    if (entry && (entry->state == PF_ENTRY_HELD || entry->state == PF_ENTRY_DROPPED || entry->state == PF_ENTRY_FAILED))
        g_message(_("#%" PRId64 " is %s (%s); to send it, run 'podflattr queue %s %" PRId64 "'"), id,
                  pf_entry_state_name(entry->state), entry->reason ? entry->reason : _("unknown reason"),
                  entry->state == PF_ENTRY_HELD ? "release" : "retry", id);
    return TRUE;
}

/* What is to be said of one URL once it is durable. */
typedef struct {
    gint64 id;
    const char *word; /* with N_() */
} Added;

static gboolean
add_one(PfQueue *queue, const PfPayment *payment, Added *result, GError **error)
{
    g_autofree char *url = pf_payment_dup_request_url(payment);
    PfEntry draft = {.key = payment->key,
                     .url = url,
                     .state = PF_ENTRY_QUEUED,
                     .source = PF_SOURCE_ADD,
                     .created = pf_clock_now(),
                     .next_attempt = pf_clock_now()};
    gboolean added;

    if (!pf_queue_add(queue, &draft, &result->id, &added, error))
        return FALSE;
    result->word = !added ? N_("known ") : draft.state == PF_ENTRY_HELD ? N_("held  ") : N_("queued");
    return TRUE;
}

static gboolean
add_all(PfQueue *queue, const GPtrArray *payments, Added *results, GError **error)
{
    g_autoptr(PfTransaction) transaction = pf_queue_begin(queue, error);

    if (!transaction)
        return FALSE;
    for (guint i = 0; i < payments->len; i++)
        if (!add_one(queue, payments->pdata[i], &results[i], error))
            return FALSE;
    return pf_transaction_commit(g_steal_pointer(&transaction), error);
}

static gboolean
is_known_feed(const PfApp *app, const char *url)
{
    g_autoptr(PfFeedStore) feeds = pf_feed_store_open_existing(app->state_dir, PF_BUSY_COMMAND_MS, NULL);
    g_autoptr(PfKnownFeed) feed = NULL;

    return feeds && pf_feed_store_find(feeds, url, &feed, NULL) && feed;
}

/* What is wrong with a URL as a thing to flattr, and the fix; NULL when nothing is. @shown: it, printable */
static const char *
find_fault(const PfApp *app, const char *url, const char *shown, const PfPayment *payment)
{
    if (!payment)
        return _("not an absolute http(s) URL");
    if (!g_str_equal(shown, url))
        return _("the URL contains a password");
    if (payment->kind != PF_PAYMENT_AUTO_SUBMIT && strstr(url, "/submit/auto?"))
        return _("an auto-submit link without the address of a page (url=…); 'podflattr link show' explains it");
    if (is_known_feed(app, url))
        return _("a feed; flattr its episodes with 'podflattr scan --submit', or add their links");
    return NULL;
}

/* Either all of them are valid, or none is added. */
static GPtrArray *
classify(const PfApp *app, char **urls, GError **error)
{
    g_autoptr(GPtrArray) payments = g_ptr_array_new_with_free_func((GDestroyNotify)pf_payment_free);

    for (char **url = urls; *url; url++) {
        g_autofree char *bare = g_strstrip(g_strdup(*url));
        g_autofree char *written = pf_payment_dup_written(bare);
        g_autoptr(PfPayment) payment = pf_payment_new(written);
        g_autofree char *shown = pf_url_printable(written);
        const char *fault = find_fault(app, written, shown, payment);

        if (fault) {
            g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA,
                        _("cannot flattr '%s': %s (nothing was queued)"), shown, fault);
            return NULL;
        }
        g_ptr_array_add(payments, g_steal_pointer(&payment));
    }
    return g_steal_pointer(&payments);
}

static gboolean
run(const PfCommandCall *call, GError **error)
{
    g_autoptr(GPtrArray) payments = classify(call->app, call->operands, error);
    g_autoptr(PfQueue) queue = payments ? pf_command_open_queue(call->app, error) : NULL;
    g_autofree Added *results = g_new0(Added, payments ? payments->len : 0);

    if (!queue || !add_all(queue, payments, results, error))
        return FALSE;
    for (guint i = 0; i < payments->len; i++) {
        const PfPayment *payment = payments->pdata[i];
        g_autofree char *key = pf_log_printable(payment->key);

        if (!g_str_equal(results[i].word, "queued") && !tell_state(queue, results[i].id, error))
            return FALSE;
        printf("%s #%" G_GINT64_FORMAT "  %s  %s\n", _(results[i].word), results[i].id,
               pf_payment_kind_name(payment->kind), key);
    }
    if (!call->app->endpoint)
        g_message(_("no server is configured, so entries queued by hand wait; set 'api' in [flattr] of %s"),
                  call->app->config_path);
    return TRUE;
}

const PfCommand pf_command_add = {
    .name = "add",
    .operands = N_("URL…"),
    .least = 1,
    .most = PF_COMMAND_ANY,
    .summary = N_("Queue URLs by hand"),
    .description = N_("A URL may be an auto-submit URL, a thing's page, or any page that the server knows."),
    .examples = "  podflattr add https://flattr.com/thing/1234\n"
                "  podflattr add https://example.org/a-page https://example.org/another\n",
    .run = run,
    .rings = TRUE,
};
