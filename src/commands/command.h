/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of commands, sub-commands and their options, by which one parser reads every command line.
 */
#pragma once

#include "base/i18n.h"
#include "config/app.h"
#include "flattr/flattr.h"
#include "queue/queue.h"
#include <sysexits.h>

/*
 * How errors become exit statuses, those of sysexits.h. In two parts, so that a hook need not be linked with all that
 * can fail elsewhere: exit_status.c has the second. Pure; any thread.
 */

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

/** What must be there, and right, for a command to be run. */
typedef enum {
    PF_COMMAND_NEEDS_ALL,    /* the configuration, the endpoint unless there is no server, and the libraries started */
    PF_COMMAND_NEEDS_SERVER, /* the same, and a server */
    PF_COMMAND_NEEDS_FAULTS, /* the same, right or wrong: it is there to say what is wrong */
    /* the state folder alone: config and endpoint are NULL, and starting libcurl and libxml2 costs it no time */
    PF_COMMAND_NEEDS_STATE,
} PfCommandNeeds;

/** An option of a command, and where its value goes. */
typedef struct {
    const char *name;
    GOptionArg type; /* G_OPTION_ARG_STRING or _FILENAME (char *), _INT (int) or _NONE (gboolean) */
    gsize offset;    /* of the value in the command's options */
    const char *summary;
    const char *value; /* the name of the value, for the help; NULL for G_OPTION_ARG_NONE */
    int initial;       /* a number that is not given */
    char letter;       /* 0 for none */
} PfCommandOption;

/** --format, which is read into PfCommandCall.json. */
#define PF_COMMAND_FORMAT                                                                                              \
    {                                                                                                                  \
        .name = "format", .type = G_OPTION_ARG_STRING, .summary = N_("Output format: table (default) or json"),        \
        .value = N_("FORMAT")                                                                                          \
    }

typedef struct PfCommand PfCommand;

/** One run of a command, after its line was checked against the table. */
typedef struct {
    PfApp *app;
    const PfCommand *command; /* the one that is run: the sub-command, where there are any */
    const void *options;      /* what the options were read into, of the type that the command knows */
    gboolean json;            /* --format=json */
    const char *format;       /* as given, one of the command's; NULL: not given */
    char **operands;          /* `count` of them and a NULL */
    guint count;
} PfCommandCall;

/** For a command that takes as many operands as it is given. */
#define PF_COMMAND_ANY G_MAXUINT

/** A command, one a file, or a sub-command; commands/main.c has the table of commands. */
struct PfCommand {
    const char *name;
    const char *operands;           /* what follows the name, for the help, with N_(); NULL for nothing */
    guint least, most;              /* how many operands */
    const char *summary;            /* one line, for the list of commands */
    const char *description;        /* for the command's own help; NULL when the summary says it all */
    const char *examples;           /* lines for the command's own help; NULL for none */
    const PfCommand *subcommands;   /* the last one has no name; NULL for none */
    gboolean has_default;           /* the first of them is run when none is named; with operands, if it takes any */
    const char *formats;            /* what --format may be, with blanks between them; NULL for "table json" */
    const PfCommandOption *options; /* of a command and its sub-commands, the last one has no name; NULL for none */
    gsize options_size;             /* of what they are read into, which begins with all zero */
    const char *takes;              /* a sub-command's options: their names with blanks between them; NULL for none */
    const void *detail;             /* what the command's own code keeps with a sub-command */
    /* Returns FALSE with @error set, from which the exit status is made (see pf_exit_status()). NULL where there are
     * sub-commands. */
    gboolean (*run)(const PfCommandCall *call, GError **error);
    /* Whether a failure is warned of only, and the exit status 0. @options: NULL when the command line is wrong, and
     * @line is all there is. NULL: never. */
    gboolean (*forgives)(const void *options, char **line);
    PfCommandNeeds needs; /* this and the next: of a command, for its sub-commands too */
    gboolean rings;       /* it may change the queue: a running service is notified */
};

extern const PfCommand pf_command_add;
extern const PfCommand pf_command_adopt;
extern const PfCommand pf_command_api;
extern const PfCommand pf_command_complete;
extern const PfCommand pf_command_config;
extern const PfCommand pf_command_daemon;
extern const PfCommand pf_command_doctor;
extern const PfCommand pf_command_hook;
extern const PfCommand pf_command_init;
extern const PfCommand pf_command_link;
extern const PfCommand pf_command_partner;
extern const PfCommand pf_command_login;
extern const PfCommand pf_command_logout;
extern const PfCommand pf_command_queue;
extern const PfCommand pf_command_report;
extern const PfCommand pf_command_scan;
extern const PfCommand pf_command_send;
extern const PfCommand pf_command_settle;
extern const PfCommand pf_command_status;
extern const PfCommand pf_command_whoami;

/** All commands of podflattr-commands, as the help lists them; NULL at the end. */
extern const PfCommand *const pf_commands[];

/** Where what podcatchers can start is installed. */
extern const char *const pf_plugins_folder;

/** Whether a command, or any of its sub-commands, has an option. */
gboolean pf_command_takes(const PfCommand *command, const char *option);

/** What --format of a command, or of a sub-command, may be. Returns: (transfer full). */
char **pf_command_dup_formats(const PfCommand *command);

#define PF_COMMAND_ERROR (pf_command_error_quark())
GQuark pf_command_error_quark(void);

typedef enum {
    PF_COMMAND_ERROR_USAGE,       /* the command line is wrong */
    PF_COMMAND_ERROR_DATA,        /* an argument is not what it should be */
    PF_COMMAND_ERROR_INPUT,       /* a file that was named cannot be read */
    PF_COMMAND_ERROR_UNAVAILABLE, /* what is needed of the system cannot be had */
    PF_COMMAND_ERROR_WRITE,       /* results cannot be written */
    PF_COMMAND_ERROR_NO_SERVER,   /* no server is configured, and the command is for one */
} PfCommandError;

/**
 * Reads a command line and runs the command, or the sub-command that it names.
 *
 * @argv: NULL-terminated; argv[0] is the command's name
 *
 * Returns: FALSE with an error set, of G_OPTION_ERROR, PF_COMMAND_ERROR or any domain that pf_exit_status() knows.
 */
gboolean pf_command_run(const PfCommand *command, PfApp *app, int argc, char **argv, GError **error);

/** Whether words name a sub-command, or one of a sub-command's, or there are none. @words: NULL-terminated */
gboolean pf_command_check_names(const PfCommand *command, char **words, GError **error);

/** Prints the help, with lines that fit the terminal; in a pipe as for one of 80 columns. */
void pf_command_print_whole_help(GOptionContext *context);

/**
 * Prints the help if a command line asks for it. GLib would exit then, whether it could be written or not.
 *
 * @argv: NULL-terminated; argv[0] is a name
 * @is_posix: whether options end at the first word that is none
 *
 * Returns: whether it was asked for.
 */
gboolean pf_command_print_help(GOptionContext *context, char **argv, gboolean is_posix);

/** Sets an error for a wrong command line, exit status 64. Returns FALSE. */
gboolean pf_command_refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** Appends "; did you mean 'WORD'?" to a message when one of @words (of const char *, NULL at its end) is close. */
void pf_command_suggest(GString *text, const char *word, const GPtrArray *words);

/** The options that stand in front of a command, "--config" and so on; ends with NULL. */
extern const char *const pf_command_globals[];

/** The option, "--limt", that a GOptionContext did not know. Returns: (transfer full): NULL for another error. */
char *pf_command_dup_unknown_option(const GError *error);

/** Whether there is a server; without one, sets an error that says what the command would be for. */
gboolean pf_command_check_server(const PfApp *app, const PfCommand *command, GError **error);

/** Opens the queue of this run for a command that a person waits for, and takes in what hooks have told. */
PfQueue *pf_command_open_queue(const PfApp *app, GError **error);

/**
 * As pf_command_open_queue(), for a command that only reads: where the state folder is read-only or its disk full, a
 * copy of what is there is opened, and that is said.
 */
PfQueue *pf_command_open_queue_to_read(const PfApp *app, GError **error);

/**
 * Makes a session with the server of this run, which there must be, as its configuration says.
 *
 * @token: the bearer token, or NULL
 *
 * Returns: (transfer full): the session; NULL with a FLATTR_ERROR set.
 */
FlattrSession *pf_command_open_session(const PfApp *app, const char *token, GError **error);
