/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `podflattr link show`: explains a payment link.
 */
#pragma once

#include <glib.h>

/**
 * Prints what a URL is as a payment link, from its text alone.
 *
 * @json: as a line of JSON, else for people
 *
 * Returns: whether nothing is wrong with it.
 */
gboolean pf_link_show(const char *url, gboolean json);
