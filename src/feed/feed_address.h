/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A feed's addresses made absolute: what is absolute already stays byte for byte, what is relative is resolved against
 * xml:base and the feed's own address. Pure; any thread.
 */
#pragma once

#include <glib.h>

/**
 * Makes a base that addresses can be resolved against.
 *
 * @text: an xml:base or a feed's address, as written
 * @outer: the base that it may itself be relative to, or NULL
 *
 * Returns: (transfer full): an absolute http or https URL without user, password and fragment; NULL when it is none.
 */
char *pf_feed_address_base(const char *text, const char *outer);

/**
 * Resolves an address.
 *
 * @text: as written in the feed; may be NULL
 * @base: as pf_feed_address_base() made it, or NULL
 *
 * Returns: (transfer full): the trimmed address, absolute where that is possible; NULL when it is empty. One that lacks
 * only the scheme, and has no base to take it from, gets https.
 */
char *pf_feed_address_resolve(const char *text, const char *base);

/**
 * Reads "feed://a.example/x" and "feed:https://a.example/x", as links that open a podcatcher have them.
 *
 * Returns: (transfer full): the http or https URL that such an address stands for; a copy of any other text.
 */
char *pf_feed_address_dup_web(const char *text);
