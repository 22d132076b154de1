/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The statement as a web page, for looking at, printing and keeping. It needs no script and asks nobody for anything:
 * its style stands in it, named by its hash in the page's own policy, and its charts and QR codes are inline SVG.
 */
#include "base/i18n.h"
#include "base/log.h"
#include "statement/render.h"

#include <qrencode.h>
#include <string.h>

/* Bars that are shown; the other shows are in the table. */
#define BARS 15

/* How many due shares get a QR code: with more, a page would be megabytes, and nobody scans so many. */
#define CODES 300

/* Colours have a contrast of at least 4.5 to 1 as text, in both schemes. */
static const char style[] =
    ":root{--back:#faf9f6;--card:#fff;--ink:#1c1e22;--soft:#565b66;--line:#dcd9d2;--mark:#0b6b4d;--fill:#0f8660;"
    "--track:#e6e3dc;--due:#8a3b00;--link:#0a58a6;color-scheme:light dark}"
    "@media (prefers-color-scheme:dark){:root{--back:#14161a;--card:#1c1f25;--ink:#ecebe7;--soft:#b0b4bd;"
    "--line:#343943;--mark:#6fd6ae;--fill:#4fbf94;--track:#2b2f38;--due:#ffb37a;--link:#8ac4ff}}"
    "*{box-sizing:border-box}html{-webkit-text-size-adjust:100%;text-size-adjust:100%}"
    "body{margin:0;background:var(--back);color:var(--ink);font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,"
    "'Noto Sans',sans-serif;overflow-wrap:anywhere}"
    "header,main,footer{max-width:64rem;margin:0 auto;padding:0 1.25rem}header{padding-top:2.5rem}"
    "footer{padding-bottom:2.5rem;color:var(--soft);font-size:.9rem}"
    "h1{font-size:2rem;line-height:1.2;margin:0 0 .25rem}h2{font-size:1.3rem;line-height:1.3;margin:2.5rem 0 .75rem}"
    "h3{font-size:1.05rem;line-height:1.3;margin:0}p{margin:.4rem 0}a{color:var(--link)}"
    "a:focus-visible,.scroll:focus-visible{outline:3px solid var(--link);outline-offset:2px}"
    ".skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem;background:var(--card);padding:.5rem 1rem}"
    ".soft{color:var(--soft)}.note{color:var(--soft);margin:0}"
    ".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.75rem;margin:1.5rem 0 0}"
    ".tiles div{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:.8rem 1rem}"
    ".tiles dt{color:var(--soft);font-size:.9rem}"
    ".tiles dd{margin:0;font-size:1.2rem;font-weight:650;white-space:nowrap;font-variant-numeric:tabular-nums}"
    ".cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(21rem,100%),1fr));gap:.75rem;padding:0;"
    "margin:0;list-style:none}.cards li{display:flex;gap:1rem;justify-content:space-between;background:var(--card);"
    "border:1px solid var(--line);border-radius:.75rem;padding:1rem;break-inside:avoid}"
    ".cards .sum{font-size:1.35rem;font-weight:650;color:var(--mark);margin:.1rem 0}"
    ".cards ul{list-style:none;margin:.4rem 0 0;padding:0;display:block}"
    ".cards ul li{display:block;border:0;padding:0;background:none;margin:0 0 .25rem}"
    ".code{flex:none;width:6.5rem;height:6.5rem;border-radius:.4rem}.bars{list-style:none;margin:0;padding:0}"
    ".bars li{margin:0 0 .6rem;break-inside:avoid}"
    ".bars p{display:flex;justify-content:space-between;gap:1rem;margin:0}"
    ".bars p span+span{white-space:nowrap;font-variant-numeric:tabular-nums}"
    ".bar{display:block;width:100%;height:.7rem}.track{fill:var(--track)}.fill{fill:var(--fill)}figure{margin:0}"
    "figure svg{display:block;width:100%}figcaption{color:var(--soft);font-size:.9rem}"
    "svg text{fill:var(--soft);font-size:12px;text-anchor:middle}.axis{stroke:var(--line)}"
    ".scroll{overflow-x:auto;border:1px solid var(--line);border-radius:.75rem;background:var(--card)}"
    "table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}"
    "caption{text-align:left;padding:.75rem 1rem 0;color:var(--soft);font-size:.9rem}"
    "th,td{text-align:left;vertical-align:top;padding:.5rem .6rem;border-bottom:1px solid var(--line)}"
    "tbody tr:last-child>*{border-bottom:0}thead th{color:var(--soft);font-size:.85rem;white-space:nowrap}"
    "th[scope=row]{font-weight:600;min-width:9rem}.n{text-align:right;white-space:nowrap}.s{white-space:nowrap}"
    ".ways{min-width:9rem}.due{color:var(--due);font-weight:600}.paid{color:var(--mark);font-weight:600}"
    ".list{padding-left:1.2rem;margin:0}@media print{@page{size:A4;margin:14mm}"
    ":root{--back:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--mark:#000;--fill:#555;--track:#e4e4e4;"
    "--due:#000;--link:#000;color-scheme:light}body{font-size:10pt}header,main,footer{max-width:none;padding:0}"
    ".skip{display:none}.scroll{overflow:visible;border:0}h2{break-after:avoid;margin-top:1.5rem}"
    "tr,figure{break-inside:avoid}th,td{padding:.25rem .4rem}th[scope=row],.ways{min-width:0}"
    ".code,.fill,.track{print-color-adjust:exact;-webkit-print-color-adjust:exact}}";

/* --- pieces --- */

/* Text of a feed's making, with its direction kept to itself. */
static void
append_text(GString *html, const char *text)
{
    g_autofree char *line = pf_log_printable(text);
    g_autofree char *escaped = g_markup_escape_text(line, -1);

    g_string_append_printf(html, "<bdi>%s</bdi>", escaped);
}

static void
append_attribute(GString *html, const char *name, const char *value)
{
    g_autofree char *line = pf_log_printable(value);
    g_autofree char *escaped = g_markup_escape_text(line, -1);

    g_string_append_printf(html, " %s=\"%s\"", name, escaped);
}

/* @url: what pf_statement_dup_url() allows; NULL makes it plain text */
static void
append_link(GString *html, const char *url, const char *text)
{
    if (!url) {
        append_text(html, text);
        return;
    }
    g_string_append(html, "<a rel=\"noreferrer noopener\"");
    append_attribute(html, "href", url);
    g_string_append_c(html, '>');
    append_text(html, text);
    g_string_append(html, "</a>");
}

static char *
dup_amount(const PfStatement *statement, gint64 minor)
{
    return pf_money_dup_text(minor, statement->request.budget.currency);
}

static void
append_tile(GString *html, const char *name, const char *value)
{
    g_string_append_printf(html, "<div><dt>%s</dt><dd>%s</dd></div>", name, value);
}

static void
append_count_tile(GString *html, const char *name, gint64 count)
{
    g_autofree char *value = g_strdup_printf("%" G_GINT64_FORMAT, count);

    append_tile(html, name, value);
}

static void
append_amount_tile(GString *html, const PfStatement *statement, const char *name, gint64 minor)
{
    g_autofree char *value = dup_amount(statement, minor);

    append_tile(html, name, value);
}

/* --- QR codes --- */

/* The dark modules as one path, run by run; dark on white in both schemes, since that is what cameras read. */
static void
append_code(GString *html, const char *address, const char *title)
{
    QRcode *code = QRcode_encodeString8bit(address, 0, QR_ECLEVEL_M);

    if (!code)
        return; /* longer than any code holds; the link stands beside it */
    int size = code->width + 8;
    g_string_append_printf(
        html, "<svg class=\"code\" viewBox=\"0 0 %d %d\" role=\"img\" shape-rendering=\"crispEdges\"", size, size);
    g_autofree char *label = g_strdup_printf(_("QR code to pay %s"), title);
    append_attribute(html, "aria-label", label);
    g_string_append_printf(html, "><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path fill=\"#000\" d=\"", size, size);
    for (int y = 0; y < code->width; y++) {
        const unsigned char *row = code->data + (gsize)y * (gsize)code->width;
        for (int x = 0, end; x < code->width; x = end + 1) {
            for (end = x; end < code->width && row[end] & 1; end++)
                ;
            if (end > x)
                g_string_append_printf(html, "M%d %dh%dv1H%dz", x + 4, y + 4, end - x, x + 4);
        }
    }
    g_string_append(html, "\"/></svg>");
    QRcode_free(code);
}

/* --- what is due --- */

static void
append_way(GString *html, const PfStatement *statement, const PfStatementRow *row, const PfStatementWay *way)
{
    static const struct {
        const char *method, *name;
    } names[] = {{"link", N_("Your link")},
                 {"lightning", N_("Lightning")},
                 {"funding", N_("Funding")},
                 {"payment", N_("Payment")},
                 {"page", N_("Page")}};
    g_autofree char *ready = pf_statement_dup_url_with_amount(way->url, row->due, statement->request.budget.currency);

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_str_equal(names[i].method, way->method))
            g_string_append_printf(html, "<span class=\"soft\">%s:</span> ", _(names[i].name));
    append_link(html, ready ? ready : way->url, way->payee ? way->payee : way->address);
    /* Whoever prints it, or is told a name by the feed, sees where it leads. */
    if (way->payee && !g_str_equal(way->payee, way->address)) {
        g_string_append(html, " <span class=\"soft\">");
        append_text(html, way->address);
        g_string_append(html, "</span>");
    }
}

static void
append_due(GString *html, const PfStatement *statement, const PfStatementRow *row, gboolean with_code)
{
    const PfStatementWay *best = row->ways->len > 0 ? row->ways->pdata[0] : NULL;
    g_autofree char *sum = dup_amount(statement, row->due);

    g_string_append(html, "<li><div><h3>");
    append_text(html, row->title);
    g_string_append_printf(html, "</h3><p class=\"sum\">%s</p>", sum);
    if (row->carried > 0) {
        g_autofree char *carried = dup_amount(statement, row->carried);
        g_string_append(html, "<p class=\"note\">");
        g_string_append_printf(html, _("%s of it from earlier months"), carried);
        g_string_append(html, "</p>");
    }
    if (!best) {
        g_autofree char *text = row->owner ? g_strdup_printf(_("No way to pay is known; made by %s."), row->owner)
                                           : g_strdup(_("No way to pay is known."));
        g_string_append(html, "<p class=\"note\">");
        append_text(html, text);
        g_string_append(html, "</p>");
    } else {
        g_string_append(html, "<ul>");
        for (guint i = 0; i < row->ways->len; i++) {
            g_string_append(html, "<li>");
            append_way(html, statement, row, row->ways->pdata[i]);
            g_string_append(html, "</li>");
        }
        g_string_append(html, "</ul>");
    }
    g_string_append(html, "</div>");
    if (best && best->url && with_code) {
        g_autofree char *ready =
            pf_statement_dup_url_with_amount(best->url, row->due, statement->request.budget.currency);
        append_code(html, ready ? ready : best->url, row->title);
    }
    g_string_append(html, "</li>");
}

static void
append_dues(GString *html, const PfStatement *statement)
{
    guint count = 0;

    g_string_append_printf(html, "<section aria-labelledby=\"due\"><h2 id=\"due\">%s</h2>", _("Due now"));
    if (statement->due == 0) {
        g_string_append_printf(html, "<p class=\"soft\">%s</p></section>", _("Nothing is due now."));
        return;
    }
    g_string_append(html, "<ul class=\"cards\">");
    for (guint i = 0; i < statement->rows->len; i++) {
        const PfStatementRow *row = statement->rows->pdata[i];
        if (row->due > 0)
            append_due(html, statement, row, count++ < CODES);
    }
    g_autofree char *command = g_strdup_printf("<code>podflattr settle --month %s</code>", statement->request.month);
    g_string_append(html, "</ul><p class=\"soft\">");
    g_string_append_printf(html, _("Record what you have paid with %s."), command);
    g_string_append(html, "</p></section>");
}

/* --- charts: sizes in per cent, so that letters keep their size on a narrow screen --- */

static void
append_bars(GString *html, const PfStatement *statement)
{
    gint64 most = 0;
    guint shown = 0;

    for (guint i = 0; i < statement->rows->len; i++)
        most = MAX(most, ((const PfStatementRow *)statement->rows->pdata[i])->share);
    if (most == 0)
        return;
    g_string_append_printf(html, "<section aria-labelledby=\"shares\"><h2 id=\"shares\">%s</h2><ul class=\"bars\">",
                           _("Shares"));
    for (guint i = 0; i < statement->rows->len && shown < BARS; i++) {
        const PfStatementRow *row = statement->rows->pdata[i];
        if (row->share <= 0)
            continue;
        g_autofree char *sum = dup_amount(statement, row->share);
        g_string_append(html, "<li><p><span>");
        append_text(html, row->title);
        g_string_append_printf(
            html,
            "</span><span>%s</span></p><svg class=\"bar\" aria-hidden=\"true\"><rect class=\"track\" "
            "width=\"100%%\" height=\"100%%\" rx=\"5\"/><rect class=\"fill\" width=\"%.2f%%\" "
            "height=\"100%%\" rx=\"5\"/></svg></li>",
            sum, 100.0 * (double)row->share / (double)most);
        shown++;
    }
    g_string_append(html, "</ul></section>");
}

#define CHART_HEIGHT 150
#define CHART_BASE 126 /* where columns stand */
#define CHART_TOP 18   /* room for the number above the highest */

/* A chart of columns. */
typedef struct {
    GString *html;
    guint count; /* of its columns */
    gint64 most; /* the highest one's value */
} Chart;

/* A column of a chart. @caption: what stands beneath it; NULL for nothing */
static void
append_column(const Chart *chart, guint index, gint64 value, const char *caption)
{
    GString *html = chart->html;
    double room = 100.0 / chart->count;
    double height = chart->most > 0 ? (double)(CHART_BASE - CHART_TOP) * (double)value / (double)chart->most : 0;

    if (value > 0) {
        g_string_append_printf(
            html, "<rect class=\"fill\" x=\"%.2f%%\" y=\"%.1f\" width=\"%.2f%%\" height=\"%.1f\" rx=\"2\"/>",
            room * index + room * 0.15, CHART_BASE - height, room * 0.7, height);
        if (chart->count <= 12 || value == chart->most)
            g_string_append_printf(html, "<text x=\"%.2f%%\" y=\"%.1f\">%" G_GINT64_FORMAT "</text>",
                                   room * (index + 0.5), CHART_BASE - height - 5, value);
    }
    if (caption)
        g_string_append_printf(html, "<text x=\"%.2f%%\" y=\"%d\">%s</text>", room * (index + 0.5), CHART_BASE + 17,
                               caption);
}

static void
begin_chart(GString *html, const char *label)
{
    g_string_append_printf(html, "<figure><svg role=\"img\" height=\"%d\"", CHART_HEIGHT);
    append_attribute(html, "aria-label", label);
    g_string_append_printf(html, "><line class=\"axis\" x1=\"0\" x2=\"100%%\" y1=\"%d\" y2=\"%d\"/>", CHART_BASE,
                           CHART_BASE);
}

static void
append_days(GString *html, const PfStatement *statement)
{
    g_autoptr(GString) label = g_string_new(_("Episodes by day:"));
    gint64 most = 0;

    for (guint day = 0; day < statement->days; day++) {
        gint64 episodes = statement->episodes_by_day[day];
        most = MAX(most, episodes);
        if (episodes > 0)
            g_string_append_printf(label, _(" %" PRId64 " on day %u,"), episodes, day + 1);
    }
    if (most == 0)
        return;
    g_string_truncate(label, label->len - 1);
    g_string_append_printf(html, "<section aria-labelledby=\"days\"><h2 id=\"days\">%s</h2>", _("Episodes by day"));
    begin_chart(html, label->str);
    const Chart chart = {html, statement->days, most};
    for (guint day = 0; day < statement->days; day++) {
        g_autofree char *caption = day == 0 || day % 5 == 4 ? g_strdup_printf("%u", day + 1) : NULL;
        append_column(&chart, day, statement->episodes_by_day[day], caption);
    }
    g_string_append(html, "</svg></figure></section>");
}

static void
append_months(GString *html, const PfStatement *statement)
{
    g_autoptr(GString) label = g_string_new(_("Episodes by month:"));
    gint64 most = 0;
    guint count = statement->months->len;

    for (guint i = 0; i < count; i++) {
        const PfStatementMonth *month = &g_array_index(statement->months, PfStatementMonth, i);
        g_autofree char *paid = dup_amount(statement, month->paid);
        most = MAX(most, month->episodes);
        g_string_append_printf(label, _("%s %" PRId64 " in %s, %s paid"), i > 0 ? ";" : "", month->episodes,
                               month->month, paid);
    }
    if (count < 2 || most == 0)
        return;
    g_string_append_printf(html, "<section aria-labelledby=\"months\"><h2 id=\"months\">%s</h2>", _("Months in a row"));
    begin_chart(html, label->str);
    const Chart chart = {html, count, most};
    for (guint i = 0; i < count; i++) {
        const PfStatementMonth *month = &g_array_index(statement->months, PfStatementMonth, i);
        g_autofree char *name = pf_month_dup_name(month->month);
        *g_utf8_offset_to_pointer(name, 3) = '\0';
        append_column(&chart, i, month->episodes, name);
    }
    g_string_append_printf(html, "</svg><figcaption>%s</figcaption></figure></section>", _("Episodes"));
}

/* --- the table and the lists --- */

static const char *
state_text(PfShareState state)
{
    static const char *const texts[PF_SHARE_STATES] = {
        [PF_SHARE_NOTHING] = N_("no share"), [PF_SHARE_CARRIED] = N_("carried over"),
        [PF_SHARE_DUE] = N_("due"),          [PF_SHARE_PART_PAID] = N_("partly paid"),
        [PF_SHARE_PAID] = N_("paid"),        [PF_SHARE_ELSEWHERE] = N_("paid elsewhere"),
    };

    return _(texts[state]);
}

static void
append_amount_cell(GString *html, const PfStatement *statement, gint64 minor)
{
    g_autofree char *amount = pf_money_dup_number(minor, statement->request.budget.currency);

    g_string_append_printf(html, "<td class=\"n\">%s</td>", minor ? amount : "–");
}

static void
append_row(GString *html, const PfStatement *statement, const PfStatementRow *row)
{
    const char *mark = row->due > 0 ? " due" : row->state == PF_SHARE_PAID ? " paid" : "";

    g_string_append_printf(html, "<tr><td class=\"n\">%u</td><th scope=\"row\">", row->number);
    append_link(html, row->page, row->title);
    if (row->owner && g_strcmp0(row->owner, row->title) != 0) {
        g_string_append(html, "<br><span class=\"soft\">");
        append_text(html, row->owner);
        g_string_append(html, "</span>");
    }
    g_string_append_printf(html,
                           "</th><td class=\"n\">%" G_GINT64_FORMAT "</td><td class=\"n\">%" G_GINT64_FORMAT "</td>",
                           row->episodes, pf_statement_minutes(row->seconds));
    append_amount_cell(html, statement, row->share);
    append_amount_cell(html, statement, row->carried);
    append_amount_cell(html, statement, row->paid);
    append_amount_cell(html, statement, row->due);
    g_string_append_printf(html, "<td class=\"s%s\">%s</td><td class=\"ways\">", mark, state_text(row->state));
    if (row->ways->len > 0)
        append_way(html, statement, row, row->ways->pdata[0]);
    else
        g_string_append(html, _("none known"));
    g_string_append(html, "</td></tr>");
}

static void
append_table(GString *html, const PfStatement *statement)
{
    const struct {
        const char *text;
        gboolean is_number;
    } heads[] = {{_("No."), TRUE},    {_("Show"), FALSE},           {_("Episodes"), TRUE}, {_("Minutes"), TRUE},
                 {_("Share"), TRUE},  {_("Carried"), TRUE},         {_("Paid"), TRUE},     {_("Due"), TRUE},
                 {_("State"), FALSE}, {_("Best way to pay"), FALSE}};

    g_string_append_printf(html,
                           "<section aria-labelledby=\"shows\"><h2 id=\"shows\">%s</h2>"
                           "<div class=\"scroll\" role=\"region\" tabindex=\"0\"",
                           _("All shows"));
    append_attribute(html, "aria-label", _("Table of all shows"));
    g_string_append(html, "><table><caption>");
    g_string_append_printf(html, _("Amounts in %s"), statement->request.budget.currency);
    g_string_append(html, "</caption><thead><tr>");
    for (gsize i = 0; i < G_N_ELEMENTS(heads); i++)
        g_string_append_printf(html, "<th scope=\"col\"%s>%s</th>", heads[i].is_number ? " class=\"n\"" : "",
                               heads[i].text);
    g_string_append(html, "</tr></thead><tbody>");
    for (guint i = 0; i < statement->rows->len; i++)
        append_row(html, statement, statement->rows->pdata[i]);
    g_string_append(html, "</tbody></table></div></section>");
}

static void
append_groups(GString *html, const char *id, const char *title, const GPtrArray *groups)
{
    if (groups->len == 0)
        return;
    g_string_append_printf(html, "<section aria-labelledby=\"%s\"><h2 id=\"%s\">%s</h2><ul class=\"list\">", id, id,
                           title);
    for (guint i = 0; i < groups->len; i++) {
        const PfStatementGroup *group = groups->pdata[i];
        g_autofree char *reason = pf_statement_dup_reason(group);
        g_string_append(html, "<li>");
        append_text(html, group->show);
        g_string_append_printf(html,
                               ngettext(": %" PRId64 " episode, ", ": %" PRId64 " episodes, ", (gulong)group->episodes),
                               group->episodes);
        append_text(html, reason);
        g_string_append(html, "</li>");
    }
    g_string_append(html, "</ul></section>");
}

static void
append_files(GString *html, const GPtrArray *files)
{
    if (files->len == 0)
        return;
    g_string_append_printf(html, "<section aria-labelledby=\"files\"><h2 id=\"files\">%s</h2><ul class=\"list\">",
                           _("Files without an episode"));
    for (guint i = 0; i < files->len; i++) {
        const PfStatementFile *file = files->pdata[i];
        g_string_append(html, "<li>");
        append_text(html, file->name);
        g_string_append(html, "</li>");
    }
    g_string_append(html, "</ul></section>");
}

/* --- the page --- */

/* The policy lets the page's own style through, by its hash, and nothing else. */
static void
append_head(GString *html, const char *month)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
    guint8 digest[32];
    gsize length = sizeof digest;

    g_checksum_update(checksum, (const guchar *)style, -1);
    g_checksum_get_digest(checksum, digest, &length);
    g_autofree char *hash = g_base64_encode(digest, length);
    g_string_append_printf(html,
                           "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">"
                           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                           "'sha256-%s'; base-uri 'none'; form-action 'none'\">"
                           "<meta name=\"referrer\" content=\"no-referrer\"><meta name=\"viewport\" "
                           "content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" "
                           "content=\"light dark\"><title>",
                           /* TRANSLATORS: the code of this language, as in <html lang="en"> */
                           _("en"), hash);
    g_string_append_printf(html, _("Thanks for %s"), month);
    g_string_append_printf(html, "</title><style>%s</style></head>\n", style);
}

static void
append_summary(GString *html, const PfStatement *statement, const char *month)
{
    gint64 tenths = (statement->seconds + 180) / 360;
    g_autofree char *hours = g_strdup_printf("%" PRId64 "%s%" PRId64, tenths / 10, pf_i18n_get_point(), tenths % 10);

    g_string_append_printf(html, "<body><a class=\"skip\" href=\"#main\">%s</a><header><h1>", _("Skip to what is due"));
    g_string_append_printf(html, _("Thanks for %s"), month);
    g_string_append(html, "</h1>");
    if (statement->frozen)
        g_string_append_printf(html, "<p class=\"note\">%s</p>",
                               _("The shares of this month are fixed: later episodes count in the next month."));
    else if (!statement->over)
        g_string_append_printf(html, "<p class=\"note\">%s</p>",
                               _("The month is not over: shares change with every episode."));
    g_string_append(html, "<dl class=\"tiles\">");
    append_amount_tile(html, statement, _("Budget"), statement->request.budget.minor);
    append_count_tile(html, _("Shows"), statement->shows);
    append_count_tile(html, _("Episodes"), statement->episodes);
    append_tile(html, _("Hours"), hours);
    append_amount_tile(html, statement, _("Due now"), statement->due);
    append_amount_tile(html, statement, _("Paid"), statement->paid);
    g_string_append(html, "</dl></header>\n<main id=\"main\" tabindex=\"-1\">");
}

char *
pf_statement_to_html(const PfStatement *statement)
{
    GString *html = g_string_new(NULL);
    g_autofree char *month = pf_month_dup_name(statement->request.month);

    append_head(html, month);
    append_summary(html, statement, month);
    append_dues(html, statement);
    append_bars(html, statement);
    append_table(html, statement);
    append_days(html, statement);
    append_months(html, statement);
    append_groups(html, "waiting", _("Waiting"), statement->waiting);
    append_groups(html, "left-out", _("Not shared"), statement->left_out);
    append_files(html, statement->files);
    g_string_append(html, "</main>\n<footer><p>");
    g_string_append_printf(
        html,
        _("The budget is split by %s. A share below the minimum is carried over until it is large enough to pay."),
        _(pf_config_weights[statement->request.weight]));
    g_string_append_printf(html, "</p><p>%s</p></footer></body></html>\n",
                           _("Made by podflattr; this page loads nothing and runs no script."));
    return g_string_free(html, FALSE);
}
