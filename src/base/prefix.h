/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks at the beginning of a text without a look at its end: g_str_has_prefix() of GLib 2.76 and later measures all of
 * it, which takes time that grows with the square of a long text when each place in it is asked for. Pure; any thread.
 */
#pragma once

#include <glib.h>
#include <string.h>

/** Whether a text begins with another. @text: ends with a NUL, however far away */
static inline gboolean
pf_has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}
