/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How `podflattr api` shows objects: as JSON Lines, every field as the server sent it, or for people: a list as a table
 * of its most useful columns, a single object as lines of "field: value". Times in fields that end in "_at" are then
 * local, and what a server wrote is made printable.
 */
#pragma once

#include <glib.h>
#include <jansson.h>

/** A column of a table. */
typedef struct {
    const char *heading;
    const char *field; /* by the API's names: "thing.title" */
    int width;         /* terminal columns; 0 for the last column of a table, and that one only */
} PfApiColumn;

/** Where to show objects; begins with all zero but for json and columns. */
typedef struct {
    gboolean json;
    const PfApiColumn *columns; /* of the table, up to the one of width 0 */
    guint rows;                 /* so many were shown */
} PfApiOutput;

/** Reads what libflattr gave. Consumes @text. Returns: (transfer full). */
json_t *pf_api_output_read_take(char *text);

/** Shows one object of a list. Consumes @object. */
void pf_api_output_row_take(PfApiOutput *output, json_t *object);

/** Shows the only object there is. Consumes @object. */
void pf_api_output_object_take(PfApiOutput *output, json_t *object);
