/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The main loop of a command that runs until it is done or a signal stops it. Belongs to the main thread; one at a
 * time.
 */
#pragma once

#include <glib.h>

typedef struct PfMainLoop PfMainLoop;

/** What signals do. */
typedef struct {
    void (*stop)(gpointer data);   /* SIGINT and SIGTERM, each time; NULL: the loop is quit */
    void (*reload)(gpointer data); /* SIGHUP; NULL: it ends the process */
    gboolean ignores_pipe;         /* SIGPIPE does not end the process, now and after the loop: writing fails instead */
    gpointer data;
} PfMainLoopSignals;

/** Makes a loop on the default context. From now on, until it is freed, signals are handled when it runs. */
PfMainLoop *pf_main_loop_new(const PfMainLoopSignals *signals);

/** Runs until pf_main_loop_quit(). */
void pf_main_loop_run(PfMainLoop *loop);

/** Lets pf_main_loop_run() return. NULL does nothing. */
void pf_main_loop_quit(PfMainLoop *loop);

/** Gives the signals back, and frees the loop. NULL does nothing. */
void pf_main_loop_free(PfMainLoop *loop);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfMainLoop, pf_main_loop_free)
