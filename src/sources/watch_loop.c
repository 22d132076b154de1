/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/clock.h"
#include "base/memory.h"
#include "sources/inotify.h"
#include "sources/watch_thread.h"

/* So many events are handled before a folder is listed, so that neither waits for the other's end. */
#define EVENTS_A_TURN 256
/* How long events are still read when it is to end, microseconds. */
#define LAST_READING 100000
/* A mark is renewed so often at most while nothing goes wrong, and lags so much behind, seconds: a file may have been
 * written last then, and be closed only now. */
#define MARK_EVERY 3600
#define MARK_LAG 60
/* Memory is given back after a burst of so many files. */
#define BURST 8192

static void
begin_library(PfWatcher *watcher)
{
    watcher->bell_watch = -1;
    watcher->no_inotify = pf_inotify_start();
    if (watcher->no_inotify)
        return;
    watcher->bell_watch = pf_inotify_watch(pf_watch_bell_get_descriptor(watcher->bell), IN_ACCESS);
    if (watcher->bell_watch < 0) {
        watcher->no_inotify = -watcher->bell_watch;
        pf_inotify_stop();
    }
}

static void
end_library(PfWatcher *watcher)
{
    if (watcher->bell_watch >= 0)
        pf_inotify_stop();
    watcher->bell_watch = -1;
    pf_watcher_forget_ways(watcher);
    pf_watcher_forget_moves(watcher);
    g_hash_table_remove_all(watcher->limbo);
}

/* Begins the library anew; what happens in between is found by listing everything. */
static void
renew_library(PfWatcher *watcher)
{
    g_autoptr(GPtrArray) folders = pf_tree_list(watcher->tree, NULL);

    end_library(watcher);
    for (guint i = 0; i < folders->len; i++)
        pf_tree_set_watch(watcher->tree, folders->pdata[i], -1);
    begin_library(watcher);
    watcher->renew = FALSE;
    watcher->burst += BURST + 1;
    watcher->examine = TRUE;
    pf_watcher_queue_below(watcher, NULL);
}

static gint64
now_seconds(void)
{
    return pf_watcher_now() / PF_CLOCK_NANOSECONDS;
}

/* Looks through what inotify does not serve. A watch is tried again there: the limit may have been raised. */
static void
poll_folders(PfWatcher *watcher)
{
    g_autoptr(GPtrArray) folders = pf_tree_list(watcher->tree, NULL);

    watcher->next_poll = G_MAXINT64;
    watcher->no_watches = FALSE;
    watcher->examine = TRUE;
    watcher->recount = TRUE;
    if (watcher->bell_watch < 0)
        begin_library(watcher);
    for (guint i = 0; i < folders->len; i++) {
        PfFolder *folder = folders->pdata[i];
        if (folder->polled || folder->remote || folder->torn)
            pf_watcher_queue(watcher, folder);
    }
    for (guint i = 0; i < watcher->settings->n_folders; i++) {
        PfRoot *root = &watcher->roots[i];
        if (root->present && now_seconds() - root->mark > MARK_EVERY)
            root->begun = now_seconds() - 1;
    }
}

/* Something was mounted or unmounted: folders that are hidden by it, or have come to light, are listed, and those with
 * names that may lead elsewhere now. */
static void
check_places(PfWatcher *watcher)
{
    g_autoptr(GPtrArray) folders = pf_tree_list(watcher->tree, NULL);

    watcher->examine = TRUE;
    for (guint i = 0; i < folders->len; i++) {
        PfFolder *folder = folders->pdata[i];
        if (folder->recheck || !pf_watcher_is_in_place(folder))
            pf_watcher_queue(watcher, folder);
    }
}

static void
answer_bell(PfWatcher *watcher, PfBellCall calls)
{
    gint64 now = g_get_monotonic_time();

    if (calls & PF_BELL_EXAMINE)
        check_places(watcher);
    if (calls & PF_BELL_TIME) {
        pf_watcher_tell_due(watcher);
        if (now >= watcher->next_sweep)
            pf_watcher_sweep(watcher);
        if (now >= watcher->next_poll)
            poll_folders(watcher);
    }
}

static gboolean
needs_polling(PfWatcher *watcher)
{
    g_autoptr(GPtrArray) folders = NULL;

    if (watcher->bell_watch < 0 || watcher->no_watches)
        return TRUE;
    folders = pf_tree_list(watcher->tree, NULL);
    for (guint i = 0; i < folders->len; i++) {
        const PfFolder *folder = folders->pdata[i];
        if (folder->polled || folder->remote || folder->torn)
            return TRUE;
    }
    return FALSE;
}

/* Whether a folder of a configured one was not read to its end: a mark would pass over what it has. */
static gboolean
is_torn(const PfWatcher *watcher, guint index)
{
    g_autoptr(GPtrArray) folders = pf_tree_list(watcher->tree, NULL);

    for (guint i = 0; i < folders->len; i++) {
        const PfFolder *folder = folders->pdata[i];
        if (folder->torn && folder->root == index)
            return TRUE;
    }
    return FALSE;
}

static void
put_mark(PfWatcher *watcher, guint index, gint64 mark)
{
    PfRoot *root = &watcher->roots[index];
    const PfFolder *folder = pf_tree_find_inode(watcher->tree, root->device, root->inode);

    /* A server's clock may be behind ours: what it stamped last is what was looked at. */
    if (folder && folder->remote)
        mark = MIN(mark, root->newest);
    root->begun = 0;
    if (mark <= root->mark)
        return;
    root->mark = mark;
    pf_post_put_looked(watcher->post, index, mark);
}

/* Nothing is left to be read, listed or waited for: all that was seen was told of. */
static void
mark_roots(PfWatcher *watcher)
{
    gint64 lagging = now_seconds() - MARK_LAG;

    for (guint i = 0; i < watcher->settings->n_folders; i++) {
        PfRoot *root = &watcher->roots[i];
        gboolean by_time = lagging - root->mark > MARK_EVERY && watcher->next_poll == G_MAXINT64;
        if (root->present && (root->begun || by_time) && !is_torn(watcher, i))
            put_mark(watcher, i, root->begun ? root->begun : lagging);
    }
}

static void
give_memory_back(PfWatcher *watcher)
{
    if (watcher->burst <= BURST)
        return;
    watcher->burst = 0;
    pf_told_shrink(watcher->told);
    pf_memory_give_back();
}

/* Does what is due before the thread waits. */
static void
settle_down(PfWatcher *watcher)
{
    pf_watcher_empty_limbo(watcher);
    pf_watcher_tell_due(watcher);
    if (watcher->recount) {
        watcher->recount = FALSE;
        if (!needs_polling(watcher))
            watcher->next_poll = G_MAXINT64;
        else if (watcher->next_poll == G_MAXINT64)
            watcher->next_poll = g_get_monotonic_time() + PF_WATCHER_POLL * G_USEC_PER_SEC;
        watcher->publish(watcher->data);
    }
    if (pf_finish_count(watcher->finish) == 0) {
        mark_roots(watcher);
        give_memory_back(watcher);
    }
    pf_post_set_timer(watcher->post,
                      MIN(pf_finish_next_due(watcher->finish), MIN(watcher->next_poll, watcher->next_sweep)));
}

/* Reads events that are there. Returns: whether there was none. */
static gboolean
read_events(PfWatcher *watcher)
{
    for (guint i = 0; i < EVENTS_A_TURN; i++) {
        const struct inotify_event *event = watcher->bell_watch >= 0 ? pf_inotify_next(FALSE) : NULL;
        if (!event)
            return i == 0;
        pf_watcher_handle(watcher, event);
    }
    return FALSE;
}

/* Does a part of what is to be done. Returns: whether nothing is left. */
static gboolean
work(PfWatcher *watcher)
{
    gboolean idle;
    PfFolder *folder;

    if (watcher->renew)
        renew_library(watcher);
    idle = read_events(watcher);
    folder = g_queue_pop_head(&watcher->to_list);
    if (folder) {
        folder->queued = FALSE;
        pf_watcher_list(watcher, folder);
        return FALSE;
    }
    if (!idle || watcher->renew)
        return FALSE;
    if (!watcher->examine)
        return TRUE;
    pf_watcher_examine(watcher);
    return FALSE;
}

static void
wait_for_more(PfWatcher *watcher)
{
    const struct inotify_event *event;

    if (watcher->bell_watch < 0) {
        pf_watch_bell_wait(watcher->bell);
        return;
    }
    event = pf_inotify_next(TRUE);
    if (event)
        pf_watcher_handle(watcher, event);
}

/* Marks the folders when nothing is under way. */
static void
finish_marks(PfWatcher *watcher)
{
    gint64 lagging = now_seconds() - MARK_LAG;
    gint64 deadline = g_get_monotonic_time() + LAST_READING;

    while (!read_events(watcher)) {
        if (g_get_monotonic_time() > deadline)
            return;
    }
    if (pf_finish_count(watcher->finish) > 0 || watcher->to_list.length > 0 || watcher->examine || watcher->renew ||
        watcher->next_poll != G_MAXINT64)
        return;
    for (guint i = 0; i < watcher->settings->n_folders; i++) {
        if (watcher->roots[i].present)
            put_mark(watcher, i, lagging);
    }
}

void
pf_watcher_run(PfWatcher *watcher)
{
    begin_library(watcher);
    watcher->examine = TRUE;
    watcher->recount = TRUE;
    while (!pf_watch_bell_is_stopping(watcher->bell)) {
        answer_bell(watcher, pf_watch_bell_take(watcher->bell));
        if (!work(watcher))
            continue;
        settle_down(watcher);
        if (!watcher->examine)
            wait_for_more(watcher);
    }
    finish_marks(watcher);
    end_library(watcher);
}
