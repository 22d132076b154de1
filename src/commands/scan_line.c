/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/scan_line.h"

#include "commands/scan_source.h"
#include <glib-unix.h>
#include <signal.h>

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

/* Hands over all whose turn it is, as far as they are there. */
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
        g_main_loop_quit(line->loop);
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

static gboolean
interrupted(gpointer data)
{
    PfScanLine *line = data;

    line->is_interrupted = TRUE;
    g_main_loop_quit(line->loop);
    return G_SOURCE_CONTINUE;
}

static gboolean
redraw(gpointer data)
{
    PfScanLine *line = data;

    pf_scan_progress_show(line->progress, line->done, line->all, line->failing, pf_feed_pool_get_bytes(line->pool));
    return G_SOURCE_CONTINUE;
}

static void
run(PfScanLine *line)
{
    guint on_int = g_unix_signal_add(SIGINT, interrupted, line);
    guint on_term = g_unix_signal_add(SIGTERM, interrupted, line);
    guint on_time = pf_scan_progress_is_wanted(line->progress) ? g_timeout_add(REDRAW_MS, redraw, line) : 0;

    start_ahead(line);
    advance(line);
    if (line->sources.length > 0)
        g_main_loop_run(line->loop);
    g_source_remove(on_int);
    g_source_remove(on_term);
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
    line.loop = g_main_loop_new(NULL, FALSE);
    line.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    line.progress = pf_scan_progress_new();
    for (char **source = sources; *source; source++)
        g_queue_push_tail(&line.sources, pf_scan_source_new(&line, *source, 0));
    run(&line);
    if (line.is_interrupted)
        hand_over_rest(&line, unread);
    pf_scan_progress_free(line.progress);
    pf_feed_pool_free(line.pool);
    g_queue_clear_full(&line.sources, pf_scan_source_free);
    g_hash_table_unref(line.seen);
    g_main_loop_unref(line.loop);
    return line.is_interrupted ? PF_SCAN_INTERRUPTED : PF_SCAN_COMPLETE;
}
