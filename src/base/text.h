/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What GLib's functions for UTF-8 do too, and take much longer for where megabytes are ASCII for the most part. Pure;
 * any thread.
 */
#pragma once

#include <glib.h>
#include <string.h>

/** What g_utf8_get_char_validated() returns for what is not a character, and for the beginning of one. */
#define PF_UTF8_NOT_VALID ((gunichar)-1)
#define PF_UTF8_NOT_WHOLE ((gunichar)-2)

/** Returns where valid UTF-8 without NULs ends that begins at @at: before @end, at what is none, or @end. */
const char *pf_utf8_skip(const char *at, const char *end);

/** How many bytes of a UTF-8 text fit into @room without cutting a character. */
gsize pf_utf8_cut(const char *text, gsize length, gsize room);

/** How many columns of a terminal a text takes. @text: valid UTF-8 without control characters */
int pf_text_columns(const char *text);

/** The longest beginning of a text that takes at most so many columns. Returns: its length in bytes. */
gsize pf_text_fit(const char *text, int columns);

/**
 * Appends a line to a text, broken at blanks so that it takes at most so many columns. What comes after a break stands
 * under the last column of the line: behind its indentation, or behind the last gap of two blanks or more. A word that
 * is longer, such as a URL, is left whole.
 *
 * @line: valid UTF-8 without control characters and without a line feed, which is not appended either
 * @columns: 0 for no limit
 */
void pf_text_append_wrapped(GString *text, const char *line, int columns);

/*
 * Looks at the beginning of a text without a look at its end: g_str_has_prefix() of GLib 2.76 and later measures all of
 * it, which takes time that grows with the square of a long text when each place in it is asked for. Pure; any thread.
 */

/** Whether a text begins with another. @text: ends with a NUL, however far away */
static inline gboolean
pf_has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/*
 * Regular expressions that are compiled once in a program's life: that takes longer than the reading of a small feed's
 * header with them.
 */

/**
 * Compiles an expression for bytes, unless that was done.
 *
 * @cache: where it is kept; static, 0 at first, and for this expression alone
 * @pattern: one that is known to be right
 *
 * Returns: (transfer none): it stays. Any thread.
 */
const GRegex *pf_pattern_get(gsize *cache, const char *pattern, GRegexCompileFlags flags);

/**
 * Finds the word that a mistyped one was probably meant to be.
 *
 * @words: NULL-terminated
 *
 * Returns: (transfer none) (nullable): the closest of @words; NULL when none is close. Pure; any thread.
 */
const char *pf_text_find_similar(const char *word, const char *const *words);

/**
 * Whether a text can be a token: none holds white space or control characters (RFC 6750, b64token), and one that did
 * would add headers of its own. Pure.
 */
gboolean pf_text_is_token(const char *text);
