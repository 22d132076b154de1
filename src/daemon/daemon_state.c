/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/daemon_state.h"

#include "base/files.h"
#include <gio/gio.h>
#include <jansson.h>
#include <unistd.h>

/* Larger than any that is ours. */
#define LIMIT (1024 * 1024)

static void
folder_free(gpointer data)
{
    PfDaemonFolder *folder = data;

    g_free(folder->path);
    g_free(folder->state);
    g_free(folder->fault);
    g_free(folder);
}

PfDaemonFolder *
pf_daemon_folder_new(const char *path, const char *state, gint64 since, gint64 watches, const char *fault)
{
    PfDaemonFolder *folder = g_new(PfDaemonFolder, 1);

    *folder = (PfDaemonFolder){
        .path = g_strdup(path), .state = g_strdup(state), .since = since, .watches = watches, .fault = g_strdup(fault)};
    return folder;
}

PfDaemonState *
pf_daemon_state_new(gint64 pid, gint64 since)
{
    PfDaemonState *state = g_new0(PfDaemonState, 1);

    state->pid = pid;
    state->since = since;
    state->folders = g_ptr_array_new_with_free_func(folder_free);
    return state;
}

void
pf_daemon_state_free(PfDaemonState *state)
{
    if (!state)
        return;
    g_ptr_array_unref(state->folders);
    g_free(state);
}

static char *
state_path(const char *state_dir)
{
    return g_build_filename(state_dir, "daemon.json", NULL);
}

gboolean
pf_daemon_state_save(const PfDaemonState *state, const char *state_dir, GError **error)
{
    g_autofree char *path = state_path(state_dir);
    json_t *folders = json_array();

    for (guint i = 0; i < state->folders->len; i++) {
        const PfDaemonFolder *folder = state->folders->pdata[i];
        /* JSON has no word for bytes that are no text. */
        g_autofree char *shown = g_filename_display_name(folder->path);
        json_array_append_new(folders, json_pack("{s:s, s:s, s:I, s:I, s:s?}", "path", shown, "state", folder->state,
                                                 "since", (json_int_t)folder->since, "watches",
                                                 (json_int_t)folder->watches, "fault", folder->fault));
    }
    json_t *object = json_pack("{s:I, s:I, s:o}", "pid", (json_int_t)state->pid, "since", (json_int_t)state->since,
                               "folders", folders);
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    gboolean saved = pf_private_file_write(path, text, error);
    free(text);
    return saved;
}

static void
read_folder(PfDaemonState *state, json_t *object)
{
    const char *path = NULL, *name = NULL;
    json_int_t since = 0, watches = 0;
    json_t *fault = NULL;

    if (json_unpack(object, "{s:s, s:s, s:I, s:I, s:o}", "path", &path, "state", &name, "since", &since, "watches",
                    &watches, "fault", &fault) == 0)
        g_ptr_array_add(state->folders, pf_daemon_folder_new(path, name, since, watches, json_string_value(fault)));
}

PfDaemonState *
pf_daemon_state_load(const char *state_dir, gint64 pid)
{
    g_autofree char *path = state_path(state_dir);
    g_autofree char *text = NULL;
    gsize length;
    json_int_t own = 0, since = 0;
    json_t *folders = NULL, *folder;
    size_t i;

    if (pid == 0 || !g_file_get_contents(path, &text, &length, NULL) || length > LIMIT)
        return NULL;
    json_t *object = json_loadb(text, length, 0, NULL);
    PfDaemonState *state = NULL;
    if (json_unpack(object, "{s:I, s:I, s:o}", "pid", &own, "since", &since, "folders", &folders) == 0 && own == pid) {
        state = pf_daemon_state_new(own, since);
        json_array_foreach (folders, i, folder)
            read_folder(state, folder);
    }
    json_decref(object);
    return state;
}

void
pf_daemon_state_remove(const char *state_dir)
{
    g_autofree char *path = state_path(state_dir);

    (void)unlink(path);
}
