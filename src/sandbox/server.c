/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox/server.h"

#include "net/listener.h"
#include "sandbox/routes.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Connections that wait for accept(): a test may open hundreds at once. */
#define BACKLOG 1024

#define HUGE_BLOCK 16384

/* How long a connection may stay without a byte while a request is awaited or comes in, and how many each address may
 * have: each has a thread here. Tests on the same machine open hundreds. */
#define IDLE_SECONDS 30U
#define LOOPBACK_CONNECTIONS 900U
#define ADDRESS_CONNECTIONS 64U

struct SandboxServer {
    SandboxService *service;
    struct MHD_Daemon *daemon;
};

/* What libmicrohttpd keeps for us between its calls for one request. */
typedef struct {
    SandboxRequest *request;
    GByteArray *body;
} Exchange;

/* A body that goes out in pieces of our own making. */
typedef struct {
    SandboxService *service;
    char *body;   /* NULL: one without end */
    guint64 end;  /* where the connection breaks off */
    double pause; /* seconds before each byte; 0 sends all that fits */
} Stream;

/* --- sending --------------------------------------------------------------------------------------------------------
 */

static ssize_t
read_stream(void *data, uint64_t position, char *buffer, size_t room)
{
    Stream *stream = data;
    size_t size = room;

    if (!stream->body) {
        if (!sandbox_service_wait(stream->service, 0))
            return MHD_CONTENT_READER_END_WITH_ERROR;
        memset(buffer, 'x', size);
        return (ssize_t)size;
    }
    if (position >= stream->end)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (stream->pause > 0) {
        if (!sandbox_service_wait(stream->service, stream->pause))
            return MHD_CONTENT_READER_END_WITH_ERROR;
        size = 1;
    }
    size = MIN(size, stream->end - position);
    memcpy(buffer, stream->body + position, size);
    return (ssize_t)size;
}

static void
free_stream(void *data)
{
    Stream *stream = data;

    g_free(stream->body);
    g_free(stream);
}

static void
free_body(void *body)
{
    g_free(body);
}

static struct MHD_Response *
make_response(SandboxService *service, SandboxAnswer *answer)
{
    uint64_t promised = answer->length;

    if (answer->delivery == SANDBOX_DELIVERY_WHOLE || (!answer->body && answer->delivery != SANDBOX_DELIVERY_HUGE)) {
        size_t length = answer->length;
        return MHD_create_response_from_buffer_with_free_callback(length, g_steal_pointer(&answer->body), free_body);
    }

    Stream *stream = g_new0(Stream, 1);
    stream->service = service;
    stream->end = answer->length;
    if (answer->delivery == SANDBOX_DELIVERY_HUGE)
        promised = MHD_SIZE_UNKNOWN;
    else
        stream->body = g_steal_pointer(&answer->body);
    if (answer->delivery == SANDBOX_DELIVERY_TRUNCATED)
        stream->end = answer->length / 2;
    if (answer->delivery == SANDBOX_DELIVERY_SLOW)
        stream->pause = answer->delivery_seconds / (double)answer->length;
    return MHD_create_response_from_callback(promised, HUGE_BLOCK, read_stream, stream, free_stream);
}

/* Connecting a TCP socket to nowhere makes Linux send RST at once; closing it would first say goodbye politely, since
 * libmicrohttpd shuts a socket down before it closes it. */
static void
reset_connection(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    const struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    if (setsockopt(info->connect_fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) != 0 ||
        connect(info->connect_fd, &nowhere, sizeof nowhere) != 0)
        g_message("cannot reset a connection: %s", g_strerror(errno));
}

static enum MHD_Result
send_answer(SandboxServer *server, struct MHD_Connection *connection, SandboxAnswer *answer)
{
    /* Of an answer without a body only the head can be cut. */
    if (answer->delivery == SANDBOX_DELIVERY_TRUNCATED && !answer->body)
        answer->delivery = SANDBOX_DELIVERY_DROPPED;
    if (answer->delivery == SANDBOX_DELIVERY_RESET)
        reset_connection(connection);
    /* Refusing to answer makes libmicrohttpd close the connection. */
    if (answer->delivery == SANDBOX_DELIVERY_RESET || answer->delivery == SANDBOX_DELIVERY_DROPPED)
        return MHD_NO;

    struct MHD_Response *response = make_response(server->service, answer);
    if (!response)
        return MHD_NO;
    if (answer->type)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type);
    for (guint i = 0; i < answer->headers->len; i += 2)
        MHD_add_response_header(response, g_ptr_array_index(answer->headers, i),
                                g_ptr_array_index(answer->headers, i + 1));
    enum MHD_Result result = MHD_queue_response(connection, answer->status, response);
    MHD_destroy_response(response);
    return result;
}

/* --- receiving ------------------------------------------------------------------------------------------------------
 */

static enum MHD_Result
add_query_field(void *data, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    /* "?full" asks for what "?full=1" does, and "?full=" for nothing. */
    g_hash_table_replace(data, g_utf8_make_valid(name, -1), g_utf8_make_valid(value ? value : "1", -1));
    return MHD_YES;
}

static char *
get_header(struct MHD_Connection *connection, const char *name)
{
    return g_strdup(MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name));
}

static gboolean
has_header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name) != NULL;
}

static char *
get_address(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    char text[NI_MAXHOST] = "";
    socklen_t size =
        info->client_addr->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);

    if (getnameinfo(info->client_addr, size, text, sizeof text, NULL, 0, NI_NUMERICHOST) != 0)
        return g_strdup("unknown");
    return g_strdup(text);
}

static Exchange *
begin_exchange(struct MHD_Connection *connection, const char *method, const char *path)
{
    Exchange *exchange = g_new0(Exchange, 1);
    SandboxRequest *request = sandbox_request_new(method, path);

    request->accept = get_header(connection, MHD_HTTP_HEADER_ACCEPT);
    request->authorization = get_header(connection, MHD_HTTP_HEADER_AUTHORIZATION);
    request->cookies = get_header(connection, MHD_HTTP_HEADER_COOKIE);
    request->host = get_header(connection, MHD_HTTP_HEADER_HOST);
    request->origin = get_header(connection, MHD_HTTP_HEADER_ORIGIN);
    request->from_page = has_header(connection, MHD_HTTP_HEADER_ORIGIN) ||
                         has_header(connection, MHD_HTTP_HEADER_REFERER) || has_header(connection, "Sec-Fetch-Site");
    request->address = get_address(connection);
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, add_query_field, request->query);
    exchange->request = request;
    exchange->body = g_byte_array_new();
    return exchange;
}

/* What is beyond the limit is read, so that the client can be told, and thrown away. */
static void
add_to_body(Exchange *exchange, const char *bytes, size_t length)
{
    if (exchange->body->len + length > SANDBOX_BODY_MAX)
        exchange->request->body_too_long = TRUE;
    else
        g_byte_array_append(exchange->body, (const guint8 *)bytes, (guint)length);
}

static enum MHD_Result
handle_call(void *data, struct MHD_Connection *connection, const char *path, const char *method, const char *version,
            const char *upload, size_t *upload_size, void **kept)
{
    Exchange *exchange = *kept;

    (void)version;
    if (!exchange) {
        *kept = begin_exchange(connection, method, path);
        return MHD_YES;
    }
    if (*upload_size > 0) {
        add_to_body(exchange, upload, *upload_size);
        *upload_size = 0;
        return MHD_YES;
    }

    SandboxServer *server = data;
    /* The client has done its part; a fault may have it wait. */
    MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, 0U);
    g_autoptr(SandboxAnswer) answer = sandbox_answer_new();
    sandbox_body_read(exchange->request,
                      MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_TYPE),
                      (const char *)exchange->body->data, exchange->body->len);
    sandbox_handle(server->service, exchange->request, answer);
    return send_answer(server, connection, answer);
}

static void
end_exchange(void *data, struct MHD_Connection *connection, void **kept, enum MHD_RequestTerminationCode how)
{
    Exchange *exchange = *kept;

    (void)data;
    (void)how;
    MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, IDLE_SECONDS);
    if (!exchange)
        return;
    sandbox_request_free(exchange->request);
    g_byte_array_unref(exchange->body);
    g_free(exchange);
    *kept = NULL;
}

/* --- starting and stopping ------------------------------------------------------------------------------------------
 */

SandboxServer *
sandbox_server_start(SandboxService *service, GInetSocketAddress *address, GError **error)
{
    int fd = pf_listener_open(address, BACKLOG, error);

    if (fd < 0)
        return NULL;
    if (!service->base)
        service->base = pf_listener_dup_base(fd, error);
    if (!service->base) {
        close(fd);
        return NULL;
    }
    gboolean alone = g_inet_address_get_is_loopback(g_inet_socket_address_get_address(address));
    SandboxServer *server = g_new0(SandboxServer, 1);
    server->service = service;
    server->daemon = MHD_start_daemon(
        MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_SUPPRESS_DATE_NO_CLOCK,
        0, NULL, NULL, handle_call, server, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_NOTIFY_COMPLETED, end_exchange,
        NULL, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
        alone ? LOOPBACK_CONNECTIONS : ADDRESS_CONNECTIONS, MHD_OPTION_END);
    if (!server->daemon) {
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED, "cannot start the HTTP server");
        close(fd);
        g_free(server);
        return NULL;
    }
    return server;
}

void
sandbox_server_stop(SandboxServer *server)
{
    if (!server)
        return;
    /* First what sleeps for a fault, or the threads could not be waited for. */
    sandbox_service_stop(server->service);
    MHD_stop_daemon(server->daemon);
    g_free(server);
}
