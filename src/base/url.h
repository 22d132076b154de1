/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is done with URLs between transfers: their user and password are split off and put back, redirects resolved, and
 * hosts compared. All on libcurl's own parser, so that what is judged is what is asked. Pure; any thread.
 */
#pragma once

#include <glib.h>

/*
 * When two spellings are the same address on the web: feeds, podcatchers and servers write one address in many ways.
 * Pure; any thread.
 */

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

/**
 * Splits the user and the password off a URL. Blanks are escaped in one that would otherwise be none.
 *
 * @user, @password: (out) (transfer full): decoded, NULL where there is none
 *
 * Returns: (transfer full): the URL without them; as it is when it is no URL.
 */
char *pf_url_split(const char *url, char **user, char **password);

/** Puts a user and a password, decoded, NULL for none, into a URL. Returns: (transfer full); as it is if it is none. */
char *pf_url_join(const char *url, const char *user, const char *password);

/** Where a redirect leads. Returns: (transfer full): without user and password; NULL when it is no URL. */
char *pf_url_resolve(const char *base, const char *location);

/** Whether scheme, host and port are the same. */
gboolean pf_url_is_same_origin(const char *url, const char *other);

/** Whether a URL is on the site of the one that was named, which at most has begun to use TLS since: same host and
 * port, or https on its own port after http on its own. */
gboolean pf_url_is_same_site(const char *named, const char *moved);

/** Returns: (transfer full): the host in lower case; "" when it is no URL. */
char *pf_url_dup_host(const char *url);

/**
 * Copies a URL for people to read: without its password.
 *
 * Returns: (transfer full): one line, safe for a terminal; else unchanged where there is no password. Of what is no URL
 * but may be meant for one with a password, all before the last "@" is left out. Any thread.
 */
char *pf_url_printable(const char *url);
