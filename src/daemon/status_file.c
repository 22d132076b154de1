/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/status_file.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/i18n.h"
#include "daemon/sd_notify.h"

#include <gio/gio.h>
#include <jansson.h>
#include <unistd.h>

/* Larger than any that is ours. */
#define LIMIT ((gsize)1024 * 1024)

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

/* Changes within so many milliseconds are said together. */
#define MOMENT_MS 200

struct PfStatusFile {
    const char *state_dir;
    PfQueue *queue;
    PfFeedStore *feeds;
    PfWatching *watching;
    gint64 since;
    guint source;
    gboolean failing;
};

static const char *const state_names[] = {
    [PF_WATCH_MISSING] = N_("missing"),
    [PF_WATCH_LISTING] = N_("listing"),
    [PF_WATCH_ON] = "watched",
    [PF_WATCH_POLLED] = N_("polled"),
};

static void
save(PfStatusFile *report)
{
    g_autoptr(PfDaemonState) state = pf_daemon_state_new(getpid(), report->since);
    g_autoptr(GError) failure = NULL;
    const PfWatchReport *folders = NULL;
    guint count = pf_watching_get_report(report->watching, &folders);

    for (guint i = 0; i < count; i++)
        g_ptr_array_add(state->folders, pf_daemon_folder_new(folders[i].path, state_names[folders[i].state],
                                                             folders[i].since, folders[i].watches, folders[i].fault));
    if (!pf_daemon_state_save(state, report->state_dir, &failure) && !report->failing)
        g_message(_("cannot write the state for 'podflattr status': %s"), failure->message);
    report->failing = failure != NULL;
}

/* The line for systemd. A store that fails is reported by those who need it. */
static void
notify(PfStatusFile *report)
{
    const PfWatchReport *folders = NULL;
    guint count = pf_watching_get_report(report->watching, &folders);
    gint64 counts[PF_ENTRY_STATES] = {0}, known = 0, failing = 0;
    g_autofree char *fingerprint = NULL;
    PfGate gate = {0};

    if (!pf_queue_count(report->queue, counts, NULL) || !pf_queue_load_gate(report->queue, &gate, &fingerprint, NULL) ||
        !pf_feed_store_count(report->feeds, &known, &failing, NULL))
        return;
    g_autofree char *watched = g_strdup_printf(ngettext("%u folder watched", "%u folders watched", count), count);
    g_autofree char *feeds =
        g_strdup_printf(ngettext("%" PRId64 " feed known", "%" PRId64 " feeds known", (gulong)known), known);
    g_autofree char *stopped = gate.reason == PF_GATE_OPEN
                                   ? g_strdup("")
                                   : g_strdup_printf(_("; sending is stopped: %s"), pf_gate_reason_text(gate.reason));
    g_autofree char *text = g_strdup_printf(_("%s, %s; %" PRId64 " queued, %" PRId64 " held, %" PRId64 " flattred%s"),
                                            watched, feeds, counts[PF_ENTRY_QUEUED] + counts[PF_ENTRY_SENDING],
                                            counts[PF_ENTRY_HELD], counts[PF_ENTRY_FLATTRED], stopped);
    pf_sd_notify_status(text);
}

static gboolean
say(gpointer data)
{
    PfStatusFile *report = data;

    report->source = 0;
    save(report);
    notify(report);
    return G_SOURCE_REMOVE;
}

void
pf_status_file_change(PfStatusFile *report)
{
    if (report->source == 0)
        report->source = g_timeout_add(MOMENT_MS, say, report);
}

PfStatusFile *
pf_status_file_new(const char *state_dir, PfQueue *queue, PfFeedStore *feeds, PfWatching *watching)
{
    PfStatusFile *report = g_new0(PfStatusFile, 1);

    *report = (PfStatusFile){
        .state_dir = state_dir, .queue = queue, .feeds = feeds, .watching = watching, .since = pf_clock_now()};
    say(report);
    return report;
}

void
pf_status_file_free(PfStatusFile *report)
{
    if (!report)
        return;
    g_clear_handle_id(&report->source, g_source_remove);
    pf_daemon_state_remove(report->state_dir);
    g_free(report);
}
