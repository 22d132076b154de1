/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fetches from files and from a small server in a thread of this program, on a free port of the loopback interface. The
 * server answers by path, as the table has it, and closes the connection.
 */
#include <curl/curl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "feed/fetch.h"
#include "feed/sniff.h"

#define HEAD "<?xml version=\"1.0\"?>\n<rss version=\"2.0\"><channel><title>Radio Alpha</title>\n"
#define ITEM "<item><title>Episode</title><enclosure url=\"/1.mp3\"/></item>\n"
#define TAIL "</channel></rss>\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\n"
#define TYPED(type) "HTTP/1.1 200 OK\r\nContent-Type: " type "\r\nConnection: close\r\n"
#define TITLED(title) "<rss version=\"2.0\"><channel><title>" title "</title>\n" TAIL
#define TO(path) "HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: " path "\r\n\r\n"

static const struct {
    const char *path;
    const char *answer;
} answers[] = {
    {"/feed", OK "\r\n" HEAD ITEM ITEM TAIL},
    {"/empty", OK "Content-Length: 0\r\n\r\n"},
    {"/html", OK "\r\n<html><body>Hello</body></html>"},
    {"/truncated", OK "Content-Length: 5000\r\n\r\n" HEAD ITEM ITEM ITEM "<item><title>Half"},
    {"/huge", OK "Content-Length: 99999999999\r\n\r\n" HEAD},
    {"/missing", "HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n" HEAD ITEM TAIL},
    {"/multiple", "HTTP/1.1 300 Multiple Choices\r\nConnection: close\r\n\r\n" HEAD ITEM TAIL},
    {"/nothing", ""},
    {"/windows", TYPED("text/xml; charset=windows-1251") "\r\n" TITLED("\xd0\xe0\xe4\xe8\xee")},
    {"/windows-quoted", TYPED("Text/XML ;x=\"a;b\";Charset=\"WINDOWS\\-1251\"") "\r\n" TITLED("\xd0\xe0\xe4\xe8\xee")},
    {"/says-otherwise", TYPED("text/xml; charset=utf-8") "\r\n<?xml version=\"1.0\" encoding=\"windows-1251\"?>" TITLED(
                            "\xd0\xa0\xd0\xb0\xd0\xb4\xd0\xb8\xd0\xbe")},
    {"/no-charset", TYPED("text/xml; boundary=charset; charset") "\r\n" TITLED("Radio")},
    {"/links",
     TYPED("text/xml") "Link: </pay>; rel=\"payment\", <style>; rel=stylesheet\r\nLINK: <https://b.example/>; "
                       "title=\"a, b\"; rel=\"next Payment\"\r\nLink: <https://c.example/>; rel=payment; "
                       "anchor=\"/other\"\r\n\r\n" TITLED("Radio")},
    {"/to-links", "HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nContent-Type: text/html; "
                  "charset=utf-16\r\nLink: <https://a.example/>; rel=payment\r\nLocation: /links\r\n\r\n"},
    {"/a", TO("/b")},
    {"/b", TO("sub/c")},
    {"/sub/c", TO("/feed")},
    {"/loop", TO("/loop")},
    {"/to-file", TO("file:///etc/passwd")},
    {"/to-ftp", TO("ftp://127.0.0.1/feed")},
};

static char *server; /* "127.0.0.1:PORT" */

static void
answer_gzip(GOutputStream *output)
{
    static const char head[] = OK "Content-Encoding: gzip\r\n\r\n";
    g_autoptr(GConverter) gzip = G_CONVERTER(g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9));
    g_autoptr(GOutputStream) packed = g_converter_output_stream_new(output, gzip);

    g_output_stream_write_all(output, head, strlen(head), NULL, NULL, NULL);
    g_output_stream_write_all(packed, HEAD ITEM TAIL, strlen(HEAD ITEM TAIL), NULL, NULL, NULL);
    g_output_stream_close(packed, NULL, NULL);
}

/* A body without end that packs a thousandfold: small on the wire, past every limit when unpacked. */
static void
answer_bomb(GOutputStream *output)
{
    static const char head[] = OK "Content-Encoding: gzip\r\n\r\n";
    g_autoptr(GConverter) gzip = G_CONVERTER(g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9));
    g_autoptr(GOutputStream) packed = g_converter_output_stream_new(output, gzip);
    g_autofree char *blank = g_strnfill(1024 * 1024, ' ');

    g_output_stream_write_all(output, head, strlen(head), NULL, NULL, NULL);
    g_output_stream_write_all(packed, HEAD ITEM, strlen(HEAD ITEM), NULL, NULL, NULL);
    for (int i = 0; i < 80; i++)
        if (!g_output_stream_write_all(packed, blank, strlen(blank), NULL, NULL, NULL))
            return;
}

/* Frames that hold what they hold as it is, so that no compressor is needed to make them. */
static void
answer_framed(GOutputStream *output, const char *coding)
{
    static const char text[] = HEAD ITEM TAIL;
    const guint length = sizeof text - 1;
    const gboolean is_zstd = g_str_equal(coding, "zstd");
    g_autofree char *head = g_strdup_printf(OK "Content-Encoding: %s\r\n\r\n", coding);
    g_autoptr(GByteArray) body = g_byte_array_new();
    const guint8 zstd[] = {0x28, 0xB5, 0x2F, 0xFD, 0x20, length, 1 | (length << 3 & 0xFF), length >> 5, 0};
    const guint8 brotli[] = {(length - 1) << 4 & 0xFF, (length - 1) >> 4 & 0xFF, 0x10};

    G_STATIC_ASSERT(sizeof text <= 256); /* the length has one byte */
    g_byte_array_append(body, is_zstd ? zstd : brotli, is_zstd ? sizeof zstd : sizeof brotli);
    g_byte_array_append(body, (const guint8 *)text, length);
    if (!is_zstd)
        g_byte_array_append(body, (const guint8 *)"\x03", 1); /* the last, empty block */
    g_output_stream_write_all(output, head, strlen(head), NULL, NULL, NULL);
    g_output_stream_write_all(output, body->data, body->len, NULL, NULL, NULL);
}

static gboolean
answer(GThreadedSocketService *service, GSocketConnection *connection, GObject *source, gpointer data)
{
    GOutputStream *output = g_io_stream_get_output_stream(G_IO_STREAM(connection));
    g_autoptr(GDataInputStream) input = g_data_input_stream_new(g_io_stream_get_input_stream(G_IO_STREAM(connection)));
    g_autofree char *request = g_data_input_stream_read_line(input, NULL, NULL, NULL);
    g_auto(GStrv) words = g_strsplit(request ? request : "", " ", 3);
    const char *path = words[0] && words[1] ? words[1] : "";
    gboolean is_authorized = FALSE, is_agent_named = FALSE;
    char *line;

    (void)service;
    (void)source;
    (void)data;
    while ((line = g_data_input_stream_read_line(input, NULL, NULL, NULL)) && line[0] != '\r' && line[0]) {
        is_authorized = is_authorized || g_str_has_prefix(line, "Authorization: Basic YW5uOnNlY3JldA==");
        is_agent_named = is_agent_named || g_str_has_prefix(line, "User-Agent: podflattr/");
        g_free(line);
    }
    g_free(line);
    if (g_str_equal(path, "/gzip"))
        answer_gzip(output);
    if (g_str_equal(path, "/br") || g_str_equal(path, "/zstd"))
        answer_framed(output, path + 1);
    if (g_str_equal(path, "/bomb"))
        answer_bomb(output);
    if (g_str_equal(path, "/private") && is_authorized && is_agent_named)
        path = "/feed";
    for (gsize i = 0; i < G_N_ELEMENTS(answers); i++)
        if (g_str_equal(path, answers[i].path))
            g_output_stream_write_all(output, answers[i].answer, strlen(answers[i].answer), NULL, NULL, NULL);
    return TRUE;
}

/* The main loop that accepts connections. */
static gpointer
serve(gpointer ready)
{
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(GMainLoop) loop = g_main_loop_new(context, FALSE);
    g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
    g_autoptr(GSocketAddress) any_port = g_inet_socket_address_new(loopback, 0);
    g_autoptr(GSocketAddress) bound = NULL;
    GSocketService *service;

    g_main_context_push_thread_default(context);
    service = g_threaded_socket_service_new(8);
    g_signal_connect(service, "run", G_CALLBACK(answer), NULL);
    g_assert_true(g_socket_listener_add_address(G_SOCKET_LISTENER(service), any_port, G_SOCKET_TYPE_STREAM,
                                                G_SOCKET_PROTOCOL_TCP, NULL, &bound, NULL));
    server = g_strdup_printf("127.0.0.1:%u", g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound)));
    g_async_queue_push(ready, server);
    g_main_loop_run(loop);
    return NULL;
}

/* What the callback saw, and when it is to stop. */
typedef struct {
    guint items;
    guint end_after;
    gboolean with_error;
    char *address;
    char *enclosure;
} Seen;

static gboolean
see_item(const PfFeed *feed, PfItem *item, gpointer data, GError **error)
{
    Seen *seen = data;

    g_free(seen->address);
    g_free(seen->enclosure);
    seen->address = g_strdup(feed->address);
    seen->enclosure = item->enclosures->len ? g_strdup(((PfEnclosure *)item->enclosures->pdata[0])->url) : NULL;
    pf_item_free(item);
    if (++seen->items != seen->end_after)
        return TRUE;
    if (seen->with_error)
        g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "the disk is full");
    return FALSE;
}

static void
seen_clear(Seen *seen)
{
    g_free(seen->address);
    g_free(seen->enclosure);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Seen, seen_clear)

static char *
address_of(const char *path)
{
    return g_strconcat("http://", server, path, NULL);
}

static void
feeds_come_from_urls(void)
{
    static const struct {
        const char *path;
        guint items;
        const char *final;
    } cases[] = {{"/feed", 2, "/feed"}, {"/a", 2, "/feed"}, {"/gzip", 1, "/gzip"}};

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *url = address_of(cases[i].path);
        g_autofree char *final = address_of(cases[i].final);
        g_autofree char *enclosure = address_of("/1.mp3");
        g_auto(Seen) seen = {0};
        g_auto(PfFeedSummary) summary = {0};
        g_autoptr(GError) error = NULL;

        gboolean good = pf_feed_fetch(url, see_item, &seen, &summary, &error);
        g_assert_no_error(error);
        g_assert_true(good);
        g_assert_cmpuint(summary.items, ==, cases[i].items);
        g_assert_cmpuint(seen.items, ==, cases[i].items);
        g_assert_null(summary.fault);
        g_assert_cmpstr(seen.address, ==, final);
        g_assert_cmpstr(seen.enclosure, ==, enclosure);
    }
}

static void
what_http_says_of_a_feed_counts(void)
{
    static const struct {
        const char *path;
        const char *title;
        const char *links[2]; /* the channel's; the server's own are named by their paths */
    } cases[] = {
        {"/windows", "\u0420\u0430\u0434\u0438\u043e", {NULL}},
        {"/windows-quoted", "\u0420\u0430\u0434\u0438\u043e", {NULL}},
        {"/says-otherwise", "\u0420\u0430\u0434\u0438\u043e", {NULL}},
        {"/no-charset", "Radio", {NULL}},
        {"/links", "Radio", {"/pay", "https://b.example/"}},
        {"/to-links", "Radio", {"/pay", "https://b.example/"}},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *url = address_of(cases[i].path);
        g_auto(Seen) seen = {0};
        g_auto(PfFeedSummary) summary = {0};
        g_autoptr(GError) error = NULL;

        g_test_message("%s", cases[i].path);
        pf_feed_fetch(url, see_item, &seen, &summary, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(summary.feed->title, ==, cases[i].title);
        g_assert_cmpuint(summary.feed->payment_links->len, ==, cases[i].links[0] ? 2 : 0);
        for (guint j = 0; j < summary.feed->payment_links->len; j++) {
            const char *link = cases[i].links[j];
            g_autofree char *own = *link == '/' ? address_of(link) : NULL;
            g_assert_cmpstr(summary.feed->payment_links->pdata[j], ==, own ? own : link);
        }
    }
}

static void
a_feed_address_is_fetched_from_the_web(void)
{
    static const char *const prefixes[] = {
        "feed://", "FEED:http://", "feed://http://", "itpc://", "pcast://", "podcast:http://", ""};

    for (gsize i = 0; i < G_N_ELEMENTS(prefixes); i++) {
        g_autofree char *url = g_strconcat(prefixes[i], server, "/feed", NULL);
        g_auto(Seen) seen = {0};
        g_auto(PfFeedSummary) summary = {0};
        g_autoptr(GError) error = NULL;

        pf_feed_fetch(url, see_item, &seen, &summary, &error);
        g_assert_no_error(error);
        g_assert_cmpuint(seen.items, ==, 2);
    }
}

static void
charsets_are_read_as_rfc_9110_has_them(void)
{
    static const struct {
        const char *header;
        const char *charset;
    } cases[] = {
        {"text/xml; charset=utf-8", "utf-8"},
        {"text/xml;charset=UTF-8", "UTF-8"},
        {"text/xml ; CharSet = \"utf-8\" ; q=1", "utf-8"},
        {"text/xml; charset=\"a\\\"b\\n\"", "a\"bn"},
        {"text/xml; title=\"charset=x\"; charset=y;", "y"},
        {"text/xml; charset=a; charset=b", "a"},
        {"text/xml; charset=", ""},
        {"text/xml; mycharset=a", NULL},
        {"text/xml", NULL},
        {"text/xml; charset=\"utf-8", NULL},
        {"charset=utf-8", NULL},
        {"text/xml, charset=utf-8", NULL},
        {"", NULL},
        {NULL, NULL},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *charset = pf_feed_header_find_charset(cases[i].header);

        g_test_message("%s", cases[i].header ? cases[i].header : "none");
        g_assert_cmpstr(charset, ==, cases[i].charset);
    }
}

static void
a_coding_is_taken_off(gconstpointer coding)
{
    const curl_version_info_data *libcurl = curl_version_info(CURLVERSION_NOW);
    int feature = g_str_equal(coding, "br") ? CURL_VERSION_BROTLI : CURL_VERSION_ZSTD;
    g_autofree char *path = g_strconcat("/", coding, NULL);
    g_autofree char *url = address_of(path);
    g_auto(Seen) seen = {0};
    g_auto(PfFeedSummary) summary = {0};
    g_autoptr(GError) error = NULL;

    if (!(libcurl->features & feature)) {
        g_test_skip("this libcurl was built without it");
        return;
    }
    pf_feed_fetch(url, see_item, &seen, &summary, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(seen.items, ==, 1);
    g_assert_cmpstr(summary.feed->title, ==, "Radio Alpha");
}

static void
failures_are_told_apart(void)
{
    static const struct {
        const char *path;
        int code;
        guint items;
        const char *message; /* what it contains */
    } cases[] = {
        {"/missing", PF_FEED_ERROR_UNREACHABLE, 0, "404"},
        {"/multiple", PF_FEED_ERROR_UNREACHABLE, 0, "300"},
        {"/nothing", PF_FEED_ERROR_UNREACHABLE, 0, "Empty reply"},
        {"/loop", PF_FEED_ERROR_UNREACHABLE, 0, "more than 5 redirects"},
        {"/to-file", PF_FEED_ERROR_UNREACHABLE, 0, "file"},
        {"/to-ftp", PF_FEED_ERROR_UNREACHABLE, 0, "ftp"},
        {"/truncated", PF_FEED_ERROR_UNREACHABLE, 3, "broke off after 3 items"},
        {"/huge", PF_FEED_ERROR_LIMIT, 0, "larger than 64 MiB"},
        {"/bomb", PF_FEED_ERROR_LIMIT, 1, "larger than 64 MiB"},
        {"/html", PF_FEED_ERROR_NOT_A_FEED, 0, "line 1 begins an <html> document"},
        {"/empty", PF_FEED_ERROR_NOT_A_FEED, 0, "it is empty"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *url = address_of(cases[i].path);
        g_auto(Seen) seen = {0};
        g_auto(PfFeedSummary) summary = {0};
        g_autoptr(GError) error = NULL;

        g_assert_false(pf_feed_fetch(url, see_item, &seen, &summary, &error));
        g_test_message("%s", error->message);
        g_assert_error(error, PF_FEED_ERROR, cases[i].code);
        g_assert_true(g_str_has_prefix(error->message, url));
        g_assert_nonnull(strstr(error->message, cases[i].message));
        g_assert_cmpuint(summary.items, ==, cases[i].items);
    }
}

static void
what_no_server_answers_is_unreachable(void)
{
    g_autoptr(GSocket) socket = g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
    g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
    g_autoptr(GSocketAddress) any_port = g_inet_socket_address_new(loopback, 0);
    g_auto(Seen) seen = {0};
    g_auto(PfFeedSummary) summary = {0};
    g_autoptr(GError) error = NULL;

    /* A port that is bound but not listened on refuses, and nobody else can take it meanwhile. */
    g_assert_true(g_socket_bind(socket, any_port, FALSE, NULL));
    g_autoptr(GSocketAddress) bound = g_socket_get_local_address(socket, NULL);
    g_autofree char *url = g_strdup_printf("http://ann:secret@127.0.0.1:%u/feed",
                                           g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound)));
    g_assert_false(pf_feed_fetch(url, see_item, &seen, &summary, &error));
    g_assert_error(error, PF_FEED_ERROR, PF_FEED_ERROR_UNREACHABLE);
    g_assert_null(strstr(error->message, "secret"));
    g_assert_nonnull(strstr(error->message, "http://ann@127.0.0.1:"));
}

static void
a_password_reaches_the_server_and_nobody_else(void)
{
    g_autofree char *url = g_strconcat("http://ann:secret@", server, "/private", NULL);
    g_auto(Seen) seen = {0};
    g_auto(PfFeedSummary) summary = {0};

    g_assert_true(pf_feed_fetch(url, see_item, &seen, &summary, NULL));
    g_assert_cmpuint(summary.items, ==, 2);
    g_assert_null(strstr(seen.address, "secret"));
    g_assert_null(strstr(seen.enclosure, "ann"));
}

static void
the_callback_can_end_a_fetch(void)
{
    g_autofree char *url = address_of("/feed");

    for (int with_error = 0; with_error <= 1; with_error++) {
        g_auto(Seen) seen = {.end_after = 1, .with_error = with_error};
        g_auto(PfFeedSummary) summary = {0};
        g_autoptr(GError) error = NULL;

        g_assert_cmpint(pf_feed_fetch(url, see_item, &seen, &summary, &error), ==, !with_error);
        g_assert_cmpuint(summary.items, ==, 1);
        if (with_error) {
            g_assert_error(error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
            g_assert_cmpstr(error->message, ==, "the disk is full");
        } else {
            g_assert_no_error(error);
        }
    }
}

static void
check_unreadable(const char *source, const char *message)
{
    g_auto(Seen) seen = {0};
    g_auto(PfFeedSummary) summary = {0};
    g_autoptr(GError) error = NULL;

    g_assert_false(pf_feed_fetch(source, see_item, &seen, &summary, &error));
    g_assert_error(error, PF_FEED_ERROR, PF_FEED_ERROR_UNREADABLE);
    g_assert_cmpstr(error->message, ==, message);
}

static void
what_cannot_be_read_says_so(void)
{
    check_unreadable("/nowhere/feed@home.xml", "/nowhere/feed@home.xml: No such file or directory");
    check_unreadable("/", "/: Is a directory; name a feed or a list of feeds in it");
    check_unreadable("file:///nowhere/feed.xml", "file:///nowhere/feed.xml: No such file or directory");
    check_unreadable("file://%zz", "file://%zz: file:// must name a file on this machine, such as file:///folder/name");
    check_unreadable("ftp://ann:secret@a.example/feed",
                     "ftp://ann@a.example/feed: ftp:// is not supported; give an http or "
                     "https URL, or a file name");
}

static void
feeds_come_from_files_and_standard_input(void)
{
    g_autofree char *name = NULL;
    int file = g_file_open_tmp("podflattr-XXXXXX", &name, NULL);
    g_auto(Seen) seen = {0};
    g_auto(PfFeedSummary) summary = {0};

    g_assert_cmpint(file, >=, 0);
    g_assert_cmpint(write(file, HEAD ITEM, strlen(HEAD ITEM)), ==, (gssize)strlen(HEAD ITEM));
    g_assert_true(pf_feed_fetch(name, see_item, &seen, &summary, NULL));
    g_assert_cmpuint(summary.items, ==, 1);
    g_assert_nonnull(strstr(summary.fault, "ends within <channel>"));
    g_assert_cmpstr(seen.address, ==, name);
    g_assert_cmpstr(seen.enclosure, ==, "/1.mp3");

    pf_feed_summary_clear(&summary);
    g_autofree char *url = g_filename_to_uri(name, NULL, NULL);
    g_assert_true(pf_feed_fetch(url, see_item, &seen, &summary, NULL));
    g_assert_cmpuint(summary.items, ==, 1);
    g_assert_cmpstr(seen.address, ==, name);

    pf_feed_summary_clear(&summary);
    int standard_input = dup(STDIN_FILENO);
    g_assert_cmpint(lseek(file, 0, SEEK_SET), ==, 0);
    g_assert_cmpint(dup2(file, STDIN_FILENO), ==, STDIN_FILENO);
    g_assert_true(pf_feed_fetch("-", see_item, &seen, &summary, NULL));
    g_assert_cmpuint(summary.items, ==, 1);
    g_assert_cmpstr(seen.address, ==, "-");
    dup2(standard_input, STDIN_FILENO);
    close(standard_input);
    close(file);
    g_unlink(name);
}

int
main(int argc, char **argv)
{
    static const char *const proxies[] = {"http_proxy", "all_proxy", "ALL_PROXY"};
    g_autoptr(GAsyncQueue) ready = g_async_queue_new();

    for (gsize i = 0; i < G_N_ELEMENTS(proxies); i++)
        g_unsetenv(proxies[i]);
    g_test_init(&argc, &argv, NULL);
    g_thread_unref(g_thread_new("server", serve, ready));
    g_async_queue_pop(ready);
    g_test_add_func("/feed fetch/feeds come from URLs", feeds_come_from_urls);
    g_test_add_func("/feed fetch/what HTTP says of a feed counts", what_http_says_of_a_feed_counts);
    g_test_add_func("/feed fetch/a feed: address is fetched from the web", a_feed_address_is_fetched_from_the_web);
    g_test_add_func("/feed fetch/charsets are read as RFC 9110 has them", charsets_are_read_as_rfc_9110_has_them);
    g_test_add_data_func("/feed fetch/brotli is taken off", "br", a_coding_is_taken_off);
    g_test_add_data_func("/feed fetch/zstd is taken off", "zstd", a_coding_is_taken_off);
    g_test_add_func("/feed fetch/failures are told apart", failures_are_told_apart);
    g_test_add_func("/feed fetch/what no server answers is unreachable", what_no_server_answers_is_unreachable);
    g_test_add_func("/feed fetch/a password reaches the server and nobody else",
                    a_password_reaches_the_server_and_nobody_else);
    g_test_add_func("/feed fetch/the callback can end a fetch", the_callback_can_end_a_fetch);
    g_test_add_func("/feed fetch/what cannot be read says so", what_cannot_be_read_says_so);
    g_test_add_func("/feed fetch/feeds come from files and standard input", feeds_come_from_files_and_standard_input);
    return g_test_run();
}
