/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/scan_source.h"

#include "base/log.h"
#include "base/url.h"

static gboolean
is_web(const char *name)
{
    const char *scheme = g_uri_peek_scheme(name);

    return g_strcmp0(scheme, "http") == 0 || g_strcmp0(scheme, "https") == 0;
}

/* Puts the feeds that a source names in its place, which is now the first one. The web does not name files of ours.
 * What was named before is read once; a list that names nothing else is told of, since nothing is shown for it. */
static void
replace(PfScanSource *source, GPtrArray *feeds, guint most)
{
    PfScanLine *line = source->line;
    GQueue found = G_QUEUE_INIT;
    gboolean is_known = FALSE;

    for (guint i = 0; i < MIN(feeds->len, most); i++) {
        const char *name = feeds->pdata[i];

        is_known = is_known || g_hash_table_contains(line->seen, name);
        if (g_hash_table_contains(line->seen, name) || (!is_web(name) && is_web(source->name)))
            continue;
        if (line->all >= PF_SCAN_MAX_SOURCES) {
            g_autofree char *shown = pf_url_printable(source->name);
            g_autofree char *shown_name = pf_url_printable(name);
            g_message("%s: more than %d feeds in lists; those from %s on were left out", shown, PF_SCAN_MAX_SOURCES,
                      shown_name);
            break;
        }
        PfScanSource *named = pf_scan_source_new(line, name, source->depth + 1);
        named->is_foreign = is_web(source->name) && !source->is_private;
        g_queue_push_tail(&found, named);
    }
    if (is_known && found.length == 0) {
        g_autofree char *shown = pf_url_printable(source->name);
        g_message("%s: nothing new in it, all was named before", shown);
    }
    while (found.length > 0)
        g_queue_push_head(&line->sources, g_queue_pop_tail(&found));
}

static void
fail(PfScanSource *source, const char *fault)
{
    g_autofree char *shown = pf_url_printable(source->name);

    source->failure = g_error_new(PF_FEED_ERROR, PF_FEED_ERROR_NOT_A_FEED, "%s: %s", shown, fault);
}

gboolean
pf_scan_source_names_feeds(const PfScanSource *source)
{
    return !source->failure && source->summary.feed && source->summary.feed->kind != PF_FEED_KIND_FEED;
}

/* A page that names a way to pay but no feed is itself what is paid for. */
static void
hand_over_page(PfScanSource *source)
{
    PfFeed *page = source->summary.feed;
    PfItem *item = pf_item_new();

    item->title = g_strdup(page->title);
    item->link = is_web(page->address) ? g_strdup(page->address) : NULL;
    for (guint i = 0; i < page->payment_links->len; i++)
        g_ptr_array_add(item->payment_links, g_strdup(page->payment_links->pdata[i]));
    g_ptr_array_set_size(page->payment_links, 0);
    source->summary.items = 1;
    pf_scan_source_hand_over(source, item, &source->failure);
}

/* What a page says of paying for itself is told, but not queued with what its feed says of each episode. */
static void
tell_page_payments(const char *page, const GPtrArray *links)
{
    for (guint i = 0; i < links->len; i++) {
        g_autofree char *link = pf_log_printable(links->pdata[i]);
        g_message("%s: the page's own payment link: %s", page, link);
    }
}

gboolean
pf_scan_source_follow(PfScanSource *source)
{
    if (!pf_scan_source_names_feeds(source))
        return FALSE;
    GPtrArray *feeds = source->summary.feed->feeds;
    gboolean is_page = source->summary.feed->kind == PF_FEED_KIND_PAGE;
    if (feeds->len == 0 && is_page) {
        hand_over_page(source);
        return FALSE;
    }
    if (feeds->len == 0)
        fail(source, "a list with no feed in it");
    else if (source->depth == PF_SCAN_MAX_DEPTH)
        fail(source, "not followed: it is in a list within lists more than " G_STRINGIFY(PF_SCAN_MAX_DEPTH) " deep");
    if (source->failure)
        return FALSE;
    g_autofree char *shown = pf_url_printable(source->name);
    pf_scan_progress_hide(source->line->progress);
    if (source->summary.fault)
        g_message("%s: the list is broken, what is complete of it was read: %s", shown, source->summary.fault);
    if (is_page) {
        g_autofree char *feed = pf_url_printable(feeds->pdata[0]);
        g_message("%s is a web page; reading the feed that it names: %s", shown, feed);
        tell_page_payments(shown, source->summary.feed->payment_links);
    }
    replace(source, feeds, is_page ? 1 : G_MAXUINT);
    return TRUE;
}
