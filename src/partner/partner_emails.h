/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The e-mail addresses of a partner's users. The server names owners by their addresses' MD5 hash alone; to complete
 * the address where they claim their things, the partner must know whose it is.
 */
#pragma once

#include <glib.h>

/**
 * Reads a file of addresses, one a line; empty lines and those that begin with "#" are skipped. Each is found by the
 * hash of the address as it is written, and of it lower-cased.
 *
 * @path: the file
 *
 * Returns: (transfer full): hashes to addresses; NULL with a GFileError set, or a GConvertError when a line is no
 * address.
 */
GHashTable *pf_partner_emails_load(const char *path, GError **error);
