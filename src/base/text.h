/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What GLib's functions for UTF-8 do too, and take much longer for where megabytes are ASCII for the most part. Pure;
 * any thread.
 */
#pragma once

#include <glib.h>

/** What g_utf8_get_char_validated() returns for what is no character, and for the beginning of one. */
#define PF_UTF8_NOT_VALID ((gunichar)-1)
#define PF_UTF8_NOT_WHOLE ((gunichar)-2)

/** Returns where valid UTF-8 without NULs ends that begins at @at: before @end, at what is none, or @end. */
const char *pf_utf8_skip(const char *at, const char *end);
