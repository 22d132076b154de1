/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Says how the service is: to systemd in a line, and to `podflattr status` in a file (see below). What changes
 * within a moment is said once.
 */
#pragma once

#include "daemon/watching.h"
#include "feed/store.h"
#include "queue/queue.h"
#include <glib.h>

/*
 * What the service lets others know of itself: a file in the state folder, replaced as a whole when something changes.
 * It is about the process whose id it holds and nobody else's; the sender's lock says whether that still runs.
 *
 *     {"pid": 12, "since": 1780000000, "folders": [{"path": "…", "state": "watched", "since": …, "watches": 3,
 *      "fault": null}]}
 */

/** A watched folder. Times are seconds since the epoch. */
typedef struct {
    char *path;
    char *state; /* one word: "watched", or with N_() "missing", "listing", "polled" */
    gint64 since;
    gint64 watches; /* folders in it with a watch */
    char *fault;    /* what the user should fix, or NULL */
} PfDaemonFolder;

typedef struct {
    gint64 pid;
    gint64 since;
    GPtrArray *folders; /* of PfDaemonFolder * */
} PfDaemonState;

PfDaemonFolder *pf_daemon_folder_new(const char *path, const char *state, gint64 since, gint64 watches,
                                     const char *fault);

/** Makes one without folders. */
PfDaemonState *pf_daemon_state_new(gint64 pid, gint64 since);
void pf_daemon_state_free(PfDaemonState *state);

/** Writes it to a state folder. Returns FALSE with a PF_PRIVATE_FILE_ERROR_WRITE set when that fails. */
gboolean pf_daemon_state_save(const PfDaemonState *state, const char *state_dir, GError **error);

/**
 * Reads it.
 *
 * @pid: the process that holds the sender's lock, 0 for nobody
 *
 * Returns: (transfer full): the state; NULL when that process is no service.
 */
PfDaemonState *pf_daemon_state_load(const char *state_dir, gint64 pid);

/** Removes it: the service ends. */
void pf_daemon_state_remove(const char *state_dir);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfDaemonState, pf_daemon_state_free)

typedef struct PfStatusFile PfStatusFile;

/** Makes one, which begins with what is now; what it is given must outlive it. */
PfStatusFile *pf_status_file_new(const char *state_dir, PfQueue *queue, PfFeedStore *feeds, PfWatching *watching);

/** Frees it; the file is removed: there is no service any more. */
void pf_status_file_free(PfStatusFile *report);

/** Says that something has changed. */
void pf_status_file_change(PfStatusFile *report);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfStatusFile, pf_status_file_free)
