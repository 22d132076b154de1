/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr report: a month's statement. */
#include "commands/report.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/i18n.h"
#include "base/limits.h"
#include "commands/output.h"
#include "login/authorize.h"
#include "statement/load.h"
#include "statement/render.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    char *month;
    char *budget;
    char *output;
    gboolean open;
} Options;

static const PfCommandOption options[] = {
    {"month", G_OPTION_ARG_STRING, offsetof(Options, month), N_("The month, as 2026-01, or last (default: this one)"),
     N_("MONTH"), 0, 0},
    {"budget", G_OPTION_ARG_STRING, offsetof(Options, budget),
     N_("The amount to split, as 10EUR (default: [report] budget)"), N_("AMOUNT"), 0, 0},
    {"format", G_OPTION_ARG_STRING, 0, N_("Output format: text (default), html, json or csv"), N_("FORMAT"), 0, 0},
    {"output", G_OPTION_ARG_FILENAME, offsetof(Options, output), N_("Write to FILE, whose extension sets the format"),
     N_("FILE"), 0, 'o'},
    {"open", G_OPTION_ARG_NONE, offsetof(Options, open), N_("Write the page and open it in your browser"), NULL, 0, 0},
    {0},
};

static const struct {
    const char *name, *ending;
    char *(*write)(const PfStatement *statement);
} formats[] = {
    {"text", ".txt", NULL},
    {"html", ".html", pf_statement_to_html},
    {"json", ".json", pf_statement_to_json},
    {"csv", ".csv", pf_statement_to_csv},
};

/* The format that a file's ending says; no ending is text. Returns: (nullable) (transfer none): NULL when it says
 * another. */
static const char *
find_format(const char *output)
{
    g_autofree char *name = g_path_get_basename(output);
    g_autofree char *small = g_ascii_strdown(name, -1);

    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++)
        if (g_str_has_suffix(small, formats[i].ending))
            return formats[i].name;
    return strchr(small, '.') ? NULL : formats[0].name;
}

static char *
write_statement(const PfStatement *statement, const char *format, gboolean is_file)
{
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++)
        if (format && formats[i].write && g_str_equal(format, formats[i].name))
            return formats[i].write(statement);
    return pf_statement_to_text(statement, is_file ? 0 : pf_output_get_width());
}

gboolean
pf_report_read_request(const PfApp *app, const char *month, const char *budget, PfStatementRequest *request,
                       GError **error)
{
    PfMoney money;
    char last[PF_MONTH_SIZE];

    if (g_strcmp0(month, "last") == 0)
        month = pf_month_before(pf_clock_now(), last);
    if (month && !pf_month_is_valid(month))
        return pf_command_refuse(error, _("invalid --month '%s': use a year and a month, such as 2026-01, or last"),
                                 month);
    if (budget && !pf_money_parse(budget, &money))
        return pf_command_refuse(
            error, _("invalid --budget '%s': use an amount with its currency, such as 10EUR, 7.50USD or 5000sat"),
            budget);
    pf_statement_request_init(request, app->config, month, budget ? &money : NULL, pf_clock_now());
    return TRUE;
}

PfFeedStore *
pf_report_open_feeds(const PfApp *app)
{
    g_autoptr(GError) failure = NULL;
    PfFeedStore *feeds = pf_feed_store_open_existing(app->state_dir, PF_BUSY_COMMAND_MS, &failure);

    if (failure)
        g_warning(_("%s (ways to pay are not shown)"), failure->message);
    return feeds;
}

/* Where a page is kept that is only to be looked at. Not beneath a hidden folder where there is another: browsers from
 * a snap read none. */
static char *
dup_page_path(const PfApp *app, const char *month)
{
    const char *documents = g_get_user_special_dir(G_USER_DIRECTORY_DOCUMENTS);
    g_autofree char *name = g_strdup_printf("podflattr-%s.html", month);

    return g_build_filename(documents && g_file_test(documents, G_FILE_TEST_IS_DIR) ? documents : app->state_dir, name,
                            NULL);
}

static gboolean
open_page(const char *path, GError **error)
{
    g_autofree char *whole = g_canonicalize_filename(path, NULL);
    g_autofree char *address = g_filename_to_uri(whole, NULL, error);

    if (!address)
        return FALSE;
    if (!pf_browser_open(address))
        g_message(_("no browser found (xdg-open); the page is %s"), whole);
    return TRUE;
}

static gboolean
run(const PfCommandCall *call, GError **error)
{
    const Options *given = call->options;
    PfStatementRequest request;
    const char *format = given->open ? "html" : call->format;

    if (given->open && call->format && !g_str_equal(call->format, "html"))
        return pf_command_refuse(error, _("--open cannot be used with --format=%s: a browser shows the page (html)"),
                                 call->format);
    if (!format && given->output && !(format = find_format(given->output)))
        return pf_command_refuse(
            error, _("cannot tell the format from the name '%s': use --format, or .txt, .html, .json or .csv"),
            given->output);
    if (!pf_report_read_request(call->app, given->month, given->budget, &request, error))
        return FALSE;
    g_autoptr(PfWork) work = pf_work_begin(_("reading the queue"));
    g_autoptr(PfQueue) queue = pf_command_open_queue_to_read(call->app, error);
    g_autoptr(PfFeedStore) feeds = queue ? pf_report_open_feeds(call->app) : NULL;
    g_autoptr(PfStatement) statement =
        queue ? pf_statement_load(queue, feeds, call->app->config, &request, error) : NULL;
    if (!statement)
        return FALSE;
    g_autofree char *output =
        given->output || !given->open ? g_strdup(given->output) : dup_page_path(call->app, request.month);
    g_autofree char *text = write_statement(statement, format, output != NULL);
    g_clear_pointer(&work, pf_work_end);
    if (!output)
        fputs(text, stdout);
    else if (!pf_private_file_write(output, text, error))
        return FALSE;
    return !given->open || open_page(output, error);
}

const PfCommand pf_command_report = {
    .name = "report",
    .summary = N_("Show a month's report: whom to pay, how much and how"),
    .description =
        N_("Splits the budget of [report] among the shows of a month. A share below the minimum is carried over\n"
           "until it is large enough to pay. 'podflattr settle' records what was paid."),
    .examples = "  podflattr report\n"
                "  podflattr report --month last --output thanks.html\n"
                "  podflattr report --open\n",
    .options = options,
    .options_size = sizeof(Options),
    .formats = "text html json csv",
    .run = run,
};
