/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/hooks.h"

#include "base/url.h"
#include <curl/curl.h>

#define SENT_MAX 1000
#define SECONDS_MAX 10L

typedef struct {
    char *url;
    char *body; /* NULL: the sending thread is to end */
} Event;

struct SandboxHooks {
    GPtrArray *noted;   /* of Event; used under the caller's lock alone */
    GAsyncQueue *queue; /* of Event */
    GThread *thread;    /* NULL until the first event */
    gint stopping;      /* atomic */
    GMutex lock;        /* over what follows */
    json_t *sent;
};

static void
free_event(gpointer data)
{
    Event *event = data;

    g_free(event->url);
    g_free(event->body);
    g_free(event);
}

SandboxHooks *
sandbox_hooks_new(void)
{
    SandboxHooks *hooks = g_new0(SandboxHooks, 1);

    hooks->noted = g_ptr_array_new_with_free_func(free_event);
    hooks->queue = g_async_queue_new_full(free_event);
    g_mutex_init(&hooks->lock);
    hooks->sent = json_array();
    return hooks;
}

void
sandbox_hooks_free(SandboxHooks *hooks)
{
    if (!hooks)
        return;
    g_atomic_int_set(&hooks->stopping, 1);
    if (hooks->thread) {
        g_async_queue_push(hooks->queue, g_new0(Event, 1));
        g_thread_join(hooks->thread);
    }
    g_async_queue_unref(hooks->queue);
    g_ptr_array_unref(hooks->noted);
    g_mutex_clear(&hooks->lock);
    json_decref(hooks->sent);
    g_free(hooks);
}

gboolean
sandbox_hooks_allow(const char *url)
{
    g_autofree char *host = pf_url_is_web(url) ? pf_url_dup_part(url, PF_URL_HOST) : NULL;

    return host && (g_str_equal(host, "127.0.0.1") || g_str_equal(host, "[::1]") || g_str_equal(host, "localhost"));
}

static int
check_stop(void *data, curl_off_t total, curl_off_t done, curl_off_t total_up, curl_off_t done_up)
{
    SandboxHooks *hooks = data;

    (void)total;
    (void)done;
    (void)total_up;
    (void)done_up;
    return g_atomic_int_get(&hooks->stopping);
}

/* The partner's answer says nothing but its status. */
static size_t
ignore_body(char *bytes, size_t size, size_t count, void *data)
{
    (void)bytes;
    (void)data;
    return size * count;
}

static CURLcode
post(SandboxHooks *hooks, const Event *event, long *status)
{
    CURL *handle = curl_easy_init();

    if (!handle)
        return CURLE_FAILED_INIT;
    curl_easy_setopt(handle, CURLOPT_URL, event->url);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, event->body);
    curl_easy_setopt(handle, CURLOPT_USERAGENT, "flattr-sandbox");
    curl_easy_setopt(handle, CURLOPT_TIMEOUT, SECONDS_MAX);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, ignore_body);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, check_stop);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, hooks);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    CURLcode result = curl_easy_perform(handle);
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, status);
    curl_easy_cleanup(handle);
    return result;
}

static gpointer
send_events(gpointer data)
{
    SandboxHooks *hooks = data;

    for (;;) {
        Event *event = g_async_queue_pop(hooks->queue);
        if (!event->body || g_atomic_int_get(&hooks->stopping)) {
            free_event(event);
            return NULL;
        }
        long status = 0;
        CURLcode result = post(hooks, event, &status);
        g_mutex_lock(&hooks->lock);
        json_array_append_new(hooks->sent, json_pack("{s:s, s:s, s:I, s:s?}", "url", event->url, "body", event->body,
                                                     "status", (json_int_t)status, "problem",
                                                     result == CURLE_OK ? NULL : curl_easy_strerror(result)));
        if (json_array_size(hooks->sent) > SENT_MAX)
            json_array_remove(hooks->sent, 0);
        g_mutex_unlock(&hooks->lock);
        free_event(event);
    }
}

void
sandbox_hooks_add(SandboxHooks *hooks, const char *url, const char *body)
{
    Event *event = g_new0(Event, 1);

    event->url = g_strdup(url);
    event->body = g_strdup(body);
    g_ptr_array_add(hooks->noted, event);
}

void
sandbox_hooks_release(SandboxHooks *hooks, gboolean keep)
{
    while (keep && hooks->noted->len > 0) {
        if (!hooks->thread)
            hooks->thread = g_thread_new("hooks", send_events, hooks);
        g_async_queue_push(hooks->queue, g_ptr_array_steal_index(hooks->noted, 0));
    }
    g_ptr_array_set_size(hooks->noted, 0);
}

json_t *
sandbox_hooks_list(SandboxHooks *hooks)
{
    g_mutex_lock(&hooks->lock);
    json_t *list = json_deep_copy(hooks->sent);
    g_mutex_unlock(&hooks->lock);
    return list;
}
