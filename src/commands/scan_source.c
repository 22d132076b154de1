/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/scan_source.h"

#include "base/i18n.h"
#include "base/log.h"
#include "base/main_loop.h"
#include "base/url.h"
#include "commands/output.h"
#include "feed/opml.h"

#include <stdio.h>
#include <unistd.h>

/*
 * The line on a terminal that says how far a scan is. It is drawn over itself, on standard error, and only where that
 * is a terminal and messages are wanted.
 */
typedef struct {
    gboolean is_wanted;
    gboolean is_shown;
} PfScanProgress;

static PfScanProgress *
progress_new(void)
{
    PfScanProgress *progress = g_new0(PfScanProgress, 1);

    progress->is_wanted = isatty(STDERR_FILENO) && pf_log_is_shown(PF_LOG_NORMAL);
    return progress;
}

static void
progress_hide(PfScanProgress *progress)
{
    if (!progress->is_shown)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    progress->is_shown = FALSE;
}

static void
progress_free(PfScanProgress *progress)
{
    if (!progress)
        return;
    progress_hide(progress);
    g_free(progress);
}

static gboolean
progress_is_wanted(const PfScanProgress *progress)
{
    return progress->is_wanted;
}

static void
progress_show(PfScanProgress *progress, guint done, guint all, guint failing, gint64 bytes)
{
    if (!progress->is_wanted)
        return;
    g_autofree char *size = pf_output_dup_size(bytes);
    /* Results that wait in a buffer would otherwise come out in the middle of the line. */
    fflush(stdout);
    fputs("\r\033[K", stderr);
    fprintf(stderr, _("%u of %u feeds, %s"), done, all, size);
    if (failing > 0)
        fprintf(stderr, _(", %u failing"), failing);
    fflush(stderr);
    progress->is_shown = TRUE;
}

/*
 * One source of a scan: a feed whose items are kept until its turn, or a list or page, which the feeds that it names
 * take the place of. Belongs to the thread of the main loop.
 */

typedef struct PfScanLine PfScanLine;
typedef struct PfScanSource PfScanSource;
struct PfScanLine {
    const PfScanReader *reader;
    PfFeedPool *pool;
    PfMainLoop *loop;
    GQueue sources;   /* of PfScanSource, the one whose turn it is first */
    GHashTable *seen; /* of char *: every source there was, so that lists do not repeat or contain one another */
    gboolean is_interrupted;

    PfScanProgress *progress;
    guint all, done, failing;
    gsize kept_size; /* bytes, of all that is kept until its turn */
};
struct PfScanSource {
    PfScanLine *line;
    char *name;
    guint depth;         /* of lists that it was found in */
    gboolean is_foreign; /* somebody else's list or page names it … */
    gboolean is_private; /* … or the user, and it is in a private network */
    gboolean is_started;
    gboolean has_turn;
    gboolean is_over;
    gboolean is_enough; /* the reader wants no more of it */
    GPtrArray *kept;    /* of PfItem, for its turn */
    gsize kept_size;    /* bytes */
    const PfFeed *feed; /* the parser's, then the summary's */
    PfFeedSummary summary;
    GError *failure;
};

static void
free_item(gpointer item)
{
    pf_item_free(item);
}

/*
 * Makes a source, which its line counts and knows by its name from now on.
 *
 * @depth: of lists that it was found in, 0 for what the user names
 *
 * Returns: (transfer full): to be put into the line
 */
static PfScanSource *
pf_scan_source_new(PfScanLine *line, const char *name, guint depth)
{
    PfScanSource *source = g_new0(PfScanSource, 1);

    source->line = line;
    source->name = g_strdup(name);
    source->depth = depth;
    source->kept = g_ptr_array_new_with_free_func(free_item);
    g_hash_table_add(line->seen, g_strdup(name));
    line->all++;
    return source;
}

/* @source: (transfer full): a PfScanSource */
static void
pf_scan_source_free(gpointer data)
{
    PfScanSource *source = data;

    g_free(source->name);
    g_ptr_array_unref(source->kept);
    pf_feed_summary_clear(&source->summary);
    g_clear_error(&source->failure);
    g_free(source);
}

/*
 * Hands one item to the reader.
 *
 * @item: (transfer full):
 *
 * Returns: whether more are wanted; with an error when not because of a failure of the reader's
 */
static gboolean
pf_scan_source_hand_over(PfScanSource *source, PfItem *item, GError **error)
{
    const PfScanReader *reader = source->line->reader;

    progress_hide(source->line->progress);
    source->is_enough = !reader->item(source->feed, item, reader->data, error);
    return !source->is_enough;
}

/* Takes an item that was read, as a PfItemFunc; @data: its PfScanSource. Keeps it where the source has no turn yet. */
static gboolean
pf_scan_source_take_item(const PfFeed *feed, PfItem *item, gpointer data, GError **error)
{
    PfScanSource *source = data;

    source->feed = feed;
    if (source->is_enough) {
        pf_item_free(item);
        return FALSE;
    }
    if (source->has_turn && source->kept->len == 0)
        return pf_scan_source_hand_over(source, item, error);
    gsize size = pf_item_get_size(item);
    g_ptr_array_add(source->kept, item);
    source->kept_size += size;
    source->line->kept_size += size;
    if ((source->kept->len >= PF_SCAN_KEPT || source->line->kept_size >= PF_SCAN_KEPT_SIZE) && !source->has_turn)
        pf_feed_pool_pause(source->line->pool, source);
    return TRUE;
}

/* Hands over what was kept until its turn. */
static void
hand_over_kept(PfScanSource *source)
{
    g_autoptr(GPtrArray) kept = g_steal_pointer(&source->kept);
    g_autoptr(GError) failure = NULL;

    source->kept = g_ptr_array_new_with_free_func(free_item);
    source->line->kept_size -= source->kept_size;
    source->kept_size = 0;
    for (guint i = 0; i < kept->len && !source->is_enough; i++)
        pf_scan_source_hand_over(source, g_steal_pointer(&kept->pdata[i]), &failure);
    /* The reader's own failure ends the scan; the feed's would only end the feed. */
    if (failure) {
        g_clear_error(&source->failure);
        source->failure = g_steal_pointer(&failure);
    }
}

/* Tells the reader that it is a source's turn, unless that was done, and hands over what was kept. */
static void
pf_scan_source_begin(PfScanSource *source)
{
    const PfScanReader *reader = source->line->reader;

    if (source->has_turn)
        return;
    source->has_turn = TRUE;
    reader->begin(source->name, reader->data);
    hand_over_kept(source);
    pf_feed_pool_resume(source->line->pool, source);
}

/* Tells the reader that a source is over. Returns: whether it wants the next. */
static gboolean
pf_scan_source_end(PfScanSource *source)
{
    const PfScanReader *reader = source->line->reader;
    const PfScanEnd end = {.feed = source->feed,
                           .fault = source->summary.fault,
                           .items = source->summary.items,
                           .failure = source->failure};

    progress_hide(source->line->progress);
    return reader->end(&end, reader->data);
}

/* Puts the feeds that a source names in its place, which is now the first one. The web does not name files of ours.
 * What was named before is read once; a list that names nothing else is reported, since nothing is shown for it. */
static void
replace(PfScanSource *source, GPtrArray *feeds, guint most)
{
    PfScanLine *line = source->line;
    GQueue found = G_QUEUE_INIT;
    gboolean is_known = FALSE;

    for (guint i = 0; i < MIN(feeds->len, most); i++) {
        const char *name = feeds->pdata[i];

        is_known = is_known || g_hash_table_contains(line->seen, name);
        if (g_hash_table_contains(line->seen, name) || (!pf_url_is_web(name) && pf_url_is_web(source->name)))
            continue;
        if (line->all >= PF_SCAN_MAX_SOURCES) {
            g_autofree char *shown = pf_url_printable(source->name);
            g_autofree char *shown_name = pf_url_printable(name);
            g_message(_("%s: more than %d feeds in lists; skipping those from %s on"), shown, PF_SCAN_MAX_SOURCES,
                      shown_name);
            break;
        }
        PfScanSource *named = pf_scan_source_new(line, name, source->depth + 1);
        named->is_foreign = pf_url_is_web(source->name) && !source->is_private;
        g_queue_push_tail(&found, named);
    }
    if (is_known && found.length == 0) {
        g_autofree char *shown = pf_url_printable(source->name);
        g_message(_("%s: nothing new; every feed in it was already named"), shown);
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

/* Whether a source that is over is a list or a page. */
static gboolean
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
    item->link = pf_url_is_web(page->address) ? g_strdup(page->address) : NULL;
    for (guint i = 0; i < page->payment_links->len; i++)
        g_ptr_array_add(item->payment_links, g_strdup(page->payment_links->pdata[i]));
    g_ptr_array_set_size(page->payment_links, 0);
    source->summary.items = 1;
    pf_scan_source_hand_over(source, item, &source->failure);
}

/* A page's own payment links are reported, but not queued with its feed's episodes. */
static void
tell_page_payments(const char *page, const GPtrArray *links)
{
    for (guint i = 0; i < links->len; i++) {
        g_autofree char *link = pf_log_printable(links->pdata[i]);
        g_message(_("%s: the page's own payment link: %s"), page, link);
    }
}

/* Follows a feed that says where it has moved (itunes:new-feed-url), and nothing else. One that has episodes all the
 * same is shown, with a word on where there may be more: both would be shown twice. Returns: whether it was followed.
 */
static gboolean
follow_move(PfScanSource *source)
{
    const PfFeed *feed = source->summary.feed;
    g_autoptr(GPtrArray) there = g_ptr_array_new();

    if (source->failure || !feed || !pf_url_leads_elsewhere(feed->new_address, feed->address))
        return FALSE;
    g_autofree char *shown = pf_url_printable(source->name);
    g_autofree char *new_address = pf_url_printable(feed->new_address);
    gboolean is_empty = source->summary.items == 0 && source->depth < PF_SCAN_MAX_DEPTH;
    progress_hide(source->line->progress);
    if (!is_empty) {
        g_message(_("%s: the feed says that it has moved to %s; new episodes may appear only there"), shown,
                  new_address);
        return FALSE;
    }
    g_message(_("%s: the feed has moved to %s; reading it there"), shown, new_address);
    g_ptr_array_add(there, feed->new_address);
    replace(source, there, 1);
    return TRUE;
}

/* Follows a list or a page, whose turn it is, or a feed that has moved. Returns: whether that is what the source is,
 * and it could be followed. */
static gboolean
pf_scan_source_follow(PfScanSource *source)
{
    if (!pf_scan_source_names_feeds(source))
        return follow_move(source);
    GPtrArray *feeds = source->summary.feed->feeds;
    gboolean is_page = source->summary.feed->kind == PF_FEED_KIND_PAGE;
    if (feeds->len == 0 && is_page) {
        hand_over_page(source);
        return FALSE;
    }
    g_autofree char *left_out = pf_opml_dup_left_out(source->summary.feed);
    if (left_out) {
        g_autofree char *list = pf_url_printable(source->name);
        progress_hide(source->line->progress);
        g_message("%s: %s", list, left_out);
    }
    if (feeds->len == 0)
        fail(source, _("no feed in this list"));
    else if (source->depth == PF_SCAN_MAX_DEPTH)
        fail(source, _("not followed: lists are nested too deeply"));
    if (source->failure)
        return FALSE;
    g_autofree char *shown = pf_url_printable(source->name);
    progress_hide(source->line->progress);
    if (source->summary.fault)
        g_message(_("%s: broken list, read as far as it is complete: %s"), shown, source->summary.fault);
    if (is_page) {
        g_autofree char *feed = pf_url_printable(feeds->pdata[0]);
        g_message(_("%s is a web page; reading the feed that it names: %s"), shown, feed);
        tell_page_payments(shown, source->summary.feed->payment_links);
    }
    replace(source, feeds, is_page ? 1 : G_MAXUINT);
    return TRUE;
}

#define REDRAW_MS 200

static void source_done(PfFeedReply *reply, gpointer data);

static void
start_ahead(PfScanLine *line)
{
    guint ahead = 0;

    for (GList *at = line->sources.head; at && ahead < PF_SCAN_AHEAD; at = at->next, ahead++) {
        PfScanSource *source = at->data;

        if (source->is_started)
            continue;
        source->is_started = TRUE;
        pf_feed_pool_add(line->pool, &(PfFeedRequest){.source = source->name,
                                                      .is_foreign = source->is_foreign,
                                                      .item = pf_scan_source_take_item,
                                                      .done = source_done,
                                                      .data = source});
    }
}

/* Hands over every source whose turn it is, as far as it has been read. */
static void
advance(PfScanLine *line)
{
    gboolean go_on = TRUE;

    while (go_on && line->sources.length > 0) {
        PfScanSource *first = g_queue_peek_head(&line->sources);

        pf_scan_source_begin(first);
        if (!first->is_over)
            break;
        g_queue_pop_head(&line->sources);
        go_on = pf_scan_source_follow(first) || pf_scan_source_end(first);
        pf_scan_source_free(first);
    }
    if (!go_on || line->sources.length == 0)
        pf_main_loop_quit(line->loop);
    else
        start_ahead(line);
}

static void
source_done(PfFeedReply *reply, gpointer data)
{
    PfScanSource *source = data;
    PfScanLine *line = source->line;

    source->is_over = TRUE;
    source->is_private = reply->is_private;
    source->summary = reply->summary;
    source->feed = source->summary.feed;
    reply->summary = (PfFeedSummary){0};
    if (!source->failure)
        source->failure = g_steal_pointer(&reply->error);
    line->done++;
    line->failing += source->failure != NULL;
    advance(line);
}

/* Hands over what has come: of the source whose turn it is the complete items, of those after it the complete feeds. */
static void
hand_over_rest(PfScanLine *line, guint *unread)
{
    gboolean go_on = TRUE;
    PfScanSource *source;

    while ((source = g_queue_pop_head(&line->sources))) {
        if (pf_scan_source_names_feeds(source) || !source->is_over)
            ++*unread;
        if (go_on && !pf_scan_source_names_feeds(source) && (source->is_over || source->has_turn)) {
            pf_scan_source_begin(source);
            go_on = pf_scan_source_end(source);
        }
        pf_scan_source_free(source);
    }
}

static void
interrupted(gpointer data)
{
    PfScanLine *line = data;

    line->is_interrupted = TRUE;
    pf_main_loop_quit(line->loop);
}

static gboolean
redraw(gpointer data)
{
    PfScanLine *line = data;

    progress_show(line->progress, line->done, line->all, line->failing, pf_feed_pool_get_bytes(line->pool));
    return G_SOURCE_CONTINUE;
}

static void
run(PfScanLine *line)
{
    guint on_time = progress_is_wanted(line->progress) ? g_timeout_add(REDRAW_MS, redraw, line) : 0;

    start_ahead(line);
    advance(line);
    if (line->sources.length > 0)
        pf_main_loop_run(line->loop);
    if (on_time)
        g_source_remove(on_time);
}

PfScanLineEnd
pf_scan_line_run(char **sources, const PfScanReader *reader, guint *unread)
{
    PfScanLine line = {.reader = reader, .sources = G_QUEUE_INIT};

    *unread = 0;
    line.pool = pf_feed_pool_new();
    pf_feed_pool_set_contact(line.pool, reader->contact);
    line.loop = pf_main_loop_new(&(PfMainLoopSignals){.stop = interrupted, .data = &line});
    line.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    line.progress = progress_new();
    for (char **source = sources; *source; source++)
        g_queue_push_tail(&line.sources, pf_scan_source_new(&line, *source, 0));
    run(&line);
    if (line.is_interrupted)
        hand_over_rest(&line, unread);
    progress_free(line.progress);
    pf_feed_pool_free(line.pool);
    g_queue_clear_full(&line.sources, pf_scan_source_free);
    g_hash_table_unref(line.seen);
    pf_main_loop_free(line.loop);
    return line.is_interrupted ? PF_SCAN_INTERRUPTED : PF_SCAN_COMPLETE;
}
