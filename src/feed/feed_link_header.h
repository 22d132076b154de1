/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTTP's Link header (RFC 8288). Pure; any thread.
 */
#pragma once

#include <glib.h>

/**
 * Finds a header's links of one kind.
 *
 * @value: of the header; may have several links
 * @rel: the kind, in any case
 * @base: what they are relative to, as pf_feed_address_base() made it, or NULL
 *
 * Returns: (transfer full): of char *: URLs, absolute where that is possible; without links that are another
 * document's.
 */
GPtrArray *pf_link_header_find(const char *value, const char *rel, const char *base);
