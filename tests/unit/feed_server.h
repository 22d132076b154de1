/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A server for the tests of the feed pool: threads of this program that listen on many loopback addresses, a free port
 * each, so that they are as many hosts. It answers by path, counts who is served at the same time, and can hold answers
 * back until the test lets them go. Each answer ends its connection, but for those of paths that begin with "/kept".
 */
#pragma once

#include <gio/gio.h>
#include <string.h>

#define HOSTS 20
#define TIMEOUT (60 * G_TIME_SPAN_SECOND) /* after which a test has failed */

#define HEAD "<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel><title>Radio Alpha</title>\n"
#define ITEM "<item><title>Episode</title><enclosure url=\"/1.mp3\"/></item>\n"
#define TAIL "</channel></rss>\n"
#define CLOSE "Connection: close\r\n"
#define OK "HTTP/1.1 200 OK\r\n" CLOSE
#define KEPT "/kept" /* such a path's answer does not end the connection */
#define LONG_ITEMS 4000

static struct {
    char *hosts[HOSTS]; /* "127.0.0.7:PORT" */
    GMutex mutex;
    GCond changed;
    int serving[HOSTS], peak[HOSTS], served[HOSTS]; /* requests */
    int opened[HOSTS], closed[HOSTS];               /* connections for KEPT */
    int all, peak_of_all;
    int hold;         /* requests for /held wait until so many are served at once; 0: not at all */
    gboolean is_told; /* a password came where it has no business */
    char *agent;      /* of the last request */
} server;

/* A request as it came. */
typedef struct {
    int host;
    char *path;
    char *none_match;
    char *modified_since;
    char *authorization;
} Request;

static void
request_clear(Request *request)
{
    g_free(request->path);
    g_free(request->none_match);
    g_free(request->modified_since);
    g_free(request->authorization);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Request, request_clear)

static int
host_of(const char *address)
{
    for (int i = 0; i < HOSTS; i++)
        if (g_str_equal(address, server.hosts[i]))
            return i;
    g_error("no host %s", address);
}

static void
read_request(GInputStream *stream, Request *request)
{
    g_autoptr(GDataInputStream) input = g_data_input_stream_new(stream);
    g_filter_input_stream_set_close_base_stream(G_FILTER_INPUT_STREAM(input), FALSE);
    g_data_input_stream_set_newline_type(input, G_DATA_STREAM_NEWLINE_TYPE_CR_LF);
    g_autofree char *first = g_data_input_stream_read_line(input, NULL, NULL, NULL);
    g_auto(GStrv) words = g_strsplit(first ? first : "", " ", 3);
    char *line;

    request->path = g_strdup(words[0] && words[1] ? words[1] : "");
    while ((line = g_data_input_stream_read_line(input, NULL, NULL, NULL)) && *line) {
        g_auto(GStrv) parts = g_strsplit(line, ": ", 2);
        if (g_ascii_strcasecmp(parts[0], "Host") == 0)
            request->host = host_of(parts[1]);
        else if (g_ascii_strcasecmp(parts[0], "If-None-Match") == 0)
            request->none_match = g_strdup(parts[1]);
        else if (g_ascii_strcasecmp(parts[0], "If-Modified-Since") == 0)
            request->modified_since = g_strdup(parts[1]);
        else if (g_ascii_strcasecmp(parts[0], "Authorization") == 0)
            request->authorization = g_strdup(parts[1]);
        else if (g_ascii_strcasecmp(parts[0], "User-Agent") == 0) {
            g_mutex_lock(&server.mutex);
            g_free(server.agent);
            server.agent = g_strdup(parts[1]);
            g_mutex_unlock(&server.mutex);
        }
        g_free(line);
    }
    g_free(line);
}

static void
send_text(GOutputStream *output, const char *text)
{
    g_output_stream_write_all(output, text, strlen(text), NULL, NULL, NULL);
}

static char *
redirect(int status, int host, const char *path)
{
    return g_strdup_printf("HTTP/1.1 %d Elsewhere\r\n" CLOSE "Location: http://%s%s\r\n\r\n", status,
                           server.hosts[host], path);
}

/* Paths as "/to/301/HOST/PATH": a redirect to that host and path. */
static char *
answer_redirect(const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", 5);
    g_autofree char *target = g_strconcat("/", parts[4], NULL);

    return redirect(atoi(parts[2]), atoi(parts[3]), target);
}

static char *
answer_feed(const Request *request)
{
    if (g_strcmp0(request->none_match, "\"v1\"") == 0 ||
        g_strcmp0(request->modified_since, "Tue, 03 Jun 2014 12:00:00 GMT") == 0)
        return g_strdup("HTTP/1.1 304 Not Modified\r\n" CLOSE "ETag: \"v1\"\r\n\r\n");
    return g_strdup(OK "ETag: \"v1\"\r\nLast-Modified: Tue, 03 Jun 2014 12:00:00 GMT\r\n\r\n" HEAD ITEM ITEM TAIL);
}

static char *
answer_long(void)
{
    GString *text = g_string_new(OK "\r\n" HEAD);

    for (int i = 0; i < LONG_ITEMS; i++)
        g_string_append(text, ITEM);
    g_string_append(text, TAIL);
    return g_string_free(text, FALSE);
}

static char *
answer_kept(void)
{
    static const char body[] = HEAD ITEM TAIL;

    return g_strdup_printf("HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
}

static char *
answer_wait(const char *how)
{
    if (!g_str_equal(how, "date"))
        return g_strdup_printf("HTTP/1.1 503 Busy\r\n" CLOSE "Retry-After: %s\r\n\r\n", how);
    g_autoptr(GDateTime) now = g_date_time_new_now_utc();
    g_autoptr(GDateTime) later = g_date_time_add_hours(now, 1);
    g_autofree char *date = g_date_time_format(later, "%a, %d %b %Y %H:%M:%S GMT");
    return g_strdup_printf("HTTP/1.1 429 Too Many\r\n" CLOSE "Retry-After: %s\r\n\r\n", date);
}

static char *
answer_private(const Request *request)
{
    if (g_strcmp0(request->authorization, "Basic YW5uOnNlY3JldA==") != 0) /* ann:secret */
        return g_strdup("HTTP/1.1 401 Unauthorized\r\n" CLOSE "\r\n");
    return g_strdup(OK "\r\n" HEAD ITEM TAIL);
}

static char *
make_answer(const Request *request)
{
    const char *path = request->path;

    if (g_str_has_prefix(path, "/to/"))
        return answer_redirect(path);
    if (g_str_has_prefix(path, "/wait/"))
        return answer_wait(path + strlen("/wait/"));
    if (g_str_has_prefix(path, "/private"))
        return answer_private(request);
    if (g_str_has_prefix(path, "/long"))
        return answer_long();
    if (g_str_has_prefix(path, KEPT))
        return answer_kept();
    if (g_str_has_prefix(path, "/cut"))
        return g_strdup(OK "ETag: \"v1\"\r\n\r\n" HEAD ITEM "<item><title>Half an");
    if (g_str_has_prefix(path, "/gone"))
        return g_strdup("HTTP/1.1 410 Gone\r\n" CLOSE "\r\n");
    if (g_str_has_prefix(path, "/missing"))
        return g_strdup("HTTP/1.1 404 Not Found\r\n" CLOSE "\r\n");
    return answer_feed(request);
}

/* Counts a request in, and holds it as the test wants. */
static void
enter(const Request *request)
{
    gint64 deadline = g_get_monotonic_time() + TIMEOUT;

    g_mutex_lock(&server.mutex);
    server.serving[request->host]++;
    server.served[request->host]++;
    server.all++;
    server.peak[request->host] = MAX(server.peak[request->host], server.serving[request->host]);
    server.peak_of_all = MAX(server.peak_of_all, server.all);
    server.is_told = server.is_told || (request->authorization && g_str_has_prefix(request->path, "/stranger"));
    g_cond_broadcast(&server.changed);
    if (g_str_has_prefix(request->path, "/held"))
        while (server.hold > 0 && server.peak_of_all < server.hold)
            if (!g_cond_wait_until(&server.changed, &server.mutex, deadline))
                break;
    g_mutex_unlock(&server.mutex);
}

static void
leave(const Request *request)
{
    g_mutex_lock(&server.mutex);
    server.serving[request->host]--;
    server.all--;
    g_cond_broadcast(&server.changed);
    g_mutex_unlock(&server.mutex);
}

/* Answers one request. */
static void
answer_one(GSocketConnection *connection, const Request *request)
{
    GInputStream *input = g_io_stream_get_input_stream(G_IO_STREAM(connection));
    GOutputStream *output = g_io_stream_get_output_stream(G_IO_STREAM(connection));
    char byte;

    enter(request);
    g_autofree char *text = make_answer(request);
    /* The client may begin another transfer as soon as it has the last byte of this one: it is not served any more. */
    gsize length = strlen(text);
    if (g_str_has_prefix(request->path, "/hang")) {
        g_input_stream_read(input, &byte, 1, NULL, NULL); /* until the client goes away */
        length = 0;
    } else if (g_str_has_prefix(request->path, "/drip")) {
        g_socket_set_option(g_socket_connection_get_socket(connection), 6 /* TCP */, 1 /* TCP_NODELAY */, 1, NULL);
        for (gsize i = 0; i + 1 < length; i++)
            g_output_stream_write_all(output, text + i, 1, NULL, NULL, NULL);
    } else if (length > 1) {
        g_output_stream_write_all(output, text, length - 1, NULL, NULL, NULL);
    }
    leave(request);
    if (length > 0)
        send_text(output, text + length - 1);
}

static void
count_connection(int *connections)
{
    g_mutex_lock(&server.mutex);
    ++*connections;
    g_cond_broadcast(&server.changed);
    g_mutex_unlock(&server.mutex);
}

/* Answers what comes on a connection, until the client ends it or an answer has said that it ends. */
static gboolean
answer(GThreadedSocketService *service, GSocketConnection *connection, GObject *source, gpointer data)
{
    GInputStream *input = g_io_stream_get_input_stream(G_IO_STREAM(connection));
    gboolean is_kept = FALSE;
    int host = 0;

    (void)service;
    (void)source;
    (void)data;
    do {
        g_auto(Request) request = {0};
        read_request(input, &request);
        if (is_kept && !*request.path)
            break;
        if (!is_kept && g_str_has_prefix(request.path, KEPT))
            count_connection(&server.opened[request.host]);
        is_kept = g_str_has_prefix(request.path, KEPT);
        host = request.host;
        answer_one(connection, &request);
    } while (is_kept);
    if (is_kept)
        count_connection(&server.closed[host]);
    return TRUE;
}

/* The main loop that accepts connections. */
static gpointer
serve(gpointer ready)
{
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(GMainLoop) loop = g_main_loop_new(context, FALSE);

    g_main_context_push_thread_default(context);
    for (int i = 0; i < HOSTS; i++) {
        /* One for each: a GSocketListener loses connections that come to two of its sockets at the same time. */
        GSocketService *service = g_threaded_socket_service_new(64);
        g_autofree char *text = g_strdup_printf("127.0.0.%d", i + 1);
        g_autoptr(GSocketAddress) any_port = g_inet_socket_address_new_from_string(text, 0);
        g_autoptr(GSocketAddress) bound = NULL;

        g_signal_connect(service, "run", G_CALLBACK(answer), NULL);
        g_assert_true(g_socket_listener_add_address(G_SOCKET_LISTENER(service), any_port, G_SOCKET_TYPE_STREAM,
                                                    G_SOCKET_PROTOCOL_TCP, NULL, &bound, NULL));
        server.hosts[i] = g_strdup_printf("%s:%u", text, g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound)));
    }
    g_async_queue_push(ready, context);
    g_main_loop_run(loop);
    return NULL;
}

static void
server_start(void)
{
    g_autoptr(GAsyncQueue) ready = g_async_queue_new();

    g_thread_unref(g_thread_new("server", serve, ready));
    g_async_queue_pop(ready);
}

/* Forgets what was counted, and sets how many requests for /held must be there before one is answered. */
static void
server_reset(int hold)
{
    g_mutex_lock(&server.mutex);
    while (server.all > 0)
        g_cond_wait(&server.changed, &server.mutex);
    memset(server.peak, 0, sizeof server.peak);
    memset(server.served, 0, sizeof server.served);
    memset(server.opened, 0, sizeof server.opened);
    memset(server.closed, 0, sizeof server.closed);
    server.peak_of_all = 0;
    server.hold = hold;
    server.is_told = FALSE;
    g_mutex_unlock(&server.mutex);
}

static inline void
server_release(void)
{
    g_mutex_lock(&server.mutex);
    server.hold = 0;
    g_cond_broadcast(&server.changed);
    g_mutex_unlock(&server.mutex);
}

/* Reads one of the server's numbers, which its threads change. */
static inline int
server_read(const int *number)
{
    g_mutex_lock(&server.mutex);
    int value = *number;
    g_mutex_unlock(&server.mutex);
    return value;
}
