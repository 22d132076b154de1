/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/sweep.h"

#include "base/clock.h"
#include "payment/payment_link.h"
#include "queue/backoff.h"
#include "queue/settle.h"

#define PAGE_LENGTH 100

/* A server that never stops giving pages is broken; so many flattrs are more than anybody makes in a month. */
#define PAGES_MAX 1000

/* How far the server's clock may be away from ours: where little is lost by a mistake, and where a payment is. */
#define CLOCK_SLACK ((gint64)24 * 3600)
#define CLOCK_SLACK_MONTHLY ((gint64)600)

struct PfSweep {
    GPtrArray *entries;
    GHashTable *by_key; /* of key to PfEntry; both owned by entries */
    gint64 back_to;     /* the oldest moment that matters */
    guint page;
    guint found;
};

/* What is flattred once for good is flattred, whether by this request or by one just before: so the clocks may differ
 * by much. Were a flattr overlooked that a slow server's clock puts into the month before, it would be paid again. */
static gboolean
is_monthly(const PfEntry *entry)
{
    return entry->period && *entry->period;
}

static gint64
earliest(const PfEntry *entry)
{
    return is_monthly(entry) ? MAX(entry->doubt - CLOCK_SLACK_MONTHLY, pf_clock_month_start(entry->doubt))
                             : entry->doubt - CLOCK_SLACK;
}

/* What is flattred once a month is paid for by a flattr of its own month only. */
static gboolean
is_paid_by(const PfEntry *entry, gint64 created)
{
    return created >= earliest(entry) &&
           (!is_monthly(entry) || created < pf_clock_next_month(entry->doubt) + CLOCK_SLACK_MONTHLY);
}

PfSweep *
pf_sweep_new_take(GPtrArray *entries)
{
    PfSweep *sweep = g_new0(PfSweep, 1);

    sweep->entries = entries;
    sweep->by_key = g_hash_table_new(g_str_hash, g_str_equal);
    sweep->back_to = G_MAXINT64;
    sweep->page = 1;
    for (guint i = 0; i < entries->len; i++) {
        PfEntry *entry = entries->pdata[i];
        g_hash_table_insert(sweep->by_key, entry->key, entry);
        sweep->back_to = MIN(sweep->back_to, earliest(entry));
    }
    return sweep;
}

void
pf_sweep_free(PfSweep *sweep)
{
    if (!sweep)
        return;
    g_hash_table_unref(sweep->by_key);
    if (sweep->entries)
        g_ptr_array_unref(sweep->entries);
    g_free(sweep);
}

FlattrRequest *
pf_sweep_new_request(const PfSweep *sweep)
{
    return flattr_request_new_user_flattrs(PAGE_LENGTH, sweep->page);
}

/* A thing's key in the queue may be its URL as an auto-submit link gave it, the URL as it is classified, or its id. */
static PfEntry *
find_entry(const PfSweep *sweep, const FlattrThing *thing)
{
    const char *url = flattr_thing_get_url(thing);
    g_autoptr(PfPayment) classified = url ? pf_payment_new(url) : NULL;
    g_autofree char *by_id = g_strdup_printf("thing:%" G_GINT64_FORMAT, flattr_thing_get_id(thing));
    PfEntry *entry = url ? g_hash_table_lookup(sweep->by_key, url) : NULL;

    if (!entry && classified)
        entry = g_hash_table_lookup(sweep->by_key, classified->key);
    return entry ? entry : g_hash_table_lookup(sweep->by_key, by_id);
}

static void
mark_found(PfSweep *sweep, PfEntry *entry, const FlattrThing *thing)
{
    sweep->found += entry->state != PF_ENTRY_FLATTRED;
    entry->state = PF_ENTRY_FLATTRED;
    entry->thing_id = flattr_thing_get_id(thing);
    g_free(entry->thing_link);
    g_free(entry->thing_title);
    entry->thing_link = g_strdup(flattr_thing_get_link(thing));
    entry->thing_title = g_strdup(flattr_thing_get_title(thing));
}

/* A thing may be in doubt for several months at once. */
static void
mark_all(PfSweep *sweep, const char *key, const FlattrThing *thing, gint64 created)
{
    for (guint i = 0; i < sweep->entries->len; i++) {
        PfEntry *entry = sweep->entries->pdata[i];

        if (g_str_equal(entry->key, key) && is_paid_by(entry, created))
            mark_found(sweep, entry, thing);
    }
}

gboolean
pf_sweep_take_page(PfSweep *sweep, FlattrReply *reply, gboolean *finished, GError **error)
{
    g_autoptr(GPtrArray) flattrs = flattr_reply_read_flattrs(reply, error);

    if (!flattrs)
        return FALSE;
    *finished = flattrs->len == 0;
    for (guint i = 0; i < flattrs->len; i++) {
        const FlattrFlattr *flattr = flattrs->pdata[i];
        const FlattrThing *thing = flattr_flattr_get_thing(flattr);
        gint64 created = flattr_flattr_get_created_at(flattr);
        PfEntry *entry = thing ? find_entry(sweep, thing) : NULL;

        if (entry)
            mark_all(sweep, entry->key, thing, created);
        *finished = *finished || created < sweep->back_to;
    }
    *finished = *finished || sweep->found == sweep->entries->len;
    if (!*finished && ++sweep->page > PAGES_MAX) {
        g_set_error(error, FLATTR_ERROR, FLATTR_ERROR_MALFORMED, "there is no end to the list of flattrs");
        return FALSE;
    }
    return TRUE;
}

void
pf_sweep_conclude(PfSweep *sweep, gint64 now)
{
    for (guint i = 0; i < sweep->entries->len; i++) {
        PfEntry *entry = sweep->entries->pdata[i];

        entry->checked = now;
        if (entry->state == PF_ENTRY_FLATTRED) {
            g_clear_pointer(&entry->reason, g_free);
            entry->next_attempt = entry->doubt = entry->checked = 0;
        } else {
            (void)pf_settle_doubt(entry, now);
        }
    }
}

void
pf_sweep_postpone(PfSweep *sweep, gint64 now, double random)
{
    for (guint i = 0; i < sweep->entries->len; i++) {
        PfEntry *entry = sweep->entries->pdata[i];

        entry->state = PF_ENTRY_QUEUED; /* also what an earlier page had: the next sweep finds it again */
        entry->next_attempt = now + pf_backoff_seconds((guint)MAX(entry->attempts - 1, 0), PF_SETTLE_FIRST_WAIT,
                                                       PF_SETTLE_LONGEST_WAIT, random);
    }
}

GPtrArray *
pf_sweep_take_entries(PfSweep *sweep)
{
    return g_steal_pointer(&sweep->entries);
}
