/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a file sound or film, by its first bytes? Podcatchers save error pages under an episode's name; those must not
 * count as downloads. Any thread.
 */
#pragma once

#include <glib.h>

/** So many first bytes are looked at. */
#define PF_MEDIA_HEAD 65536

/**
 * Judges a file's first bytes. Pure.
 *
 * @length: how many there are; all of the file if that is shorter than PF_MEDIA_HEAD
 *
 * Returns: NULL when it is sound or film, else a short code that says what it is instead: "empty", "html", "text" (XML
 * and JSON too) or "unknown".
 */
const char *pf_media_judge(const guint8 *bytes, gsize length);

/**
 * Judges a file. Never blocks on what is no regular file.
 *
 * @reason: (out) (transfer full): when it is refused, pf_media_judge()'s code, or "unreadable"; else NULL
 *
 * Returns: whether it is sound or film.
 */
gboolean pf_media_check(const char *path, char **reason);
