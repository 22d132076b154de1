/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What GLib's functions for UTF-8 do too, and take much longer for where megabytes are ASCII for the most part. Pure;
 * any thread.
 */
#pragma once

#include <glib.h>
#include <string.h>

/** What g_utf8_get_char_validated() returns for what is no character, and for the beginning of one. */
#define PF_UTF8_NOT_VALID ((gunichar)-1)
#define PF_UTF8_NOT_WHOLE ((gunichar)-2)

/** Returns where valid UTF-8 without NULs ends that begins at @at: before @end, at what is none, or @end. */
const char *pf_utf8_skip(const char *at, const char *end);

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
