/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the person's browser shows at the end of a login: a page that says what happened, in plain HTML that needs no
 * style, script or picture. Everything that comes from elsewhere is escaped. Pure; any thread.
 */
#pragma once

#include <glib.h>

/** What to say. */
typedef struct {
    guint status;      /* of HTTP */
    const char *title; /* of the window and of the main heading; static */
    char *text;        /* one paragraph, plain text; owned */
} PfPage;

/** The headers that go with every page, "Name", "value", …, NULL: nothing is fetched, framed, kept or passed on. */
extern const char *const pf_page_headers[];

/** Writes it as HTML. Returns: (transfer full). */
char *pf_page_dup_html(const PfPage *page);
