/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The statement for a terminal. */
#include "base/i18n.h"
#include "base/log.h"
#include "base/text.h"
#include "statement/render.h"

#include <string.h>

/* What of a terminal's line the table takes beside the shows' titles. */
#define OTHER_COLUMNS 67
#define LEAST_TITLE 12

/* Entries of a list that are shown in a terminal; a pipe gets all. */
#define LISTED 10

/* @width: columns, negative for numbers, which stand at the right and are never cut; 0: as it is */
static void
append_cell(GString *text, const char *cell, int width)
{
    g_autofree char *line = pf_log_printable(cell);
    int columns = pf_text_columns(line);
    int wanted = ABS(width);

    if (width > 0 && columns > wanted) {
        line[pf_text_fit(line, wanted - 1)] = '\0';
        columns = pf_text_columns(line) + 1;
        g_string_append_printf(text, "%s…%*s", line, wanted - columns, "");
    } else if (width < 0) {
        g_string_append_printf(text, "%*s%s", MAX(wanted - columns, 0), "", line);
    } else {
        g_string_append_printf(text, "%s%*s", line, MAX(wanted - columns, 0), "");
    }
    g_string_append(text, "  ");
}

static void
append_number(GString *text, gint64 number, int width)
{
    g_autofree char *cell = g_strdup_printf("%" G_GINT64_FORMAT, number);

    append_cell(text, cell, -width);
}

/* Nothing is a dash, so that the amounts are seen. */
static void
append_amount(GString *text, const PfStatement *statement, gint64 minor)
{
    g_autofree char *cell = minor ? pf_money_dup_amount(minor, statement->request.budget.currency) : g_strdup("-");

    append_cell(text, cell, -9);
}

static void
end_line(GString *text)
{
    while (text->len > 0 && text->str[text->len - 1] == ' ')
        g_string_truncate(text, text->len - 1);
    g_string_append_c(text, '\n');
}

static void
append_header(GString *text, const PfStatement *statement)
{
    const PfStatementRequest *request = &statement->request;
    g_autofree char *name = pf_month_dup_name(request->month);
    g_autofree char *budget = pf_money_dup_text(request->budget.minor, request->budget.currency);
    gint64 minutes = pf_statement_minutes(statement->seconds);

    g_autofree char *episodes = g_strdup_printf(
        ngettext("%" PRId64 " episode", "%" PRId64 " episodes", (gulong)statement->episodes), statement->episodes);
    g_autofree char *shows = g_strdup_printf(ngettext("%u show", "%u shows", statement->shows), statement->shows);
    g_string_append_printf(text, _("%s: %s, by %s; %s, %" PRId64 " h %" PRId64 " min, %s\n"), name, budget,
                           _(pf_config_weights[request->weight]), episodes, minutes / 60, minutes % 60, shows);
    if (statement->frozen)
        g_string_append(text, _("A share of it is settled: what came later counts in the next month.\n"));
    else if (!statement->over)
        g_string_append(text, _("The month is not over: shares change with every episode.\n"));
}

/* @width: of the titles' column; 0 for as wide as they are */
static void
append_row(GString *text, const PfStatement *statement, const PfStatementRow *row, int width)
{
    append_number(text, row->number, 3);
    append_cell(text, row->title, width);
    append_number(text, row->episodes, 8);
    append_number(text, pf_statement_minutes(row->seconds), 7);
    append_amount(text, statement, row->share);
    append_amount(text, statement, row->carried);
    append_amount(text, statement, row->due);
    append_cell(text, _(pf_share_state_name(row->state)), 14);
}

static void
append_way(GString *text, const PfStatement *statement, const PfStatementRow *row, const PfStatementWay *way)
{
    g_autofree char *ready = pf_statement_dup_url_with_amount(way->url, row->due, statement->request.budget.currency);

    append_cell(text, way->method, 0);
    append_cell(text, ready ? ready : way->address, 0);
}

/* The most shows have one way or two; the page is said where nothing else is known. */
static void
append_ways(GString *text, const PfStatement *statement, const PfStatementRow *row, gboolean own_lines)
{
    for (guint i = 0; i < row->ways->len; i++) {
        const PfStatementWay *way = row->ways->pdata[i];
        if (i > 0 && (!own_lines || g_str_equal(way->method, "page")))
            break;
        if (own_lines)
            g_string_append(text, "       ");
        append_way(text, statement, row, way);
        if (own_lines)
            end_line(text);
    }
    if (row->ways->len == 0) {
        g_string_append(text, own_lines ? _("       no way to pay is known; its owner is ") : "");
        append_cell(text, !own_lines ? "-" : row->owner ? row->owner : _("not named"), 0);
        if (own_lines)
            end_line(text);
    }
}

static int
title_width(const PfStatement *statement, int width)
{
    int widest = LEAST_TITLE;

    for (guint i = 0; i < statement->rows->len; i++) {
        g_autofree char *line = pf_log_printable(((const PfStatementRow *)statement->rows->pdata[i])->title);
        widest = MAX(widest, pf_text_columns(line));
    }
    return width > 0 ? CLAMP(widest, LEAST_TITLE, MAX(width - OTHER_COLUMNS, LEAST_TITLE)) : widest;
}

static void
append_table(GString *text, const PfStatement *statement, int width)
{
    static const char *const heads[] = {N_("EPISODES"), N_("MINUTES"), N_("SHARE"), N_("CARRIED"), N_("DUE")};
    static const int widths[] = {-8, -7, -9, -9, -9};
    int titles = title_width(statement, width);

    g_string_append_c(text, '\n');
    append_cell(text, "#", -3);
    append_cell(text, _("SHOW"), titles);
    for (gsize i = 0; i < G_N_ELEMENTS(heads); i++)
        append_cell(text, _(heads[i]), widths[i]);
    append_cell(text, _("STATE"), 14);
    if (width == 0)
        g_string_append(text, _("HOW TO PAY"));
    end_line(text);
    for (guint i = 0; i < statement->rows->len; i++) {
        const PfStatementRow *row = statement->rows->pdata[i];
        append_row(text, statement, row, titles);
        if (width == 0)
            append_ways(text, statement, row, FALSE);
        end_line(text);
        if (width > 0 && row->due > 0)
            append_ways(text, statement, row, TRUE);
    }
}

static void
append_totals(GString *text, const PfStatement *statement)
{
    const char *currency = statement->request.budget.currency;
    g_autofree char *shared = pf_money_dup_text(statement->shared, currency);
    g_autofree char *due = pf_money_dup_text(statement->due, currency);
    g_autofree char *paid = pf_money_dup_text(statement->paid, currency);

    g_string_append_printf(text, _("\nShares %s, due now %s, paid %s.\n"), shared, due, paid);
    if (statement->due > 0)
        g_string_append_printf(text, _("Pay what is due and note it: podflattr settle --month %s\n"),
                               statement->request.month);
    if (statement->request.budget.minor == 0)
        g_string_append(text, _("The budget is 0; set it with [report] budget, or --budget 10EUR.\n"));
    if (statement->request.weight == PF_WEIGHT_MINUTES && statement->unknown > 0)
        g_string_append_printf(
            text,
            ngettext("The length of %" PRId64 " episode is not known; counted as long as the others are on average.\n",
                     "The length of %" PRId64 " episodes is not known; counted as long as the others are on average.\n",
                     (gulong)statement->unknown),
            statement->unknown);
}

static void
append_groups(GString *text, const char *title, const GPtrArray *groups, int width)
{
    guint most = width > 0 ? MIN(groups->len, LISTED) : groups->len;

    if (groups->len > 0)
        g_string_append_printf(text, "\n%s:\n", title);
    for (guint i = 0; i < most; i++) {
        const PfStatementGroup *group = groups->pdata[i];
        g_autofree char *reason = pf_statement_dup_reason(group);
        append_number(text, group->episodes, 5);
        append_cell(text, group->show, width > 0 ? MAX(width / 3, LEAST_TITLE) : 0);
        append_cell(text, reason, 0);
        end_line(text);
    }
    if (groups->len > most)
        g_string_append_printf(text, _("       and %u more\n"), groups->len - most);
}

static void
append_files(GString *text, const GPtrArray *files, int width)
{
    guint most = width > 0 ? MIN(files->len, LISTED) : files->len;

    if (files->len > 0)
        g_string_append(text, _("\nFiles without an episode (see 'podflattr queue --state unmatched'):\n"));
    for (guint i = 0; i < most; i++) {
        const PfStatementFile *file = files->pdata[i];
        g_string_append(text, "       ");
        append_cell(text, file->name, width > 0 ? MAX(width - 30, LEAST_TITLE) : 0);
        append_cell(text, file->reason ? file->reason : "", 0);
        end_line(text);
    }
    if (files->len > most)
        g_string_append_printf(text, _("       and %u more\n"), files->len - most);
}

char *
pf_statement_to_text(const PfStatement *statement, int width)
{
    GString *text = g_string_new(NULL);

    append_header(text, statement);
    if (statement->rows->len > 0)
        append_table(text, statement, width);
    else
        g_string_append(text, _("\nNo episode of this month is in the ledger.\n"));
    append_totals(text, statement);
    append_groups(text, _("Waiting"), statement->waiting, width);
    append_groups(text, _("Not shared"), statement->left_out, width);
    append_files(text, statement->files, width);
    return g_string_free(text, FALSE);
}
