/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands/scan_row.h"

#include "base/clock.h"
#include "commands/output.h"
#include "queue/submit.h"

static const char *const result_names[] = {
    [PF_SCAN_SEEN] = NULL,      [PF_SCAN_QUEUED] = "queued", [PF_SCAN_KNOWN] = "known",
    [PF_SCAN_NO_LINK] = "none", [PF_SCAN_NEVER] = "never",
};

PfScanRow *
pf_scan_row_new_take(PfItem *item, gboolean all)
{
    PfScanRow *row = g_new0(PfScanRow, 1);

    row->item = item;
    row->payments =
        all ? pf_payment_list_of_item(item, &row->is_whole) : pf_payment_list_best_of_item(item, &row->is_whole);
    pf_item_drop_texts(item); /* a thousand rows are kept at once, and the links are found */
    return row;
}

void
pf_scan_row_free(PfScanRow *row)
{
    if (!row)
        return;
    pf_item_free(row->item);
    g_ptr_array_unref(row->payments);
    g_free(row);
}

/* --- submitting --- */

gboolean
pf_scan_row_submit(PfScanRow *row, const PfApp *app, PfQueue *queue, const char *source, const PfFeed *feed,
                   const GPtrArray *channel_payments, GError **error)
{
    const GPtrArray *enclosures = row->item->enclosures;
    const PfSubmission submission = {.source = PF_SOURCE_SCAN,
                                     .feed = source,
                                     .address = feed->address,
                                     .feed_title = feed->title,
                                     .guid = row->item->guid,
                                     .title = row->item->title,
                                     .enclosure =
                                         enclosures->len > 0 ? ((PfEnclosure *)enclosures->pdata[0])->url : NULL,
                                     .published = row->item->has_published ? row->item->published : 0,
                                     .payments = row->payments,
                                     .channel_payments = channel_payments};
    PfSubmitted submitted;

    if (!pf_submit_item(queue, app->config, &submission, pf_clock_now(), &submitted, error))
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

static json_t *
enclosures_to_json(const GPtrArray *enclosures)
{
    json_t *list = json_array();

    for (guint i = 0; i < enclosures->len; i++) {
        const PfEnclosure *enclosure = enclosures->pdata[i];
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

void
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
    json_object_set_new(object, "enclosures", enclosures_to_json(item->enclosures));
    json_object_set_new(object, "payments", payments_to_json(row->payments));
    json_object_set_new(object, "channel_payments", payments_to_json(channel_payments));
    /* An item's own stand in place of the channel's. */
    json_object_set_new(object, "funding", funding_to_json(item->funding->len > 0 ? item->funding : feed->funding));
    json_object_set_new(object, "value", values_to_json(item->values->len > 0 ? item->values : feed->values));
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

void
pf_scan_row_print(const PfScanRow *row, const GPtrArray *channel_payments, gboolean submitted)
{
    const PfPayment *payment;
    const char *kind = describe_payment(row, channel_payments, &payment);
    char date[PF_CLOCK_TEXT_SIZE] = "-";

    if (row->item->has_published)
        pf_clock_format(row->item->published, date);
    /* The day alone. */
    date[MIN(sizeof "2014-06-03" - 1, sizeof date - 1)] = '\0';
    pf_output_cell(date, 10);
    pf_output_cell(row->item->title, 32);
    if (submitted)
        pf_output_cell(result_names[row->result], 6);
    pf_output_cell(kind, 12);
    pf_output_cell(payment ? (payment->key ? payment->key : payment->url) : NULL, 0);
}
