/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr queue export and import: the queue as JSON Lines, to another machine or back. */
#include "base/i18n.h"
#include "base/log.h"
#include "commands/queue_command.h"

#include "base/clock.h"
#include "commands/output.h"
#include "queue/ledger.h"
#include "queue/repair.h"
#include "statement/statement.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A line is one entry with its history; we write none that is longer. */
#define MAX_LINE ((ssize_t)16777216)

/* --- export --- */

typedef struct {
    PfQueue *queue;
    gint64 last; /* the id of the entry that was last written */
    GError *failure;
} Export;

static gboolean
export_entry(const PfEntry *entry, gpointer data)
{
    Export *task = data;

    /* Entries come in the order of their ids; these were written before damage was met. */
    if (entry->id <= task->last)
        return TRUE;
    g_autoptr(GPtrArray) story = pf_queue_read_history(task->queue, entry->id, &task->failure);
    if (!story)
        return FALSE;
    pf_output_json_take(pf_queue_json_whole(entry, story));
    task->last = entry->id;
    /* A full disk behind a pipe or a file is reported by main(); there is no point in going on. */
    return !ferror(stdout);
}

/* What was settled follows the entries, in the order in which it is taken in: a share needs its month. */

#define KIND_MONTH "settled-month"
#define KIND_SHARE "settled-share"
#define KIND_SETTLEMENT "settlement"

static void
export_month(PfSettledMonth *month, gpointer data)
{
    (void)data;
    pf_output_json_take(pf_queue_json_record(KIND_MONTH, &pf_settled_month_columns, month));
    pf_settled_month_free(month);
}

static void
export_share(PfSettledShare *share, gpointer data)
{
    (void)data;
    pf_output_json_take(pf_queue_json_record(KIND_SHARE, &pf_settled_share_columns, share));
    pf_settled_share_free(share);
}

static void
export_settlement(PfSettlement *settlement, gpointer data)
{
    (void)data;
    pf_output_json_take(pf_queue_json_record(KIND_SETTLEMENT, &pf_settlement_columns, settlement));
    pf_settlement_free(settlement);
}

/* Writes all of a queue but the entries that were written. */
static gboolean
export_queue(Export *task, PfQueue *queue, GError **error)
{
    /* One snapshot: a payment that is noted meanwhile is in it with the entries that it is for, or not at all. */
    g_autoptr(PfTransaction) snapshot = pf_queue_begin_reading(queue, error);

    task->queue = queue;
    if (!snapshot || !pf_queue_each(queue, PF_ENTRY_STATES, export_entry, task, error))
        return FALSE;
    if (task->failure) {
        g_propagate_error(error, g_steal_pointer(&task->failure));
        return FALSE;
    }
    return pf_settled_month_each(queue, export_month, NULL, error) &&
           pf_settled_share_each(queue, export_share, NULL, error) &&
           pf_settlement_each(queue, export_settlement, NULL, error);
}

static void
report_losses(const PfSalvage *saved)
{
    for (guint i = 0; i < saved->unreadable->len; i++)
        g_warning(_("the disk cannot read %s"), (const char *)saved->unreadable->pdata[i]);
    if (saved->expected < 0)
        g_warning(_("%" PRId64 " entries can be read; it is unknown how many there were"), saved->entries);
    else
        g_warning(_("%" PRId64 " of %" PRId64 " entries can be read"), saved->entries, saved->expected);
}

/* Goes on past damage, with what a repair would save. Fails all the same: something may be missing. */
static gboolean
export_rest(Export *task, const PfApp *app, const GError *damage, GError **error)
{
    g_autoptr(PfSalvage) saved = NULL;
    g_autoptr(PfQueue) queue = pf_queue_open_salvaged(app->state_dir, &saved, error);

    if (!queue || !export_queue(task, queue, error))
        return FALSE;
    report_losses(saved);
    g_set_error(error, damage->domain, damage->code, _("%s (everything that can be read was exported)"),
                damage->message);
    return FALSE;
}

gboolean
pf_queue_run_export(const PfCommandCall *call, GError **error)
{
    Export task = {0};
    g_autoptr(GError) failure = NULL;
    /* What is printed on a terminal says enough. */
    G_GNUC_UNUSED g_autoptr(PfWork) work = isatty(STDOUT_FILENO) ? NULL : pf_work_begin(_("exporting"));
    g_autoptr(PfQueue) queue = pf_command_open_queue_to_read(call->app, &failure);

    if (queue && export_queue(&task, queue, &failure))
        return TRUE;
    g_clear_pointer(&queue, pf_queue_close);
    if (pf_database_error_is_damage(failure))
        return export_rest(&task, call->app, failure, error);
    g_propagate_error(error, g_steal_pointer(&failure));
    return FALSE;
}

/* --- import --- */

/* Entries come before the months that they are counted in. */
typedef struct {
    gint64 entry;
    char *month;
} Counted;

typedef struct {
    PfQueue *queue;
    gint64 now;
    GArray *counted;    /* of Counted */
    GHashTable *months; /* PfSettledMonth, by month */
} Import;

static void
counted_clear(Counted *counted)
{
    g_free(counted->month);
}

static void
import_clear(Import *task)
{
    g_array_unref(task->counted);
    g_hash_table_unref(task->months);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Import, import_clear)

static gboolean
mark_counted(const Import *task, GError **error)
{
    for (guint i = 0; i < task->counted->len; i++) {
        const Counted *counted = &g_array_index(task->counted, Counted, i);
        const PfSettledMonth *month = g_hash_table_lookup(task->months, counted->month);

        if (!pf_settled_entry_import(task->queue, counted->entry, counted->month, month, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
check_month(const char *month, GError **error)
{
    if (pf_month_is_valid(month))
        return TRUE;
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, _("'%s' is not a month"), month);
    return FALSE;
}

/* What is no currency would be counted with other decimals, and the sum of larger amounts may not fit a gint64. */
static gboolean
check_money(gint64 minor, const char *currency, GError **error)
{
    if (pf_money_get_digits(currency) < 0)
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, _("'%s' is not a currency"), currency);
    else if (minor > PF_MONEY_MAX)
        g_set_error_literal(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, _("an amount is too large"));
    else
        return TRUE;
    return FALSE;
}

static gboolean
import_month(const Import *task, json_t *object, gboolean *added, GError **error)
{
    g_autoptr(PfSettledMonth) month = g_new0(PfSettledMonth, 1);

    if (!pf_queue_json_read_record(object, &pf_settled_month_columns, month, error) ||
        !check_month(month->month, error) || !check_money(month->budget, month->currency, error) ||
        !pf_settled_month_import(task->queue, month, added, error))
        return FALSE;
    g_hash_table_replace(task->months, month->month, month);
    month = NULL;
    return TRUE;
}

static gboolean
import_share(const Import *task, json_t *object, gboolean *added, GError **error)
{
    g_autoptr(PfSettledShare) share = g_new0(PfSettledShare, 1);

    return pf_queue_json_read_record(object, &pf_settled_share_columns, share, error) &&
           check_month(share->month, error) && check_money(share->share, share->currency, error) &&
           pf_settled_share_import(task->queue, share, added, error);
}

static gboolean
import_settlement(const Import *task, json_t *object, gboolean *added, GError **error)
{
    g_autoptr(PfSettlement) settlement = g_new0(PfSettlement, 1);

    return pf_queue_json_read_record(object, &pf_settlement_columns, settlement, error) &&
           check_month(settlement->month, error) &&
           check_money(MAX(settlement->amount, settlement->fee), settlement->currency, error) &&
           pf_settlement_import(task->queue, settlement, added, error);
}

static PfImportResult
import_record(const Import *task, const char *kind, json_t *object, GError **error)
{
    static const struct {
        const char *kind;
        gboolean (*import)(const Import *task, json_t *object, gboolean *added, GError **error);
    } kinds[] = {{KIND_MONTH, import_month}, {KIND_SHARE, import_share}, {KIND_SETTLEMENT, import_settlement}};
    gboolean added = FALSE;

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (!g_str_equal(kind, kinds[i].kind))
            continue;
        if (!kinds[i].import(task, object, &added, error))
            return PF_IMPORT_FAILED;
        return added ? PF_IMPORT_ADDED : PF_IMPORT_KEPT;
    }
    g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA,
                _("unknown kind \"%s\"; it may have been exported by a newer version of podflattr"), kind);
    return PF_IMPORT_FAILED;
}

static PfImportResult
import_entry(const Import *task, json_t *object, GError **error)
{
    g_autoptr(PfEntry) entry = NULL;
    g_autoptr(GPtrArray) story = NULL;

    if (!pf_queue_json_read(object, &entry, &story, error) || (entry->month && !check_month(entry->month, error)))
        return PF_IMPORT_FAILED;
    PfImportResult result = pf_queue_import(task->queue, entry, story, task->now, error);
    Counted counted = {.entry = entry->id, .month = g_strdup(entry->month)};
    if (counted.month)
        g_array_append_val(task->counted, counted);
    return result;
}

static PfImportResult
import_line(const Import *task, const char *line, gsize length, GError **error)
{
    json_error_t fault;
    json_t *object = json_loadb(line, length, JSON_REJECT_DUPLICATES, &fault);

    if (!object) {
        /* It quotes the line, and may cut a character. */
        g_autofree char *text = pf_log_printable(fault.text);
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, _("not JSON: %s"), text);
        return PF_IMPORT_FAILED;
    }
    const char *kind = json_string_value(json_object_get(object, "kind"));
    PfImportResult result = kind ? import_record(task, kind, object, error) : import_entry(task, object, error);
    json_decref(object);
    return result;
}

static gboolean
is_blank(const char *line, gsize length)
{
    return strspn(line, " \t\r\n") == length;
}

gboolean
pf_queue_import_lines(PfQueue *queue, FILE *file, const char *name, guint results[PF_IMPORT_RESULTS], GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_auto(Import) task = {.queue = queue, .now = pf_clock_now()};
    char *line = NULL;
    size_t room = 0;
    ssize_t length;

    task.counted = g_array_new(FALSE, FALSE, sizeof(Counted));
    g_array_set_clear_func(task.counted, (GDestroyNotify)counted_clear);
    task.months = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)pf_settled_month_free);
    for (guint number = 1; !failure && (length = getline(&line, &room, file)) >= 0; number++) {
        PfImportResult result = PF_IMPORT_FAILED;

        if (is_blank(line, (gsize)length))
            continue;
        if (length > MAX_LINE)
            g_set_error(&failure, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, _("longer than %zd bytes"), MAX_LINE);
        else
            result = import_line(&task, line, (gsize)length, &failure);
        if (result != PF_IMPORT_FAILED)
            results[result]++;
        if (failure && failure->domain == PF_COMMAND_ERROR)
            g_prefix_error(&failure, "%s:%u: ", name, number);
    }
    free(line);
    if (!failure && ferror(file))
        g_set_error(&failure, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, _("cannot read %s: %s"), name,
                    g_strerror(errno));
    if (!failure && mark_counted(&task, &failure))
        return TRUE;
    if (failure->domain == PF_COMMAND_ERROR) {
        g_autofree char *text = g_strdup(failure->message);
        g_set_error(error, PF_COMMAND_ERROR, failure->code, _("%s (nothing was imported)"), text);
    } else {
        g_propagate_error(error, g_steal_pointer(&failure));
    }
    return FALSE;
}

static gboolean
import_file(PfApp *app, FILE *file, const char *name, GError **error)
{
    g_autoptr(PfQueue) queue = pf_command_open_queue(app, error);
    g_autoptr(PfTransaction) transaction = queue ? pf_queue_begin(queue, error) : NULL;
    guint results[PF_IMPORT_RESULTS] = {0};

    if (!transaction || !pf_queue_import_lines(queue, file, name, results, error) ||
        !pf_transaction_commit(g_steal_pointer(&transaction), error))
        return FALSE;
    printf(_("%u added, %u updated, %u already known\n"), results[PF_IMPORT_ADDED], results[PF_IMPORT_ADVANCED],
           results[PF_IMPORT_KEPT]);
    return TRUE;
}

gboolean
pf_queue_run_import(const PfCommandCall *call, GError **error)
{
    const char *name = call->count > 0 ? call->operands[0] : "-";

    if (g_str_equal(name, "-"))
        return import_file(call->app, stdin, _("standard input"), error);
    FILE *file = fopen(name, "re");
    if (!file) {
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_INPUT, _("cannot read %s: %s"), name, g_strerror(errno));
        return FALSE;
    }
    PfWork *work = pf_work_begin(_("importing"));
    gboolean done = import_file(call->app, file, name, error);
    pf_work_end(work);
    fclose(file);
    return done;
}
