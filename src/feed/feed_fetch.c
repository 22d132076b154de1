/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "feed/feed_fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "net/http.h"

#define READ_SIZE 65536

/* One feed on its way. */
typedef struct {
    PfFeedParser *parser; /* NULL before the first byte, when the address is not known yet */
    PfItemFunc item_func;
    gpointer item_data;
    PfFeedSummary *summary;
    gboolean item_failed; /* the error is the callback's own, not the feed's */
    GError *error;
    PfHttp *http;
    gint64 bytes;
} Fetch;

void
pf_feed_summary_clear(PfFeedSummary *summary)
{
    pf_feed_free(summary->feed);
    g_free(summary->fault);
    *summary = (PfFeedSummary){0};
}

static gboolean
count_item(const PfFeed *feed, PfItem *item, gpointer data, GError **error)
{
    Fetch *fetch = data;
    GError *own = NULL;

    fetch->summary->items++;
    if (fetch->item_func(feed, item, fetch->item_data, &own))
        return TRUE;
    if (own) {
        fetch->item_failed = TRUE;
        g_propagate_error(error, own);
    }
    return FALSE;
}

static void
start_parser(Fetch *fetch, const char *address)
{
    fetch->parser = pf_feed_parser_new(address, count_item, fetch);
}

/* Hands bytes to the parser, as many as a feed may have. Returns whether to go on. */
static gboolean
push(Fetch *fetch, const char *bytes, gsize length)
{
    fetch->bytes += (gint64)length;
    if (fetch->bytes > PF_FEED_MAX_BYTES) {
        g_set_error(&fetch->error, PF_FEED_ERROR, PF_FEED_ERROR_LIMIT, "larger than %d MiB", PF_FEED_MAX_MIB);
        return FALSE;
    }
    return pf_feed_parser_push(fetch->parser, bytes, length, &fetch->error);
}

/* Reads to the end; the error does not name the file. */
static gboolean
read_file(Fetch *fetch, int file)
{
    g_autofree char *buffer = g_malloc(READ_SIZE);

    while (!pf_feed_parser_is_done(fetch->parser)) {
        gssize got = read(file, buffer, READ_SIZE);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            g_set_error_literal(&fetch->error, PF_FEED_ERROR, PF_FEED_ERROR_UNREADABLE, g_strerror(errno));
            return FALSE;
        }
        if (got == 0)
            return pf_feed_parser_finish(fetch->parser, &fetch->error);
        if (!push(fetch, buffer, (gsize)got))
            return FALSE;
    }
    return TRUE;
}

static void
fetch_file(Fetch *fetch, const char *name)
{
    gboolean is_standard_input = g_str_equal(name, "-");
    int file = is_standard_input ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);

    if (file < 0) {
        g_set_error_literal(&fetch->error, PF_FEED_ERROR, PF_FEED_ERROR_UNREADABLE, g_strerror(errno));
        return;
    }
    start_parser(fetch, name);
    read_file(fetch, file);
    if (!is_standard_input)
        close(file);
}

/* The parser begins with the first byte: only then is the address known that the redirects led to. */
static gboolean
start_body(Fetch *fetch)
{
    CURL *handle = pf_http_get_handle(fetch->http);
    const char *url = NULL;
    long status = 0;

    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    if (status < 200 || status > 299) {
        g_set_error(&fetch->error, PF_FEED_ERROR, PF_FEED_ERROR_UNREACHABLE,
                    "the server answered with HTTP status %ld, and no feed", status);
        return FALSE;
    }
    curl_easy_getinfo(handle, CURLINFO_EFFECTIVE_URL, &url);
    g_autofree char *address = pf_http_printable_url(url);
    start_parser(fetch, address);
    return TRUE;
}

/* libcurl's write callback; 0 ends the transfer. */
static size_t
take_bytes(char *bytes, size_t size, size_t count, void *data)
{
    Fetch *fetch = data;

    (void)size; /* is 1 */
    if (!fetch->parser && !start_body(fetch))
        return 0;
    return push(fetch, bytes, count) && !pf_feed_parser_is_done(fetch->parser) ? count : 0;
}

/* Turns libcurl's answer into an error, unless the parse has failed before, or was ended by the callback. */
static void
judge_transfer(Fetch *fetch, CURLcode code)
{
    g_autofree char *reason = NULL;

    if (fetch->error || (fetch->parser && pf_feed_parser_is_done(fetch->parser)))
        return;
    if (code == CURLE_OK) {
        if (fetch->parser || start_body(fetch))
            pf_feed_parser_finish(fetch->parser, &fetch->error);
        return;
    }
    reason = pf_http_explain(fetch->http, code);
    if (code == CURLE_FILESIZE_EXCEEDED)
        g_set_error(&fetch->error, PF_FEED_ERROR, PF_FEED_ERROR_LIMIT, "larger than %d MiB", PF_FEED_MAX_MIB);
    else if (fetch->parser)
        g_set_error(&fetch->error, PF_FEED_ERROR, PF_FEED_ERROR_UNREACHABLE, "the feed broke off after %u items (%s)",
                    fetch->summary->items, reason);
    else
        g_set_error_literal(&fetch->error, PF_FEED_ERROR, PF_FEED_ERROR_UNREACHABLE, reason);
}

static void
fetch_url(Fetch *fetch, const char *url)
{
    fetch->http = pf_http_new(url, PF_FEED_MAX_BYTES);
    CURL *handle = pf_http_get_handle(fetch->http);

    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_bytes);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, fetch);
    judge_transfer(fetch, curl_easy_perform(handle));
    pf_http_free(fetch->http);
}

gboolean
pf_feed_fetch(const char *source, PfItemFunc item, gpointer data, PfFeedSummary *summary, GError **error)
{
    Fetch fetch = {.item_func = item, .item_data = data, .summary = summary};
    g_autofree char *scheme = strstr(source, "://") ? g_uri_parse_scheme(source) : NULL;

    *summary = (PfFeedSummary){0};
    if (!scheme)
        fetch_file(&fetch, source);
    else if (g_ascii_strcasecmp(scheme, "http") == 0 || g_ascii_strcasecmp(scheme, "https") == 0)
        fetch_url(&fetch, source);
    else
        g_set_error(&fetch.error, PF_FEED_ERROR, PF_FEED_ERROR_UNREADABLE,
                    "%s:// is not supported; give an http or https URL, or a file name", scheme);

    if (fetch.parser) {
        summary->fault = g_strdup(pf_feed_parser_get_fault(fetch.parser));
        summary->feed = pf_feed_parser_steal_feed(fetch.parser);
    }
    pf_feed_parser_free(fetch.parser);
    if (!fetch.error)
        return TRUE;
    if (!fetch.item_failed) {
        g_autofree char *shown = g_str_equal(source, "-") ? g_strdup("standard input")
                                 : scheme                 ? pf_http_printable_url(source)
                                                          : pf_log_printable(source);
        g_prefix_error(&fetch.error, "%s: ", shown);
    }
    g_propagate_error(error, fetch.error);
    return FALSE;
}
