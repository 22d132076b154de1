/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How errors become exit statuses, those of sysexits.h. In two parts, so that a hook need not be linked with all that
 * can fail elsewhere. Pure; any thread.
 */
#pragma once

#include <glib.h>
#include <sysexits.h>

/** Exit status of a command whose gate waits for a login. */
#define PF_EXIT_LOGIN EX_NOPERM

/**
 * The domain of a run that ended with a status which no failure stands for, such as entries that wait: the code is the
 * exit status; the message is empty when the run has said why.
 */
#define PF_EXIT_STATUS (pf_exit_status_quark())
GQuark pf_exit_status_quark(void);

/** Sets such an error. Returns FALSE. */
gboolean pf_exit_status_set(GError **error, int status, const char *message);

/** The status for one kind of error. */
typedef struct {
    GQuark domain;
    int code; /* -1: any */
    int status;
} PfExitStatus;

/** Looks an error up; the first row that fits counts. Returns: its status; EX_OK when no row fits. */
int pf_exit_status_find(const PfExitStatus *table, gsize rows, const GError *error);

/** The exit status for an error of the command line, or of a hook; EX_SOFTWARE for any other. */
int pf_exit_status_of_hook(const GError *error);

/** The exit status for an error of any of the program's domains. */
int pf_exit_status(const GError *error);
