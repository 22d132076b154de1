/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When two spellings are the same address on the web: feeds, podcatchers and servers write one address in many ways.
 * Pure; any thread.
 */
#pragma once

#include <glib.h>

/**
 * Spells an address as all its spellings have in common: without the scheme (http or https), user and password, a port
 * that is the default, a fragment and slashes at the end; the host in small letters, "&amp;" as "&", and percent
 * escapes decoded. It serves comparing, not fetching.
 *
 * Returns: (transfer full): that spelling, bytes that need not be UTF-8; what is no http or https URL, such as a GUID
 * or a file's name, as it is.
 */
char *pf_web_address_identity(const char *address);

/**
 * The last part of an address's path: what a podcatcher names a file after.
 *
 * @address: an http or https URL; of anything else (a path) what follows its last slash is taken
 * @decoded: whether percent escapes are decoded
 *
 * Returns: (transfer full): not empty and without query and fragment; NULL when there is none. Bytes.
 */
char *pf_web_address_basename(const char *address, gboolean decoded);
