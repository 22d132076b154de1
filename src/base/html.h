/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTML around libxml2's parser, which gets of a text only the pieces that count: where each piece ends, what it is, and
 * what its attributes say. XML is repaired in feed/xml_repair.c, byte by byte as it arrives, which is another matter.
 * Pure; any thread.
 */
#pragma once

#include <glib.h>

/*
 * The names that HTML 4 has, so that they mean the same with each release of libxml2, which no longer tells them. Pure;
 * any thread.
 */

/** The character that an entity stands for, "eacute"; 0 for what is none. HTML 5's "apos" is one. */
gunichar pf_html_entity(const char *name);

/** Whether there is an element of a name. @name: in small letters */
gboolean pf_html_is_element(const char *name);

/** Whether an element has no content and no end tag, as "br". @name: in small letters */
gboolean pf_html_is_void(const char *name);

#define PF_HTML_MAX_TAG 65536 /* bytes */
#define PF_HTML_MAX_ATTRIBUTES 1000

/**
 * Finds the end of the piece that begins at a place: of a tag (a ">" within a quoted value does not end it), a comment,
 * a script or a style with its text up to the end tag, or of the text before the next "<".
 *
 * @at: in a text that ends with a NUL; not its end
 *
 * Returns: right behind the piece; NULL when the text ends before its end.
 */
const char *pf_html_end_of_piece(const char *at);

/**
 * Whether a tag is not to be read: one that nobody writes, and that takes a parser very long, since libxml2's time
 * grows with the square of the number of attributes: larger than PF_HTML_MAX_TAG, or with more than
 * PF_HTML_MAX_ATTRIBUTES. Blanks and
 * "=" in a value count as well: it has half as many words or more. Or one that breaks off within a value, with its
 * text: half of an address would be another's.
 *
 * @tag: begins with "<" and a letter, or "</"; whatever else is none
 * @end: what pf_html_end_of_piece() gave for it, or the text's end
 */
gboolean pf_html_is_unreadable(const char *tag, const char *end);

/** Whether the piece at a place is a tag of an element. @name: in small letters; "/link" is an end tag's */
gboolean pf_html_is_tag(const char *at, const char *name);

/**
 * Appends a piece that is text, with a "<" that begins no tag escaped; of a piece that is markup nothing.
 *
 * @at, @end: the piece, as for pf_html_end_of_piece()
 */
void pf_html_append_text(GString *html, const char *at, const char *end);

/**
 * Finds an attribute of a tag.
 *
 * @attributes: as libxml2's HTML parser gives them: names and values in turn, then NULL; may be NULL
 * @name: in any case
 *
 * Returns: (nullable): its value, owned by @attributes; NULL when there is none.
 */
const char *pf_html_get_attribute(const unsigned char **attributes, const char *name);

/** Whether a list of words separated by white space, such as rel="…", has a word, in any case. @list: may be NULL */
gboolean pf_html_has_word(const char *list, const char *word);
