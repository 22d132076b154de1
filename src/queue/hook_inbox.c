/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue/hook_inbox.h"

#include "base/crash.h"
#include "queue/queue_private.h"
#include <glib/gstdio.h>
#include <string.h>

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The paths of all files, the earliest first; empty when there is no folder. */
static GPtrArray *
list_files(const char *state_dir, GError **error)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *path = pf_hook_file_folder(state_dir);
    g_autoptr(GError) failure = NULL;
    g_autoptr(GDir) folder = g_dir_open(path, 0, &failure);
    const char *name;

    if (!folder && !g_error_matches(failure, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
        g_set_error_literal(error, PF_HOOK_FILE_ERROR, PF_HOOK_FILE_ERROR_FOLDER, failure->message);
        return NULL;
    }
    while (folder && (name = g_dir_read_name(folder)))
        if (g_str_has_suffix(name, PF_HOOK_FILE_ENDING))
            g_ptr_array_add(paths, g_build_filename(path, name, NULL));
    g_ptr_array_sort(paths, compare_names);
    return g_steal_pointer(&paths);
}

/* What was read of a batch of files. */
typedef struct {
    GPtrArray *arrivals; /* of PfArrival, from … */
    GPtrArray *good;     /* … these paths */
    GPtrArray *bad;      /* paths of what are no arrivals */
} Read;

/* @paths: at most @most of them are read. What is gone meanwhile, another process has taken into the database. */
static void
read_files(Read *read, const GPtrArray *paths, guint most)
{
    read->arrivals = g_ptr_array_new_with_free_func((GDestroyNotify)pf_arrival_free);
    read->good = g_ptr_array_new();
    read->bad = g_ptr_array_new();
    for (guint i = 0; i < MIN(paths->len, most); i++) {
        gboolean is_gone;
        PfArrival *arrival = pf_hook_file_read(paths->pdata[i], &is_gone);

        if (arrival)
            g_ptr_array_add(read->arrivals, arrival);
        if (!is_gone)
            g_ptr_array_add(arrival ? read->good : read->bad, paths->pdata[i]);
    }
}

static void
read_clear(Read *read)
{
    g_ptr_array_unref(read->arrivals);
    g_ptr_array_unref(read->good);
    g_ptr_array_unref(read->bad);
}

static gboolean
add_all(PfQueue *queue, const GPtrArray *arrivals, GError **error)
{
    g_autoptr(GError) failure = NULL;
    gboolean added;
    gint64 id;

    if (arrivals->len == 0)
        return TRUE;
    if (pf_queue_begin(queue, &failure)) {
        for (guint i = 0; i < arrivals->len && !failure; i++)
            pf_arrival_add(queue, arrivals->pdata[i], &id, &added, &failure);
        pf_queue_end(queue, &failure);
    }
    return pf_queue_finish(&failure, error);
}

static gboolean
set_aside(const GPtrArray *paths, GError **error)
{
    if (paths->len == 0)
        return TRUE;
    for (guint i = 0; i < paths->len; i++) {
        g_autofree char *aside = g_strconcat(paths->pdata[i], ".bad", NULL);
        (void)g_rename(paths->pdata[i], aside);
    }
    g_set_error(error, PF_HOOK_FILE_ERROR, PF_HOOK_FILE_ERROR_DAMAGED,
                "%u of what hooks have left could not be read and was set aside, first %s.bad", paths->len,
                (const char *)paths->pdata[0]);
    return FALSE;
}

static gboolean
take(PfQueue *queue, const Read *read, guint *taken, GError **error)
{
    if (!add_all(queue, read->arrivals, error))
        return FALSE;
    for (guint i = 0; i < read->good->len; i++) {
        PF_CRASH_POINT();
        g_unlink(read->good->pdata[i]);
    }
    *taken = read->good->len;
    return set_aside(read->bad, error);
}

gboolean
pf_hook_inbox_take(PfQueue *queue, const char *state_dir, guint most, guint *taken, gboolean *more, GError **error)
{
    g_autoptr(GPtrArray) paths = list_files(state_dir, error);
    Read read;

    *taken = 0;
    *more = FALSE;
    if (!paths)
        return FALSE;
    read_files(&read, paths, most);
    gboolean done = take(queue, &read, taken, error);
    *more = paths->len > most;
    read_clear(&read);
    return done;
}
