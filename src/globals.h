/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes before the command, and how a run ends: what podflattr's two programs share, the quick one that callers
 * start (main.c) and the one with all commands (commands/main.c).
 */
#pragma once

#include "commands/command.h"
#include "config/app.h"

/** The options in front of the command. */
typedef struct {
    char *config;
    char *state_dir;
    char *api;
    gboolean quiet;
    gboolean version;
    int verbosity;
} PfGlobals;

/** Makes a parser that writes into @globals, which must stay where it is. Returns: (transfer full). */
GOptionContext *pf_globals_make_context(PfGlobals *globals);

/** Frees what is in it. */
void pf_globals_clear(PfGlobals *globals);

/** Begins to log, under the program's name. */
void pf_globals_start_log(const PfGlobals *globals);

/** Begins a command's run: names the process for its help, and finds its state folder. End it with pf_app_end(). */
void pf_globals_begin(const PfGlobals *globals, const PfCommand *command, PfApp *app);

/** Prints on stderr why a command failed. @command: its name, or NULL for none. */
void pf_globals_print_error(const char *command, const GError *error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PfGlobals, pf_globals_clear)
