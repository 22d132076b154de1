/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Regular expressions that are compiled once in a program's life: that takes longer than the reading of a small feed's
 * header with them.
 */
#pragma once

#include <glib.h>

/**
 * Compiles an expression for bytes, unless that was done.
 *
 * @cache: where it is kept; static, 0 at first, and for this expression alone
 * @pattern: one that is known to be right
 *
 * Returns: (transfer none): it stays. Any thread.
 */
const GRegex *pf_feed_pattern_get(gsize *cache, const char *pattern, GRegexCompileFlags flags);
