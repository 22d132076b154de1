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

/**
 * Writes a cell of a table: made printable, cut with "…" or padded to a width, and two spaces behind it.
 *
 * @width: terminal columns; 0 for the last cell of a line, which is neither cut nor padded
 */
void pf_output_cell(const char *text, int width);

/**
 * A time for people: how far away it is when stdout is a terminal and that is less than some days, "3 min ago"; else
 * local, "2026-01-31 14:00". Returns: (transfer full); NULL for 0.
 */
char *pf_output_dup_time(gint64 time);

/**
 * How many columns a line of a table may take.
 *
 * Returns: those of the terminal that stdout is; 0 when it is none, where nothing is to be cut for want of room.
 */
int pf_output_get_width(void);

/** How many lines a page has: those of the terminal that stdout is; 0 when it is none. */
int pf_output_get_height(void);

/**
 * Writes the last two cells of a line, a show's title and an episode's, in the room that is left: cut to it on a
 * terminal, whole anywhere else.
 *
 * @used: the columns that the cells before them take
 */
void pf_output_title_cells(const char *show, const char *title, int used);

/** Writes a cell that says when, in local time: "2026-01-31 14:00", or "-" for 0. Width as pf_output_cell(). */
void pf_output_time_cell(gint64 time, int width);

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
