/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/i18n.h"
#include "queue/spool.h"

#include "base/clock.h"
#include "base/crash.h"
#include "base/state_folder.h"
#include "queue/queue_private.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file that is this old is no longer being written, seconds. */
#define UNFINISHED_SECONDS ((gint64)24 * 3600)

/* How long a file's name is remembered after it was last seen, seconds. */
#define REMEMBERED_SECONDS ((gint64)30 * 24 * 3600)

struct PfHookInbox {
    GPtrArray *paths;
    guint next;
    gboolean has_left; /* one of those last taken stays */
};

/* --- listing --- */

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A hook writes under the final name with something added. */
static void
remove_if_unfinished(const char *name, const char *path)
{
    struct stat status;

    if (strstr(name, PF_HOOK_FILE_ENDING ".") && !g_str_has_suffix(name, PF_HOOK_FILE_BAD) &&
        lstat(path, &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_mtim.tv_sec < g_get_real_time() / G_USEC_PER_SEC - UNFINISHED_SECONDS)
        g_unlink(path);
}

/* Whether there is a folder, and nobody else can have put events there: those would be paid. Returns: FALSE without an
 * error when there is none. */
static gboolean
check_folder(const char *state_dir, const char *path, GError **error)
{
    int state = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const struct stat self = {.st_uid = geteuid()};
    int folder = state < 0 ? -1 : pf_state_folder_open_within(state, path, &self, FALSE, error);

    if (state >= 0)
        close(state);
    if (folder >= 0)
        close(folder);
    return folder >= 0;
}

PfHookInbox *
pf_hook_inbox_open(const char *state_dir, GError **error)
{
    g_autofree char *path = pf_hook_file_folder(state_dir);
    g_autoptr(GError) failure = NULL;
    gboolean is_safe = check_folder(state_dir, path, &failure);
    g_autoptr(GDir) folder = is_safe ? g_dir_open(path, 0, &failure) : NULL;
    const char *name;

    if (!folder && failure && !g_error_matches(failure, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
        g_set_error_literal(error, PF_HOOK_FILE_ERROR, PF_HOOK_FILE_ERROR_FOLDER, failure->message);
        return NULL;
    }
    PfHookInbox *inbox = g_new0(PfHookInbox, 1);
    inbox->paths = g_ptr_array_new_with_free_func(g_free);
    while (folder && (name = g_dir_read_name(folder))) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        if (g_str_has_suffix(name, PF_HOOK_FILE_ENDING))
            g_ptr_array_add(inbox->paths, g_steal_pointer(&file));
        else
            remove_if_unfinished(name, file);
    }
    g_ptr_array_sort(inbox->paths, compare_names);
    return inbox;
}

void
pf_hook_inbox_free(PfHookInbox *inbox)
{
    if (!inbox)
        return;
    g_ptr_array_unref(inbox->paths);
    g_free(inbox);
}

gboolean
pf_hook_inbox_is_done(const PfHookInbox *inbox)
{
    return inbox->next == inbox->paths->len;
}

/* --- a batch --- */

typedef struct {
    GPtrArray *arrivals; /* of PfArrival, from … */
    GPtrArray *paths;    /* … these files */
    GPtrArray *bad;      /* paths of what is none of ours */
    GError *problem;     /* the first file that can be neither taken nor removed now */
} Batch;

/* @problem: (transfer full) */
static void
note_problem(Batch *batch, GError *problem)
{
    if (batch->problem)
        g_error_free(problem);
    else
        batch->problem = problem;
}

/* What is gone meanwhile, another process has taken into the database. */
static void
read_file(Batch *batch, char *path)
{
    g_autoptr(GError) failure = NULL;
    PfArrival *arrival = pf_hook_file_read(path, &failure);

    if (arrival) {
        g_ptr_array_add(batch->arrivals, arrival);
        g_ptr_array_add(batch->paths, path);
    } else if (g_error_matches(failure, PF_HOOK_FILE_ERROR, PF_HOOK_FILE_ERROR_DAMAGED)) {
        g_ptr_array_add(batch->bad, path);
    } else if (!g_error_matches(failure, PF_HOOK_FILE_ERROR, PF_HOOK_FILE_ERROR_GONE)) {
        note_problem(batch, g_steal_pointer(&failure));
    }
}

static void
batch_clear(Batch *batch)
{
    g_ptr_array_unref(batch->arrivals);
    g_ptr_array_unref(batch->paths);
    g_ptr_array_unref(batch->bad);
    g_clear_error(&batch->problem);
}

/* Adds what one file tells, unless that was done. */
static gboolean
add_file(PfQueue *queue, const char *path, const PfArrival *arrival, gint64 now, GError **error)
{
    const char *name = strrchr(path, '/') + 1;
    gint64 known = 0, id;
    gboolean added;

    return pf_database_read_number(queue->database, &known, error, "SELECT count(*) FROM hook WHERE name = ?", "s",
                                   name) &&
           pf_database_run(queue->database, error, "INSERT OR REPLACE INTO hook (name, taken) VALUES (?, ?)", "si",
                           name, now) &&
           (known || pf_arrival_add(queue, arrival, &id, &added, error));
}

static gboolean
add_all(PfQueue *queue, const Batch *batch, GError **error)
{
    gint64 now = pf_clock_now();

    if (batch->arrivals->len == 0)
        return TRUE;
    g_autoptr(PfTransaction) transaction = pf_queue_begin(queue, error);
    if (!transaction)
        return FALSE;
    for (guint i = 0; i < batch->arrivals->len; i++)
        if (!add_file(queue, batch->paths->pdata[i], batch->arrivals->pdata[i], now, error))
            return FALSE;
    return pf_database_run(queue->database, error, "DELETE FROM hook WHERE taken < ?", "i", now - REMEMBERED_SECONDS) &&
           pf_transaction_commit(g_steal_pointer(&transaction), error);
}

static void
remove_files(Batch *batch)
{
    for (guint i = 0; i < batch->paths->len; i++) {
        const char *path = batch->paths->pdata[i];

        PF_CRASH_POINT();
        if (g_unlink(path) != 0 && errno != ENOENT)
            note_problem(batch, g_error_new(PF_HOOK_FILE_ERROR, PF_HOOK_FILE_ERROR_WRITE, _("cannot remove %s: %s"),
                                            path, g_strerror(errno)));
    }
}

/* Whatever the name is, there is room in it for the ending. */
static char *
dup_aside(const char *path)
{
    const char *name = strrchr(path, '/') + 1;
    int room = NAME_MAX - (int)strlen(PF_HOOK_FILE_BAD);

    return g_strdup_printf("%.*s%.*s" PF_HOOK_FILE_BAD, (int)(name - path), path, room, name);
}

static void
set_aside(Batch *batch)
{
    g_autofree char *first = NULL;
    guint count = 0;

    for (guint i = 0; i < batch->bad->len; i++) {
        const char *path = batch->bad->pdata[i];
        g_autofree char *aside = dup_aside(path);

        if (g_rename(path, aside) == 0) {
            count++;
            first = first ? first : g_steal_pointer(&aside);
        } else if (errno != ENOENT) {
            note_problem(batch, g_error_new(PF_HOOK_FILE_ERROR, PF_HOOK_FILE_ERROR_WRITE, _("cannot rename %s: %s"),
                                            path, g_strerror(errno)));
        }
    }
    if (count > 0)
        g_warning(ngettext("%u report by a hook could not be read and was set aside as %s",
                           "%u reports by hooks could not be read and were set aside, the first as %s", count),
                  count, first);
}

gboolean
pf_hook_inbox_take(PfHookInbox *inbox, PfQueue *queue, guint most, guint *taken, GError **error)
{
    Batch batch = {g_ptr_array_new_with_free_func((GDestroyNotify)pf_arrival_free), g_ptr_array_new(),
                   g_ptr_array_new(), NULL};
    guint end = MIN(inbox->paths->len, inbox->next + most);

    for (guint i = inbox->next; i < end; i++)
        read_file(&batch, inbox->paths->pdata[i]);
    gboolean done = add_all(queue, &batch, error);
    if (done) {
        remove_files(&batch);
        set_aside(&batch);
        inbox->next = end;
        if (batch.problem)
            g_warning(_("%s; events from hooks stay there"), batch.problem->message);
    }
    *taken = done ? batch.paths->len : 0;
    inbox->has_left = batch.problem != NULL;
    batch_clear(&batch);
    return done;
}

gboolean
pf_hook_inbox_has_left(const PfHookInbox *inbox)
{
    return inbox->has_left;
}
