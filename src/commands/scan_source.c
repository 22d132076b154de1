/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/scan_source.h"

static void
free_item(gpointer item)
{
    pf_item_free(item);
}

PfScanSource *
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

void
pf_scan_source_free(gpointer data)
{
    PfScanSource *source = data;

    g_free(source->name);
    g_ptr_array_unref(source->kept);
    pf_feed_summary_clear(&source->summary);
    g_clear_error(&source->failure);
    g_free(source);
}

gboolean
pf_scan_source_hand_over(PfScanSource *source, PfItem *item, GError **error)
{
    const PfScanReader *reader = source->line->reader;

    pf_scan_progress_hide(source->line->progress);
    source->is_enough = !reader->item(source->feed, item, reader->data, error);
    return !source->is_enough;
}

gboolean
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

void
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

gboolean
pf_scan_source_end(PfScanSource *source)
{
    const PfScanReader *reader = source->line->reader;
    const PfScanEnd end = {.feed = source->feed,
                           .fault = source->summary.fault,
                           .items = source->summary.items,
                           .failure = source->failure};

    pf_scan_progress_hide(source->line->progress);
    return reader->end(&end, reader->data);
}
