/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr settle: records which of a month's shares were paid by hand, and helps to pay them. */
#include "base/clock.h"
#include "base/i18n.h"
#include "base/log.h"
#include "base/text.h"
#include "base/url.h"
#include "commands/output.h"
#include "commands/report.h"
#include "login/authorize.h"
#include "statement/load.h"
#include "statement/render.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A payment is recorded some time after it was made, but not before. */
#define AHEAD ((gint64)86400)

#define BY_HAND "by hand"

typedef struct {
    char *month;
    char *how;
    char *at;
    char *amount;
    char *fee;
    char *reference;
} Options;

static const PfCommandOption options[] = {
    {"month", G_OPTION_ARG_STRING, offsetof(Options, month), N_("The month, as 2026-01, or last (default: this one)"),
     N_("MONTH"), 0, 0},
    {"how", G_OPTION_ARG_STRING, offsetof(Options, how), N_("How it was paid"), N_("TEXT"), 0, 0},
    {"at", G_OPTION_ARG_STRING, offsetof(Options, at), N_("When it was paid (default: now)"), N_("DATE"), 0, 0},
    {"amount", G_OPTION_ARG_STRING, offsetof(Options, amount), N_("The amount paid (default: all that is left)"),
     N_("AMOUNT"), 0, 0},
    {"fee", G_OPTION_ARG_STRING, offsetof(Options, fee), N_("The fee for the payment"), N_("AMOUNT"), 0, 0},
    {"reference", G_OPTION_ARG_STRING, offsetof(Options, reference), N_("The payment's ID at the bank or service"),
     N_("TEXT"), 0, 0},
    {"format", G_OPTION_ARG_STRING, 0, N_("Output format: table (default), json or csv"), N_("FORMAT"), 0, 0},
    {0},
};

/* What one run works with. */
typedef struct {
    const PfCommandCall *call;
    const Options *given;
    PfStatementRequest request;
    PfQueue *queue;
    PfFeedStore *feeds;
    gboolean on_terminal; /* somebody can be asked */
    gint64 shown;         /* what was shown as due, and is noted as paid; 0: what is left by then */
} Task;

static void
task_end(Task *task)
{
    g_clear_pointer(&task->feeds, pf_feed_store_close);
    g_clear_pointer(&task->queue, pf_queue_close);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Task, task_end)

static gboolean
task_begin(Task *task, const PfCommandCall *call, GError **error)
{
    *task = (Task){.call = call, .given = call->options};
    task->on_terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    if (!pf_report_read_request(call->app, task->given->month, NULL, &task->request, error))
        return FALSE;
    task->queue = pf_command_open_queue(call->app, error);
    if (task->queue)
        task->feeds = pf_report_open_feeds(call->app);
    return task->queue != NULL;
}

/* A month that is frozen before it begins would take every episode until then, and the next report would ask for the
 * same money once more. */
static gboolean
has_begun(const Task *task, GError **error)
{
    char month[PF_MONTH_SIZE];

    return strcmp(task->request.month, pf_month_of(task->request.now, month)) <= 0 ||
           pf_command_refuse(error, _("invalid --month '%s': it has not begun"), task->request.month);
}

static PfStatement *
load(Task *task, GError **error)
{
    return pf_statement_load(task->queue, task->feeds, task->call->app->config, &task->request, error);
}

static gint64
left_of(const PfStatementRow *row)
{
    return row->carried + row->share - row->paid;
}

/* --- asking --- */

/* Returns: (transfer full): a line without its end; NULL at the end of the input. */
static char *
ask(const char *question)
{
    char *line = NULL;
    size_t room = 0;

    fputs(question, stdout);
    fflush(stdout);
    if (getline(&line, &room, stdin) < 0) {
        free(line);
        putchar('\n');
        return NULL;
    }
    char *answer = g_strstrip(g_strdup(line));
    free(line);
    return answer;
}

static gboolean
ask_yes_no(const char *question)
{
    g_autofree char *answer = ask(question);

    return answer && pf_output_is_yes(answer);
}

/* --- which show is meant --- */

static gboolean
is_title(const PfStatementRow *row, const char *name)
{
    g_autofree char *title = g_utf8_casefold(row->title, -1);
    g_autofree char *normal_title = g_utf8_normalize(title, -1, G_NORMALIZE_ALL);
    g_autofree char *valid = g_utf8_make_valid(name, -1);
    g_autofree char *folded = g_utf8_casefold(valid, -1);
    g_autofree char *normal = g_utf8_normalize(folded, -1, G_NORMALIZE_ALL);

    return g_strcmp0(normal_title, normal) == 0;
}

static gboolean
is_feed(const PfStatementRow *row, const char *name)
{
    g_autofree char *identity = pf_url_identity(name);

    return g_ptr_array_find_with_equal_func(row->feeds, identity, g_str_equal, NULL) ||
           g_str_equal(identity, row->show);
}

static gboolean
is_number(const PfStatementRow *row, const char *name)
{
    guint64 number;

    return g_ascii_string_to_unsigned(*name == '#' ? name + 1 : name, 10, 1, G_MAXUINT, &number, NULL) &&
           number == row->number;
}

static GPtrArray *
find_rows(const PfStatement *statement, const char *name)
{
    GPtrArray *found = g_ptr_array_new();

    for (guint i = 0; i < statement->rows->len; i++) {
        PfStatementRow *row = statement->rows->pdata[i];
        if (is_number(row, name) || is_title(row, name) || is_feed(row, name))
            g_ptr_array_add(found, row);
    }
    return found;
}

static PfStatementRow *
choose(const Task *task, const GPtrArray *found, const char *name, GError **error)
{
    g_autoptr(GString) list = g_string_new(NULL);

    for (guint i = 0; i < found->len; i++) {
        const PfStatementRow *row = found->pdata[i];
        g_autofree char *title = pf_log_printable(row->title);
        g_autofree char *feed = row->feed ? pf_url_printable(row->feed) : g_strdup(_("no feed"));
        g_string_append_printf(list, "\n  #%u  %s (%s)", row->number, title, feed);
    }
    if (task->on_terminal) {
        g_autofree char *question = g_strdup_printf(_("'%s' may be:%s\nWhich number? "), name, list->str);
        g_autofree char *answer = ask(question);
        for (guint i = 0; answer && i < found->len; i++)
            if (is_number(found->pdata[i], answer))
                return found->pdata[i];
    }
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, _("'%s' may be several shows; name one by its feed:%s"),
                name, list->str);
    return NULL;
}

static PfStatementRow *
find_row(const Task *task, const PfStatement *statement, const char *name, GError **error)
{
    g_autoptr(GPtrArray) found = find_rows(statement, name);

    if (found->len > 1)
        return choose(task, found, name, error);
    if (found->len == 1)
        return found->pdata[0];
    g_set_error(
        error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA,
        _("'%s' is not a show in the report for %s: name its title, its feed or its number there; see 'podflattr "
          "report --month %s'"),
        name, task->request.month, task->request.month);
    return NULL;
}

/* --- noting --- */

static gboolean
read_amount(const char *option, const char *text, const char *currency, gint64 *minor, GError **error)
{
    PfMoney money;

    if (!text || pf_money_parse_amount(text, currency, minor))
        return TRUE;
    if (pf_money_parse(text, &money) && g_str_equal(money.currency, currency)) {
        *minor = money.minor;
        return TRUE;
    }
    /* With a point, which is read in every locale and for every currency. */
    g_autofree char *example = pf_money_dup_amount(150, currency);
    return pf_command_refuse(error, _("invalid --%s '%s': use an amount in %s, such as %s"), option, text, currency,
                             example);
}

/* @settlement: (out): what the options say, and the rest of the row's share; strings are lent */
static gboolean
read_payment(const Task *task, const PfStatement *statement, const PfStatementRow *row, PfSettlement *settlement,
             GError **error)
{
    const PfStatementWay *way = row->ways->len > 0 ? row->ways->pdata[0] : NULL;
    const char *currency = statement->request.budget.currency;

    *settlement = (PfSettlement){
        .amount = task->shown > 0 ? task->shown : left_of(row),
        .currency = (char *)currency,
        .paid_at = task->request.now,
        .how = task->given->how ? task->given->how : (char *)BY_HAND,
        .method = way ? (char *)way->method : NULL,
        .link = way ? way->address : NULL,
        .reference = task->given->reference,
    };
    if (!read_amount("amount", task->given->amount, currency, &settlement->amount, error) ||
        !read_amount("fee", task->given->fee, currency, &settlement->fee, error))
        return FALSE;
    if (task->given->at && !pf_clock_parse_local(task->given->at, &settlement->paid_at))
        return pf_command_refuse(error, _("invalid --at '%s': use a date, such as 2026-01-31"), task->given->at);
    if (settlement->paid_at > task->request.now + AHEAD)
        return pf_command_refuse(error, _("invalid --at '%s': it is in the future"), task->given->at);
    if (settlement->amount > 0)
        return TRUE;
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, _("nothing is left to pay for %s in %s%s"), row->title,
                task->request.month, task->given->amount ? "" : _("; use --amount to record a payment anyway"));
    return FALSE;
}

static void
report_payment(const Task *task, const PfStatement *statement, const PfStatementRow *row,
               const PfSettlement *settlement)
{
    g_autofree char *amount = pf_money_dup_text(settlement->amount, settlement->currency);
    g_autofree char *title = pf_log_printable(row->title);
    gint64 left = left_of(row) - settlement->amount;
    g_autofree char *rest = pf_money_dup_text(left, settlement->currency);

    if (left > 0)
        printf(_("%s: %s recorded as paid for %s, %s left\n"), title, amount, task->request.month, rest);
    else
        printf(_("%s: %s recorded as paid for %s\n"), title, amount, task->request.month);
    if (statement->frozen)
        return;
    if (!statement->over)
        g_message(_("%s is not over, but its shares are now fixed: later episodes count in the next month"),
                  task->request.month);
}

static const PfStatementRow *
find_by_key(const Task *task, const PfStatement *statement, const char *key, GError **error)
{
    for (guint i = 0; i < statement->rows->len; i++)
        if (g_str_equal(((const PfStatementRow *)statement->rows->pdata[i])->show, key))
            return statement->rows->pdata[i];
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, _("'%s' is no longer in the report for %s"), key,
                task->request.month);
    return NULL;
}

/* One payment, in a transaction: the shares that are frozen are those of that moment. @key: the show's */
static gboolean
note_payment(Task *task, const char *key, GError **error)
{
    g_autoptr(PfTransaction) transaction = pf_queue_begin(task->queue, error);
    task->request.settles = TRUE;
    g_autoptr(PfStatement) statement = transaction ? load(task, error) : NULL;
    const PfStatementRow *row = statement ? find_by_key(task, statement, key, error) : NULL;
    PfSettlement settlement;

    if (!row || !read_payment(task, statement, row, &settlement, error) ||
        !pf_statement_settle(task->queue, statement, row, &settlement, error) ||
        !pf_transaction_commit(g_steal_pointer(&transaction), error))
        return FALSE;
    report_payment(task, statement, row, &settlement);
    return TRUE;
}

/* Looks up the shows that are named. Returns: (transfer container): their keys, each once, lent by the statement; NULL
 * with @error set. */
static GPtrArray *
find_shows(const Task *task, const PfStatement *statement, GError **error)
{
    g_autoptr(GPtrArray) shows = g_ptr_array_new();

    for (guint i = 0; i < task->call->count; i++) {
        const PfStatementRow *row = find_row(task, statement, task->call->operands[i], error);
        if (!row)
            return NULL;
        if (!g_ptr_array_find(shows, row->show, NULL))
            g_ptr_array_add(shows, row->show);
    }
    return g_steal_pointer(&shows);
}

/* All shows are looked up before any payment is recorded: after a mistake in one, the others stay as they are. */
static gboolean
mark(const PfCommandCall *call, GError **error)
{
    g_auto(Task) task = {0};

    if (!task_begin(&task, call, error) || !has_begun(&task, error))
        return FALSE;
    g_autoptr(PfStatement) statement = load(&task, error);
    g_autoptr(GPtrArray) shows = statement ? find_shows(&task, statement, error) : NULL;
    if (!shows)
        return FALSE;
    for (guint i = 0; i < shows->len; i++) {
        PfSettlement settlement;
        const PfStatementRow *row = find_by_key(&task, statement, shows->pdata[i], error);
        if (!row || !read_payment(&task, statement, row, &settlement, error))
            return FALSE;
    }
    /* The whole amount would be recorded for each. */
    if (task.given->amount && shows->len > 1)
        return pf_command_refuse(error, _("--amount is for one show; run 'podflattr settle mark' for each"));
    for (guint i = 0; i < shows->len; i++)
        if (!note_payment(&task, shows->pdata[i], error))
            return FALSE;
    return TRUE;
}

/* --- taking back --- */

static const PfSettlement *
find_last(const Task *task, const PfStatementRow *row, GError **error)
{
    if (row->settlements->len > 0)
        return row->settlements->pdata[row->settlements->len - 1];
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, _("no payment for %s is recorded in %s"), row->title,
                task->request.month);
    return NULL;
}

static gboolean
undo_last(Task *task, const PfStatement *statement, const char *key, GError **error)
{
    const PfStatementRow *row = find_by_key(task, statement, key, error);
    const PfSettlement *last = row ? find_last(task, row, error) : NULL;

    return last && pf_settlement_undo(task->queue, last->row, task->request.now, error);
}

static void
report_undone(const Task *task, const PfStatement *statement, const char *key)
{
    const PfStatementRow *row = find_by_key(task, statement, key, NULL);
    const PfSettlement *last = find_last(task, row, NULL);
    g_autofree char *amount = pf_money_dup_text(last->amount, last->currency);
    g_autofree char *title = pf_log_printable(row->title);

    printf(_("%s: undid the payment of %s for %s\n"), title, amount, task->request.month);
}

/* All are taken back, or none. Somebody may be asked which is meant, before the queue is held. */
static gboolean
undo(const PfCommandCall *call, GError **error)
{
    g_auto(Task) task = {0};

    if (!task_begin(&task, call, error))
        return FALSE;
    g_autoptr(PfStatement) before = load(&task, error);
    g_autoptr(GPtrArray) shows = before ? find_shows(&task, before, error) : NULL;
    g_autoptr(PfTransaction) transaction = shows ? pf_queue_begin(task.queue, error) : NULL;
    g_autoptr(PfStatement) statement = transaction ? load(&task, error) : NULL;
    for (guint i = 0; statement && i < shows->len; i++)
        if (!undo_last(&task, statement, shows->pdata[i], error))
            return FALSE;
    if (!statement || !pf_transaction_commit(g_steal_pointer(&transaction), error))
        return FALSE;
    for (guint i = 0; i < shows->len; i++)
        report_undone(&task, statement, shows->pdata[i]);
    return TRUE;
}

/* --- the journal --- */

static json_t *
amount_to_json(const PfSettlement *settlement, gint64 minor)
{
    g_autofree char *amount = pf_money_dup_amount(minor, settlement->currency);

    return json_string(amount);
}

static void
print_json(const PfSettlement *settlement)
{
    pf_output_json_take(json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "month",
        pf_output_json_string(settlement->month), "show", pf_output_json_string(settlement->show), "title",
        pf_output_json_string(settlement->title), "amount", amount_to_json(settlement, settlement->amount), "currency",
        pf_output_json_string(settlement->currency), "paid_at", pf_output_json_time(settlement->paid_at), "noted",
        pf_output_json_time(settlement->noted), "who", pf_output_json_string(settlement->who), "how",
        pf_output_json_string(settlement->how), "method", pf_output_json_string(settlement->method), "link",
        pf_output_json_string(settlement->link), "fee", amount_to_json(settlement, settlement->fee), "reference",
        pf_output_json_string(settlement->reference), "undone", pf_output_json_time(settlement->undone)));
}

static void
print_csv(const PfSettlement *settlement)
{
    g_autoptr(GString) csv = g_string_new(NULL);
    g_autofree char *amount = pf_money_dup_amount(settlement->amount, settlement->currency);
    g_autofree char *fee = pf_money_dup_amount(settlement->fee, settlement->currency);
    char paid_at[PF_CLOCK_TEXT_SIZE];
    char undone[PF_CLOCK_TEXT_SIZE] = "";

    pf_csv_append(csv, settlement->month, ",");
    pf_csv_append(csv, settlement->title, ",");
    pf_csv_append(csv, amount, ",");
    pf_csv_append(csv, settlement->currency, ",");
    pf_csv_append(csv, pf_clock_format(settlement->paid_at, paid_at), ",");
    pf_csv_append(csv, settlement->how, ",");
    pf_csv_append(csv, settlement->method, ",");
    pf_csv_append(csv, settlement->link, ",");
    pf_csv_append(csv, fee, ",");
    pf_csv_append(csv, settlement->reference, ",");
    pf_csv_append(csv, settlement->undone ? pf_clock_format(settlement->undone, undone) : NULL, "\r\n");
    fputs(csv->str, stdout);
}

static void
print_row(const PfSettlement *settlement)
{
    g_autofree char *amount = pf_money_dup_text(settlement->amount, settlement->currency);
    g_autofree char *how =
        g_strdup_printf("%s%s", settlement->how ? settlement->how : "", settlement->undone ? _(" (undone)") : "");

    static const PfOutputColumn columns[] = {{N_("MONTH"), 7, 0, PF_OUTPUT_WHOLE},
                                             {N_("PAID"), 16, 60, PF_OUTPUT_TIME},
                                             {N_("AMOUNT"), 12, 0, PF_OUTPUT_WHOLE},
                                             {N_("SHOW"), 32, 0, PF_OUTPUT_TEXT},
                                             {N_("HOW"), 0, 0, PF_OUTPUT_TEXT}};
    g_autofree char *paid = pf_output_dup_time(settlement->paid_at);

    pf_output_row(columns, (const char *[]){settlement->month, paid, amount, settlement->title, how});
}

typedef struct {
    const PfCommandCall *call;
    const char *month; /* NULL for all */
    guint printed;
} Listing;

static void
print_settlement(PfSettlement *settlement, gpointer data)
{
    Listing *listing = data;
    const char *format = listing->call->format;

    if (!listing->month || g_str_equal(listing->month, settlement->month)) {
        if (listing->call->json)
            print_json(settlement);
        else if (g_strcmp0(format, "csv") == 0)
            print_csv(settlement);
        else
            print_row(settlement);
        listing->printed++;
    }
    pf_settlement_free(settlement);
}

static gboolean
list(const PfCommandCall *call, GError **error)
{
    const Options *given = call->options;
    Listing listing = {.call = call};
    PfStatementRequest request;

    if (!pf_report_read_request(call->app, given->month, NULL, &request, error))
        return FALSE;
    listing.month = given->month ? request.month : NULL;
    g_autoptr(PfQueue) queue = pf_command_open_queue_to_read(call->app, error);
    if (!queue)
        return FALSE;
    if (g_strcmp0(call->format, "csv") == 0)
        printf("month,show,amount,currency,paid_at,how,method,link,fee,reference,undone\r\n");
    if (!pf_settlement_each(queue, print_settlement, &listing, error))
        return FALSE;
    if (listing.printed == 0 && (!call->format || g_str_equal(call->format, "table")))
        g_message(_("no payments"));
    return TRUE;
}

/* --- the walk --- */

static const PfStatementWay *
best_to_open(const PfStatementRow *row)
{
    for (guint i = 0; i < row->ways->len; i++)
        if (((const PfStatementWay *)row->ways->pdata[i])->url)
            return row->ways->pdata[i];
    return NULL;
}

static void
print_due(const PfStatement *statement, const PfStatementRow *row, guint index, guint count)
{
    g_autofree char *amount = pf_money_dup_text(row->due, statement->request.budget.currency);
    g_autofree char *title = pf_log_printable(row->title);

    printf("\n[%u/%u] %s: %s\n", index, count, title, amount);
    for (guint i = 0; i < row->ways->len; i++) {
        const PfStatementWay *way = row->ways->pdata[i];
        g_autofree char *payee = way->payee ? pf_log_printable(way->payee) : NULL;
        g_autofree char *address = pf_log_printable(way->address);
        const char *name = _(way->method);
        printf("  %s%*s  %s%s%s%s\n", name, MAX(9 - pf_text_columns(name), 0), "", address, payee ? " (" : "",
               payee ? payee : "", payee ? ")" : "");
    }
    if (row->ways->len == 0)
        printf(_("  no way to pay is known\n"));
}

static void
open_way(const PfStatement *statement, const PfStatementRow *row)
{
    const PfStatementWay *way = best_to_open(row);
    const char *currency = statement->request.budget.currency;
    g_autofree char *ready = way ? pf_statement_dup_url_with_amount(way->url, row->due, currency) : NULL;

    if (!way)
        printf(_("There is no link to open.\n"));
    else if (!pf_browser_open(ready ? ready : way->url))
        printf(_("No browser was found (xdg-open).\n"));
}

typedef enum { WALK_NEXT, WALK_PAID, WALK_END } Step;

static Step
ask_about(const PfStatement *statement, const PfStatementRow *row)
{
    for (;;) {
        g_autofree char *answer = ask(_("(o)pen the link, (p)aid, (s)kip, (q)uit? "));
        switch (answer ? g_ascii_tolower(*answer) : 'q') {
        case 'o':
            open_way(statement, row);
            if (ask_yes_no(_("Was it paid? [y/N] ")))
                return WALK_PAID;
            break;
        case 'p':
            return WALK_PAID;
        case 's':
        case '\0':
            return WALK_NEXT;
        case 'q':
            return WALK_END;
        default:
            break;
        }
    }
}

static gboolean
is_wanted(const Task *task, const PfStatementRow *row, GPtrArray *named)
{
    return row->due > 0 && (task->call->count == 0 || g_ptr_array_find(named, row, NULL));
}

static gboolean
walk(const PfCommandCall *call, GError **error)
{
    g_auto(Task) task = {0};
    g_autoptr(GPtrArray) named = g_ptr_array_new();
    guint count = 0;
    guint index = 0;

    if (!task_begin(&task, call, error) || !has_begun(&task, error))
        return FALSE;
    g_autoptr(PfStatement) statement = load(&task, error);
    if (!statement)
        return FALSE;
    for (guint i = 0; i < call->count; i++) {
        PfStatementRow *row = find_row(&task, statement, call->operands[i], error);
        if (!row)
            return FALSE;
        g_ptr_array_add(named, row);
    }
    for (guint i = 0; i < statement->rows->len; i++)
        count += is_wanted(&task, statement->rows->pdata[i], named);
    if (count == 0) {
        printf(_("Nothing is due for %s.\n"), task.request.month);
        return TRUE;
    }
    if (!task.on_terminal)
        return pf_command_refuse(
            error, _("settle asks about each share and needs a terminal; without one, use 'podflattr settle "
                     "mark SHOW…'"));
    for (guint i = 0; i < statement->rows->len; i++) {
        const PfStatementRow *row = statement->rows->pdata[i];
        if (!is_wanted(&task, row, named))
            continue;
        print_due(statement, row, ++index, count);
        Step step = ask_about(statement, row);
        if (step == WALK_END)
            break;
        /* Shares may have changed since, when an episode came. */
        task.shown = row->due;
        if (step == WALK_PAID && !note_payment(&task, row->show, error))
            return FALSE;
    }
    return TRUE;
}

static const PfCommand subcommands[] = {
    {.name = "walk",
     .operands = N_("[SHOW…]"),
     .most = PF_COMMAND_ANY,
     .summary = N_("go through what is due: show how to pay it, ask whether it was paid"),
     .takes = "month how at fee reference",
     .run = walk},
    {.name = "mark",
     .operands = N_("SHOW…"),
     .least = 1,
     .most = PF_COMMAND_ANY,
     .summary = N_("record that shows were paid"),
     .takes = "month how at amount fee reference",
     .run = mark},
    {.name = "undo",
     .operands = N_("SHOW…"),
     .least = 1,
     .most = PF_COMMAND_ANY,
     .summary = N_("undo the last payment recorded for a show"),
     .takes = "month",
     .run = undo},
    {.name = "list",
     .summary = N_("list the recorded payments, including those that were undone"),
     .takes = "month format",
     .formats = "table json csv",
     .run = list},
    {0},
};

const PfCommand pf_command_settle = {
    .name = "settle",
    .operands = N_("[SUBCOMMAND] [SHOW…]"),
    .summary = N_("Record which of a month's shares were paid"),
    .description = N_("SHOW is a show's title, the address of its feed, or its number in the report of the month.\nThe "
                      "first payment for a month fixes its shares; later episodes count in the next month."),
    .examples = "  podflattr settle --month last\n"
                "  podflattr settle mark 'Night Notes' --month 2026-01 --how 'bank transfer'\n",
    .subcommands = subcommands,
    .has_default = TRUE,
    .options = options,
    .options_size = sizeof(Options),
};
