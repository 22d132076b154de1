/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr scan: reads feeds and prints their items with the payment links; may queue and send them. */
#include "commands/command.h"

#include "base/clock.h"
#include "base/log.h"
#include "commands/output.h"
#include "commands/scan_line.h"
#include "commands/scan_row.h"
#include "commands/send_run.h"
#include "base/url.h"
#include <stdio.h>

/* Items are kept back until the feed is over, or until there are so many: a channel's link may follow the items, a
 * whole batch costs one commit, and nothing is printed as queued that is not. Beyond this, memory does not grow with
 * the feed. */
#define BATCH 1000

typedef struct {
    PfApp *app;
    PfQueue *queue; /* NULL: only look */
    gboolean json;
    gboolean has_since;
    gint64 since;
    int limit; /* of items a feed, 0 for none */

    guint feeds;     /* that were read, or failed */
    char *source;    /* the present feed as it was named, without a password */
    GPtrArray *rows; /* of PfScanRow, not yet printed */
    guint accepted;  /* items of the present feed that passed the filters */
    gboolean early;  /* some of them were printed before the feed was over, without a link of the channel's */
    gboolean titled; /* the present feed's title was printed */
    guint items, payable, undated, results[PF_SCAN_NEVER + 1];

    gboolean is_interrupted;
    int status;      /* for the first source that failed */
    GError *failure; /* the last one, which is the caller's to print, unless another source comes after it */
} Scan;

/* --- one feed --- */

static gboolean
submit_rows(Scan *scan, const PfFeed *feed, const GPtrArray *channel_payments, GError **error)
{
    g_autoptr(GError) failure = NULL;

    if (pf_queue_begin(scan->queue, &failure)) {
        for (guint i = 0; i < scan->rows->len && !failure; i++)
            pf_scan_row_submit(scan->rows->pdata[i], scan->app, scan->queue, scan->source, feed, channel_payments,
                               &failure);
        pf_queue_end(scan->queue, &failure);
    }
    if (!failure)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

static void
print_title(Scan *scan, const PfFeed *feed)
{
    if (scan->json || scan->titled)
        return;
    scan->titled = TRUE;
    g_autofree char *title = pf_log_printable(feed->title ? feed->title : "(no title)");
    g_autofree char *address = pf_log_printable(feed->address);
    printf("%s  (%s)\n", title, address);
}

/* Queues, prints and forgets the rows kept back. */
static gboolean
flush_rows(Scan *scan, const PfFeed *feed, GError **error)
{
    g_autoptr(GPtrArray) channel_payments = pf_payment_list_of_feed(feed);

    if (scan->rows->len > 0 && scan->queue && !submit_rows(scan, feed, channel_payments, error))
        return FALSE;
    for (guint i = 0; i < scan->rows->len; i++) {
        const PfScanRow *row = scan->rows->pdata[i];

        print_title(scan, feed);
        if (scan->json)
            pf_scan_row_print_json(row, feed, channel_payments);
        else
            pf_scan_row_print(row, channel_payments, scan->queue != NULL);
        scan->items++;
        scan->payable += pf_payment_list_choose(row->payments, scan->app->config->discoverable, TRUE) != NULL;
        scan->results[row->result]++;
    }
    g_ptr_array_set_size(scan->rows, 0);
    return TRUE;
}

static gboolean
take_item(const PfFeed *feed, PfItem *item, gpointer data, GError **error)
{
    Scan *scan = data;
    gboolean too_old = scan->has_since && (!item->has_published || item->published < scan->since);

    scan->undated += scan->has_since && !item->has_published;
    if (too_old) {
        pf_item_free(item);
        return TRUE;
    }
    PfScanRow *row = pf_scan_row_new_take(item, scan->json);
    if (!row->is_whole) {
        g_autofree char *title = pf_log_printable(item->title ? item->title : "(no title)");
        g_message("%s: a text was not searched to its end, it breaks off or has too many links or tags: %s",
                  scan->source, title);
    }
    g_ptr_array_add(scan->rows, row);
    scan->accepted++;
    if (scan->limit > 0 && scan->accepted >= (guint)scan->limit)
        return FALSE;
    if (scan->rows->len < BATCH)
        return TRUE;
    g_autoptr(GPtrArray) channel_payments = pf_payment_list_of_feed(feed);
    scan->early = scan->early || channel_payments->len == 0;
    return flush_rows(scan, feed, error);
}

static void
begin_source(const char *source, gpointer data)
{
    Scan *scan = data;

    if (scan->failure)
        g_message("%s", scan->failure->message);
    g_clear_error(&scan->failure);
    g_free(scan->source);
    scan->source = pf_url_printable(source);
    scan->accepted = 0;
    scan->early = FALSE;
    scan->titled = FALSE;
}

/* A limit that is met: rows that are printed already cannot be given what the channel says only after them. */
static void
tell_late_payments(const Scan *scan, const PfFeed *feed)
{
    if (!scan->early)
        return;
    g_autoptr(GPtrArray) channel_payments = pf_payment_list_of_feed(feed);
    if (channel_payments->len > 0)
        g_message("%s: the channel's own payment link follows more than %d episodes; those before it were taken "
                  "without it",
                  scan->source, BATCH);
}

/* Whether what was wrong with a source kept nothing from being shown: that is told, but 65 is for what gives nothing.
 */
static gboolean
is_only_told(const GError *failure, guint items)
{
    return items > 0 && (g_error_matches(failure, PF_FEED_ERROR, PF_FEED_ERROR_LIMIT) ||
                         g_error_matches(failure, PF_FEED_ERROR, PF_FEED_ERROR_NOT_A_FEED));
}

/* A source that fails does not keep the others from being read, but a queue that does. */
static gboolean
end_source(const PfScanEnd *end, gpointer data)
{
    Scan *scan = data;
    g_autoptr(GError) failure = end->failure ? g_error_copy(end->failure) : NULL;

    scan->feeds++;
    if (end->fault && end->items > 0)
        g_message("%s: the feed is broken, what is complete of it was read: %s", scan->source, end->fault);
    else if (end->fault && !failure && end->feed && end->feed->breaks_off)
        failure = g_error_new(PF_FEED_ERROR, PF_FEED_ERROR_NOT_A_FEED, "%s: broken, with no complete item: %s",
                              scan->source, end->fault);
    /* What came before a failure is shown all the same, and the failure told after it. But rows that the queue did not
     * take are not shown as if it had. */
    if (end->feed && (!failure || failure->domain == PF_FEED_ERROR)) {
        g_autoptr(GError) unkept = NULL;
        if (!flush_rows(scan, end->feed, &unkept)) {
            if (failure)
                g_message("%s", failure->message);
            g_clear_error(&failure);
            failure = g_steal_pointer(&unkept);
        }
        tell_late_payments(scan, end->feed);
    }
    g_ptr_array_set_size(scan->rows, 0);
    if (is_only_told(failure, end->items)) {
        g_message("%s", failure->message);
        return TRUE;
    }
    if (!failure)
        return TRUE;
    if (scan->status == EX_OK)
        scan->status = pf_exit_status(failure);
    scan->failure = g_steal_pointer(&failure);
    return scan->failure->domain == PF_FEED_ERROR;
}

/* --- all of them --- */

static void
summarize(const Scan *scan)
{
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_append_printf(text, "%u episode%s, %u with a link of %s own", scan->items, scan->items == 1 ? "" : "s",
                           scan->payable, scan->items == 1 ? "its" : "their");
    if (scan->queue)
        g_string_append_printf(text, "; %u queued, %u known already, %u with nothing to flattr",
                               scan->results[PF_SCAN_QUEUED], scan->results[PF_SCAN_KNOWN],
                               scan->results[PF_SCAN_NO_LINK]);
    if (scan->results[PF_SCAN_NEVER] > 0)
        g_string_append_printf(text, ", %u dropped by the rule 'never'", scan->results[PF_SCAN_NEVER]);
    if (scan->undated > 0)
        g_string_append_printf(text, "; %u left out since they have no date", scan->undated);
    g_message("%s", text->str);
}

/* Returns the exit status; the last failure is main's to print. */
static int
scan_all(Scan *scan, char **sources, GError **error)
{
    const PfScanReader reader = {.contact = scan->app->config->contact,
                                 .begin = begin_source,
                                 .item = take_item,
                                 .end = end_source,
                                 .data = scan};
    guint unread;

    scan->is_interrupted = pf_scan_line_run(sources, &reader, &unread) == PF_SCAN_INTERRUPTED;
    g_clear_pointer(&scan->source, g_free);
    if (scan->feeds == 0 && !scan->is_interrupted) {
        scan->failure = g_error_new_literal(PF_FEED_ERROR, PF_FEED_ERROR_NOT_A_FEED,
                                            "no feed is in these lists, which name only one another");
        scan->status = EX_DATAERR;
    }
    if (scan->items > 0 || scan->status == EX_OK)
        summarize(scan);
    if (scan->failure)
        g_propagate_error(error, g_steal_pointer(&scan->failure));
    if (!scan->is_interrupted)
        return scan->status;
    g_message("interrupted: %u source%s not read to the end", unread, unread == 1 ? " was" : "s were");
    return EX_TEMPFAIL;
}

static gboolean
check_arguments(Scan *scan, const char *since, int argc, GError **error)
{
    const char *fault = argc < 2          ? "which feed? a file, '-' or an http(s) URL"
                        : scan->limit < 0 ? "--limit must not be negative"
                                          : NULL;

    scan->has_since = since != NULL;
    if (!fault && since && !pf_clock_parse(since, &scan->since))
        fault = "--since must be a date such as 2026-01-31";
    if (!fault)
        return TRUE;
    g_set_error_literal(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_USAGE, fault);
    return FALSE;
}

static int
run(PfApp *app, int argc, char **argv, GError **error)
{
    g_autofree char *format = NULL;
    g_autofree char *since = NULL;
    gboolean submit = FALSE, send = FALSE;
    Scan scan = {.app = app};
    const GOptionEntry entries[] = {
        {"submit", 0, 0, G_OPTION_ARG_NONE, &submit, "Put the episodes into the queue", NULL},
        {"send", 0, 0, G_OPTION_ARG_NONE, &send, "Put them into the queue and send it", NULL},
        {"since", 0, 0, G_OPTION_ARG_STRING, &since, "Only episodes published on this day or later", "DATE"},
        {"limit", 0, 0, G_OPTION_ARG_INT, &scan.limit, "Only the first N of each feed", "N"},
        {"format", 0, 0, G_OPTION_ARG_STRING, &format, "table or json (one object a line)", "FORMAT"},
        {NULL, 0, 0, 0, NULL, NULL, NULL},
    };

    if (!pf_command_parse(&pf_command_scan, entries, &argc, &argv, error) ||
        !pf_command_parse_format(format, &scan.json, error) || !check_arguments(&scan, since, argc, error))
        return EX_USAGE;
    g_autoptr(PfQueue) queue = submit || send ? pf_command_open_queue(app, error) : NULL;
    if ((submit || send) && !queue)
        return EX_OK;

    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)pf_scan_row_free);
    scan.queue = queue;
    scan.rows = rows;
    int status = scan_all(&scan, argv + 1, error);
    if (!send || scan.is_interrupted || (*error && (*error)->domain != PF_FEED_ERROR))
        return status;
    fflush(stdout);
    g_autoptr(GError) failure = NULL;
    int sent = pf_send_run(app, queue, (PfSendOptions){0}, &failure);
    if (failure && !*error)
        g_propagate_error(error, g_steal_pointer(&failure));
    return status != EX_OK ? status : sent;
}

const PfCommand pf_command_scan = {
    "scan",
    "SOURCE…",
    "Read feeds and print their payment links; queue or send them",
    "A source is a feed, a list of feeds (OPML) or a web page that names its feed: a file, '-'\n"
    "for standard input, or an http(s) URL.",
    run,
    PF_COMMAND_NEEDS_ALL,
    TRUE};
