/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The statement for a terminal. */
#include "base/i18n.h"
#include "base/log.h"
#include "base/text.h"
#include "statement/render.h"

#include <string.h>

#define LEAST_TITLE 8
#define STATE_WIDTH 16

/* The columns of numbers in the table, and the narrowest terminal in which each is shown. */
static const struct {
    const char *heading;
    int width, from;
} number_columns[] = {
    {N_("EPISODES"), 8, 60}, {N_("MINUTES"), 7, 100}, {N_("SHARE"), 9, 80}, {N_("CARRIED"), 9, 100}, {N_("DUE"), 9, 0}};

static gboolean
is_column_shown(gsize column, int terminal)
{
    return terminal == 0 || terminal >= number_columns[column].from;
}

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
static char *
dup_amount(const PfStatement *statement, gint64 minor)
{
    return minor ? pf_money_dup_number(minor, statement->request.budget.currency) : g_strdup("-");
}

static void
end_line(GString *text)
{
    while (text->len > 0 && text->str[text->len - 1] == ' ')
        g_string_truncate(text, text->len - 1);
    g_string_append_c(text, '\n');
}

/* Appends lines of which each is broken where the terminal ends. */
static void
append_lines(GString *text, const GString *lines, int width)
{
    g_auto(GStrv) each = g_strsplit(lines->str, "\n", -1);

    for (char **line = each; *line; line++) {
        pf_text_append_wrapped(text, *line, width);
        if (line[1])
            g_string_append_c(text, '\n');
    }
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
        g_string_append(text, _("Its shares are fixed: later episodes count in the next month.\n"));
    else if (!statement->over)
        g_string_append(text, _("The month is not over: shares change with every episode.\n"));
}

/* @titles: how wide their column is; 0 for as wide as they are. @terminal: 0 for none */
static void
append_row(GString *text, const PfStatement *statement, const PfStatementRow *row, int titles, int terminal)
{
    g_autofree char *episodes = g_strdup_printf("%" G_GINT64_FORMAT, row->episodes);
    g_autofree char *minutes = g_strdup_printf("%" G_GINT64_FORMAT, pf_statement_minutes(row->seconds));
    g_autofree char *share = dup_amount(statement, row->share);
    g_autofree char *carried = dup_amount(statement, row->carried);
    g_autofree char *due = dup_amount(statement, row->due);
    const char *const cells[G_N_ELEMENTS(number_columns)] = {episodes, minutes, share, carried, due};

    append_number(text, row->number, 3);
    append_cell(text, row->title, titles);
    for (gsize i = 0; i < G_N_ELEMENTS(number_columns); i++)
        if (is_column_shown(i, terminal))
            append_cell(text, cells[i], -number_columns[i].width);
    append_cell(text, _(pf_share_state_name(row->state)), STATE_WIDTH);
}

static void
append_way(GString *text, const PfStatement *statement, const PfStatementRow *row, const PfStatementWay *way)
{
    g_autofree char *ready = pf_statement_dup_url_with_amount(way->url, row->due, statement->request.budget.currency);

    append_cell(text, _(way->method), 0);
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
title_width(const PfStatement *statement, int terminal)
{
    int widest = LEAST_TITLE, others = 3 + 2 + 2 + STATE_WIDTH; /* with the gaps; none is behind the last column */

    for (gsize i = 0; i < G_N_ELEMENTS(number_columns); i++)
        others += is_column_shown(i, terminal) ? number_columns[i].width + 2 : 0;
    for (guint i = 0; i < statement->rows->len; i++) {
        g_autofree char *line = pf_log_printable(((const PfStatementRow *)statement->rows->pdata[i])->title);
        widest = MAX(widest, pf_text_columns(line));
    }
    return terminal > 0 ? CLAMP(widest, LEAST_TITLE, MAX(terminal - others, LEAST_TITLE)) : widest;
}

static void
append_table(GString *text, const PfStatement *statement, int width)
{
    int titles = title_width(statement, width);

    g_string_append_c(text, '\n');
    append_cell(text, "#", -3);
    append_cell(text, _("SHOW"), titles);
    for (gsize i = 0; i < G_N_ELEMENTS(number_columns); i++)
        if (is_column_shown(i, width))
            append_cell(text, _(number_columns[i].heading), -number_columns[i].width);
    append_cell(text, _("STATE"), STATE_WIDTH);
    if (width == 0)
        g_string_append(text, _("HOW TO PAY"));
    end_line(text);
    for (guint i = 0; i < statement->rows->len; i++) {
        const PfStatementRow *row = statement->rows->pdata[i];
        append_row(text, statement, row, titles, width);
        if (width == 0)
            append_ways(text, statement, row, FALSE);
        end_line(text);
        if (width > 0 && row->due > 0) {
            g_autoptr(GString) ways = g_string_new(NULL);
            append_ways(ways, statement, row, TRUE);
            append_lines(text, ways, width);
        }
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
        g_string_append_printf(text, _("Pay what is due and record it: podflattr settle --month %s\n"),
                               statement->request.month);
    if (statement->request.budget.minor == 0)
        g_string_append(text, _("The budget is 0; set it with [report] budget, or --budget 10EUR.\n"));
    if (statement->request.weight == PF_WEIGHT_MINUTES && statement->unknown > 0)
        g_string_append_printf(text,
                               ngettext("The length of %" PRId64
                                        " episode is unknown; it counts with the average length of the others.\n",
                                        "The length of %" PRId64
                                        " episodes is unknown; each counts with the average length of the others.\n",
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
    g_autoptr(GString) header = g_string_new(NULL);
    g_autoptr(GString) rest = g_string_new(NULL);

    append_header(header, statement);
    append_totals(rest, statement);
    append_groups(rest, _("Waiting"), statement->waiting, width);
    append_groups(rest, _("Not shared"), statement->left_out, width);
    append_files(rest, statement->files, width);

    if (statement->rows->len == 0)
        g_string_append(header, statement->over
                                    ? _("\nNo episode came in this month.\n")
                                    : _("\nNo episode has come yet this month. Files count from the first start of the "
                                        "service; 'podflattr adopt' adds those from before.\n"));
    append_lines(text, header, width);
    if (statement->rows->len > 0)
        append_table(text, statement, width);
    append_lines(text, rest, width);
    return g_string_free(text, FALSE);
}
