/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way from a file to the queue: keeps what the watcher and the hooks tell of as arrivals, finds the item behind
 * each, and submits it. Nothing told is forgotten: it is written before anything is done about it, and while the store
 * cannot be written it is kept and tried again. Everything happens on the thread's default main context. The caller
 * holds the sender's lock.
 */
#pragma once

#include "config/config.h"
#include "feed/store.h"
#include "queue/arrival.h"

/*
 * What was told and is not yet in the store: files of watched folders, and the files in which hooks tell.
 * It is written in the order in which it was told, a batch in a transaction, and what cannot be written stays. One
 * thread.
 */

typedef struct PfInbox PfInbox;

/** Makes an empty one; what it is given must outlive it. */
PfInbox *pf_inbox_new(PfQueue *queue, const char *state_dir);
void pf_inbox_free(PfInbox *inbox);

/** Tells of a finished file; see PfArrival. All of it is copied. */
void pf_inbox_add_file(PfInbox *inbox, const char *path, const char *former, gint64 size, gint64 changed);

/** Tells that all of a folder was looked at, as of @mark; see pf_arrival_save_marks(). */
void pf_inbox_add_mark(PfInbox *inbox, const char *folder, gint64 mark);

/** Says that hooks may have told something. */
void pf_inbox_ring(PfInbox *inbox);

/** Whether so much is told that it should be written before more is taken: memory is not to grow with a mass of files.
 */
gboolean pf_inbox_is_full(const PfInbox *inbox);

/** Whether all is written. */
gboolean pf_inbox_is_empty(const PfInbox *inbox);

/** When hooks' files are to be looked at again unasked, since one could not be read: seconds since the epoch,
 * G_MAXINT64 for never. */
gint64 pf_inbox_next_look(const PfInbox *inbox);

/**
 * Writes a batch of what hooks have told, and one of what was told here.
 *
 * Returns: FALSE with a PF_DATABASE_ERROR set when that cannot be; it stays told.
 */
gboolean pf_inbox_write(PfInbox *inbox, GError **error);

/**
 * Writes all of what was told here, before the end. What hooks have told is in files, for the next who comes.
 *
 * Returns: FALSE with a PF_DATABASE_ERROR set when that cannot be; it stays told.
 */
gboolean pf_inbox_flush(PfInbox *inbox, GError **error);

/**
 * Takes all that hooks have told into the database. What of it cannot be read is logged, and is no failure.
 *
 * @taken: (out): how much was taken
 *
 * Returns: FALSE with a PF_DATABASE_ERROR set.
 */
gboolean pf_inbox_collect(PfQueue *queue, const char *state_dir, guint *taken, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfInbox, pf_inbox_free)

typedef struct PfPipeline PfPipeline;

typedef struct {
    PfQueue *queue;
    PfFeedStore *feeds;
    const PfConfig *config;
    const char *state_dir;
    gboolean eager;                /* somebody waits for it: what feeds have brought is made use of at once */
    void (*queued)(gpointer data); /* entries were added to the queue */
    void (*needs)(gpointer data);  /* feeds were made due: an item was not found */
    /* A store failed; it is tried again by itself. */
    void (*failed)(const GError *failure, gpointer data);
    void (*rested)(gpointer data); /* nothing is to be done before something is told, or the next try is due */
    gpointer data;
} PfPipelineSettings;

/** Makes a pipeline; what the settings point to must outlive it. It begins with pf_pipeline_wake(). */
PfPipeline *pf_pipeline_new(const PfPipelineSettings *settings);

/** Frees it. What was told and not yet written is lost: end with pf_pipeline_finish(). */
void pf_pipeline_free(PfPipeline *pipeline);

void pf_pipeline_set_config(PfPipeline *pipeline, const PfConfig *config);

/** Tells of a finished file of a watched folder. All of it is copied. */
void pf_pipeline_tell(PfPipeline *pipeline, const char *path, const char *former, gint64 size, gint64 changed);

/**
 * Tells that all of a watched folder was looked at, as of @mark (see pf_arrival_save_marks()); it is written after what
 * was told before.
 */
void pf_pipeline_mark(PfPipeline *pipeline, const char *folder, gint64 mark);

/** Says that hooks have written something. */
void pf_pipeline_wake(PfPipeline *pipeline);

/** Says that feeds have brought something: what was not found is looked for again. */
void pf_pipeline_hurry(PfPipeline *pipeline);

/** Says that all feeds that were due have answered, with news or not: who has just begun to wait need not wait longer.
 */
void pf_pipeline_answer(PfPipeline *pipeline);

/** Whether nothing is to be done now. */
gboolean pf_pipeline_is_idle(const PfPipeline *pipeline);

/** Writes what was told and not yet written. Returns FALSE with a PF_DATABASE_ERROR set when that cannot be. */
gboolean pf_pipeline_finish(PfPipeline *pipeline, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfPipeline, pf_pipeline_free)
