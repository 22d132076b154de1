/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cuts a long text of HTML into pieces that can be parsed one by one: never within a comment, a tag or a script, so
 * that what is no link in the whole text is none in a piece. Pure; any thread.
 */
#pragma once

#include "base/html.h"

#define PF_HTML_SLICE PF_HTML_MAX_TAG /* bytes; a comment or a text without tags may be longer */

/**
 * Finds the next piece.
 *
 * @html: where it begins: the text's beginning, or the end of the piece before
 * @is_absurd: (out): whether it is one tag, or a script or a style with its text, that nobody writes and that takes a
 * parser very long, see pf_html_is_absurd()
 *
 * Returns: its length in bytes; 0 at the text's end.
 */
gsize pf_html_slice(const char *html, gboolean *is_absurd);
