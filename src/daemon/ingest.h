/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a file to the queue: keeps what the watcher and the hooks report as arrivals, finds the item behind
 * each, and submits it. Nothing reported is lost: it is written before anything is done about it, and while the store
 * cannot be written it is kept and tried again. Everything happens on the thread's default main context. The caller
 * holds the sender's lock.
 */
#pragma once

#include "config/config.h"
#include "feed/store.h"
#include "queue/arrival.h"

/*
 * What was reported and is not yet in the store: files of watched folders, and events from hooks.
 * It is written in the order in which it was reported, a batch in a transaction, and what cannot be written stays. One
 * thread.
 */

typedef struct PfInbox PfInbox;

void pf_inbox_free(PfInbox *inbox);

/**
 * Takes all events from hooks into the database. Those that cannot be read are logged, and are no failure.
 *
 * @taken: (out): how much was taken
 *
 * Returns: FALSE with a PF_DATABASE_ERROR set.
 */
gboolean pf_inbox_collect(PfQueue *queue, const char *state_dir, guint *taken, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfInbox, pf_inbox_free)

typedef struct PfIngest PfIngest;

typedef struct {
    PfQueue *queue;
    PfFeedStore *feeds;
    const PfConfig *config;
    const char *state_dir;
    gboolean eager;                   /* somebody is waiting: new items are used at once */
    void (*queued)(gpointer data);    /* entries were added to the queue */
    void (*feeds_due)(gpointer data); /* feeds were made due: an item was not found */
    /* A store failed; it is tried again by itself. */
    void (*failed)(const GError *failure, gpointer data);
    void (*idle)(gpointer data); /* nothing is to be done before something is reported, or the next try is due */
    gpointer data;
} PfIngestSettings;

/** Makes one; what the settings point to must outlive it. It begins with pf_ingest_note_hooks(). */
PfIngest *pf_ingest_new(const PfIngestSettings *settings);

/** Frees it. What was reported and not yet written is lost: end with pf_ingest_finish(). */
void pf_ingest_free(PfIngest *ingest);

void pf_ingest_set_config(PfIngest *ingest, const PfConfig *config);

/** Tells of a finished file of a watched folder. All of it is copied. */
void pf_ingest_add_file(PfIngest *ingest, const char *path, const char *former, gint64 size, gint64 changed);

/**
 * Tells that all of a watched folder was looked at, as of @mark (see pf_arrival_save_marks()); it is written after what
 * was told before.
 */
void pf_ingest_add_mark(PfIngest *ingest, const char *folder, gint64 mark);

/** Says that hooks have written something. */
void pf_ingest_note_hooks(PfIngest *ingest);

/** Says that feeds have new items: what was not found is looked for again. */
void pf_ingest_note_feeds(PfIngest *ingest);

/** Says that a podcatcher's list has changed: files that are waiting are looked up in it again. */
void pf_ingest_note_lists(PfIngest *ingest);

/** Says that all feeds that were due have answered, with news or not: who has just begun to wait need not wait longer.
 */
void pf_ingest_note_answers(PfIngest *ingest);

/** Whether nothing is to be done now. */
gboolean pf_ingest_is_idle(const PfIngest *ingest);

/** Writes what was reported and not yet written. Returns FALSE with a PF_DATABASE_ERROR set when that cannot be. */
gboolean pf_ingest_finish(PfIngest *ingest, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfIngest, pf_ingest_free)
