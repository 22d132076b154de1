/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr scan: reads feeds and prints their items with the payment links; may queue and send them. */
#include "base/clock.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/url.h"
#include "commands/command.h"
#include "commands/output.h"
#include "commands/scan_source.h"
#include "commands/send.h"
#include "feed/item.h"
#include "payment/payment_list.h"
#include "queue/submit.h"

#include <stdio.h>
#include <unistd.h>

/*
 * One item of a scanned feed on its way from the parser to the output, and what was done with it.
 */

typedef enum {
    PF_SCAN_SEEN,    /* looked at only */
    PF_SCAN_QUEUED,  /* put into the queue */
    PF_SCAN_KNOWN,   /* was in the queue already */
    PF_SCAN_NO_LINK, /* nothing to flattr */
    PF_SCAN_NEVER,   /* a rule says never: kept in the queue as dropped */
} PfScanResult;
typedef struct {
    PfItem *item;
    GPtrArray *payments; /* best first */
    gboolean is_whole;   /* FALSE: a text was not searched to its end */
    PfScanResult result;
    gint64 entry; /* its id in the queue, 0 for none */
} PfScanRow;

static const char *const result_names[] = {
    [PF_SCAN_SEEN] = NULL,          [PF_SCAN_QUEUED] = N_("queued"), [PF_SCAN_KNOWN] = N_("known"),
    [PF_SCAN_NO_LINK] = N_("none"), [PF_SCAN_NEVER] = N_("never"),
};

/* Makes a row that takes over the item. @all: whether all its links are wanted, or the best alone */
static PfScanRow *
pf_scan_row_new_take(PfItem *item, gboolean all)
{
    PfScanRow *row = g_new0(PfScanRow, 1);

    row->item = item;
    row->payments =
        all ? pf_payment_list_of_item(item, &row->is_whole) : pf_payment_list_best_of_item(item, &row->is_whole);
    pf_item_drop_texts(item); /* a thousand rows are kept at once, and the links are found */
    return row;
}

static void
pf_scan_row_free(PfScanRow *row)
{
    if (!row)
        return;
    pf_item_free(row->item);
    g_ptr_array_unref(row->payments);
    g_free(row);
}

/* --- JSON --- */

static json_t *
payments_to_json(const GPtrArray *payments)
{
    json_t *list = json_array();

    for (guint i = 0; i < payments->len; i++) {
        const PfPayment *payment = payments->pdata[i];
        json_array_append_new(list, json_pack("{s:o, s:s, s:s, s:o}", "url", pf_output_json_string(payment->url),
                                              "kind", pf_payment_kind_name(payment->kind), "from",
                                              pf_payment_from_name(payment->from), "key",
                                              pf_output_json_string(payment->key)));
    }
    return list;
}

/* @alternate: which of them */
static json_t *
enclosures_to_json(const GPtrArray *enclosures, gboolean alternate)
{
    json_t *list = json_array();

    for (guint i = 0; i < enclosures->len; i++) {
        const PfEnclosure *enclosure = enclosures->pdata[i];
        if (enclosure->is_alternate != alternate)
            continue;
        json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "url", pf_output_json_string(enclosure->url), "length",
                                              enclosure->length >= 0 ? json_integer(enclosure->length) : json_null(),
                                              "type", pf_output_json_string(enclosure->type)));
    }
    return list;
}

static json_t *
funding_to_json(const GPtrArray *funding)
{
    json_t *list = json_array();

    for (guint i = 0; i < funding->len; i++) {
        const PfFunding *one = funding->pdata[i];
        json_array_append_new(list, json_pack("{s:o, s:o}", "url", pf_output_json_string(one->url), "text",
                                              pf_output_json_string(one->text)));
    }
    return list;
}

static json_t *
recipients_to_json(const GPtrArray *recipients)
{
    json_t *list = json_array();

    for (guint i = 0; i < recipients->len; i++) {
        const PfRecipient *one = recipients->pdata[i];
        json_t *object = json_object();
        json_object_set_new(object, "name", pf_output_json_string(one->name));
        json_object_set_new(object, "type", pf_output_json_string(one->type));
        json_object_set_new(object, "address", pf_output_json_string(one->address));
        json_object_set_new(object, "split", one->split >= 0 ? json_integer(one->split) : json_null());
        json_object_set_new(object, "custom_key", pf_output_json_string(one->custom_key));
        json_object_set_new(object, "custom_value", pf_output_json_string(one->custom_value));
        json_object_set_new(object, "fee", json_boolean(one->fee));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *
values_to_json(const GPtrArray *values)
{
    json_t *list = json_array();

    for (guint i = 0; i < values->len; i++) {
        const PfValue *one = values->pdata[i];
        json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o}", "type", pf_output_json_string(one->type),
                                              "method", pf_output_json_string(one->method), "suggested",
                                              pf_output_json_string(one->suggested), "recipients",
                                              recipients_to_json(one->recipients)));
    }
    return list;
}

/* Writes a row as a line of JSON. */
static void
pf_scan_row_print_json(const PfScanRow *row, const PfFeed *feed, const GPtrArray *channel_payments)
{
    const PfItem *item = row->item;
    json_t *object = json_object();

    json_object_set_new(object, "feed", pf_output_json_string(feed->address));
    json_object_set_new(object, "feed_title", pf_output_json_string(feed->title));
    json_object_set_new(object, "guid", pf_output_json_string(item->guid));
    json_object_set_new(object, "title", pf_output_json_string(item->title));
    json_object_set_new(object, "link", pf_output_json_string(item->link));
    json_object_set_new(object, "published", item->has_published ? pf_output_json_time(item->published) : json_null());
    json_object_set_new(object, "enclosures", enclosures_to_json(item->enclosures, FALSE));
    json_object_set_new(object, "payments", payments_to_json(row->payments));
    json_object_set_new(object, "channel_payments", payments_to_json(channel_payments));
    /* An item's own stand in place of the channel's. */
    json_object_set_new(object, "funding", funding_to_json(item->funding->len > 0 ? item->funding : feed->funding));
    json_object_set_new(object, "value", values_to_json(item->values->len > 0 ? item->values : feed->values));
    /* Few feeds have these; who compares lines with older ones finds them the same. */
    json_t *alternates = enclosures_to_json(item->enclosures, TRUE);
    if (json_array_size(alternates) > 0)
        json_object_set(object, "alternate_enclosures", alternates);
    json_decref(alternates);
    if (item->duration >= 0)
        json_object_set_new(object, "duration", json_integer(item->duration));
    if (row->result != PF_SCAN_SEEN) {
        json_object_set_new(object, "submitted", json_string(result_names[row->result]));
        json_object_set_new(object, "entry", pf_output_json_id(row->entry));
    }
    pf_output_json_take(object);
}

/* --- the table --- */

/* The link that matters most: what a server would be asked to flattr, else the first of the others. */
static const PfPayment *
best_payment(const GPtrArray *payments)
{
    const PfPayment *best = pf_payment_list_choose(payments, TRUE, TRUE);

    return best || payments->len == 0 ? best : payments->pdata[0];
}

static const char *
describe_payment(const PfScanRow *row, const GPtrArray *channel_payments, const PfPayment **payment)
{
    *payment = best_payment(row->payments);
    if (*payment)
        return pf_payment_kind_name((*payment)->kind);
    *payment = best_payment(channel_payments);
    return *payment ? "channel's" : "-";
}

static const PfOutputColumn seen_columns[] = {{N_("DATE"), 10, 60, PF_OUTPUT_WHOLE},
                                              {N_("EPISODE"), 32, 0, PF_OUTPUT_TEXT},
                                              {N_("KIND"), 12, 0, PF_OUTPUT_TEXT},
                                              {N_("LINK"), 0, 0, PF_OUTPUT_TEXT}};
static const PfOutputColumn submitted_columns[] = {{N_("DATE"), 10, 60, PF_OUTPUT_WHOLE},
                                                   {N_("EPISODE"), 32, 0, PF_OUTPUT_TEXT},
                                                   {N_("RESULT"), 10, 0, PF_OUTPUT_TEXT},
                                                   {N_("KIND"), 12, 50, PF_OUTPUT_TEXT},
                                                   {N_("LINK"), 0, 0, PF_OUTPUT_TEXT}};

/* Writes a row of the table. @submitted: whether the results are shown. */
static void
pf_scan_row_print(const PfScanRow *row, const GPtrArray *channel_payments, gboolean submitted)
{
    const PfPayment *payment;
    const char *kind = describe_payment(row, channel_payments, &payment);
    g_autofree char *date = row->item->has_published ? pf_output_dup_day(row->item->published) : NULL;
    const char *link = payment ? (payment->key ? payment->key : payment->url) : NULL;
    const char *result = result_names[row->result];
    if (submitted)
        pf_output_row(submitted_columns,
                      (const char *[]){date, row->item->title, result ? _(result) : NULL, kind, link});
    else
        pf_output_row(seen_columns, (const char *[]){date, row->item->title, kind, link});
}

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
submit_row(const Scan *scan, PfScanRow *row, const PfFeed *feed, const GPtrArray *channel_payments, GError **error)
{
    const GPtrArray *enclosures = row->item->enclosures;
    const PfSubmission submission = {.now = pf_clock_now(),
                                     .source = PF_SOURCE_SCAN,
                                     .feed = scan->source,
                                     .address = feed->address,
                                     .feed_title = feed->title,
                                     .show = feed->guid,
                                     .guid = row->item->guid,
                                     .title = row->item->title,
                                     .enclosure =
                                         enclosures->len > 0 ? ((PfEnclosure *)enclosures->pdata[0])->url : NULL,
                                     .page = row->item->link,
                                     .published = row->item->has_published ? row->item->published : 0,
                                     .payments = row->payments,
                                     .channel_payments = channel_payments};
    PfSubmitted submitted;

    if (!pf_submit_item(scan->queue, scan->app->config, &submission, &submitted, error))
        return FALSE;
    row->entry = submitted.id;
    if (submitted.id == 0)
        row->result = PF_SCAN_NO_LINK;
    else if (!submitted.added)
        row->result = PF_SCAN_KNOWN;
    else
        row->result = submitted.state == PF_ENTRY_DROPPED ? PF_SCAN_NEVER : PF_SCAN_QUEUED;
    return TRUE;
}

static gboolean
submit_rows(Scan *scan, const PfFeed *feed, const GPtrArray *channel_payments, GError **error)
{
    g_autoptr(PfTransaction) transaction = pf_queue_begin(scan->queue, error);

    if (!transaction)
        return FALSE;
    for (guint i = 0; i < scan->rows->len; i++)
        if (!submit_row(scan, scan->rows->pdata[i], feed, channel_payments, error))
            return FALSE;
    return pf_transaction_commit(g_steal_pointer(&transaction), error);
}

static void
print_title(Scan *scan, const PfFeed *feed)
{
    if (scan->json || scan->titled)
        return;
    scan->titled = TRUE;
    g_autofree char *title = pf_log_printable(feed->title ? feed->title : _("(no title)"));
    g_autofree char *address = pf_log_printable(feed->address);
    g_autofree char *line = g_strdup_printf("%s (%s)", title, address);
    pf_output_line(line);
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
        g_autofree char *title = pf_log_printable(item->title ? item->title : _("(no title)"));
        g_message(_("%s: a description was searched only in part; it is truncated or has too many links or tags: %s"),
                  scan->source, title);
    }
    g_ptr_array_add(scan->rows, row);
    scan->accepted++;
    if (scan->limit > 0 && scan->accepted >= (guint)scan->limit)
        return FALSE;
    /* Items are kept back until the feed is over, or until there are so many: a channel's link may follow the items, a
     * whole batch costs one commit, and nothing is printed as queued that is not. Beyond this, memory does not grow
     * with the feed. */
    if (scan->rows->len < PF_BATCH_SCAN_ITEMS)
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

/* A limitation: rows that are already printed cannot get a link that the channel names only after them. */
static void
tell_late_payments(const Scan *scan, const PfFeed *feed)
{
    if (!scan->early)
        return;
    g_autoptr(GPtrArray) channel_payments = pf_payment_list_of_feed(feed);
    if (channel_payments->len > 0)
        g_message(_("%s: the channel's payment link comes after more than %d episodes; those before it were read "
                    "without it"),
                  scan->source, PF_BATCH_SCAN_ITEMS);
}

/* Whether a source's fault kept nothing from being shown: it is reported, but exit status 65 is for sources that give
 * nothing. */
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
        g_message(_("%s: broken feed, read as far as it is complete: %s"), scan->source, end->fault);
    else if (end->fault && !failure && end->feed && end->feed->breaks_off)
        failure = g_error_new(PF_FEED_ERROR, PF_FEED_ERROR_NOT_A_FEED, _("%s: broken feed without a complete item: %s"),
                              scan->source, end->fault);
    /* What came before a failure is shown, and the failure reported after it. But rows that the queue did not accept
     * are not shown as if it had. */
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

    g_string_append_printf(
        text,
        ngettext("%u episode, %u with a link of its own", "%u episodes, %u with a link of their own", scan->items),
        scan->items, scan->payable);
    if (scan->queue)
        g_string_append_printf(text, _("; %u queued, %u already known, %u with nothing to flattr"),
                               scan->results[PF_SCAN_QUEUED], scan->results[PF_SCAN_KNOWN],
                               scan->results[PF_SCAN_NO_LINK]);
    if (scan->results[PF_SCAN_NEVER] > 0)
        g_string_append_printf(text, _(", %u dropped by the rule 'never'"), scan->results[PF_SCAN_NEVER]);
    if (scan->results[PF_SCAN_QUEUED] > 0 && !scan->app->endpoint)
        g_string_append(text,
                        ngettext("; it waits for a server, and none is configured",
                                 "; they wait for a server, and none is configured", scan->results[PF_SCAN_QUEUED]));
    if (scan->undated > 0)
        g_string_append_printf(
            text,
            ngettext("; %u skipped because it has no date", "; %u skipped because they have no date", scan->undated),
            scan->undated);
    g_message("%s", text->str);
}

/* Returns FALSE with @error set: the last failure, whose exit status is the first one's. */
static gboolean
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
                                            _("no feed in these lists; they only name one another"));
        scan->status = EX_DATAERR;
    }
    if (scan->items > 0 || scan->status == EX_OK)
        summarize(scan);
    if (scan->is_interrupted) {
        g_message(ngettext("interrupted: %u source was not read to the end",
                           "interrupted: %u sources were not read to the end", unread),
                  unread);
        scan->status = EX_TEMPFAIL;
    }
    return scan->status == EX_OK ||
           pf_exit_status_set(error, scan->status, scan->failure ? scan->failure->message : "");
}

typedef struct {
    gboolean submit;
    gboolean send;
    char *since;
    int limit;
} Options;

static const PfCommandOption options[] = {
    {"submit", G_OPTION_ARG_NONE, offsetof(Options, submit), N_("Queue the episodes"), NULL, 0, 0},
    {"send", G_OPTION_ARG_NONE, offsetof(Options, send), N_("Queue the episodes and send the queue"), NULL, 0, 0},
    {"since", G_OPTION_ARG_STRING, offsetof(Options, since), N_("Only episodes published on this day or later"),
     N_("DATE"), 0, 0},
    {"limit", G_OPTION_ARG_INT, offsetof(Options, limit), N_("Only the first N of each feed"), N_("N"), 0, 0},
    PF_COMMAND_FORMAT,
    {0},
};

static gboolean
run(const PfCommandCall *call, GError **error)
{
    const Options *given = call->options;
    gboolean submit = given->submit || given->send;
    Scan scan = {.app = call->app, .json = call->json, .limit = given->limit, .has_since = given->since != NULL};

    if (scan.limit < 0)
        return pf_command_refuse(error, _("--limit must not be negative"));
    if (scan.has_since && !pf_clock_parse_local(given->since, &scan.since))
        return pf_command_refuse(error, _("--since must be a date such as 2026-01-31"));
    g_autoptr(PfQueue) queue = submit ? pf_command_open_queue(call->app, error) : NULL;
    if (submit && !queue)
        return FALSE;

    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)pf_scan_row_free);
    scan.queue = queue;
    scan.rows = rows;
    gboolean scanned = scan_all(&scan, call->operands, error);
    gboolean goes_on = !scan.is_interrupted && (!scan.failure || scan.failure->domain == PF_FEED_ERROR);
    g_clear_error(&scan.failure);
    if (!given->send || !goes_on)
        return scanned;
    fflush(stdout);
    /* A failure to read is reported, rather than a failure to send after it. */
    return pf_send_run(call->app, queue, (PfSendOptions){0}, scanned ? error : NULL) && scanned;
}

const PfCommand pf_command_scan = {
    .name = "scan",
    .operands = N_("SOURCE…"),
    .least = 1,
    .most = PF_COMMAND_ANY,
    .summary = N_("Read feeds and print their payment links; queue or send them"),
    .description = N_("A source is a feed, a list of feeds (OPML) or a web page that names its feed: a file, '-'\n"
                      "for standard input, or an http(s) URL."),
    .options = options,
    .options_size = sizeof(Options),
    .examples = "  podflattr scan https://example.org/feed.xml\n"
                "  podflattr scan --submit --since 2026-01-01 subscriptions.opml\n",
    .run = run,
    .rings = TRUE,
};
