/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The service: watches folders, accepts hooks, keeps feeds fresh and sends, until it is asked to stop. This is where
 * the parts meet; each does its work by itself (sources/watch.h, ingest.h, refresher.h, send_service.h) and tells the
 * others by way of here.
 */
#pragma once

#include "config/app.h"

/**
 * Runs the service until SIGTERM or SIGINT; SIGHUP reads the configuration again. Blocks; runs the thread's default
 * main context. To be called before the process has other threads.
 *
 * @app: the settings; reading them again changes it
 *
 * Returns: TRUE after it was asked to stop; FALSE with @error set when it could not begin or go on, of the domain of
 * what failed: PF_QUEUE_LOCK_ERROR when another process sends already, PF_DATABASE_ERROR, PF_WATCH_ERROR,
 * PF_LANDLOCK_ERROR.
 */
gboolean pf_daemon_run(PfApp *app, GError **error);
