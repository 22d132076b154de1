/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "login/listener.h"

#include "login/login_error.h"
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <string.h>
#include <unistd.h>

/* A browser opens some; nobody needs more. */
#define MOST_CONNECTIONS 32

/* How long one may say nothing, seconds: longer than the server may take over the code. */
#define SILENCE_SECONDS 180

struct PfListener {
    const PfRedirect *redirect;
    PfListenerFunc func;
    gpointer data;
    guint16 port;
    int socket; /* -1 when it is the web server's */
    struct MHD_Daemon *daemon;
    GMutex lock;
    GCond changed;
    gboolean claimed; /* what follows is guarded by the lock */
    gboolean closed;
    gboolean done;
};

/* What libmicrohttpd keeps for us between its calls for one request. */
typedef struct {
    char *target;   /* path and query, as they came */
    gboolean begun; /* the head was seen; the answer waits for the body */
    gboolean final; /* this is the request that was waited for */
} Exchange;

/* --- answering --- */

static enum MHD_Result
send_page(struct MHD_Connection *connection, const PfPage *page)
{
    char *html = pf_page_dup_html(page);
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback(strlen(html), html, (MHD_ContentReaderFreeCallback)g_free);

    if (!response) {
        g_free(html);
        return MHD_NO;
    }
    for (const char *const *header = pf_page_headers; *header; header += 2)
        MHD_add_response_header(response, header[0], header[1]);
    enum MHD_Result result = MHD_queue_response(connection, page->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result
refuse(struct MHD_Connection *connection, guint status, const char *title, const char *text)
{
    return send_page(connection, &(PfPage){.status = status, .title = title, .text = (char *)text});
}

static enum MHD_Result
answer(PfListener *listener, struct MHD_Connection *connection, const char *method, Exchange *exchange)
{
    PfPage page = {.status = MHD_HTTP_OK, .title = ""};

    if (!g_str_equal(method, MHD_HTTP_METHOD_GET))
        return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "This is not possible",
                      "There is nothing here but the end of a login.");
    if (!pf_redirect_is_target(listener->redirect, exchange->target))
        return refuse(connection, MHD_HTTP_NOT_FOUND, "There is nothing here",
                      "This is only the end of a login with podflattr.");
    g_autofree char *base = pf_redirect_dup_address(listener->redirect, listener->port);
    g_autofree char *address = g_strconcat(base, strchrnul(exchange->target, '?'), NULL);
    exchange->final = listener->func(listener, address, &page, listener->data);
    enum MHD_Result result = send_page(connection, &page);
    g_free(page.text);
    return result;
}

/* --- libmicrohttpd's calls --- */

static void *
begin_exchange(void *data, const char *target, struct MHD_Connection *connection)
{
    Exchange *exchange = g_new0(Exchange, 1);

    (void)data;
    (void)connection;
    exchange->target = g_strdup(target);
    return exchange;
}

static enum MHD_Result
handle_call(void *data, struct MHD_Connection *connection, const char *path, const char *method, const char *version,
            const char *upload, size_t *upload_size, void **kept)
{
    Exchange *exchange = *kept;

    (void)path;
    (void)version;
    (void)upload;
    if (!exchange)
        return MHD_NO;
    if (!exchange->begun || *upload_size > 0) {
        exchange->begun = TRUE;
        *upload_size = 0;
        return MHD_YES;
    }
    return answer(data, connection, method, exchange);
}

static void
end_exchange(void *data, struct MHD_Connection *connection, void **kept, enum MHD_RequestTerminationCode how)
{
    PfListener *listener = data;
    Exchange *exchange = *kept;

    (void)connection;
    (void)how;
    if (!exchange)
        return;
    if (exchange->final) {
        g_mutex_lock(&listener->lock);
        listener->done = TRUE;
        g_cond_signal(&listener->changed);
        g_mutex_unlock(&listener->lock);
    }
    g_free(exchange->target);
    g_free(exchange);
    *kept = NULL;
}

/* --- listening --- */

/* The socket is made here and not by libmicrohttpd, which would not say why an address cannot be had. Returns its
 * descriptor. */
static int
open_socket(PfListener *listener, GError **error)
{
    GInetAddress *address = listener->redirect->listen;
    g_autoptr(GSocketAddress) wanted = g_inet_socket_address_new(address, listener->redirect->port);
    g_autoptr(GSocket) socket =
        g_socket_new(g_inet_address_get_family(address), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);

    if (!socket || !g_socket_bind(socket, wanted, TRUE, error) || !g_socket_listen(socket, error))
        return -1;
    g_autoptr(GSocketAddress) bound = g_socket_get_local_address(socket, error);
    if (!bound)
        return -1;
    listener->port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound));
    int descriptor = fcntl(g_socket_get_fd(socket), F_DUPFD_CLOEXEC, 0);
    if (descriptor < 0)
        g_set_error_literal(error, G_IO_ERROR, g_io_error_from_errno(errno), g_strerror(errno));
    return descriptor;
}

static gboolean
fail(GError **error, const PfListener *listener, const char *cause)
{
    g_autofree char *address = pf_redirect_dup_address(listener->redirect, 0);

    g_set_error(error, PF_LOGIN_ERROR, PF_LOGIN_ERROR_LISTEN,
                "cannot listen at %s (redirect in [flattr]) for the server's answer: %s", address, cause);
    return FALSE;
}

PfListener *
pf_listener_new(const PfRedirect *redirect, GError **error)
{
    PfListener *listener = g_new0(PfListener, 1);
    g_autoptr(GError) cause = NULL;

    listener->redirect = redirect;
    g_mutex_init(&listener->lock);
    g_cond_init(&listener->changed);
    listener->socket = open_socket(listener, &cause);
    if (listener->socket < 0) {
        fail(error, listener, cause->message);
        g_clear_pointer(&listener, pf_listener_free);
    }
    return listener;
}

gboolean
pf_listener_start(PfListener *listener, PfListenerFunc func, gpointer data, GError **error)
{
    listener->func = func;
    listener->data = data;
    listener->daemon =
        MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0, NULL, NULL,
                         handle_call, listener, MHD_OPTION_LISTEN_SOCKET, listener->socket, MHD_OPTION_CONNECTION_LIMIT,
                         (unsigned int)MOST_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)SILENCE_SECONDS,
                         MHD_OPTION_URI_LOG_CALLBACK, begin_exchange, listener, MHD_OPTION_NOTIFY_COMPLETED,
                         end_exchange, listener, MHD_OPTION_END);
    if (!listener->daemon)
        return fail(error, listener, "the web server cannot be started");
    listener->socket = -1;
    return TRUE;
}

void
pf_listener_free(PfListener *listener)
{
    if (!listener)
        return;
    if (listener->daemon)
        MHD_stop_daemon(listener->daemon);
    if (listener->socket >= 0)
        close(listener->socket);
    g_cond_clear(&listener->changed);
    g_mutex_clear(&listener->lock);
    g_free(listener);
}

guint16
pf_listener_get_port(const PfListener *listener)
{
    return listener->port;
}

gboolean
pf_listener_claim(PfListener *listener)
{
    g_mutex_lock(&listener->lock);
    gboolean claimed = !listener->claimed && !listener->closed;
    listener->claimed |= claimed;
    g_cond_signal(&listener->changed);
    g_mutex_unlock(&listener->lock);
    return claimed;
}

gboolean
pf_listener_wait(PfListener *listener, gint64 seconds)
{
    gint64 end = g_get_monotonic_time() + seconds * G_TIME_SPAN_SECOND;
    gboolean in_time = TRUE;

    g_mutex_lock(&listener->lock);
    while (!listener->claimed && in_time)
        in_time = g_cond_wait_until(&listener->changed, &listener->lock, end);
    listener->closed = !listener->claimed;
    while (listener->claimed && !listener->done)
        g_cond_wait(&listener->changed, &listener->lock);
    gboolean done = listener->done;
    g_mutex_unlock(&listener->lock);
    return done;
}
