/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#include "feed/feed_address.h"
#include "feed/feed_header.h"
#include "net/http.h"
#include "base/url.h"

#define READ_SIZE 65536
#define MAX_REDIRECT_BODY 65536 /* of what is thrown away; more is cut off with its connection */

struct PfFeedTransfer {
    char *source;
    gboolean is_conditional;
    void (*done)(PfFeedReply *reply, gpointer data);
    gpointer request_data;
    PfFeedTransferFunc stopped;
    gpointer stopped_data;

    PfFeedReading *reading;
    PfFeedOutcome outcome;
    gboolean is_over;
    gboolean is_paused;

    PfHttp *http;   /* NULL: a file */
    PfMulti *multi; /* while it is under way there */
    gint64 discarded;

    char *name; /* of the file, "-" for standard input; NULL: a URL, or a source that is neither */
    int file;
    GSource *ready; /* tells that the file can be read, while it is wanted */
    gint64 file_bytes;
};

/* --- files --- */

static void
end_file(PfFeedTransfer *transfer)
{
    if (transfer->ready) {
        g_source_destroy(transfer->ready);
        g_clear_pointer(&transfer->ready, g_source_unref);
    }
    if (transfer->file > STDIN_FILENO)
        close(transfer->file);
    transfer->file = -1;
    transfer->is_over = TRUE;
    transfer->stopped(transfer, transfer->stopped_data);
}

/* Reads one piece. Returns whether there may be more. */
static gboolean
read_piece(PfFeedTransfer *transfer)
{
    g_autofree char *buffer = g_malloc(READ_SIZE);
    gssize got = read(transfer->file, buffer, READ_SIZE);

    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return TRUE;
    if (got < 0) {
        pf_feed_reading_fail(transfer->reading, PF_FEED_ERROR_UNREADABLE, "%s", g_strerror(errno));
        return FALSE;
    }
    transfer->file_bytes += got;
    if (got > 0)
        return pf_feed_reading_push(transfer->reading, buffer, (gsize)got);
    pf_feed_reading_finish(transfer->reading);
    return FALSE;
}

static gboolean
file_ready(int descriptor, GIOCondition condition, gpointer data)
{
    PfFeedTransfer *transfer = data;

    (void)descriptor;
    (void)condition;
    if (!read_piece(transfer))
        end_file(transfer);
    return G_SOURCE_CONTINUE; /* end_file() has destroyed the source if it is over */
}

/* A file is always ready; a pipe or a terminal is when something has come, so that reading never blocks. */
static void
watch_file(PfFeedTransfer *transfer)
{
    transfer->ready = g_unix_fd_source_new(transfer->file, G_IO_IN | G_IO_HUP | G_IO_ERR);
    g_source_set_priority(transfer->ready, G_PRIORITY_DEFAULT_IDLE);
    g_source_set_callback(transfer->ready, G_SOURCE_FUNC(file_ready), transfer, NULL);
    g_source_attach(transfer->ready, g_main_context_get_thread_default());
}

/* Why a file cannot be opened; what begins with a host's name may be an address without its beginning. */
static const char *
explain_open(const char *name)
{
    gsize host = strcspn(name, "/:@");

    if (errno == ENOENT && host > 0 && name[0] != '.' && name[host] && (memchr(name, '.', host) || strchr(name, '@')))
        return "no such file; an address begins with http:// or https://";
    return g_strerror(errno);
}

static void
start_file(PfFeedTransfer *transfer)
{
    /* A FIFO that nobody writes to yet must not stop the loop either. */
    transfer->file =
        g_str_equal(transfer->name, "-") ? STDIN_FILENO : open(transfer->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (transfer->file < 0) {
        pf_feed_reading_fail(transfer->reading, PF_FEED_ERROR_UNREADABLE, "%s", explain_open(transfer->name));
        end_file(transfer);
        return;
    }
    pf_feed_reading_begin(transfer->reading, transfer->name);
    watch_file(transfer);
}

/* --- the web --- */

/* Hands the parser what the server says of the feed. */
static void
pass_headers(PfFeedTransfer *transfer)
{
    g_autofree char *type = pf_http_dup_header(transfer->http, "Content-Type");
    g_autofree char *charset = pf_feed_header_find_charset(type);
    g_autoptr(GPtrArray) links = pf_http_list_headers(transfer->http, "Link");

    pf_feed_reading_set_charset(transfer->reading, charset);
    for (guint i = 0; i < links->len; i++)
        pf_feed_reading_add_link_header(transfer->reading, links->pdata[i]);
}

/* The parser begins with the first byte: only then is the address known that the redirects led to. */
static gboolean
start_body(PfFeedTransfer *transfer)
{
    long status = pf_http_get_status(transfer->http);

    if (status < 200 || status > 299) {
        pf_feed_reading_fail(transfer->reading, PF_FEED_ERROR_UNREACHABLE,
                             "the server answered with HTTP status %ld, and no feed", status);
        return FALSE;
    }
    g_autofree char *address = pf_http_dup_address(transfer->http);
    pf_feed_reading_begin(transfer->reading, address);
    pass_headers(transfer);
    return TRUE;
}

/* libcurl's write callback; another count than it was given ends the transfer. */
static size_t
take_bytes(char *bytes, size_t size, size_t count, void *data)
{
    PfFeedTransfer *transfer = data;

    (void)size; /* is 1 */
    if (transfer->is_paused)
        return CURL_WRITEFUNC_PAUSE;
    if (pf_http_is_redirect(transfer->http)) {
        transfer->discarded += (gint64)count;
        return transfer->discarded <= MAX_REDIRECT_BODY ? count : 0;
    }
    if (!pf_feed_reading_has_begun(transfer->reading) && !start_body(transfer))
        return 0;
    return pf_feed_reading_push(transfer->reading, bytes, count) ? count : 0;
}

static void
explain_failure(PfFeedTransfer *transfer, CURLcode code)
{
    g_autofree char *reason = pf_http_explain(transfer->http, code);

    if (code == CURLE_FILESIZE_EXCEEDED)
        pf_feed_reading_fail(transfer->reading, PF_FEED_ERROR_LIMIT, "larger than %d MiB", PF_FEED_MAX_MIB);
    else if (pf_feed_reading_has_begun(transfer->reading))
        pf_feed_reading_fail(transfer->reading, PF_FEED_ERROR_UNREACHABLE, "the feed broke off after %u items (%s)",
                             pf_feed_reading_count_items(transfer->reading), reason);
    else
        pf_feed_reading_fail(transfer->reading, PF_FEED_ERROR_UNREACHABLE, "%s", reason);
}

/* Finds the outcome of a transfer that has ended, unless the parse has failed before, or was ended by the callback. */
static void
judge_transfer(PfFeedTransfer *transfer, CURLcode code)
{
    PfHttp *http = transfer->http;
    long status = pf_http_get_status(http);

    if (pf_feed_reading_is_over(transfer->reading))
        return;
    if (status == 410 && pf_http_is_for_good(http)) {
        transfer->outcome = PF_FEED_GONE;
        pf_feed_reading_fail(transfer->reading, PF_FEED_ERROR_UNREACHABLE,
                             "the server says that the feed is gone for good (HTTP status 410)");
    } else if (code != CURLE_OK || pf_http_is_refused(http)) {
        explain_failure(transfer, code);
    } else if (status == 304 && transfer->is_conditional) {
        transfer->outcome = PF_FEED_UNCHANGED;
    } else if (pf_feed_reading_has_begun(transfer->reading) || start_body(transfer)) {
        pf_feed_reading_finish(transfer->reading);
    }
}

static void
transfer_ended(CURL *handle, CURLcode code, gpointer data)
{
    PfFeedTransfer *transfer = data;

    (void)handle;
    transfer->multi = NULL;
    if (pf_feed_reading_is_over(transfer->reading) || !pf_http_follow(transfer->http)) {
        judge_transfer(transfer, code);
        transfer->is_over = TRUE;
    }
    transfer->stopped(transfer, transfer->stopped_data);
}

static void
prepare_http(PfFeedTransfer *transfer, const char *url, const PfFeedRequest *request, const char *contact)
{
    transfer->http = pf_http_new(url, PF_FEED_MAX_BYTES);
    pf_http_set_contact(transfer->http, contact);
    pf_http_set_validators(transfer->http, request->etag, request->last_modified);
    if (request->is_foreign)
        pf_http_set_foreign(transfer->http);
    CURL *handle = pf_http_get_handle(transfer->http);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_bytes);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, transfer);
}

/* --- both --- */

PfFeedTransfer *
pf_feed_transfer_new(const PfFeedRequest *request, const char *contact, PfFeedTransferFunc stopped, gpointer data)
{
    PfFeedTransfer *transfer = g_new0(PfFeedTransfer, 1);
    g_autofree char *url = pf_feed_address_dup_web(request->source);
    g_autofree char *scheme = strstr(url, "://") ? g_uri_parse_scheme(url) : NULL;

    transfer->source = g_strdup(request->source);
    transfer->is_conditional = request->etag || request->last_modified;
    transfer->done = request->done;
    transfer->request_data = request->data;
    transfer->stopped = stopped;
    transfer->stopped_data = data;
    transfer->file = -1;
    transfer->reading = pf_feed_reading_new(request->item, request->data);
    if (!scheme)
        transfer->name = g_strdup(request->source);
    else if (g_ascii_strcasecmp(scheme, "file") == 0)
        transfer->name = g_filename_from_uri(request->source, NULL, NULL);
    else if (g_ascii_strcasecmp(scheme, "http") == 0 || g_ascii_strcasecmp(scheme, "https") == 0)
        prepare_http(transfer, url, request, contact);
    if (!transfer->name && !transfer->http)
        pf_feed_reading_fail(transfer->reading, PF_FEED_ERROR_UNREADABLE,
                             g_ascii_strcasecmp(scheme, "file") == 0
                                 ? "%s:// must name a file of this machine, as file:///folder/name"
                                 : "%s:// is not supported; give an http or https URL, or a file name",
                             scheme);
    return transfer;
}

void
pf_feed_transfer_free(PfFeedTransfer *transfer)
{
    if (!transfer)
        return;
    if (transfer->multi)
        pf_multi_remove(transfer->multi, pf_http_get_handle(transfer->http));
    pf_http_free(transfer->http);
    if (transfer->ready) {
        g_source_destroy(transfer->ready);
        g_source_unref(transfer->ready);
    }
    if (transfer->file > STDIN_FILENO)
        close(transfer->file);
    pf_feed_reading_free(transfer->reading);
    g_free(transfer->source);
    g_free(transfer->name);
    g_free(transfer);
}

gpointer
pf_feed_transfer_get_data(const PfFeedTransfer *transfer)
{
    return transfer->request_data;
}

char *
pf_feed_transfer_dup_host(const PfFeedTransfer *transfer)
{
    if (transfer->http)
        return pf_url_dup_host(pf_http_get_url(transfer->http));
    return g_strdup(g_strcmp0(transfer->name, "-") == 0 ? "-" : "file:");
}

void
pf_feed_transfer_start(PfFeedTransfer *transfer, PfMulti *multi, gboolean is_last)
{
    if (transfer->http) {
        transfer->multi = multi;
        pf_http_set_last(transfer->http, is_last);
        pf_multi_add(multi, pf_http_get_handle(transfer->http), transfer_ended, transfer);
    } else if (transfer->name) {
        start_file(transfer);
    } else {
        end_file(transfer);
    }
}

gboolean
pf_feed_transfer_is_over(const PfFeedTransfer *transfer)
{
    return transfer->is_over;
}

gint64
pf_feed_transfer_get_bytes(const PfFeedTransfer *transfer)
{
    curl_off_t bytes = transfer->file_bytes;

    if (transfer->http)
        curl_easy_getinfo(pf_http_get_handle(transfer->http), CURLINFO_SIZE_DOWNLOAD_T, &bytes);
    return bytes;
}

void
pf_feed_transfer_pause(PfFeedTransfer *transfer)
{
    transfer->is_paused = TRUE;
    if (transfer->ready) {
        g_source_destroy(transfer->ready);
        g_clear_pointer(&transfer->ready, g_source_unref);
    }
}

void
pf_feed_transfer_resume(PfFeedTransfer *transfer)
{
    if (!transfer->is_paused)
        return;
    transfer->is_paused = FALSE;
    if (transfer->multi)
        curl_easy_pause(pf_http_get_handle(transfer->http), CURLPAUSE_CONT);
    else if (transfer->file >= 0 && !transfer->is_over)
        watch_file(transfer);
}

void
pf_feed_transfer_deliver(PfFeedTransfer *transfer)
{
    PfFeedReply reply = {.outcome = transfer->outcome, .bytes = pf_feed_transfer_get_bytes(transfer)};

    if (!pf_feed_reading_end(transfer->reading, transfer->source, &reply.summary, &reply.error) &&
        reply.outcome == PF_FEED_FETCHED)
        reply.outcome = PF_FEED_FAILED;
    gboolean is_page = reply.summary.feed && reply.summary.feed->kind == PF_FEED_KIND_PAGE;
    /* What has broken off is not taken for the feed as it is: the rest of it would be "unchanged". */
    gboolean is_whole = reply.summary.feed && !reply.summary.feed->breaks_off;
    if (transfer->http && reply.outcome == PF_FEED_FETCHED && is_whole) {
        reply.etag = pf_http_dup_header(transfer->http, "ETag");
        reply.last_modified = pf_http_dup_header(transfer->http, "Last-Modified");
    }
    /* A page may be what a hotel's network shows instead of the feed. */
    if (transfer->http && !is_page && (reply.outcome == PF_FEED_FETCHED || reply.outcome == PF_FEED_UNCHANGED))
        reply.moved_to = pf_http_dup_moved(transfer->http);
    reply.is_private = !transfer->http || pf_http_is_named_private(transfer->http);
    if (transfer->http)
        reply.retry_after = pf_http_get_retry_after(transfer->http);
    transfer->done(&reply, transfer->request_data);
    pf_feed_summary_clear(&reply.summary);
    g_free(reply.moved_to);
    g_free(reply.etag);
    g_free(reply.last_modified);
    g_clear_error(&reply.error);
}
