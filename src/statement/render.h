/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A statement written for people and for programs. The same statement gives the same bytes. What comes from feeds is
 * harmless in each form: no control characters for a terminal, no markup for a browser, no formula for a spreadsheet.
 * Pure; any thread.
 */
#pragma once

#include "statement/statement.h"

/**
 * As a table. @width: columns of the terminal, into which each line but a link's fits; 0 for no limit, one line a show.
 * Returns: (transfer full).
 */
char *pf_statement_to_text(const PfStatement *statement, int width);

/** As one line of JSON. Returns: (transfer full). */
char *pf_statement_to_json(const PfStatement *statement);

/** As CSV (RFC 4180), a line a show. Returns: (transfer full). */
char *pf_statement_to_csv(const PfStatement *statement);

/** As a web page that needs nothing else. Returns: (transfer full). */
char *pf_statement_to_html(const PfStatement *statement);

/** Appends a field of CSV and what follows it ("," or "\r\n"). One that a spreadsheet would take for a formula gets an
 * apostrophe in front. @text: NULL for none */
void pf_csv_append(GString *csv, const char *text, const char *after);
