/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What people read, in their language: messages, help, tables, the report. What programs read is never translated:
 * JSON, CSV, reasons, states, names of options and settings. LC_NUMERIC stays "C", so that numbers are written the same
 * everywhere but where pf_i18n_get_point() is asked for. The catalogues are po/LANGUAGE.po; `make lint` finds what one
 * of them lacks.
 *
 * A message is a whole sentence, since other languages have another order. Numbers of 64 bits are PRId64 in it, which
 * xgettext knows, while G_GINT64_FORMAT would end the text for it.
 */
#pragma once

#include <inttypes.h>

/** Marks a text in a table of constants, which is translated where it is used. */
#define N_(text) text

#ifdef ENABLE_NLS
#include <libintl.h>
/** A text in the user's language; static. */
#define _(text) gettext(text)
#else
#define _(text) (text)
#define ngettext(one, many, count) ((count) == 1 ? (one) : (many))
#endif

/**
 * Takes the language, the alphabetical order and the names of months from the environment. Called once, before any
 * thread is started and any text is translated.
 *
 * @program_dir, @locale_dir: where this program and the catalogues are installed. Where this program has been moved,
 * with all that was installed, or has just been built, the catalogues are found from there.
 */
void pf_i18n_begin(const char *program_dir, const char *locale_dir);

/** What stands before the decimals of a number that people read, by LC_NUMERIC: "." or ",", say. Static; any thread. */
const char *pf_i18n_get_point(void);
