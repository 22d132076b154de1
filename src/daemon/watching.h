/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The watcher as the service uses it: gives it the folders of the configuration with the marks that the store has of
 * them, has it report to ingest, and restarts it when the configuration has changed.
 */
#pragma once

#include "config/config.h"
#include "daemon/ingest.h"

typedef struct PfWatching PfWatching;

typedef struct {
    PfQueue *queue;
    const char *state_dir;
    PfIngest *ingest;     /* gets what the watcher finds */
    const PfOwner *owner; /* hears when pf_watching_get_report() has something new to say */
} PfWatchingSettings;

/** Makes one that watches nothing; what the settings point to must outlive it. */
PfWatching *pf_watching_new(const PfWatchingSettings *settings);

/** Frees it; what has not settled by then is found at the next start. */
void pf_watching_free(PfWatching *watching);

/**
 * Watches what a configuration names, unless that is being done already.
 *
 * Returns: FALSE with a PF_DATABASE_ERROR set when the store cannot be used now, and what was watched still is; or with
 * a PF_WATCH_ERROR, and nothing is watched.
 */
gboolean pf_watching_apply(PfWatching *watching, const PfConfig *config, GError **error);

/** Ends the watch. */
void pf_watching_stop(PfWatching *watching);

/** As pf_watch_get_report(); 0 when nothing is watched. */
guint pf_watching_get_report(PfWatching *watching, const PfWatchReport **reports);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfWatching, pf_watching_free)
