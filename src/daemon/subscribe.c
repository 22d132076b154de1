/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/subscribe.h"

#include "base/clock.h"
#include "sources/subscriptions.h"
#include <gio/gio.h>

struct PfSubscribing {
    PfFeedStore *feeds;
    const PfConfig *config;
    GPtrArray *lists; /* of List */
    void (*changed)(gpointer data);
    gpointer data;
};

/* A file that lists feeds, and the folder that is looked at for it: its own or, as long as there is none, the nearest
 * one above it. GIO would look every few seconds whether a missing folder has come. */
typedef struct {
    PfSubscribing *subscribing;
    GFile *file;
    GFile *folder;
    GFileMonitor *monitor;
} List;

gboolean
pf_subscribe(PfFeedStore *feeds, const PfConfig *config, GPtrArray *lists, GError **error)
{
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) faults = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) urls = pf_subscriptions_read(config->subscriptions, files, faults);
    gint64 now = pf_clock_now(), id;

    for (guint i = 0; lists && i < files->len; i++)
        g_ptr_array_add(lists, g_strdup(files->pdata[i]));
    for (guint i = 0; i < faults->len; i++)
        g_message("%s", (const char *)faults->pdata[i]);
    for (guint i = 0; i < urls->len; i++)
        if (!pf_feed_store_add(feeds, urls->pdata[i], PF_FEED_ORIGIN_SUBSCRIPTION, now, &id, error))
            return FALSE;
    return faults->len > 0 || pf_feed_store_keep(feeds, urls, error);
}

static void
read_again(PfSubscribing *subscribing)
{
    g_autoptr(GError) failure = NULL;

    if (pf_subscribe(subscribing->feeds, subscribing->config, NULL, &failure))
        subscribing->changed(subscribing->data);
    else
        g_message("subscriptions cannot be kept: %s", failure->message);
}

static void
unfollow(List *list)
{
    if (list->monitor)
        g_file_monitor_cancel(list->monitor);
    g_clear_object(&list->monitor);
    g_clear_object(&list->folder);
}

static GFile *
dup_nearest_folder(GFile *file)
{
    GFile *folder = g_file_get_parent(file);

    while (folder && g_file_query_file_type(folder, G_FILE_QUERY_INFO_NONE, NULL) != G_FILE_TYPE_DIRECTORY) {
        GFile *above = g_file_get_parent(folder);
        g_object_unref(folder);
        folder = above;
    }
    return folder;
}

static void happened(GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, gpointer data);

/* Without a monitor the list is read at the next start. */
static void
follow(List *list)
{
    g_autoptr(GFile) nearer = NULL;

    do {
        unfollow(list);
        g_clear_object(&nearer);
        list->folder = dup_nearest_folder(list->file);
        if (list->folder)
            list->monitor = g_file_monitor_directory(list->folder, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
        if (!list->monitor)
            return;
        g_signal_connect(list->monitor, "changed", G_CALLBACK(happened), list);
        /* A folder may have come before the one above it was looked at. */
        nearer = dup_nearest_folder(list->file);
    } while (nearer && !g_file_equal(nearer, list->folder));
}

/* Whether a path is the list or leads to it. */
static gboolean
concerns(const List *list, GFile *file)
{
    return file && (g_file_equal(file, list->file) || g_file_has_prefix(list->file, file));
}

static void
happened(GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, gpointer data)
{
    List *list = data;
    gboolean is_there = g_file_has_parent(list->file, list->folder) && !g_file_equal(file, list->folder);

    (void)monitor;
    if (!concerns(list, file) && !concerns(list, other))
        return;
    /* A list that is being written says nothing yet, and one that is gone will come back. */
    if (is_there && event != G_FILE_MONITOR_EVENT_CHANGES_DONE_HINT && event != G_FILE_MONITOR_EVENT_RENAMED &&
        event != G_FILE_MONITOR_EVENT_MOVED_IN)
        return;
    if (!is_there)
        follow(list);
    if (g_file_query_exists(list->file, NULL))
        read_again(list->subscribing);
}

static void
free_list(gpointer data)
{
    List *list = data;

    unfollow(list);
    g_object_unref(list->file);
    g_free(list);
}

static void
add_list(PfSubscribing *subscribing, const char *path)
{
    List *list = g_new0(List, 1);

    list->subscribing = subscribing;
    list->file = g_file_new_for_path(path);
    g_ptr_array_add(subscribing->lists, list);
    follow(list);
}

gboolean
pf_subscribing_apply(PfSubscribing *subscribing, const PfConfig *config, GError **error)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

    subscribing->config = config;
    g_ptr_array_set_size(subscribing->lists, 0);
    if (!pf_subscribe(subscribing->feeds, config, paths, error))
        return FALSE;
    for (guint i = 0; i < paths->len; i++)
        add_list(subscribing, paths->pdata[i]);
    return TRUE;
}

PfSubscribing *
pf_subscribing_new(PfFeedStore *feeds, void (*changed)(gpointer data), gpointer data)
{
    PfSubscribing *subscribing = g_new0(PfSubscribing, 1);

    *subscribing = (PfSubscribing){.feeds = feeds, .changed = changed, .data = data};
    subscribing->lists = g_ptr_array_new_with_free_func(free_list);
    return subscribing;
}

void
pf_subscribing_free(PfSubscribing *subscribing)
{
    if (!subscribing)
        return;
    g_ptr_array_unref(subscribing->lists);
    g_free(subscribing);
}
