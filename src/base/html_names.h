/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names that HTML 4 has, so that they mean the same with each release of libxml2, which no longer tells them. Pure;
 * any thread.
 */
#pragma once

#include <glib.h>

/** The character that an entity stands for, "eacute"; 0 for what is none. HTML 5's "apos" is one. */
gunichar pf_html_entity(const char *name);

/** Whether there is an element of a name. @name: in small letters */
gboolean pf_html_is_element(const char *name);

/** Whether an element has no content and no end tag, as "br". @name: in small letters */
gboolean pf_html_is_void(const char *name);
