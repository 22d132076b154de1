/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every command has and shares: its entry in the command table, and how its arguments are read.
 */
#pragma once

#include "commands/exit_status.h"
#include "config/app.h"
#include "flattr/flattr.h"
#include "queue/queue.h"

/** What must be there, and right, for a command to be run. */
typedef enum {
    PF_COMMAND_NEEDS_ALL,    /* the configuration, the endpoint, and the libraries started */
    PF_COMMAND_NEEDS_FAULTS, /* the same, right or wrong: it is there to say what is wrong */
    /* the state folder alone: config and endpoint are NULL, and starting libcurl and libxml2 costs it no time */
    PF_COMMAND_NEEDS_STATE,
} PfCommandNeeds;

/** A command, one a file; commands/main.c has the table of them. */
typedef struct {
    const char *name;
    const char *arguments;   /* what follows the name, for the help */
    const char *summary;     /* one line, for the list of commands */
    const char *description; /* for the command's own help; NULL when the summary says it all */
    /* Runs it. argv[0] is the command's name. Returns the exit status; main() prints @error, if set, and takes the exit
     * status from it when 0 was returned. */
    int (*run)(PfApp *app, int argc, char **argv, GError **error);
    PfCommandNeeds needs;
    gboolean rings; /* it may change the queue: a service is told */
} PfCommand;

extern const PfCommand pf_command_add;
extern const PfCommand pf_command_api;
extern const PfCommand pf_command_config;
extern const PfCommand pf_command_daemon;
extern const PfCommand pf_command_doctor;
extern const PfCommand pf_command_hook;
extern const PfCommand pf_command_link;
extern const PfCommand pf_command_partner;
extern const PfCommand pf_command_login;
extern const PfCommand pf_command_logout;
extern const PfCommand pf_command_queue;
extern const PfCommand pf_command_scan;
extern const PfCommand pf_command_send;
extern const PfCommand pf_command_status;
extern const PfCommand pf_command_whoami;

#define PF_COMMAND_ERROR (pf_command_error_quark())
GQuark pf_command_error_quark(void);

typedef enum {
    PF_COMMAND_ERROR_USAGE, /* the command line is wrong */
    PF_COMMAND_ERROR_DATA,  /* an argument is not what it should be */
    PF_COMMAND_ERROR_WRITE, /* results cannot be written */
} PfCommandError;

/**
 * Parses a command's options and removes them from the arguments.
 *
 * @entries: ends with an empty entry
 *
 * Returns: FALSE with an error for exit status 64.
 */
gboolean pf_command_parse(const PfCommand *command, const GOptionEntry *entries, int *argc, char ***argv,
                          GError **error);

/** Reads the value of --format. Returns FALSE with an error set for anything but NULL, "table" and "json". */
gboolean pf_command_parse_format(const char *format, gboolean *json, GError **error);

/** Opens the queue of this run for a command that a person waits for, and takes in what hooks have told. */
PfQueue *pf_command_open_queue(const PfApp *app, GError **error);

/**
 * Makes a session with the server of this run, as its configuration says.
 *
 * @token: the bearer token, or NULL
 *
 * Returns: (transfer full): the session; NULL with a FLATTR_ERROR set.
 */
FlattrSession *pf_command_open_session(const PfApp *app, const char *token, GError **error);
