/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How results are written to stdout: JSON Lines for programs, columns for people.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

/** One line of JSON, harmless on a terminal (pf_log_json_printable()). Returns: (transfer full). */
char *pf_output_json_dup(const json_t *object);

/** Writes an object as such a line. Consumes @object. */
void pf_output_json_take(json_t *object);

/** A string, or JSON's null for NULL. Returns: (transfer full). Invalid UTF-8 is made valid. */
json_t *pf_output_json_string(const char *text);

/** A time as an ISO 8601 string, or null for 0. Returns: (transfer full). */
json_t *pf_output_json_time(gint64 time);

/** A positive integer, or null for 0. Returns: (transfer full). */
json_t *pf_output_json_id(gint64 number);

/** What is in a column, which decides what becomes of it where the terminal is narrow. */
typedef enum {
    PF_OUTPUT_TEXT,  /* may be cut, with "…" */
    PF_OUTPUT_TIME,  /* of pf_output_dup_time(); the column is wider in a pipe */
    PF_OUTPUT_WHOLE, /* says something else when it is cut: a number, an amount */
} PfOutputKind;

/** A column of a table. */
typedef struct {
    const char *heading; /* marked with N_(); NULL in a table without headings */
    int width;           /* terminal columns; 0: the last one, which gets the room that is left */
    int from;            /* the narrowest terminal in which it is shown */
    PfOutputKind kind;
} PfOutputColumn;

/**
 * Writes a line of a table: in a terminal cut so that it fits, anywhere else with all cells whole. A URL or a path in
 * the last column, which somebody may want to copy, is not cut: it gets a line of its own instead.
 *
 * @columns: up to one of width 0
 * @cells: as many texts, NULL or "" for "-"; NULL for the headings
 */
void pf_output_row(const PfOutputColumn *columns, const char *const *cells);

/** Writes a line, which is broken at blanks in a narrow terminal, as pf_text_append_wrapped() does. @line: printable */
void pf_output_line(const char *line);

/**
 * Writes a line that says one thing: a label, padded to a width, and what it is, which goes on in further lines under
 * itself where the terminal is narrow.
 *
 * @width: terminal columns of the label
 * @text: NULL for "-"
 */
void pf_output_field(const char *label, int width, const char *text);

/**
 * A time for people when stdout is a terminal: how far away it is when that is less than some days, "3 min ago", else
 * local, "2026-01-31 14:00", in the order of their language. In a pipe it is ISO 8601, "2026-01-31T14:00:00+01".
 * Returns: (transfer full); NULL for 0.
 */
char *pf_output_dup_time(gint64 time);

/**
 * A day (UTC) for people when stdout is a terminal, "2026-01-31" in the order of their language; by ISO 8601 in a pipe.
 *
 * Returns: (transfer full): ten characters; NULL for a time that no calendar has.
 */
char *pf_output_dup_day(gint64 time);

/** How many bytes something has, for people: "4.2 kB", with their decimal point. Returns: (transfer full). */
char *pf_output_dup_size(gint64 bytes);

/**
 * How many columns a line of a table may take.
 *
 * Returns: those of the terminal that stdout is, or COLUMNS of the environment; 0 when stdout is no terminal, where
 * nothing is to be cut for want of room.
 */
int pf_output_get_width(void);

/** How many lines a page has: those of the terminal that stdout is; 0 when it is none. */
int pf_output_get_height(void);

/** Work that may take long, as a person on a terminal sees it. */
typedef struct PfWork PfWork;

/**
 * Begins work during which nothing is printed. Where it takes more than a second and stderr is a terminal, a line there
 * says what is done, and for how long already; not with --quiet.
 *
 * @what: such as "reading the queue"; must outlive the work
 *
 * Returns: (transfer full): for pf_work_end(), which takes the line away. The functions are for the main thread.
 */
PfWork *pf_work_begin(const char *what);
void pf_work_end(PfWork *work);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PfWork, pf_work_end)

/** Whether what was typed to a question with [y/N] begins with a yes, in the user's language or in English. */
gboolean pf_output_is_yes(const char *answer);

/** Hands all that was written to the system. Returns FALSE with a PF_COMMAND_ERROR set when it could not be written. */
gboolean pf_output_flush(GError **error);
