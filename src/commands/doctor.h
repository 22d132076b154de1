/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checks of `podflattr doctor`: each prints one line, ok, warn or FAIL, that says what was found and what mends it.
 */
#pragma once

#include "commands/command.h"

typedef enum {
    PF_DOCTOR_OK,
    PF_DOCTOR_WARN, /* works, but not as well as it could */
    PF_DOCTOR_FAIL, /* does not work */
} PfDoctorResult;

typedef struct {
    PfApp *app;
    gboolean repair;  /* mend what can be mended here */
    gboolean offline; /* do not ask the server */
    int status;       /* the exit status: of the first check that failed */
    gint64 newest;    /* when the queue last changed, seconds since the epoch; 0 when it never did */
} PfDoctor;

/**
 * Prints the line of a check.
 *
 * @status: the exit status that a FAIL leads to
 * @check: what was looked at, in a word
 */
void pf_doctor_tell(PfDoctor *doctor, PfDoctorResult result, int status, const char *check, const char *format, ...)
    G_GNUC_PRINTF(5, 6);

/** Prints a FAIL for each line of an error, which is freed. The exit status is the error's. */
void pf_doctor_tell_error_take(PfDoctor *doctor, const char *check, GError *error);

/** Checks the state folder, and the database in it; repairs that when it is asked to. */
void pf_doctor_check_store(PfDoctor *doctor);

/** Checks the token, the server and the clock. */
void pf_doctor_check_account(PfDoctor *doctor);
