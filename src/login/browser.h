/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The person's browser.
 */
#pragma once

#include <glib.h>

/**
 * Has an address opened, by xdg-open, which goes by the desktop's settings and $BROWSER, or else by GLib. Never by a
 * shell. Waits for nothing; what the browser says is thrown away, and of what this program was given in its environment
 * it does not get the token.
 *
 * Returns: FALSE when there is nothing that could open it. That it could is no proof that it did.
 */
gboolean pf_browser_open(const char *address);
