/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/visit.h"

#include "base/clock.h"
#include "daemon/refresher.h"
#include "base/url.h"
#include "payment/payment_list.h"

/* Items written in one transaction. */
#define BATCH 500

/* Feeds that lists on the web name. A list is in another's hands, who could name any number of servers to be asked. */
#define MOST_LISTED 1000

PfVisit *
pf_visit_new(PfFeedStore *feeds, PfKnownFeed *feed_taken, gpointer data)
{
    PfVisit *visit = g_new0(PfVisit, 1);

    visit->feeds = feeds;
    visit->feed = feed_taken;
    visit->items = g_ptr_array_new_with_free_func((GDestroyNotify)pf_known_item_free);
    visit->data = data;
    return visit;
}

void
pf_visit_free(PfVisit *visit)
{
    if (!visit)
        return;
    pf_known_feed_free(visit->feed);
    g_ptr_array_unref(visit->items);
    g_free(visit->version);
    g_free(visit);
}

/* --- what a feed says --- */

gboolean
pf_visit_write_items(PfVisit *visit, const PfFeed *feed, GError **error)
{
    if (visit->items->len == 0)
        return TRUE;
    gboolean written =
        pf_feed_store_put_items(visit->feeds, visit->feed->id, feed->title, visit->items, pf_clock_now(), error);
    g_ptr_array_set_size(visit->items, 0);
    return written;
}

gboolean
pf_visit_take_item(const PfFeed *feed, PfItem *item, gpointer data, GError **error)
{
    PfVisit *visit = data;
    g_autoptr(GPtrArray) payments = pf_payment_list_of_item(item, NULL);
    PfKnownItem *known = g_new0(PfKnownItem, 1);

    known->item = item;
    known->payments = pf_payment_list_to_text(payments);
    g_ptr_array_add(visit->items, known);
    visit->taken++;
    return visit->items->len < BATCH || pf_visit_write_items(visit, feed, error);
}

/* Adds a feed that a list names, unless there are too many. @listed: counts them; @left_out: those that were too many.
 */
static gboolean
take_listed(PfFeedStore *feeds, const char *url, PfFeedOrigin origin, gint64 *listed, guint *left_out, GError **error)
{
    g_autoptr(PfKnownFeed) known = NULL;
    gint64 id;

    if (!pf_feed_store_find(feeds, url, &known, error))
        return FALSE;
    if (known)
        return TRUE;
    if (*listed >= MOST_LISTED) {
        ++*left_out;
        return TRUE;
    }
    ++*listed;
    return pf_feed_store_add(feeds, url, origin, pf_clock_now(), &id, error);
}

/* A list of feeds: each becomes known. A list on a list would grow without end. */
static gboolean
take_list(PfVisit *visit, const PfFeed *list, gboolean is_private, GError **error)
{
    PfFeedStore *feeds = visit->feeds;
    PfFeedOrigin origin = is_private ? PF_FEED_ORIGIN_NEAR_LIST : PF_FEED_ORIGIN_LIST;
    guint left_out = 0;
    gint64 listed;

    if (visit->feed->origin == PF_FEED_ORIGIN_LIST || visit->feed->origin == PF_FEED_ORIGIN_NEAR_LIST)
        return TRUE;
    if (!pf_feed_store_count_origin(feeds, origin, &listed, error))
        return FALSE;
    for (guint i = 0; i < list->feeds->len; i++)
        if (!take_listed(feeds, list->feeds->pdata[i], origin, &listed, &left_out, error))
            return FALSE;
    if (left_out > 0) {
        g_autofree char *shown = pf_url_printable(visit->feed->address);
        g_message("%s: %u feeds of this list are not asked: lists on the web may name %d", shown, left_out,
                  MOST_LISTED);
    }
    return TRUE;
}

gboolean
pf_visit_judge(PfVisit *visit, PfFeedReply *reply, GError **error)
{
    const PfFeed *feed = reply->summary.feed;
    gboolean was_feed;

    if (!feed || feed->kind == PF_FEED_KIND_FEED)
        return TRUE;
    if (!pf_feed_store_has_items(visit->feeds, visit->feed->id, &was_feed, error))
        return FALSE;
    if (was_feed) {
        g_autofree char *shown = pf_url_printable(visit->feed->address);
        reply->outcome = PF_FEED_FAILED;
        reply->error =
            g_error_new(PF_FEED_ERROR, PF_FEED_ERROR_NOT_A_FEED, "%s: %s came in place of the feed", shown,
                        feed->kind == PF_FEED_KIND_PAGE ? "a web page, as from a network that wants a login first,"
                                                        : "a list of feeds");
    }
    return TRUE;
}

static void
replace(char **place, char *value)
{
    g_free(*place);
    *place = value;
}

gboolean
pf_visit_take_channel(PfVisit *visit, PfFeedReply *reply, GError **error)
{
    PfKnownFeed *known = visit->feed;
    const PfFeed *feed = reply->summary.feed;

    if (!feed)
        return TRUE;
    if (feed->kind != PF_FEED_KIND_FEED && !take_list(visit, feed, reply->is_private, error))
        return FALSE;
    replace(&known->title, g_strdup(feed->title));
    if (feed->kind == PF_FEED_KIND_FEED) { /* a page's own link is for no episode */
        g_autoptr(GPtrArray) payments = pf_payment_list_of_feed(feed);
        replace(&known->payments, pf_payment_list_to_text(payments));
    }
    replace(&known->etag, visit->version ? g_strdup(visit->version) : g_steal_pointer(&reply->etag));
    replace(&known->last_modified, g_steal_pointer(&reply->last_modified));
    return pf_visit_write_items(visit, feed, error);
}

/* --- how it went --- */

static void
note_success(PfKnownFeed *feed, PfFeedReply *reply, gint64 now)
{
    feed->failures = 0;
    feed->fetched = now;
    replace(&feed->fault, NULL);
    if (!reply->moved_to)
        return;
    g_autofree char *shown = pf_url_printable(reply->moved_to);
    g_message("a feed has moved to %s for good", shown);
    replace(&feed->address, g_steal_pointer(&reply->moved_to));
}

static void
note_failure(PfKnownFeed *feed, const char *fault)
{
    if (feed->failures == 0)
        g_message("%s", fault);
    feed->failures++;
    replace(&feed->fault, g_strdup(fault));
}

void
pf_visit_note_outcome(PfVisit *visit, PfFeedReply *reply, gint64 interval, gint64 now)
{
    PfKnownFeed *feed = visit->feed;

    feed->tried = now;
    feed->not_before = reply->retry_after > 0 ? now + reply->retry_after : 0;
    if (reply->outcome == PF_FEED_FAILED) {
        note_failure(feed, reply->error->message);
    } else if (reply->outcome == PF_FEED_GONE) {
        g_autofree char *shown = pf_url_printable(feed->address);
        g_autofree char *fault = g_strconcat(shown, ": the server says that this feed is gone for good", NULL);
        note_failure(feed, fault);
        feed->gone = TRUE;
    } else {
        note_success(feed, reply, now);
    }
    gboolean never = feed->gone || feed->origin == PF_FEED_ORIGIN_FILE;
    feed->next =
        never ? G_MAXINT64 : now + pf_refresh_wait(interval, feed->failures, reply->retry_after, g_random_double());
}
