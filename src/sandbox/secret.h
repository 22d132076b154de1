/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Secrets: tokens, codes, session names. Any thread.
 */
#pragma once

#include <glib.h>

/**
 * Makes a secret that nobody can guess.
 *
 * Returns: (transfer full): 40 hexadecimal digits.
 */
char *sandbox_secret_new(void);
