/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "partner/partner_server.h"

#include "base/i18n.h"
#include "net/listener.h"
#include <glib-unix.h>
#include <microhttpd.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Connections that wait to be accepted. */
#define BACKLOG 128

/* libmicrohttpd has had several names for it. */
#define CONTENT_TOO_LARGE 413

#define FORM "application/x-www-form-urlencoded"

struct PfPartnerServer {
    struct MHD_Daemon *daemon;
    char *base;
    char *path_digest;
    PfPartnerServerReceived received;
    gpointer data;
    guint ready_source;
    guint timeout_source;
    gboolean has_freed; /* a connection has ended since libmicrohttpd last looked whether there is room for another */
};

/* --- one request --- */

/* Digests are compared, so that neither length nor a common beginning shows in the time it takes. */
static gboolean
is_path(const PfPartnerServer *server, const char *path)
{
    g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, path, -1);
    guint differences = 0;

    for (gsize i = 0; digest[i]; i++)
        differences |= (guint)(digest[i] ^ server->path_digest[i]);
    return differences == 0;
}

static gboolean
is_form(const char *type)
{
    gsize length = strlen(FORM);

    /* strchr() finds the end of a type without parameters too. */
    return !type || (g_ascii_strncasecmp(type, FORM, length) == 0 && strchr("; \t", type[length]));
}

/* Returns the status that refuses a request whose head alone is known; 0 when its body may come. */
static guint
check_head(const PfPartnerServer *server, struct MHD_Connection *connection, const char *path, const char *method)
{
    const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    guint64 bytes = 0;

    if (!is_path(server, path))
        return MHD_HTTP_NOT_FOUND;
    if (!g_str_equal(method, MHD_HTTP_METHOD_POST))
        return MHD_HTTP_METHOD_NOT_ALLOWED;
    if (!is_form(MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_TYPE)))
        return MHD_HTTP_UNSUPPORTED_MEDIA_TYPE;
    if (length && !g_ascii_string_to_unsigned(length, 10, 0, PF_PARTNER_SERVER_MAX_BODY, &bytes, NULL))
        return CONTENT_TOO_LARGE;
    return 0;
}

static enum MHD_Result
answer(struct MHD_Connection *connection, guint status)
{
    static char ok[] = "ok\n", refused[] = "refused\n";
    char *body = status == MHD_HTTP_OK ? ok : refused;
    struct MHD_Response *response = MHD_create_response_from_buffer(strlen(body), body, MHD_RESPMEM_PERSISTENT);

    if (!response)
        return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/plain");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, MHD_HTTP_METHOD_POST);
    if (status == MHD_HTTP_SERVICE_UNAVAILABLE)
        MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "60");
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result
handle(void *data, struct MHD_Connection *connection, const char *path, const char *method, const char *version,
       const char *upload, size_t *upload_size, void **kept)
{
    const PfPartnerServer *server = data;
    GString *body = *kept;

    (void)version;
    if (!body) {
        guint refusal = check_head(server, connection, path, method);
        if (refusal != 0)
            return answer(connection, refusal);
        *kept = g_string_new(NULL);
        return MHD_YES;
    }
    if (*upload_size == 0)
        return answer(connection, server->received(body->str, body->len, server->data));
    /* In the midst of a body no answer can be given: the connection is closed. */
    if (*upload_size > PF_PARTNER_SERVER_MAX_BODY - body->len)
        return MHD_NO;
    g_string_append_len(body, upload, (gssize)*upload_size);
    *upload_size = 0;
    return MHD_YES;
}

static void
end_request(void *data, struct MHD_Connection *connection, void **kept, enum MHD_RequestTerminationCode how)
{
    (void)data;
    (void)connection;
    (void)how;
    if (*kept)
        g_string_free(*kept, TRUE);
    *kept = NULL;
}

/* --- connections --- */

/* libmicrohttpd's own time-out counts from the last byte, so a byte now and then would hold a connection for ever. */
static gboolean
drop(gpointer connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

    shutdown(info->connect_fd, SHUT_RDWR);
    return G_SOURCE_CONTINUE;
}

static void
note_connection(void *data, struct MHD_Connection *connection, void **kept, enum MHD_ConnectionNotificationCode what)
{
    PfPartnerServer *server = data;

    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        *kept = GUINT_TO_POINTER(g_timeout_add_seconds(PF_PARTNER_SERVER_SECONDS, drop, connection));
    } else {
        g_source_remove(GPOINTER_TO_UINT(*kept));
        server->has_freed = TRUE;
    }
}

/* --- the main loop --- */

static gboolean serve_late(gpointer data);

static void
serve(PfPartnerServer *server)
{
    unsigned long long milliseconds;

    /* With no room left it does not listen, and listens again not when a connection ends but at its next run, which
     * nothing would bring about once the last has ended. */
    do {
        server->has_freed = FALSE;
        MHD_run(server->daemon);
    } while (server->has_freed);
    g_clear_handle_id(&server->timeout_source, g_source_remove);
    if (MHD_get_timeout(server->daemon, &milliseconds) == MHD_YES)
        server->timeout_source = g_timeout_add((guint)MIN(milliseconds, G_MAXUINT), serve_late, server);
}

static gboolean
serve_late(gpointer data)
{
    PfPartnerServer *server = data;

    server->timeout_source = 0;
    serve(server);
    return G_SOURCE_REMOVE;
}

static gboolean
serve_ready(gint fd, GIOCondition condition, gpointer data)
{
    (void)fd;
    (void)condition;
    serve(data);
    return G_SOURCE_CONTINUE;
}

static gboolean
start_daemon(PfPartnerServer *server, int fd)
{
    server->daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, handle, server, MHD_OPTION_LISTEN_SOCKET, fd,
                                      MHD_OPTION_CONNECTION_LIMIT, (unsigned)PF_PARTNER_SERVER_CONNECTIONS,
                                      MHD_OPTION_NOTIFY_COMPLETED, end_request, NULL, MHD_OPTION_NOTIFY_CONNECTION,
                                      note_connection, server, MHD_OPTION_END);
    if (!server->daemon)
        return FALSE;
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    server->ready_source = g_unix_fd_add(info->epoll_fd, G_IO_IN, serve_ready, server);
    return TRUE;
}

PfPartnerServer *
pf_partner_server_start(GInetSocketAddress *address, const char *path, PfPartnerServerReceived received, gpointer data,
                        GError **error)
{
    int fd = pf_listener_open(address, BACKLOG, error);

    if (fd < 0)
        return NULL;
    g_autoptr(PfPartnerServer) server = g_new0(PfPartnerServer, 1);
    server->received = received;
    server->data = data;
    server->path_digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, path, -1);
    server->base = pf_listener_dup_base(fd, error);
    if (server->base && start_daemon(server, fd))
        return g_steal_pointer(&server);
    close(fd);
    if (server->base)
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED, _("the HTTP server cannot be started"));
    return NULL;
}

void
pf_partner_server_free(PfPartnerServer *server)
{
    if (!server)
        return;
    g_clear_handle_id(&server->ready_source, g_source_remove);
    g_clear_handle_id(&server->timeout_source, g_source_remove);
    if (server->daemon)
        MHD_stop_daemon(server->daemon);
    g_free(server->base);
    g_free(server->path_digest);
    g_free(server);
}

const char *
pf_partner_server_get_base(const PfPartnerServer *server)
{
    return server->base;
}
