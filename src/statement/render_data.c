/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The statement for programs and spreadsheets: JSON and CSV. */
#include "base/clock.h"
#include "base/log.h"
#include "statement/render.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* --- JSON; amounts are decimal texts, which no reader rounds --- */

static json_t *
text_to_json(const char *text)
{
    g_autofree char *valid = text ? g_utf8_make_valid(text, -1) : NULL;

    return valid ? json_string_nocheck(valid) : json_null();
}

static json_t *
amount_to_json(const PfStatement *statement, gint64 minor)
{
    g_autofree char *amount = pf_money_dup_amount(minor, statement->request.budget.currency);

    return json_string(amount);
}

static json_t *
time_to_json(gint64 time)
{
    char text[PF_CLOCK_TEXT_SIZE];

    return time ? json_string(pf_clock_format(time, text)) : json_null();
}

static json_t *
ways_to_json(const GPtrArray *ways)
{
    json_t *list = json_array();

    for (guint i = 0; i < ways->len; i++) {
        const PfStatementWay *way = ways->pdata[i];
        json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:o}", "method", way->method, "payee",
                                              text_to_json(way->payee), "address", text_to_json(way->address), "link",
                                              text_to_json(way->url)));
    }
    return list;
}

static json_t *
settlements_to_json(const PfStatement *statement, const GPtrArray *settlements)
{
    json_t *list = json_array();

    for (guint i = 0; i < settlements->len; i++) {
        const PfSettlement *settlement = settlements->pdata[i];
        json_array_append_new(
            list, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "amount", amount_to_json(statement, settlement->amount),
                            "paid_at", time_to_json(settlement->paid_at), "how", text_to_json(settlement->how), "link",
                            text_to_json(settlement->link), "fee", amount_to_json(statement, settlement->fee),
                            "reference", text_to_json(settlement->reference)));
    }
    return list;
}

static json_t *
row_to_json(const PfStatement *statement, const PfStatementRow *row)
{
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:s, s:o, s:o}", "number",
                     (json_int_t)row->number, "show", text_to_json(row->show), "title", text_to_json(row->title),
                     "feed", text_to_json(row->feed), "page", text_to_json(row->page), "owner",
                     text_to_json(row->owner), "episodes", (json_int_t)row->episodes, "minutes",
                     (json_int_t)pf_statement_minutes(row->seconds), "seconds", (json_int_t)row->seconds, "share",
                     amount_to_json(statement, row->share), "carried", amount_to_json(statement, row->carried), "paid",
                     amount_to_json(statement, row->paid), "due", amount_to_json(statement, row->due), "state",
                     pf_share_state_name(row->state), "ways", ways_to_json(row->ways), "settlements",
                     settlements_to_json(statement, row->settlements));
}

static json_t *
groups_to_json(const GPtrArray *groups)
{
    json_t *list = json_array();

    for (guint i = 0; i < groups->len; i++) {
        const PfStatementGroup *group = groups->pdata[i];
        json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:o, s:I}", "state", group->state, "reason",
                                              text_to_json(group->reason), "show", text_to_json(group->show), "title",
                                              text_to_json(group->title), "episodes", (json_int_t)group->episodes));
    }
    return list;
}

static json_t *
files_to_json(const GPtrArray *files)
{
    json_t *list = json_array();

    for (guint i = 0; i < files->len; i++) {
        const PfStatementFile *file = files->pdata[i];
        json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "file", text_to_json(file->name), "reason",
                                              text_to_json(file->reason), "seen", time_to_json(file->seen)));
    }
    return list;
}

static json_t *
months_to_json(const PfStatement *statement)
{
    json_t *list = json_array();

    for (guint i = 0; i < statement->months->len; i++) {
        const PfStatementMonth *month = &g_array_index(statement->months, PfStatementMonth, i);
        json_array_append_new(list,
                              json_pack("{s:s, s:I, s:o}", "month", month->month, "episodes",
                                        (json_int_t)month->episodes, "paid", amount_to_json(statement, month->paid)));
    }
    return list;
}

static json_t *
days_to_json(const PfStatement *statement)
{
    json_t *list = json_array();

    for (guint day = 0; day < statement->days; day++)
        json_array_append_new(list, json_integer(statement->episodes_by_day[day]));
    return list;
}

static json_t *
statement_to_json(const PfStatement *statement)
{
    const PfStatementRequest *request = &statement->request;
    json_t *rows = json_array();

    for (guint i = 0; i < statement->rows->len; i++)
        json_array_append_new(rows, row_to_json(statement, statement->rows->pdata[i]));
    json_t *object = json_pack(
        "{s:s, s:o, s:o, s:b, s:b, s:o, s:s, s:s, s:o}", "month", request->month, "from", time_to_json(statement->from),
        "to", time_to_json(statement->to), "over", statement->over, "frozen", statement->frozen, "budget",
        amount_to_json(statement, request->budget.minor), "currency", request->budget.currency, "weight",
        pf_config_weights[request->weight], "minimum", amount_to_json(statement, request->minimum));
    json_t *sums = json_pack(
        "{s:I, s:I, s:o, s:o, s:o}", "episodes", (json_int_t)statement->episodes, "minutes",
        (json_int_t)pf_statement_minutes(statement->seconds), "shared", amount_to_json(statement, statement->shared),
        "due", amount_to_json(statement, statement->due), "paid", amount_to_json(statement, statement->paid));
    json_object_update_new(object, sums);
    json_object_set_new(object, "shows", rows);
    json_object_set_new(object, "waiting", groups_to_json(statement->waiting));
    json_object_set_new(object, "left_out", groups_to_json(statement->left_out));
    json_object_set_new(object, "unmatched", files_to_json(statement->files));
    json_object_set_new(object, "days", days_to_json(statement));
    json_object_set_new(object, "months", months_to_json(statement));
    return object;
}

char *
pf_statement_to_json(const PfStatement *statement)
{
    json_t *object = statement_to_json(statement);
    char *text = json_dumps(object, JSON_COMPACT);
    g_autofree char *line = pf_log_json_printable(text);

    json_decref(object);
    free(text);
    return g_strconcat(line, "\n", NULL);
}

/* --- CSV --- */

void
pf_csv_append(GString *csv, const char *text, const char *after)
{
    g_autofree char *line = pf_log_printable(text ? text : "");
    gboolean is_formula = *line && strchr("=+-@", *line) != NULL;
    /* A number is none. */
    if (is_formula && *line == '-' && line[1] && !line[strspn(line + 1, "0123456789.") + 1])
        is_formula = FALSE;
    gboolean quoted = strpbrk(line, ",\"\r\n") != NULL;

    if (quoted)
        g_string_append_c(csv, '"');
    if (is_formula)
        g_string_append_c(csv, '\'');
    for (const char *at = line; *at; at++) {
        if (*at == '"')
            g_string_append_c(csv, '"');
        g_string_append_c(csv, *at);
    }
    if (quoted)
        g_string_append_c(csv, '"');
    g_string_append(csv, after);
}

static void
append_number(GString *csv, gint64 number)
{
    g_string_append_printf(csv, "%" G_GINT64_FORMAT ",", number);
}

static void
append_amount(GString *csv, const PfStatement *statement, gint64 minor)
{
    g_autofree char *amount = pf_money_dup_amount(minor, statement->request.budget.currency);

    pf_csv_append(csv, amount, ",");
}

/* When it was paid last, what that cost, and what the payments are called there. */
static void
append_payments(GString *csv, const PfStatement *statement, const PfStatementRow *row)
{
    g_autoptr(GString) references = g_string_new(NULL);
    char date[PF_CLOCK_TEXT_SIZE] = "";
    gint64 last = 0;
    gint64 fee = 0;

    for (guint i = 0; i < row->settlements->len; i++) {
        const PfSettlement *settlement = row->settlements->pdata[i];
        last = MAX(last, settlement->paid_at);
        fee += settlement->fee;
        if (settlement->reference)
            g_string_append_printf(references, "%s%s", references->len ? " " : "", settlement->reference);
    }
    pf_csv_append(csv, last ? pf_clock_format(last, date) : NULL, ",");
    if (row->settlements->len > 0)
        append_amount(csv, statement, fee);
    else
        pf_csv_append(csv, NULL, ",");
    pf_csv_append(csv, references->str, "\r\n");
}

static void
append_row(GString *csv, const PfStatement *statement, const PfStatementRow *row)
{
    const char *currency = statement->request.budget.currency;
    const PfStatementWay *way = row->ways->len > 0 ? row->ways->pdata[0] : NULL;
    g_autofree char *ready = way ? pf_statement_dup_url_with_amount(way->url, row->due, currency) : NULL;

    pf_csv_append(csv, statement->request.month, ",");
    pf_csv_append(csv, row->title, ",");
    append_number(csv, row->episodes);
    append_number(csv, pf_statement_minutes(row->seconds));
    append_amount(csv, statement, row->share);
    pf_csv_append(csv, currency, ",");
    append_amount(csv, statement, row->carried);
    append_amount(csv, statement, row->due);
    pf_csv_append(csv, way ? way->method : NULL, ",");
    pf_csv_append(csv, way && way->payee ? way->payee : row->owner, ",");
    pf_csv_append(csv, ready ? ready : way ? way->address : NULL, ",");
    pf_csv_append(csv, pf_share_state_name(row->state), ",");
    append_payments(csv, statement, row);
}

char *
pf_statement_to_csv(const PfStatement *statement)
{
    GString *csv = g_string_new("month,show,episodes,minutes,share,currency,carried,due,method,payee,link,state,"
                                "paid_at,fee,reference\r\n");

    for (guint i = 0; i < statement->rows->len; i++)
        append_row(csv, statement, statement->rows->pdata[i]);
    return g_string_free(csv, FALSE);
}
