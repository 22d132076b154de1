/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "login/login_server.h"

#include "base/i18n.h"
#include "config/config.h"
#include "login/authorize.h"
#include "net/listener.h"

#include <microhttpd.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const char *const pf_page_headers[] = {
    "Content-Type",
    "text/html; charset=utf-8",
    "Content-Security-Policy",
    ("default-src 'none'; style-src 'sha256-VC7K9X+4BieW3RnYHPXTeWPmJ7VTOhVsVu5lDPK/7UE='; base-uri 'none'; "
     "form-action 'none'; frame-ancestors 'none'"),
    "X-Content-Type-Options",
    "nosniff",
    "X-Frame-Options",
    "DENY",
    /* The address of the page holds the code. */
    "Referrer-Policy",
    "no-referrer",
    "Cache-Control",
    "no-store",
    "Connection",
    "close",
    NULL,
};

/* Named by its hash in the policy above: a test compares them. */
#define STYLE                                                                                                          \
    ":root{color-scheme:light dark}"                                                                                   \
    "body{margin:0;background:#faf9f6;color:#1c1e22;font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}"        \
    "main{max-width:34rem;margin:0 auto;padding:3rem 1.25rem}h1{font-size:1.6rem;line-height:1.2;margin:0 0 .75rem}"   \
    "@media (prefers-color-scheme:dark){body{background:#14161a;color:#ecebe7}}"

char *
pf_page_dup_html(const PfPage *page)
{
    return g_markup_printf_escaped("<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
                                   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                                   "<meta name=\"color-scheme\" content=\"light dark\">\n"
                                   "<title>%s - podflattr</title>\n<style>" STYLE
                                   "</style>\n</head>\n<body>\n<main>\n<h1>%s</h1>\n<p>%s</p>\n"
                                   "</main>\n</body>\n</html>\n",
                                   _("en"), page->title, page->title, page->text);
}

/* A browser opens some. Beyond this number libmicrohttpd closes new ones, so there must be room beside the idle ones of
 * somebody else on this machine. */
#define MOST_CONNECTIONS 256

/* How long a connection may be silent, in seconds: longer than the server may take to check the code. */
#define SILENCE_SECONDS 180

/* How long one may be open without having asked for anything, seconds: idle ones must not shut the browser out. */
#define ASK_SECONDS 5

struct PfLoginServer {
    const PfRedirect *redirect;
    PfLoginServerFunc func;
    gpointer data;
    guint16 port;
    int socket; /* -1 when it is the web server's */
    struct MHD_Daemon *daemon;
    GMutex lock;
    GCond changed;
    GHashTable
        *silent; /* of connections that have not asked yet to Silent; it and what follows are guarded by the lock */
    gboolean claimed;
    gboolean closed;
    gboolean done;
};

/* A connection that has not asked for anything yet. */
typedef struct {
    int socket;
    gint64 deadline; /* monotonic time */
} Silent;

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
answer(PfLoginServer *server, struct MHD_Connection *connection, const char *method, Exchange *exchange)
{
    PfPage page = {.status = MHD_HTTP_OK, .title = ""};

    if (!g_str_equal(method, MHD_HTTP_METHOD_GET))
        return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, _("Not possible"),
                      _("This address only completes a login."));
    if (!pf_redirect_is_target(server->redirect, exchange->target))
        return refuse(connection, MHD_HTTP_NOT_FOUND, _("Not found"),
                      _("This address only completes a login with podflattr."));
    g_autofree char *base = pf_redirect_dup_address(server->redirect, server->port);
    g_autofree char *address = g_strconcat(base, strchrnul(exchange->target, '?'), NULL);
    exchange->final = server->func(server, address, &page, server->data);
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

static void
forget_silent(PfLoginServer *server, const struct MHD_Connection *connection)
{
    g_mutex_lock(&server->lock);
    g_hash_table_remove(server->silent, connection);
    g_mutex_unlock(&server->lock);
}

/* libmicrohttpd's own time-out counts from the last byte, so a byte now and then would hold a connection for ever. */
static void
note_connection(void *data, struct MHD_Connection *connection, void **kept, enum MHD_ConnectionNotificationCode what)
{
    PfLoginServer *server = data;
    const union MHD_ConnectionInfo *info;
    Silent *silent;

    (void)kept;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        forget_silent(server, connection);
        return;
    }
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    silent = g_new(Silent, 1);
    *silent =
        (Silent){.socket = info->connect_fd, .deadline = g_get_monotonic_time() + ASK_SECONDS * G_TIME_SPAN_SECOND};
    g_mutex_lock(&server->lock);
    g_hash_table_insert(server->silent, connection, silent);
    g_cond_signal(&server->changed);
    g_mutex_unlock(&server->lock);
}

/* Ends connections that have been silent for too long; the lock is held, so that none of their sockets is another's by
 * now. Returns: when that is to be done again, monotonic time; G_MAXINT64 for never. */
static gint64
end_silent(PfLoginServer *server)
{
    gint64 now = g_get_monotonic_time(), next = G_MAXINT64;
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, server->silent);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Silent *silent = value;

        if (silent->deadline > now) {
            next = MIN(next, silent->deadline);
        } else {
            shutdown(silent->socket, SHUT_RDWR);
            g_hash_table_iter_remove(&iter);
        }
    }
    return next;
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
    forget_silent(data, connection);
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (!pf_listener_peer_is_user(info->connect_fd)) {
        g_message(_("ignored a request from another user of this machine or from another machine; to log in with that "
                    "browser, pass the address that it ended at to 'podflattr login --code -'"));
        return refuse(connection, MHD_HTTP_FORBIDDEN, _("Not yours"),
                      _("This login belongs to another user of this machine. If it is yours, pass the address of this "
                        "page to 'podflattr login --code -'."));
    }
    return answer(data, connection, method, exchange);
}

static void
end_exchange(void *data, struct MHD_Connection *connection, void **kept, enum MHD_RequestTerminationCode how)
{
    PfLoginServer *server = data;
    Exchange *exchange = *kept;

    (void)connection;
    (void)how;
    if (!exchange)
        return;
    if (exchange->final) {
        g_mutex_lock(&server->lock);
        server->done = TRUE;
        g_cond_signal(&server->changed);
        g_mutex_unlock(&server->lock);
    }
    g_free(exchange->target);
    g_free(exchange);
    *kept = NULL;
}

/* --- listening --- */

/* Returns whether it listens. */
static gboolean
open_socket(PfLoginServer *server, GError **error)
{
    g_autoptr(GSocketAddress) wanted = g_inet_socket_address_new(server->redirect->listen, server->redirect->port);

    server->socket = pf_listener_open(G_INET_SOCKET_ADDRESS(wanted), MOST_CONNECTIONS, error);
    return server->socket >= 0 && pf_listener_read_port(server->socket, &server->port, error);
}

static gboolean
fail(GError **error, const PfLoginServer *server, const char *cause)
{
    g_autofree char *address = pf_redirect_dup_address(server->redirect, 0);

    g_set_error(error, PF_LOGIN_ERROR, PF_LOGIN_ERROR_LISTEN,
                _("cannot listen at %s (redirect in [flattr]) for the server's answer: %s"), address, cause);
    return FALSE;
}

PfLoginServer *
pf_login_server_new(const PfRedirect *redirect, GError **error)
{
    PfLoginServer *server = g_new0(PfLoginServer, 1);
    g_autoptr(GError) cause = NULL;

    server->redirect = redirect;
    server->silent = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    g_mutex_init(&server->lock);
    g_cond_init(&server->changed);
    if (!open_socket(server, &cause)) {
        fail(error, server, cause->message);
        g_clear_pointer(&server, pf_login_server_free);
    }
    return server;
}

gboolean
pf_login_server_start(PfLoginServer *server, PfLoginServerFunc func, gpointer data, GError **error)
{
    server->func = func;
    server->data = data;
    server->daemon =
        MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0, NULL, NULL,
                         handle_call, server, MHD_OPTION_LISTEN_SOCKET, server->socket, MHD_OPTION_CONNECTION_LIMIT,
                         (unsigned int)MOST_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)SILENCE_SECONDS,
                         MHD_OPTION_URI_LOG_CALLBACK, begin_exchange, server, MHD_OPTION_NOTIFY_COMPLETED, end_exchange,
                         server, MHD_OPTION_NOTIFY_CONNECTION, note_connection, server, MHD_OPTION_END);
    if (!server->daemon)
        return fail(error, server, _("the web server cannot be started"));
    server->socket = -1;
    return TRUE;
}

void
pf_login_server_free(PfLoginServer *server)
{
    if (!server)
        return;
    if (server->daemon)
        MHD_stop_daemon(server->daemon);
    if (server->socket >= 0)
        close(server->socket);
    g_hash_table_unref(server->silent);
    g_cond_clear(&server->changed);
    g_mutex_clear(&server->lock);
    g_free(server);
}

guint16
pf_login_server_get_port(const PfLoginServer *server)
{
    return server->port;
}

gboolean
pf_login_server_claim(PfLoginServer *server)
{
    g_mutex_lock(&server->lock);
    gboolean claimed = !server->claimed && !server->closed;
    server->claimed |= claimed;
    g_cond_signal(&server->changed);
    g_mutex_unlock(&server->lock);
    return claimed;
}

gboolean
pf_login_server_wait(PfLoginServer *server, gint64 seconds)
{
    gint64 end = g_get_monotonic_time() + seconds * G_TIME_SPAN_SECOND;

    g_mutex_lock(&server->lock);
    while (!server->claimed && g_get_monotonic_time() < end) {
        gint64 next = end_silent(server);
        g_cond_wait_until(&server->changed, &server->lock, MIN(next, end));
    }
    server->closed = !server->claimed;
    while (server->claimed && !server->done)
        g_cond_wait(&server->changed, &server->lock);
    gboolean done = server->done;
    g_mutex_unlock(&server->lock);
    return done;
}
