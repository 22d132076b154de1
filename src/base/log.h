/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the programs say beside their results: one line a message on stderr, through GLib's logging; or, where stderr is
 * systemd's journal, a message of the journal with its priority. There it may have fields of its own, by which
 * journalctl finds it: see pf_log_about().
 *
 * g_message() is for what a user should know unasked, g_info() for -v, g_debug() for -v -v. Failures are not logged
 * where they happen: they travel up as GErrors, and the command prints the one that ends it. Tokens are never logged.
 */
#pragma once

#include <glib.h>

/** How much is logged. */
typedef enum {
    PF_LOG_QUIET = -1, /* nothing but the error that ends the program */
    PF_LOG_NORMAL = 0, /* g_message() and graver */
    PF_LOG_INFO = 1,   /* g_info() too */
    PF_LOG_DEBUG = 2,  /* g_debug() too */
} PfLogLevel;

/**
 * Sends GLib's log messages of this process to stderr, each prefixed by the program's name, or to the journal, under
 * that name. Call once, before threads.
 *
 * @program: the name; must outlive the process
 * @level: how much is said
 */
void pf_log_start(const char *program, PfLogLevel level);

/** Writes a message, @text, printable on one line. */
typedef void (*PfLogWriter)(GLogLevelFlags level, const char *text);

/** Has the messages that are shown written in another form than as lines of stderr or the journal's. While no other
 * thread logs. @writer: (nullable): NULL for those forms */
void pf_log_set_writer(PfLogWriter writer);

/** What a message is about: the journal's fields PODFLATTR_FILE, PODFLATTR_FEED and PODFLATTR_ENTRY. */
typedef struct {
    const char *file; /* any bytes; NULL for none */
    const char *feed; /* its address, without a password; NULL for none */
    gint64 entry;     /* its number in the queue; 0 for none */
} PfLogSubject;

/** Logs a message about a file, a feed or an entry. Any thread. */
void pf_log_about(GLogLevelFlags level, const PfLogSubject *subject, const char *format, ...) G_GNUC_PRINTF(3, 4);

/** Whether messages of a level are shown. */
gboolean pf_log_is_shown(PfLogLevel level);

/**
 * Copies a text from outside (a feed, a server, a file name) with everything that a terminal would act upon made
 * harmless: control characters and invalid UTF-8 become U+FFFD, white space becomes one space.
 *
 * @text: any bytes, or NULL
 *
 * Returns: (transfer full): valid UTF-8 on one line; NULL for NULL. Any thread.
 */
char *pf_log_printable(const char *text);

/**
 * Copies JSON with everything that a terminal would act upon written as an escape: control characters (DEL and C1 too),
 * format characters (directions of text, tags) and separators of lines and paragraphs. It means the same once read.
 *
 * @json: valid JSON, whose own line breaks (if any) stay
 *
 * Returns: (transfer full). Any thread.
 */
char *pf_log_json_printable(const char *json);
