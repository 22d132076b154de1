/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What HTTP's headers say of a document: Link (RFC 8288) and Content-Type (RFC 9110). Pure; any thread.
 */
#pragma once

#include <glib.h>

/**
 * Finds a Link header's links of one kind.
 *
 * @value: of the header; may have several links
 * @rel: the kind, in any case
 * @base: what they are relative to, as pf_feed_address_base() made it, or NULL
 *
 * Returns: (transfer full): of char *: URLs, absolute where that is possible; without links that are another
 * document's.
 */
GPtrArray *pf_feed_header_find_links(const char *value, const char *rel, const char *base);

/**
 * Finds the charset that a Content-Type header names.
 *
 * @value: of the header, "text/xml; charset=utf-8"; NULL for none
 *
 * Returns: (transfer full): the first parameter of that name, unquoted; NULL where there is none, or where the header
 * is no media type from its beginning to its end.
 */
char *pf_feed_header_find_charset(const char *value);
