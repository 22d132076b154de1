/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/multi.h"

#include <glib-unix.h>

struct PfMulti {
    CURLM *curl;
    GSource *timer;
    GHashTable *sockets; /* of descriptor to GSource */
};

typedef struct {
    PfMultiDone done;
    gpointer data;
} Transfer;

static void
collect_ended(PfMulti *multi)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(multi->curl, &left))) {
        CURL *handle = message->easy_handle;
        CURLcode code = message->data.result;
        Transfer *transfer = NULL;

        /* The message dies with the handle's removal. */
        curl_easy_getinfo(handle, CURLINFO_PRIVATE, (char **)&transfer);
        curl_multi_remove_handle(multi->curl, handle);
        transfer->done(handle, code, transfer->data);
        g_free(transfer);
    }
}

static gboolean
socket_ready(int descriptor, GIOCondition condition, gpointer data)
{
    PfMulti *multi = data;
    int running;
    int what = (condition & (G_IO_IN | G_IO_HUP) ? CURL_CSELECT_IN : 0) |
               (condition & G_IO_OUT ? CURL_CSELECT_OUT : 0) | (condition & G_IO_ERR ? CURL_CSELECT_ERR : 0);

    curl_multi_socket_action(multi->curl, descriptor, what, &running);
    collect_ended(multi);
    return G_SOURCE_CONTINUE;
}

static void
destroy_source(gpointer source)
{
    g_source_destroy(source);
    g_source_unref(source);
}

static int
watch_socket(CURL *handle, curl_socket_t descriptor, int what, void *data, void *unused)
{
    PfMulti *multi = data;

    (void)handle;
    (void)unused;
    g_hash_table_remove(multi->sockets, GINT_TO_POINTER(descriptor));
    if (what != CURL_POLL_REMOVE) {
        GIOCondition condition =
            (what & CURL_POLL_IN ? G_IO_IN | G_IO_HUP : 0) | (what & CURL_POLL_OUT ? G_IO_OUT : 0) | G_IO_ERR;
        GSource *source = g_unix_fd_source_new(descriptor, condition);

        g_source_set_callback(source, G_SOURCE_FUNC(socket_ready), multi, NULL);
        g_source_attach(source, g_main_context_get_thread_default());
        g_hash_table_insert(multi->sockets, GINT_TO_POINTER(descriptor), source);
    }
    return 0;
}

static void
stop_timer(PfMulti *multi)
{
    g_clear_pointer(&multi->timer, destroy_source);
}

static gboolean
timer_fired(gpointer data)
{
    PfMulti *multi = data;
    int running;

    stop_timer(multi);
    curl_multi_socket_action(multi->curl, CURL_SOCKET_TIMEOUT, 0, &running);
    collect_ended(multi);
    return G_SOURCE_REMOVE;
}

static int
set_timer(CURLM *curl, long milliseconds, void *data)
{
    PfMulti *multi = data;

    (void)curl;
    stop_timer(multi);
    if (milliseconds >= 0) {
        multi->timer = g_timeout_source_new((guint)MIN(milliseconds, G_MAXINT));
        g_source_set_priority(multi->timer, G_PRIORITY_HIGH);
        g_source_set_callback(multi->timer, timer_fired, multi, NULL);
        g_source_attach(multi->timer, g_main_context_get_thread_default());
    }
    return 0;
}

PfMulti *
pf_multi_new(void)
{
    PfMulti *multi = g_new0(PfMulti, 1);

    multi->curl = curl_multi_init();
    multi->sockets = g_hash_table_new_full(NULL, NULL, NULL, destroy_source);
    curl_multi_setopt(multi->curl, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(multi->curl, CURLMOPT_SOCKETDATA, multi);
    curl_multi_setopt(multi->curl, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(multi->curl, CURLMOPT_TIMERDATA, multi);
    curl_multi_setopt(multi->curl, CURLMOPT_MAXCONNECTS, 16L);
    return multi;
}

void
pf_multi_free(PfMulti *multi)
{
    if (!multi)
        return;
    curl_multi_cleanup(multi->curl);
    stop_timer(multi);
    g_hash_table_unref(multi->sockets);
    g_free(multi);
}

void
pf_multi_add(PfMulti *multi, CURL *handle, PfMultiDone done, gpointer data)
{
    Transfer *transfer = g_new0(Transfer, 1);

    transfer->done = done;
    transfer->data = data;
    curl_easy_setopt(handle, CURLOPT_PRIVATE, transfer);
    curl_multi_add_handle(multi->curl, handle);
}

void
pf_multi_remove(PfMulti *multi, CURL *handle)
{
    Transfer *transfer = NULL;

    curl_easy_getinfo(handle, CURLINFO_PRIVATE, (char **)&transfer);
    curl_multi_remove_handle(multi->curl, handle);
    g_free(transfer);
}
