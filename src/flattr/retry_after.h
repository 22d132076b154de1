/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The Retry-After header (RFC 9110 §10.2.3), for libflattr and for the fetching of feeds. Not CURLINFO_RETRY_AFTER,
 * which libcurl cuts to six hours since 8.14: who was asked to stay away for a day would ask four times.
 */
#pragma once

#include <glib.h>

/**
 * Reads the header's value, in either of its forms: seconds, or an HTTP date in any of the three that RFC 9110 §5.6.7
 * has. White space around it is ignored.
 *
 * @text: the value, or NULL
 * @now: seconds since the epoch, which a date is compared with
 *
 * Returns: seconds to wait, 0 for a date that has passed, -1 for NULL and what is neither. Any thread.
 */
gint64 pf_retry_after_parse(const char *text, gint64 now);
