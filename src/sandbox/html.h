/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTML pages for people: a frame with a language, a title, one main heading and the ways to the other pages, and a
 * function that adds markup with everything escaped that comes from elsewhere. No scripts, and headers that forbid
 * them, frames and everything from other servers. Pure; any thread.
 */
#pragma once

#include "sandbox/reply.h"

#include <glib.h>

/**
 * Begins a page.
 *
 * @title: plain text: of the window and of the main heading
 *
 * Returns: (transfer full): the page, to be ended by sandbox_html_send_take().
 */
GString *sandbox_html_new(const char *title);

/**
 * Adds markup.
 *
 * @format: as printf()'s; what it inserts by %s is escaped, for text and for attributes in double quotes
 */
void sandbox_html_add(GString *page, const char *format, ...) G_GNUC_PRINTF(2, 3);

/** Adds a time as people read it. @time: seconds since the epoch */
void sandbox_html_add_time(GString *page, gint64 time);

/**
 * Ends a page and makes it the answer.
 *
 * @page: (transfer full)
 * @leads_to: the scheme of where a form on it may lead to, by a redirection; NULL when to this server only
 */
void sandbox_html_send_take(SandboxAnswer *answer, unsigned int status, GString *page, const char *leads_to);

/** Answers with a page that says what cannot be done. */
void sandbox_html_refuse(SandboxAnswer *answer, unsigned int status, const char *problem);

/** Returns the style sheet that the pages ask for, static. */
const char *sandbox_html_style(void);
