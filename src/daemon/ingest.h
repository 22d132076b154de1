/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a file to the queue: keeps what the watcher and the hooks report as arrivals, finds the item behind
 * each, and submits it. Nothing reported is lost: it is written before anything is done about it, and while the store
 * cannot be written it is kept and tried again. Everything happens on the thread's default main context. The caller
 * holds the sender's lock.
 */
#pragma once

#include "config/config.h"
#include "daemon/refresher.h"
#include "daemon/send_service.h"
#include "feed/store.h"
#include "queue/arrival.h"
#include "sources/watch.h"

/**
 * Takes all events from hooks into the database. Those that cannot be read are logged, and are no failure.
 *
 * @taken: (out): how much was taken
 *
 * Returns: FALSE with a PF_DATABASE_ERROR set.
 */
gboolean pf_inbox_collect(PfQueue *queue, const char *state_dir, guint *taken, GError **error);

/**
 * Forgets what was decided so long ago that it is of no use any more, and gives up files that have waited for the user
 * for a year, which it says. The queue keeps what was paid.
 *
 * Returns: FALSE with a PF_DATABASE_ERROR set; nothing is forgotten then.
 */
gboolean pf_ingest_forget_old(PfQueue *queue, GError **error);

typedef struct PfIngest PfIngest;

typedef struct {
    PfQueue *queue;
    PfFeedStore *feeds;
    const PfConfig *config;
    const char *state_dir;
    gboolean eager;         /* somebody is waiting: new items are used at once */
    PfRefresher *refresh;   /* asks feeds where an item is not found, and says when they have answered */
    PfSendService *sending; /* sends what was added to the queue; NULL: that is done later */
    const PfOwner *owner;
} PfIngestSettings;

/** Makes one; what the settings point to must outlive it. It begins with pf_ingest_note_hooks(). */
PfIngest *pf_ingest_new(const PfIngestSettings *settings);

/** Frees it. What was reported and not yet written is lost: end with pf_ingest_finish(). */
void pf_ingest_free(PfIngest *ingest);

void pf_ingest_set_config(PfIngest *ingest, const PfConfig *config);

/** As PfWatchSettings.found: takes a finished file of a watched folder, which is copied. A feed goes to the refresher.
 */
void pf_ingest_add_file(const PfWatchFile *file, gpointer ingest);

/** Tells of a file or stream that was heard. @arrival: (transfer full): all but id set */
void pf_ingest_add_played(PfIngest *ingest, PfArrival *arrival);

/**
 * As PfWatchSettings.looked: notes that all of a watched folder was looked at, as of @mark (see
 * pf_arrival_save_marks()); it is written after what came before.
 */
void pf_ingest_add_mark(const char *folder, gint64 mark, gpointer ingest);

/** Says that hooks have written something. */
void pf_ingest_note_hooks(PfIngest *ingest);

/** Says that a podcatcher's list has changed: files that are waiting are looked up in it again. */
void pf_ingest_note_lists(PfIngest *ingest);

/** Whether nothing is to be done now. */
gboolean pf_ingest_is_idle(const PfIngest *ingest);

/** Writes what was reported and not yet written. Returns FALSE with a PF_DATABASE_ERROR set when that cannot be. */
gboolean pf_ingest_finish(PfIngest *ingest, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfIngest, pf_ingest_free)
