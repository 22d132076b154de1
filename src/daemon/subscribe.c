/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/subscribe.h"

#include "base/clock.h"
#include "sources/subscriptions.h"
#include <gio/gio.h>

struct PfSubscribing {
    PfFeedStore *feeds;
    const PfConfig *config;
    GPtrArray *monitors; /* of GFileMonitor */
    void (*changed)(gpointer data);
    gpointer data;
};

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
list_changed(GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, gpointer data)
{
    PfSubscribing *subscribing = data;
    g_autoptr(GError) failure = NULL;

    (void)monitor;
    (void)file;
    (void)other;
    /* A list that is being written says nothing yet, and one that is gone will come back. */
    if (event != G_FILE_MONITOR_EVENT_CHANGES_DONE_HINT && event != G_FILE_MONITOR_EVENT_RENAMED &&
        event != G_FILE_MONITOR_EVENT_MOVED_IN)
        return;
    if (!pf_subscribe(subscribing->feeds, subscribing->config, NULL, &failure)) {
        g_message("subscriptions cannot be kept: %s", failure->message);
        return;
    }
    subscribing->changed(subscribing->data);
}

static void
follow(PfSubscribing *subscribing, const char *path)
{
    g_autoptr(GFile) file = g_file_new_for_path(path);
    GFileMonitor *monitor = g_file_monitor_file(file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);

    /* Without one the list is read at the next start. */
    if (!monitor)
        return;
    g_signal_connect(monitor, "changed", G_CALLBACK(list_changed), subscribing);
    g_ptr_array_add(subscribing->monitors, monitor);
}

static void
forget_monitor(gpointer monitor)
{
    g_file_monitor_cancel(monitor);
    g_object_unref(monitor);
}

gboolean
pf_subscribing_apply(PfSubscribing *subscribing, const PfConfig *config, GError **error)
{
    g_autoptr(GPtrArray) lists = g_ptr_array_new_with_free_func(g_free);

    subscribing->config = config;
    g_ptr_array_set_size(subscribing->monitors, 0);
    if (!pf_subscribe(subscribing->feeds, config, lists, error))
        return FALSE;
    for (guint i = 0; i < lists->len; i++)
        follow(subscribing, lists->pdata[i]);
    return TRUE;
}

PfSubscribing *
pf_subscribing_new(PfFeedStore *feeds, void (*changed)(gpointer data), gpointer data)
{
    PfSubscribing *subscribing = g_new0(PfSubscribing, 1);

    *subscribing = (PfSubscribing){.feeds = feeds, .changed = changed, .data = data};
    subscribing->monitors = g_ptr_array_new_with_free_func(forget_monitor);
    return subscribing;
}

void
pf_subscribing_free(PfSubscribing *subscribing)
{
    if (!subscribing)
        return;
    g_ptr_array_unref(subscribing->monitors);
    g_free(subscribing);
}
