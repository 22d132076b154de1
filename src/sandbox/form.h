/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads application/x-www-form-urlencoded text: request bodies and the query of an auto-submit URL. Pure; any thread.
 */
#pragma once

#include <glib.h>

/**
 * Reads "name=value&…" into a table. "+" and "%XX" are decoded; of a name that comes twice the last value stays.
 *
 * @text: the encoded text, need not end in NUL
 * @length: its bytes
 *
 * Returns: (transfer full): names to values, both owned by the table; NULL when a name or a value is not UTF-8 or holds
 * a NUL, or a "%" is not followed by two hexadecimal digits.
 */
GHashTable *sandbox_form_read(const char *text, gsize length);

/**
 * Makes an empty table of the kind that sandbox_form_read() returns.
 *
 * Returns: (transfer full): the table.
 */
GHashTable *sandbox_form_new(void);
