/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/fetch.h"

#include "base/file_access.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/url.h"
#include "feed/sniff.h"
#include "net/http.h"
#include "net/multi.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

/* One feed being read: counts its bytes and items, hands the bytes to the parser, and keeps the first error. Where the
 * bytes come from is the caller's matter. */
typedef struct {
    PfFeedParser *parser; /* NULL before the address is known */
    GConverter *unpack;   /* of a feed that is packed, which nobody need have said; NULL for others */
    gboolean is_unpacked; /* all that was packed has come out */
    guint sniffed;        /* bytes of PACKED that it has begun with; G_MAXUINT: it was seen what it is */
    PfItemFunc item;
    gpointer item_data;
    guint items;
    gint64 bytes;
    gboolean item_failed; /* the error is the callback's own, not the feed's */
    GError *error;
} PfFeedReading;

/* What gzip begins with; nothing that can be parsed does. */
#define PACKED "\x1f\x8b"
#define PACKED_LENGTH (sizeof PACKED - 1)

/* Bytes that are unpacked at once. */
#define UNPACKED_SIZE 32768

static void pf_feed_reading_fail(PfFeedReading *reading, PfFeedError code, const char *format, ...) G_GNUC_PRINTF(3, 4);
static gboolean pf_feed_reading_is_over(const PfFeedReading *reading);

void
pf_feed_summary_clear(PfFeedSummary *summary)
{
    pf_feed_free(summary->feed);
    g_free(summary->fault);
    *summary = (PfFeedSummary){0};
}

/* Makes one without an address yet; @item gets each item. */
static PfFeedReading *
pf_feed_reading_new(PfItemFunc item, gpointer data)
{
    PfFeedReading *reading = g_new0(PfFeedReading, 1);

    reading->item = item;
    reading->item_data = data;
    return reading;
}

static void
pf_feed_reading_free(PfFeedReading *reading)
{
    if (!reading)
        return;
    pf_feed_parser_free(reading->parser);
    g_clear_object(&reading->unpack);
    g_clear_error(&reading->error);
    g_free(reading);
}

static gboolean
count_item(const PfFeed *feed, PfItem *item, gpointer data, GError **error)
{
    PfFeedReading *reading = data;
    GError *own = NULL;

    reading->items++;
    if (reading->item(feed, item, reading->item_data, &own))
        return TRUE;
    if (own) {
        reading->item_failed = TRUE;
        g_propagate_error(error, own);
    }
    return FALSE;
}

/* Says where the feed comes from, before its first byte; see pf_feed_parser_new(). */
static void
pf_feed_reading_begin(PfFeedReading *reading, const char *address)
{
    reading->parser = pf_feed_parser_new(address, count_item, reading);
}

/* Says what HTTP said of the feed, after _begin() and before its first byte; see pf_feed_parser_set_charset(). */
static void
pf_feed_reading_set_charset(PfFeedReading *reading, const char *charset)
{
    pf_feed_parser_set_charset(reading->parser, charset);
}

static void
pf_feed_reading_add_link_header(PfFeedReading *reading, const char *value)
{
    pf_feed_parser_add_link_header(reading->parser, value);
}

static gboolean
pf_feed_reading_has_begun(const PfFeedReading *reading)
{
    return reading->parser != NULL;
}

/* Takes bytes of the feed itself. */
static void
push_plain(PfFeedReading *reading, const char *bytes, gsize length)
{
    reading->bytes += (gint64)length;
    if (reading->bytes > PF_FEED_MAX_BYTES)
        pf_feed_reading_fail(reading, PF_FEED_ERROR_LIMIT, _("larger than %d MiB"), PF_FEED_MAX_MIB);
    else
        pf_feed_parser_push(reading->parser, bytes, length, &reading->error);
}

/* Takes bytes of a packed feed; what follows the packed ones is nothing. */
static void
push_packed(PfFeedReading *reading, const char *bytes, gsize length)
{
    g_autofree char *unpacked = g_malloc(UNPACKED_SIZE);

    while (!reading->is_unpacked && !pf_feed_reading_is_over(reading)) {
        g_autoptr(GError) failure = NULL;
        gsize read = 0, written = 0;
        GConverterResult result = g_converter_convert(reading->unpack, bytes, length, unpacked, UNPACKED_SIZE,
                                                      G_CONVERTER_NO_FLAGS, &read, &written, &failure);

        if (g_error_matches(failure, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT))
            return;
        if (result == G_CONVERTER_ERROR) {
            pf_feed_reading_fail(reading, PF_FEED_ERROR_NOT_A_FEED, _("its gzip data are damaged: %s"),
                                 failure->message);
            return;
        }
        bytes += read;
        length -= read;
        reading->is_unpacked = result == G_CONVERTER_FINISHED;
        push_plain(reading, unpacked, written);
        if (length == 0 && written < UNPACKED_SIZE)
            return;
    }
}

/* Finds out by the first bytes whether a feed is packed. Returns: how many of @bytes were looked at for that alone. */
static gsize
sniff(PfFeedReading *reading, const char *bytes, gsize length)
{
    gsize looked = 0;

    while (looked < length && reading->sniffed < PACKED_LENGTH && bytes[looked] == PACKED[reading->sniffed]) {
        reading->sniffed++;
        looked++;
    }
    if (looked == length && reading->sniffed < PACKED_LENGTH)
        return looked;
    guint held = reading->sniffed;
    if (held == PACKED_LENGTH)
        reading->unpack = G_CONVERTER(g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP));
    reading->sniffed = G_MAXUINT;
    if (reading->unpack)
        push_packed(reading, PACKED, held);
    else
        push_plain(reading, PACKED, held);
    return looked;
}

/* Takes bytes as they come, at most PF_FEED_MAX_BYTES in all when they are unpacked. Returns whether to go on. */
static gboolean
pf_feed_reading_push(PfFeedReading *reading, const char *bytes, gsize length)
{
    gsize looked = reading->sniffed == G_MAXUINT ? 0 : sniff(reading, bytes, length);

    if (looked < length && !pf_feed_reading_is_over(reading)) {
        if (reading->unpack)
            push_packed(reading, bytes + looked, length - looked);
        else
            push_plain(reading, bytes + looked, length - looked);
    }
    return !pf_feed_reading_is_over(reading);
}

/* Says that the feed was complete. */
static void
pf_feed_reading_finish(PfFeedReading *reading)
{
    if (reading->unpack && !reading->is_unpacked)
        pf_feed_reading_fail(reading, PF_FEED_ERROR_UNREACHABLE, _("its gzip data broke off after %u items"),
                             reading->items);
    if (!pf_feed_reading_is_over(reading))
        pf_feed_parser_finish(reading->parser, &reading->error);
}

/* Says why no more comes. The first error counts. */
static void
pf_feed_reading_fail(PfFeedReading *reading, PfFeedError code, const char *format, ...)
{
    va_list arguments;

    if (reading->error)
        return;
    va_start(arguments, format);
    reading->error = g_error_new_valist(PF_FEED_ERROR, code, format, arguments);
    va_end(arguments);
}

/* Whether there was an error, or the item callback had enough. */
static gboolean
pf_feed_reading_is_over(const PfFeedReading *reading)
{
    return reading->error || (reading->parser && pf_feed_parser_is_done(reading->parser));
}

/* How many items were delivered. */
static guint
pf_feed_reading_count_items(const PfFeedReading *reading)
{
    return reading->items;
}

static char *
dup_printable_source(const char *source)
{
    if (g_str_equal(source, "-"))
        return g_strdup(_("standard input"));
    return pf_url_printable(source);
}

/*
 * Ends it.
 *
 * @source: as the user named it; the error says it, without its password
 * @summary: (out): set on failure too; free with pf_feed_summary_clear()
 * @error: PF_FEED_ERROR, or what the item callback set
 *
 * Returns: whether the whole feed was read, or the item callback ended it quietly.
 */
static gboolean
pf_feed_reading_end(PfFeedReading *reading, const char *source, PfFeedSummary *summary, GError **error)
{
    *summary = (PfFeedSummary){.items = reading->items};
    if (reading->parser) {
        summary->fault = g_strdup(pf_feed_parser_get_fault(reading->parser));
        summary->feed = pf_feed_parser_steal_feed(reading->parser);
    }
    if (!reading->error)
        return TRUE;
    if (!reading->item_failed) {
        g_autofree char *shown = dup_printable_source(source);
        g_prefix_error(&reading->error, "%s: ", shown);
    }
    g_propagate_error(error, g_steal_pointer(&reading->error));
    return FALSE;
}

/*
 * One request of a feed pool on its way: brings a feed's bytes from a file, standard input or a server to the parser,
 * and finds out how it ended. The pool decides when it may start.
 */

typedef struct PfFeedTransfer PfFeedTransfer;

static void pf_feed_transfer_deliver(PfFeedTransfer *transfer);

/* Is called when a transfer is over, or has come to a redirect and is to be started again. */
typedef void (*PfFeedTransferFunc)(PfFeedTransfer *transfer, gpointer data);

#define READ_SIZE 65536
#define MAX_REDIRECT_BODY 65536 /* of what is thrown away; more is cut off with its connection */

struct PfFeedTransfer {
    char *source;
    gboolean is_conditional;
    gboolean is_typed; /* no file's name, and taken for an address without "http://" */
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
    gssize got = transfer->file == STDIN_FILENO
                     ? read(transfer->file, buffer, READ_SIZE)
                     : pf_file_read_in_time(transfer->name, transfer->file, buffer, READ_SIZE);

    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return TRUE;
    if (got < 0) {
        pf_feed_reading_fail(transfer->reading, PF_FEED_ERROR_UNREADABLE, "%s%s", g_strerror(errno),
                             errno == EISDIR ? _("; name a feed or a list of feeds in it") : "");
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

#define NO_SUCH_FILE _("no such file; an address begins with http:// or https://")

/* Why a file cannot be opened; what begins with a host's name may be an address without its beginning. */
static const char *
explain_open(const char *name)
{
    gsize host = strcspn(name, "/:@");

    if (errno == ENOENT && host > 0 && name[0] != '.' && name[host] && (memchr(name, '.', host) || strchr(name, '@')))
        return NO_SUCH_FILE;
    return g_strerror(errno);
}

static void
start_file(PfFeedTransfer *transfer)
{
    /* A FIFO that nobody writes to yet must not stop the loop either. */
    transfer->file = g_str_equal(transfer->name, "-") ? STDIN_FILENO : pf_file_open_in_time(transfer->name);
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

/* The parser is made with the first byte: only then is the address that the redirects led to known. */
static gboolean
start_body(PfFeedTransfer *transfer)
{
    long status = pf_http_get_status(transfer->http);

    if (status < 200 || status > 299) {
        pf_feed_reading_fail(transfer->reading, PF_FEED_ERROR_UNREACHABLE,
                             _("the server answered with HTTP status %ld and no feed"), status);
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
        pf_feed_reading_fail(transfer->reading, PF_FEED_ERROR_LIMIT, _("larger than %d MiB"), PF_FEED_MAX_MIB);
    else if (pf_feed_reading_has_begun(transfer->reading))
        pf_feed_reading_fail(transfer->reading, PF_FEED_ERROR_UNREACHABLE, _("the feed broke off after %u items (%s)"),
                             pf_feed_reading_count_items(transfer->reading), reason);
    else if (transfer->is_typed)
        pf_feed_reading_fail(transfer->reading, PF_FEED_ERROR_UNREADABLE, "%s; %s: %s", NO_SUCH_FILE,
                             pf_http_get_url(transfer->http), reason);
    else
        pf_feed_reading_fail(transfer->reading, PF_FEED_ERROR_UNREACHABLE, "%s", reason);
}

/* Finds the outcome of a transfer that has ended, unless the parse has failed before, or was ended by the callback. */
static void
set_outcome(PfFeedTransfer *transfer, CURLcode code)
{
    PfHttp *http = transfer->http;
    long status = pf_http_get_status(http);

    if (pf_feed_reading_is_over(transfer->reading))
        return;
    if (status == 410 && pf_http_is_for_good(http)) {
        transfer->outcome = PF_FEED_GONE;
        pf_feed_reading_fail(transfer->reading, PF_FEED_ERROR_UNREACHABLE,
                             _("the server says that the feed is gone for good (HTTP status 410)"));
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
    gboolean goes_on = !pf_feed_reading_is_over(transfer->reading) &&
                       (pf_http_follow(transfer->http) ||
                        (!pf_feed_reading_has_begun(transfer->reading) && pf_http_take_as_is(transfer->http, code)));
    if (!goes_on) {
        set_outcome(transfer, code);
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

static PfFeedTransfer *
pf_feed_transfer_new(const PfFeedRequest *request, const char *contact, PfFeedTransferFunc stopped, gpointer data)
{
    PfFeedTransfer *transfer = g_new0(PfFeedTransfer, 1);
    gboolean is_typed = pf_url_is_bare(request->source) && !g_file_test(request->source, G_FILE_TEST_EXISTS);
    g_autofree char *url = is_typed ? pf_url_dup_typed(request->source) : pf_url_dup_web(request->source);
    int scheme = strstr(url, "://") ? (int)pf_url_scheme_length(url) : 0;
    gboolean is_file = scheme > 0 && pf_url_has_scheme(url, "file");

    transfer->source = g_strdup(request->source);
    transfer->is_typed = is_typed;
    transfer->is_conditional = request->etag || request->last_modified;
    transfer->done = request->done;
    transfer->request_data = request->data;
    transfer->stopped = stopped;
    transfer->stopped_data = data;
    transfer->file = -1;
    transfer->reading = pf_feed_reading_new(request->item, request->data);
    if (scheme == 0)
        transfer->name = g_strdup(request->source);
    else if (is_file)
        transfer->name = g_filename_from_uri(request->source, NULL, NULL);
    else if (pf_url_is_web(url))
        prepare_http(transfer, url, request, contact);
    if (!transfer->name && !transfer->http)
        pf_feed_reading_fail(transfer->reading, PF_FEED_ERROR_UNREADABLE,
                             is_file ? _("%.*s:// must name a file on this machine, such as file:///folder/name")
                                     : _("%.*s:// is not supported; give an http or https URL, or a file name"),
                             scheme, url);
    return transfer;
}

/* Gives it up if it is under way, and frees it. */
static void
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

/* The request's data, by which the user knows it. */
static gpointer
pf_feed_transfer_get_data(const PfFeedTransfer *transfer)
{
    return transfer->request_data;
}

/* Which host it waits for next. Returns: (transfer full): a host's name, or "file:" or "-", which is no host's. */
static char *
pf_feed_transfer_dup_host(const PfFeedTransfer *transfer)
{
    if (transfer->http)
        return pf_url_dup_host(pf_http_get_url(transfer->http));
    return g_strdup(g_strcmp0(transfer->name, "-") == 0 ? "-" : "file:");
}

/* Starts it, or goes on after a redirect. @is_last: whether nothing else waits for its host, see pf_http_set_last() */
static void
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

/* Whether it has ended, and pf_feed_transfer_deliver() is all that is left to be done. */
static gboolean
pf_feed_transfer_is_over(const PfFeedTransfer *transfer)
{
    return transfer->is_over;
}

/* Bytes of the body so far, as transferred. */
static gint64
pf_feed_transfer_get_bytes(const PfFeedTransfer *transfer)
{
    curl_off_t bytes = transfer->file_bytes;

    if (transfer->http)
        curl_easy_getinfo(pf_http_get_handle(transfer->http), CURLINFO_SIZE_DOWNLOAD_T, &bytes);
    return bytes;
}

/* Takes no more bytes until it is resumed; resuming calls the item callback. */
static void
pf_feed_transfer_pause(PfFeedTransfer *transfer)
{
    transfer->is_paused = TRUE;
    if (transfer->ready) {
        g_source_destroy(transfer->ready);
        g_clear_pointer(&transfer->ready, g_source_unref);
    }
}

static void
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

/* Tells the request's done how it ended. */
static void
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

/* Feeds of one host: at most PF_FEED_POOL_PER_HOST are under way. */
typedef struct {
    char *name;
    guint under_way;      /* without those that rest */
    guint members;        /* entries that are in its line or under way, those that rest too */
    GQueue line;          /* of Entry, by turn */
    GSequenceIter *place; /* among the hosts that are ready; NULL when it has none waiting, or enough under way */
} Host;

/* A request until it is done. */
typedef struct {
    PfFeedPool *pool;
    guint64 turn; /* when it was added */
    PfFeedTransfer *transfer;
    Host *host;       /* whose line it is in, or which it keeps busy; NULL when it has ended */
    gboolean is_busy; /* under way, and not resting */
    gboolean wants_resume;
} Entry;

struct PfFeedPool {
    PfMulti *multi;
    GMainContext *context;
    char *contact;
    guint64 turns;
    GHashTable *entries;  /* of Entry to itself */
    GHashTable *hosts;    /* of name to Host */
    GSequence *ready;     /* of Host, by the turn of the first in its line */
    GPtrArray *under_way; /* of Entry, those that rest too */
    guint busy;           /* without them */
    GQueue ended;         /* of Entry, to be delivered */
    gboolean is_wanted;   /* an entry wants to be resumed */
    GSource *pump;        /* while there may be something to start or to deliver */
    gint64 bytes;         /* of transfers that have ended */
};

static gboolean pump(gpointer data);

/* Nothing is started or delivered from within a caller, or libcurl. */
static void
wake(PfFeedPool *pool)
{
    if (pool->pump)
        return;
    pool->pump = g_idle_source_new();
    g_source_set_priority(pool->pump, G_PRIORITY_HIGH);
    g_source_set_callback(pool->pump, pump, pool, NULL);
    g_source_attach(pool->pump, pool->context);
}

/* --- hosts --- */

static int
compare_turns(gconstpointer first, gconstpointer second, gpointer data)
{
    const Entry *a = first;
    const Entry *b = second;

    (void)data;
    return a->turn < b->turn ? -1 : a->turn > b->turn;
}

static int
compare_hosts(gconstpointer first, gconstpointer second, gpointer data)
{
    return compare_turns(g_queue_peek_head(&((Host *)first)->line), g_queue_peek_head(&((Host *)second)->line), data);
}

static void
free_host(gpointer data)
{
    Host *host = data;

    g_queue_clear(&host->line);
    g_free(host->name);
    g_free(host);
}

static Host *
find_host(PfFeedPool *pool, const PfFeedTransfer *transfer)
{
    g_autofree char *name = pf_feed_transfer_dup_host(transfer);
    Host *host = g_hash_table_lookup(pool->hosts, name);

    if (!host) {
        host = g_new0(Host, 1);
        host->name = g_steal_pointer(&name);
        g_queue_init(&host->line);
        g_hash_table_insert(pool->hosts, host->name, host);
    }
    return host;
}

static void
leave_ready(Host *host)
{
    if (host->place)
        g_sequence_remove(host->place);
    host->place = NULL;
}

/* Puts a host where it belongs after a change: among the ready ones, by its first in line; or forgets it. */
static void
place_host(PfFeedPool *pool, Host *host)
{
    /* Standard input has one end, which two readers would tear apart. */
    guint most = g_str_equal(host->name, "-") ? 1 : PF_FEED_POOL_PER_HOST;

    if (host->members == 0)
        g_hash_table_remove(pool->hosts, host->name);
    else if (host->line.length > 0 && host->under_way < most)
        host->place = g_sequence_insert_sorted(pool->ready, host, compare_hosts, NULL);
}

/* --- entries --- */

static void
free_entry(gpointer data)
{
    Entry *entry = data;

    pf_feed_transfer_free(entry->transfer);
    g_free(entry);
}

/* Puts an entry into its host's line: at the end when it is new, near the front when it was redirected there. */
static void
line_up(PfFeedPool *pool, Entry *entry)
{
    Host *host = find_host(pool, entry->transfer);
    const Entry *last = g_queue_peek_tail(&host->line);

    leave_ready(host);
    entry->host = host;
    host->members++;
    if (!last || last->turn < entry->turn)
        g_queue_push_tail(&host->line, entry);
    else
        g_queue_insert_sorted(&host->line, entry, compare_turns, NULL);
    place_host(pool, host);
    wake(pool);
}

/* Counts an entry among those that are under way, or does not any more. */
static void
set_busy(Entry *entry, gboolean is_busy)
{
    if (entry->is_busy == is_busy)
        return;
    entry->is_busy = is_busy;
    leave_ready(entry->host);
    entry->host->under_way += is_busy ? 1 : -1u;
    entry->pool->busy += is_busy ? 1 : -1u;
    place_host(entry->pool, entry->host);
    wake(entry->pool);
}

/* A transfer is over, or is to go on at another host. */
static void
transfer_stopped(PfFeedTransfer *transfer, gpointer data)
{
    Entry *entry = data;
    PfFeedPool *pool = entry->pool;

    g_ptr_array_remove_fast(pool->under_way, entry);
    set_busy(entry, FALSE);
    Host *host = g_steal_pointer(&entry->host);
    leave_ready(host);
    host->members--;
    place_host(pool, host);
    if (!pf_feed_transfer_is_over(transfer)) {
        line_up(pool, entry);
        return;
    }
    pool->bytes += pf_feed_transfer_get_bytes(transfer);
    g_queue_push_tail(&pool->ended, entry);
    wake(pool);
}

static void
start_next(PfFeedPool *pool)
{
    Host *host = g_sequence_get(g_sequence_get_begin_iter(pool->ready));

    leave_ready(host);
    Entry *entry = g_queue_pop_head(&host->line);
    gboolean is_last = host->line.length == 0;
    g_ptr_array_add(pool->under_way, entry);
    set_busy(entry, TRUE);
    /* A connection that is kept for nobody is closed when sixteen newer ones are kept; libcurl then never forgets its
     * host, and goes through thousands of them for each connection that it closes. */
    pf_feed_transfer_start(entry->transfer, pool->multi, is_last);
}

static void
resume_wanted(PfFeedPool *pool)
{
    if (!pool->is_wanted)
        return;
    pool->is_wanted = FALSE;
    for (guint i = 0; i < pool->under_way->len; i++) {
        Entry *entry = pool->under_way->pdata[i];

        if (entry->wants_resume) {
            entry->wants_resume = FALSE;
            pf_feed_transfer_resume(entry->transfer);
        }
    }
}

/* Delivers one that has ended. Returns whether the pool is still there afterwards. */
static gboolean
deliver_next(PfFeedPool *pool)
{
    GSource *source = pool->pump;
    Entry *entry = g_queue_pop_head(&pool->ended);

    g_hash_table_steal(pool->entries, entry);
    pf_feed_transfer_deliver(entry->transfer);
    free_entry(entry);
    return !g_source_is_destroyed(source);
}

/* GLib holds the source while it is dispatched, also when the pool is freed from within. */
static gboolean
pump(gpointer data)
{
    PfFeedPool *pool = data;

    resume_wanted(pool);
    while (pool->busy < PF_FEED_POOL_TRANSFERS && g_sequence_get_length(pool->ready) > 0)
        start_next(pool);
    if (pool->ended.length > 0 && !deliver_next(pool))
        return G_SOURCE_REMOVE;
    if (pool->is_wanted || pool->ended.length > 0 ||
        (pool->busy < PF_FEED_POOL_TRANSFERS && g_sequence_get_length(pool->ready) > 0))
        return G_SOURCE_CONTINUE;
    g_clear_pointer(&pool->pump, g_source_unref);
    return G_SOURCE_REMOVE;
}

/* --- the pool --- */

PfFeedPool *
pf_feed_pool_new(void)
{
    PfFeedPool *pool = g_new0(PfFeedPool, 1);

    pool->multi = pf_multi_new();
    pool->context = g_main_context_ref_thread_default();
    pool->entries = g_hash_table_new_full(NULL, NULL, free_entry, NULL);
    pool->hosts = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_host);
    pool->ready = g_sequence_new(NULL);
    pool->under_way = g_ptr_array_new();
    g_queue_init(&pool->ended);
    return pool;
}

void
pf_feed_pool_free(PfFeedPool *pool)
{
    if (!pool)
        return;
    if (pool->pump) {
        g_source_destroy(pool->pump);
        g_source_unref(pool->pump);
    }
    g_queue_clear(&pool->ended);
    g_hash_table_unref(pool->entries);
    g_ptr_array_unref(pool->under_way);
    g_sequence_free(pool->ready);
    g_hash_table_unref(pool->hosts);
    pf_multi_free(pool->multi);
    g_main_context_unref(pool->context);
    g_free(pool->contact);
    g_free(pool);
}

void
pf_feed_pool_set_contact(PfFeedPool *pool, const char *contact)
{
    g_free(pool->contact);
    pool->contact = g_strdup(contact);
}

void
pf_feed_pool_add(PfFeedPool *pool, const PfFeedRequest *request)
{
    Entry *entry = g_new0(Entry, 1);

    entry->pool = pool;
    entry->turn = pool->turns++;
    entry->transfer = pf_feed_transfer_new(request, pool->contact, transfer_stopped, entry);
    g_hash_table_add(pool->entries, entry);
    line_up(pool, entry);
}

gint64
pf_feed_pool_get_bytes(const PfFeedPool *pool)
{
    gint64 bytes = pool->bytes;

    for (guint i = 0; i < pool->under_way->len; i++)
        bytes += pf_feed_transfer_get_bytes(((Entry *)pool->under_way->pdata[i])->transfer);
    return bytes;
}

static Entry *
find_under_way(const PfFeedPool *pool, gpointer data)
{
    for (guint i = 0; i < pool->under_way->len; i++) {
        Entry *entry = pool->under_way->pdata[i];

        if (pf_feed_transfer_get_data(entry->transfer) == data)
            return entry;
    }
    return NULL;
}

void
pf_feed_pool_pause(PfFeedPool *pool, gpointer data)
{
    Entry *entry = find_under_way(pool, data);

    if (entry) {
        entry->wants_resume = FALSE;
        pf_feed_transfer_pause(entry->transfer);
        set_busy(entry, FALSE);
    }
}

void
pf_feed_pool_resume(PfFeedPool *pool, gpointer data)
{
    Entry *entry = find_under_way(pool, data);

    if (entry) {
        entry->wants_resume = TRUE;
        pool->is_wanted = TRUE;
        set_busy(entry, TRUE);
        wake(pool);
    }
}

typedef struct {
    PfItemFunc item;
    gpointer item_data;
    GMainLoop *loop;
    PfFeedSummary *summary;
    gboolean is_read;
    GError *error;
} Fetch;

static gboolean
pass_item(const PfFeed *feed, PfItem *item, gpointer data, GError **error)
{
    Fetch *fetch = data;

    return fetch->item(feed, item, fetch->item_data, error);
}

static void
fetched(PfFeedReply *reply, gpointer data)
{
    Fetch *fetch = data;

    fetch->is_read = reply->outcome == PF_FEED_FETCHED;
    fetch->error = g_steal_pointer(&reply->error);
    *fetch->summary = reply->summary;
    reply->summary = (PfFeedSummary){0};
    g_main_loop_quit(fetch->loop);
}

gboolean
pf_feed_fetch(const char *source, PfItemFunc item, gpointer data, PfFeedSummary *summary, GError **error)
{
    /* A main context of its own: nothing else of the thread runs meanwhile. */
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(GMainLoop) loop = g_main_loop_new(context, FALSE);
    Fetch fetch = {.item = item, .item_data = data, .loop = loop, .summary = summary};

    g_main_context_push_thread_default(context);
    PfFeedPool *pool = pf_feed_pool_new();
    pf_feed_pool_add(pool, &(PfFeedRequest){.source = source, .item = pass_item, .done = fetched, .data = &fetch});
    g_main_loop_run(loop);
    pf_feed_pool_free(pool);
    g_main_context_pop_thread_default(context);
    if (fetch.error)
        g_propagate_error(error, fetch.error);
    return fetch.is_read;
}
