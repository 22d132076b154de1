/* SPDX-License-Identifier: GPL-2.0-or-later */
/* podflattr queue export and import: the queue as JSON Lines, to another machine or back. */
#include "commands/queue_command.h"

#include "base/clock.h"
#include "commands/output.h"
#include "commands/queue.h"
#include "queue/import.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A line is one entry with its story; a longer one is none of ours. */
#define MAX_LINE ((ssize_t)16777216)

/* --- export --- */

typedef struct {
    PfQueue *queue;
    GError *failure;
} Export;

static gboolean
export_entry(const PfEntry *entry, gpointer data)
{
    Export *task = data;
    g_autoptr(GPtrArray) story = pf_queue_read_history(task->queue, entry->id, &task->failure);

    if (!story)
        return FALSE;
    pf_output_json_take(pf_queue_json_whole(entry, story));
    /* A full disk behind a pipe or a file is reported by main(); there is no point in going on. */
    return !ferror(stdout);
}

gboolean
pf_queue_run_export(const PfCommandCall *call, GError **error)
{
    g_autoptr(PfQueue) queue = pf_command_open_queue_to_read(call->app, error);
    Export task = {.queue = queue};

    /* One listing is one snapshot: nothing that others change meanwhile is half in it. */
    if (!queue || !pf_queue_each(queue, PF_ENTRY_STATES, export_entry, &task, error))
        return FALSE;
    if (!task.failure)
        return TRUE;
    g_propagate_error(error, task.failure);
    return FALSE;
}

/* --- import --- */

static gboolean
import_line(PfQueue *queue, const char *line, gsize length, gint64 now, PfImportResult *result, GError **error)
{
    json_error_t fault;
    json_t *object = json_loadb(line, length, JSON_REJECT_DUPLICATES, &fault);
    g_autoptr(PfEntry) entry = NULL;
    g_autoptr(GPtrArray) story = NULL;

    if (!object) {
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, "not JSON: %s", fault.text);
        return FALSE;
    }
    gboolean readable = pf_queue_json_read(object, &entry, &story, error);
    json_decref(object);
    return readable && pf_queue_import(queue, entry, story, now, result, error);
}

static gboolean
is_blank(const char *line, gsize length)
{
    return strspn(line, " \t\r\n") == length;
}

static gboolean
import_lines(PfQueue *queue, FILE *file, const char *name, guint results[PF_IMPORT_RESULTS], GError **error)
{
    g_autoptr(GError) failure = NULL;
    gint64 now = pf_clock_now();
    char *line = NULL;
    size_t room = 0;
    ssize_t length;

    for (guint number = 1; !failure && (length = getline(&line, &room, file)) >= 0; number++) {
        PfImportResult result;

        if (is_blank(line, (gsize)length))
            continue;
        if (length > MAX_LINE)
            g_set_error(&failure, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, "longer than %zd bytes", MAX_LINE);
        else if (import_line(queue, line, (gsize)length, now, &result, &failure))
            results[result]++;
        if (failure && failure->domain == PF_COMMAND_ERROR)
            g_prefix_error(&failure, "%s:%u: ", name, number);
    }
    free(line);
    if (!failure && ferror(file))
        g_set_error(&failure, PF_COMMAND_ERROR, PF_COMMAND_ERROR_DATA, "cannot read %s: %s", name, g_strerror(errno));
    if (!failure)
        return TRUE;
    if (failure->domain == PF_COMMAND_ERROR) {
        g_autofree char *text = g_strdup(failure->message);
        g_set_error(error, PF_COMMAND_ERROR, failure->code, "%s (nothing was imported)", text);
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

    if (!transaction || !import_lines(queue, file, name, results, error) ||
        !pf_transaction_commit(g_steal_pointer(&transaction), error))
        return FALSE;
    printf("%u added, %u updated, %u already known\n", results[PF_IMPORT_ADDED], results[PF_IMPORT_ADVANCED],
           results[PF_IMPORT_KEPT]);
    return TRUE;
}

gboolean
pf_queue_run_import(const PfCommandCall *call, GError **error)
{
    const char *name = call->count > 0 ? call->operands[0] : "-";

    if (g_str_equal(name, "-"))
        return import_file(call->app, stdin, "standard input", error);
    FILE *file = fopen(name, "re");
    if (!file) {
        g_set_error(error, PF_COMMAND_ERROR, PF_COMMAND_ERROR_INPUT, "cannot read %s: %s", name, g_strerror(errno));
        return FALSE;
    }
    gboolean done = import_file(call->app, file, name, error);
    fclose(file);
    return done;
}
