/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flattr-sandbox itself, started for a test, and a session of libflattr with it. Every step asserts that it worked.
 */
#pragma once

#include "flattr/flattr.h"

#include <curl/curl.h>
#include <gio/gio.h>
#include <jansson.h>
#include <string.h>

/* A sandbox of its own for each test, and a session with the token of its user "demo". */
typedef struct {
    GSubprocess *process;
    json_t *ready;
    FlattrSession *session;
} Scene;

static inline const char *
scene_get_ready(const Scene *scene, const char *name)
{
    return json_string_value(json_object_get(scene->ready, name));
}

static inline void
scene_set_up(Scene *scene, gconstpointer data)
{
    const char *program = g_getenv("FLATTR_SANDBOX");
    g_autoptr(GError) error = NULL;

    (void)data;
    scene->process = g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error,
                                      program ? program : "./flattr-sandbox", "--listen", "127.0.0.1:0", NULL);
    g_assert_no_error(error);
    g_autoptr(GDataInputStream) lines = g_data_input_stream_new(g_subprocess_get_stdout_pipe(scene->process));
    g_autofree char *line = g_data_input_stream_read_line(lines, NULL, NULL, &error);
    g_assert_no_error(error);
    scene->ready = json_loads(line, 0, NULL);
    scene->session = flattr_session_new(scene_get_ready(scene, "api"), "test/1", &error);
    g_assert_no_error(error);
    g_assert_true(flattr_session_set_token(scene->session, scene_get_ready(scene, "access_token"), NULL));
}

static inline void
scene_tear_down(Scene *scene, gconstpointer data)
{
    (void)data;
    flattr_session_free(scene->session);
    json_decref(scene->ready);
    g_subprocess_send_signal(scene->process, 15);
    g_assert_true(g_subprocess_wait_check(scene->process, NULL, NULL));
    g_object_unref(scene->process);
}

static inline FlattrReply *
scene_ask(const Scene *scene, FlattrRequest *request)
{
    g_autoptr(GError) error = NULL;
    FlattrReply *reply = flattr_session_send_take(scene->session, request, &error);

    g_assert_no_error(error);
    return reply;
}

static inline size_t
scene_take_bytes(char *bytes, size_t size, size_t count, void *text)
{
    g_string_append_len(text, bytes, (gssize)(size * count));
    return size * count;
}

/* Calls the sandbox's control interface. Returns (transfer full) the answer. */
static inline json_t *
scene_control(const Scene *scene, const char *method, const char *path, const char *json)
{
    g_autofree char *base =
        g_strndup(scene_get_ready(scene, "api"), strlen(scene_get_ready(scene, "api")) - strlen("/rest/v2"));
    g_autofree char *address = g_strconcat(base, "/_sandbox/", path, NULL);
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    g_autoptr(GString) answer = g_string_new(NULL);
    CURL *handle = curl_easy_init();

    curl_easy_setopt(handle, CURLOPT_URL, address);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, json);
    curl_easy_setopt(handle, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, scene_take_bytes);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, answer);
    g_assert_cmpint(curl_easy_perform(handle), ==, CURLE_OK);
    curl_easy_cleanup(handle);
    curl_slist_free_all(headers);
    json_t *read = json_loads(answer->str, 0, NULL);
    g_assert_nonnull(read);
    return read;
}

/* The same, where the answer does not matter. */
static inline void
scene_order(const Scene *scene, const char *method, const char *path, const char *json)
{
    json_decref(scene_control(scene, method, path, json));
}

/* Registers a thing of "demo". Returns its id. */
static inline gint64
scene_create(const Scene *scene, const char *url, const char *title)
{
    const FlattrThingFields fields = {.url = url, .title = title, .tags = "a,b", .category = "audio"};
    g_autoptr(FlattrReply) reply = scene_ask(scene, flattr_request_new_thing_create(&fields));
    g_autoptr(GError) error = NULL;
    gint64 id = flattr_reply_read_created(reply, &error);

    g_assert_no_error(error);
    return id;
}

static inline void
scene_assert_done(const Scene *scene, FlattrRequest *request)
{
    g_autoptr(FlattrReply) reply = scene_ask(scene, request);
    g_autoptr(GError) error = NULL;

    flattr_reply_check(reply, &error);
    g_assert_no_error(error);
}

static inline void
scene_assert_refused(const Scene *scene, FlattrRequest *request, FlattrError code)
{
    g_autoptr(FlattrReply) reply = scene_ask(scene, request);
    g_autoptr(GError) error = NULL;

    g_assert_false(flattr_reply_check(reply, &error));
    g_assert_error(error, FLATTR_ERROR, (int)code);
}
